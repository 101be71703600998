"""VII. Port binding: the service is complete, and speaks HTTP on the port it is given. https://12factor.net/port-binding"""

import re
from itertools import chain

import pytest

from tests.factors.support import kernel
from tests.support.service import eventually, free_port

BROWSER = {"Accept": "text/html"}
# As a client behind two proxies arrives, each of which adds what it saw.
FORWARDED = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
    "X-Forwarded-Proto": "http, https",
    "X-Forwarded-Host": "evil.example, shop.example",
    "Forwarded": "for=203.0.113.9;proto=https;host=shop.example",
    "X-Forwarded-Ssl": "on",
    "SCRIPT_NAME": "/evil",
}
# Who was asked for what, and the answer's status when shop.example is the only trusted host.
HOSTS = {
    ("shop.example", "/"): 200,
    ("shop.example:8443", "/"): 200,
    ("evil.example", "/"): 400,
    ("evil.example", "/nowhere"): 400,
    ("shop.example.evil.example", "/"): 400,
    ("10.0.0.7:8000", "/livez"): 200,
    ("10.0.0.7:8000", "/readyz"): 200,
    ("10.0.0.7:8000", "/metrics"): 200,
}


@kernel.needed
def test_VII_1_it_listens_on_its_port_and_on_nothing_else(start, tmp_path):
    port = free_port()
    service = start(PORT=str(port), HOME=str(tmp_path))
    eventually(lambda: len(kernel.processes(service.process.pid)) == 3)
    pids = kernel.processes(service.process.pid)
    listeners = set()
    for number in range(1, 13):  # what opens late is seen, too
        assert service.visit() == number
        sockets = chain(*map(kernel.sockets, pids))
        listeners |= {(one.kind, one.local) for one in sockets if one.listens}

    assert listeners == {("tcp", f"0.0.0.0:{port}")}


def test_VII_3_a_production_server_answers_without_its_version(service):
    for path in ("/", "/nowhere", "/static/style.css"):
        assert not re.search("[0-9]|werkzeug", service.get(path).headers.get("Server", "").lower())


def test_VII_3_there_is_no_debugger(start):
    service = start(FLASK_DEBUG="1")

    assert service.get("/console").status == 404
    assert service.get("/?__debugger__=yes&cmd=resource&f=debugger.js").json()["visits"] == 1


def test_VII_3_trace_is_refused(service):
    for path in ("/", "/livez", "/static/style.css"):
        answer = service.get(path, "TRACE", Cookie="session=canary")
        assert answer.status == 405
        assert "canary" not in answer.body


@pytest.mark.parametrize(
    ("environ", "client", "secure"),
    [
        pytest.param({}, "127.0.0.1", False, id="none by default"),
        pytest.param({"PROXY_HOPS": "1"}, "198.51.100.7", True, id="one"),
        pytest.param({"PROXY_HOPS": "2"}, "203.0.113.9", False, id="two"),
    ],
)
def test_VII_4_the_given_number_of_proxies_is_trusted(start, environ, client, secure):
    service = start(**environ)
    answer = service.get("/", **FORWARDED, **BROWSER)
    service.stop()

    [event] = [event for event in service.events() if event.get("url.path") == "/"]
    assert event["client.address"] == client
    assert ("Strict-Transport-Security" in answer.headers) is secure
    assert 'href="/static/' in answer.body


@pytest.mark.parametrize(("hops", "status"), [("0", 400), ("1", 200), ("2", 400)])
def test_VII_4_the_host_is_taken_from_a_trusted_proxy_only(start, hops, status):
    service = start(PROXY_HOPS=hops, TRUSTED_HOSTS="shop.example")

    assert service.get("/version", **FORWARDED).status == status


def test_VII_5_only_trusted_hosts_are_answered_and_probes_always(start):
    service = start(TRUSTED_HOSTS="shop.example")

    assert {asked: service.get(asked[1], Host=asked[0]).status for asked in HOSTS} == HOSTS


def test_VII_6_it_works_under_a_path_prefix(start):
    service = start(PROXY_HOPS="1")
    page = service.get("/", **{"X-Forwarded-Prefix": "/shop"}, **BROWSER)
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.body)

    assert links
    for link in links:
        assert link.startswith("/shop/")
        assert service.get(link.removeprefix("/shop")).status == 200
