"""Settings: every value is checked when the process starts, and no value is ever shown."""

import re
from pathlib import Path

import pytest

from {{ cookiecutter.package_name }}.runtime.settings import Settings, SettingsError, table

REQUIRED = {"REDIS_URL": "redis://localhost:6379/0", "SECRET_KEY": "k" * 32}
SAMPLES = sorted(Path("config").glob("*.env.example"))


def test_only_the_handle_of_redis_and_the_secret_key_are_required():
    settings = Settings.from_environ(REQUIRED)

    assert (settings.port, settings.redis_timeout, settings.trusted_hosts) == (8000, 1.0, ())


def test_the_report_names_every_bad_variable_and_no_value():
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ({"PORT": "hunter2", "LOG_LEVEL": "loud", "SECRET_KEY": "hunter2"})

    named = [problem.partition(":")[0] for problem in refusal.value.problems]
    assert named == ["PORT", "REDIS_URL", "SECRET_KEY", "LOG_LEVEL"]
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "65535", 65535),
        ("REDIS_TIMEOUT", "0.25", 0.25),
        ("REDIS_TIMEOUT", "250ms", 0.25),
        ("GRACEFUL_TIMEOUT", "2m", 120.0),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("TRUSTED_HOSTS", "A.example, .b.example", ("a.example", ".b.example")),
        ("REDIS_URL", "rediss://user:p%40ss@redis.example:6380/3?ssl_ca_certs=/ca.pem", ...),
        ("REDIS_URL", "unix:///run/redis.sock?db=2", ...),
    ],
)
def test_a_good_value_is_read(name, text, value):
    settings = Settings.from_environ(REQUIRED | {name: text})

    assert getattr(settings, name.lower()) == (text if value is ... else value)


# Every refusal of a setting: its name, refused values, and what is expected instead
REFUSALS: list[tuple[str, list[str], str]] = [
    ("PORT", ["0", "65536", "80.0", " 80"], "a whole number from 1 to 65535"),
    ("WEB_CONCURRENCY", ["0", "-1", "1001"], "a whole number from 1 to 1000"),
    ("WEB_THREADS", ["0", "four"], "a whole number from 1 to 1000"),
    ("PROXY_HOPS", ["yes", "11"], "a whole number from 0 to 10"),
    (
        "REDIS_TIMEOUT",
        ["0", "nan", "1 hour", "61m"],
        "a duration from 0.001s to 60m, such as 0.5, 500ms or 20s",
    ),
    ("DRAIN_DELAY", ["-1", "61m"], "a duration from 0s to 60m, such as 0.5, 500ms or 20s"),
    ("KEY_PREFIX", ["shop*", "x" * 101], "at most 100 letters, digits and . _ : / -"),
    ("LOG_LEVEL", ["loud"], "one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
    ("RELEASE", ["v1\nv2"], "at most 128 letters, digits, dots, dashes and underscores"),
    (
        "TRUSTED_HOSTS",
        ["http://shop.example"],
        "host names separated by commas, such as shop.example.com,.example.org",
    ),
    (
        "SECRET_KEY",
        ["short", "replace-me" * 4],
        "32 random characters or more, such as `openssl rand -base64 48` prints",
    ),
    (
        "SECRET_KEY_FALLBACKS",
        ["k" * 32 + ",short"],
        "32 random characters or more, such as `openssl rand -base64 48` prints",
    ),
    (
        "REDIS_URL",
        ["localhost:6379", "redis://localhost:port", "redis+sentinel://one,two/service/0"],
        "redis://[user:password@]host[:port][/database], rediss://… for TLS, or unix:///path; "
        "a Sentinel or Cluster URL is not supported",
    ),
    ("REDIS_URL", ["redis://localhost/visits"], "a database number as the path of the URL"),
    (
        "REDIS_URL",
        ["rediss://localhost?ssl_cert_reqs=none", "redis://localhost?socket_timeout=60"],
        "no options in the URL but db, ssl_ca_certs, ssl_certfile, ssl_keyfile",
    ),
    (
        "REDIS_URL",
        ["redis://user:replace-me@localhost"],
        "your own value instead of the placeholder 'replace-me'",
    ),
]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [(name, text, expected) for name, texts, expected in REFUSALS for text in texts],
)
def test_a_bad_value_is_refused_with_what_is_expected(name, text, expected):
    meanings = {item.name.upper(): item.metadata["meaning"] for item in table()}
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ(REQUIRED | {name: text})

    assert refusal.value.problems == [f"{name}: expected {expected} ({meanings[name]})"]


def test_a_missing_value_is_named_with_its_meaning():
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ({})

    assert refusal.value.problems == [
        "REDIS_URL: required (URL of the Redis server)",
        "SECRET_KEY: required (key that signs cookies)",
    ]


def test_a_secret_may_come_from_a_file_and_loses_one_newline(tmp_path):
    file = tmp_path / "secret_key"
    file.write_text("f" * 32 + "\n")

    environ = {"REDIS_URL": REQUIRED["REDIS_URL"], "SECRET_KEY_FILE": str(file)}
    assert Settings.from_environ(environ).secret_key == "f" * 32


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param(REQUIRED, "only one of SECRET_KEY and SECRET_KEY_FILE", id="both"),
        pytest.param({"REDIS_URL": "redis://localhost"}, "a readable text file", id="unreadable"),
    ],
)
def test_a_secret_file_that_cannot_be_used_is_refused(environ, expected, tmp_path):
    with pytest.raises(SettingsError, match=expected):
        Settings.from_environ(environ | {"SECRET_KEY_FILE": str(tmp_path / "missing")})


def test_secrets_are_hidden_wherever_settings_are_shown():
    settings = Settings.from_environ(REQUIRED | {"REDIS_URL": "redis://user:hunter2@localhost"})

    assert "hunter2" not in repr(settings)
    assert settings.redacted()["REDIS_URL"] == settings.redacted()["SECRET_KEY"] == "[redacted]"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_sample_has_exactly_the_settings_of_the_table(sample):
    keys = re.findall(r"^([A-Z_]+)=", sample.read_text(), re.MULTILINE)

    assert keys == [item.name.upper() for item in table()]


def test_there_is_a_sample_for_each_deploy():
    names = [sample.name.partition(".")[0] for sample in SAMPLES]

    assert names == ["development", "production", "staging"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_is_refused_until_its_placeholders_are_replaced(sample):
    lines = [line for line in sample.read_text().splitlines() if line and not line.startswith("#")]
    environ = {"REDIS_URL": REQUIRED["REDIS_URL"]}
    environ |= dict(line.split("=", 1) for line in lines if not line.endswith("="))

    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings.from_environ(environ)
