"""Values for tests of the settings without a default."""

import tomllib
from typing import Any

from tests.support.service import ROOT

# What the gate knows of this service; absent in a service without the gate.
SERVICE_FILE = ROOT / "tests/factors/service.toml"
# Length of the shortest key that is accepted.
VALID_KEY = "0123456789abcdef" * 2


def read_service_file() -> dict[str, Any]:
    """Return the tables of service.toml; raises TOMLDecodeError."""
    return tomllib.loads(SERVICE_FILE.read_text()) if SERVICE_FILE.exists() else {}


REQUIRED: dict[str, str] = {
    "REDIS_URL": "redis://localhost:6379/0",
    "SECRET_KEY": VALID_KEY,
    **read_service_file().get("settings", {}),
}
