"""The events of a job have the ids of the request that enqueued it."""

from __future__ import annotations

import pytest

from tests.jobs.processes import Work
from tests.support.fixtures import Serve
from tests.support.service import eventually

pytestmark = pytest.mark.jobs
TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
HEADERS = {"X-Request-ID": "order-7", "traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01"}
FIELDS = {"request_id": "order-7", "trace_id": TRACE_ID, "span_id": SPAN_ID}


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("record", ["recorded", "job"]),
        ("refuse", ["job raised an exception", "job"] * 4),
    ],
)
def test_each_event_of_a_job_has_the_ids_of_its_request(
    name: str, messages: list[str], work: Work, serve: Serve, url: str
) -> None:
    worker, service = work(), serve(REDIS_URL=url)
    job = service.get(f"/trials/{name}/7", "POST", **HEADERS).json()["job"]

    def find_messages() -> list[str]:
        return [event["message"] for event in worker.events() if event.get("job_id") == job]

    eventually(lambda: find_messages() == messages, 10, worker.log.read_text)
    events = [event for event in worker.events() if event.get("job_id") == job]
    expected = FIELDS | {"job.function": f"visit_counter.trials.{name}"}
    assert [{field: event.get(field) for field in expected} for event in events] == [
        expected
    ] * len(messages)
    others = [event for event in worker.events() if "job_id" not in event]
    assert not [event for event in others if event.keys() & FIELDS.keys()]
    assert {event["message"] for event in others} == {"waiting for jobs"}
