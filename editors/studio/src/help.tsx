// The keys, and the dialog that lists them.
import { chooseTool, cancelDraft } from "./draw";
import { guarded, mark, say, step, stepHistory } from "./actions";
import { Dialog } from "./messages";
import * as s from "./state";

const KEYS: [string, string][] = [
  ["j, k", "next photo, previous photo"],
  ["g, b", "mark the photo good, bad; again removes the mark"],
  ["f", "the filter of the photos"],
  ["u, Shift+u", "undo, redo: text, marks, annotations"],
  ["e", "eyedropper"],
  ["x, p, r", "draw a box, a polygon, a brush stroke"],
  ["o", "outlines of objects on or off"],
  ["w, c, v, s, h", "the tabs Write, Point, Prove, Sentences, History"],
  ["i", "the picture; then arrow keys, + and −, 0 and 1"],
  ["arrow keys", "on the picture, with a tool: move its cross; Shift in small steps"],
  ["Space", "on the picture: press the tool; Enter closes a polygon"],
  ["n, Shift+n", "next finding, previous finding"],
  ["Enter", "into the editor; Escape, then Tab leaves it"],
  ["Escape", "drop what is drawn, the tool, the selection"],
  ["?", "this list"],
];

export function Help() {
  if (!s.helpOpen.value) return null;
  const close = () => (s.helpOpen.value = false);
  return (
    <Dialog title="Keys" close={close} testid="help">
      <table class="keys">
        <tbody>
          {KEYS.map(([key, what]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">In the editor: Ctrl+Space completes, F2 renames, F12 goes to the definition, Shift+Alt+f formats.</p>
      <div class="row">
        <button type="button" class="primary" onClick={close}>Close</button>
      </div>
    </Dialog>
  );
}

function stepFinding(by: number): void {
  const count = s.judgement.value?.findings.length ?? 0;
  if (!count) return;
  const at = s.selection.value?.kind === "finding" ? s.selection.value.index : by > 0 ? -1 : count;
  s.selection.value = { kind: "finding", index: (at + by + count) % count };
}

const focus = (selector: string) => document.querySelector<HTMLElement>(selector)?.focus();

const ACTIONS: Record<string, () => void> = {
  j: () => step(1),
  k: () => step(-1),
  g: () => guarded(mark)(true),
  b: () => guarded(mark)(false),
  f: () => focus("#filter"),
  u: () => history("undo"),
  U: () => history("redo"),
  e: () => chooseTool("eyedropper"),
  x: () => chooseTool("box"),
  p: () => chooseTool("polygon"),
  r: () => chooseTool("brush"),
  o: () => (s.showObjects.value = !s.showObjects.value),
  w: () => (s.tab.value = "write"),
  c: () => (s.tab.value = "point"),
  v: () => (s.tab.value = "prove"),
  s: () => (s.tab.value = "sentences"),
  h: () => (s.tab.value = "history"),
  i: () => focus(".viewer"),
  n: () => stepFinding(1),
  N: () => stepFinding(-1),
  "?": () => (s.helpOpen.value = true),
};

function history(which: "undo" | "redo"): void {
  const p = s.project.value;
  if (p && !(which === "undo" ? p.canUndo : p.canRedo) && s.saving.value === "saved") say("info", `nothing to ${which}`);
  else guarded(stepHistory)(which);
}

/** Keys of the whole page; a field, the editor and a dialog keep their own. */
export function onPageKey(e: KeyboardEvent): void {
  const target = e.target as HTMLElement;
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
  if (target.closest("input, select, textarea, [contenteditable=true]")) {
    if (e.key === "Escape" && target.matches("input, select, textarea")) target.blur();
    return;
  }
  if (e.key === "Escape") {
    if (cancelDraft()) return;
    if (s.tool.value !== "look") chooseTool("look");
    else s.selection.value = null;
  } else if (e.key === "Enter" && (target === document.body || target.closest(".tiles, .viewer"))) {
    s.tab.value = "write";
    requestAnimationFrame(() => focus(".cm-content"));
  } else if (ACTIONS[e.key]) ACTIONS[e.key]!();
  else return;
  e.preventDefault();
}
