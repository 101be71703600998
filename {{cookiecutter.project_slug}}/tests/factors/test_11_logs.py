"""XI. Logs: an event stream on stdout, one event per line, and no other destination. https://12factor.net/logs"""

import json
import os
import re
import shlex
import signal
import time
from pathlib import Path

import pytest

from tests.factors.support import events, failing_routes, hostile_requests, procfs
from tests.factors.support.assertions import proves, timed
from tests.factors.support.failing_routes import FAILURE, REPLACING
from tests.factors.support.instance import CONFIG, PACKAGE, Instance
from tests.factors.support.probe import BODY, COUNT, PAGE
from tests.support.service import ROOT, eventually

HANDLERS = r"(File|SysLog|Socket|Datagram|HTTP|SMTP|NTEventLog)Handler|basicConfig"
# A file that the service serves, if it has one
STATIC = [f"/static/{path.name}" for path in (ROOT / PACKAGE / "static").glob("*.*")][:1]
# Method, path, status and route.
REQUESTS = [
    ("GET", COUNT, 200, COUNT),
    ("HEAD", PAGE, 200, PAGE),
    *(("GET", path, 200, "/static/<path:filename>") for path in STATIC),
    ("GET", FAILURE, 500, FAILURE),
    ("POST", COUNT, 405, None),
    ("DELETE", "/nowhere", 404, None),
]
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CANARY = "canary"
PROBES = ("/livez", "/readyz", "/metrics")
PATHS = [COUNT, PAGE, *PROBES, "/version", "/nowhere", *failing_routes.ROUTES]
FAILING_CONFIG = """\
exec(open({config!r}).read())
pythonpath = {folder!r}
wsgi_app = "fails_to_boot:app"
"""


def list_times(folder: Path) -> dict[Path, int]:
    """Return the modification times of all files in nanoseconds; hidden entries are skipped."""
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return {path: path.stat().st_mtime_ns for top in visible for path in (top, *top.rglob("*"))}


@proves("XI.1")
@procfs.requires_procfs
def test_an_instance_leaves_no_file(start, tmp_path):
    folders = {"TMPDIR": tmp_path / "temporary", "HOME": tmp_path / "home"}
    for folder in folders.values():
        folder.mkdir()
    before = list_times(ROOT)
    environ = {name: str(folder) for name, folder in folders.items()}
    service = start(PYTHONDONTWRITEBYTECODE="1", **environ)
    service.count()
    pids = procfs.list_session(service.process.pid)
    written = {path for pid in pids for path in procfs.list_writable_files(pid)} - {service.log}
    # Running workers share files of metrics in TMPDIR.
    assert all(path.is_relative_to(folders["TMPDIR"]) for path in written), written

    service.stop()
    assert [list(folder.iterdir()) for folder in folders.values()] == [[], []]
    assert list_times(ROOT) == before


@proves("XI.1")
def test_code_and_configuration_name_no_log_destination():
    for path in [ROOT / "gunicorn.conf.py", *ROOT.glob(f"{PACKAGE}/**/*.py")]:
        assert not re.search(HANDLERS, path.read_text()), path
    for sample in ROOT.glob("config/*.env.example"):
        assert re.findall(r"^\w*LOG\w*(?==)", sample.read_text(), re.MULTILINE) == ["LOG_LEVEL"]


@proves("XI.2")
@timed
def test_a_line_reaches_the_pipe_within_a_second(required_settings, tmp_path, evidence):
    with events.open_pipe(tmp_path / "stdout") as lines:
        service = Instance({**required_settings, "TMPDIR": str(tmp_path)}, tmp_path / "stdout")
        try:
            eventually(lambda: service.answers("/livez"))
            service.count()
            answered_at = time.time()
            eventually(lambda: any('"request"' in line for _, line in lines), within=10)
        finally:
            service.kill()
    delays = [arrival - events.parse_time(json.loads(line)) for arrival, line in lines]
    delays += [arrival - answered_at for arrival, line in lines if '"request"' in line]
    evidence(f"a line reaches the pipe at most {max(delays) * 1000:.0f} ms after its event")
    assert max(delays) <= 1


@proves("XI.3")
@procfs.requires_procfs
def test_every_line_is_an_event_from_boot_to_shutdown(service, backing):
    for path in failing_routes.ROUTES:
        service.get(path)
    backing.stop()
    service.get(COUNT)
    killed = service.workers()[0]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: killed not in service.workers() and service.answers("/livez"))
    service.stop()

    log = service.events()
    assert {type(event) for event in log} == {dict}
    messages = "\n".join(str(event["message"]) for event in log)
    assert [message for message in failing_routes.MESSAGES if message not in messages] == []


@proves("XI.3")
@pytest.mark.parametrize(
    "code", [pytest.param("1 / 0", id="an exception"), pytest.param("app = None", id="no app")]
)
def test_a_worker_that_fails_to_boot_logs_events(start, tmp_path, code):
    config = tmp_path / "failing.conf.py"
    config.write_text(FAILING_CONFIG.format(config=str(ROOT / CONFIG), folder=str(tmp_path)))
    (tmp_path / "fails_to_boot.py").write_text(code)
    arguments = f"--config {shlex.quote(str(config))}"
    service = start(alive=False, WEB_CONCURRENCY="1", GUNICORN_CMD_ARGS=arguments)

    assert service.process.wait(timeout=30) != 0
    messages = [event["message"] for event in service.events()]
    assert "Exception in worker process" in messages
    assert messages[-1].startswith("Reason: Worker failed to boot")


@proves("XI.4")
def test_every_event_has_the_required_fields(start):
    started = int(time.time())
    service = start(RELEASE="v7", TZ="XYZ-5:30")
    service.get(FAILURE)
    service.get(REPLACING)
    service.stop()

    log = service.events()
    invalid = [(event, events.find_invalid_fields(event)) for event in log]
    assert [pair for pair in invalid if pair[1]] == []
    assert {event["release"] for event in log} == {"v7"}
    assert all(started <= events.parse_time(event) <= time.time() for event in log)
    [failure] = [event for event in log if event["message"] == "unhandled exception"]
    assert events.find_invalid_fields(failure, events.EXCEPTION_FIELDS) == []
    [request, *_] = events.select_requests(log)
    assert events.find_invalid_fields(request, events.REQUEST_FIELDS) == []


@proves("XI.5")
def test_every_request_is_one_event(service):
    for number, (method, path, *_) in enumerate(REQUESTS):
        service.get(path, method, **{"X-Request-ID": f"r-{number}"})
    service.stop()

    requests = events.select_requests(service.events())
    for number, (method, path, status, route) in enumerate(REQUESTS):
        [event] = [event for event in requests if event["request_id"] == f"r-{number}"]
        assert event["http.request.method"] == method
        assert event["url.path"] == path
        assert event["http.response.status_code"] == status
        assert event.get("http.route") == route
        assert 0 < event["duration_ms"] < 30_000
    assert len(requests) == len(REQUESTS)


@proves("XI.5")
@pytest.mark.parametrize(
    "traceparent", [f"00-{TRACE}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01", "canary"]
)
def test_every_event_of_a_request_has_its_trace_id(start, backing, traceparent):
    service = start()
    backing.stop()
    service.get(COUNT, traceparent=traceparent, **{"X-Request-ID": "r-1"})
    service.stop()

    log = [event for event in service.events() if event.get("request_id") == "r-1"]
    assert [event["message"] for event in log] == ["redis unavailable", "request"]
    expected = (TRACE, SPAN) if TRACE in traceparent else (None, None)
    assert {(event.get("trace_id"), event.get("span_id")) for event in log} == {expected}


@proves("XI.6")
def test_no_secret_of_a_request_or_of_the_service_appears_in_logs_or_responses(start, backing):
    service = start(LOG_LEVEL="DEBUG", SECRET_KEY=CANARY * 8)
    malformed = hostile_requests.MALFORMED_WITH_SECRET
    bodies = [hostile_requests.send_raw(service, request).decode() for request in malformed]
    bodies.append(service.get(BODY, "POST", CANARY).body)

    def send_secrets() -> None:
        secret = {"Authorization": f"Bearer {CANARY}", "Cookie": f"session={CANARY}"}
        requests = [(path, method) for path in PATHS for method in ("GET", "POST", "TRACE")]
        bodies.extend(service.get(path, method, **secret).body for path, method in requests)

    send_secrets()
    backing.stop()
    send_secrets()
    service.stop()
    assert CANARY not in service.log.read_text() + "".join(bodies)


@proves("XI.7")
def test_no_request_forges_a_second_event(service):
    for request in hostile_requests.LOG_ATTACKS:
        hostile_requests.send_raw(service, request)
    service.stop()

    assert not re.search(rb"[^\x20-\x7e\n]", service.log.read_bytes())
    log = events.select_requests(service.events())
    assert len(log) == len(hostile_requests.LOG_ATTACKS)
    assert not [event for event in log if "forged" in event]


@proves("XI.8")
def test_probes_are_not_logged(service):
    assert {service.get(path).status for path in PROBES} == {200}
    service.count()
    service.stop()

    assert [event["url.path"] for event in events.select_requests(service.events())] == [COUNT]
