"""The language server: documents, their diagnostics, and the life of a connection.

Everything runs on the event loop but compiling, judging pictures and trying fixes, which run in threads. After an edit
the diagnostics of the changed statements are published at once (`outline.update`), those of the whole spec when typing
pauses (`analysis.analyse`). A result belongs to the text that it was made from: it is dropped if that has changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.uris import from_fs_path, to_fs_path

from logidsl.config import specs_below
from logidsl.diagnostics import Diagnostic, InputError
from logidsl.editor.analysis import Analysis, analyse
from logidsl.editor.names import Names, names
from logidsl.editor.outline import Outline, outline, update
from logidsl.editor.positions import Positions
from logidsl.editor.samples import Sample, Tally
from logidsl.scenes import Outcome
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.read import form_of, read
from logidsl.syntax.spec_files import read_source
from logidsl.version import __version__

T = TypeVar("T")
log = logging.getLogger("logidsl.editor")
#: After an edit, how long to wait for the next one before the whole spec is compiled, in seconds.
PAUSE_S = 0.25
_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "advice": lsp.DiagnosticSeverity.Information,
}
_UNUSED = frozenset(f"W00{n}" for n in range(1, 8)) | {"W028"}


@dataclass
class Settings:
    """What the user set under `logidsl`.

    Parameters
    ----------
    sample : str
        A picture, annotation or table: hover shows the values on it.
    photos : str
        A folder of photos: each rule says on how many it holds.
    """

    sample: str = ""
    photos: str = ""

    @classmethod
    def of(cls, given: object) -> Settings:
        """The settings of a JSON object; what is missing or of another type counts as not set."""
        values = given.get("logidsl", given) if isinstance(given, dict) else {}
        texts = {k: v for k in ("sample", "photos") if isinstance(v := values.get(k), str)}
        return cls(**texts)


@dataclass(eq=False)
class Document:
    """An open text.

    Parameters
    ----------
    uri : str
        What the editor calls it.
    source : Source
        Its text now; `version` is the editor's number of it.
    outline : Outline, optional
        Its statements; None of a spec in YAML.
    said : tuple
        The outline and the diagnostics that were published last.
    analysis : Analysis, optional
        The last one, of this text or an earlier one.
    readable : Analysis, optional
        The last one that has statements: YAML that is being typed often cannot be read at all.
    tests : dict of str to Outcome
        The results of tests that were run, by title.
    tally : Tally, optional
        The last run over the photos.
    """

    uri: str
    source: Source
    version: int | None
    outline: Outline | None
    said: tuple[Outline, list[Diagnostic]] | None = None
    analysis: Analysis | None = None
    readable: Analysis | None = None
    known: Names | None = None
    pending: asyncio.Task[None] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    tests: dict[str, Outcome] = field(default_factory=dict)
    tally: Tally | None = None
    sample: Sample = field(default_factory=Sample)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def current(self) -> bool:
        """Whether the last analysis is of the text as it is now."""
        return self.analysis is not None and self.analysis.source is self.source


class _Protocol(LanguageServerProtocol):
    """The protocol, in which one connection's end need not be the end of the process."""

    @lsp_method(lsp.EXIT)
    def lsp_exit(self, *args: Any) -> Generator[Any, Any, None]:
        """End the connection, and the process if it is the connection's own."""
        server = self._server
        assert isinstance(server, SpecServer)
        server.close()
        if server.own_process:
            yield from super().lsp_exit(*args)
        elif self.writer is not None:
            self.writer.close()


class SpecServer(LanguageServer):
    """A language server for one connection.

    Parameters
    ----------
    own_process : bool
        Whether the process ends with the connection.
    """

    def __init__(self, *, own_process: bool = False) -> None:
        super().__init__("logidsl", __version__, protocol_cls=_Protocol)
        self.own_process = own_process
        self.documents: dict[str, Document] = {}
        self.settings = Settings()
        self.ended = threading.Event()
        self._compiling = ThreadPoolExecutor(1, "logidsl-compile")
        self._looking = ThreadPoolExecutor(2, "logidsl-look")
        self._files: dict[str, tuple[float, Source]] = {}

    @cached_property
    def positions(self) -> Positions:
        """How the editor counts characters."""
        return Positions(self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16)

    def close(self) -> None:
        """Stop what runs for this connection."""
        self.ended.set()
        for document in self.documents.values():
            document.stop.set()
            if document.pending is not None:
                document.pending.cancel()
        self.documents.clear()
        self._compiling.shutdown(wait=False, cancel_futures=True)
        self._looking.shutdown(wait=False, cancel_futures=True)

    # ---- documents ----

    def opened(self, uri: str) -> None:
        """Take up a document."""
        text = self.workspace.get_text_document(uri)
        source = Source(path_of(uri, text.language_id), _plain(text.source))
        cut = outline(source) if form_of(source) == "logic" else None
        self.documents[uri] = Document(uri, source, text.version, cut)
        self.compile_soon(self.documents[uri], 0.0)

    def changed(self, uri: str) -> None:
        """Take up an edit, and publish what is known of it at once."""
        document = self.documents.get(uri)
        if document is None:
            return
        text = self.workspace.get_text_document(uri)
        document.version = text.version
        document.source = Source(document.source.path, _plain(text.source))
        document.stop.set()
        pause = PAUSE_S
        if document.outline is not None:
            document.outline = outline(document.source, document.outline)
            said = None
            if document.said is not None:
                said = update(*document.said, document.outline, self.read_file)
            if said is None:
                pause = 0.0
            else:
                self.publish(document, said)
        self.compile_soon(document, pause)
        for other in self.documents.values():
            if other.analysis is not None and document.source.path in other.analysis.files:
                self.recompile(other)

    def recompile(self, document: Document) -> None:
        """Compile a document anew although its text did not change, as a file that it reads did."""
        document.source = Source(document.source.path, document.source.text)
        document.outline = outline(document.source) if document.outline is not None else None
        self.compile_soon(document, PAUSE_S)

    def closed(self, uri: str) -> None:
        """Forget a document and its diagnostics."""
        document = self.documents.pop(uri, None)
        if document is not None:
            document.stop.set()
            if document.pending is not None:
                document.pending.cancel()
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    def compile_soon(self, document: Document, pause_s: float) -> None:
        """Compile a document after a pause, unless it changes before."""
        if document.pending is not None:
            document.pending.cancel()

        async def later() -> None:
            await asyncio.sleep(pause_s)
            with contextlib.suppress(InputError):  # closed meanwhile
                await self.analysed(document)

        document.pending = asyncio.ensure_future(later())

    async def analysed(self, document: Document) -> Analysis:
        """The analysis of a document as it is now; waits while it changes.

        Raises
        ------
        InputError
            If the document was closed.
        """
        async with document.lock:
            while not document.current:
                if self.documents.get(document.uri) is not document:
                    raise InputError("the document was closed")
                source = document.source
                made = await self.in_thread(partial(analyse, source, self.read_file), self._compiling)
                if document.source is source:
                    document.analysis, document.known = made, None
                    document.readable = made if made.file.statements else document.readable
                    self.publish(document, list(made.diagnostics))
            assert document.analysis is not None
            return document.analysis

    async def named(self, document: Document) -> tuple[Analysis, Names]:
        """The analysis of a document with its names."""
        analysis = await self.analysed(document)
        if document.known is None:
            document.known = names(analysis)
        return analysis, document.known

    async def in_thread(self, work: Callable[[], T], pool: ThreadPoolExecutor | None = None) -> T:
        """The result of work that takes longer than an editor waits."""
        return await asyncio.get_running_loop().run_in_executor(pool or self._looking, work)

    def document(self, uri: str) -> Document:
        """An open document.

        Raises
        ------
        InputError
            If there is none.
        """
        found = self.documents.get(uri)
        if found is None:
            raise InputError(f"expected an open document, found `{uri}`")
        return found

    # ---- files ----

    def read_file(self, path: str) -> Source:
        """The text of a file: as it is in the editor, else on disk; raises InputError."""
        for document in list(self.documents.values()):
            if document.source.path == path:
                return Source(path, document.source.text)
        return read_source(path)

    def specs(self, root: Path | None = None) -> list[Source]:
        """The specs in the folders that the editor has open."""
        roots = [root] if root is not None else self.folders()
        found = []
        for path in dict.fromkeys(str(p) for r in roots for p in specs_below(r)):
            with contextlib.suppress(InputError, OSError):
                changed = Path(path).stat().st_mtime
                kept = self._files.get(path)
                if kept is None or kept[0] != changed:
                    self._files[path] = kept = (changed, read_source(path))
                opened = next((d.source for d in self.documents.values() if d.source.path == path), None)
                found.append(opened or kept[1])
        return found

    def folders(self) -> list[Path]:
        """The folders that the editor has open."""
        uris = [f.uri for f in self.workspace.folders.values()] or [u for u in [self.workspace.root_uri] if u]
        return [Path(p) for u in uris if (p := to_fs_path(u)) and Path(p).is_dir()]

    def resolved(self, document: Document, path: str) -> Path | None:
        """A path of the settings, relative to a folder that is open or to the spec's; None if it is not set."""
        if not path:
            return None
        own = Path(document.source.path).parent
        tried = [folder / path for folder in (*self.folders(), own)]
        return next((p for p in tried if p.exists()), tried[-1])

    def uri_of(self, path: str) -> str:
        """What the editor calls a file."""
        opened = next((d.uri for d in self.documents.values() if d.source.path == path), None)
        return opened or from_fs_path(path) or path

    # ---- diagnostics ----

    def publish(self, document: Document, said: list[Diagnostic]) -> None:
        """Publish the diagnostics of a document as it is now."""
        if document.outline is not None:
            document.said = (document.outline, said)
        shown = [self._diagnostic(document, d) for d in said]
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(document.uri, shown, document.version))

    def _diagnostic(self, document: Document, d: Diagnostic) -> lsp.Diagnostic:
        """A diagnostic; one of an imported file stands at the import."""
        source, own = document.source, d.span.source.path in ("", document.source.path)
        related = [] if d.other is None else [self._related(d.other[0].source.path, d.other[0], d.other[1])]
        if own:
            where = self.positions.range(d.span._replace(source=source))
            message = d.message
        else:
            where = self._import_of(document, d.span.source.path)
            message = f"in `{PurePosixPath(d.span.source.path).name}`: {d.message}"
            related = [self._related(d.span.source.path, d.span, d.code), *related]
        return lsp.Diagnostic(
            range=where,
            message=f"{message}\nfix: {d.fix}" if d.fix else message,
            severity=_SEVERITIES[d.severity],
            code=d.code,
            source="logidsl",
            tags=[lsp.DiagnosticTag.Unnecessary] if d.code in _UNUSED else None,
            related_information=related or None,
        )

    def _related(self, path: str, span: Any, words: str) -> lsp.DiagnosticRelatedInformation:
        return lsp.DiagnosticRelatedInformation(
            lsp.Location(self.uri_of(path), self.positions.range(span)), words or "here"
        )

    def _import_of(self, document: Document, path: str) -> lsp.Range:
        statements = read(document.source)[0].statements
        imports = [s for s in statements if isinstance(s, ast.Import)]
        named = [s for s in imports if path.endswith(PurePosixPath(s.path.value).name)] or imports
        span = named[0].path.span if named else document.source.span(0, 0)
        return self.positions.range(span)


def path_of(uri: str, language: str | None = None) -> str:
    """The path of a document: where it is not a file, a name whose ending says in which form it is."""
    if uri.startswith("file:"):
        return to_fs_path(uri) or uri
    name = PurePosixPath(unquote(urlsplit(uri).path)).name or "untitled"
    ending = {"yaml": ".yaml", "json": ".json"}.get(language or "", ".logic")
    return name if name.endswith((".logic", ".yaml", ".yml", ".json")) else name + ending


def _plain(text: str) -> str:
    """A text with lines that end as in a spec file."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
