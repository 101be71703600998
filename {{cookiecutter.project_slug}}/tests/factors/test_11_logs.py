"""XI. Logs: a stream of events on stdout, one a line, and nothing else anywhere. https://12factor.net/logs"""

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.factors.support import events, kernel, trouble
from tests.factors.support.additions import PACKAGE, added
from tests.support.service import ROOT, Service, eventually

HANDLERS = r"(File|SysLog|Socket|Datagram|HTTP|SMTP|NTEventLog)Handler|basicConfig"
# Method, path, status and route of requests that each become one event.
REQUESTS = [
    ("GET", "/", 200, "/"),
    ("HEAD", "/", 200, "/"),
    ("GET", "/static/style.css", 200, "/static/<path:filename>"),
    ("GET", "/failure", 500, "/failure"),
    ("POST", "/", 405, None),
    ("DELETE", "/nowhere", 404, None),
]
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CANARY = "canary"
PATHS = ["/", "/livez", "/readyz", "/version", "/metrics", "/nowhere", *trouble.ROUTES]


def files(folder: Path) -> dict[Path, int]:
    """Return what is in a folder and when it changed, without what tools hide behind a dot."""
    shown = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return {path: path.stat().st_mtime_ns for top in shown for path in (top, *top.rglob("*"))}


@kernel.needed
def test_XI_1_it_writes_no_file(start, tmp_path):
    folders = {"TMPDIR": tmp_path / "temporary", "HOME": tmp_path / "home"}
    for folder in folders.values():
        folder.mkdir()
    before = files(ROOT)
    environ = {name: str(folder) for name, folder in folders.items()}
    service = start(PYTHONDONTWRITEBYTECODE="1", **environ)
    service.visit()
    pids = kernel.processes(service.process.pid)
    written = {path for pid in pids for path in kernel.written_files(pid)} - {service.log}
    # What the workers share while they run.
    assert all(path.is_relative_to(folders["TMPDIR"]) for path in written), written

    service.stop()
    assert [list(folder.iterdir()) for folder in folders.values()] == [[], []]
    assert files(ROOT) == before


def test_XI_1_neither_code_nor_configuration_names_a_destination():
    for path in [ROOT / "gunicorn.conf.py", *ROOT.glob(f"{PACKAGE}/**/*.py")]:
        assert not re.search(HANDLERS, path.read_text()), path
    for sample in ROOT.glob("config/*.env.example"):
        assert re.findall(r"^\w*LOG\w*(?==)", sample.read_text(), re.MULTILINE) == ["LOG_LEVEL"]


def test_XI_2_a_line_is_out_of_a_pipe_within_a_second(handles, tmp_path, evidence):
    with events.pipe(tmp_path / "stdout") as lines:
        service = Service({**handles, "TMPDIR": str(tmp_path)}, tmp_path / "stdout")
        try:
            eventually(lambda: service.answers("/livez"))
            service.visit()
            answered = time.time()
            eventually(lambda: any('"request"' in line for _, line in lines), within=10)
        finally:
            service.kill()
    delays = [out - events.time(json.loads(line)) for out, line in lines]
    delays += [out - answered for out, line in lines if '"request"' in line]
    evidence(f"a line is out of a pipe at most {max(delays) * 1000:.0f} ms after its event")
    assert max(delays) <= 1


@kernel.needed
def test_XI_3_every_line_is_an_event_whatever_happens(start, backing, tmp_path):
    service = start(**added(tmp_path, trouble.CODE))
    for path in trouble.ROUTES:
        service.get(path)
    backing.stop()
    service.get("/")
    killed = service.workers()[0]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: killed not in service.workers() and service.answers("/livez"))
    service.stop()

    log = service.events()
    assert {type(event) for event in log} == {dict}
    messages = "\n".join(str(event["message"]) for event in log)
    assert [message for message in trouble.MESSAGES if message not in messages] == []


@pytest.mark.parametrize(
    "code", [pytest.param("1 / 0", id="an exception"), pytest.param("app = None", id="no app")]
)
def test_XI_3_a_worker_that_cannot_start_says_so_in_events(start, tmp_path, code):
    service = start(alive=False, WEB_CONCURRENCY="1", **added(tmp_path, code))

    assert service.process.wait(timeout=30) != 0
    messages = [event["message"] for event in service.events()]
    assert "Exception in worker process" in messages
    assert messages[-1].startswith("Reason: Worker failed to boot")


def test_XI_4_every_event_has_the_fields_it_needs(start, tmp_path):
    started = int(time.time())
    service = start(RELEASE="v7", TZ="XYZ-5:30", **added(tmp_path, trouble.CODE))
    service.get("/failure")
    service.get("/replacing")
    service.stop()

    log = service.events()
    assert [(event, events.lacking(event)) for event in log if events.lacking(event)] == []
    assert {event["release"] for event in log} == {"v7"}
    assert all(started <= events.time(event) <= time.time() for event in log)
    [failure] = [event for event in log if event["message"] == "unhandled exception"]
    assert events.lacking(failure, events.EXCEPTION) == []
    [request, *_] = events.requests(log)
    assert events.lacking(request, events.REQUEST) == []


def test_XI_5_every_request_is_one_event(start, tmp_path):
    service = start(**added(tmp_path, trouble.CODE))
    for number, (method, path, *_) in enumerate(REQUESTS):
        service.get(path, method, **{"X-Request-ID": f"r-{number}"})
    service.stop()

    requests = events.requests(service.events())
    for number, (method, path, status, route) in enumerate(REQUESTS):
        [event] = [event for event in requests if event["request_id"] == f"r-{number}"]
        assert event["http.request.method"] == method
        assert event["url.path"] == path
        assert event["http.response.status_code"] == status
        assert event.get("http.route") == route
        assert 0 < event["duration_ms"] < 30_000
    assert len(requests) == len(REQUESTS)


@pytest.mark.parametrize("given", [f"00-{TRACE}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01", "canary"])
def test_XI_5_a_trace_goes_on_in_every_event_of_its_request(start, backing, given):
    service = start()
    backing.stop()
    service.get("/", traceparent=given, **{"X-Request-ID": "r-1"})
    service.stop()

    log = [event for event in service.events() if event.get("request_id") == "r-1"]
    assert [event["message"] for event in log] == ["redis unavailable", "request"]
    expected = (TRACE, SPAN) if TRACE in given else (None, None)
    assert {(event.get("trace_id"), event.get("span_id")) for event in log} == {expected}


def test_XI_6_no_secret_is_logged_or_answered(start, backing, tmp_path):
    with backing.client() as redis:
        redis.config_set("requirepass", CANARY)
    handle = backing.url.replace("//", f"//:{CANARY}@")
    service = start(REDIS_URL=handle, LOG_LEVEL="DEBUG", **added(tmp_path, trouble.CODE))
    answers = [trouble.send(service, malformed).decode() for malformed in trouble.MALFORMED]

    def ask() -> None:
        secret = {"Authorization": f"Bearer {CANARY}", "Cookie": f"session={CANARY}"}
        asked = [(path, method) for path in PATHS for method in ("GET", "POST", "TRACE")]
        answers.extend(service.get(path, method, **secret).body for path, method in asked)

    ask()
    with backing.client(password=CANARY) as redis:  # then Redis refuses, and then it is away
        redis.config_set("requirepass", "another")
        redis.client_kill_filter(_type="normal", skipme=True)
    ask()
    backing.stop()
    ask()
    service.stop()
    assert CANARY not in service.log.read_text() + "".join(answers)


def test_XI_7_nothing_that_is_sent_makes_a_second_event(service):
    for hostile in trouble.HOSTILE:
        trouble.send(service, hostile)
    service.stop()

    assert not re.search(rb"[^\x20-\x7e\n]", service.log.read_bytes())
    ends = ("request", "Invalid request")
    log = [event for event in service.events() if event["message"].startswith(ends)]
    assert len(log) == len(trouble.HOSTILE)
    assert not [event for event in log if "forged" in event]


def test_XI_8_probes_are_not_logged(service):
    probes = ("/livez", "/readyz", "/metrics")
    assert {service.get(path).status for path in probes} == {200}
    service.visit()
    service.stop()

    assert [event["url.path"] for event in events.requests(service.events())] == ["/"]
