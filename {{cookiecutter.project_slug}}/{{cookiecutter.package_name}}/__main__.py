"""The web server as a program: gunicorn, as gunicorn.conf.py says."""

import os


def main() -> None:
    """Run gunicorn; it may not see WEB_CONCURRENCY while it is imported.

    It would read it at once and by itself, and end with a traceback when it is empty or no number,
    long before gunicorn.conf.py can read all settings and report what is wrong.
    """
    given = os.environ.pop("WEB_CONCURRENCY", None)
    from gunicorn.app.wsgiapp import run

    if given is not None:
        os.environ["WEB_CONCURRENCY"] = given
    run(prog="gunicorn")


if __name__ == "__main__":
    main()
