"""Settings: how each value is read, and how it is refused."""

import pytest
from trustme import CA

from {{ cookiecutter.package_name }}.runtime import parsers
from {{ cookiecutter.package_name }}.runtime.settings import (
    Settings,
    SettingsError,
    read_file,
    table,
)
from {{ cookiecutter.package_name }}.runtime.urls import redis_url, server_url

from tests.support.settings import REQUIRED


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "65535", 65535),
        ("REDIS_TIMEOUT", "0.25", 0.25),
        ("REDIS_TIMEOUT", "250ms", 0.25),
        ("GRACEFUL_TIMEOUT", "2m", 120.0),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("TRUSTED_HOSTS", "A.example., .b.example", ("a.example", ".b.example")),
        ("REDIS_URL", "rediss://user:p%40ss@redis.example:6380/3", ...),
        ("REDIS_URL", "redis://[::1]:6379/?db=2", ...),
        ("REDIS_URL", "unix:///run/redis.sock?db=2", ...),
        ("REDIS_URL", f"unix:///run/{'x' * 64}.sock", ...),
        ("REDIS_URL", "redis+sentinel://user:p%40ss@one:1,[::1]:2/shop.main/3", ...),
        ("REDIS_URL", "rediss+sentinel://one:1/shop", ...),
        ("REDIS_URL", "redis+cluster://user:p%40ss@one:1,[::1]:2", ...),
        ("REDIS_URL", "rediss+cluster://one:1/0", ...),
        ("KEY_PREFIX", "Shop{% if cookiecutter.worker == "no" %}/{% else %}-{% endif %}1.2_A:", ...),
        ("RELEASE", "V1.2-RC_3", ...),
    ],
)
def test_a_valid_value_is_parsed(name, text, value):
    settings = Settings.from_environ(REQUIRED | {name: text})

    assert getattr(settings, name.lower()) == (text if value is ... else value)


REDIS_URLS = (
    "redis://[user:password@]host[:port][/database], unix:///path, "
    "redis+sentinel://…host:port,host:port/service[/database], "
    "redis+cluster://…host:port,host:port, or one with rediss for TLS"
)
# Setting, refused values, and what is expected instead.
REFUSALS: list[tuple[str, list[str], str]] = [
    ("PORT", ["0", "65536", "80.0", " 80"], "a whole number from 1 to 65535"),
    ("WEB_CONCURRENCY", ["0", "-1", "1001"], "a whole number from 1 to 1000"),
    ("WEB_THREADS", ["0", "four"], "a whole number from 1 to 1000"),
    ("PROXY_HOPS", ["yes", "11"], "a whole number from 0 to 10"),
    (
        "REDIS_TIMEOUT",
        ["0", "nan", "1 hour", "61s", "1h"],
        "a duration from 1ms to 1m, in d, h, m, s, ms, such as 20s",
    ),
    ("GRACEFUL_TIMEOUT", ["0", "1d"], "a duration from 1ms to 1h, in d, h, m, s, ms, such as 20s"),
    ("DRAIN_DELAY", ["-1", "2h"], "a duration from 0s to 1h, in d, h, m, s, ms, such as 20s"),
    ("KEY_PREFIX", ["shop*"{% if cookiecutter.worker == "yes" %}, "shop/1:"{% endif %}, "x" * 101], "at most 100 letters, digits and . _ :{% if cookiecutter.worker == "no" %} /{% endif %} -"),
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
        [
            "localhost:6379",
            "redis://localhost:port",
            "REDIS://localhost",
            "redis+cluster://one:1,two",
            "redis+cluster://one:1/service",
            "redis+cluster://one:1,two:2/0/0",
            "unix+cluster://one:1",
            "redis+sentinel://one:1,two:2",
            "redis+sentinel://one:1,two:2/",
            "redis+sentinel://one:1,two/service",
            "redis+sentinel://one:port,two:2/service",
            "redis+sentinel://one:1,,two:2/service",
            "redis+sentinel://one:70000/service",
            "redis+sentinel://one:1/service/first",
        ],
        REDIS_URLS,
    ),
    (
        "REDIS_URL",
        ["redis+cluster://one:1,two:2/5", "rediss+cluster://one:1?db=5"],
        "database 0 in the URL of a cluster, which has no other",
    ),
    ("REDIS_URL", ["redis+cluster://one:1,a..b:2"], "host names or IP addresses"),
    ("REDIS_URL", ["redis://localhost/first"], "a database number as the path of the URL"),
    (
        "REDIS_URL",
        [
            "rediss://localhost?ssl_cert_reqs=none",
            "redis://localhost?socket_timeout=60",
            "rediss+sentinel://one:1/service?ssl_cert_reqs=none",
            "rediss+cluster://one:1?ssl_check_hostname=false",
        ],
        "no options in the URL but db, ssl_ca_certs, ssl_certfile, ssl_keyfile",
    ),
    (
        "REDIS_URL",
        ["redis://localhost?db=first", "redis://localhost?ssl_ca_certs=/ca.pem"],
        "a database number as db, and TLS files with rediss:// only",
    ),
    (
        "REDIS_URL",
        ["redis://a..b", f"redis://{'a' * 64}.example"],
        "a host name, an IP address or an absolute path in the URL",
    ),
    (
        "REDIS_URL",
        ["rediss://localhost?ssl_ca_certs=/nowhere", f"rediss://localhost?ssl_ca_certs={__file__}"],
        "a readable PEM file as ssl_ca_certs",
    ),
    (
        "REDIS_URL",
        [f"rediss://localhost?ssl_certfile={__file__}", "rediss://localhost?ssl_keyfile=/nowhere"],
        "a readable PEM file as ssl_certfile and ssl_keyfile",
    ),
    (
        "REDIS_URL",
        ["redis:///0", "localhost"],
        REDIS_URLS,
    ),
    (
        "REDIS_URL",
        ["redis://localhost?ssl_cert_reqs="],
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
def test_a_refusal_says_what_is_expected(name, text, expected):
    meanings = {item.name.upper(): item.metadata["meaning"] for item in table()}
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ(REQUIRED | {name: text})

    assert refusal.value.problems == [f"{name}: expected {expected} ({meanings[name]})"]


@pytest.mark.parametrize(
    ("text", "duration"), [("90m", 5400), ("2h", 7200), ("1.5d", 129600), ("365d", 31536000)]
)
def test_a_lifetime_is_parsed_within_its_bounds(text, duration):
    assert parsers.seconds(text) == duration
    with pytest.raises(ValueError, match="a duration from 1s to 90s, in "):
        parsers.seconds(text, least=1, most=90)


@pytest.mark.parametrize("text", ["https://shop.example", "http://user:p%40ss@shop:8080/a?b"])
def test_the_url_of_a_server_is_accepted(text):
    assert server_url("http", "https")(text) == text


@pytest.mark.parametrize(
    "text",
    ["shop", "ftp://shop", "https:///path", "https://shop:0", "https://[x", "https://replace-me"],
)
def test_any_other_url_of_a_server_is_refused_without_its_value(text):
    with pytest.raises(ValueError, match=r"^expected ") as refusal:
        server_url("http", "https")(text)

    assert text not in str(refusal.value)


def test_the_url_of_a_server_is_refused_with_every_scheme():
    with pytest.raises(ValueError, match=r"^expected http://.* or https://.*/…$"):
        server_url("http", "https")("shop")


def test_the_files_of_tls_are_read(tmp_path):
    authority = CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client = authority.issue_cert("client")
    client.cert_chain_pems[0].write_to_path(tmp_path / "client.pem")
    client.private_key_pem.write_to_path(tmp_path / "client.key")
    files = "&".join(
        f"{name}={tmp_path}/{file}"
        for name, file in [
            ("ssl_ca_certs", "ca.pem"),
            ("ssl_certfile", "client.pem"),
            ("ssl_keyfile", "client.key"),
        ]
    )

    assert redis_url(f"rediss://localhost?{files}")


def test_a_missing_setting_is_reported_with_its_meaning():
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ({})

    # Required settings of the features come last.
    assert refusal.value.problems[:2] == [
        "REDIS_URL: required (URL of the Redis server)",
        "SECRET_KEY: required (key that signs cookies)",
    ]
    lines = ["Configuration refused:", *refusal.value.problems]
    assert str(refusal.value) == "\n  ".join(lines)


def test_a_secret_file_is_read_without_one_newline_at_its_end(tmp_path):
    file = tmp_path / "key"
    file.write_text("\nsécret\n\n", "utf-8")

    assert read_file(str(file)) == "\nsécret\n"


def test_a_secret_and_its_file_are_refused_together(tmp_path):
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ(REQUIRED | {"SECRET_KEY_FILE": str(tmp_path / "key")})

    expected = "expected only one of SECRET_KEY and SECRET_KEY_FILE"
    assert refusal.value.problems == [f"SECRET_KEY: {expected} (key that signs cookies)"]


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    environ = {"REDIS_URL": REQUIRED["REDIS_URL"], "SECRET_KEY_FILE": str(tmp_path / "missing")}

    with pytest.raises(SettingsError, match="SECRET_KEY: expected the path of a readable "):
        Settings.from_environ(environ)


def test_the_repr_shows_no_secret():
    settings = Settings.from_environ(REQUIRED | {"REDIS_URL": "redis://user:hunter2@localhost"})

    assert "hunter2" not in repr(settings)
    assert REQUIRED["SECRET_KEY"] not in repr(settings)


def test_the_redacted_settings_have_every_variable_and_no_secret():
    values = {"PORT": "80", "REDIS_TIMEOUT": "250ms", "TRUSTED_HOSTS": "a.example,.b.example"}
    shown = Settings.from_environ(REQUIRED | values).redacted()

    assert list(shown) == [item.name.upper() for item in table()]
    expected = {"PORT": "80", "REDIS_TIMEOUT": "0.25", "TRUSTED_HOSTS": "a.example,.b.example"}
    expected |= {"REDIS_URL": "[redacted]", "SECRET_KEY": "[redacted]", "SECRET_KEY_FALLBACKS": ""}
    assert expected.items() <= shown.items()
