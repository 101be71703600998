"""IX. Disposability: jobs of the process types that have one in service.toml. https://12factor.net/disposability"""

import os
import shlex
import signal
import time
from contextlib import suppress

import pytest

from tests.factors.support import procfs, service_file
from tests.factors.support.assertions import proves, timed
from tests.support.service import eventually, process_types

pytestmark = timed
TYPES = {name: one for name, one in service_file.process_types().items() if one.job}
for_each_type = pytest.mark.parametrize("name", TYPES)
JOB_SECONDS = 2
# Longer than a client repeats a command
OUTAGE_SECONDS = 10
# Others take the job of a killed process once it has given no sign for this time, at most.
ABANDONED_SECONDS = 150


@pytest.fixture
def work(start):
    """Return a function that starts a process of a type."""
    return lambda name, **environ: start(alive=False, command=process_types()[name], **environ)


@pytest.fixture
def enqueue(start):
    """Return a function that enqueues a job of a process type."""

    def enqueue(name, job, seconds=0, **environ):
        given = {"NAME": job, "SECONDS": str(seconds), **environ}
        command = start(alive=False, command=shlex.split(TYPES[name].job), **given)
        assert command.process.wait(timeout=60) == 0, command.log.read_text()

    return enqueue


def count(message, *processes):
    """Return how many events with a message some processes have logged."""
    return sum(event["message"] == message for one in processes for event in one.events())


def wait_for(message, *processes, within=20.0):
    """Wait until a process has logged a message; raises AssertionError with the logs."""

    def read_logs():
        return "\n".join(one.log.read_text() for one in processes)

    eventually(lambda: count(message, *processes), within, read_logs)


@proves("IX.2")
@for_each_type
def test_a_job_in_hand_is_finished_after_sigterm(name, work, enqueue):
    process = work(name)
    enqueue(name, "one", JOB_SECONDS)
    wait_for("job one began", process)

    assert process.stop() == 0
    assert count("job one ended", process) == 1


@proves("IX.2", "IX.4")
@for_each_type
def test_a_job_is_ended_at_its_time_limit_and_delays_no_stop(name, work, enqueue, evidence):
    limits = dict.fromkeys(TYPES[name].stop, "1s")
    process = work(name, **limits)
    enqueue(name, "endless", 600, **limits)
    wait_for("job endless began", process)
    stopped_at = time.monotonic()
    process.process.send_signal(signal.SIGTERM)

    process.process.wait(timeout=len(limits) + 5)
    evidence(f"{name} stopped in {time.monotonic() - stopped_at:.1f} s with an endless job")
    assert count("job endless ended", process) == 0


@proves("IX.7")
@for_each_type
@procfs.requires_procfs
def test_a_killed_process_leaves_its_job_to_another(name, work, enqueue, evidence):
    process = work(name)
    enqueue(name, "one", JOB_SECONDS)
    wait_for("job one began", process)
    for pid in procfs.list_instance(process):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    killed_at = time.monotonic()
    process.process.wait()
    assert count("job one ended", process) == 0

    other = work(name)
    wait_for("job one ended", other, within=ABANDONED_SECONDS)
    evidence(f"the job of a killed {name} was repeated after {time.monotonic() - killed_at:.0f} s")


@proves("IV.4")
@for_each_type
def test_a_process_works_on_jobs_again_after_an_outage_of_redis(name, work, enqueue, backing):
    process = work(name)
    enqueue(name, "one")
    wait_for("job one ended", process)
    backing.stop()
    time.sleep(OUTAGE_SECONDS)
    backing.start()

    enqueue(name, "two")
    wait_for("job two ended", process, within=30)
    assert process.process.poll() is None


@proves("IX.6")
@for_each_type
def test_a_process_that_works_on_jobs_starts_before_redis(name, work, enqueue, backing):
    backing.stop()
    process = work(name)
    eventually(process.log.read_text, 10)
    backing.start()

    enqueue(name, "one")
    wait_for("job one ended", process, within=30)


@proves("VIII.2")
@for_each_type
def test_processes_of_a_type_share_its_jobs(name, work, enqueue):
    processes = [work(name), work(name)]
    jobs = [f"number-{number}" for number in range(4)]
    for job in jobs:
        enqueue(name, job)

    for job in jobs:
        wait_for(f"job {job} ended", *processes)
    assert [count(f"job {job} began", *processes) for job in jobs] == [1] * len(jobs)
