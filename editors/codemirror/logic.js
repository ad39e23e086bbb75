// Highlighting of LOGIC specs in CodeMirror 6. Written by `python -m tools.highlighters`: edit that.

import { LanguageSupport, StreamLanguage } from "@codemirror/language";

const statementWords = new Set(["attribute", "batch", "blobs", "color", "doubtful", "frame", "grid", "import", "keep", "layout", "let", "logic", "object", "param", "region", "rule", "scale", "spec", "test", "variant", "view"]);
const outcomeWords = new Set(["defect", "high", "low", "message", "severity", "verdict"]);
const relationWords = new Set(["above", "below", "contains", "inside", "left_of", "near", "outside", "overlaps", "right_of", "touches", "wholly"]);
const operatorWords = new Set(["and", "in", "not", "or", "within"]);
const controlWords = new Set(["as", "at", "best", "by", "columns", "else", "every", "expect", "if", "least", "match", "most", "next", "no", "of", "on", "other", "otherwise", "over", "put", "rows", "some", "then", "when", "where", "with"]);
const functionWords = new Set(["abs", "angle_between", "arc", "background", "beyond_3_sigma", "box", "characters", "circle", "close", "clusters", "contains_text", "contrast", "count", "cp", "cpk", "date_of", "decreasing", "detect", "difference", "direction", "distance", "distinct", "dx", "dy", "eight_on_one_side", "fill", "first", "four_of_five_beyond_1_sigma", "gap", "grow", "holes", "increasing", "kinds", "largest", "last", "learned", "level", "linked", "matches", "max", "mean", "median", "midpoint", "min", "mod", "nearest", "nth", "number", "only", "open", "otsu", "overlap", "paired", "pass_rate", "pixel_share", "placed", "point", "polygon", "rank", "read_code", "read_text", "ring", "round", "same", "smallest", "split", "spread", "std", "steps", "sum", "symmetric", "template", "tint_difference", "turned", "two_of_three_beyond_2_sigma", "unexplained", "unlisted", "upright", "valid"]);
const attributeWords = new Set(["angle", "area", "aspect", "box_area", "center", "class", "col", "color", "confidence", "contrast", "cover", "diagonal", "edge", "end", "height", "holes", "hue", "lab_a", "lab_b", "length", "lightness", "path_length", "perimeter", "roundness", "row", "saturation", "skeleton_length", "solidity", "start", "text", "thickness", "width", "x", "x_max", "x_min", "y", "y_max", "y_min"]);
const quantity = /^[0-9]{1,9}(?:\.[0-9]{1,6})?(?: {0,3}(?:inch2|inch|days|mil|px2|mm2|cm2|deg|px|mm|cm|um)(?![A-Za-z0-9_])| {0,3}%| {1,9}(?:rows?|columns?)(?![A-Za-z0-9_]))?/;

export const parser = {
  name: "logic",
  startState: () => ({ afterDot: false }),
  token(stream, state) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return "comment";
    if (stream.match(/^"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})"/)) return "color";
    if (stream.match(/^"[^"]*(?:"|$)/)) return "string";
    const afterDot = state.afterDot;
    state.afterDot = false;
    if (stream.match(quantity)) return "number";
    const word = stream.match(/^[A-Za-z_][A-Za-z0-9_]*/);
    if (word) {
      const name = word[0];
      if (afterDot) return "propertyName";
      if (statementWords.has(name)) return "definitionKeyword";
      if (controlWords.has(name)) return "controlKeyword";
      if (outcomeWords.has(name)) return "keyword";
      if (relationWords.has(name) || operatorWords.has(name)) return "operatorKeyword";
      if (functionWords.has(name) && stream.match(/^\s*\(/, false)) return "variableName.function";
      if (attributeWords.has(name)) return "propertyName";
      return "variableName";
    }
    if (stream.match(/^(?:->|\.\.|<=|>=|!=|[-+*/=<>|])/)) return "operator";
    state.afterDot = stream.peek() === ".";
    stream.next();
    return "punctuation";
  },
  languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
};

export const logicLanguage = StreamLanguage.define(parser);

export function logic() {
  return new LanguageSupport(logicLanguage);
}
