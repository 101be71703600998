"""The metrics of an instance, whose workers are processes of their own."""

from concurrent.futures import ThreadPoolExecutor

from tests.support.service import Service, eventually

SERIES = 'http_request_method="GET",http_response_status_code="200",http_route="/version"'
COUNT = f"http_server_request_duration_seconds_count{% raw %}{{{SERIES}}}{% endraw %} 40.0"


def test_the_metrics_count_the_requests_of_all_workers(environ, redis, tmp_path):
    service = Service(environ, tmp_path / "log")
    try:
        service.wait_until_alive()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: service.get("/version"), range(40)))
        # A request is counted after its response was sent.
        eventually(lambda: COUNT in service.get("/metrics").body)
    finally:
        service.kill()
