"""How long an editor waits for `logidsl lsp` after a keystroke, in a spec of 500 lines.

A real server is driven over its streams. A rule in the middle is typed letter by letter, a keystroke every 120 ms with
a longer pause every tenth, in which the whole spec is compiled. Measured are the time until the diagnostics of that
version arrive, until a completion asked for right after it arrives, until the whole spec is compiled once typing
pauses, and the CPU time of the server.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

TYPED = "\nrule typed: every part7 a: every other part7 b: distance(a, b) > 12 px and a.length in 3 .. 10 mm\n"
HEAD = """logic 1
spec big "A spec of many lines"
scale 1 px = 0.08 mm
color steel = "#9a9ca0" within 15
color red = "#b02020"
attribute kind of label: left | right
object label
grid place = 3 rows, 5 columns
"""
PART = """object part{n} "part {n}": 1 .. 4    defect no_part{n}
region zone{n} = box({m} %, 0 %, {k} %, 100 %)
let width{n} = mean(width of part{n})
rule near{n} "near each other" as position:
    every part{n} a: every other part{n} b: distance(a, b) > {m} px and a.length in 3 .. {k} mm
    defect too_near{n}
rule inside{n} as position: every part{n}: inside zone{n}
rule cells{n} as quantity: every place p: count(part{n} inside p) <= 2
rule colour{n} as matching: every part{n}: color = steel or color = red
rule size{n} as size: width{n} < {k} px or count(part{n}) = 0
"""


def spec(lines: int) -> str:
    """A spec of some number of lines."""
    text, n = HEAD, 0
    while text.count("\n") < lines:
        text += PART.format(n=n, m=n % 10, k=50 + n % 10)
        n += 1
    return "".join(line + "\n" for line in text.split("\n")[:lines])


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far; not a number where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(lines: int, keystrokes: int) -> dict[str, list[float]]:
    """Times of each keystroke in milliseconds."""
    client = LanguageClient("benchmark", "1")
    arrived: dict[int, asyncio.Event] = {}

    def published(params: lsp.PublishDiagnosticsParams) -> None:
        if params.version is not None:
            arrived.setdefault(params.version, asyncio.Event()).set()

    client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
    await client.start_io(sys.executable, "-m", "logidsl", "lsp")
    await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities()))
    client.initialized(lsp.InitializedParams())
    text, uri = spec(lines), "file:///big.logic"
    line = text[: len(text) // 2].count("\n")
    while text.split("\n")[line].startswith(" "):
        line += 1
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "logic", 1, text)))
    document = lsp.TextDocumentIdentifier(uri)
    await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
    assert client._server is not None
    pid, character = client._server.pid, 0
    found: dict[str, list[float]] = {"diagnostics": [], "completion": [], "whole": [], "cpu": []}
    for n in range(keystrokes):
        letter = TYPED[n % len(TYPED)]
        version, where = n + 2, lsp.Position(line, character)
        change = lsp.TextDocumentContentChangePartial(range=lsp.Range(where, where), text=letter)
        arrived[version] = asyncio.Event()
        before, started = cpu_s(pid), time.perf_counter()
        client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(version, uri), [change])
        )
        line, character = (line + 1, 0) if letter == "\n" else (line, character + 1)
        asked = client.text_document_completion_async(lsp.CompletionParams(document, lsp.Position(line, character)))
        await arrived[version].wait()
        found["diagnostics"].append(1000 * (time.perf_counter() - started))
        await asked
        found["completion"].append(1000 * (time.perf_counter() - started))
        found["cpu"].append(1000 * (cpu_s(pid) - before))
        if n % 10 == 9:
            started = time.perf_counter()
            await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
            found["whole"].append(1000 * (time.perf_counter() - started))
        else:
            await asyncio.sleep(0.12)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]
    return found


def row(what: str, times_ms: Sequence[float]) -> str:
    """A line of the table: median, 95th percentile, worst."""
    ordered = sorted(times_ms)
    high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{what:<46} {statistics.median(ordered):6.0f} {high:6.0f} {ordered[-1]:6.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--lines", type=int, default=500, help="length of the spec")
    parser.add_argument("--keystrokes", type=int, default=200)
    args = parser.parse_args()
    found = asyncio.run(measure(args.lines, args.keystrokes))
    print(f"{args.lines} lines, {args.keystrokes} keystrokes; ms{'':29}   p50    p95    max")
    print(row("diagnostics of the changed statement", found["diagnostics"]))
    print(row("completion, asked right after", found["completion"]))
    print(row("CPU of the server for both", found["cpu"]))
    print(row("the whole spec compiled, without the pause", found["whole"]))


if __name__ == "__main__":
    main()
