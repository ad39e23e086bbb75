"""Limits fitted to the truth: from pictures of which something is known to values, plateaus and errors to expect.

The phases in order: `truth` reads what is known, `cases` finds the pictures, `limits` what may be set, `trials` tries
values, `search` finds plateaus, `estimate` says what to expect of new pictures, `report` shows it and `rewrite` writes
the spec.
"""
