"""The requests of an editor, each answered by the module that knows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from logidsl.diagnostics import InputError
from logidsl.editor import highlights, lenses, structure
from logidsl.editor.analysis import Analysis, analyse
from logidsl.editor.completion import complete, with_documentation
from logidsl.editor.fixes import QuickFix, quick_fixes
from logidsl.editor.hints import hints
from logidsl.editor.hover import hover
from logidsl.editor.names import Names, Occurrence, names
from logidsl.editor.rename import renamable, rename
from logidsl.editor.samples import value_on
from logidsl.editor.server import Document, Settings, SpecServer
from logidsl.editor.signatures import signature_help
from logidsl.editor.yaml_completion import complete_yaml
from logidsl.source import Span
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import parse

REQUEST_FAILED = -32803


def register(server: SpecServer) -> None:
    """Give a server its features."""
    for group in (_documents, _language, _navigation, _edits):
        group(server)


def _documents(server: SpecServer) -> None:
    """Opening, editing, saving and closing; settings."""

    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        server.settings = Settings.of(params.initialization_options)

    @server.feature(lsp.INITIALIZED)
    async def initialized(params: lsp.InitializedParams) -> None:
        await _pull_settings(server)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: lsp.DidChangeConfigurationParams) -> None:
        if not await _pull_settings(server) and params.settings is not None:
            _take_settings(server, params.settings)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.opened(params.text_document.uri)
        lenses.count_soon(server, server.documents[params.text_document.uri])

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        document = server.documents.get(params.text_document.uri)
        if document is not None:
            lenses.count_soon(server, document)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        for document in server.documents.values():
            server.recompile(document)


async def _pull_settings(server: SpecServer) -> bool:
    """Ask the editor for the settings, if it answers such questions."""
    workspace = server.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return False
    asked = lsp.ConfigurationParams([lsp.ConfigurationItem(section="logidsl")])
    found = await server.workspace_configuration_async(asked)
    if found and found[0] is not None:
        _take_settings(server, found[0])
    return True


def _take_settings(server: SpecServer, given: object) -> None:
    """Take up settings; photos of another folder are judged anew."""
    before, server.settings = server.settings, Settings.of(given)
    if server.settings.photos != before.photos:
        for document in server.documents.values():
            document.stop.set()
            document.tally = None
            lenses.count_soon(server, document)


def _language(server: SpecServer) -> None:
    """What helps while writing: completion, hover, signatures, colours, hints."""

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION,
        lsp.CompletionOptions(trigger_characters=[".", '"', "/", "="], resolve_provider=True),
    )
    async def completion(params: lsp.CompletionParams) -> lsp.CompletionList:
        document = server.document(params.text_document.uri)
        offset = server.positions.offset(document.source, params.position)
        if document.outline is None:
            await server.analysed(document)
            found = complete_yaml(document.source, offset, server.positions, server.read_file, document.readable)
            return lsp.CompletionList(False, found)
        known = document.analysis.context if document.analysis is not None else None
        snippets = _snippets(server.client_capabilities)
        found = complete(document.outline, offset, server.positions, server.read_file, known, snippets=snippets)
        return lsp.CompletionList(False, found)

    server.feature(lsp.COMPLETION_ITEM_RESOLVE)(with_documentation)

    @server.feature(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpOptions(trigger_characters=["(", ","]))
    def signature(params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
        document = server.document(params.text_document.uri)
        offset = server.positions.offset(document.source, params.position)
        return signature_help(document.outline, offset) if document.outline is not None else None

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.document(params.text_document.uri)
        analysis, known = await server.named(document)
        offset = server.positions.offset(analysis.source, params.position)
        found = hover(analysis, known, document.outline, offset, server.positions)
        if found is None:
            return None
        where, parts, symbol = found
        sample = server.resolved(document, server.settings.sample)
        valued = symbol is not None and symbol.namespace in ("thing", "rule")
        if valued and sample is not None and analysis.program is not None:
            said = await server.in_thread(partial(_value, document, analysis, symbol, sample))
            parts += [said] if said else []
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n".join(parts)), where)

    @server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, highlights.LEGEND)
    async def semantic_tokens(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        document = server.document(params.text_document.uri)
        analysis, known = await server.named(document)
        kinds: dict[str, str] = {name: thing.kind for name, thing in analysis.context.things.items()}
        cut = document.outline if document.current else None
        return lsp.SemanticTokens(highlights.semantic_tokens(cut, analysis.source, known, kinds, server.positions))

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def inlay_hints(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        analysis = await server.analysed(server.document(params.text_document.uri))
        return hints(analysis, server.positions, server.positions.span(analysis.source, params.range))

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_COLOR)
    def document_colors(params: lsp.DocumentColorParams) -> list[lsp.ColorInformation]:
        return list(highlights.colors(server.document(params.text_document.uri).source, server.positions))

    @server.feature(lsp.TEXT_DOCUMENT_COLOR_PRESENTATION)
    def color_presentation(params: lsp.ColorPresentationParams) -> list[lsp.ColorPresentation]:
        return [highlights.written(params.color, params.range)]


def _snippets(capabilities: lsp.ClientCapabilities) -> bool:
    text = capabilities.text_document
    item = text.completion.completion_item if text and text.completion else None
    return bool(item and item.snippet_support)


def _value(document: Document, analysis: Analysis, symbol: Any, sample: Path) -> str | None:
    """The value of a symbol on the sample picture."""
    assert analysis.program is not None
    try:
        return value_on(analysis.program, symbol, document.sample.table(analysis.program, sample), sample.name)
    except InputError as error:
        return f"on `{sample.name}`: {error}"


def _navigation(server: SpecServer) -> None:
    """Finding one's way: definitions, references, symbols, folding, links."""

    def locations(found: Iterable[Occurrence]) -> list[lsp.Location]:
        return [lsp.Location(server.uri_of(o.span.source.path), server.positions.range(o.span)) for o in found]

    async def at(text: lsp.TextDocumentIdentifier, position: lsp.Position) -> tuple[Analysis, Names, Occurrence | None]:
        analysis, known = await server.named(server.document(text.uri))
        offset = server.positions.offset(analysis.source, position)
        return analysis, known, known.at(analysis.source.path, offset)

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        analysis, known, occurrence = await at(params.text_document, params.position)
        if occurrence is None:
            return _linked(server, analysis, server.positions.offset(analysis.source, params.position))
        found = known.declaration(occurrence.symbol)
        return locations([found]) if found is not None else []

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    async def references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        analysis, known, occurrence = await at(params.text_document, params.position)
        if occurrence is None:
            return []
        every = [known, *(n for _, n in await server.in_thread(partial(_importing, server, analysis)))]
        found = {(o.span.source.path, o.span.start): o for n in every for o in n.of(occurrence.symbol)}
        return locations(o for o in found.values() if params.context.include_declaration or not o.declares)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlight(params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight]:
        analysis, known, occurrence = await at(params.text_document, params.position)
        same = known.of(occurrence.symbol) if occurrence is not None else []
        kinds = {True: lsp.DocumentHighlightKind.Write, False: lsp.DocumentHighlightKind.Read}
        mine = [o for o in same if o.span.source is analysis.source]
        return [lsp.DocumentHighlight(server.positions.range(o.span), kinds[o.declares]) for o in mine]

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def document_symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        analysis = await server.analysed(server.document(params.text_document.uri))
        return structure.symbols(analysis.file, server.positions)

    @server.feature(lsp.WORKSPACE_SYMBOL)
    async def workspace_symbols(params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
        def look() -> list[lsp.WorkspaceSymbol]:
            parts = [(s, server.uri_of(s.path)) for s in server.specs()]
            return [x for s, u in parts for x in structure.workspace_symbols(s, params.query, server.positions, u)]

        return await server.in_thread(look)

    @server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folding(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        analysis = await server.analysed(server.document(params.text_document.uri))
        return structure.folds(analysis.file, analysis.source)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_LINK)
    async def document_links(params: lsp.DocumentLinkParams) -> list[lsp.DocumentLink]:
        analysis = await server.analysed(server.document(params.text_document.uri))
        root = Path(analysis.source.path).parent
        found = [(span, root / name) for span, name in structure.links(analysis.file)]
        return [lsp.DocumentLink(server.positions.range(s), server.uri_of(str(p))) for s, p in found if p.is_file()]

    @server.feature(lsp.TEXT_DOCUMENT_SELECTION_RANGE)
    def selection_ranges(params: lsp.SelectionRangeParams) -> list[lsp.SelectionRange]:
        document = server.document(params.text_document.uri)
        found = []
        for position in params.positions:
            offset, around = server.positions.offset(document.source, position), None
            spans = structure.selection(document.outline, offset) if document.outline is not None else []
            for span in reversed(spans or [document.source.span(0, len(document.source.text))]):
                around = lsp.SelectionRange(server.positions.range(span), around)
            found.append(around)
        return [f for f in found if f is not None]


def _linked(server: SpecServer, analysis: Analysis, offset: int) -> list[lsp.Location]:
    """The file that a text in quotes names."""
    start = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
    for span, name in structure.links(analysis.file):
        path = Path(analysis.source.path).parent / name
        if span.start <= offset <= span.end and path.is_file():
            return [lsp.Location(server.uri_of(str(path)), start)]
    return []


def _importing(server: SpecServer, analysis: Analysis) -> list[tuple[Analysis, Names]]:
    """The specs nearby that import a file, which may use what it declares."""
    own = Path(analysis.source.path)
    found = []
    for source in server.specs(own.parent) if own.is_absolute() else ():
        if source.path != analysis.source.path and f'"{own.name}"' in source.text:
            made = analyse(source, server.read_file, warn=False)
            if analysis.source.path in made.files:
                found.append((made, names(made)))
    return found


def _edits(server: SpecServer) -> None:
    """Changing the text: quick fixes, formatting, renaming."""

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    async def code_actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document = server.document(params.text_document.uri)
        if params.context.only and not any(k.startswith(lsp.CodeActionKind.QuickFix) for k in params.context.only):
            return []
        analysis = await server.analysed(document)
        where = server.positions.span(analysis.source, params.range)
        asked = {(d.code, d.range.start.line, d.range.start.character): d for d in params.context.diagnostics}

        def look() -> list[tuple[QuickFix, lsp.Diagnostic | None]]:
            found: list[tuple[QuickFix, lsp.Diagnostic | None]] = []
            for d in analysis.diagnostics:
                if d.span.source is analysis.source and d.span.start <= where.end and where.start <= d.span.end:
                    start = server.positions.at(analysis.source, d.span.start)
                    told = asked.get((d.code, start.line, start.character))
                    found += [(fix, told) for fix in quick_fixes(analysis, d, server.read_file)]
            return found

        return [
            lsp.CodeAction(
                title=fix.title,
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[told] if told is not None else None,
                is_preferred=n == 0 and not fix.title.startswith("allow "),
                edit=_edited(server, {analysis.source.path: [(fix.span, fix.text)]}),
            )
            for n, (fix, told) in enumerate(await server.in_thread(look))
        ]

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        document = server.document(params.text_document.uri)
        if document.outline is None:
            return []
        file, bag = parse(document.source)
        text = format_file(file, document.source) if bag.ok else document.source.text
        if text == document.source.text:
            return []
        return [lsp.TextEdit(server.positions.whole(document.source), text)]

    async def symbol_at(text: lsp.TextDocumentIdentifier, position: lsp.Position) -> tuple[Analysis, Names, Occurrence]:
        analysis, known = await server.named(server.document(text.uri))
        offset = server.positions.offset(analysis.source, position)
        try:
            return analysis, known, renamable(analysis, known, known.at(analysis.source.path, offset))
        except InputError as error:
            raise JsonRpcException(str(error), REQUEST_FAILED) from None

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare_rename(params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder:
        _, _, occurrence = await symbol_at(params.text_document, params.position)
        return lsp.PrepareRenamePlaceholder(server.positions.range(occurrence.span), occurrence.symbol.name)

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    async def renamed(params: lsp.RenameParams) -> lsp.WorkspaceEdit:
        analysis, known, occurrence = await symbol_at(params.text_document, params.position)

        def look() -> dict[str, list[Span]]:
            every = [(analysis, known)]
            if occurrence.symbol.namespace != "variable":
                every += _importing(server, analysis)
            return rename(every, occurrence.symbol, params.new_name, server.read_file)

        try:
            found = await server.in_thread(look)
        except InputError as error:
            raise JsonRpcException(str(error), REQUEST_FAILED) from None
        return _edited(server, {path: [(s, params.new_name) for s in spans] for path, spans in found.items()})


def _edited(server: SpecServer, edits: dict[str, list[tuple[Span, str]]]) -> lsp.WorkspaceEdit:
    """Edits of files; with the versions that they are for, if the editor takes them."""
    made = {
        server.uri_of(path): [lsp.TextEdit(server.positions.range(s), text) for s, text in parts]
        for path, parts in edits.items()
    }
    workspace = server.client_capabilities.workspace
    if workspace is None or workspace.workspace_edit is None or not workspace.workspace_edit.document_changes:
        return lsp.WorkspaceEdit(changes=made)
    versions = {uri: document.version for uri, document in server.documents.items()}
    return lsp.WorkspaceEdit(
        document_changes=[
            lsp.TextDocumentEdit(lsp.OptionalVersionedTextDocumentIdentifier(uri, versions.get(uri)), list(parts))
            for uri, parts in made.items()
        ]
    )
