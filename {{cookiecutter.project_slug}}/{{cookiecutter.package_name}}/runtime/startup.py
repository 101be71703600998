"""Start of a process: its settings and its log."""

import logging
import os
import sys
from collections.abc import Mapping

from .settings import Settings, SettingsError
from .telemetry import logs


def configure(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings and configure the log; exit with 1 after one event about a refusal."""
    try:
        settings = Settings.from_environ(environ)
    except SettingsError as refusal:
        logs.configure()
        problems = {"problems": refusal.problems}
        logging.getLogger(__name__).critical("configuration refused", extra=problems)
        sys.exit(1)
    logs.configure(settings.log_level, settings.release)
    return settings
