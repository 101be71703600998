"""The total of a day: enqueued by a route and by a command, and kept by a job."""

from datetime import UTC, datetime

import pytest

from {{ cookiecutter.package_name }}.runtime.jobs.queue import get_queue


@pytest.fixture
def execute(app):
    """Return a function that executes a job."""

    def execute(id):
        with app.app_context():
            get_queue().fetch_job(id).perform()

    return execute


def test_the_total_of_a_day_is_kept_after_the_answer(client, execute):
    today = datetime.now(UTC).date().isoformat()
    client.get("/")
    response = client.post("/totals")

    assert response.status_code == 202
    assert client.get("/totals").json == {}
    execute(response.json["job"])
    assert client.get("/totals").json == {today: 1}


def test_a_second_execution_changes_nothing(client, execute):
    client.get("/")
    id = client.post("/totals").json["job"]
    execute(id)
    once = client.get("/totals").json

    execute(id)
    assert client.get("/totals").json == once


def test_the_command_enqueues_the_job(client, runner, execute):
    result = runner.invoke(args=["visits", "total"])

    assert result.exit_code == 0
    execute(result.stderr.removeprefix("Enqueued: ").strip())
    assert list(client.get("/totals").json.values()) == [0]
