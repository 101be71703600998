"""The compose project of the service: started, loaded, scaled, replaced and killed."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from tests.containers.stack import Stack
from tests.support.containers import engine, inspect, measure_least, stop_container
from tests.support.fixtures import Tally
from tests.support.image import Image
from tests.support.load import load
from tests.support.service import eventually, get, is_up

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]


def replace_instances(stack: Stack, old: list[str]) -> None:
    """Start a new instance for each old one, then stop the old ones."""
    twice = f"web={2 * len(old)}"
    stack.up("--no-recreate", "--no-deps", "--scale", twice, "web")
    for container in old:
        engine("stop", container)
        engine("rm", container)


def test_one_command_gives_a_working_service_on_one_local_port(stack: Stack) -> None:
    assert stack.visit() + 1 == stack.visit()
    published = {
        name: inspect(container)["NetworkSettings"]["Ports"]
        for name in ("web", "worker", "redis", "balancer")
        for container in stack.containers(name)
    }
    addresses = [bound for ports in published.values() for bound in ports.values() if bound]
    assert [one["HostIp"] for [one] in addresses] == ["127.0.0.1"]
    assert get(f"{stack.url}/metrics").status == 404
    assert get(f"{stack.url}/%6detrics").status == 404


def test_the_tests_of_a_deploy_pass_with_the_image_and_leave_nothing(image: Image) -> None:
    before = engine("ps", "--all", "--quiet").split()
    image.project.run("bin/test", "image", image.name)
    assert engine("ps", "--all", "--quiet").split() == before


def test_no_instance_waits_for_the_body_of_a_request(stack: Stack) -> None:
    host, _, port = stack.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 20) as client:
        client.sendall(b"POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf")
        assert client.recv(65536).startswith(b"HTTP/1.1 408 ")
    assert get(f"{stack.url}/whole").status == 404
    eventually(lambda: "/whole" in stack.logs("web"), 10)
    assert "/half" not in stack.logs("web")


@pytest.mark.proves("VI.3")
@pytest.mark.parametrize("service", ["web", "worker", "redis", "balancer"])
def test_every_container_is_confined_and_writes_only_where_it_may(
    service: str, stack: Stack
) -> None:
    stack.visit()
    [name] = stack.containers(service)
    host, config = inspect(name)["HostConfig"], inspect(name)["Config"]
    assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert min(host["Memory"], host["NanoCpus"], host["PidsLimit"]) > 0
    assert {"max-size", "max-file"} <= set(host["LogConfig"]["Config"])
    assert engine("diff", name) == ""
    assert config["User"] not in {"", "0", "root"}
    temporary = host.get("Tmpfs") or {}
    assert all("size=" in options for options in temporary.values())
    if service in {"web", "worker"}:
        assert [mount["Type"] for mount in inspect(name)["Mounts"]] == []
        assert "Read-only file system" in engine("exec", name, "touch", "/app/new", status=1)
        engine("exec", name, "touch", *(f"{folder}/new" for folder in temporary))


@pytest.mark.proves("III.2")
def test_an_instance_gets_the_settings_of_the_sample_and_no_other(stack: Stack) -> None:
    sample = stack.project.read("config/development.env.example").splitlines()
    keys = {line.partition("=")[0] for line in sample if "=" in line and line[0] != "#"}
    given = stack.config()["web"]["environment"]
    assert set(given) == keys


def test_redis_requires_its_password_and_keeps_its_data(stack: Stack) -> None:
    [redis] = stack.containers("redis")
    assert "NOAUTH" in engine("exec", redis, "redis-cli", "get", "visits")
    before = stack.visit()
    stack.compose("restart", "redis")
    eventually(lambda: is_up(f"{stack.url}/readyz"), 10, lambda: stack.logs("redis"))
    assert stack.visit() == before + 1
    stack.compose("up", "--detach", "--wait", "--force-recreate", "--no-deps", "redis")
    eventually(lambda: is_up(f"{stack.url}/readyz"), 10, lambda: stack.logs("redis"))
    assert stack.visit() == before + 2


@pytest.mark.proves("IX.3")
def test_an_idle_instance_stops_after_its_drain_delay(stack: Stack, tally: Tally) -> None:
    delay = float(stack.config()["web"]["environment"]["DRAIN_DELAY"].removesuffix("s"))

    def measure() -> float:
        stack.restore()
        [web] = stack.containers("web")
        seconds = stop_container(web)
        assert inspect(web)["State"]["ExitCode"] == 0
        return seconds - delay

    seconds = measure_least(measure, limit=2)
    assert 0 <= seconds < 2
    tally("ms to stop an idle instance after its drain delay", round(seconds * 1000))


@pytest.mark.proves("VIII.4")
def test_pid_1_reaps_zombies(stack: Stack) -> None:
    [web] = stack.containers("web")
    engine("exec", web, "sh", "-c", "(sleep 0.2; exit 3) & exit 0")
    states = "cat /proc/[0-9]*/stat | cut -d ' ' -f 2,3"
    eventually(
        lambda: (
            "sleep" not in (found := engine("exec", web, "sh", "-c", states)) and ") Z" not in found
        ),
        5,
        lambda: engine("top", web),
    )


@pytest.mark.proves("VIII.1", "VI.1")
def test_web_scales_to_three_and_back_and_loses_no_request(stack: Stack, tally: Tally) -> None:
    first = stack.visit()
    with load(stack.url) as visits:
        stack.up("--scale", "web=3", "--no-recreate")
        visits.wait_for(300)
        stack.up("--scale", "web=1", "--no-recreate")
        visits.wait_for(100)
    assert visits.failures == []
    assert sorted(visits.numbers) == list(range(first + 1, first + 1 + len(visits.numbers)))
    tally("requests while scaling to three and back", len(visits.numbers))


def test_every_instance_gets_its_share(stack: Stack) -> None:
    stack.up("--scale", "web=3", "--no-recreate")
    with load(stack.url) as visits:
        visits.wait_for(300)
    for web in stack.containers("web"):
        lines = [json.loads(line) for line in engine("logs", web).splitlines()]
        assert len([line for line in lines if line.get("url.path") == "/"]) > 30


@pytest.mark.proves("IX.5")
def test_a_rolling_replacement_of_three_loses_no_request(stack: Stack, tally: Tally) -> None:
    stack.up("--scale", "web=3", "--no-recreate")
    old = stack.containers("web")
    with load(stack.url) as visits:
        replace_instances(stack, old)
    assert set(stack.containers("web")).isdisjoint(old)
    assert len(stack.containers("web")) == 3
    assert visits.failures == []
    tally("requests during a rolling replacement", len(visits.numbers))


def test_the_kill_of_an_instance_costs_at_most_a_request(stack: Stack, tally: Tally) -> None:
    stack.up("--scale", "web=3", "--no-recreate")
    with load(stack.url) as visits:
        engine("kill", stack.containers("web")[0])
        visits.wait_for(300)
    assert len(visits.failures) <= 1
    assert len(set(visits.numbers)) == len(visits.numbers)
    assert stack.visit() >= max(visits.numbers)
    tally("requests around the kill of an instance", len(visits.numbers))
    tally("of them lost", len(visits.failures))


@pytest.mark.proves("IX.7")
def test_a_crashed_instance_restarts(stack: Stack) -> None:
    [web] = stack.containers("web")
    kill = f"kill -9 {inspect(web)['State']['Pid']}"
    outside = ["--pid", "host", "--user", "0", stack.environ["IMAGE"]]
    engine("run", "--rm", *outside, "sh", "-c", kill)
    eventually(lambda: inspect(web)["RestartCount"] == 1, 10, lambda: inspect(web)["State"])
    eventually(lambda: is_up(f"{stack.url}/readyz"), 15, lambda: stack.logs("web"))


@pytest.mark.proves("XII.1")
def test_a_command_runs_in_the_image_and_the_configuration_of_the_release(
    stack: Stack, image: Image
) -> None:
    assert stack.visit() > 0
    package = stack.project.answers["package_name"]
    words = ["run", "--rm", "--no-deps", "web", "flask", "--app", package, "visits", "reset"]
    refused = stack.compose(*words, RELEASE="v7", status=1)
    assert "not confirmed; repeat with --yes" in refused
    said = stack.compose(*words, "--yes", RELEASE="v7")
    [event] = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert (event["message"], event["release"]) == ("visits reset", "v7")
    assert event["service.version"] == image.revision
    assert stack.visit() == 1


@pytest.mark.proves("I.2")
def test_every_process_type_runs_the_same_image(stack: Stack) -> None:
    lines = stack.project.read("Procfile").splitlines()
    services = stack.config()
    own = {name for name, service in services.items() if service["image"] == stack.environ["IMAGE"]}
    assert own == {line.partition(":")[0] for line in lines}
    assert [name for name in own if "build" in services[name]] == ["web"]


@pytest.mark.proves("I.6")
def test_two_services_run_side_by_side(
    start_stack: Callable[..., Stack], stack: Stack, image: Image
) -> None:
    other = start_stack(project_slug="orders", project_name="Orders", package_name="orders")
    assert other.config()["balancer"]["ports"] != stack.config()["balancer"]["ports"]
    before = stack.visit()
    assert [other.visit() for _ in range(3)] == [1, 2, 3]
    assert stack.visit() == before + 1
    defaults = [
        one.config(HTTP_PORT="")["balancer"]["ports"][0]["published"] for one in (stack, other)
    ]
    assert len(set(defaults)) == 2


@pytest.mark.proves("X.4")
def test_the_override_of_development_changes_configuration_and_mounts_only(
    start_stack: Callable[..., Stack],
    image: Image,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # The stack outlives the test, so its project must, too.
    project = image.project.copy_to(tmp_path_factory.mktemp("development"))
    chosen = ("compose.yaml", "compose.dev.yaml")
    stack = start_stack(files=chosen, project=project, worker="yes")
    plain, changed = (replace(stack, files=files).config() for files in ((), stack.files))
    differs = {
        name: {key for key in changed[name] if changed[name][key] != plain[name].get(key)}
        for name in plain
        if plain[name] != changed[name]
    }
    assert differs == {"web": {"environment", "volumes"}, "worker": {"volumes"}}
    routes = f"{project.answers['package_name']}/visits/routes.py"
    assert "Welcome, visitor" in get(stack.url).body
    project.write(routes, project.read(routes).replace("Welcome, visitor", "Hello, number"))
    eventually(lambda: "Hello, number" in get(stack.url).body, 30, lambda: stack.logs("web"))


def test_the_log_store_changes_nothing_else(stack: Stack) -> None:
    plain = stack.config()
    logging = replace(stack, files=("compose.yaml", "compose.logging.yaml")).config()
    assert set(logging) - set(plain) == {"collector", "logs"}
    assert {name: json.dumps(logging[name]) for name in plain} == {
        name: json.dumps(plain[name]) for name in plain
    }


def test_a_line_of_the_log_carries_what_the_collector_looks_for(stack: Stack) -> None:
    [web] = stack.containers("web")
    file = inspect(web)["LogPath"]
    mount = ["--user", "0", "--volume", f"{file}:/log:ro", stack.environ["IMAGE"]]
    line = json.loads(engine("run", "--rm", *mount, "head", "-n", "1", "/log"))
    assert line["attrs"] == {
        "com.docker.compose.project": stack.name,
        "com.docker.compose.service": "web",
    }
    assert json.loads(line["log"])["severity"] == "INFO"
    datetime.strptime(line["time"][:19] + line["time"][-1], "%Y-%m-%dT%H:%M:%SZ").astimezone()
