"""Run a command of uv with the index, certificates and proxy that pip is configured with.

`python -m dev.pip_config COMMAND …` reads the variables of pip and its pip.conf.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# Sections of `pip config list`; the last one wins.
SECTIONS = ("global.", "install.", ":env:.")
# With these, pip lists only one of its files, or runs another Python.
MISLEADING = ("PIP_GLOBAL", "PIP_PYTHON", "PIP_SITE", "PIP_USER")


def run_pip(*words: str) -> str:
    """Return the output of pip; raises CalledProcessError if it fails."""
    environ = {name: text for name, text in os.environ.items() if name not in MISLEADING}
    command = [sys.executable, "-I", "-m", "pip", *words]
    wide = environ | {"COLUMNS": "1000"}
    return subprocess.run(command, check=True, env=wide, stdout=subprocess.PIPE, text=True).stdout


def parse_options(listed: str) -> dict[str, str]:
    """Return the options in the output of `pip config list`; lists are separated by one space."""
    options = {}
    for section in SECTIONS:
        for line in listed.splitlines():
            name, _, text = line.partition("=")
            if name.startswith(section):
                options[name.removeprefix(section)] = " ".join(ast.literal_eval(text).split())
    return {name: text for name, text in options.items() if text}


def read_default_index() -> str:
    """Return the index that pip asks without a configuration, or an empty text."""
    found = re.search(r"Python Package Index \(default\s+(\S+)\)", run_pip("install", "--help"))
    return found[1] if found else ""


def find_variables(options: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of uv for options of pip."""
    bundles = (os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
    cert = next(filter(None, [options.get("cert"), *bundles]), "")
    variables = {
        "UV_DEFAULT_INDEX": options.get("index-url"),
        "UV_INSECURE_HOST": options.get("trusted-host"),
        "HTTP_PROXY": options.get("proxy"),
        "HTTPS_PROXY": options.get("proxy"),
        "SSL_CLIENT_CERT": options.get("client-cert"),
        "SSL_CERT_DIR" if Path(cert).is_dir() else "SSL_CERT_FILE": cert,
    }
    if extra := options.get("extra-index-url"):
        # pip has no order of indexes. uv locks the hashes of the first one, so a mirror comes last.
        variables["UV_INDEX"] = f"{options.get('index-url') or read_default_index()} {extra}"
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: text for name, text in variables.items() if text}


def main(command: list[str]) -> None:
    """Replace this process with a command that has the variables."""
    try:
        variables = find_variables(parse_options(run_pip("config", "list")))
    except subprocess.CalledProcessError as error:  # pip has printed its reason
        sys.exit(error.returncode)
    os.execvpe(command[0], command, os.environ | variables)


if __name__ == "__main__":
    main(sys.argv[1:])
