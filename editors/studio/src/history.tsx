// History: yield, labels, control charts and capability, of recorded runs or of the photos as they are judged now.
import { signal, useSignalEffect } from "@preact/signals";
import { guarded, onResult, say, startJob } from "./actions";
import { api, Problem } from "./api";
import { JobBar } from "./point";
import * as s from "./state";
import type { HistoryAsked } from "./types";

const asked = signal<HistoryAsked>({ source: "photos", by: "day", chart: "p" });
const lot = signal("");
const shown = signal<{ html: string; columns: string[] } | null>(null);
const trouble = signal<Problem | null>(null);
const reading = signal(false);
/** Counts the runs that were recorded, each of which changes the history. */
const recorded = signal(0);

onResult("record", (found) => {
  recorded.value += 1;
  asked.value = { ...asked.value, source: "store" };
  say("info", (found as { message: string }).message);
});

let turn = 0;
async function load(of: HistoryAsked): Promise<void> {
  const mine = ++turn;
  const filled = Object.entries(of).filter(([k, v]) => v !== "" && !(k === "by" && of.source === "photos"));
  reading.value = true;
  try {
    const found = await api.history(Object.fromEntries(filled) as HistoryAsked);
    if (mine !== turn) return;
    shown.value = found;
    trouble.value = null;
  } catch (error) {
    if (mine !== turn) return;
    if (!(error instanceof Problem) || error.status === 0) throw error;
    trouble.value = error;
  } finally {
    if (mine === turn) reading.value = false;
  }
}

const change = (what: Partial<HistoryAsked>) => (asked.value = { ...asked.value, ...what });
const record = () => startJob(api.record(lot.value));

export function History() {
  useSignalEffect(() => {
    void [recorded.value, asked.value.source === "photos" ? s.judgement.value?.revision : 0, s.progress.value === null];
    guarded(load)(asked.value);
  });
  const a = asked.value;
  const running = s.jobs.value.record?.state === "running";
  return (
    <div class="panel">
      <section class="card" aria-labelledby="record-title">
        <h2 id="record-title">Record</h2>
        <form class="row" onSubmit={(e) => { e.preventDefault(); guarded(record)(); }}>
          <label>
            Lot
            <input data-testid="lot" size={10} value={lot.value} onInput={(e) => (lot.value = e.currentTarget.value)} />
          </label>
          <button type="submit" class="primary" data-testid="record" disabled={running}>Record this run</button>
        </form>
        <JobBar job={s.jobs.value.record} />
        <p class="hint">Judges the folder as <code>logidsl check --store</code> does: what the store knows already is not judged again.</p>
      </section>
      <section class="card" aria-labelledby="history-title" aria-busy={reading.value}>
        <h2 id="history-title">History</h2>
        <Choices a={a} columns={shown.value?.columns ?? []} />
        {trouble.value ? (
          <p class="warn" role="alert" data-testid="history-message">
            {trouble.value.message}
            {trouble.value.fix && <span class="fix">{trouble.value.fix}</span>}
          </p>
        ) : shown.value ? (
          // made by the server of plain texts, all of them escaped
          <div class="history scroll-x" data-testid="history" tabIndex={0} role="region" aria-label="Charts" dangerouslySetInnerHTML={{ __html: shown.value.html }} />
        ) : (
          <p class="hint">Reading …</p>
        )}
      </section>
    </div>
  );
}

function Choices({ a, columns }: { a: HistoryAsked; columns: string[] }) {
  const stored = a.source === "store";
  return (
    <>
      <div class="row">
        <label>
          Of
          <select data-testid="history-source" value={a.source} onChange={(e) => change({ source: e.currentTarget.value as HistoryAsked["source"], chart: "p", measure: "", low: "", high: "" })}>
            <option value="photos">the photos, as judged now</option>
            <option value="store">recorded runs</option>
          </select>
        </label>
        {stored && (
          <label>
            by
            <select data-testid="history-by" value={a.by} onChange={(e) => change({ by: e.currentTarget.value })}>
              {["hour", "day", "run", "lot", "order", "line", "cell"].map((x) => <option key={x}>{x}</option>)}
            </select>
          </label>
        )}
        <label>
          Chart
          <select data-testid="history-chart" value={a.chart} onChange={(e) => change({ chart: e.currentTarget.value })}>
            <option value="p">p: share of failed</option>
            <option value="laney">Laney p′: where groups vary</option>
            {stored && <option value="u">u: findings for each photo</option>}
          </select>
        </label>
      </div>
      {stored && (
        <div class="row">
          <label>
            Since
            <input class="short" data-testid="history-since" placeholder="30d" value={a.since ?? ""} onChange={(e) => change({ since: e.currentTarget.value.trim() })} />
          </label>
          <label>
            <input type="checkbox" data-testid="history-spec" checked={a.this_spec === "true"} onChange={(e) => change({ this_spec: e.currentTarget.checked ? "true" : "" })} />
            judged by this spec
          </label>
        </div>
      )}
      <div class="row">
        <label>
          Measured
          <select data-testid="history-measure" value={a.measure ?? ""} onChange={(e) => change({ measure: e.currentTarget.value, low: "", high: "" })}>
            <option value="">nothing</option>
            {[...new Set([...columns, ...(a.measure ? [a.measure] : [])])].map((c) => <option key={c}>{c}</option>)}
          </select>
        </label>
        {a.measure && (
          <>
            <label>
              from
              <input class="short" inputMode="decimal" data-testid="history-low" value={a.low ?? ""} onChange={(e) => change({ low: e.currentTarget.value.trim() })} />
            </label>
            <label>
              to
              <input class="short" inputMode="decimal" data-testid="history-high" value={a.high ?? ""} onChange={(e) => change({ high: e.currentTarget.value.trim() })} />
            </label>
          </>
        )}
      </div>
    </>
  );
}
