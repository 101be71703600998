"""The counter and its page."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from {{ cookiecutter.package_name }}.visits import counter

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_visits_are_counted_from_one(redis, environ):
    prefix = environ["KEY_PREFIX"]

    assert counter.read(redis, prefix) == 0
    assert [counter.count(redis, prefix) for _ in range(3)] == [1, 2, 3]
    assert counter.read(redis, prefix) == 3


def test_a_reset_returns_what_was_counted(redis, environ):
    prefix = environ["KEY_PREFIX"]
    counter.count(redis, prefix)

    assert [counter.reset(redis, prefix) for _ in range(2)] == [1, 0]
    assert counter.read(redis, prefix) == 0


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}])
def test_a_program_is_welcomed_in_json(client, headers):
    response = client.get("/", headers=headers)

    assert response.json == {"message": "Welcome, visitor 1!", "visits": 1}


def test_a_browser_is_welcomed_with_a_page(client):
    response = client.get("/", headers=BROWSER)

    assert response.mimetype == "text/html"
    assert "<h1>Welcome, visitor 1!</h1>" in response.text


def test_every_visit_gets_a_number_of_its_own(app):
    with ThreadPoolExecutor(8) as pool:
        visits = pool.map(lambda _: app.test_client().get("/").json["visits"], range(100))

    assert sorted(visits) == list(range(1, 101))


def test_a_visit_costs_one_command(client, redis):
    client.get("/")  # connects
    before = redis.info("stats")["total_commands_processed"]
    client.get("/")
    after = redis.info("stats")["total_commands_processed"]

    assert after - before == 2  # and INFO itself
