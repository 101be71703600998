"""Flask, without looking in each request for hooks that nobody has registered."""

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask, request_tearing_down
from flask.typing import ResponseReturnValue


class LeanFlask(Flask):
    """Flask at less cost; what is registered with it is called as ever."""

    @cache  # noqa: B019  # views and hooks live as long as the app
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that can be called as it is."""
        return super().ensure_sync(func)

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Call what should come before a view."""
        if self.before_request_funcs or self.url_value_preprocessors:
            return super().preprocess_request()
        return None

    def do_teardown_request(self, *args: Any) -> None:
        """Call what should come after a request."""
        if self.teardown_request_funcs or request_tearing_down.receivers:
            super().do_teardown_request(*args)
