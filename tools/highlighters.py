"""Writes the highlighters for editors from the language's own lists of words.

`python -m tools.highlighters` writes the TextMate grammar and the snippets of the VS Code extension and the CodeMirror
module. The Pygments lexer, `logidsl.pygments_lexer`, reads the same lists when it is loaded. A test compares the files
with what this writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from logidsl.editor.words import SNIPPETS, builtin_words, keyword_groups
from logidsl.types import UNIT_PATTERN

EDITORS = Path(__file__).resolve().parents[1] / "editors"
_SCOPES = {
    "statement": "keyword.declaration.logic",
    "outcome": "keyword.other.outcome.logic",
    "relation": "keyword.operator.relation.logic",
    "operator": "keyword.operator.word.logic",
    "control": "keyword.control.logic",
}
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
_HEX = r'"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})"'
#: Declarations and the scope of the name that follows.
_NAMED = {
    "object|blobs|grid|region|layout": "entity.name.type.logic",
    "rule|variant|spec": "entity.name.function.logic",
    "let|param|color|attribute": "variable.other.constant.logic",
}


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=lambda w: (-len(w), w)))


def textmate() -> dict[str, object]:
    """The grammar of the VS Code extension."""
    words = builtin_words()
    reserved = _any(word for group in keyword_groups().values() for word in group)
    named = [
        {
            "match": rf"\b({heads})\s+(?!(?:{reserved})\b)([A-Za-z_][A-Za-z0-9_]*)\b",
            "captures": {"1": {"name": _SCOPES["statement"]}, "2": {"name": scope}},
        }
        for heads, scope in _NAMED.items()
    ]
    keywords = [
        {"name": _SCOPES[group], "match": rf"\b(?:{_any(found)})\b"} for group, found in keyword_groups().items()
    ]
    unit = rf"{_NUMBER}( {{0,3}}(?:{UNIT_PATTERN}))(?![A-Za-z0-9_])"
    percent = rf"{_NUMBER} {{0,3}}%"
    numbers: list[dict[str, object]] = [
        {"name": "constant.numeric.logic", "match": percent},
        {"name": "constant.numeric.logic", "match": unit, "captures": {"1": {"name": "keyword.other.unit.logic"}}},
        {"name": "constant.numeric.logic", "match": r"[0-9]{1,9} {1,9}(?:rows?|columns?)\b"},
        {"name": "constant.numeric.logic", "match": _NUMBER},
    ]
    return {
        "name": "LOGIC",
        "scopeName": "source.logic",
        "fileTypes": ["logic"],
        "patterns": [
            {"name": "comment.line.number-sign.logic", "match": r"#.*$"},
            {
                "name": "string.quoted.double.logic constant.other.color.logic",
                "match": _HEX,
            },
            {
                "name": "string.quoted.double.logic",
                "begin": '"',
                "end": r'"|$',
                "patterns": [{"name": "variable.other.message.logic", "match": r"\{[^{}\"]*\}"}],
            },
            {"match": r"(\.)\s*([A-Za-z_][A-Za-z0-9_]*)", "captures": {"2": {"name": "variable.other.property.logic"}}},
            *named,
            *keywords,
            {"name": "support.function.logic", "match": rf"\b(?:{_any(words['function'])})(?=\s*\()"},
            {"name": "support.type.property-name.logic", "match": rf"\b(?:{_any(words['attribute'])})\b"},
            *numbers,
            {"name": "keyword.operator.logic", "match": r"->|\.\.|<=|>=|!=|[-+*/=<>|]"},
            {"name": "variable.other.logic", "match": r"[A-Za-z_][A-Za-z0-9_]*"},
        ],
    }


def snippets() -> dict[str, object]:
    """The snippets of the VS Code extension."""
    return {
        word: {"prefix": word, "body": body.split("\n"), "description": about}
        for word, (body, about) in SNIPPETS.items()
    }


def codemirror() -> str:
    """The CodeMirror module."""
    groups, words = keyword_groups(), builtin_words()
    lists = {**groups, **words}
    tables = "\n".join(f"const {name}Words = new Set({json.dumps(found)});" for name, found in lists.items())
    unit = UNIT_PATTERN.replace("|%", "")
    follows = rf" {{0,3}}(?:{unit})(?![A-Za-z0-9_])| {{0,3}}%| {{1,9}}(?:rows?|columns?)(?![A-Za-z0-9_])"
    return f"""// Highlighting of LOGIC specs in CodeMirror 6. Written by `python -m tools.highlighters`: edit that.

import {{ LanguageSupport, StreamLanguage }} from "@codemirror/language";

{tables}
const quantity = /^{_NUMBER}(?:{follows})?/;

export const parser = {{
  name: "logic",
  startState: () => ({{ afterDot: false }}),
  token(stream, state) {{
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return "comment";
    if (stream.match(/^"#(?:[0-9a-fA-F]{{6}}|[0-9a-fA-F]{{3}})"/)) return "color";
    if (stream.match(/^"[^"]*(?:"|$)/)) return "string";
    const afterDot = state.afterDot;
    state.afterDot = false;
    if (stream.match(quantity)) return "number";
    const word = stream.match(/^[A-Za-z_][A-Za-z0-9_]*/);
    if (word) {{
      const name = word[0];
      if (afterDot) return "propertyName";
      if (statementWords.has(name)) return "definitionKeyword";
      if (controlWords.has(name)) return "controlKeyword";
      if (outcomeWords.has(name)) return "keyword";
      if (relationWords.has(name) || operatorWords.has(name)) return "operatorKeyword";
      if (functionWords.has(name) && stream.match(/^\\s*\\(/, false)) return "variableName.function";
      if (attributeWords.has(name)) return "propertyName";
      return "variableName";
    }}
    if (stream.match(/^(?:->|\\.\\.|<=|>=|!=|[-+*/=<>|])/)) return "operator";
    state.afterDot = stream.peek() === ".";
    stream.next();
    return "punctuation";
  }},
  languageData: {{ commentTokens: {{ line: "#" }}, closeBrackets: {{ brackets: ["(", "[", "{{", '"'] }} }},
}};

export const logicLanguage = StreamLanguage.define(parser);

export function logic() {{
  return new LanguageSupport(logicLanguage);
}}
"""


def files() -> dict[Path, str]:
    """The text of each file."""
    return {
        EDITORS / "vscode" / "syntaxes" / "logic.tmLanguage.json": json.dumps(textmate(), indent=2) + "\n",
        EDITORS / "vscode" / "snippets" / "logic.json": json.dumps(snippets(), indent=2) + "\n",
        EDITORS / "codemirror" / "logic.js": codemirror(),
    }


def main() -> None:
    """Write the files."""
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
