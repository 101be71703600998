"""bin/dev that cannot start ends with the reason and the remedy, and leaves nothing behind."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

from tests.service.dev_runs import CONFIG, add_type, configure, list_left, remove
from tests.support.baking import BakedProject
from tests.support.fixtures import Start

Spoil = Callable[[BakedProject], object]
FORM = "remove quotes, $, \\, control characters, comments and outer spaces"


def prepend(text: str) -> Spoil:
    """Return a function that adds a text before the configuration."""
    return lambda project: project.write(CONFIG, text + project.read(CONFIG))


def use_crlf(project: BakedProject) -> None:
    """Save the configuration as an editor on Windows does."""
    project.write(CONFIG, project.read(CONFIG).replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("spoil", "status", "line"),
    [
        pytest.param(
            use_crlf,
            3,
            "line 1 2 3 …: ends with an invisible carriage return; save the file with LF line endings",
            id="CRLF",
        ),
        pytest.param(
            prepend("\ufeff"),
            3,
            "line 1: begins with an invisible byte order mark; save the file as UTF-8 without it",
            id="a byte order mark",
        ),
        pytest.param(
            prepend("# A\nexport PORT=8000\n"),
            3,
            "line 2: expected NAME=value without export; remove the word export",
            id="export",
        ),
        pytest.param(
            prepend('SECRET_KEY="hunter2"\n'),
            3,
            f"line 1: expected NAME=value; {FORM}",
            id="quotes",
        ),
        pytest.param(prepend("hunter2\n"), 3, f"line 1: expected NAME=value; {FORM}", id="no name"),
    ],
)
def test_a_malformed_line_is_refused_with_its_number(
    spoil: Spoil, status: int, line: str, project: BakedProject
) -> None:
    spoil(project)
    for words in (["bin/dev"], ["bin/dev", "true"]):
        result = project.run(*words, status=status)
        assert (result.stdout, result.stderr) == ("", f"bin/dev: {CONFIG}, {line}\n")


@pytest.mark.parametrize("line", ["worker", "worker:", "worker: sh -c 'exit"])
def test_a_malformed_procfile_is_refused(line: str, project: BakedProject) -> None:
    project.write("Procfile", f"# Types\n\n{line}\n{project.read('Procfile')}")
    problem = "Procfile, line 3: expected NAME: COMMAND; correct it or start it with #"
    assert project.run("bin/dev", status=3).stderr == f"bin/dev: {problem}\n"


def test_a_port_in_use_is_refused_in_one_line(project: BakedProject) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        configure(project, PORT=str(port))
        result = project.run("bin/dev", status=1, timeout=30)
    remedy = f"stop the other server, or set PORT in {CONFIG}"
    assert result.stdout == ""
    assert result.stderr == f"bin/dev: port {port}: address already in use; {remedy}\n"


@pytest.mark.parametrize("port", ["http", "0", "65536", "1" * 5000])
def test_refused_settings_end_with_the_report_of_the_service(
    port: str, project: BakedProject
) -> None:
    configure(project, PORT=port, LOG_LEVEL="LOUD", WEB_THREADS="0")
    result = project.run("bin/dev", status=1, timeout=30)
    [line] = result.stdout.splitlines()
    named = [one.partition(":")[0] for one in json.loads(line)["problems"]]
    assert named == ["PORT", "LOG_LEVEL", "WEB_THREADS"]
    assert [one for one in result.stderr.splitlines() if not one.startswith("Redis: ")] == []


def test_a_setting_that_came_later_is_named_with_its_line_in_the_sample(
    project: BakedProject,
) -> None:
    settings = "{package_name}/runtime/settings.py".format(**project.answers)
    new = (
        '    # Those of the features:\n    shop_url: str = setting(str, None, "URL of the shop")\n'
    )
    project.write(settings, project.read(settings).replace("    # Those of the features:\n", new))
    sample = f"{CONFIG}.example"
    project.write(sample, f"{project.read(sample)}\nSHOP_URL=http://shop.example.com\n")
    remove(project, "SECRET_KEY")
    result = project.run("bin/dev", status=1, timeout=30)
    assert result.stderr.splitlines()[1:] == [
        f"bin/dev: {CONFIG}: {line} of {sample}"
        for line in (
            "SECRET_KEY is missing; add the line SECRET_KEY=replace-me",
            "SHOP_URL is missing; add the line SHOP_URL=http://shop.example.com",
        )
    ]


@pytest.mark.parametrize(
    ("command", "status", "line"),
    [
        pytest.param("sh -c 'exit 7'", 7, "worker ended with exit status 7", id="an exit status"),
        pytest.param("sh -c 'kill -9 $$'", 137, "worker ended with exit status 137", id="a signal"),
        pytest.param(
            "nonsense",
            1,
            "nonsense: No such file or directory; correct it, then repeat bin/dev",
            id="an unknown program",
        ),
    ],
)
def test_a_process_type_that_fails_at_its_start_ends_the_others(
    command: str, status: int, line: str, project: BakedProject, start: Start
) -> None:
    add_type(project, "worker", command)
    folder = project.path.parent / "tmp"
    folder.mkdir()
    program = start("bin/dev", cwd=project.path, TMPDIR=str(folder))
    assert program.wait(20) == status
    assert program.read_output().endswith(f"bin/dev: {line}\n")
    assert list_left(folder) == []


def test_a_code_error_at_the_start_ends_with_its_traceback(project: BakedProject) -> None:
    factory = "{package_name}/__init__.py".format(**project.answers)
    project.write(factory, "broken =\n")
    result = project.run("bin/dev", status=1, timeout=30)
    assert "SyntaxError" in result.stderr
    assert "Listening on" not in result.stderr


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("WEB_THREAD", "did you mean WEB_THREADS?"),
        ("REDIS_URL_FIEL", "did you mean REDIS_URL_FILE?"),
        ("REDIS_PASSWORD", "remove it, or add it to every sample"),
    ],
)
def test_an_unknown_name_is_reported_and_not_refused(
    name: str, hint: str, project: BakedProject
) -> None:
    project.write(CONFIG, f"{project.read(CONFIG)}\n{name}=hunter2\nOTEL_SERVICE_NAME=shop\n")
    result = project.run("bin/dev", "true", REDIS_URL="redis://localhost/0")
    assert result.stderr.splitlines()[0] == f"bin/dev: {CONFIG}: unknown setting {name}; {hint}"
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        ("--nonsense", 2, "unknown option --nonsense; run bin/dev --help"),
        ("--json flask", 2, "unknown argument flask; run bin/dev --help"),
        ("nonsense", 127, "nonsense not found; run bin/dev --help"),
    ],
)
def test_an_unknown_word_is_refused(
    words: str, status: int, line: str, project: BakedProject
) -> None:
    result = project.run("bin/dev", *words.split(), status=status)
    assert (result.stdout, result.stderr) == ("", f"bin/dev: {line}\n")
