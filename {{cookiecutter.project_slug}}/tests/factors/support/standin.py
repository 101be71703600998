"""A stand-in for the container engine, for tests that need none: it notes each call, and keeps images and containers in files.

Files in the folder $STANDIN change what it does: `down`, the engine does not answer; `refuses`, the registry takes and
gives nothing; `broken`, no build succeeds; `driver`, the kind of the builder; `slow`, no instance becomes ready; `crashes`, each ends when it starts; `interrupt`, the number of the
call at which somebody presses Ctrl-C.
"""

import fcntl
import hashlib
import json
import os
import signal
import sys
from pathlib import Path

HOME = Path(os.environ["STANDIN"])
LABEL = "org.opencontainers.image.revision"


def on(switch):
    return (HOME / switch).exists()


def after(option, words):
    return [words[place + 1] for place, word in enumerate(words[:-1]) if word == option]


def image(name):
    """Return the file of an image, named by its digest or by its tag."""
    return HOME / "images" / name.rpartition("@")[2].rpartition("/")[2].replace(":", "-")


def build(words):
    [tag] = after("--tag", words)
    [revision] = [word[9:] for word in words if word.startswith("REVISION=")]
    digest = "sha256:" + hashlib.sha256(revision.encode()).hexdigest()
    if on("broken") or ("--push" in words and on("refuses")):
        return 1
    for name in (tag, digest):
        image(name).write_text(json.dumps({"Id": digest, "Config": {"Labels": {LABEL: revision}}}))
    for file in after("--metadata-file", words):
        Path(file).write_text(json.dumps({"containerimage.digest": digest}))
    context = Path(words[-1])
    found = sorted(str(path.relative_to(context)) for path in context.rglob("*") if path.is_file())
    (HOME / "context").write_text("\n".join(found))
    return 0


def show_image(words):
    file = image(words[-1])
    if not file.exists():
        return 1
    found = json.loads(file.read_text())
    print(found["Id"] if words[0] == "ls" else json.dumps([found], indent=4))
    return 0


def check(words):
    """Refuse a configuration whose log level is LOUD."""
    [file] = after("--env-file", words)
    wrong = "\nLOG_LEVEL=LOUD\n" in Path(file).read_text()
    print("LOG_LEVEL: expected one of DEBUG, INFO" if wrong else "LOG_LEVEL=INFO")
    return int(wrong)


def meets(container, wanted):
    names = [container[name] for name in ("status", "health")]
    label = f"label=release={container['release']}"
    project = f"label=com.docker.compose.project={container['project']}"
    always = {"label=com.docker.compose.service=web", "label=com.docker.compose.oneoff=False"}
    states = {word for word in wanted if not word.startswith("label=")}
    found = {label, project, *always, *(f"status={name}" for name in names), f"health={names[1]}"}
    return wanted - states <= found and (not states or states & found)


def ps(words, containers):
    wanted = set(after("--filter", words))
    for container in containers:
        shown = "--all" in words or container["status"] != "exited"
        print(container["id"] + "\n" if shown and meets(container, wanted) else "", end="")
    return 0


def inspect(words, containers):
    named = [one for one in containers if one["id"] in words]
    labels = [{"com.docker.compose.project": one["project"], **one} for one in named]
    print(json.dumps([{"Config": {"Labels": one}} for one in labels]))
    return 0


def compose(words, containers):
    [project] = after("--project-name", words)
    if "port" in words:
        print("127.0.0.1:8080")
    for scale in after("--scale", words):
        there = [one for one in containers if one["project"] == project]
        for _ in range(int(scale.removeprefix("web=")) - len(there)):
            status = "restarting" if on("crashes") else "running"
            health = "starting" if on("slow") or on("crashes") else "healthy"
            own = {"release": os.environ["RELEASE"], "deploy": os.environ["DEPLOY"]}
            made = {"id": os.urandom(32).hex(), "project": project, "status": status}
            containers.append({**made, **own, "image": os.environ["IMAGE"], "health": health})
    return 0


def act(words, containers):
    """Do what one call asks, and return its status."""
    if words[0] == "version":
        return int(on("down"))
    if words[:2] == ["buildx", "build"]:
        return build(words)
    if words == ["buildx", "inspect"]:
        print("Driver:", (HOME / "driver").read_text() if on("driver") else "docker")
    if words[0] == "image":
        return show_image(words[1:])
    if words[0] == "pull":
        return int(on("refuses") or not image(words[-1]).exists())
    if words[0] == "run":
        return check(words)
    if words[0] == "rm":
        containers[:] = [one for one in containers if one["id"] not in words]
    if words[0] in (known := {"ps": ps, "inspect": inspect, "compose": compose}):
        return known[words[0]](words, containers)
    return 0


def main(words):
    (HOME / "images").mkdir(exist_ok=True)
    with (HOME / "containers").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        containers = json.loads(file.read() or "[]")
        status = act(words, containers)
        file.truncate(0)
        file.write(json.dumps(containers))
        with (HOME / "calls").open("a+") as calls:
            calls.write(json.dumps(words) + "\n")
            calls.seek(0)
            number = len(calls.readlines())
    if on("interrupt") and number == int((HOME / "interrupt").read_text()):
        os.killpg(0, signal.SIGINT)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
