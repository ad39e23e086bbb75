// Sentences: clauses from plain language, and rules inferred from good photos, accepted one by one.
import { signal } from "@preact/signals";
import { guarded, isAccepted, judged, onResult, saveNow, startJob } from "./actions";
import { api } from "./api";
import { JobBar } from "./point";
import * as s from "./state";

/** A statement, and the declarations that come with it. */
type Offer = { text: string; comment: string; support: string; needs: string[] };

const sentences = signal("");
const translated = signal<Offer[]>([]);
const notes = signal<string[]>([]);
const inferred = signal<Offer[] | null>(null);
const inferredNote = signal("");

onResult("translate", (found) => {
  const result = found as { clauses: Offer[]; notes: string[] };
  translated.value = result.clauses;
  notes.value = result.notes;
});

onResult("infer", (found) => {
  const result = found as { rules: Offer[]; message: string };
  inferred.value = result.rules;
  inferredNote.value = result.message;
});

const translate = () => startJob(api.translate(sentences.value));
const infer = () => startJob(api.infer());

const missing = (offer: Offer) => offer.needs.filter((x) => !isAccepted(x));

async function accept(offers: typeof translated | typeof inferred, offer: Offer): Promise<void> {
  await saveNow(); // what was typed last comes first
  judged(await api.addRules([...missing(offer), offer.text], s.currentId.value ?? undefined));
  offers.value = (offers.value ?? []).filter((o) => o !== offer);
}

export function Sentences() {
  const configured = s.project.value?.translate ?? false;
  return (
    <div class="panel">
      <section class="card" aria-labelledby="infer-title">
        <h2 id="infer-title">Rules from good photos</h2>
        <p class="hint">Proposes rules that hold on the photos marked good, or on all of them, and that bad parts would break.</p>
        <div class="row">
          <button type="button" class="primary" data-testid="infer" disabled={s.jobs.value.infer?.state === "running"} onClick={() => guarded(infer)()}>
            Propose rules
          </button>
        </div>
        <JobBar job={s.jobs.value.infer} />
        {inferred.value?.length === 0 && <p class="hint">No rule is left to propose.</p>}
        {inferredNote.value && <p class="hint">{inferredNote.value}</p>}
        {inferred.value && <Offers offers={inferred.value} on={inferred} />}
      </section>
      <section class="card" aria-labelledby="translate-title">
        <h2 id="translate-title">Plain sentences</h2>
        {configured ? (
          <>
            <label class="block">
              One sentence for each demand
              <textarea data-testid="sentences" rows={4} value={sentences.value} placeholder="Each compartment holds one pushpin." onInput={(e) => (sentences.value = e.currentTarget.value)} />
            </label>
            <div class="row">
              <button type="button" class="primary" data-testid="translate" disabled={!sentences.value.trim() || s.jobs.value.translate?.state === "running"} onClick={() => guarded(translate)()}>
                Translate
              </button>
            </div>
            <JobBar job={s.jobs.value.translate} />
            {notes.value.map((n) => (
              <p key={n} class="hint">
                {n}
              </p>
            ))}
            <Offers offers={translated.value} on={translated} />
          </>
        ) : (
          <p class="hint">
            No language model is configured: set <code>LOGIDSL_MODEL</code>, then start the studio again.
          </p>
        )}
      </section>
    </div>
  );
}

function Offers({ offers, on }: { offers: Offer[]; on: typeof translated | typeof inferred }) {
  return (
    <ul class="plain offers" data-testid="offers">
      {offers.filter((o) => !isAccepted(o.text)).map((o, k) => (
        <li key={o.text} class="offer">
          <pre>
            <code>{[...missing(o), o.text].join("\n")}</code>
          </pre>
          {(o.comment || o.support) && (
            <p class="hint">
              {o.comment}
              {o.support && ` (${o.support})`}
            </p>
          )}
          <div class="row">
            <button type="button" data-testid={`accept-${k}`} disabled={s.spec.value?.readOnly} onClick={() => guarded(accept)(on, o)}>
              Accept
            </button>
            <button type="button" class="quiet" onClick={() => (on.value = (on.value ?? []).filter((x) => x !== o))}>
              Dismiss
            </button>
          </div>
        </li>
      ))}
    </ul>
  );
}
