// Histograms of a pixel value or a column, with a limit that can be dragged or moved by the keys.
import { signal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { complain, guarded, judged } from "./actions";
import { api } from "./api";
import * as s from "./state";
import type { Histogram, Limit, Values } from "./types";

type Choice = { label: string; value?: string; class?: string; column?: string; limit?: Limit };

const values = signal<Values | null>(null);
const chosen = signal("");
const everywhere = signal(true);
const data = signal<Histogram | null>(null);
/** Where the handle is while it is moved, and until the histogram is that of the changed spec. */
const moved = signal<number | null>(null);
/** Whether the handle was moved since its place was last put into the spec. */
let uncommitted = false;
function move(to: number | null): void {
  moved.value = to;
  uncommitted = to !== null;
}

const W = 400;
const H = 130;
const BASE = 108;
const PENDING_MS = 700;

function choices(v: Values): Choice[] {
  const number = (l: Limit) => `${Number(l.value.toPrecision(6))}${l.unit ? ` ${l.unit}` : ""}`;
  return [
    ...v.limits.map((l) => ({
      label: `limit, line ${l.span.line}: ${l.class && !l.pixel ? `${l.class}.` : ""}${l.pixel ?? l.column} ${number(l)}`,
      ...(l.pixel ? { value: l.pixel } : { class: l.class!, column: l.column! }),
      limit: l,
    })),
    ...v.columns.map((c) => ({ label: `${c.class}.${c.column}${c.unit ? ` (${c.unit})` : ""}`, class: c.class, column: c.column })),
    ...v.pixel.map((p) => ({ label: `pixels: ${p}`, value: p })),
  ];
}

const chosenChoice = (): Choice | undefined => {
  const all = values.value ? choices(values.value) : [];
  return all.find((c) => keyOf(c) === chosen.value) ?? all[0];
};
const keyOf = (c: Choice) =>
  c.limit ? `limit ${c.limit.span.line}:${c.limit.span.column}` : [c.value, c.class, c.column].join(" ");

let asked = 0;
async function load(): Promise<void> {
  const choice = chosenChoice();
  if (!choice) return;
  const turn = ++asked;
  const { value, limit } = choice;
  const photo = everywhere.value ? undefined : (s.currentId.value ?? undefined);
  const of = {
    ...(value ? { value } : { class: choice.class!, column: choice.column! }),
    ...(photo ? { photo } : {}),
    ...(limit ? { limit: limit.value } : {}),
  };
  const answer = await api.histogram(of);
  if (turn !== asked) return;
  data.value = answer;
  moved.value = null;
  if (answer.pending) setTimeout(() => turn === asked && s.tab.value === "point" && void load().catch(complain), PENDING_MS);
}

async function commit(limit: Limit, value: number): Promise<void> {
  uncommitted = false; // else leaving the handle would put it into the spec again, after an undo, say
  if (value === limit.value) {
    moved.value = null;
    return;
  }
  judged(await api.setLimit(limit.span, value, s.currentId.value ?? undefined));
}

export function HistogramPanel() {
  useSignalEffect(() => {
    // the limits move with the text, and histograms with the verdicts
    void [s.spec.value?.revision, s.spec.value?.digest];
    if (s.tab.value === "point" && !s.errors.value.length) api.values().then((v) => {
      values.value = v;
      if (!uncommitted) moved.value = null; // the handle is where the spec has it, after an undo, too
    }, complain);
  });
  useSignalEffect(() => {
    void [values.value, chosen.value, everywhere.value, s.judgement.value?.revision, everywhere.value ? 0 : s.currentId.value];
    if (s.progress.value === null && values.value) load().catch(complain);
  });
  const v = values.value;
  const choice = chosenChoice();
  const unit = data.value?.unit ? ` ${data.value.unit}` : "";
  return (
    <section class="card" aria-labelledby="histogram-title">
      <h2 id="histogram-title">Values and limits</h2>
      <div class="row">
        <label class="grow">
          <span class="hidden">Value</span>
          <select
            data-testid="histogram-value"
            value={choice ? keyOf(choice) : ""}
            onChange={(e) => {
              if (e.currentTarget.value === (choice && keyOf(choice))) return; // it is shown already, and nothing would load it
              chosen.value = e.currentTarget.value;
              data.value = null;
            }}
          >
            {v && choices(v).map((c) => (
              <option key={keyOf(c)} value={keyOf(c)}>
                {c.label}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="hidden">Over</span>
          <select value={everywhere.value ? "all" : "one"} data-testid="histogram-over" onChange={(e) => (everywhere.value = e.currentTarget.value === "all")}>
            <option value="all">all photos</option>
            <option value="one">this photo</option>
          </select>
        </label>
      </div>
      {data.value && data.value.counts.length > 0 ? (
        <>
          <Chart h={data.value} limit={choice?.limit ?? null} />
          <Legend h={data.value} unit={unit} limit={choice?.limit ?? null} />
        </>
      ) : (
        <p class="hint">{s.errors.value.length ? "The spec has errors." : "Nothing was measured."}</p>
      )}
    </section>
  );
}

function Chart({ h, limit }: { h: Histogram; limit: Limit | null }) {
  const svg = useRef<SVGSVGElement>(null);
  const shown = moved.value ?? limit?.value ?? null;
  const ends = [h.edges[0]!, h.edges.at(-1)!, ...(limit ? [limit.value] : [])];
  const [lo, hi] = [Math.min(...ends), Math.max(...ends)];
  const span = hi - lo || 1;
  const x = (v: number) => 8 + ((v - lo) / span) * (W - 16);
  const top = Math.max(1, ...h.counts);
  const y = (n: number) => BASE - Math.sqrt(n / top) * (BASE - 12);
  const fine = 10 ** Math.floor(Math.log10(span / 100));
  const snap = (v: number) => Number((Math.round(v / fine) * fine).toPrecision(10));
  const at = (e: PointerEvent) => {
    const box = svg.current!.getBoundingClientRect();
    return snap(lo + (((e.clientX - box.left) / box.width) * W - 8) * (span / (W - 16)));
  };
  const onKey = (e: KeyboardEvent) => {
    if (!limit || shown === null) return;
    const by: Record<string, number> = {
      ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10,
    };
    if (by[e.key] !== undefined) move(snap(shown + by[e.key]! * fine));
    else if (e.key === "Home") move(lo);
    else if (e.key === "End") move(hi);
    else if (e.key === "Enter") guarded(commit)(limit, shown);
    else if (e.key === "Escape") move(null);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const bars = (counts: number[], kind: string, scale = y) =>
    counts.map((n, k) =>
      n ? (
        <rect key={`${kind}${k}`} class={kind} x={x(h.edges[k]!) + 0.4} width={Math.max(0.8, x(h.edges[k + 1]!) - x(h.edges[k]!) - 0.8)} y={scale(n)} height={BASE - scale(n)} />
      ) : null,
    );
  const ticks = [lo, lo + span / 4, lo + span / 2, lo + (3 * span) / 4, hi];
  return (
    <svg ref={svg} class="histogram" viewBox={`0 0 ${W} ${H}`} data-testid="histogram" role="group" aria-label="Histogram">
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="5" height="5" class="hatch-ground" />
          <line y2="5" class="hatch" />
        </pattern>
      </defs>
      {h.plateau && (
        <rect class="plateau" data-testid="plateau" x={x(Math.max(lo, h.plateau[0]))} width={Math.max(1.5, x(Math.min(hi, h.plateau[1])) - x(Math.max(lo, h.plateau[0])))} y={4} height={BASE - 4} />
      )}
      {bars(h.counts, "bar")}
      {h.good && bars(h.good, "bar-good")}
      {h.bad && bars(h.bad, "bar-bad")}
      <line class="axis" x1={8} x2={W - 8} y1={BASE} y2={BASE} />
      {ticks.map((t, k) => (
        <text key={k} class="tick" x={x(t)} y={H - 7} text-anchor={k === 0 ? "start" : k === 4 ? "end" : "middle"}>
          {Number(t.toPrecision(3))}
        </text>
      ))}
      {limit && shown !== null && (
        <g
          class="limit"
          role="slider"
          tabIndex={0}
          aria-label={`limit in line ${limit.span.line}; Enter sets it`}
          aria-valuemin={lo}
          aria-valuemax={hi}
          aria-valuenow={shown}
          aria-valuetext={`${shown} ${limit.unit}`}
          data-testid="limit-handle"
          onKeyDown={onKey}
          onBlur={() => uncommitted && moved.value !== null && guarded(commit)(limit, moved.value)}
          onPointerDown={(e) => {
            e.currentTarget.setPointerCapture(e.pointerId);
            moved.value = shown;
          }}
          onPointerMove={(e) => {
            if (e.currentTarget.hasPointerCapture(e.pointerId)) move(at(e));
          }}
          onPointerUp={(e) => {
            e.currentTarget.releasePointerCapture(e.pointerId);
            if (moved.value !== null) guarded(commit)(limit, moved.value);
          }}
          transform={`translate(${x(Math.min(hi, Math.max(lo, shown)))} 0)`}
        >
          <rect class="grip-area" x={-11} width={22} y={0} height={BASE + 4} />
          <line y1={4} y2={BASE} />
          <path d="M-6 2h12v7l-6 6l-6-6z" />
        </g>
      )}
    </svg>
  );
}

function Legend({ h, unit, limit }: { h: Histogram; unit: string; limit: Limit | null }) {
  const n = h.counts.reduce((a, b) => a + b, 0);
  return (
    <p class="legend">
      <span>{n.toLocaleString("en")} values, heights by square root</span>
      {h.good && <span><i class="key good" /> marked good</span>}
      {h.bad && <span><i class="key bad" /> marked bad</span>}
      {h.pending && <span>looking for the limits at which every mark comes out right …</span>}
      {h.plateau && (
        <span data-testid="plateau-text">
          <i class="key plateau" /> every mark comes out right from {Number(h.plateau[0].toPrecision(4))} to {Number(h.plateau[1].toPrecision(4))}
          {unit}
        </span>
      )}
      {limit && moved.value !== null && (
        <span class="moving" role="status">
          {limit.value} → <b>{moved.value}</b>
          {unit}
        </span>
      )}
    </p>
  );
}
