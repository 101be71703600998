"""Run a release on this host: start its instances, wait until they are ready, stop the earlier ones.

If the release is not ready in time, its instances are removed, and the earlier ones keep running.
Every service of compose.yaml with the label "release" is a process type. The balancer, and the
services that URLs of the configuration name, are started if missing and never restarted.
{%- if cookiecutter.kubernetes == "yes" %}

A deploy whose configuration has the line "# kubectl context: NAME" lives in that cluster. Its pods
are replaced, or WORDs run there as an admin command of the release. Autoscalers set the numbers.
{%- endif %}

Environment variables:
  RUN_TIMEOUT    seconds for the release to become ready (60{% if cookiecutter.kubernetes == "yes" %}; in a cluster 600{% endif %})
  HTTP_PORT      port of the deploy on this host, when its balancer is first started

Exit status:
  0 running · 1 failed · 2 usage · 3 refused · 4 container engine unavailable · 5 remote or registry unavailable
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

{% if cookiecutter.kubernetes == "yes" -%}
from deploy import engine, in_cluster
{% else -%}
from deploy import engine
{% endif -%}
from deploy.fetch import find_config, find_release
from deploy.files import lay_out, locked
from deploy.images import pull
from deploy.instances import describe_instances
from deploy.ledger import Release
from deploy.process import Parser, read_timeout, run_script, word
{%- if cookiecutter.kubernetes == "yes" %}
from deploy.refusal import USAGE, Refusal
{%- endif %}
from deploy.repository import open_repository
from deploy.rollout import Rollout
from deploy.stack import Stack
{%- if cookiecutter.kubernetes == "yes" %}

USAGE_LINE = "%(prog)s ID [--instances N] [--scale TYPE=N] | ID --dry-run | ID -- WORD… | --current"
{%- endif %}


def parse(words: Sequence[str]) -> Namespace:
    """Return the arguments of the command line."""
    {% if cookiecutter.kubernetes == "yes" -%}
    parser = Parser("bin/run", USAGE_LINE, __doc__)
    {%- else -%}
    parser = Parser("bin/run", "%(prog)s ID [--instances N] [--scale TYPE=N] | --current", __doc__)
    {%- endif %}
    add = parser.add_argument
    add("id", nargs="?", type=word, help="release to run")
    add("--instances", metavar="N", type=positive, help="number of each type; default: as now")
    add("--scale", metavar="TYPE=N", type=scale, action="append", help="number of one process type")
    add("--current", action="store_true", help="list deploy, release and instances of this host")
{%- if cookiecutter.kubernetes == "yes" %}
    add("--dry-run", action="store_true", help="in a cluster: print what would change")
    add("words", metavar="WORD", nargs="*", help="in a cluster: admin command to run in a Job")
{%- endif %}
    arguments = parser.parse_args(words)
    given = {name for name, value in vars(arguments).items() if value}
    if ("id" in given) == ("current" in given) or given > {"current"}:
        parser.error("expected the id of a release, or --current")
    return arguments


def positive(text: str) -> int:
    """Return a number of instances; raises ValueError."""
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ValueError
    return int(text)


def scale(text: str) -> tuple[str, int]:
    """Return a process type and its number of instances; raises ValueError."""
    name, _, number = text.partition("=")
    return name, positive(number)


def run_on_host(release: Release, config: bytes, arguments: Namespace) -> None:
    """Replace the instances of this host."""
    timeout = read_timeout(60)
    engine.require("compose")
    image = pull(release.image, release.revision)
    with locked(release.deploy):
        stack = Stack(release, image, lay_out(release, config))
        Rollout(stack, timeout).run(arguments.instances, dict(arguments.scale or ()))
    place = f" on http://{stack.address()}" if stack.upstreams() else ""
    print(f"{release.id} runs as {release.deploy}{place}")


def main(words: Sequence[str]) -> None:
    """Run a release, or list what runs."""
    arguments = parse(words)
    if arguments.current:
        engine.require("compose")
        print("".join(f"{line}\n" for line in describe_instances()), end="")
        return
    release, is_restored = find_release(open_repository(), arguments.id)
    config = find_config(release, is_restored)
    {%- if cookiecutter.kubernetes == "yes" %}
    if context := in_cluster.find_context(config):
        in_cluster.run(context, release, config, arguments, read_timeout(600))
        return
    if arguments.dry_run or arguments.words:
        problem = f"{release.deploy} lives on this host"
        raise Refusal(USAGE, problem, "give --dry-run or WORD for a deploy in a cluster only")
    {%- endif %}
    run_on_host(release, config, arguments)


if __name__ == "__main__":
    run_script("run", main)
