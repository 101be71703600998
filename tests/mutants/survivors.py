"""Mutants that no test can kill, each with the reason."""

from __future__ import annotations

import re

# Calls while a module is imported: mutmut chooses its mutant later. The gate proves the table of settings.
AT_IMPORT = re.compile(r"settings\.x_setting__")
NEGATIVE = "every negative number is refused"
CODEC = "codecs have no capitals, and Python's default is UTF-8 everywhere but in old locales"
PROMPT = "without a terminal OpenSSL reads no password, and any is wrong"
CLOCK = "the clock is beyond one second, and never exactly at the end of a lease"

# The line of a mutant -> why it behaves as the line that it replaces
EQUIVALENT = {
    'duration = float(match[1]) * UNITS[match[2] or "s"] if match else -2.0': NEGATIVE,
    'return place.isprintable() and bool(place.startswith("/") or place.encode("IDNA"))': CODEC,
    'return Path(path).read_text(None).removesuffix("\\n")': CODEC,
    'return Path(path).read_text("UTF-8").removesuffix("\\n")': CODEC,
    "context.load_cert_chain(certificate, key, password=None)  # else it would prompt": PROMPT,
    "context.load_cert_chain(certificate, key, )  # else it would prompt": PROMPT,
    'context.load_cert_chain(certificate, key, password="XXXX")  # else it would prompt': PROMPT,
    "self.lease_expires = 1.0": CLOCK,
    "if now <= self.lease_expires:": CLOCK,
}
