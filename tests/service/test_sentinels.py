"""No answer of the primary that Sentinels name reaches the wrong command."""

from __future__ import annotations

from pathlib import Path

from tests.support.environment import TOOLS
from tests.support.fixtures import Bake
from tests.support.sentinels import run_sentinels

# Asks for one value while the server of a process id is suspended, and for another one afterwards
ASK = """
import os, signal, sys
from redis import RedisError
from {package}.runtime.backing.connect import connect
from {package}.runtime.settings import Settings

client = connect(Settings.from_environ(os.environ))
client.mset({{"a": "first", "b": "second"}})
os.kill(int(sys.argv[1]), signal.SIGSTOP)
try:
    client.get("a")
except RedisError as error:
    print(type(error).__name__)
os.kill(int(sys.argv[1]), signal.SIGCONT)
print(client.get("b"))
"""


def test_a_late_answer_reaches_no_other_command(bake: Bake, tmp_path: Path) -> None:
    project = bake()
    script = ASK.format(package=project.answers["package_name"])
    with run_sentinels(tmp_path) as sentinels:
        primary = sentinels.servers[sentinels.primary()].pid
        given = {"REDIS_URL": sentinels.url, "REDIS_TIMEOUT": "200ms", "SECRET_KEY": "k" * 48}
        environ = [f"{name}={value}" for name, value in given.items()]
        words = ["env", *environ, "python", "-B", "-c", script, str(primary)]
        said = project.run(*words, PATH=TOOLS).stdout
    assert said.split() == ["TimeoutError", "second"]
