"""Repairs of findings: what would make a false clause true, found from the state and tried on a copy.

Takes the findings of a batch with its state and table, and returns them with their repairs. The wanted result is passed
down from the clause (`logic`, `numbers`, `columns`, `counts`, `operations`) to the values of single objects
(`bindings`, `plans`), and a plan is kept only if judging the changed table confirms it (`adding`, `trials`). Imported
when the first repair is requested.
"""

from __future__ import annotations

from logidsl.eval.repair import logic, numbers
from logidsl.eval.repair.bindings import Binding, Judged, Key, locate
from logidsl.eval.repair.trials import repaired

__all__ = ["Binding", "Judged", "Key", "locate", "logic", "numbers", "repaired"]
