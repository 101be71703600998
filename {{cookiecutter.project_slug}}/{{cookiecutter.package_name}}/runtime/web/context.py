"""Request context: the request id and the trace of W3C Trace Context."""

import random
import re
from wsgiref.types import WSGIEnvironment

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header
TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?P<span_id>(?!0{16})[0-9a-f]{16})"
    r"-[0-9a-f]{2}(?:-.*)?"
)


def context(environ: WSGIEnvironment) -> dict[str, str]:
    """Return the log fields of a request: its id, sent or new, and its trace."""
    request_id = environ.get("HTTP_X_REQUEST_ID")
    if not request_id or not REQUEST_ID.fullmatch(request_id):
        request_id = f"{random.getrandbits(128):032x}"  # no secret, so no secure random number
    fields = {"request_id": request_id}
    trace = environ.get("HTTP_TRACEPARENT")
    if trace and (match := TRACEPARENT.fullmatch(trace)):
        fields |= match.groupdict()
    return fields
