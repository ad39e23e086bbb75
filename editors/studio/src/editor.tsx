// The spec's text: CodeMirror with the language server, the state of each rule and what is highlighted.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { type ChangeSpec, Compartment, EditorState, type Extension, RangeSet, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, drawSelection, EditorView, gutter, GutterMarker, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useSignalEffect } from "@preact/signals";
import { logic } from "codemirror-lang-logidsl";
import { useEffect, useRef } from "preact/hooks";
import { edited, onEditorText } from "./actions";
import { within } from "./geometry";
import { languageServer } from "./lsp";
import * as s from "./state";
import type { RuleState, Span } from "./types";

const colors = HighlightStyle.define([
  { tag: [tags.definitionKeyword, tags.controlKeyword, tags.keyword], color: "var(--code-keyword)", fontWeight: "600" },
  { tag: tags.operatorKeyword, color: "var(--code-operator)" },
  { tag: [tags.string, tags.color], color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: tags.function(tags.variableName), color: "var(--code-function)" },
  { tag: tags.propertyName, color: "var(--code-property)" },
]);

/** A span of the spec, counted in characters from 1, as offsets of the text, counted in UTF-16 from 0. */
export function offsets(doc: Text, span: Span): [number, number] {
  const offset = (line: number, column: number) => {
    if (line < 1) return 0;
    if (line > doc.lines) return doc.length;
    const { from, text } = doc.line(line);
    return from + [...text].slice(0, Math.max(0, column - 1)).join("").length;
  };
  const from = offset(span.line, span.column);
  return [from, Math.max(from, offset(span.endLine, span.endColumn))];
}

const setLit = StateEffect.define<Span[]>();
const lit = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, tr) {
    marks = marks.map(tr.changes);
    for (const e of tr.effects)
      if (e.is(setLit)) {
        const ranges = e.value.map((x) => offsets(tr.state.doc, x)).filter(([a, b]) => b > a);
        marks = Decoration.set(ranges.map(([a, b]) => Decoration.mark({ class: "cm-lit" }).range(a, b)), true);
      }
    return marks;
  },
  provide: (f) => EditorView.decorations.from(f),
});

const SIGNS = { true: ["✓", "holds"], false: ["✗", "violated"], undetermined: ["?", "undetermined"] } as const;
class RuleMarker extends GutterMarker {
  constructor(readonly state: RuleState["state"], readonly name: string) {
    super();
  }
  override eq(other: RuleMarker) {
    return this.state === other.state && this.name === other.name;
  }
  override toDOM() {
    const [sign, word] = SIGNS[this.state];
    const mark = document.createElement("span");
    mark.className = `cm-rule-state ${this.state}`;
    mark.textContent = sign;
    mark.title = `${this.name}: ${word} on this photo`;
    return mark;
  }
}
const setRules = StateEffect.define<RuleState[]>();
const ruleMarkers = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(markers, tr) {
    markers = markers.map(tr.changes);
    for (const e of tr.effects)
      if (e.is(setRules)) {
        const worst = new Map<number, RuleState>();
        const rank = { true: 0, undetermined: 1, false: 2 };
        for (const rule of e.value) {
          const known = worst.get(rule.span.line);
          if (rule.span.line <= tr.state.doc.lines && (!known || rank[known.state] < rank[rule.state])) worst.set(rule.span.line, rule);
        }
        markers = RangeSet.of(
          [...worst].map(([line, rule]) => new RuleMarker(rule.state, rule.name).range(tr.state.doc.line(line).from)),
          true,
        );
      }
    return markers;
  },
});
const ruleGutter = gutter({
  class: "cm-rules",
  markers: (view) => view.state.field(ruleMarkers),
  initialSpacer: () => new RuleMarker("true", ""),
});

/** The smallest change that makes one text another, so that the cursor and the history keep their places. */
function difference(old: string, text: string): ChangeSpec | null {
  if (old === text) return null;
  let start = 0;
  while (start < old.length && start < text.length && old[start] === text[start]) start++;
  let end = 0;
  while (end < old.length - start && end < text.length - start && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
  return { from: start, to: old.length - end, insert: text.slice(start, text.length - end) };
}

const FromServer = StateEffect.define<null>();

export function Editor() {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const server = useRef(new Compartment());
  const readOnly = useRef(new Compartment());

  useEffect(() => {
    const extensions: Extension = [
      lineNumbers(),
      ruleGutter,
      ruleMarkers,
      lintGutter(),
      lit,
      history(),
      drawSelection(),
      highlightActiveLine(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      autocompletion(),
      highlightSelectionMatches(),
      syntaxHighlighting(colors),
      logic(),
      EditorView.lineWrapping,
      EditorState.tabSize.of(4),
      EditorView.contentAttributes.of({ "aria-label": "Spec", "data-testid": "editor", spellcheck: "false" }),
      readOnly.current.of(EditorState.readOnly.of(s.spec.peek()?.readOnly ?? false)),
      keymap.of([
        // Tab is for completion and indenting; Escape, then Tab leaves the editor
        { key: "Tab", run: acceptCompletion },
        ...closeBracketsKeymap,
        ...defaultKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...completionKeymap,
        ...lintKeymap,
        indentWithTab,
      ]),
      server.current.of([]),
      EditorView.updateListener.of((u) => {
        const own = u.transactions.some((t) => t.docChanged && !t.effects.some((e) => e.is(FromServer)));
        if (u.docChanged && own) edited(u.state.doc.toString());
        if (u.selectionSet && u.view.hasFocus && !u.docChanged) followCursor(u.state);
      }),
    ];
    const v = new EditorView({
      state: EditorState.create({ doc: s.spec.peek()?.text ?? "", extensions }),
      parent: host.current!,
    });
    view.current = v;
    onEditorText((text) => {
      const changes = difference(v.state.doc.toString(), text);
      if (changes) v.dispatch({ changes, effects: FromServer.of(null) });
    });
    const detach = languageServer((extension) => v.dispatch({ effects: server.current.reconfigure(extension) }));
    return () => {
      detach();
      v.destroy();
    };
  }, []);

  useSignalEffect(() => {
    const locked = s.spec.value?.readOnly ?? false;
    view.current?.dispatch({ effects: readOnly.current.reconfigure(EditorState.readOnly.of(locked)) });
  });
  useSignalEffect(() => {
    const rules = s.judgement.value?.rules ?? [];
    view.current?.dispatch({ effects: setRules.of(rules) });
  });
  useSignalEffect(() => {
    const spans = s.highlightedSpans.value;
    const v = view.current;
    if (!v) return;
    v.dispatch({ effects: setLit.of(spans) });
    if (!spans[0] || v.hasFocus) return;
    const [from] = offsets(v.state.doc, spans[0]);
    v.dispatch({ effects: EditorView.scrollIntoView(from, { y: "nearest", yMargin: 40 }) });
  });

  return <div ref={host} class="editor" />;
}

/** The cursor in a rule highlights what the rule is about; a finding's own clause comes before its rule. */
function followCursor(state: EditorState): void {
  const { head } = state.selection.main;
  const line = state.doc.lineAt(head).number;
  const j = s.judgement.peek();
  if (!j) return;
  const finding = j.findings.findIndex((f) => {
    const [from, to] = offsets(state.doc, f.span);
    return from <= head && head <= to;
  });
  const rule = j.rules.find((r) => within(line, r.span));
  s.selection.value = finding >= 0 ? { kind: "finding", index: finding } : rule ? { kind: "rule", name: rule.name } : null;
}
