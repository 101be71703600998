"""XI. Logs: what is observed is complete, and observing ends no request. https://12factor.net/logs"""

import json
import os
import re
import resource
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterable
from email.parser import BytesParser
from typing import Any

from tests.factors.support import events, hostile_requests, procfs
from tests.factors.support.assertions import proves
from tests.factors.support.instance import Instance
from tests.factors.support.probe import COUNT, PAGE, SIGN_IN, SIGNED_IN
from tests.support.service import eventually, process_types

COUNTED = "gate_counted_total"
COUNTS = re.compile(r'_duration_seconds_count\{.*http_response_status_code="(\d+)".*\} (.*)')
# A program that starts another one, whose files cannot grow until its limit is raised.
FULL_DISK = """\
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
os.execvp(sys.argv[1], sys.argv[1:])
"""
# Path as it was sent -> url.path of the event.
PATHS = {
    b"/caf%C3%A9": "/caf%C3%A9",
    b"/a%2Fb/../c?token=canary": "/a%2Fb/../c",
    b"//other.example/a": "//other.example/a",
    b"http://other.example/a?b": "/a",
}
# X-Forwarded-For of a trusted proxy -> client.address of the event.
ADDRESSES = {
    "192.0.2.7": "192.0.2.7",
    "192.0.2.7:5678": "192.0.2.7",
    "[2001:DB8::7]:5678": "2001:db8::7",
    "fe80::7%eth0": "fe80::7",
    "::ffff:192.0.2.7": "192.0.2.7",
    "<script>": "127.0.0.1",
    "unknown": "127.0.0.1",
    "192.0.2.777": "127.0.0.1",
}


def read_field(service: Instance, name: str) -> list[str]:
    """Return a field of the request events, whose request ids are numbers, in the order of these."""
    log = sorted(events.select_requests(service.events()), key=lambda one: int(one["request_id"]))
    return [event[name] for event in log]


def read_problem(service: Instance, request: bytes) -> dict[str, Any]:
    """Send a request, and return the problem; raises AssertionError for any other response."""
    head, _, body = hostile_requests.send_raw(service, request).partition(b"\r\n\r\n")
    headers = BytesParser().parsebytes(head.partition(b"\r\n")[2])
    problem = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % problem["status"])
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["X-Request-ID"] == problem["request_id"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    return problem


def read_counts(service: Instance, statuses: Iterable[int]) -> Counter[int]:
    """Return the number of observed requests for each of some statuses."""
    counts: Counter[int] = Counter()
    for status, count in COUNTS.findall(service.get("/metrics").body):
        if int(status) in statuses:
            counts[int(status)] += int(float(count))
    return counts


def read_counted(service: Instance) -> float | None:
    """Return the metric of counted requests, or None if it is not in /metrics."""
    lines = [line.split() for line in service.get("/metrics").body.splitlines()]
    return next((float(line[1]) for line in lines if line[:1] == [COUNTED]), None)


@proves("XI.9")
def test_a_refusal_of_the_server_is_a_problem_an_event_and_an_observation(start):
    service = start(WEB_CONCURRENCY="1")
    problems = [read_problem(service, request) for request in hostile_requests.REFUSALS]
    statuses = list(hostile_requests.REFUSALS.values())
    assert [problem["status"] for problem in problems] == statuses
    # A request is observed after its response was sent.
    eventually(lambda: read_counts(service, statuses) == Counter(statuses))
    service.stop()

    log = events.select_requests(service.events())
    logged = {event["request_id"]: event["http.response.status_code"] for event in log}
    assert logged == {problem["request_id"]: problem["status"] for problem in problems}
    assert len(log) == len(statuses)
    fields = {name: kind for name, kind in events.REQUEST_FIELDS.items() if name != "http.route"}
    assert [events.find_invalid_fields(event, fields) for event in log] == [[]] * len(log)


@proves("XI.11")
def test_the_path_of_an_event_is_the_path_of_the_request(service):
    for number, path in enumerate(PATHS):
        request = b"GET %s HTTP/1.1\r\nX-Request-ID: %d" % (path, number)
        hostile_requests.send_raw(service, request)
    service.stop()

    assert read_field(service, "url.path") == list(PATHS.values())


@proves("XI.11")
def test_the_user_agent_of_an_event_is_utf_8(service):
    for number, agent in enumerate(("café".encode(), b"caf\xe9")):
        headers = {"User-Agent": agent.decode("latin-1"), "X-Request-ID": str(number)}
        service.get(COUNT, **headers)
    service.stop()

    assert read_field(service, "user_agent.original") == ["café", "caf\ufffd"]


@proves("XI.11")
def test_the_client_of_an_event_is_an_address(start):
    service = start(PROXY_HOPS="1")
    for number, forwarded in enumerate(ADDRESSES):
        service.get(COUNT, **{"X-Forwarded-For": forwarded, "X-Request-ID": str(number)})
    service.stop()

    assert read_field(service, "client.address") == list(ADDRESSES.values())


@proves("XI.10")
@procfs.requires_procfs
def test_a_metric_at_module_level_counts_in_all_workers(start):
    service = start(WEB_CONCURRENCY="2")
    eventually(lambda: len(service.workers()) == 2)
    for worker in service.workers():
        os.kill(worker, signal.SIGSTOP)  # the other worker counts
        for _ in range(3):
            service.count()
        os.kill(worker, signal.SIGCONT)

    assert read_counted(service) == 6


@proves("XI.10")
@procfs.requires_procfs
def test_a_full_disk_ends_no_request_and_no_worker(required_settings, tmp_path):
    environ = {**required_settings, "TMPDIR": str(tmp_path), "WEB_CONCURRENCY": "1"}
    command = [sys.executable, "-c", FULL_DISK, *process_types()["web"]]
    with events.open_pipe(tmp_path / "stdout") as lines:  # a pipe has no limit
        service = Instance(environ, tmp_path / "stdout", command=command)
        try:
            eventually(lambda: service.answers("/livez"))
            [worker] = service.workers()
            assert [service.count() for _ in range(20)] == list(range(1, 21))
            assert service.get("/metrics").status == 503
            for pid in procfs.list_session(service.process.pid):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            service.count()
            assert read_counted(service) == 21
            assert service.workers() == [worker]
            assert service.stop() == 0
        finally:
            service.kill()
    log = [json.loads(line) for _, line in lines]
    assert [event["url.path"] for event in events.select_requests(log)] == [COUNT] * 21
    warnings = [event for event in log if event["message"].startswith("metrics are off")]
    assert [event["severity"] for event in warnings] == ["WARNING"]


@proves("XI.10")
@procfs.requires_procfs
def test_the_files_of_metrics_have_no_hole_that_a_full_disk_cannot_fill(start, tmp_path):
    service = start(WEB_CONCURRENCY="1")
    for path in (COUNT, PAGE, SIGN_IN, SIGNED_IN, "/version", "/livez", "/readyz"):
        for method in ("GET", "HEAD", "OPTIONS"):
            service.get(path, method)

    files = [path.stat() for path in tmp_path.glob("gunicorn-metrics-*/*")]
    assert sum(file.st_size for file in files) >= 128 * 1024
    assert all(file.st_blocks * 512 >= file.st_size for file in files)


@proves("XI.10")
def test_metrics_recover_when_their_folder_is_removed(start, tmp_path):
    service = start(WEB_CONCURRENCY="1")
    service.count()
    [folder] = tmp_path.glob("gunicorn-metrics-*")

    def remove() -> bool:
        shutil.rmtree(folder, ignore_errors=True)  # the worker may write to it again at once
        return not folder.exists()

    eventually(remove)
    assert service.count() == 2
    assert read_counted(service) == 2
    service.stop()
    paths = [event["url.path"] for event in events.select_requests(service.events())]
    assert paths == [COUNT] * 2
