"""How commands end: 0 to 4 by what they found, the others as systems have them (`sysexits.h`, 128 and a signal)."""

from __future__ import annotations

PASS, FAIL, REVIEW, SPEC_ERROR, INPUT_ERROR = range(5)
USAGE, FAULT = 64, 70
INTERRUPTED, BROKEN_PIPE, TERMINATED = 130, 141, 143
