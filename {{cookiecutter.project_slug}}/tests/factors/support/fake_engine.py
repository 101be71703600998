"""Fake container engine: it records each call, and keeps images and containers in files.

Files in the folder $FAKE_ENGINE switch on failures: `down`, the engine does not answer; `refuses`, the registry refuses
pushes and pulls; `broken`, builds fail; `slow`, no container becomes ready; `crashes`, containers end at their start;
`interrupt`, Ctrl-C during the call with this number. The file `driver` holds the driver of the builder, and the file
`services` the services of compose.yaml as JSON.
"""

import fcntl
import hashlib
import json
import os
import re
import signal
import sys
from pathlib import Path

HOME = Path(os.environ["FAKE_ENGINE"])
SERVICES = {
    "web": {"labels": {"release": "v1"}},
    "balancer": {"depends_on": {"web": {}}},
    "redis": {},
}
LABEL = "org.opencontainers.image.revision"


def is_on(switch):
    return (HOME / switch).exists()


def read_option(option, words):
    return [words[place + 1] for place, word in enumerate(words[:-1]) if word == option]


def image_file(name):
    """Return the file of an image, which is named by its digest or by its tag."""
    return HOME / "images" / name.rpartition("@")[2].rpartition("/")[2].replace(":", "-")


def build(words):
    [tag] = read_option("--tag", words)
    [revision] = [word[9:] for word in words if word.startswith("REVISION=")]
    digest = "sha256:" + hashlib.sha256(revision.encode()).hexdigest()
    if is_on("broken") or ("--push" in words and is_on("refuses")):
        return 1
    for name in (tag, digest):
        image_file(name).write_text(
            json.dumps({"Id": digest, "Config": {"Labels": {LABEL: revision}}})
        )
    for file in read_option("--metadata-file", words):
        Path(file).write_text(json.dumps({"containerimage.digest": digest}))
    context = Path(words[-1])
    found = sorted(str(path.relative_to(context)) for path in context.rglob("*") if path.is_file())
    (HOME / "context").write_text("\n".join(found))
    return 0


def show_image(words):
    file = image_file(words[-1])
    if not file.exists():
        return 1
    found = json.loads(file.read_text())
    print(found["Id"] if words[0] == "ls" else json.dumps([found], indent=4))
    return 0


def check_config(words):
    """Refuse a configuration with the log level LOUD."""
    [file] = read_option("--env-file", words)
    refused = "\nLOG_LEVEL=LOUD\n" in Path(file).read_text()
    print("LOG_LEVEL: expected one of DEBUG, INFO" if refused else "LOG_LEVEL=INFO")
    return int(refused)


def ps(words, containers):
    """Print the fields of every container that the filters select, in the asked order."""
    [form] = read_option("--format", words)
    filters = read_option("--filter", words)
    projects = [word.rpartition("=")[2] for word in filters if ".project=" in word]
    fields = [re.search(r"(\w+)\W*$", field)[1] for field in form.split("\t")]
    for one in containers:
        if not projects or one["project"] in projects:
            shown = {"ID": one["id"], "State": one["status"], "Status": f"Up ({one['health']})"}
            print("\t".join({**one, **shown}[field] for field in fields))
    return 0


def create(project, service):
    """Return a new container."""
    health = "starting" if is_on("slow") or is_on("crashes") else "healthy"
    return {
        **{"id": os.urandom(32).hex(), "project": project, "service": service},
        **{"release": os.environ["RELEASE"], "deploy": os.environ["DEPLOY"]},
        **{"status": "restarting" if is_on("crashes") else "running", "health": health},
        "image": os.environ["IMAGE"],
    }


def compose(words, containers):
    [project] = read_option("--project-name", words)
    if "port" in words:
        print("127.0.0.1:8080")
    if "config" in words:
        services = json.loads((HOME / "services").read_text()) if is_on("services") else SERVICES
        print(json.dumps({"services": services}))
    for service, number in (word.split("=") for word in read_option("--scale", words)):
        key = (project, service)
        there = [one for one in containers if (one["project"], one["service"]) == key]
        for _ in range(int(number) - len(there)):
            containers.insert(0, create(project, service))
    return 0


def run_command(words, containers):
    """Run one command, and return its exit status."""
    if words[-1] == "version":
        return int(is_on("down"))
    if words[:2] == ["buildx", "build"]:
        return build(words)
    if words == ["buildx", "inspect"]:
        print("Driver:", (HOME / "driver").read_text() if is_on("driver") else "docker")
    if words[0] == "image":
        return show_image(words[1:])
    if words[0] == "pull":
        return int(is_on("refuses") or not image_file(words[-1]).exists())
    if words[0] == "run":
        return check_config(words)
    if words[0] == "rm":
        containers[:] = [one for one in containers if one["id"] not in words]
    if words[0] in (commands := {"ps": ps, "compose": compose}):
        return commands[words[0]](words, containers)
    return 0


def main(words):
    (HOME / "images").mkdir(exist_ok=True)
    state, written = HOME / "containers", HOME / "containers.new"
    with (HOME / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        containers = json.loads(state.read_text() if state.exists() else "[]")
        status = run_command(words, containers)
        # A signal during a write to the file itself would empty the list; no real engine does that.
        written.write_text(json.dumps(containers))
        written.replace(state)
        with (HOME / "calls").open("a+") as calls:
            calls.write(json.dumps(words) + "\n")
            calls.seek(0)
            number = len(calls.readlines())
    if is_on("interrupt") and number == int((HOME / "interrupt").read_text()):
        os.killpg(0, signal.SIGINT)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
