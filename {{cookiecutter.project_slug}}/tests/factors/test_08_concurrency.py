"""VIII. Concurrency: the service scales out by processes. https://12factor.net/concurrency"""

import os
import re
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.factors.support import procfs
from tests.factors.support.admin import read_config
from tests.factors.support.assertions import proves
from tests.factors.support.repository import CODE, PATH, copy_repository, read_texts
from tests.support.service import ROOT, eventually, process_types


@proves("VIII.2")
def test_the_procfile_has_one_command_per_process_type():
    commands = process_types()

    assert "web" in commands
    assert len(commands) == len((ROOT / "Procfile").read_text().splitlines())
    for words in commands.values():
        assert shutil.which(words[0], path=PATH)
        assert not re.search(r"[;&|<>()`$]", "".join(words)), "shell syntax in a command"


@proves("VIII.2", "VIII.3")
@procfs.requires_procfs
def test_instances_run_web_concurrency_workers_each_and_stop_independently(start):
    one, other = start(WEB_CONCURRENCY="1"), start(WEB_CONCURRENCY="3")
    eventually(lambda: (len(one.workers()), len(other.workers())) == (1, 3))
    assert [one.count(), other.count()] == [1, 2]

    assert one.stop() == 0
    assert other.count() == 3


@proves("VIII.3")
def test_web_threads_sets_the_number_of_threads(start, backing, evidence):
    service = start(WEB_CONCURRENCY="1", WEB_THREADS="6", REDIS_TIMEOUT="60s")
    with backing.client() as redis, ThreadPoolExecutor(12) as pool:
        redis.execute_command("CLIENT PAUSE 30000 WRITE")
        counts = [pool.submit(service.count) for _ in range(12)]
        eventually(lambda: redis.info("clients")["blocked_clients"] == 6)
        # More threads than these would block by now.
        blocked = {redis.info("clients")["blocked_clients"] for _ in range(200)}
        redis.execute_command("CLIENT UNPAUSE")

    assert blocked == {6}
    assert sorted(count.result() for count in counts) == list(range(1, 13))
    evidence(f"{max(blocked)} concurrent requests with WEB_THREADS=6")


@proves("VIII.3")
@procfs.requires_procfs
def test_the_default_concurrency_is_a_constant(service, required_settings):
    cpu_count = re.compile(r"cpu_count|sched_getaffinity|nproc|/proc/cpuinfo")
    programs = {**read_texts(CODE), **read_texts("Procfile")}
    default = int(read_config(**required_settings)["WEB_CONCURRENCY"])

    eventually(lambda: len(service.workers()) == default)
    assert [name for name, text in programs.items() if cpu_count.search(text)] == []


@proves("VIII.4")
@procfs.requires_procfs
def test_the_master_stays_in_the_foreground(service):
    master = service.process.pid

    assert Path(f"/proc/{master}/exe").resolve() == Path(sys.executable).resolve()
    eventually(lambda: len(service.workers()) > 1)
    eventually(lambda: set(procfs.list_instance(service)) == {master, *service.workers()})


@proves("VIII.4")
@procfs.requires_procfs
def test_an_instance_has_no_pid_file_and_no_control_socket(start, tmp_path):
    def list_times(folder):
        return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}

    folder, home = copy_repository(tmp_path / "copy"), tmp_path / "home"
    home.mkdir()
    before = list_times(folder)
    service = start(cwd=folder, HOME=str(home), PYTHONDONTWRITEBYTECODE="1")
    service.count()

    assert list_times(folder) == before
    sockets = [one for pid in procfs.list_instance(service) for one in procfs.list_sockets(pid)]
    assert [one for one in sockets if one.kind == "unix" and one.listens] == []
    assert list(tmp_path.rglob("*.pid")) == []
    # A control socket that opened late would leave its folder behind.
    assert service.stop() == 0
    assert list(home.rglob("*")) == []


@proves("VIII.4")
@procfs.requires_procfs
def test_a_killed_worker_is_reaped_and_replaced(service):
    killed, other = eventually(lambda: len(service.workers()) == 2 and service.workers())
    os.kill(killed, signal.SIGKILL)

    eventually(lambda: len(set(service.workers()) - {killed}) == 2)
    assert not Path(f"/proc/{killed}").exists()
    assert other in service.workers()
    assert service.count() == 1
