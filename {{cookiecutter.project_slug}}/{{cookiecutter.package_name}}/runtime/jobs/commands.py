"""Admin commands of the jobs: `flask --app {{ cookiecutter.package_name }} jobs`."""

import logging

import click
from rq.job import Job

from ..cli import AdminGroup, confirm
from .queue import RETRIES, get_queue

jobs = AdminGroup("jobs", help="List, retry or drop failed jobs.")
ids = click.argument("ids", nargs=-1)
every = click.option("--all", "every", is_flag=True, help="Choose every failed job.")
log = logging.getLogger(__name__)


@jobs.command("list")
def list_jobs() -> None:
    """Print each failed job: id, time of its end, function and error."""
    queue = get_queue()
    for job in find_failed():
        result = job.latest_result()
        error = (result.exc_string or "").strip().rpartition("\n")[2] if result else ""
        ended = f"{job.ended_at:%Y-%m-%dT%H:%M:%SZ}" if job.ended_at else "-"
        click.echo(f"{job.id} {ended} {job.func_name} {error}".rstrip())
    started, failed = queue.started_job_registry.count, queue.failed_job_registry.count
    click.echo(f"{len(queue)} queued, {started} started, {failed} failed", err=True)


@jobs.command()
@ids
@every
def retry(ids: tuple[str, ...], every: bool) -> None:
    """Enqueue failed jobs again, each with all its attempts."""
    for job in choose(ids, every):
        job.retries_left = RETRIES
        job.requeue()
        log.info("job retried", extra={"job_id": job.id})
        click.echo(f"Enqueued: {job.id}", err=True)


@jobs.command()
@ids
@every
@click.option("--yes", is_flag=True, help="Drop without a prompt.")
def drop(ids: tuple[str, ...], every: bool, yes: bool) -> None:
    """Delete failed jobs after confirmation."""
    chosen = choose(ids, every)
    confirm(f"{len(chosen)} failed jobs", yes)
    for job in chosen:
        job.delete()
        log.info("job dropped", extra={"job_id": job.id})
        click.echo(f"Dropped: {job.id}", err=True)


def find_failed() -> list[Job]:
    """Return the failed jobs, the oldest first; raises RedisError."""
    queue = get_queue()
    found = [queue.fetch_job(one) for one in queue.failed_job_registry.get_job_ids()]
    return [job for job in found if job]


def choose(ids: tuple[str, ...], every: bool) -> list[Job]:
    """Return the failed jobs with some ids, or all of them; raises ClickException."""
    if bool(ids) == every:
        raise click.ClickException("jobs: expected ids or --all; run flask jobs list")
    failed = {job.id: job for job in find_failed()}
    if unknown := [one for one in ids if one not in failed]:
        raise click.ClickException(f"{unknown[0]}: no failed job; run flask jobs list")
    return [failed[one] for one in ids or failed]
