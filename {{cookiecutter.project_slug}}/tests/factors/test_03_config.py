"""III. Config: what varies between deploys is in the environment. https://12factor.net/config"""

import ast
import re
import shutil
import socket
import subprocess

import pytest

from tests.factors.support.admin import HANDLES, KEY, effective, keys, refused, secrets
from tests.factors.support.repository import (
    CODE,
    CREDENTIAL,
    DEPLOYS,
    GIT,
    LOGIN,
    PLACEHOLDER,
    SAMPLES,
    copied,
    git,
    texts,
    variables,
)
from tests.support.service import ROOT, free_port

# Whatever gives the service its variables, and how a variable begins there: one line a place.
PLACES = {r"config/.+\.env\.example": r"^([A-Z_]+)="}
NO_HANDLES = dict.fromkeys(HANDLES, "")
# Every variable of the runtime, with a value that it cannot have; a test needs a number for the port.
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
    "TRUSTED_HOSTS": "hunter2*",
    "PROXY_HOPS": "hunter2",
    "RELEASE": "hunter2*",
}


def refusal(service):
    """Wait until the configuration is refused in one event, and return its problems by variable."""
    assert service.process.wait(timeout=20) != 0
    [event] = service.events()
    return dict(problem.split(": expected ") for problem in event["problems"])


def test_III_1_git_ignores_the_configuration_of_every_deploy(tmp_path):
    git = GIT or pytest.skip("needs git")
    names = ["config/production.env", "config/joes-staging.env", ".env", "config/.env"]
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run([git, "init", "--quiet"], cwd=tmp_path, check=True)
    run = [git, "check-ignore", *names]

    ignored = subprocess.run(run, cwd=tmp_path, check=False, capture_output=True, text=True).stdout
    assert ignored.split() == names


def test_III_1_no_file_holds_a_credential():
    programs = texts(r"(?!tests/).*")

    assert [name for name, text in texts(".*").items() if re.search(CREDENTIAL, text)] == []
    assert [name for name, text in programs.items() if re.search(LOGIN, text)] == []


def test_III_1_no_commit_held_a_credential(evidence):
    commits = git("log", "--all", "--oneline").splitlines()

    assert git("log", "--all", "--oneline", f"-G{CREDENTIAL}") == ""
    evidence(f"{len(texts('.*'))} files and {len(commits)} commits without a credential")


@pytest.mark.parametrize("deploy", SAMPLES)
def test_III_1_a_sample_holds_placeholders_for_secrets(deploy):
    values = variables(SAMPLES[deploy].read_text())
    given = {name: values[name] for name in secrets() if values[name]}

    assert given
    assert [name for name, value in given.items() if PLACEHOLDER not in value] == []


@pytest.mark.parametrize(("place", "variable"), PLACES.items())
def test_III_2_the_variables_are_the_same_in_code_and_everywhere(place, variable):
    found = {name: re.findall(variable, text, re.M) for name, text in texts(place).items()}

    assert {name: sorted(named) for name, named in found.items()} == dict.fromkeys(
        found, sorted(keys())
    )


def test_III_2_code_reads_no_variable_beside_its_table():
    text = "\n".join(texts(CODE).values())
    # What it sets is its own.
    read = set(re.findall(r"os\.environ(?:\.\w+\(|\[)(.*?)[],)]", text))
    known = {f'"{name}"' for name in [*keys(), *re.findall(r'os\.environ\["(\w+)"\] =', text)]}

    assert read <= known
    assert re.findall(r"\w*getenv|from os import.*", text) == []


def test_III_3_all_that_is_malformed_is_named_and_no_value_is_shown(start):
    service = start(alive=False, **MALFORMED)

    problems = refusal(service)
    assert set(problems) == set(MALFORMED)
    assert all(problems.values())
    assert "hunter2" not in service.log.read_text()


def test_III_3_what_is_missing_is_named_before_it_listens(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        service = start(alive=False, PORT=str(taken.getsockname()[1]), **NO_HANDLES)
        # It says nothing of the port that is taken.
        assert set(refusal(service)) == set(HANDLES)


def test_III_4_every_deploy_has_the_same_variables():
    assert len(SAMPLES) > 1
    assert len({tuple(variables(path.read_text())) for path in SAMPLES.values()}) == 1


def test_III_4_code_knows_no_deploy_by_its_name():
    trees = {name: ast.walk(ast.parse(text)) for name, text in texts(CODE).items()}
    words = {
        name: {str(node.value).lower() for node in tree if isinstance(node, ast.Constant)}
        for name, tree in trees.items()
    }

    assert [name for name in words if words[name] & DEPLOYS] == []


def test_III_4_a_deploy_may_have_any_name(start, handles):
    [*_, sample] = SAMPLES.values()
    host, release = "joes-staging.example.com", "joes-staging-1"
    own = {"PORT": str(free_port()), "TRUSTED_HOSTS": host, "RELEASE": release}
    service = start(**variables(sample.read_text()) | handles | own)

    assert service.get(Host=host).json()["visits"] == 1
    assert service.get("/version", Host=host).json()["release"] == release


def test_III_5_a_new_value_and_a_restart_change_what_it_does(start):
    def probes(level):
        service = start(LOG_LEVEL=level)
        service.stop()
        return [event for event in service.events() if event.get("url.path") == "/livez"]

    assert not probes("INFO")
    assert probes("DEBUG")


def test_III_6_a_secret_has_no_default():
    shown = effective(**HANDLES)

    assert set(refused()) == set(HANDLES)
    assert {name: shown[name] for name in secrets() if name not in HANDLES and shown[name]} == {}


@pytest.mark.parametrize("deploy", SAMPLES)
def test_III_6_the_placeholder_of_a_secret_is_refused(deploy, start, backing):
    values = {"REDIS_URL": backing.url, "FLASK_DEBUG": "1"}
    values |= {
        name: value for name, value in variables(SAMPLES[deploy].read_text()).items() if value
    }
    placeholders = {name for name, value in values.items() if PLACEHOLDER in value}

    assert placeholders
    assert set(refusal(start(alive=False, **values))) == placeholders


@pytest.mark.parametrize(
    "values",
    [
        {"PORT": "False", "WEB_CONCURRENCY": "no", "PROXY_HOPS": "maybe", "REDIS_TIMEOUT": "0"},
        {"PORT": "0", "WEB_THREADS": "0", "PROXY_HOPS": "-1", "GRACEFUL_TIMEOUT": "1 hour"},
        {"PORT": "80.0", "WEB_THREADS": "", "REDIS_TIMEOUT": "1h", "REDIS_URL": "localhost:6379"},
        {"PORT": " 80", "PROXY_HOPS": "1e0", "REDIS_TIMEOUT": "nan", "REDIS_URL": "http://redis"},
    ],
    ids=["words", "out of range", "other types", "other spellings"],
)
def test_III_7_a_value_of_another_type_is_refused(values):
    assert set(refused(**HANDLES | values)) == {name for name in values if values[name]}


def test_III_7_a_duration_has_a_unit_and_zero_is_none():
    given = {"REDIS_TIMEOUT": "250ms", "GRACEFUL_TIMEOUT": "2m", "PROXY_HOPS": "0"}
    shown = effective(**HANDLES, **given)

    assert [shown[name] for name in given] == ["0.25", "120.0", "0"]


def test_III_8_every_secret_may_come_from_a_file(start, backing, tmp_path):
    files = {name: tmp_path / name for name in secrets()}
    for name, file in files.items():
        file.write_text({"REDIS_URL": backing.url}.get(name, KEY) + "\n")

    assert start(**NO_HANDLES, **{f"{name}_FILE": str(files[name]) for name in files}).visit() == 1


def test_III_8_a_secret_and_its_file_are_one_too_many():
    both = {name: HANDLES.get(name, KEY) for name in secrets()}

    assert set(refused(**both, **{f"{name}_FILE": "/dev/null" for name in both})) == set(both)


def test_III_8_one_newline_at_the_end_of_a_file_is_not_part_of_it(tmp_path):
    file = tmp_path / "key"
    environ = {**HANDLES, "SECRET_KEY": "", "SECRET_KEY_FILE": str(file)}
    # One character less than a key must have, so that one newline would complete it.
    file.write_text(KEY[1:] + "\n")
    assert set(refused(**environ)) == {"SECRET_KEY"}
    file.write_text(KEY[1:] + "\n\n")
    assert effective(**environ)


def test_III_8_a_rotated_password_needs_no_restart(start, backing, tmp_path):
    file = tmp_path / "redis_url"

    def rotate(password):
        with backing.client() as redis:
            redis.execute_command(f"ACL SETUSER app on resetpass >{password} ~* &* +@all")
            redis.execute_command("CLIENT KILL USER app")
        file.write_text(f"redis://app:{password}@127.0.0.1:{backing.port}/0\n")

    rotate("first")
    service = start(REDIS_URL="", REDIS_URL_FILE=str(file))
    assert service.visit() == 1
    rotate("second")
    assert service.visit() == 2


def test_III_9_a_process_reads_no_file_of_variables_by_itself(start, handles, tmp_path):
    folder = copied(tmp_path / "copy")
    for name in (".env", ".flaskenv", *(f"config/{deploy}.env" for deploy in SAMPLES)):
        (folder / name).write_text("RELEASE=from-a-file\nKEY_PREFIX=from-a-file:\n")

    assert start(cwd=folder).get("/version").json()["release"] == "unreleased"
    assert "from-a-file" not in str(effective(cwd=folder, **handles))


def test_III_10_an_admin_process_prints_the_configuration_without_secrets():
    shown = effective(**HANDLES, SECRET_KEY_FALLBACKS=KEY, PORT="8123")

    assert (shown["PORT"], shown["REDIS_TIMEOUT"]) == ("8123", "1.0")
    assert {shown[name] for name in secrets()} == {"[redacted]"}
