// Point: a colour from clicks, limits in histograms, annotations and the parts learned from them.
import { signal } from "@preact/signals";
import { complain, guarded, insertStatement, isAccepted, onResult, startJob } from "./actions";
import { api } from "./api";
import { chooseTool, deleteShape, draws } from "./draw";
import { HistogramPanel } from "./histogram";
import { percent, whole } from "./geometry";
import * as s from "./state";
import type { ColorProposal, Job } from "./types";

export function Point() {
  return (
    <div class="panel">
      <ColorBuilder />
      <HistogramPanel />
      <Annotate />
    </div>
  );
}

const proposal = signal<ColorProposal | null>(null);
const colorName = signal("");
const colorKind = signal<"color" | "predicate">("color");

async function propose(): Promise<void> {
  const clicks = s.clicks.value.map(({ photo, x, y, radius }) => ({ photo, x, y, radius }));
  if (!clicks.length) return;
  proposal.value = await api.color(clicks, colorName.value.trim() || "picked", colorKind.value);
}

function ColorBuilder() {
  const clicks = s.clicks.value;
  const p = proposal.value;
  return (
    <section class="card" aria-labelledby="color-title">
      <h2 id="color-title">Colour</h2>
      {!clicks.length && (
        <p class="hint">
          Click two or three places of one colour with the{" "}
          <button type="button" class="link" onClick={() => chooseTool("eyedropper")}>
            eyedropper
          </button>{" "}
          <kbd>e</kbd>.
        </p>
      )}
      {clicks.length > 0 && (
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Clicks">
          <table class="values" data-testid="clicks">
            <thead>
              <tr>
                <th scope="col">click</th>
                <th scope="col">colour</th>
                <th scope="col" class="number">L</th>
                <th scope="col" class="number">a</th>
                <th scope="col" class="number">b</th>
                <th scope="col" class="number">hue</th>
                <th scope="col" class="number">sat.</th>
                <th scope="col" class="number">contr.</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {clicks.map((c, k) => (
                <tr key={k}>
                  <th scope="row">{k + 1}</th>
                  <td>
                    <i class="swatch" style={{ background: c.pixel.hex }} /> {c.pixel.hex}
                  </td>
                  {[percent(c.pixel.lightness), whole(c.pixel.lab_a), whole(c.pixel.lab_b), whole(c.pixel.hue), percent(c.pixel.saturation), percent(c.pixel.contrast)].map((v, n) => (
                    <td key={n} class="number">{v}</td>
                  ))}
                  <td>
                    <button
                      type="button"
                      class="quiet square"
                      aria-label={`Remove click ${k + 1}`}
                      onClick={() => {
                        s.clicks.value = clicks.filter((_, n) => n !== k);
                        proposal.value = null;
                      }}
                    >
                      ×
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {clicks.length > 0 && (
        <form
          class="row"
          onSubmit={(e) => {
            e.preventDefault();
            guarded(propose)();
          }}
        >
          <label>
            Name
            <input data-testid="color-name" value={colorName.value} placeholder="amber" size={10} onInput={(e) => (colorName.value = e.currentTarget.value)} />
          </label>
          <label>
            As
            <select value={colorKind.value} data-testid="color-kind" onChange={(e) => (colorKind.value = e.currentTarget.value as "color" | "predicate")}>
              <option value="color">a colour</option>
              <option value="predicate">a predicate</option>
            </select>
          </label>
          <button type="submit" data-testid="build-color">Build</button>
          <button type="button" class="quiet" onClick={() => { s.clicks.value = []; proposal.value = null; }}>Clear</button>
        </form>
      )}
      {p && (
        <div class="offer" data-testid="color-offer">
          <code>
            <i class="swatch" style={{ background: p.hex }} /> {p.statement}
          </code>
          <p class="hint">
            {(100 * p.pixels).toFixed(1)} % of the picture. As a predicate: <code>{p.predicate}</code>
          </p>
          <button
            type="button"
            class="primary"
            data-testid="insert-color"
            onClick={() => {
              guarded(insertStatement)(p.statement);
              proposal.value = null;
              s.clicks.value = [];
              s.tab.value = "write";
              chooseTool("look");
            }}
          >
            Add to the spec
          </button>
        </div>
      )}
    </section>
  );
}

const intoView = (e: HTMLElement | null) => e?.scrollIntoView({ block: "nearest" });

type Learned = { statement: string; message: string; classes: string[] };
const learned = signal<Learned | null>(null);

onResult("learn", (found) => {
  learned.value = found as Learned;
  s.learnRound.value += 1;
  s.probabilityClass.value ??= learned.value.classes.find((c) => c === s.annotationClass.value) ?? learned.value.classes[0] ?? null;
});

const learn = () => startJob(api.learn());

export function JobBar({ job }: { job: Job | undefined }) {
  if (job?.state !== "running") return null;
  return (
    <div class="row" role="status">
      <progress aria-label={job.kind} value={job.progress} max={1} />
      <span class="hint">{job.message ?? "running"}</span>
      <button type="button" class="quiet" onClick={() => void api.cancel(job.id).catch(complain)}>
        Stop
      </button>
    </div>
  );
}

function Annotate() {
  const shapes = s.shapes.value;
  const classes = [...new Set([...(s.spec.value?.classes ?? []), ...shapes.map((x) => x.class)])];
  const known = learned.value?.classes ?? [];
  const job = s.jobs.value.learn;
  const annotated = s.photos.value.filter((p) => p.annotated).length;
  const l = learned.value;
  return (
    <section class="card" aria-labelledby="annotate-title">
      <h2 id="annotate-title">Annotate and learn</h2>
      <div class="row">
        <label>
          Class
          <input
            data-testid="annotation-class"
            list="classes"
            size={12}
            value={s.annotationClass.value}
            onInput={(e) => (s.annotationClass.value = e.currentTarget.value)}
          />
        </label>
        <datalist id="classes">
          {classes.map((c) => (
            <option key={c} value={c} />
          ))}
        </datalist>
        <label>
          Brush
          <input
            type="range"
            min={1}
            max={60}
            value={s.brushRadius.value}
            aria-valuetext={`${s.brushRadius.value} px`}
            onInput={(e) => (s.brushRadius.value = Number(e.currentTarget.value))}
          />
        </label>
      </div>
      {!shapes.length && !draws.value && (
        <p class="hint">
          Draw boxes <kbd>x</kbd>, polygons <kbd>p</kbd> or brush strokes <kbd>r</kbd> on the picture. What is not annotated on an annotated photo
          counts as background; correct what is wrong and learn again.
        </p>
      )}
      {shapes.length > 0 && (
        <ul class="plain shape-list" data-testid="shapes">
          {shapes.map((shape, k) => (
            <li key={k} class={s.selectedShape.value === k ? "chosen" : ""}>
              <button type="button" class="line" aria-pressed={s.selectedShape.value === k} onClick={() => (s.selectedShape.value = s.selectedShape.value === k ? null : k)}>
                <b>{shape.class}</b>
                <span>{shape.kind}</span>
              </button>
              <button type="button" class="quiet square" aria-label={`Delete ${shape.class} ${shape.kind} ${k + 1}`} onClick={() => deleteShape(k)}>
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        <button type="button" class="primary" data-testid="learn" disabled={job?.state === "running"} onClick={() => guarded(learn)()}>
          Learn from {annotated === 1 ? "1 annotated photo" : `${annotated || "the"} annotated photos`}
        </button>
        <label>
          Show
          <select
            data-testid="probabilities"
            value={s.probabilityClass.value ?? ""}
            onChange={(e) => (s.probabilityClass.value = e.currentTarget.value || null)}
          >
            <option value="">no probabilities</option>
            {known.map((c) => (
              <option key={c} value={c}>
                probability of {c}
              </option>
            ))}
          </select>
        </label>
      </div>
      <JobBar job={job} />
      {s.probabilityClass.value && <p class="hint">The fuller the colour, the more probable; the black and white line is where it is more likely than not.</p>}
      {l && !isAccepted(l.statement) && (
        <div class="offer" data-testid="learned" ref={intoView}>
          <code>{l.statement}</code>
          <p class="hint">{l.message}</p>
          <button
            type="button"
            class="primary"
            onClick={() => {
              guarded(insertStatement)(l.statement);
            }}
          >
            Add to the spec
          </button>
        </div>
      )}
    </section>
  );
}
