"""`python -m logidsl.studio.tasks KIND`: a job of the studio, in a process of its own; see `jobs`.

Reads one line of JSON, and prints lines of JSON: `{"progress": 0.5, "message": "pictures"}`, and at last
`{"result": …}` or `{"error": "…"}`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from logidsl.diagnostics import InputError, SpecError
from logidsl.pipeline import compile_spec
from logidsl.source import Source
from logidsl.studio.table_files import unpacked
from logidsl.syntax import ast
from logidsl.syntax.identifiers import identifiers
from logidsl.syntax.read import read
from logidsl.table import concatenate
from logidsl.workers import Progress

Request = dict[str, Any]


def say(document: dict[str, Any]) -> None:
    """Print a line for the studio."""
    _OUT.write(json.dumps(document) + "\n")
    _OUT.flush()


_OUT = sys.stdout


def steps(shares: dict[str, tuple[float, float]]) -> Callable[[str], Progress]:
    """What tells progress, by the step: each has a part of the whole."""

    def of(what: str) -> Progress:
        low, high = shares.get(what, (0.0, 1.0))

        def told(done: int, total: int) -> None:
            say(
                {
                    "progress": round(low + (high - low) * done / max(1, total), 3),
                    "message": f"{what}: {done} of {total}",
                }
            )

        return told

    return of


def learn(request: Request) -> dict[str, Any]:
    """Learn parts from the annotations in a folder, and write the parts file."""
    from logidsl import learn as learning
    from logidsl.extract.parts.model import packed
    from logidsl.files import replace
    from logidsl.learn import report

    annotations = learning.read_annotations([request["annotations"]])
    few = len(annotations.pictures) < 2
    options = learning.Options(validate=not few, jobs=request["jobs"])
    shares = {"pictures": (0.0, 0.3), "checks": (0.3, 0.9), "networks": (0.9, 1.0)}
    found = learning.learn(annotations, options, steps(shares))
    target = Path(request["parts"])
    replace(target, packed(found.parts))
    figures = report.figures(found.choice, found.parts.classes, len(found.examples))
    names = identifiers(found.parts.classes)
    file = json.dumps(target.name, ensure_ascii=False)
    lines = []
    for name in found.parts.classes:
        only = "" if len(found.parts.classes) == 1 and names[name] == name else f', "{name}"'
        lines.append(f"object {names[name]} = learned({file}{only})")
    if found.choice.calibrated:
        low, high = found.parts.settings.doubtful
        lines.append(f"doubtful {low:g} .. {high:g}")
    said = "one photo is annotated, so nothing is measured: annotate another" if few else report.verdict(figures)
    return {
        "parts": target.name,
        "path": str(target),
        "classes": list(found.parts.classes),
        "statement": "\n".join(lines),
        "message": said,
        "notes": list(found.notes),
    }


def infer(request: Request) -> dict[str, Any]:
    """Infer rules from the tables of good photos."""
    from logidsl.infer import infer as inferred

    source = Source(request["path"], request["text"])
    tables = [t for name in request["tables"] if (t := unpacked(Path(name).read_bytes())) is not None]
    draft = inferred(concatenate(tables), (source, compile_spec(source)), progress=steps({})("strictness"), seed=0)
    return {
        "rules": statements_after(draft.text, source.text, f"holds on all {draft.parts} good photos"),
        "notes": draft.notes,
        "message": f"{draft.rejected} of {draft.parts} good photos would be rejected by rules learned without them",
    }


def statements_after(text: str, before: str, support: str = "") -> list[dict[str, Any]]:
    """The statements of a draft that are not in the spec that it completes, to be accepted one by one.

    Each has the comment before it, and the declarations that it needs; of these, only objects are rows of their own.
    """
    source = Source("draft.logic", text)
    start = len(before.rstrip()) if text.startswith(before.rstrip()) else 0
    rows: list[dict[str, Any]] = []
    declared: dict[str, dict[str, Any]] = {}
    own, end = set[str](), start
    for s in read(source)[0].statements:
        if s.span.start < start:
            continue
        comment = " ".join(line.lstrip("# ") for line in text[end : s.span.start].splitlines() if line.startswith("#"))
        end = s.span.end
        needs = [declared[name] for name in dict.fromkeys(re.findall(r"\w+", s.span.text)) if name in declared]
        texts = dict.fromkeys(t for row in needs for t in (*row["needs"], row["text"]))
        text_of = s.span.text.strip()
        row = {"text": text_of, "comment": comment, "support": support, "needs": list(texts)}
        rows.append(row)
        if isinstance(s, ast.Rule | ast.Object):
            own.add(text_of)
        if not isinstance(s, ast.Rule) and (name := getattr(getattr(s, "name", None), "name", "")):
            declared[name] = row
    needed = {text for row in rows for text in row["needs"]} - own
    return [row for row in rows if row["text"] not in needed]


def translate(request: Request) -> dict[str, Any]:
    """Translate sentences into clauses with the model that is configured."""
    from logidsl.config import llm_table, user_config, user_table
    from logidsl.infer.parameters import measured
    from logidsl.llm import Client, Store, find_settings
    from logidsl.seeing import good_parts
    from logidsl.translate import Session, choose

    folder = Path(request["path"]).parent
    settings = find_settings(None, os.environ, llm_table(folder), user_table(), str(user_config()))
    draft = Source(request["path"], request["text"])
    good = request["good"]
    told = steps({})("question")
    with Client(settings, Store(None), lambda why, _: say({"progress": 0.5, "message": why})) as client:
        session = Session(
            request["sentences"],
            draft=draft,
            look=good_parts(good, ()) if good else None,
            constraint=choose(client),
            rounds=3,
            name=Path(request["path"]).stem,
            measure=measured,
        )
        asked = 0
        while session.request is not None:
            told(asked, 4)
            session.take(client.ask(session.request.body))
            asked += 1
    made = session.translation
    if made.spec is None:
        raise InputError("; ".join(made.problems) or "the model gave no clause that the checker accepts")
    notes = [a.question for a in made.accounts if a.question] + [a.remark for a in made.accounts if a.remark]
    notes += [f"not translated: {s.text}" for s in made.missing]
    notes += [str(f) for f in made.trial.failures]
    return {"text": made.spec, "clauses": statements_after(made.spec, draft.text), "notes": notes}


def record(request: Request) -> dict[str, Any]:
    """Judge a folder as `logidsl check --store` does, which keeps the run."""
    lot = ["--batch", f"lot={request['lot']}"] if request["lot"] else []
    command = [
        sys.executable, "-m", "logidsl", "check", "--spec", request["spec"], "--store", request["store"], *lot,
        "--format", "jsonl", "--jobs", str(request["jobs"]), "--", request["folder"],
    ]  # fmt: skip
    told, judged, said = steps({})("photos"), 0, []
    told(0, request["photos"])
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                judged += "input" in json.loads(line)  # else it is a batch
                told(min(judged, request["photos"]), request["photos"])
            elif line.strip():
                said.append(line.strip().removeprefix("logidsl: "))
    if process.returncode not in (0, 1, 2):
        raise InputError("; ".join(said) or f"`logidsl check` ended with {process.returncode}")
    shown = "1 photo" if judged == 1 else f"{judged} photos"
    return {"message": "; ".join([*said, f"{shown} recorded"])}


TASKS: dict[str, Callable[[Request], dict[str, Any]]] = {
    "learn": learn,
    "infer": infer,
    "translate": translate,
    "record": record,
}


def _end_with_the_studio() -> None:
    sys.stdin.read()
    os._exit(1)


def main() -> int:
    """Do one job."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_studio, daemon=True).start()
    sys.stdout = sys.stderr  # what a library prints is not an answer
    from logidsl.llm import ModelError

    try:
        say({"result": TASKS[sys.argv[1]](request)})
    except (InputError, SpecError, ModelError) as error:
        say({"error": str(error)})
    except Exception as error:  # noqa: BLE001 - the page shows it
        say({"error": f"internal error: {type(error).__name__}: {error}"})
    return 0


if __name__ == "__main__":
    code = main()
    _OUT.flush()
    os._exit(code)  # the thread that reads the input cannot be ended
