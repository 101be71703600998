"""Refusals: an exit status, and one line "problem; remedy"."""

FAILED, USAGE, REFUSED, NO_ENGINE, NO_REMOTE = range(1, 6)


class Refusal(Exception):  # noqa: N818
    """A step that cannot be done."""

    def __init__(self, status: int, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.status = status
