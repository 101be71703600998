"""The gate of a service refuses a worker that loses jobs, or that is no process type like the others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.gate.outcomes import GATE, read_outcomes
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake

JOBS, TYPES = f"{GATE}/test_09_jobs.py", f"{GATE}/test_08_process_types.py"
QUEUE = "{package_name}/runtime/jobs/queue.py"
WORKER = "{package_name}/runtime/jobs/worker.py"
PROCESS = "{package_name}/worker.py"
# Violation -> the test that fails, the assertions of that test, a file, a pattern of which it has one match, and the
# text in its place
VIOLATIONS = {
    "a job without another attempt": (
        f"{JOBS}::test_a_killed_process_leaves_its_job_to_another",
        "IX.7",
        QUEUE,
        r"retry=Attempts\(max=RETRIES\)",
        "retry=None",
    ),
    "a job without a time limit": (
        f"{JOBS}::test_a_job_is_ended_at_its_time_limit_and_delays_no_stop",
        "IX.2 IX.4",
        QUEUE,
        r"timeout=math.ceil\(settings.job_timeout\)",
        "timeout=-1",
    ),
    "a stop that finishes no job": (
        f"{JOBS}::test_a_job_in_hand_is_finished_after_sigterm",
        "IX.2",
        WORKER,
        r"self.is_stopping = self._stop_requested = True",
        "raise SystemExit(0)",
    ),
    "a worker that needs Redis at its start": (
        f"{JOBS}::test_a_process_that_works_on_jobs_starts_before_redis",
        "IX.6",
        PROCESS,
        r"wait_for_redis\(heartbeat.beat\)",
        "heartbeat.beat()",
    ),
    "a worker that ends with an outage": (
        f"{JOBS}::test_a_process_works_on_jobs_again_after_an_outage_of_redis",
        "IV.4",
        WORKER,
        "max_connection_wait_time = 5.0",
        "dequeue_job_and_maintain_ttl = lambda self, *limits: Queue.dequeue_any(\n"
        "        self.queues, 20, self.connection, self.job_class, self.serializer\n"
        "    )",
    ),
    "a second image": (
        f"{TYPES}::test_compose_runs_the_command_of_the_procfile_in_the_image_of_web",
        "VIII.5",
        "compose.yaml",
        r'image: "\$\{IMAGE:-[^"]*"\n    command',
        "image: worker:1\n    command",
    ),
    "a grace period shorter than a job": (
        f"{TYPES}::test_compose_kills_a_process_type_later_than_it_stops",
        "IX.4",
        "compose.yaml",
        "30s # longer than JOB_TIMEOUT",
        "20s",
    ),
    "a longer job in a sample": (
        f"{TYPES}::test_compose_kills_a_process_type_later_than_it_stops",
        "IX.4",
        "config/production.env.example",
        "^JOB_TIMEOUT=$",
        "JOB_TIMEOUT=1m",
    ),
}


def violate(violation: str, project: BakedProject) -> tuple[str, str]:
    """Return the name of a file and its text with a violation; raises AssertionError."""
    _, _, file, pattern, text = VIOLATIONS[violation]
    name = file.format(**project.answers)
    changed, matches = re.subn(pattern, text, project.read(name), flags=re.MULTILINE)
    assert matches == 1
    return name, changed


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_changes_one_place(violation: str, bake: Bake) -> None:
    assert violate(violation, bake(worker="yes"))


@pytest.fixture
def project(prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return a project with a worker after bin/setup, which the test may change."""
    return prepare(worker="yes").copy_to(tmp_path)


@pytest.mark.gate
@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_is_refused(violation: str, project: BakedProject) -> None:
    test, ids, *_ = VIOLATIONS[violation]
    project.write(*violate(violation, project))
    # A second run of a test with a time limit would wait as long again.
    found = read_outcomes(project, test, "-p", "no:rerunfailures", status=1)
    assert found["failure"] == set(ids.split())
