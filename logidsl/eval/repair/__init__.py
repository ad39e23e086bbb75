"""Repairs of findings: what would make a false clause true, found from the trace and tried on a copy.

Takes the findings of a batch with its trace and table, gives them back with their repairs. What is wanted is
handed down from the clause (`fixes`, `comparisons`, `goals` and what they call) to the values of single objects
(`bindings`), and a plan is kept only where judging the changed table agrees (`trials`). Loaded when a repair is first
wanted. Its modules may import the rest of `eval`, `repairs`, `table`, `table_edits`, `verdicts`, `ir`, `library` and
what is below; nothing of the rest of `eval` is to import more than this.
"""

from __future__ import annotations

from logidsl.eval.repair.bindings import Binding, Key, locate
from logidsl.eval.repair.trials import repaired

__all__ = ["Binding", "Key", "locate", "repaired"]
