"""The language server as a process, driven by a client that checks what the protocol asks."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from logidsl.diagnostics import catalogue
from logidsl.editor.highlights import LEGEND
from tests.conftest import CHECKOUT

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPEC = """spec tray "A tray"
scale 1 px = 0.5 mm
color red = "#c42d30" within 20
color white = "#fff"
attribute kind of label: red | white
param wanted = 2 in 0 .. 9
object label
object bolt where area > 4 px2: wanted    defect too_few
object nut
object wide = bolt where width > 12 mm
region left = box(0 %, 0 %, 50 %, 100 %)
grid cell = 3 rows, 5 columns
let bolts = count(bolt)

# how they lie
# in the cells
rule one_each "one in each cell" as quantity:
    every cell c: count(bolt inside c) <= 1
    message "row {c.row}"
rule labels: every label b: b.color = red and b.kind = red    defect red
rule enough: bolts >= 1
rule sizes: every bolt b: b.length in 2 .. 400 px

test "two bolts" on 400 px by 300 px
    put bolt box(0 px, 0 px, 50 px, 50 px)
    put bolt box(100 px, 100 px, 160 px, 160 px)
    expect pass enough
test "no bolt" on 400 px by 300 px
    expect pass enough
"""
YAML = "object:\n  bolt: 2\n  nut: any\nrule:\n  many: {check: count(bolt) > count(nut)}\n"


def noting_client() -> Any:
    """A client that keeps everything that is published."""
    client: Any = make_test_lsp_client()
    published: list[lsp.PublishDiagnosticsParams] = []
    client.published = published

    def note(params: lsp.PublishDiagnosticsParams) -> None:
        published.append(params)

    client.protocol.fm.features[lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = note
    client.feature(lsp.WORKSPACE_CODE_LENS_REFRESH)(lambda params: None)
    return client


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]
    config=ClientServerConfig([sys.executable, "-m", "logidsl", "lsp"], client_factory=noting_client),
    scope="module",
)
async def client(lsp_client: LanguageClient, tmp_path_factory):
    folder = tmp_path_factory.mktemp("specs")
    (folder / "tray.logic").write_text(SPEC)
    (folder / "other.logic").write_text('import "tray.logic"\nrule both: bolts < 9\n')
    setattr(lsp_client, "folder", folder)  # noqa: B010
    await lsp_client.initialize_session(
        lsp.InitializeParams(
            capabilities=client_capabilities("visual-studio-code"),
            workspace_folders=[lsp.WorkspaceFolder(folder.as_uri(), "specs")],
            initialization_options={"logidsl": {}},
        )
    )
    yield
    await lsp_client.shutdown_session()
    assert lsp_client._server is not None
    assert lsp_client._server.returncode == 0


class Text:
    """An open document and a place in it: `|` in a text marks the cursor."""

    count = 0

    def __init__(self, client: Any, text: str = SPEC, name: str = "", language: str = "logic") -> None:
        Text.count += 1
        self.client, self.version, self.text = client, 1, text
        self.path = client.folder / (name or f"t{Text.count}.{'yaml' if language == 'yaml' else 'logic'}")
        self.uri = self.path.as_uri()
        self.document = lsp.TextDocumentIdentifier(self.uri)
        item = lsp.TextDocumentItem(self.uri, language, 1, text)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def at(self, words: str, inside: int = 0) -> lsp.Position:
        """The position of some words."""
        before = self.text[: self.text.index(words) + inside]
        return lsp.Position(before.count("\n"), len(before.rpartition("\n")[2].encode("utf-16-le")) // 2)

    def after(self, words: str) -> lsp.Position:
        """The position after some words."""
        return self.at(words, len(words))

    def where(self, words: str, inside: int = 0) -> dict[str, Any]:
        """The usual two parameters of a request."""
        return {"text_document": self.document, "position": self.at(words, inside)}

    def change(self, old: str, new: str) -> None:
        """Replace some words, as an editor does."""
        where = lsp.Range(self.at(old), self.after(old))
        self.version += 1
        self.text = self.text.replace(old, new, 1)
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, self.uri),
                [lsp.TextDocumentContentChangePartial(range=where, text=new)],
            )
        )

    def words(self, where: lsp.Range) -> str:
        """The text of a range."""
        lines = self.text.split("\n")
        if where.start.line == where.end.line:
            return lines[where.start.line][where.start.character : where.end.character]
        first, *middle, last = lines[where.start.line : where.end.line + 1]
        return "\n".join([first[where.start.character :], *middle, last[: where.end.character]])

    def edited(self, edits: list[lsp.TextEdit]) -> str:
        """The text after some edits."""
        lines, text = self.text.split("\n"), self.text
        starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines) + 1)]
        for e in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            a, b = (starts[p.line] + p.character for p in (e.range.start, e.range.end))
            text = text[:a] + e.new_text + text[b:]
        return text

    async def said(self, version: int | None = None) -> list[Any]:
        """The diagnostics of the whole text."""
        await self.client.text_document_folding_range_async(lsp.FoldingRangeParams(self.document))
        mine = [p for p in self.client.published if p.uri == self.uri and p.version == (version or self.version)]
        return list(mine[-1].diagnostics)

    async def labels(self, words: str) -> list[str]:
        """What is offered after some words, the best first."""
        found = await self.client.text_document_completion_async(lsp.CompletionParams(self.document, self.after(words)))
        return [i.label for i in sorted(found.items, key=lambda i: i.sort_text or i.label)]


def edits_of(edit: Any, uri: str) -> list[lsp.TextEdit]:
    """The edits of one document."""
    return [e for d in edit.document_changes for e in d.edits if d.text_document.uri == uri]


async def test_diagnostics_come_at_once_and_then_of_the_whole(client):
    text = Text(client)
    assert [d.code for d in await text.said() if d.severity == lsp.DiagnosticSeverity.Error] == []
    count = len(client.published)
    text.change("bolts >= 1", "blots >= 1")
    await asyncio.wait_for(_published(client, count), 20)
    first = client.published[count]
    assert (first.version, [d.code for d in first.diagnostics if d.severity == 1]) == (2, ["E101"])
    text.change("param wanted = 2", "param wonted = 2")  # of another statement: known when all is compiled
    said = await text.said()
    assert [d.code for d in said if d.severity == 1] == ["E101", "E101"]
    versions = [p.version for p in client.published if p.uri == text.uri]
    assert versions == sorted(versions)


async def _published(client, count):
    while len(client.published) <= count:
        await asyncio.sleep(0.01)


async def test_a_warning_has_its_tag_and_a_second_place(client):
    said = await Text(client, 'object nut\nobject bolt: 1\nobject bolt: 2\ncolor red = "#f00"\n').said()
    twice = next(d for d in said if d.code == "E108" or "bolt" in d.message)
    assert twice.related_information
    said = await Text(client, 'object bolt: 1\ncolor red = "#f00"\n').said()
    (unused,) = [d for d in said if d.code == "W003"]
    assert list(unused.tags) == [lsp.DiagnosticTag.Unnecessary]


EXAMPLES = [c for c, entry in catalogue().items() if entry.wrong and not "E050" <= c < "E061"]


async def test_a_quick_fix_removes_its_diagnostic(client):
    fixed = 0
    for code in EXAMPLES[::6]:
        wrong = catalogue()[code].wrong
        text = Text(client, wrong)
        for d in await text.said():
            params = lsp.CodeActionParams(text.document, d.range, lsp.CodeActionContext([d]))
            for action in await client.text_document_code_action_async(params) or []:
                if action.diagnostics and action.diagnostics[0].code == d.code:
                    after = Text(client, text.edited(edits_of(action.edit, text.uri)))
                    left = await after.said()
                    assert sum(x.message == d.message for x in left) < sum(
                        x.message == d.message for x in await text.said()
                    ), (wrong, action.title, after.text)
                    fixed += 1
    assert fixed >= 10


async def test_completion_by_type(client):
    start = SPEC.split("# how")[0]
    cases = {
        "rule r: every label b: b.": ("kind", "angle"),
        "rule r: every label: kind = ": ("kind", "red", "white"),
        "rule r: every label: color = ": ("red", "white"),
        "rule r: every bolt b: b.width > 3 ": ("px",),
        'test "x" on 3 px by 3 px\n    expect fail ': (),
        "rule r: every ": ("bolt",),
        "ru": ("rule",),
    }
    for words, best in cases.items():
        text = Text(client, start + words)
        found = await text.labels(words)
        assert set(best) <= set(found[: 20 + 60 * (words == "ru")]), (words, found[:20])
    text = Text(client, start + "rule r: every bolt b: b.width > ")
    found = await text.labels("b.width > ")
    assert found.index("length") < found.index("area")
    assert "row" not in found
    text = Text(client, start + 'import "')
    assert "tray.logic" in await text.labels('import "')


async def test_completion_in_a_broken_text(client):
    text = Text(client, "object bolt: 2\nrule a: every bolt b: (b.\nrule c: count(bolt = \nrule d: every bolt b: b.")
    assert {"width", "x"} <= set(await text.labels("rule a: every bolt b: (b."))
    place = lsp.DocumentSymbolParams(text.document)
    symbols = await client.text_document_document_symbol_async(place)
    assert {"bolt", "a", "c", "d"} <= {s.name for s in symbols}


async def test_builtins_have_documentation(client):
    text = Text(client, SPEC.split("# how")[0] + "rule r: cou")
    params = lsp.CompletionParams(text.document, text.after("rule r: cou"))
    found = await client.text_document_completion_async(params)
    (count,) = [i for i in found.items if i.label == "count"]
    count = await client.completion_item_resolve_async(count)
    assert "number of" in count.documentation.value.lower()
    help_ = Text(client, "object bolt: 2\nrule r: dx(image.center, ")
    signature = await client.text_document_signature_help_async(
        lsp.SignatureHelpParams(help_.document, help_.after("center, "))
    )
    assert (signature.signatures[0].label, signature.active_parameter) == ("dx(P, P) -> length x", 1)


async def hovered(client, text, words, inside=1):
    found = await client.text_document_hover_async(lsp.HoverParams(**text.where(words, inside)))
    return found.contents.value if found else ""


async def test_hover_says_type_sentence_and_documentation(client):
    text = Text(client)
    assert "There must be exactly" in await hovered(client, text, "bolt where")
    assert "let bolts: count" in await hovered(client, text, "bolts >= 1")
    assert "For every cell c" in await hovered(client, text, "one_each")
    assert "dx(" not in await hovered(client, text, "count(bolt inside c)")
    assert "count(" in await hovered(client, text, "count(bolt inside c)")
    assert "inside" in await hovered(client, text, "inside c")
    assert "label red of kind" in await hovered(client, text, "kind = red ", 7)
    assert "color red" in await hovered(client, text, "color = red and", 8)
    assert "px" in await hovered(client, text, "400 px\n", 5)


async def test_hover_gives_the_value_on_the_sample(client, trays):
    spec = (CHECKOUT / "specs" / "pushpins.logic").read_text(
        "utf-8"
    ) + "\nlet pins = count(pushpin)\nrule some_pins: pins > 2\n"
    text = Text(client, spec)
    await configure(client, sample=str(trays["one_missing"]))
    assert "on `tray_one_missing.png`: 14" in await hovered(client, text, "pins > 2")
    assert "is violated" in await hovered(client, text, "one_pin_per_cell")
    assert "14 found" in await hovered(client, text, "pushpin =")
    await configure(client, sample=str(trays["one_missing"]) + ".gone")
    assert "on `tray_one_missing.png.gone`: " in await hovered(client, text, "pins > 2")
    await configure(client)


async def configure(client, **settings):
    client.set_configuration(settings, section="logidsl")
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
    await client.workspace_symbol_async(lsp.WorkspaceSymbolParams("zzz"))
    await asyncio.sleep(0.05)


async def test_definition_and_references(client):
    text = Text(client, name="tray.logic")
    (found,) = await client.text_document_definition_async(lsp.DefinitionParams(**text.where("bolt inside c", 2)))
    assert text.words(found.range) == "bolt"
    assert found.range.start == text.at("bolt where")
    params = {**text.where("bolts = count"), "context": lsp.ReferenceContext(include_declaration=True)}
    found = await client.text_document_references_async(lsp.ReferenceParams(**params))
    assert sorted(Path(r.uri).name for r in found) == ["other.logic", "tray.logic", "tray.logic"]
    found = await client.text_document_document_highlight_async(lsp.DocumentHighlightParams(**text.where("c: count")))
    assert sorted(text.words(h.range) for h in found) == ["c", "c", "c"]
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(text.document))


async def test_batches_and_views_are_found_and_renamed(client):
    spec = """object bolt
batch unit by serial
view front of unit by camera = "A"
rule two: count(bolt) = 2
rule all_two over unit: pass_rate(two) >= 99 % and count(bolt on front) > 1
rule lately over last(unit, 5): pass_rate(two) >= 1 %
"""
    text = Text(client, spec)
    for words, inside, declared in [
        ("of unit", 3, "unit by serial"),
        ("over unit", 5, "unit by serial"),
        ("last(unit", 5, "unit by serial"),
        ("on front", 3, "front of unit"),
        ("pass_rate(two", 10, "two: count"),
    ]:
        (found,) = await client.text_document_definition_async(lsp.DefinitionParams(**text.where(words, inside)))
        assert found.range.start == text.at(declared), words
    edit = await client.text_document_rename_async(lsp.RenameParams(**text.where("unit by"), new_name="part"))
    done = text.edited(edits_of(edit, text.uri))
    assert (done.count("part"), done.count("unit")) == (4, 0)
    found = await client.text_document_hover_async(lsp.HoverParams(**text.where("over unit", 5)))
    assert "batch unit by serial" in str(found.contents)


async def test_rename_touches_one_meaning(client):
    text = Text(client)

    async def renamed(words: str, new: str, inside: int = 0) -> str:
        edit = await client.text_document_rename_async(lsp.RenameParams(**text.where(words, inside), new_name=new))
        return text.edited(edits_of(edit, text.uri))

    done = await renamed("red = ", "scarlet")
    assert "color scarlet =" in done
    assert "b.color = scarlet and b.kind = red    defect red" in done
    assert "attribute kind of label: red | white" in done
    done = await renamed("red | white", "crimson")
    assert "b.color = red and b.kind = crimson    defect red" in done
    done = await renamed("b: b.color", "one")
    assert "every label one: one.color = red and one.kind" in done
    assert "every bolt b: b.length" in done
    done = await renamed("bolt where", "screw")
    assert done.count("screw") == SPEC.count("bolt ") + SPEC.count("bolt)")
    assert "bolts = count(screw)" in done
    done = await renamed("c: count", "place")
    assert 'message "row {place.row}"' in done
    for words, new, why in [
        ("bolt where", "every", "reserved"),
        ("bolt where", "3d", "expected a name"),
        ("bolt where", "nut", "`nut`"),
        ("bolt where", "width", "`width`"),
        ("width > 12", "breadth", "part of the language"),
        ("c: count", "bolt", "`bolt`"),
    ]:
        with pytest.raises(JsonRpcException, match=why):
            await renamed(words, new)
    broken = Text(client, "object bolt: 2\nrule a: count(bolt) = 2\nrule b: every bolt b: b.width > > bolt\n")
    with pytest.raises(JsonRpcException, match="line 3"):
        await client.text_document_rename_async(lsp.RenameParams(**broken.where("bolt: 2"), new_name="screw"))


async def test_rename_reaches_the_specs_that_import_a_file(client):
    text = Text(client, name="tray.logic")
    edit = await client.text_document_rename_async(lsp.RenameParams(**text.where("bolts = count"), new_name="amount"))
    assert "let amount = count(bolt)" in text.edited(edits_of(edit, text.uri))
    other = client.folder / "other.logic"
    (there,) = edits_of(edit, other.as_uri())
    assert other.read_text().split("\n")[there.range.start.line][there.range.start.character :].startswith("bolts")
    other.write_text(other.read_text() + "let amount = 3\n")
    with pytest.raises(JsonRpcException, match="`amount`"):
        await client.text_document_rename_async(lsp.RenameParams(**text.where("bolts = count"), new_name="amount"))
    other.write_text(other.read_text().replace("let amount = 3\n", ""))
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(text.document))


async def test_a_text_that_is_no_file_yet(client):
    item = lsp.TextDocumentItem("untitled:Untitled-1", "logic", 1, "object bolt: 2\nrule a: count(blot) = 2\n")
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
    params = lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(item.uri))
    assert [s.name for s in await client.text_document_document_symbol_async(params)] == ["bolt", "a"]
    (said,) = [p for p in client.published if p.uri == item.uri][-1].diagnostics
    assert said.code == "E101"


async def test_symbols_of_document_and_workspace(client):
    text = Text(client)
    found = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(text.document))
    assert {"bolt", "cell", "one_each", "two bolts", "wanted", "kind"} <= {s.name for s in found}
    found = await client.workspace_symbol_async(lsp.WorkspaceSymbolParams("BOT"))
    assert [(s.name, Path(s.location.uri).name) for s in found] == [("both", "other.logic")]


async def test_folding_and_selection(client):
    text = Text(client)
    found = await client.text_document_folding_range_async(lsp.FoldingRangeParams(text.document))
    lines = {(f.start_line, f.end_line, f.kind) for f in found}
    assert (14, 15, lsp.FoldingRangeKind.Comment) in lines
    assert (16, 18, None) in lines
    params = lsp.SelectionRangeParams(text.document, [text.at("bolt inside c")])
    (found,) = await client.text_document_selection_range_async(params)
    assert text.words(found.range) == "bolt"
    assert text.words(found.parent.range) == "(bolt inside c)"


async def test_formatting(client):
    text = Text(client, "object   bolt:2 # two\nrule a:count( bolt )=2\n")
    params = lsp.DocumentFormattingParams(text.document, lsp.FormattingOptions(4, True))
    edits = await client.text_document_formatting_async(params)
    assert text.edited(edits) == "object bolt: 2  # two\nrule a: count(bolt) = 2\n"
    broken = Text(client, "object   bolt:2\nrule a:count( bolt =2\n")
    assert not await client.text_document_formatting_async(
        lsp.DocumentFormattingParams(broken.document, lsp.FormattingOptions(4, True))
    )


async def test_semantic_tokens(client):
    text = Text(client)
    found = await client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(text.document))
    lines, line, char, got = text.text.split("\n"), 0, 0, set()
    for k in range(0, len(found.data), 5):
        down, right, length, kind, modifiers = found.data[k : k + 5]
        line, char = line + down, right if down else char + right
        got.add((lines[line][char : char + length], LEGEND.token_types[kind], modifiers))
    expected = {
        ("object", "keyword", 0),
        ("bolt", "class", 1),
        ("bolt", "class", 0),
        ("count", "function", 2),
        ("width", "property", 2),
        ("kind", "property", 1),
        ("cell", "struct", 1),
        ("12 mm", "number", 0),
        ("# how they lie", "comment", 0),
        ("c", "parameter", 1),
    }
    assert expected <= got


async def test_inlay_hints(client):
    text = Text(client)
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(99, 0))
    found = await client.text_document_inlay_hint_async(lsp.InlayHintParams(text.document, whole))
    assert {"15 cells", "any number", "= 2", "≈ 24 px", "≈ 200 mm"} <= {h.label for h in found}


async def test_colours_have_swatches(client):
    text = Text(client)
    found = await client.text_document_document_color_async(lsp.DocumentColorParams(text.document))
    assert [(text.words(c.range), round(c.color.red * 255)) for c in found] == [("#c42d30", 0xC4), ("#fff", 255)]
    picked = lsp.ColorPresentationParams(text.document, lsp.Color(1.0, 0.5, 0.0, 1.0), found[1].range)
    (written,) = await client.text_document_color_presentation_async(picked)
    assert written.text_edit.new_text == "#ff8000"


async def lenses(client, text):
    found = await client.text_document_code_lens_async(lsp.CodeLensParams(text.document))
    return {(x.range.start.line, x.command.title): x.command for x in found or []}


async def test_a_lens_runs_a_test(client):
    text = Text(client)
    found = await lenses(client, text)
    runs = [c for (_, title), c in found.items() if title == "run"]
    assert [c.arguments[1] for c in runs] == ["two bolts", "no bolt"]
    failures = [
        await client.workspace_execute_command_async(lsp.ExecuteCommandParams(c.command, arguments=c.arguments))
        for c in runs
    ]
    assert failures[0] == []
    assert "`enough` fail" in failures[1][0]
    after = [title for _, title in await lenses(client, text)]
    assert after[0] == "run again: passed"
    assert after[1].startswith("run again: failed, expected pass")


async def test_lenses_count_the_photos(client, trays):
    text = Text(client, (CHECKOUT / "specs" / "pushpins.logic").read_text("utf-8"))
    await configure(client, photos=str(trays["good"].parent))
    total = len(trays)
    for _ in range(400):
        titles = [title for _, title in await lenses(client, text)]
        if any("holds on" in t for t in titles):
            break
        await asyncio.sleep(0.05)
    (rule,) = [c for (_, t), c in (await lenses(client, text)).items() if c.arguments[1] == "one_pin_per_cell"]
    assert rule.title.startswith("holds on ")
    assert rule.title.endswith(f" of {total} photos")
    names = await client.workspace_execute_command_async(
        lsp.ExecuteCommandParams(rule.command, arguments=rule.arguments)
    )
    assert len(names) == total - int(rule.title.split()[2])
    assert 1 <= int(rule.title.split()[2]) < total
    assert any(r for reports in client.progress_reports.values() for r in reports)
    text.change("one_pin_per_cell", "one_pin_in_each")
    assert not any(t.startswith("holds on") for _, t in await lenses(client, text))
    await configure(client)


async def test_counting_photos_can_be_cancelled(client, trays, tmp_path):
    for n in range(60):
        shutil.copy(trays["good"], tmp_path / f"{n}.png")
    text = Text(client, (CHECKOUT / "specs" / "pushpins.logic").read_text("utf-8") + "\n# cancelled\n")
    known = set(client.progress_reports)
    await configure(client, photos=str(tmp_path))
    while not (tokens := set(client.progress_reports) - known):
        await asyncio.sleep(0.02)
    for token in tokens:
        client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams(token))
    while not all(any(r.kind == "end" for r in client.progress_reports[t]) for t in tokens):
        await asyncio.sleep(0.02)
    titles = [title for _, title in await lenses(client, text)]
    assert not any(t.startswith("holds on") for t in titles)
    assert any(t.startswith("count the photos") for t in titles)
    await configure(client)


async def test_links_lead_to_imported_files(client):
    text = Text(client, 'import "tray.logic"\nrule few: bolts < 5\n')
    (link,) = await client.text_document_document_link_async(lsp.DocumentLinkParams(text.document))
    assert Path(link.target).name == "tray.logic"
    (found,) = await client.text_document_definition_async(lsp.DefinitionParams(**text.where("bolts <", 1)))
    assert Path(found.uri).name == "tray.logic"
    (found,) = await client.text_document_definition_async(lsp.DefinitionParams(**text.where("tray.logic", 3)))
    assert found.range.start == lsp.Position(0, 0)


async def test_what_is_wrong_with_an_import_stands_at_the_import(client):
    (client.folder / "bad.logic").write_text("object bolt: 2\nrule a: count(bolt) == 2\n")
    text = Text(client, 'object nut: 2\nimport "bad.logic"\n')
    (said,) = [d for d in await text.said() if d.severity == 1]
    assert "in `bad.logic`: expected `=`" in said.message
    assert text.words(said.range) == '"bad.logic"'
    assert Path(said.related_information[0].location.uri).name == "bad.logic"
    (client.folder / "bad.logic").unlink()


async def test_a_spec_in_yaml(client):
    text = Text(client, YAML, language="yaml")
    assert [d.code for d in await text.said() if d.severity == 1] == []
    assert "There must be exactly 2 bolts" in await hovered(client, text, "bolt: 2")
    edit = await client.text_document_rename_async(lsp.RenameParams(**text.where("bolt: 2"), new_name="screw"))
    assert text.edited(edits_of(edit, text.uri)) == YAML.replace("bolt", "screw")
    symbols = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(text.document))
    assert [s.name for s in symbols] == ["bolt", "nut", "many"]
    text.change("count(nut)", "count(nit)")
    (said,) = [d for d in await text.said() if d.severity == 1]
    assert text.words(said.range) == "nit"


async def test_completion_in_yaml(client):
    start = 'color: {red: "#f00"}\nattribute:\n  kind: {of: bolt, one of: [left, right]}\n' + YAML
    text = Text(client, start, language="yaml")
    await text.said()
    for words, best in {
        "  new: {every: bolt b, check: b.": {"width", "kind"},
        "  new: {every: bolt b, check: b.kind = ": {"left", "right"},
        "  new:\n    every: bolt b\n    check: b.color = ": {"red"},
        "  new: count(": {"bolt", "nut"},
        "object:\n  wide: {is: bolt, count: 3}\n  long:\n    where: wi": {"width"},
    }.items():
        before = start if words.startswith(" ") else ""
        text = Text(client, before + words + ("}" if "{every" in words else ""), language="yaml")
        found = await text.labels(words)
        assert best <= set(found[:12] if "= " in words else found), (words, found[:12])
    text = Text(client, start + "  new: b", language="yaml")
    place = lsp.CompletionParams(text.document, text.after("  new: b"))
    found = await client.text_document_completion_async(place)
    (bolt,) = [i for i in found.items if i.label == "bolt"]
    assert text.edited([bolt.text_edit]).endswith("  new: bolt")


async def test_characters_beyond_the_plane_are_counted_as_the_editor_does(client):
    text = Text(client, 'object bolt: 2\nrule a "\U0001f529\U0001f529 two": count(blot) = 2\n')
    (said,) = [d for d in await text.said() if d.severity == 1]
    assert said.range.start == text.at("blot")


async def test_carriage_returns_move_nothing(client):
    text = Text(client, "object bolt: 2\r\nrule a: count(blot) = 2\r\n")
    (said,) = [d for d in await text.said() if d.severity == 1]
    assert (said.range.start.line, said.range.start.character) == (1, 14)


async def test_a_spec_is_typed_while_everything_is_asked(client):
    """Letter by letter, with requests in between; sampled, as editors ask when they like."""
    whole = (CHECKOUT / "specs" / "blister.logic").read_text("utf-8")
    text, seen = Text(client, ""), len(client.messages)
    for n, letter in enumerate(whole[:300]):
        line = text.text.count("\n")
        place = lsp.Position(line, len(text.text.rpartition("\n")[2]))
        text.version, text.text = text.version + 1, text.text + letter
        change = lsp.TextDocumentContentChangePartial(range=lsp.Range(place, place), text=letter)
        client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(text.version, text.uri), [change])
        )
        if n % 7 == 0:
            after = text.at(text.text, len(text.text))
            await client.text_document_completion_async(lsp.CompletionParams(text.document, after))
        if n % 60 == 0:
            everything = lsp.Range(lsp.Position(0, 0), lsp.Position(999, 0))
            await asyncio.gather(
                client.text_document_hover_async(lsp.HoverParams(text.document, place)),
                client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(text.document)),
                client.text_document_inlay_hint_async(lsp.InlayHintParams(text.document, everything)),
                client.text_document_code_lens_async(lsp.CodeLensParams(text.document)),
                client.text_document_document_color_async(lsp.DocumentColorParams(text.document)),
            )
    assert [m.message for m in client.messages[seen:]] == []
    mine = [p.version for p in client.published if p.uri == text.uri]
    assert mine == sorted(mine)


async def test_connections_over_tcp_are_apart():
    command = [sys.executable, "-m", "logidsl", "lsp", "--tcp", "127.0.0.1:0"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        assert process.stderr is not None
        line = (await asyncio.wait_for(process.stderr.readline(), 60)).decode()
        port = int(line.rpartition(":")[2])
        clients = [make_test_lsp_client() for _ in range(2)]
        for c in clients:
            await c.start_tcp("127.0.0.1", port)
            await c.initialize_session(lsp.InitializeParams(client_capabilities("neovim")))
        item = lsp.TextDocumentItem("file:///a.logic", "logic", 1, "object bolt: 2\n")
        clients[0].text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        params = lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier("file:///a.logic"))
        symbols = await clients[0].text_document_document_symbol_async(params)
        assert [s.name for s in symbols or ()] == ["bolt"]
        with pytest.raises(JsonRpcException, match="expected an open document"):
            await clients[1].text_document_document_symbol_async(params)
        await clients[1].shutdown_session()
        assert await clients[0].text_document_document_symbol_async(params)
        await clients[0].shutdown_session()
        assert process.returncode is None
        for c in clients:
            await asyncio.wait_for(c.stop(), 20)
    finally:
        process.terminate()
        await process.wait()


async def test_settings_of_odd_types_are_ignored(client):
    await configure(client, sample=3, photos=json.loads("[1]"))
    text = Text(client)
    assert "let bolts" in await hovered(client, text, "bolts >= 1")
    await configure(client)
