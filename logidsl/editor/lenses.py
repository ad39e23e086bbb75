"""Code lenses: on how many photos a rule holds, and a button that runs a test."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lsprotocol import types as lsp

from logidsl.diagnostics import InputError
from logidsl.editor.analysis import Analysis
from logidsl.editor.samples import Tally, tally
from logidsl.editor.server import Document, SpecServer
from logidsl.scenes import Outcome, run_test
from logidsl.syntax import ast
from logidsl.syntax.walk import flattened

RUN_TEST, COUNT, SHOW = "logidsl.runTest", "logidsl.countPhotos", "logidsl.showViolations"
_NAMED = 10


def register(server: SpecServer) -> None:
    """Give a server the lenses and their commands."""

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=False))
    async def code_lenses(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        document = server.document(params.text_document.uri)
        analysis = await server.analysed(document)
        return list(_lenses(server, document, analysis)) if analysis.program is not None else []

    @server.command(RUN_TEST)
    async def run_one(uri: str, title: str) -> list[str]:
        """Run a test of a spec; what is not as expected."""
        document = server.document(uri)
        analysis = await server.analysed(document)
        program = analysis.program
        test = next((t for t in program.tests if t.title == title), None) if program is not None else None
        if program is None or test is None:
            _tell(server, f"the test `{title}` cannot be run: the spec has an error", bad=True)
            return ["the spec has an error"]
        folder = Path(analysis.source.path).parent
        outcome = await server.in_thread(partial(run_test, program, test, folder))
        document.tests[title] = outcome
        _tell(server, f"{title}: {_result(outcome)}", bad=not outcome.ok)
        _refresh(server)
        return list(outcome.failures)

    @server.command(COUNT)
    async def count(uri: str) -> None:
        """Judge the photos."""
        await _count(server, server.document(uri), again=True)

    @server.command(SHOW)
    def show(uri: str, rule: str) -> list[str]:
        """The photos on which a rule is violated."""
        found = server.document(uri).tally
        names = found.violated_on.get(rule, []) if found is not None else []
        shown = ", ".join(Path(n).name for n in names[:_NAMED])
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        _tell(server, f"`{rule}` is violated on {shown}{more}" if names else f"`{rule}` is violated on no photo")
        return names


def _lenses(server: SpecServer, document: Document, analysis: Analysis) -> Iterator[lsp.CodeLens]:
    assert analysis.program is not None
    for s in flattened(analysis.file.statements):
        match s:
            case ast.Test(title=title):
                run = document.tests.get(title.value)
                words = "run" if run is None else f"run again: {_result(run)}"
                yield _lens(server, s, lsp.Command(words, RUN_TEST, arguments=[document.uri, title.value]))
            case ast.Rule() | ast.Object() | ast.Derived() if server.settings.photos and _is_rule(s):
                yield _lens(server, s, _photos(document, analysis.program.hash, s.name.name))


def _is_rule(s: ast.Rule | ast.Object | ast.Derived) -> bool:
    return isinstance(s, ast.Rule) or s.cardinality is not None


def _lens(server: SpecServer, s: ast.Statement, command: lsp.Command) -> lsp.CodeLens:
    return lsp.CodeLens(server.positions.range(s.span), command=command)


def _photos(document: Document, hash_: str, rule: str) -> lsp.Command:
    found = document.tally
    if found is None or found.hash != hash_:
        return lsp.Command("count the photos on which this holds", COUNT, arguments=[document.uri])
    return lsp.Command(found.words(rule), SHOW, arguments=[document.uri, rule])


def _result(outcome: Outcome) -> str:
    return "passed" if outcome.ok else f"failed, {'; '.join(outcome.failures)}"


def _tell(server: SpecServer, words: str, *, bad: bool = False) -> None:
    kind = lsp.MessageType.Warning if bad else lsp.MessageType.Info
    server.window_show_message(lsp.ShowMessageParams(kind, words))


def _refresh(server: SpecServer) -> None:
    """Make the editor ask for the lenses again, if it can be told."""
    workspace = server.client_capabilities.workspace
    if workspace is not None and workspace.code_lens is not None and workspace.code_lens.refresh_support:
        server.workspace_code_lens_refresh(None)


def count_soon(server: SpecServer, document: Document) -> None:
    """Judge the photos in the background, if a folder of them is set."""
    if server.settings.photos:
        asyncio.ensure_future(_count(server, document))  # noqa: RUF006  # ends by itself, or by `document.stop`


async def _count(server: SpecServer, document: Document, *, again: bool = False) -> None:
    """Judge the photos for the spec as it is now; an edit, a new run or the user ends it."""
    try:
        analysis = await server.analysed(document)
    except InputError:
        return
    program, folder = analysis.program, server.resolved(document, server.settings.photos)
    if program is None or folder is None:
        return
    if not again and document.tally is not None and document.tally.hash == program.hash:
        return
    document.stop.set()
    stop = document.stop = threading.Event()
    progress = await _Bar.begin(server, f"judging the photos in {folder.name}")
    loop = asyncio.get_running_loop()

    def stopped() -> bool:
        return stop.is_set() or progress.cancelled

    def told(found: Tally) -> None:
        document.tally = found
        loop.call_soon_threadsafe(progress.report, found.judged, found.total)

    try:
        found = await server.in_thread(partial(tally, program, folder, stopped, told))
        document.tally = found if found.complete else None
    except InputError as error:
        _tell(server, f"the photos cannot be judged: {error}", bad=True)
    finally:
        progress.end()
        _refresh(server)


class _Bar:
    """A progress bar with a button to cancel, where the editor has one."""

    def __init__(self, server: SpecServer, token: str | None) -> None:
        self._server, self._token = server, token

    @classmethod
    async def begin(cls, server: SpecServer, title: str) -> _Bar:
        """Show a bar."""
        window = server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return cls(server, None)
        token = str(uuid.uuid4())
        await server.work_done_progress.create_async(token)
        server.work_done_progress.begin(token, lsp.WorkDoneProgressBegin(title, cancellable=True, percentage=0))
        return cls(server, token)

    @property
    def cancelled(self) -> bool:
        """Whether the user cancelled."""
        return self._token is not None and self._server.work_done_progress.tokens[self._token].cancelled()

    def report(self, done: int, total: int) -> None:
        """Move the bar."""
        if self._token is not None:
            said = lsp.WorkDoneProgressReport(message=f"{done} of {total}", percentage=100 * done // max(1, total))
            self._server.work_done_progress.report(self._token, said)

    def end(self) -> None:
        """Take the bar away."""
        if self._token is not None:
            self._server.work_done_progress.end(self._token, lsp.WorkDoneProgressEnd())
