"""Credentials of Redis that may change while the service runs."""

from urllib.parse import unquote, urlsplit

from redis import AuthenticationError, CredentialProvider

from ..settings import read_file


class FileCredentials(CredentialProvider):
    """User and password of the URL in a file, read again for each new connection."""

    def __init__(self, path: str) -> None:
        self.path = path

    def get_credentials(self) -> tuple[str, str]:
        """Return user and password from the file; raises AuthenticationError."""
        try:
            url = urlsplit(read_file(self.path))
        except ValueError:
            # After an error that is not its own, redis-py would connect without a user.
            raise AuthenticationError("the file of REDIS_URL holds no readable URL") from None
        return unquote(url.username or "default"), unquote(url.password or "")
