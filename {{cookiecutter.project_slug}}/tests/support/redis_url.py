"""Check of the Redis that the tests are told to use."""

import socket
from urllib.parse import urlsplit

from redis import ConnectionError as RedisConnectionError
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.exceptions import AuthenticationError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

TIMEOUT_SECONDS = 2


def find_problem(url: str) -> str:
    """Return why the server of a URL cannot be used, with a remedy, or an empty text."""
    try:
        with Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        ) as redis:
            redis.ping()
    except ValueError:
        return "not a URL such as redis://127.0.0.1:6379/0; correct it"
    except AuthenticationError as error:
        return f"{hide_password(url)} refuses the password ({error}); correct it"
    except (RedisConnectionError, RedisTimeoutError):
        return f"no Redis answers at {hide_password(url)}; start it"
    except RedisError as error:
        return f"{hide_password(url)} refuses PING ({error}); correct it"
    return ""


def find_closed_port(url: str) -> str:
    """Return a problem if no server listens at a URL; no command is sent."""
    try:
        options = parse_url(url)
        if path := options.get("path"):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(path)
        else:
            address = (options.get("host", "localhost"), options.get("port", 6379))
            socket.create_connection(address, TIMEOUT_SECONDS).close()
    except ValueError:
        return "not a URL such as redis://127.0.0.1:6379/0; correct it"
    except OSError:
        return f"no Redis answers at {hide_password(url)}; start it"
    return ""


def hide_password(url: str) -> str:
    """Return scheme, address and path of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
