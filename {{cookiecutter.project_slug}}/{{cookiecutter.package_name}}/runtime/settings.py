"""Every setting of the service, in one table; each value comes from the environment."""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from . import values

UNREADABLE = (OSError, UnicodeDecodeError)


class SettingsError(SystemExit):
    """Name every setting that is missing or malformed; uncaught, it ends the process with status 1."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n  ".join(["The configuration is refused:", *problems]))


def setting(
    parse: Callable[[str], Any], default: str | None, meaning: str, *, secret: bool = False
) -> Any:
    """Declare a setting: its default is read like any value, and None makes the setting required."""
    metadata = {"parse": parse, "default": default, "meaning": meaning, "secret": secret}
    return field(metadata=metadata, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The configuration of a process; each variable is named like its field, in capitals."""

    # fmt: off
    port: int = setting(values.port, "8000", "TCP port to listen on")
    redis_url: str = setting(values.redis_url, None, "the Redis to count in", secret=True)
    redis_timeout: float = setting(values.seconds, "1s", "longest wait for Redis in a request")
    key_prefix: str = setting(values.key_prefix, "{{ cookiecutter.project_slug }}:", "start of the name of every key in Redis")
    secret_key: str = setting(values.secret_key, None, "signs cookies", secret=True)
    secret_key_fallbacks: tuple[str, ...] = setting(values.secret_keys, "", "former secret keys that still verify cookies, separated by commas", secret=True)
    log_level: str = setting(values.log_level, "INFO", "least severe event that is logged")
    web_concurrency: int = setting(values.count, "2", "worker processes of an instance")
    web_threads: int = setting(values.count, "4", "threads of a worker process")
    graceful_timeout: float = setting(values.seconds, "20s", "time a stopping process has to finish its requests")
    trusted_hosts: tuple[str, ...] = setting(values.hosts, "", "host names to answer to, separated by commas; empty: all")
    proxy_hops: int = setting(values.hops, "0", "proxies in front whose X-Forwarded-* headers are trusted")
    release: str = setting(values.release, "unreleased", "id of the running release, set by whatever starts it")
    # Those of the features:
    # fmt: on

    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The file of each secret that came as <NAME>_FILE."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every setting; raises SettingsError, which never holds a value."""
        read: dict[str, Any] = {"files": {}}
        problems: list[str] = []
        for item in table():
            name = item.name.upper()
            try:
                if item.metadata["secret"] and environ.get(f"{name}_FILE"):
                    read["files"][name] = environ[f"{name}_FILE"]
                read[item.name] = item.metadata["parse"](_text(item, environ))
            except ValueError as expected:
                problems.append(f"{name}: expected {expected} ({item.metadata['meaning']})")
        if problems:
            raise SettingsError(problems)
        return cls(**read)

    def redacted(self) -> dict[str, str]:
        """Return every variable and its effective value as text, the secrets hidden."""
        return {item.name.upper(): _shown(item, self) for item in table()}


def table() -> list[Field[Any]]:
    """Return the settings in the order of the table."""
    return [item for item in fields(Settings) if item.metadata]


def read_file(path: str) -> str:
    """Read a secret from a file, without one trailing newline; raises ValueError."""
    try:
        return Path(path).read_text("utf-8").removesuffix("\n")
    except UNREADABLE:
        raise ValueError("a readable text file as the one it names") from None


def _text(item: Field[Any], environ: Mapping[str, str]) -> str:
    name, default = item.name.upper(), item.metadata["default"]
    text, path = environ.get(name), environ.get(f"{name}_FILE")
    if path and item.metadata["secret"]:
        if text:
            raise ValueError(f"only one of {name} and {name}_FILE")
        text = read_file(path)
    if not text and default is None:
        raise ValueError("a value, and there is none")
    return text or str(default)


def _shown(item: Field[Any], settings: Settings) -> str:
    value = getattr(settings, item.name)
    if item.metadata["secret"]:
        return "[redacted]" if value else ""
    return ",".join(value) if isinstance(value, tuple) else str(value)
