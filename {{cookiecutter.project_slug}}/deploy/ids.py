{% if cookiecutter.release_ids == "sequence" -%}
"""Ids of releases, such as v42."""

import re
from collections.abc import Iterable

PATTERN = re.compile("v[0-9]+")


def next_id(tags: Iterable[str]) -> str:
    """Return the id after those of all tags."""
    return f"v{max((int(tag[1:]) for tag in tags if PATTERN.fullmatch(tag)), default=0) + 1}"
{%- else -%}
"""Ids of releases: their minutes in UTC, such as 2023-02-25-09-52."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta, timezone

PATTERN = re.compile("[0-9]{4}(-[0-9]{2}){4}")
FORM = "%Y-%m-%d-%H-%M"


def next_id(tags: Iterable[str]) -> str:
    """Return this minute, or the one after the latest tag: clocks differ, and a minute is long."""
    minutes = [datetime.now(timezone.utc)]
    for tag in filter(PATTERN.fullmatch, tags):
        with suppress(ValueError, OverflowError):  # no date, or the last one of the calendar
            minute = datetime.strptime(tag, FORM).replace(tzinfo=timezone.utc)
            minutes.append(minute + timedelta(minutes=1))
    return max(minutes).strftime(FORM)
{%- endif %}
