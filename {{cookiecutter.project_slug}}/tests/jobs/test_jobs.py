"""Jobs: how they are stored, executed and logged, and what is done with those that failed."""

import logging

import pytest
from redis import RedisError

from {{ cookiecutter.package_name }} import create_app
from {{ cookiecutter.package_name }}.runtime.jobs import queue
from {{ cookiecutter.package_name }}.runtime.jobs.queue import RETRIES, enqueue, get_queue

log = logging.getLogger(__name__)


def greet(name: str) -> str:
    log.info("greeted")
    return f"Hello, {name}!"


def fail(secret: str) -> None:
    raise ValueError("bad weather")


@pytest.fixture
def context(app):
    """Push a context of the app, in which jobs are enqueued."""
    with app.app_context():
        yield


@pytest.fixture
def fail_job(context):
    """Return a function that makes a failed job, as a worker leaves it, and returns its id."""

    def fail_job(error="ValueError: bad weather"):
        # RQ is imported after create_app().
        from rq.results import Result

        id = enqueue(fail, "canary")
        job = get_queue().fetch_job(id)
        get_queue().remove(job)
        job.set_status("failed")
        job.retries_left = 0
        job.save()
        get_queue().failed_job_registry.add(job)
        Result.create_failure(job, 60, error)
        return id

    return fail_job


def test_a_job_has_a_time_limit_and_attempts_and_is_stored_under_the_prefix(
    context, redis, environ
):
    job = get_queue().fetch_job(enqueue(greet, "Ada"))

    assert (job.timeout, job.retries_left, job.args) == (20, RETRIES, ["Ada"])
    assert all(key.startswith(environ["KEY_PREFIX"]) for key in redis.scan_iter())


def test_a_job_needs_arguments_that_are_json(context):
    with pytest.raises(TypeError, match="JSON serializable"):
        enqueue(greet, object())


def test_events_of_a_job_name_it_and_the_request_that_enqueued_it(app, caplog):
    # RQ is imported after create_app().
    from {{ cookiecutter.package_name }}.runtime.jobs.job import add_fields

    caplog.handler.addFilter(add_fields)
    app.add_url_rule("/greetings", view_func=lambda: enqueue(greet, "Ada"), methods=["POST"])
    trace = {"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331"}
    traceparent = f"00-{trace['trace_id']}-{trace['span_id']}-01"
    headers = {"X-Request-ID": "one", "traceparent": traceparent}
    id = app.test_client().post("/greetings", headers=headers).text

    with app.app_context():
        assert get_queue().fetch_job(id).perform() == "Hello, Ada!"
    [event] = [vars(one) for one in caplog.records if one.message == "greeted"]
    expected = {"job_id": id, "job.function": f"{greet.__module__}.greet", "request_id": "one"}
    assert (expected | trace).items() <= event.items()


def test_a_job_that_raises_is_one_event_without_its_arguments(context, caplog):
    job = get_queue().fetch_job(enqueue(fail, "canary"))

    with pytest.raises(ValueError, match="bad weather"):
        job.perform()
    [record] = caplog.records
    assert record.message == "job raised an exception"
    assert "canary" not in logging.Formatter().format(record)


def test_a_redis_that_is_away_accepts_no_job(detached):
    with detached.application.app_context(), pytest.raises(RedisError):
        enqueue(greet, "Ada")


def test_a_cluster_has_no_jobs(environ):
    cluster = create_app(environ | {"REDIS_URL": "redis+cluster://127.0.0.1:1"})

    with cluster.app_context(), pytest.raises(ValueError, match="REDIS_URL: no jobs in a cluster"):
        enqueue(greet, "Ada")


def test_another_prefix_in_the_same_process_is_refused(environ):
    settings = queue.Settings.from_environ(environ | {"KEY_PREFIX": "another:"})

    with pytest.raises(queue.SettingsError, match="KEY_PREFIX: RQ was imported with the prefix"):
        queue.make_queue(settings, get_queue)


def test_failed_jobs_are_listed_with_their_errors(fail_job, runner):
    id = fail_job("Traceback …\nValueError: bad weather\n")
    result = runner.invoke(args=["jobs", "list"])

    [line] = result.stdout.splitlines()
    assert line.split(" ", 2)[0] == id
    assert line.endswith(f"{__name__}.fail ValueError: bad weather")
    assert result.stderr == "0 queued, 0 started, 1 failed\n"


@pytest.mark.parametrize("every", [False, True])
def test_a_retried_job_waits_again_with_all_its_attempts(fail_job, runner, context, every):
    id = fail_job()
    result = runner.invoke(args=["jobs", "retry", "--all" if every else id])

    assert (result.exit_code, result.stderr) == (0, f"Enqueued: {id}\n")
    assert get_queue().get_job_ids() == [id]
    assert get_queue().fetch_job(id).retries_left == RETRIES
    assert get_queue().failed_job_registry.count == 0


def test_a_failed_job_is_dropped_after_a_confirmation(fail_job, runner, context):
    id = fail_job()
    refused = runner.invoke(args=["jobs", "drop", id])
    assert (refused.exit_code, refused.stderr) == (
        1,
        "Error: 1 failed jobs: not confirmed; repeat with --yes\n",
    )

    assert runner.invoke(args=["jobs", "drop", id, "--yes"]).exit_code == 0
    assert get_queue().fetch_job(id) is None
    assert get_queue().failed_job_registry.count == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["retry"], "jobs: expected ids or --all; run flask jobs list"),
        (["drop", "--yes", "some", "--all"], "jobs: expected ids or --all; run flask jobs list"),
        (["retry", "unknown"], "unknown: no failed job; run flask jobs list"),
    ],
)
def test_a_wrong_choice_of_jobs_is_refused(runner, redis, words, problem):
    result = runner.invoke(args=["jobs", *words])

    assert (result.exit_code, result.stderr) == (1, f"Error: {problem}\n")
