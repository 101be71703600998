"""VI. Processes: stateless and share-nothing; data is in a backing service. https://12factor.net/processes"""

from concurrent.futures import ThreadPoolExecutor

from tests.factors.support import procfs
from tests.factors.support.assertions import proves
from tests.factors.support.probe import SIGN_IN, SIGNED_IN
from tests.support.service import eventually


@proves("VI.1")
@procfs.requires_procfs
def test_two_instances_of_two_workers_return_every_number_once(start, backing, evidence):
    instances = [start(WEB_CONCURRENCY="2"), start(WEB_CONCURRENCY="2")]
    numbers = []

    def all_workers_count() -> bool:
        numbers.extend(instance.count() for instance in instances)
        workers = [pid for instance in instances for pid in instance.workers()]
        return sum(is_connected(pid, backing.port) for pid in workers) == 4

    eventually(all_workers_count)
    with ThreadPoolExecutor(16) as pool:
        numbers += pool.map(lambda turn: instances[turn % 2].count(), range(600))
    with backing.client() as redis:
        [key] = redis.keys()
        assert int(redis.get(key)) == len(numbers)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    evidence(f"{len(numbers)} numbers from 2 instances of 2 workers, each once")


def is_connected(pid: int, port: int) -> bool:
    """Return True if a process has a connection to a local port."""
    return f"127.0.0.1:{port}" in {socket.remote for socket in procfs.list_sockets(pid)}


@proves("VI.2")
def test_an_acknowledged_count_survives_sigkill_of_every_process(start, backing):
    service = start()
    assert [service.count() for _ in range(20)] == list(range(1, 21))
    service.kill()
    backing.kill()

    backing.start()
    assert start().count() == 21


@proves("VI.4")
def test_instances_verify_cookies_of_each_other_and_of_fallback_keys(start, required_settings):
    signed_in = start().get(SIGN_IN)
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    changed = {"SECRET_KEY": "fedcba9876543210" * 4}
    rotated = changed | {"SECRET_KEY_FALLBACKS": required_settings["SECRET_KEY"]}

    def read_name(**environ: str) -> str:
        return start(**environ).get(SIGNED_IN, Cookie=cookie).body

    assert read_name() == "Ada"
    assert read_name(**rotated) == "Ada"
    assert read_name(**changed) == "nobody"


@proves("VI.5")
def test_no_process_caches_data_of_redis(service, backing):
    assert service.count() == 1
    with backing.client() as redis:
        [key] = redis.keys()
        for number in (1000, 5, 300) * 10:
            redis.set(key, number)
            assert service.count() == number + 1


@proves("VI.5")
@procfs.requires_procfs
def test_an_instance_runs_no_background_thread(start):
    service = start(WEB_CONCURRENCY="2", WEB_THREADS="1")
    eventually(lambda: len(procfs.list_session(service.process.pid)) == 3)
    service.count()

    assert procfs.count_threads(service.process.pid) == 1
    # One thread accepts connections, one handles requests; one that looked a name up is at its end.
    eventually(lambda: all(procfs.count_threads(worker) <= 2 for worker in service.workers()))
