"""VIII. Concurrency: the service scales out by its processes. https://12factor.net/concurrency"""

import os
import re
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.factors.support import kernel, processes
from tests.factors.support.admin import effective
from tests.factors.support.repository import CODE, PATH, copied, texts
from tests.support.service import ROOT, eventually, process_types


def test_VIII_2_one_place_lists_every_process_type_with_one_command():
    commands = process_types()

    assert "web" in commands
    assert len(commands) == len((ROOT / "Procfile").read_text().splitlines())
    for words in commands.values():
        assert shutil.which(words[0], path=PATH)
        assert not re.search(r"[;&|<>()`$]", "".join(words)), "more than a command"


@kernel.needed
def test_VIII_2_instances_come_and_go_independently(start):
    one, other = start(WEB_CONCURRENCY="1"), start(WEB_CONCURRENCY="3")
    eventually(lambda: (len(one.workers()), len(other.workers())) == (1, 3))
    assert [one.visit(), other.visit()] == [1, 2]

    assert one.stop() == 0
    assert other.visit() == 3


@kernel.needed
def test_VIII_3_the_number_of_workers_comes_from_the_environment(start):
    service = start(WEB_CONCURRENCY="3")

    eventually(lambda: len(service.workers()) == 3)


def test_VIII_3_the_number_of_threads_comes_from_the_environment(start, backing, evidence):
    service = start(WEB_CONCURRENCY="1", WEB_THREADS="6", REDIS_TIMEOUT="60s")
    with backing.client() as redis, ThreadPoolExecutor(12) as pool:
        redis.execute_command("CLIENT PAUSE 30000 WRITE")
        visits = [pool.submit(service.visit) for _ in range(12)]
        eventually(lambda: redis.info("clients")["blocked_clients"] == 6)
        # Others would join them now.
        at_work = {redis.info("clients")["blocked_clients"] for _ in range(200)}
        redis.execute_command("CLIENT UNPAUSE")

    assert at_work == {6}
    assert sorted(visit.result() for visit in visits) == list(range(1, 13))
    evidence(f"{max(at_work)} threads at work with WEB_THREADS=6")


@kernel.needed
def test_VIII_3_the_default_is_a_constant(service, handles):
    counting = re.compile(r"cpu_count|sched_getaffinity|nproc|/proc/cpuinfo")
    programs = {**texts(CODE), **texts("Procfile")}
    default = int(effective(**handles)["WEB_CONCURRENCY"])

    eventually(lambda: len(service.workers()) == default)
    assert [name for name, text in programs.items() if counting.search(text)] == []


@kernel.needed
def test_VIII_4_it_stays_in_the_foreground_as_the_parent_of_its_workers(service):
    master = service.process.pid

    assert Path(f"/proc/{master}/exe").resolve() == Path(sys.executable).resolve()
    eventually(lambda: len(service.workers()) > 1)
    eventually(lambda: set(processes.of(service)) == {master, *service.workers()})


@kernel.needed
def test_VIII_4_it_writes_no_pid_file_and_opens_no_control_socket(start, tmp_path):
    def content(folder):
        return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}

    folder, home = copied(tmp_path / "copy"), tmp_path / "home"
    home.mkdir()
    before = content(folder)
    service = start(cwd=folder, HOME=str(home), PYTHONDONTWRITEBYTECODE="1")
    service.visit()

    assert content(folder) == before
    sockets = [one for pid in processes.of(service) for one in kernel.sockets(pid)]
    assert [one for one in sockets if one.kind == "unix" and one.listens] == []
    assert list(tmp_path.rglob("*.pid")) == []
    # A socket that was opened later would leave its folder.
    assert service.stop() == 0
    assert list(home.rglob("*")) == []


@kernel.needed
def test_VIII_4_a_dead_worker_is_buried_and_replaced(service):
    dead, other = eventually(lambda: len(service.workers()) == 2 and service.workers())
    os.kill(dead, signal.SIGKILL)

    eventually(lambda: len(set(service.workers()) - {dead}) == 2)
    assert not Path(f"/proc/{dead}").exists()
    assert other in service.workers()
    assert service.visit() == 1
