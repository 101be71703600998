"""Settings of the service, in one table; each value comes from the environment."""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from flask import current_app

from . import parsers, urls

UNREADABLE = (OSError, UnicodeDecodeError)


class SettingsError(ValueError):
    """Missing or malformed settings: every problem in one report, never a value."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n  ".join(["Configuration refused:", *problems]))


def setting(
    parse: Callable[[str], Any], default: str | None, meaning: str, *, secret: bool = False
) -> Any:
    """Declare a setting; its default is parsed like any value, and None makes it required."""
    metadata = {"parse": parse, "default": default, "meaning": meaning, "secret": secret}
    return field(metadata=metadata, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Configuration of a process; each environment variable is its field's name in capitals."""

    # fmt: off
    port: int = setting(parsers.port, "8000", "TCP port to listen on")
    redis_url: str = setting(urls.redis_url, None, "URL of the Redis server", secret=True)
    redis_timeout: float = setting(parsers.timeout, "1s", "deadline of a Redis command")
    key_prefix: str = setting(parsers.key_prefix, "{{ cookiecutter.project_slug }}:", "prefix of every key in Redis")
    secret_key: str = setting(parsers.secret_key, None, "key that signs cookies", secret=True)
    secret_key_fallbacks: tuple[str, ...] = setting(parsers.secret_keys, "", "former keys that still verify cookies, separated by commas", secret=True)
    log_level: str = setting(parsers.log_level, "INFO", "lowest severity that is logged")
    web_concurrency: int = setting(parsers.count, "2", "worker processes of an instance")
    web_threads: int = setting(parsers.count, "4", "threads of a worker process")
    graceful_timeout: float = setting(parsers.period, "20s", "time for in-flight requests to end after SIGTERM")
    drain_delay: float = setting(parsers.delay, "0s", "time between SIGTERM and the closed listener, with /readyz at 503")
    trusted_hosts: tuple[str, ...] = setting(parsers.hosts, "", "host names that are served, separated by commas; empty: all")
    proxy_hops: int = setting(parsers.hops, "0", "number of proxies whose X-Forwarded-* headers are trusted")
    release: str = setting(parsers.release, "unreleased", "id of the running release, injected by bin/run")
{%- if cookiecutter.worker == "yes" %}
    job_timeout: float = setting(parsers.period, "20s", "time limit of an execution of a job")
{%- endif %}
    # Those of the features:
    # fmt: on

    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    """File of each secret that came as <NAME>_FILE."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every setting; raises SettingsError."""
        read: dict[str, Any] = {"files": {}}
        problems: list[str] = []
        for item in table():
            name = item.name.upper()
            try:
                if item.metadata["secret"] and environ.get(f"{name}_FILE"):
                    read["files"][name] = environ[f"{name}_FILE"]
                read[item.name] = item.metadata["parse"](_text(item, environ))
            except ValueError as problem:
                problems.append(f"{name}: {problem} ({item.metadata['meaning']})")
        if problems:
            raise SettingsError(problems)
        return cls(**read)

    def redacted(self) -> dict[str, str]:
        """Return every variable and its effective value as text, with secrets redacted."""
        return {item.name.upper(): _shown(item, self) for item in table()}


def get_settings() -> Settings:
    """Return the settings of the current app."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def table() -> list[Field[Any]]:
    """Return the fields of the table in their order."""
    return [item for item in fields(Settings) if item.metadata]


def read_file(path: str) -> str:
    """Read a secret from a file without one trailing newline; raises ValueError."""
    try:
        return Path(path).read_text("utf-8").removesuffix("\n")
    except UNREADABLE:
        raise ValueError("expected the path of a readable text file") from None


def _text(item: Field[Any], environ: Mapping[str, str]) -> str:
    name, default = item.name.upper(), item.metadata["default"]
    text, path = environ.get(name), environ.get(f"{name}_FILE")
    if path and item.metadata["secret"]:
        if text:
            raise ValueError(f"expected only one of {name} and {name}_FILE")
        text = read_file(path)
    if not text and default is None:
        raise ValueError("required")
    return text or str(default)


def _shown(item: Field[Any], settings: Settings) -> str:
    value = getattr(settings, item.name)
    if item.metadata["secret"]:
        return "[redacted]" if value else ""
    return ",".join(value) if isinstance(value, tuple) else str(value)
