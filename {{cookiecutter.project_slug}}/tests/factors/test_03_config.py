"""III. Config: settings that vary between deploys are in the environment. https://12factor.net/config"""

import ast
import re
import shutil
import socket
import subprocess

import pytest

from tests.factors.support.admin import (
    PROBLEM,
    list_secrets,
    list_settings,
    read_config,
    read_problems,
)
from tests.factors.support.assertions import proves
from tests.factors.support.faults import change_password
from tests.factors.support.probe import COUNT
from tests.factors.support.repository import (
    CODE,
    CREDENTIAL,
    CREDENTIAL_IN_URL,
    DEPLOYS,
    GIT,
    PLACEHOLDER,
    SAMPLES,
    copy_repository,
    git,
    parse_variables,
    read_texts,
)
from tests.support.service import ROOT, free_port
from tests.support.settings import REQUIRED, VALID_KEY

# Files that list all settings, with the pattern of a setting.
PLACES = {r"config/.+\.env\.example": r"^([A-Z_]+)="}
UNSET_REQUIRED = dict.fromkeys(REQUIRED, "")
# Every setting with a malformed value; PORT stays a number because Service reads it.
MALFORMED = {
    "PORT": "99999",
    "REDIS_URL": "http://hunter2",
    "REDIS_TIMEOUT": "hunter2",
    "KEY_PREFIX": "hunter2*",
    "SECRET_KEY": "hunter2",
    "SECRET_KEY_FALLBACKS": "hunter2",
    "LOG_LEVEL": "hunter2",
    "WEB_CONCURRENCY": "hunter2",
    "WEB_THREADS": "hunter2",
    "GRACEFUL_TIMEOUT": "hunter2",
    "DRAIN_DELAY": "hunter2",
    "TRUSTED_HOSTS": "hunter2*",
    "PROXY_HOPS": "hunter2",
    "RELEASE": "hunter2*",
}


def wait_for_problems(service):
    """Wait for the exit of an instance, and return the problems of its refused settings."""
    assert service.process.wait(timeout=20) != 0
    [event] = service.events()
    return dict(re.fullmatch(PROBLEM, problem).groups() for problem in event["problems"])


@proves("III.1")
def test_git_ignores_the_configuration_of_every_deploy(tmp_path):
    git = GIT or pytest.skip("needs git")
    names = ["config/production.env", "config/joes-staging.env", ".env", "config/.env"]
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run([git, "init", "--quiet"], cwd=tmp_path, check=True)
    run = [git, "check-ignore", *names]

    ignored = subprocess.run(run, cwd=tmp_path, check=False, capture_output=True, text=True).stdout
    assert ignored.split() == names


@proves("III.1")
def test_no_file_holds_a_credential():
    programs = read_texts(r"(?!tests/).*")

    assert [name for name, text in read_texts(".*").items() if re.search(CREDENTIAL, text)] == []
    assert [name for name, text in programs.items() if re.search(CREDENTIAL_IN_URL, text)] == []


@proves("III.1")
def test_no_commit_holds_a_credential(evidence):
    commits = git("log", "--all", "--oneline").splitlines()

    assert git("log", "--all", "--oneline", f"-G{CREDENTIAL}") == ""
    evidence(f"{len(read_texts('.*'))} files and {len(commits)} commits without a credential")


@proves("III.1")
@pytest.mark.parametrize("deploy", SAMPLES)
def test_a_sample_holds_placeholders_for_secrets(deploy):
    values = parse_variables(SAMPLES[deploy].read_text())
    given = {name: values[name] for name in list_secrets() if values[name]}

    assert given
    assert [name for name, value in given.items() if PLACEHOLDER not in value] == []


@proves("III.2", "III.4")
@pytest.mark.parametrize(("place", "pattern"), PLACES.items())
def test_code_and_samples_have_the_same_variables(place, pattern):
    found = {name: re.findall(pattern, text, re.M) for name, text in read_texts(place).items()}

    assert {name: sorted(named) for name, named in found.items()} == dict.fromkeys(
        found, sorted(list_settings())
    )


@proves("III.2")
def test_code_reads_only_variables_of_the_settings_table():
    text = "\n".join(read_texts(CODE).values())
    # A variable that the code sets itself is no setting.
    read = set(re.findall(r"os\.environ(?:\.\w+\(|\[)(.*?)[],)]", text))
    known = {
        f'"{name}"' for name in [*list_settings(), *re.findall(r'os\.environ\["(\w+)"\] =', text)]
    }

    assert read <= known
    assert re.findall(r"\w*getenv|from os import.*", text) == []


@proves("III.3")
def test_every_malformed_setting_is_reported_without_its_value(start):
    service = start(alive=False, **MALFORMED)

    problems = wait_for_problems(service)
    assert set(problems) == set(MALFORMED)
    assert all(problems.values())
    assert "hunter2" not in service.log.read_text()


@proves("III.3")
def test_missing_settings_are_reported_before_the_port_is_bound(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        service = start(alive=False, PORT=str(taken.getsockname()[1]), **UNSET_REQUIRED)
        # Binding the port in use would log a second event.
        assert set(wait_for_problems(service)) == set(REQUIRED)


@proves("III.4")
def test_no_code_contains_the_name_of_a_deploy():
    trees = {name: ast.walk(ast.parse(text)) for name, text in read_texts(CODE).items()}
    words = {
        name: {str(node.value).lower() for node in tree if isinstance(node, ast.Constant)}
        for name, tree in trees.items()
    }

    assert [name for name in words if words[name] & DEPLOYS] == []


@proves("III.4")
def test_a_deploy_may_have_any_name(start, required_settings):
    [*_, sample] = SAMPLES.values()
    host, release = "joes-staging.example.com", "joes-staging-1"
    own = {"PORT": str(free_port()), "TRUSTED_HOSTS": host, "RELEASE": release}
    service = start(**parse_variables(sample.read_text()) | required_settings | own)

    assert service.get(COUNT, Host=host).json()["count"] == 1
    assert service.get("/version", Host=host).json()["release"] == release


@proves("III.5")
def test_a_new_value_takes_effect_after_a_restart(start):
    def log_probes(level):
        service = start(LOG_LEVEL=level)
        service.stop()
        return [event for event in service.events() if event.get("url.path") == "/livez"]

    assert not log_probes("INFO")
    assert log_probes("DEBUG")


@proves("III.6")
def test_a_secret_has_no_default():
    shown = read_config(**REQUIRED)

    assert set(read_problems()) == set(REQUIRED)
    assert [name for name in list_secrets() if name not in REQUIRED and shown[name]] == []


@proves("III.6")
@pytest.mark.parametrize("deploy", SAMPLES)
def test_the_placeholder_of_a_secret_is_refused(deploy, start, backing):
    values = {**REQUIRED, "REDIS_URL": backing.url, "FLASK_DEBUG": "1"}
    values |= {
        name: value for name, value in parse_variables(SAMPLES[deploy].read_text()).items() if value
    }
    placeholders = {name for name, value in values.items() if PLACEHOLDER in value}

    assert placeholders
    assert set(wait_for_problems(start(alive=False, **values))) == placeholders


@proves("III.7")
@pytest.mark.parametrize(
    "values",
    [
        {"PORT": "False", "WEB_CONCURRENCY": "no", "PROXY_HOPS": "maybe", "REDIS_TIMEOUT": "0"},
        {"PORT": "0", "WEB_THREADS": "0", "PROXY_HOPS": "-1", "GRACEFUL_TIMEOUT": "1 hour"},
        {"PORT": "80.0", "WEB_THREADS": "", "REDIS_TIMEOUT": "1h", "REDIS_URL": "localhost:6379"},
        {"PORT": " 80", "PROXY_HOPS": "1e0", "REDIS_TIMEOUT": "nan", "REDIS_URL": "http://redis"},
    ],
    ids=["words", "out of range", "wrong types", "non-canonical numbers"],
)
def test_a_value_of_the_wrong_type_is_refused(values):
    assert set(read_problems(**REQUIRED | values)) == {name for name in values if values[name]}


@proves("III.7")
def test_durations_have_units_and_zero_hops_are_accepted():
    given = {"REDIS_TIMEOUT": "250ms", "GRACEFUL_TIMEOUT": "2m", "PROXY_HOPS": "0"}
    shown = read_config(**REQUIRED, **given)

    assert [shown[name] for name in given] == ["0.25", "120.0", "0"]


@proves("III.8")
def test_every_secret_can_be_read_from_a_file(start, required_settings, tmp_path):
    values = {"SECRET_KEY_FALLBACKS": VALID_KEY, **required_settings}
    files = {name: tmp_path / name for name in list_secrets() if name in values}
    for name, file in files.items():
        file.write_text(f"{values[name]}\n")

    assert {"REDIS_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS"} <= set(files)
    variables = {f"{name}_FILE": str(file) for name, file in files.items()}
    assert start(**dict.fromkeys(files, ""), **variables).count() == 1


@proves("III.8")
def test_a_secret_together_with_its_file_is_refused():
    both = {name: REQUIRED.get(name, VALID_KEY) for name in list_secrets()}
    files = {f"{name}_FILE": "/dev/null" for name in both}

    assert set(read_problems(**REQUIRED | both | files)) == set(both)


@proves("III.8")
def test_one_trailing_newline_of_a_file_is_stripped(tmp_path):
    file = tmp_path / "key"
    environ = {**REQUIRED, "SECRET_KEY": "", "SECRET_KEY_FILE": str(file)}
    # One character short of the minimum, so that a newline that is kept completes it.
    file.write_text(VALID_KEY[1:] + "\n")
    assert set(read_problems(**environ)) == {"SECRET_KEY"}
    file.write_text(VALID_KEY[1:] + "\n\n")
    assert read_config(**environ)


@proves("III.8")
def test_a_rotated_password_needs_no_restart(start, backing, tmp_path):
    file = tmp_path / "redis-url"

    def write(password: str) -> None:
        file.write_text(f"redis://:{password}@127.0.0.1:{backing.port}/5\n")

    write("first")
    service = start(REDIS_URL="", REDIS_URL_FILE=str(file))
    counts = [service.count() for _ in range(10)]
    with change_password(backing):
        assert [service.get(COUNT).status for _ in range(2)] == [503, 503]
        workers = service.workers()
        file.unlink()
        assert [service.get(COUNT).status for _ in range(2)] == [503, 503]
        write("other")
        counts += [service.count() for _ in range(10)]
    assert counts == list(range(1, 21))
    assert service.workers() == workers


@proves("III.9")
def test_a_process_reads_no_env_file(start, required_settings, tmp_path):
    folder = copy_repository(tmp_path / "copy")
    for name in (".env", ".flaskenv", *(f"config/{deploy}.env" for deploy in SAMPLES)):
        (folder / name).write_text("RELEASE=from-a-file\nKEY_PREFIX=from-a-file:\n")

    assert start(cwd=folder).get("/version").json()["release"] == "unreleased"
    assert "from-a-file" not in str(read_config(cwd=folder, **required_settings))


@proves("III.10")
def test_the_config_command_redacts_secrets():
    shown = read_config(**REQUIRED, SECRET_KEY_FALLBACKS=VALID_KEY, PORT="8123")

    assert (shown["PORT"], shown["REDIS_TIMEOUT"]) == ("8123", "1.0")
    assert {shown[name] for name in list_secrets()} - {""} == {"[redacted]"}
