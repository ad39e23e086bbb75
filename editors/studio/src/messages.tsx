// Messages, the status bar, and the dialog about a spec that was changed elsewhere.
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { logic } from "codemirror-lang-logidsl";
import { useEffect, useRef, useState } from "preact/hooks";
import { dismiss, guarded, resolveConflict } from "./actions";
import * as s from "./state";

export function Messages() {
  return (
    <div class="messages" aria-live="polite">
      {s.folderGone.value && (
        <div class="message error" role="alert" data-testid="message">
          <p>
            {s.folderGone.value}
          </p>
        </div>
      )}
      {s.spec.value?.readOnly && (
        <div class="message info" data-testid="message">
          <p>{s.spec.value.path} lies outside the folder and is not written: start the studio on its folder to edit it.</p>
        </div>
      )}
      {s.messages.value.map((m) => (
        <div key={m.id} class={`message ${m.kind}`} role={m.kind === "error" ? "alert" : "status"} data-testid="message">
          <p>
            {m.text}
            {m.fix && <span class="fix">{m.fix}</span>}
          </p>
          <button type="button" class="quiet square" aria-label="Dismiss" onClick={() => dismiss(m.id)}>×</button>
        </div>
      ))}
    </div>
  );
}

/** An element that is shown as a modal dialog while it exists; Escape and `close` end it. */
export function Dialog(props: { title: string; close: () => void; testid: string; wide?: boolean; children: preact.ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog ref={dialog} class={props.wide ? "wide" : ""} aria-label={props.title} data-testid={props.testid} onCancel={(e) => { e.preventDefault(); props.close(); }}>
      <h2>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

export function Conflict() {
  const met = s.conflict.value;
  const [compared, setCompared] = useState(false);
  const [later, setLater] = useState<typeof met>(null);
  if (!met) return null;
  if (later === met)
    return (
      <div class="messages">
        <div class="message error" role="alert" data-testid="message">
          <p>The spec was changed elsewhere. Your text is kept, and is not saved yet.</p>
          <button type="button" onClick={() => setLater(null)}>Decide</button>
        </div>
      </div>
    );
  return (
    <Dialog title="The spec was changed elsewhere" close={() => setLater(met)} testid="conflict" wide={compared}>
      <p>Another program saved {s.spec.value?.path.split(/[\\/]/).at(-1)} while it was open here. Nothing is overwritten until you choose.</p>
      {compared && <Difference mine={met.mine} theirs={met.theirs} />}
      <div class="row">
        <button type="button" class="primary" data-testid="keep-mine" onClick={() => guarded(resolveConflict)("mine")}>Keep mine</button>
        <button type="button" data-testid="take-theirs" onClick={() => guarded(resolveConflict)("theirs")}>Take theirs</button>
        <button type="button" class="quiet" data-testid="show-difference" aria-expanded={compared} onClick={() => setCompared(!compared)}>
          {compared ? "Hide the difference" : "Show the difference"}
        </button>
        <span class="gap" />
        <button type="button" class="quiet" onClick={() => setLater(met)}>Later</button>
      </div>
    </Dialog>
  );
}

function Difference({ mine, theirs }: { mine: string; theirs: string }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const side = (doc: string, name: string) => ({
      doc,
      extensions: [lineNumbers(), logic(), EditorState.readOnly.of(true), EditorView.contentAttributes.of({ "aria-label": name }), EditorView.lineWrapping],
    });
    const view = new MergeView({ a: side(mine, "mine"), b: side(theirs, "theirs"), parent: host.current! });
    return () => view.destroy();
  }, [mine, theirs]);
  return (
    <div data-testid="difference">
      <div class="difference-head">
        <b>Mine</b>
        <b>Theirs</b>
      </div>
      <div ref={host} class="difference" />
    </div>
  );
}

export function StatusBar() {
  const p = s.progress.value;
  const saving = { saved: "Saved", unsaved: "Editing …", saving: "Saving …", kept: "Kept in this browser, not saved yet" }[s.saving.value];
  const errors = s.errors.value.length;
  const warnings = (s.spec.value?.diagnostics.length ?? 0) - errors;
  return (
    <footer class="status">
      <div class="states" data-testid="status" role="status">
      {s.connected.value ? (
        <span class={s.saving.value === "kept" ? "warn" : ""}>{saving}</span>
      ) : (
        <span class="lost">
          <b aria-hidden="true">⚠</b> Disconnected, connecting again … your text is kept
        </span>
      )}
      {s.judging.value && <span>Judging …</span>}
      {p && (
        <span>
          {p.done} of {p.total} photos judged
        </span>
      )}
      {errors > 0 && <span class="lost">{errors === 1 ? "1 error in the spec" : `${errors} errors in the spec`}</span>}
      {warnings > 0 && <span>{warnings === 1 ? "1 warning" : `${warnings} warnings`}</span>}
      </div>
      <span class="gap" />
      <span class="path" title={s.spec.value?.path}>{s.spec.value?.path.split(/[\\/]/).at(-1)}</span>
      <span>logidsl {s.project.value?.version}</span>
    </footer>
  );
}
