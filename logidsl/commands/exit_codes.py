"""Exit codes: 0 to 4 by result, others by convention (`sysexits.h`, 128 plus a signal)."""

from __future__ import annotations

PASS, FAIL, REVIEW, SPEC_ERROR, INPUT_ERROR = range(5)
USAGE, FAULT = 64, 70
INTERRUPTED, BROKEN_PIPE, TERMINATED = 130, 141, 143
