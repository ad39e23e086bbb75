// Prints for each text on standard input, a JSON list, the class of each character by the TextMate grammar and by the
// CodeMirror module: lists of [start, end, class].

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const editors = process.argv[2];
const require = createRequire(path.join(editors, "package.json"));
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");
const { StringStream } = require("@codemirror/language");
const { parser } = await import(pathToFileURL(path.join(editors, "codemirror", "logic.js")));

await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () => {
    const file = path.join(editors, "vscode", "syntaxes", "logic.tmLanguage.json");
    return textmate.parseRawGrammar(readFileSync(file, "utf8"), file);
  },
});
const grammar = await registry.loadGrammar("source.logic");

function byTextmate(text) {
  const found = [];
  let [stack, at] = [textmate.INITIAL, 0];
  for (const line of text.split("\n")) {
    const result = grammar.tokenizeLine(line, stack);
    for (const t of result.tokens) {
      found.push([at + t.startIndex, at + Math.min(t.endIndex, line.length), t.scopes.slice(1).join(" ")]);
    }
    [stack, at] = [result.ruleStack, at + line.length + 1];
  }
  return found;
}

function byCodemirror(text) {
  const found = [];
  const state = parser.startState();
  let at = 0;
  for (const line of text.split("\n")) {
    const stream = new StringStream(line, 4, 4);
    while (!stream.eol()) {
      stream.start = stream.pos;
      const style = parser.token(stream, state);
      found.push([at + stream.start, at + stream.pos, style ?? ""]);
    }
    at += line.length + 1;
  }
  return found;
}

const texts = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((t) => ({ textmate: byTextmate(t), codemirror: byCodemirror(t) }))));
