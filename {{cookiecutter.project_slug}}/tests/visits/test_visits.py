"""The counter and its page."""

import pytest

from {{ cookiecutter.package_name }}.visits.counter import get_counter

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def counter(app):
    with app.app_context():
        yield get_counter()


def test_visits_are_counted_from_one(counter):
    assert counter.read() == 0
    assert [counter.increment() for _ in range(3)] == [1, 2, 3]
    assert counter.read() == 3


def test_a_reset_returns_the_last_number(counter):
    counter.increment()

    assert [counter.reset() for _ in range(2)] == [1, 0]
    assert counter.read() == 0


def test_a_head_request_counts_nothing(client, counter):
    client.get("/")

    assert client.head("/").status_code == 200
    assert counter.read() == 1


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}])
def test_a_program_is_welcomed_in_json(client, headers):
    response = client.get("/", headers=headers)

    assert response.json == {"message": "Welcome, visitor 1!", "visits": 1}


def test_a_browser_is_welcomed_with_a_page(client):
    response = client.get("/", headers=BROWSER)

    assert response.mimetype == "text/html"
    assert "<h1>Welcome, visitor 1!</h1>" in response.text


def test_a_visit_costs_one_command(client, redis):
    client.get("/")  # opens the connection
    before = redis.info("stats")["total_commands_processed"]
    client.get("/")
    after = redis.info("stats")["total_commands_processed"]

    assert after - before == 2  # INFO is one of them
