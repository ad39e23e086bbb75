// The verdict on the photo on screen: findings, objects, and the row of one object.
import { signal } from "@preact/signals";
import { wantRepairs } from "./actions";
import * as s from "./state";
import type { Finding, Obj } from "./types";
import { VerdictBadge } from "./sheet";

const listed = signal<"findings" | "objects" | "rules">("findings");
const MANY = 400;

export function Findings() {
  const j = s.judgement.value;
  const photo = s.current.value;
  const errors = s.errors.value;
  const count = j?.findings.length ?? 0;
  const views = [
    ["findings", `Findings ${j ? count : ""}`],
    ["objects", `Objects ${j ? j.objects.length : ""}`],
    ["rules", `Rules ${j ? j.rules.length : ""}`],
  ] as const;
  return (
    <section class={`findings ${s.judging.value ? "stale" : ""}`} aria-label="Verdict">
      <div class="findings-head">
        {/* while an edit is judged, the verdict of before it is not shown as one */}
        <VerdictBadge verdict={errors.length || !j || s.judging.value ? null : j.verdict} testid="verdict" />
        <span class="photo-name" title={photo?.path}>{photo?.name}</span>
        {j && s.fromEdit.value && (
          <span class="timing" title="after the last edit: time to look at the pixels, and to judge the objects">
            {j.ms.see.toFixed(0)} + {j.ms.judge.toFixed(0)} ms
          </span>
        )}
        <span class="gap" />
        <div class="segmented" role="group" aria-label="List">
          {views.map(([name, label]) => (
            <button key={name} type="button" aria-pressed={listed.value === name} data-testid={`list-${name}`} onClick={() => (listed.value = name)}>
              {label}
            </button>
          ))}
        </div>
      </div>
      <div class="findings-body" tabIndex={0} role="region" aria-label={listed.value}>
        {errors.length > 0 ? <Diagnostics /> : !j ? <p class="empty">{photo ? "Judging …" : "Choose a photo."}</p> : null}
        {!errors.length && j && listed.value === "findings" && (
          <>
            <ObjectRow />
            {j.findings.map((f, k) => (
              <FindingItem key={k} finding={f} index={k} />
            ))}
            {!count && <p class="empty">{j.rules.length ? "Every rule holds on this photo." : "The spec has no rules yet."}</p>}
          </>
        )}
        {!errors.length && j && listed.value === "objects" && <Objects objects={j.objects} />}
        {!errors.length && j && listed.value === "rules" && <Rules />}
      </div>
    </section>
  );
}

function Diagnostics() {
  return (
    <ul class="plain">
      {s.errors.value.map((d, k) => (
        <li key={k} class="diagnostic" data-testid={`diagnostic-${k}`}>
          <b>
            {d.code} line {d.span.line}
          </b>{" "}
          {d.message}
          {d.fix && <span class="fix">{d.fix}</span>}
        </li>
      ))}
    </ul>
  );
}

function FindingItem({ finding: f, index }: { finding: Finding; index: number }) {
  const chosen = s.selection.value?.kind === "finding" && s.selection.value.index === index;
  return (
    <button
      type="button"
      class={`finding ${f.state === "false" ? "fail" : "review"} ${chosen ? "chosen" : ""}`}
      aria-pressed={chosen}
      data-testid={`finding-${index}`}
      onClick={() => {
        s.selection.value = chosen ? null : { kind: "finding", index };
        wantRepairs();
      }}
    >
      <span class="finding-top">
        <b aria-hidden="true">{f.state === "false" ? "✗" : "?"}</b>
        <span class="hidden">{f.state === "false" ? "violated: " : "undetermined: "}</span>
        <strong>{f.label || f.rule}</strong>
        {!f.message.startsWith(f.title) && <span class="finding-rule">{f.title || f.rule}</span>}
      </span>
      <span class="finding-message">{f.message}</span>
      {(f.measured || f.limit) && (
        <span class="finding-facts">
          {f.measured && (
            <span>
              measured <b>{f.measured}</b>
            </span>
          )}
          {f.limit && (
            <span>
              expected <b>{f.limit}</b>
            </span>
          )}
        </span>
      )}
      {f.reason && <span class="finding-reason">{f.reason}</span>}
      {chosen && <code class="finding-clause">{f.clause}</code>}
      {chosen && f.repairs.map((r) => (
        <span key={r} class="finding-repair">
          {r}
        </span>
      ))}
    </button>
  );
}

export function ObjectRow() {
  const chosen = s.selection.value;
  const object = chosen?.kind === "object" ? s.judgement.value?.objects.find((o) => o.id === chosen.id) : null;
  if (!object) return null;
  return (
    <section class="object-row" data-testid="object-row" aria-label={object.name}>
      <h3>
        {object.name}
        {object.confidence !== null && <span class="confidence">confidence {object.confidence.toFixed(2)}</span>}
        <button type="button" class="quiet square" aria-label="Close" onClick={() => (s.selection.value = null)}>×</button>
      </h3>
      <p class="classes">
        {object.classes.length ? object.classes.map((c) => (
          <span key={c.name} class={`class ${c.member}`}>
            {c.name}
            {c.member === "doubtful" && " (doubtful)"}
          </span>
        )) : "of no class"}
      </p>
      <dl class="columns">
        {Object.entries(object.columns).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value) && <i class="swatch" style={{ background: value }} />}
              {show(value)}
            </dd>
          </div>
        ))}
      </dl>
      {object.margins.length > 0 && (
        <table class="margins">
          <caption>Margins: below 0 a limit is violated</caption>
          <tbody>
            {object.margins.map((m, k) => (
              <tr key={k} class={m.margin < 0 ? "fail" : ""}>
                <th scope="row">{m.rule}</th>
                <td class="number">{m.margin.toFixed(3)}</td>
                <td>
                  <span class="margin-bar" aria-hidden="true">
                    <i style={{ width: `${Math.min(50, Math.abs(m.margin) * 50)}%`, left: m.margin < 0 ? `${50 - Math.min(50, -m.margin * 50)}%` : "50%" }} />
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function show(value: number | string | null): string {
  if (value === null) return "–";
  return typeof value === "number" ? String(Number(value.toPrecision(5))) : value;
}

function Objects({ objects }: { objects: Obj[] }) {
  return (
    <>
      <ObjectRow />
      <ul class="plain object-list">
        {objects.slice(0, MANY).map((o) => {
          const chosen = s.selection.value?.kind === "object" && s.selection.value.id === o.id;
          return (
            <li key={o.id}>
              <button
                type="button"
                class={`line ${chosen ? "chosen" : ""}`}
                aria-pressed={chosen}
                onClick={() => (s.selection.value = chosen ? null : { kind: "object", id: o.id })}
              >
                <b>{o.name}</b>
                <span>{o.classes.map((c) => c.name + (c.member === "doubtful" ? "?" : "")).join(", ") || "of no class"}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {objects.length > MANY && <p class="empty">and {objects.length - MANY} more, which a click in the picture shows</p>}
    </>
  );
}

function Rules() {
  const j = s.judgement.value!;
  const sign = { true: "✓", false: "✗", undetermined: "?" };
  const word = { true: "holds", false: "violated", undetermined: "undetermined" };
  return (
    <ul class="plain">
      {j.rules.map((r, k) => {
        const chosen = s.selection.value?.kind === "rule" && s.selection.value.name === r.name;
        return (
          <li key={k}>
            <button
              type="button"
              class={`line ${chosen ? "chosen" : ""}`}
              aria-pressed={chosen}
              data-testid={`rule-${r.name}`}
              onClick={() => (s.selection.value = chosen ? null : { kind: "rule", name: r.name })}
            >
              <b class={`state ${r.state}`}>
                {sign[r.state]} {word[r.state]}
              </b>
              <span>{r.title || r.name}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
