"""Violations of what a service is made of: its codebase, dependencies, config, processes, tools."""

from __future__ import annotations

from tests.gate.mutations import Mutation

PACKAGE = "{package_name}"
FACTORY = f"{PACKAGE}/__init__.py"
SETTINGS, PARSERS = f"{PACKAGE}/runtime/settings.py", f"{PACKAGE}/runtime/parsers.py"
CONNECT, VERSION = f"{PACKAGE}/runtime/backing/connect.py", f"{PACKAGE}/runtime/version.py"
HOOKS = f"{PACKAGE}/runtime/server/hooks.py"
STARTUP, URLS = f"{PACKAGE}/runtime/startup.py", f"{PACKAGE}/runtime/urls.py"
SERVER, ENV_FILE = "gunicorn.conf.py", "deploy/env_file.py"
CREATE = '"$1" -m venv'
START = "python -m visit_counter"
READ = "    settings = cli.load_settings(environ)\n"

# The ids of assertions -> why they must fail, the file, the old text and the new.
VIOLATIONS: dict[str, list[tuple[str, str, str, str]]] = {
    "I.1": [
        ("a second image", "Dockerfile.admin", "", "FROM scratch\n"),
        ("a second repository inside", ".gitmodules", "", '[submodule "shop"]\n'),
        ("two names", SERVER, 'proc_name = "visit-counter"', 'proc_name = "web"'),
    ],
    "I.3": [
        ("code for one deploy", "gunicorn.production.py", "", "workers = 8\n"),
    ],
    "I.4": [
        (
            "a revision that nobody wrote down",
            VERSION,
            'file.read_text("ascii").strip() if file.exists() else "unknown"',
            '__import__("subprocess").getoutput("git rev-parse HEAD")',
        ),
        (
            "a log that names no revision",
            f"{PACKAGE}/runtime/telemetry/events.py",
            '"service.version": COMMIT',
            '"service.version": "1.0"',
        ),
    ],
    "I.6": [
        ("keys with no name of their own", SETTINGS, '"visit-counter:"', '"app:"'),
        (
            "one count for all services",
            SETTINGS,
            '    settings: Settings = current_app.extensions["settings"]\n',
            '    settings: Settings = current_app.extensions["settings"]\n'
            '    object.__setattr__(settings, "key_prefix", "")\n',
        ),
    ],
    "II.1": [
        ("a package without hashes", "requirements-extra.txt", "", "shouty==1.0\n"),
        (
            "a package that is locked and not installed",
            "requirements-extra.txt",
            "",
            f"shouty==1.0 --hash=sha256:{'0' * 64}\n",
        ),
        (
            "hashes that are not compared",
            "bin/setup",
            "--require-hashes $(printf",
            "$(printf",
        ),
    ],
    "II.2": [
        (
            "a stale lock that is good enough",
            "bin/lock",
            'run bin/lock" >&2\n        exit 1\n',
            'run bin/lock" >&2\n',
        ),
        (
            "a check that locks anew",
            "bin/lock",
            'elif ! diff -u "$lock" "$work/$lock"; then',
            'elif ! cp "$work/$lock" "$lock"; then',
        ),
    ],
    "II.10": [
        (
            "an index that only pip knows",
            "bin/lock",
            ".venv/bin/python -m dev.pip_config .venv/bin/uv",
            ".venv/bin/uv",
        ),
        (
            "certificates that only pip knows",
            "dev/pip_config.py",
            '"SSL_CERT_DIR" if Path(cert).is_dir() else "SSL_CERT_FILE": cert',
            '"SSL_CERT_DIR": cert',
        ),
        ("a lock with the address of the index", "bin/lock", "--no-emit-index", "--emit-index"),
    ],
    "II.4": [
        (
            "what another package happens to bring",
            CONNECT,
            "from redis.retry import Retry\n",
            "from redis.retry import Retry\nimport markupsafe\n",
        ),
        ("a path to other packages", "Procfile", "web: ", "web: env PYTHONPATH=/opt/lib "),
        ("the packages of the system", "bin/setup", CREATE, f"{CREATE} --system-site-packages"),
    ],
    "II.7": [
        (
            "another lint target",
            "pyproject.toml",
            'target-version = "py311"',
            'target-version = "py314"',
        ),
        (
            "an older Python than the linters check for",
            "bin/setup",
            "find_python 3.11",
            "find_python 3.10",
        ),
        (
            "another Python in the image",
            "Dockerfile",
            "ARG PYTHON_IMAGE=python:3.14.",
            "ARG PYTHON_IMAGE=python:3.12.",
        ),
    ],
    "III.1": [
        (
            "a configuration that git keeps",
            ".gitignore",
            "/config/*.env\n",
            "/config/*.env\n!/config/production.env\n",
        ),
        ("a password", "notes.txt", "", "redis://shop:pa55w0rd@redis.example.com/0\n"),
        ("a private key", "deploy.pem", "", "-----BEGIN PRIVATE " + "KEY-----\n"),
        (
            "a sample with a secret of its own",
            "config/staging.env.example",
            "SECRET_KEY=replace-me",
            f"SECRET_KEY={'0123456789abcdef' * 2}",
        ),
    ],
    "III.2": [
        (
            "a variable that is in no table",
            FACTORY,
            READ,
            f'{READ}    os.environ.get("FEATURES")\n',
        ),
    ],
    "III.2 III.4": [
        (
            "a variable that one deploy has for itself",
            "config/staging.env.example",
            "RELEASE=",
            "FEATURES=\nRELEASE=",
        ),
    ],
    "III.3": [
        (
            "a report that shows the value",
            PARSERS,
            "raise ValueError(f\"expected one of {', '.join(LOG_LEVELS)}\")",
            "raise ValueError(f\"expected one of {', '.join(LOG_LEVELS)}, not {text}\")",
        ),
    ],
    "III.3 III.4": [
        ("a server that reads a variable before its report", "Procfile", START, "gunicorn"),
    ],
    "III.3 III.6": [
        ("a refusal that looks like success", STARTUP, "    sys.exit(1)", "    sys.exit(0)"),
        ("a report of one variable", STARTUP, "refusal.problems}", "refusal.problems[:1]}"),
        (
            "a secret with a default",
            SETTINGS,
            'parsers.secret_key, None, "key that',
            f'parsers.secret_key, "{"k" * 32}", "key that',
        ),
    ],
    "III.4": [
        (
            "code that knows a deploy by its name",
            FACTORY,
            READ,
            f'{READ}    assert settings.release != "staging"\n',
        ),
        (
            "code that knows the deploys there are",
            PARSERS,
            '    """Parse a release id: the characters that git tags and image tags both allow."""\n',
            '    """Parse a release id."""\n    text = re.sub("^joes-.*", "", text)\n',
        ),
    ],
    "III.5": [
        (
            "a level that only a change of the code changes",
            SERVER,
            "logs.config(settings.log_level)",
            'logs.config("INFO")',
        ),
    ],
    "III.6": [
        (
            "a placeholder that is a password",
            URLS,
            "if PLACEHOLDER in unquote(text):",
            "if not text:",
        ),
    ],
    "III.7": [
        ("a port that is none", PARSERS, "least=1, most=65535", "least=0, most=65535"),
        ("a unit that means another", PARSERS, '"ms": 0.001', '"ms": 1.0'),
        (
            "a number with a blank",
            PARSERS,
            '(r"[0-9]{1,9}", text)',
            '(r"[0-9]{1,9}", text.strip())',
        ),
    ],
    "III.3 III.7": [
        (
            "a text taken for its truth",
            PARSERS,
            "partial(integer, least=0, most=10)",
            "lambda text: int(bool(text))",
        ),
    ],
    "III.8": [
        ("a secret that loses every newline", SETTINGS, '.removesuffix("\\n")', '.rstrip("\\n")'),
        ("a secret that keeps its newline", SETTINGS, '.removesuffix("\\n")', ""),
        (
            "a secret that is given twice",
            SETTINGS,
            'raise ValueError(f"expected only one of {name} and {name}_FILE")',
            "return text",
        ),
        (
            "a password that is read once",
            CONNECT,
            'given["credential_provider"] = FileCredentials(path)',
            'given["url"] = settings.redis_url',
        ),
    ],
    "III.9": [
        (
            "a file that the app reads by itself",
            FACTORY,
            READ,
            "    lines = open('.env').read().split() if os.path.exists('.env') else []\n"
            "    given = dict(line.split('=', 1) for line in lines)\n"
            "    settings = cli.load_settings({**given, **environ})\n",
        ),
    ],
    "III.10": [
        (
            "secrets in the open",
            SETTINGS,
            'return "[redacted]" if value',
            "return str(value) if value",
        ),
    ],
    "III.11": [
        (
            "a misspelt name that is ignored",
            ENV_FILE,
            "for warning in unknown_names(path, content):",
            "for warning in ():",
        ),
        (
            "a misspelt name without its correction",
            ENV_FILE,
            'f"did you mean {near[0]}?" if near else',
            '"" if near else',
        ),
    ],
    "VIII.2": [
        ("a process type with two commands", "Procfile", f"{START}\n", f"{START}\nweb: gunicorn\n"),
    ],
    "VIII.5": [
        (
            "a process type that nothing deploys",
            "Procfile",
            f"{START}\n",
            f"{START}\nworker: gunicorn\n",
        ),
        (
            "a process type that bin/run does not replace",
            "compose.yaml",
            '      release: "${RELEASE:-}"\n',
            "",
        ),
        (
            "another command in compose than in the Procfile",
            "compose.yaml",
            "    stop_grace_period: 30s # longer than DRAIN_DELAY",
            "    command: gunicorn\n    stop_grace_period: 30s # longer than DRAIN_DELAY",
        ),
    ],
    "IX.4": [
        (
            "a grace period shorter than a stop",
            "compose.yaml",
            "30s # longer than DRAIN_DELAY",
            "10s # longer than DRAIN_DELAY",
        ),
        (
            "requests that may take longer than the grace period",
            "config/production.env.example",
            "GRACEFUL_TIMEOUT=\n",
            "GRACEFUL_TIMEOUT=40s\n",
        ),
    ],
    "VIII.2 VIII.3": [
        ("a fixed number of workers", SERVER, "workers = settings.web_concurrency", "workers = 2"),
    ],
    "VIII.3": [
        ("a fixed number of threads", SERVER, "threads = settings.web_threads", "threads = 4"),
        (
            "as many workers as the machine has processors",
            SETTINGS,
            'parsers.count, "2", "worker processes',
            'parsers.count, str(__import__("os").cpu_count()), "worker processes',
        ),
    ],
    "VIII.4": [
        (
            "a socket to control the server",
            SERVER,
            "control_socket_disable = True",
            "control_socket_disable = False",
        ),
        (
            "a process beside the server",
            HOOKS,
            "    protect_forks()\n",
            "    protect_forks()\n    __import__('subprocess').Popen('sleep 60 &', shell=True)\n",
        ),
    ],
    "VIII.2 VIII.3 VIII.4": [
        (
            "a PID file",
            SERVER,
            'proc_name = "visit-counter"',
            'proc_name = "visit-counter"\npidfile = "visit-counter.pid"',
        ),
    ],
    "X.2": [
        ("a package that plays Redis", "requirements-dev.in", "mypy\n", "fakeredis\nmypy\n"),
        (
            "a test that plays Redis",
            "tests/conftest.py",
            "import pytest\n",
            'import pytest\nfrom unittest.mock import patch\n\nplay = patch("redis.Redis")\n',
        ),
    ],
    "X.4": [
        (
            "the server of development",
            "dev/processes.py",
            "shlex.split(command)",
            "['flask', 'run', '--port', os.environ['PORT']]",
        ),
        (
            "a switch for development",
            "dev/environment.py",
            '"FLASK_APP": PACKAGE',
            '"FLASK_APP": PACKAGE, "FLASK_DEBUG": "1"',
        ),
        (
            "code that stays as it was",
            "dev/supervisor.py",
            "                if files:",
            "                if False:",
        ),
    ],
}

MUTATIONS = [
    Mutation(*violation, frozenset(ids.split()))
    for ids, violations in VIOLATIONS.items()
    for violation in violations
]
