"""Admin commands of the counter."""

import pytest


@pytest.fixture
def key(redis, environ) -> str:
    """Return the key of the counter, after 41 visits."""
    key = environ["KEY_PREFIX"] + "visits"
    redis.set(key, 41)
    return key


def test_show_prints_the_number(runner, key):
    assert runner.invoke(args=["visits", "show"]).output == "41\n"


def test_a_refused_reset_names_the_key_its_number_and_the_remedy(runner, redis, key):
    result = runner.invoke(args=["visits", "reset"])

    assert result.exit_code != 0
    assert f"{key} holds 41 visits." in result.output
    assert "--yes" in result.output.splitlines()[-1]
    assert redis.get(key) == "41"


def test_a_reset_prints_the_last_number(runner, redis, key):
    result = runner.invoke(args=["visits", "reset", "--yes"])

    assert result.exit_code == 0
    assert "Reset: 41 visits deleted." in result.output
    assert redis.get(key) is None


def test_a_reset_is_idempotent_and_one_event(runner, key, caplog):
    caplog.set_level("INFO")
    assert [runner.invoke(args=["visits", "reset", "--yes"]).exit_code for _ in range(2)] == [0, 0]

    events = [(record.message, record.visits) for record in caplog.records]
    assert events == [("visits reset", 41), ("visits reset", 0)]


def test_a_reset_keeps_the_keys_of_others(runner, redis, environ, key):
    # Keys that a pattern or a prefix of the counter's would match
    others = [f"{key}-of-today", f"{environ['KEY_PREFIX']}other", f"other-{key}", key[:5]]
    redis.mset(dict.fromkeys(others, "1"))
    try:
        assert runner.invoke(args=["visits", "reset", "--yes"]).exit_code == 0
        assert redis.mget(others) == ["1"] * len(others)
    finally:
        redis.delete(*others)


def test_no_route_resets_the_counter(app, client, redis, key):
    routes = [rule.rule for rule in app.url_map.iter_rules() if "<" not in rule.rule]
    for route in [*routes, "/visits", "/visits/reset", "/reset"]:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            client.open(f"{route}?yes=1&confirm=1", method=method)

    assert int(redis.get(key)) >= 41
