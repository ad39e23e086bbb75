"""How often `diff` finds a table on which two different specs differ: `python -m benchmarks.questions [--pairs N]`.

Each pair is a gold spec of `benchmarks/translation/sets` and a change of it in one number, word or operator. Whether
the two are really different is decided by other means than those of `diff`: the scenes that
`benchmarks.translation.mutate` makes of the good scenes of the set, none of which `diff` sees.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter

import numpy as np

from benchmarks.translation.agree import Referee, compiled
from benchmarks.translation.sets import rule_sets
from logidsl.questions.difference import difference
from logidsl.questions.mutants import mutants
from logidsl.source import Source


def main() -> None:
    """Print a line for each pair, and the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    dice = random.Random(args.seed)
    found, seconds = Counter[str](), []
    sets = [r for r in rule_sets() if r.draft]
    for rules in dice.sample(sets, min(args.pairs, len(sets))):
        gold, _ = compiled(rules.spec, rules.name)
        assert gold is not None
        every = list(mutants(Source("gold", rules.spec), gold))
        dice.shuffle(every)
        for mutant in every[:30]:
            other, _ = compiled(mutant.text, rules.name)
            if other is not None and other.hash != gold.hash:
                break
        else:
            continue
        kind = Referee(rules).judge(mutant.text).kind
        began = time.process_time()
        made = difference(gold, other)
        seconds.append(time.process_time() - began)
        really = "different" if kind in ("missing", "strict") else "other labels" if kind == "labels" else "not known"
        found[f"{really}: {made.alike or made.differs or 'nothing found'}"] += 1
        print(f"{rules.name}, {mutant.line}: {kind}; diff: {made.alike or made.differs or 'nothing'}", end="; ")
        print(f"{seconds[-1]:.1f} s of CPU", "" if made.differs else f"{mutant.before} -> {mutant.after}", flush=True)
    for what, count in sorted(found.items()):
        print(f"{count:4} {what}")
    different = sum(n for what, n in found.items() if what.startswith("different"))
    shown = found["different: verdict"]
    print(
        f"of {different} pairs that are different, {shown} ({shown / max(different, 1):.0%}) are told apart", end="; "
    )
    print(f"median {np.median(seconds):.1f} s, most {max(seconds):.1f} s of CPU")


if __name__ == "__main__":
    main()
