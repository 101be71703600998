"""VIII. Concurrency: every process type of the Procfile. https://12factor.net/concurrency"""

import shlex
from importlib import import_module

import pytest

from deploy import env_file
from tests.factors.support import events, procfs, service_file
from tests.factors.support.assertions import proves, timed
from tests.factors.support.compose import list_process_types, read_seconds
from tests.factors.support.instance import PACKAGE
from tests.factors.support.repository import copy_repository
from tests.support.service import ROOT, eventually, process_types
from tests.support.settings import REQUIRED

START_SECONDS = 3
# Beyond the longest stop of a process type
MARGIN_SECONDS = 5
TYPES = service_file.process_types().keys()
STOP_SETTINGS = {name for one in service_file.process_types().values() for name in one.stop}
SAMPLES = sorted((ROOT / "config").glob("*.env.example"))
# A second process type, for bin/dev
TICKER = "ticker: python -c 'import time; time.sleep(60)'\n"


@proves("VIII.5")
def test_procfile_compose_and_service_toml_have_the_same_process_types():
    listed, released = set(process_types()), set(list_process_types())

    missing = listed - released
    assert not missing, f"compose.yaml: no service {min(missing)} with a label release"
    missing = listed - set(service_file.process_types())
    assert not missing, f"{service_file.NAME}: no table [process_types.{min(missing)}]"
    assert listed == released == set(service_file.process_types())


@proves("VIII.5")
def test_compose_runs_the_command_of_the_procfile_in_the_image_of_web():
    services = list_process_types()

    for name, words in process_types().items():
        command = services[name].get("command", process_types()["web"])
        given = shlex.split(command) if isinstance(command, str) else command
        assert given == words, f"compose.yaml: {name} runs another command than in the Procfile"
        assert services[name]["image"] == services["web"]["image"]


@proves("IX.4")
@pytest.mark.parametrize("name", sorted(list_process_types().keys() & TYPES))
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_compose_kills_a_process_type_later_than_it_stops(name, sample):
    service = list_process_types()[name]
    values = {key: value for key, value in env_file.parse(sample.read_bytes()).items() if value}
    given = {key: value for key, value in values.items() if key in STOP_SETTINGS}
    given |= {key: value for key, value in service["environment"].items() if key in STOP_SETTINGS}
    settings = import_module(f"{PACKAGE}.runtime.settings").Settings.from_environ(REQUIRED | given)

    seconds = read_seconds(service.get("stop_grace_period", "10s"))
    assert seconds >= service_file.stop_seconds(name, settings) + MARGIN_SECONDS


@proves("VIII.5")
def test_bin_run_starts_scales_and_replaces_every_process_type(team):
    def run(release, *options):
        team("bin/run", release, *options)
        return {(one["service"], one["release"]) for one in team.containers()}

    first, second = (team("bin/release", "staging", team.build()) for _ in range(2))
    assert run(first) >= {(name, first) for name in process_types()}
    scaled = run(second, *(f"--scale={name}=2" for name in process_types()))
    assert {one for one in scaled if one[1] == first} == set()
    for name in process_types():
        numbers = [one for one in team.containers() if one["service"] == name]
        assert len(numbers) == 2, f"bin/run did not scale {name}"


@proves("VIII.5")
@procfs.requires_procfs
def test_bin_dev_runs_every_process_type(develop, tmp_path):
    folder = copy_repository(tmp_path / "copy")
    with (folder / "Procfile").open("a") as procfile:
        procfile.write(TICKER)
    wanted = [*process_types().values(), shlex.split(TICKER.partition(":")[2])]
    development = develop(folder)

    def list_commands():
        session = procfs.list_session(development.process.pid)
        return [procfs.read_command(pid) for pid in session]

    eventually(lambda: all(words in list_commands() for words in wanted), detail=list_commands)


@proves("VIII.5")
@timed
@pytest.mark.parametrize("name", service_file.process_types())
def test_a_process_type_starts_logs_events_and_stops(name, start, evidence):
    process = start(alive=False, command=process_types()[name])
    begin = service_file.process_types()[name].event

    def works():
        return any(event["message"].startswith(begin) for event in process.events())

    eventually(works, within=START_SECONDS, detail=process.log.read_text)
    assert process.stop() == 0
    invalid = [(event, events.find_invalid_fields(event)) for event in process.events()]
    assert [pair for pair in invalid if pair[1]] == []
