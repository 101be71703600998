"""The web process: gunicorn with the settings of gunicorn.conf.py."""

import os


def main() -> None:
    """Run gunicorn, with WEB_CONCURRENCY hidden from its import.

    gunicorn reads the variable while it is imported, and ends with a traceback when it is empty or
    no number. gunicorn.conf.py reads all settings later, and reports every problem in one event.
    """
    concurrency = os.environ.pop("WEB_CONCURRENCY", None)
    from gunicorn.app.wsgiapp import run

    if concurrency is not None:
        os.environ["WEB_CONCURRENCY"] = concurrency
    run(prog="gunicorn")


if __name__ == "__main__":
    main()
