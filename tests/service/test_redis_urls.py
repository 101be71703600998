"""A URL of Redis that the settings accept is one that the client can connect with."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from redis import RedisError

from tests.answers.strategies import PROFILE
from tests.support.fixtures import Bake

ODD = ["", "a", "a%24b", "%zz", "%00", "é", "[::1]", "[::1", "a..b", "a b", "x" * 70, "*", "@", ":"]
part = st.one_of(st.sampled_from(ODD), st.text(max_size=5))
GROUPS = ["redis+sentinel://", "rediss+sentinel://", "redis+cluster://", "rediss+cluster://"]
URLS = st.tuples(
    st.sampled_from(
        [*["redis://", "rediss://", "unix://", *GROUPS] * 3, "REDIS://", "redis:/", ""]
    ),
    st.one_of(
        st.just(""), part.map("{}@".format), st.tuples(part, part).map(":".join).map("{}@".format)
    ),
    st.one_of(st.sampled_from(["127.0.0.1", "localhost", "127.0.0.1:1,localhost"]), part),
    st.sampled_from([*[":1"] * 9, "", ":0", ":70000", ":x", ":-1", ": 1", ":", ":٣"]),
    st.one_of(
        st.sampled_from([*["", "/", "/0", "/main", "/main/0"] * 3, "/99999", "/x", "//1", "/%31"]),
        part.map("/{}".format),
    ),
    st.one_of(
        st.sampled_from(
            ["", "?", "?db=1", "?db=", "?db=-1", "?db=1&db=x", "?DB=1", "?host=a", "#f"]
        ),
        st.tuples(
            st.sampled_from(["?ssl_ca_certs=", "?ssl_certfile=", "?ssl_keyfile="]),
            st.one_of(st.sampled_from(["/nowhere", "/etc/hostname", "%00"]), part),
        ).map("".join),
    ),
).map("".join)
Connect = Callable[[str], None]


@pytest.fixture(scope="module")
def connect(bake: Bake) -> Iterator[Connect]:
    """Return a function that pings the server of a URL; raises ValueError if the settings refuse it."""
    project = bake()
    package = project.answers["package_name"]
    sys.path.insert(0, str(project.path))
    accept = import_module(f"{package}.runtime.settings").Settings.from_environ
    client = import_module(f"{package}.runtime.backing.connect")

    def connect(url: str) -> None:
        given = {"REDIS_URL": url, "SECRET_KEY": "k" * 32, "REDIS_TIMEOUT": "20ms"}
        redis = client.connect(accept(given))
        try:
            redis.ping()
        finally:
            redis.connection_pool.disconnect()

    yield connect
    sys.path.remove(str(project.path))
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


@settings(PROFILE, max_examples=1000)
@given(url=URLS)
def test_an_accepted_url_can_be_connected_with(url: str, connect: Connect) -> None:
    problem = ""
    try:
        connect(url)
    except RedisError:
        event("accepted")
    except ValueError as refusal:
        event("refused")
        problem = str(refusal)
    assert re.fullmatch(r"|Configuration refused:\n  REDIS_URL: expected .*", problem)
