"""VII. Port binding: the service is self-contained and serves HTTP on PORT. https://12factor.net/port-binding"""

import re
from itertools import chain
from pathlib import Path

import pytest

from tests.factors.support import events, procfs
from tests.factors.support.assertions import proves
from tests.factors.support.probe import COUNT, PAGE
from tests.support.service import eventually, free_port, request

# Headers behind two proxies, each of which appends a value; the client forged the rest.
FORWARDED = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
    "X-Forwarded-Proto": "http, https",
    "X-Forwarded-Host": "evil.example, shop.example",
    "Forwarded": "for=203.0.113.9;proto=https;host=shop.example",
    "X-Forwarded-Ssl": "on",
    "SCRIPT_NAME": "/evil",
}
# Host header and path, with the status if shop.example is the only trusted host.
HOSTS = {
    ("shop.example", COUNT): 200,
    ("shop.example:8443", COUNT): 200,
    ("Shop.EXAMPLE.", COUNT): 200,
    ("SHOP.example.:8443", COUNT): 200,
    ("shop.example..", COUNT): 400,
    ("evil.example", COUNT): 400,
    ("evil.example", "/nowhere"): 400,
    ("shop.example.evil.example", COUNT): 400,
    ("10.0.0.7:8000", "/livez"): 200,
    ("10.0.0.7:8000", "/readyz"): 200,
    ("10.0.0.7:8000", "/metrics"): 200,
}

requires_ipv6 = pytest.mark.skipif(
    not Path("/proc/net/if_inet6").exists(), reason="needs a kernel with IPv6"
)


@proves("VII.1")
@procfs.requires_procfs
def test_an_instance_listens_on_its_port_only(start, tmp_path):
    port = free_port()
    service = start(PORT=str(port), HOME=str(tmp_path))
    eventually(lambda: len(procfs.list_session(service.process.pid)) == 3)
    pids = procfs.list_session(service.process.pid)
    listeners = set()
    for number in range(1, 13):  # finds listeners that open late
        assert service.count() == number
        sockets = chain(*map(procfs.list_sockets, pids))
        listeners |= {(one.kind, one.local) for one in sockets if one.listens}

    # A socket for IPv6 serves IPv4, too.
    assert listeners in ({("tcp", f"0.0.0.0:{port}")}, {("tcp6", f":::{port}")})


@proves("VII.8")
@requires_ipv6
def test_an_instance_serves_clients_with_ipv6_and_with_ipv4(service):
    response = request(f"[::1]:{service.port}", COUNT, **{"X-Request-ID": "v6"})
    service.get(COUNT, **{"X-Request-ID": "v4"})
    service.stop()

    assert response.json() == {"count": 1}
    requests = events.select_requests(service.events())
    addresses = {event["request_id"]: event["client.address"] for event in requests}
    assert addresses == {"v6": "::1", "v4": "127.0.0.1"}


@proves("VII.3")
def test_the_server_header_has_no_version(service):
    for path in (COUNT, "/nowhere", PAGE):
        assert not re.search("[0-9]|werkzeug", service.get(path).headers.get("Server", "").lower())


@proves("VII.3")
def test_the_debugger_is_disabled(start):
    service = start(FLASK_DEBUG="1")

    assert service.get("/console").status == 404
    assert service.get(f"{COUNT}?__debugger__=yes&cmd=resource&f=debugger.js").json()["count"] == 1


@proves("VII.3")
def test_trace_is_refused(service):
    for path in (COUNT, "/livez", "/static/any"):
        response = service.get(path, "TRACE", Cookie="session=canary")
        assert response.status == 405
        assert "canary" not in response.body


@proves("VII.4")
@pytest.mark.parametrize(
    ("environ", "client", "secure"),
    [
        pytest.param({}, "127.0.0.1", False, id="none by default"),
        pytest.param({"PROXY_HOPS": "1"}, "198.51.100.7", True, id="one"),
        pytest.param({"PROXY_HOPS": "2"}, "203.0.113.9", False, id="two"),
    ],
)
def test_exactly_proxy_hops_proxies_are_trusted(start, environ, client, secure):
    service = start(**environ)
    response = service.get(PAGE, **FORWARDED)
    service.stop()

    [event] = [event for event in service.events() if event.get("url.path") == PAGE]
    assert event["client.address"] == client
    assert ("Strict-Transport-Security" in response.headers) is secure
    assert 'href="/' in response.body
    assert "/evil" not in response.body


@proves("VII.4")
@pytest.mark.parametrize(("hops", "status"), [("0", 400), ("1", 200), ("2", 400)])
def test_x_forwarded_host_is_read_from_a_trusted_proxy_only(start, hops, status):
    service = start(PROXY_HOPS=hops, TRUSTED_HOSTS="shop.example")

    assert service.get("/version", **FORWARDED).status == status


@proves("VII.5")
def test_untrusted_hosts_get_400_except_for_probes(start):
    service = start(TRUSTED_HOSTS="shop.example")

    statuses = {(host, path): service.get(path, Host=host).status for host, path in HOSTS}
    assert statuses == HOSTS


@proves("VII.6")
def test_the_service_works_under_a_path_prefix(start):
    service = start(PROXY_HOPS="1")
    page = service.get(PAGE, **{"X-Forwarded-Prefix": "/shop"})
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.body)

    assert links
    assert all(link.startswith("/shop/") for link in links)
    for sheet in [link for link in links if link.endswith(".css")]:
        assert service.get(sheet.removeprefix("/shop")).status == 200
