"""Total of visits at the end of a day, kept by a job."""

from datetime import UTC, datetime

import click
from flask import Blueprint

from ..runtime.backing.connect import get_redis
from ..runtime.jobs.queue import enqueue
from ..runtime.settings import get_settings
from .commands import visits
from .counter import get_counter

blueprint = Blueprint("totals", __name__, url_prefix="/totals")


def key() -> str:
    """Return the key of the totals, a hash by day."""
    return f"{get_settings().key_prefix}totals"


def keep_total(day: str) -> None:
    """Keep the number of visits so far as the total of a day; a job.

    Idempotent: it stores a number instead of adding to one, so a second execution does no harm.
    """
    get_redis().hset(key(), day, str(get_counter().read()))


def enqueue_total() -> str:
    """Enqueue the job for today, in UTC, and return its id; raises RedisError."""
    return enqueue(keep_total, datetime.now(UTC).date().isoformat())


@blueprint.post("")
def add() -> tuple[dict[str, str], int]:
    """Enqueue the job, and answer before it is executed."""
    return {"job": enqueue_total()}, 202


@blueprint.get("")
def read() -> dict[str, int]:
    """Return the total of each day."""
    totals = get_redis().hgetall(key())
    return {str(day): int(totals[day]) for day in sorted(totals)}


@visits.command()
def total() -> None:
    """Enqueue the job that keeps the total of today."""
    click.echo(f"Enqueued: {enqueue_total()}", err=True)
