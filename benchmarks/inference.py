"""How well rules inferred from good parts tell good from bad: `python -m benchmarks.inference [NAME …]`.

Each rule set of `benchmarks/translation/sets` gives the parts. Good ones are made from its scenes by many small random
changes of which each is kept only if the gold spec still passes; bad ones by a few larger changes of other good ones,
until the gold spec fails. `infer` sees some good tables and nothing else; its rules then judge good and bad tables that
it has not seen. A sentence counts as found if the tables that violate it alone are rejected.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.translation.agree import compiled
from benchmarks.translation.mutate import (
    Vocabulary,
    _changes,
    _doubled,
    _moved,
    _put,
    _scaled,
    _seen,
    _swapped,
    _values,
    _without,
    vocabulary,
)
from benchmarks.translation.sets import RuleSet, Scene, Thing, Value, rule_sets, table
from logidsl import ir
from logidsl.eval import judge
from logidsl.questions.goals import read_as
from logidsl.table import Ints
from logidsl.verdicts import State

LEARNED, GOOD, BAD = 40, 20, 40
_JITTERS, _LEAPS = 12, 3


@dataclass(frozen=True)
class Score:
    """What became of one rule set."""

    name: str
    caught: int
    bad: int
    rejected: int
    good: int
    found: int
    sentences: int
    rules: int
    seconds: float


def verdicts(program: ir.Program, scenes: Sequence[Scene]) -> Ints:
    """The verdict of each scene."""
    return judge(program, read_as(table(list(scenes)), program), explain=False).verdicts


def good_scenes(rules: RuleSet, program: ir.Program, words: Vocabulary, count: int, seed: int) -> list[Scene]:
    """Good scenes that differ in what the gold spec leaves open."""
    dice = random.Random(seed)
    here = [dice.choice(rules.scenes) for _ in range(count)]
    steps = [_jittered] * _JITTERS + [_varied] * _LEAPS + [_jittered] * 3
    for step in steps:
        proposed = [step(s, words, dice) for s in here]
        passed = verdicts(program, proposed) == State.PASS
        here = [p if ok and _seen(p) else s for s, p, ok in zip(here, proposed, passed, strict=True)]
    return here


def _jittered(scene: Scene, words: Vocabulary, dice: random.Random) -> Scene:
    """Every object a little off, and of slightly other size and colour; or only one, which passes more often."""
    if not scene.things:
        return scene
    chosen = set(range(len(scene.things))) if dice.random() < 0.5 else {dice.randrange(len(scene.things))}
    by = dice.choice((0.2, 1.0, 3.0))
    return replace(scene, things=tuple(_nudged(t, dice, by) if i in chosen else t for i, t in enumerate(scene.things)))


def _nudged(thing: Thing, dice: random.Random, by: float) -> Thing:
    made = _moved(thing, dice.gauss(0, by), dice.gauss(0, by))
    made = _scaled(made, 1 + dice.gauss(0, 0.01) * by, 1 + dice.gauss(0, 0.01) * by)
    values = {k: _near(v, dice) if k != "confidence" else v for k, v in made.values.items()}
    return replace(made, values=values)


def _near(value: Value, dice: random.Random) -> Value:
    match value:
        case float() if value != round(value):
            return value * (1 + dice.gauss(0, 0.015))
        case (float(l), float(a), float(b)):
            return (l + dice.gauss(0, 1.0), a + dice.gauss(0, 1.0), b + dice.gauss(0, 1.0))
        case _:
            return value


def _varied(scene: Scene, words: Vocabulary, dice: random.Random) -> Scene:
    """What varies between good parts: an object more or less, elsewhere, exchanged, of another label or text."""
    if not scene.things:
        return scene
    i = dice.randrange(len(scene.things))
    thing = scene.things[i]
    moved = _moved(thing, dice.gauss(0, 15), dice.gauss(0, 15))
    options = [_without(scene, i), _doubled(scene, i), _put(scene, i, moved), *_swapped(scene, i, dice)]
    for name, value in thing.values.items():
        if isinstance(value, str):
            options += [
                _put(scene, i, replace(thing, values={**thing.values, name: o})) for o in _values(name, value, words)
            ]
    return dice.choice(options)


def _leapt(scene: Scene, words: Vocabulary, dice: random.Random) -> Scene:
    """One change of any kind."""
    options = _changes(scene, words, dice)
    return dice.choice(options) if options else scene


def bad_scenes(program: ir.Program, good: Sequence[Scene], words: Vocabulary, count: int, seed: int) -> list[Scene]:
    """Scenes that the gold spec rejects, made of good ones by one to three changes."""
    dice, found = random.Random(seed), list[Scene]()
    for _ in range(30):
        proposed = []
        for s in good:
            made = s
            for _ in range(dice.choice((1, 1, 1, 2, 3))):
                made = _leapt(made, words, dice)
            if _seen(made):
                proposed.append(made)
        failed = verdicts(program, proposed) == State.FAIL
        found += [p for p, bad in zip(proposed, failed, strict=True) if bad]
        if len(found) >= count:
            break
    return dice.sample(found, min(count, len(found)))


def scored(rules: RuleSet, seed: int = 0) -> tuple[Score, str, list[Scene]]:
    """The score of a rule set, the draft, and the bad scenes that it passes."""
    from logidsl.infer import infer

    program, bag = compiled(rules.spec, rules.name)
    assert program is not None, str(bag)
    words = vocabulary(program, rules.scenes, strangers="unlisted(" in rules.gold)
    learned = good_scenes(rules, program, words, LEARNED, seed)
    fresh = good_scenes(rules, program, words, GOOD, seed + 1)
    bad = bad_scenes(program, fresh, words, BAD, seed + 2)
    started = time.process_time()
    draft = infer(table(learned), seed=seed)
    seconds = time.process_time() - started
    made, bag = compiled(draft.text, f"{rules.name} (inferred)")
    assert made is not None, f"{rules.name}: {bag}\n{draft.text}"
    missed = verdicts(made, bad) == State.PASS if bad else np.zeros(0, bool)
    rejected = int((verdicts(made, fresh) == State.FAIL).sum())
    found, sentences = _sentences(program, bad, missed)
    return (
        Score(
            rules.name, int((~missed).sum()), len(bad), rejected, len(fresh), found, sentences, len(made.rules), seconds
        ),
        draft.text,
        [s for s, m in zip(bad, missed, strict=True) if m],
    )


def _sentences(program: ir.Program, bad: Sequence[Scene], missed: np.ndarray) -> tuple[int, int]:
    """Of the gold rules that some bad scene violates alone, those whose scenes are all rejected."""
    if not bad:
        return 0, 0
    violated = judge(program, read_as(table(list(bad)), program), explain=False).truths < 0
    alone = violated & (violated.sum(axis=0) == 1)
    own = [a for a in alone if a.any()]
    return sum(not missed[a].any() for a in own), len(own)


def main(argv: Sequence[str] | None = None) -> int:
    """Print a row for each rule set, and the sums."""
    parser = argparse.ArgumentParser(prog="benchmarks.inference", description=__doc__.partition("\n")[0])
    parser.add_argument("name", nargs="*", help="rule sets (default all)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=1, help="each so many of the rule sets")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them, from 0")
    parser.add_argument("--show", action="store_true", help="print the drafts, and what they miss")
    args = parser.parse_args(argv)
    chosen = [r for r in rule_sets() if not args.name or r.name in args.name][args.first :: args.every]
    scores = []
    for rules in chosen:
        score, text, missed = scored(rules, args.seed)
        scores.append(score)
        print(
            f"{score.name:28} caught {score.caught:3} of {score.bad:3}, rejected {score.rejected:2} of {score.good},"
            f" sentences {score.found} of {score.sentences}, {score.rules:3} rules, {score.seconds:5.1f} s",
            flush=True,
        )
        if args.show:
            print(text)
            for scene in missed:
                print(
                    "  missed:", "; ".join(f"{t.cls} {[round(v, 1) for v in t.box]} {t.values}" for t in scene.things)
                )
    caught, bad = sum(s.caught for s in scores), sum(s.bad for s in scores)
    rejected, good = sum(s.rejected for s in scores), sum(s.good for s in scores)
    found, sentences = sum(s.found for s in scores), sum(s.sentences for s in scores)
    print(f"caught {caught} of {bad} ({caught / bad:.1%}), rejected {rejected} of {good} ({rejected / good:.1%})")
    print(f"sentences {found} of {sentences} ({found / sentences:.1%})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
