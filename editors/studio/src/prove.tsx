// Prove: marks, what is judged against them, the estimate for new photos, tests, export.
import { signal, useSignalEffect } from "@preact/signals";
import { complain, guarded, judged, mark, openPhoto, say } from "./actions";
import { api } from "./api";
import * as s from "./state";
import type { Proof } from "./types";

const proof = signal<Proof | null>(null);
const labels = signal("");
const testTitle = signal("");
const exportName = signal("");
const exported = signal<{ path: string; files: string[] } | null>(null);

export function Prove() {
  useSignalEffect(() => {
    void [s.project.value, s.judgement.value?.revision, s.progress.value === null];
    if (s.tab.value === "prove") api.prove().then((p) => (proof.value = p), complain);
  });
  return (
    <div class="panel">
      <Marks />
      <Summary />
      <Tests />
      <Export />
    </div>
  );
}

const asLabels = (text: string) => text.split(",").map((x) => x.trim()).filter(Boolean);

function Marks() {
  const photo = s.current.value;
  if (!photo) return null;
  const m = photo.mark;
  const known = [...new Set(s.photos.value.flatMap((p) => [...p.labels, ...(p.mark?.labels ?? [])]))].sort();
  return (
    <section class="card" aria-labelledby="mark-title">
      <h2 id="mark-title">This photo</h2>
      <div class="row">
        <button type="button" class="mark-button good" aria-pressed={m?.good === true} aria-keyshortcuts="g" data-testid="mark-good" onClick={() => guarded(mark)(true)}>
          ✓ Good <kbd>g</kbd>
        </button>
        <button type="button" class="mark-button bad" aria-pressed={m?.good === false} aria-keyshortcuts="b" data-testid="mark-bad" onClick={() => guarded(mark)(false, asLabels(labels.value))}>
          ✗ Bad <kbd>b</kbd>
        </button>
        <label class="grow">
          with the labels
          <input data-testid="mark-labels" list="labels" value={labels.value} placeholder={photo.labels.join(", ") || "missing_pushpin"} onInput={(e) => (labels.value = e.currentTarget.value)} />
        </label>
        <datalist id="labels">
          {known.map((l) => (
            <option key={l} value={l} />
          ))}
        </datalist>
      </div>
      <p class="hint">
        {m ? `Marked ${m.good ? "good" : "bad"}${m.labels.length ? `: ${m.labels.join(", ")}` : ""}. The same mark again removes it.` : "Not marked."}
        {photo.wrong && <strong class="warn"> The spec judges it otherwise.</strong>}
      </p>
    </section>
  );
}

const percent = (x: number) => `${Number((100 * x).toPrecision(2))} %`;

function Summary() {
  const p = proof.value;
  const name = (id: string) => s.photos.value.find((x) => x.id === id)?.name ?? id;
  return (
    <section class="card" aria-labelledby="prove-title">
      <h2 id="prove-title">Against the marks</h2>
      <div data-testid="prove-summary">
        {p && p.marked > 0 ? (
          <p class="figure">
            <strong>{p.right}</strong> of <strong>{p.marked}</strong> marked photos are judged right
          </p>
        ) : (
          <p class="hint">Mark photos good or bad to see where the spec is wrong.</p>
        )}
        {p?.estimate && (
          <p class="hint">
            New photos: about {percent(p.estimate.error_rate)} judged wrongly, between {percent(p.estimate.low)} and {percent(p.estimate.high)} ({p.estimate.method})
          </p>
        )}
        {p?.message && <p class="hint">{p.message}</p>}
      </div>
      {p && p.wrong.length > 0 && (
        <ul class="plain" data-testid="wrong">
          {p.wrong.map((w) => (
            <li key={w.photo}>
              <button type="button" class="line" onClick={() => openPhoto(w.photo)}>
                <b>{name(w.photo)}</b>
                <span>
                  expected {w.expected}, got {w.got}
                  {w.labels.length ? `: ${w.labels.join(", ")}` : ""}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Tests() {
  const photo = s.current.value;
  if (!photo) return null;
  const add = async () => {
    judged(await api.addTest(photo.id, testTitle.value.trim() || photo.name));
    testTitle.value = "";
    say("info", "the objects on screen are a test in the spec now");
  };
  return (
    <section class="card" aria-labelledby="test-title">
      <h2 id="test-title">Test</h2>
      <form class="row" onSubmit={(e) => { e.preventDefault(); guarded(add)(); }}>
        <label class="grow">
          Title
          <input data-testid="test-title" value={testTitle.value} placeholder={photo.name} onInput={(e) => (testTitle.value = e.currentTarget.value)} />
        </label>
        <button type="submit" data-testid="add-test">Keep what is on screen as a test</button>
      </form>
    </section>
  );
}

function Export() {
  const send = async () => {
    exported.value = await api.exportTo(exportName.value.trim() || "export");
  };
  const e = exported.value;
  return (
    <section class="card" aria-labelledby="export-title">
      <h2 id="export-title">Export</h2>
      <form class="row" onSubmit={(event) => { event.preventDefault(); guarded(send)(); }}>
        <label class="grow">
          Folder
          <input data-testid="export-name" value={exportName.value} placeholder="export" onInput={(event) => (exportName.value = event.currentTarget.value)} />
        </label>
        <button type="submit" data-testid="export">Export</button>
      </form>
      <p class="hint" data-testid="exported">
        {e ? `${e.path}: ${e.files.join(", ")}` : "The spec, the parts file, the marks as truth, and a report, in a new folder."}
      </p>
    </section>
  );
}
