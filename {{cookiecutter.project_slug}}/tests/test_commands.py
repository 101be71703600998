"""Admin commands: confirmations and failures."""

import click
import pytest
from flask.cli import with_appcontext

from {{ cookiecutter.package_name }}.runtime import cli
from {{ cookiecutter.package_name }}.runtime.backing.connect import get_redis
from {{ cookiecutter.package_name }}.runtime.version import NAME


@pytest.fixture
def delete(app):
    """Return a function that runs a command that needs a confirmation."""

    @app.cli.command()
    @click.option("--yes", is_flag=True)
    def delete(yes: bool) -> None:
        cli.confirm("all keys", yes)
        click.echo("deleted")

    runner = app.test_cli_runner()
    return lambda *options, **stdin: runner.invoke(args=["delete", *options], **stdin)


def test_a_command_asks_for_a_confirmation_on_a_terminal_only(delete, monkeypatch):
    refused = delete(input=f"{NAME}\n")
    assert (refused.exit_code, refused.output) == (
        1,
        "Error: all keys: not confirmed; repeat with --yes\n",
    )
    assert delete("--yes").output == "deleted\n"

    monkeypatch.setattr(cli, "is_terminal", lambda: True)
    assert delete(input="yes\n").exit_code == 1
    assert delete(input=f"{NAME}\n").output.endswith("deleted\n")


def test_a_command_without_redis_ends_in_one_line(detached):
    group = cli.AdminGroup("ping")

    @group.command()
    @with_appcontext
    def send() -> None:
        get_redis().ping()

    detached.application.cli.add_command(group)
    result = detached.application.test_cli_runner().invoke(args=["ping", "send"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: redis: unavailable (")
    assert result.output.count("\n") == 1


def test_a_command_that_redis_refuses_ends_in_one_line(app, runner):
    group = cli.AdminGroup("ping")

    @group.command()
    @with_appcontext
    def send() -> None:
        get_redis().execute_command("NOSUCHCOMMAND", "hunter2")

    app.cli.add_command(group)
    result = runner.invoke(args=["ping", "send"])

    assert result.exit_code == 1
    expected = "Error: redis: refused a command (unknown command 'NOSUCHCOMMAND')\n"
    assert result.output == expected
