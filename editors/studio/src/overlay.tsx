// What is drawn over the picture, in pixels of the picture.
import { signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { draftShape } from "./draw";
import { boxRing, path, shapeAnchor } from "./geometry";
import * as s from "./state";
import type { Obj, Point, Shape } from "./types";

const keyCursor = signal<Point | null>(null);

export function Overlay(props: {
  svg: RefObject<SVGSVGElement | null>;
  cursor: { current: ((at: Point | null) => void) | null };
  size: Point;
  probabilities?: string;
}) {
  useEffect(() => {
    props.cursor.current = (at) => (keyCursor.value = at);
  }, []);
  useEffect(() => {
    keyCursor.value = null;
  }, [s.currentId.value, s.tool.value]);
  const photo = s.current.value;
  const j = s.judgement.value;
  const at = keyCursor.value;
  return (
    <svg ref={props.svg} class="overlay" aria-hidden="true">
      <g>
        {props.probabilities && (
          <image href={props.probabilities} width={props.size[0]} height={props.size[1]} preserveAspectRatio="none" />
        )}
        {j && s.showObjects.value && <Objects objects={j.objects} />}
        {j && <Places />}
        {s.shapes.value.map((shape, k) => (
          <Annotation key={k} shape={shape} chosen={s.selectedShape.value === k} />
        ))}
        {draftShape.value && <Annotation shape={draftShape.value} chosen draft />}
        {s.clicks.value
          .filter((c) => c.photo === photo?.id)
          .map((c, k) => (
            <Cross key={k} at={[c.x + 0.5, c.y + 0.5]} text={String(k + 1)} />
          ))}
        {at && s.tool.value !== "look" && <Cross at={at} text="" />}
      </g>
    </svg>
  );
}

const ringsOf = (o: Obj) => (o.outline.length ? o.outline : [boxRing(o.box)]);

function Objects({ objects }: { objects: Obj[] }) {
  const lit = s.highlighted.value;
  const blamed = new Set(s.judgement.value?.findings.flatMap((f) => f.objects) ?? []);
  const last = (o: Obj) => (lit.has(o.id) ? 2 : blamed.has(o.id) ? 1 : 0);
  return (
    <>
      {[...objects]
        .sort((a, b) => last(a) - last(b))
        .map((o) => {
          const doubtful = o.classes.length > 0 && o.classes.every((c) => c.member === "doubtful");
          const kind = lit.has(o.id) ? "lit" : blamed.has(o.id) ? "blamed" : o.classes.length ? "plain" : "unclassed";
          return (
            <g key={o.id} class={`object ${kind} ${doubtful ? "doubtful" : ""}`}>
              <path d={path(ringsOf(o))} class="halo" />
              <path d={path(ringsOf(o))} />
              {(kind === "lit" || kind === "blamed") && <Label at={[o.box[0], o.box[1]]} text={o.name} />}
            </g>
          );
        })}
    </>
  );
}

function Places() {
  const j = s.judgement.value!;
  const chosen = s.selection.value;
  const finding = chosen?.kind === "finding" ? j.findings[chosen.index] : null;
  const shown = finding ? finding.places : j.findings.flatMap((f) => f.places);
  return (
    <>
      {shown.map((place, k) => (
        <g key={k} class={`place ${finding ? "lit" : ""}`}>
          <path d={path(place.points)} class="halo" />
          <path d={path(place.points)} />
          {finding && place.points[0]?.[0] && <Label at={lowerLeft(place.points[0])} text={place.name} below />}
        </g>
      ))}
    </>
  );
}

function Annotation({ shape, chosen, draft }: { shape: Shape; chosen: boolean; draft?: boolean }) {
  const kind = `annotation ${chosen ? "chosen" : ""} ${shape.kind}`;
  const body =
    shape.kind === "stroke" ? (
      <path
        d={path([shape.points.length > 1 ? shape.points : [shape.points[0]!, shape.points[0]!]], false)}
        class="stroke"
        style={{ strokeWidth: `${2 * shape.radius}px` }}
      />
    ) : (
      <path d={path([shape.kind === "box" ? boxRing(shape.box) : shape.points], !draft || shape.kind === "box")} />
    );
  return (
    <g class={kind}>
      {body}
      {!draft && <Label at={shapeAnchor(shape)} text={shape.class} />}
    </g>
  );
}

const lowerLeft = (ring: Point[]): Point => [Math.min(...ring.map((p) => p[0])), Math.max(...ring.map((p) => p[1]))];

/** Text of one size at any zoom: the group is scaled back. */
function Label({ at, text, below }: { at: Point; text: string; below?: boolean }) {
  return (
    <g class="label" style={{ transform: `translate(${at[0]}px, ${at[1]}px) scale(calc(1 / var(--scale, 1)))` }}>
      <text x="2" y={below ? 15 : -5}>{text}</text>
    </g>
  );
}

function Cross({ at, text }: { at: Point; text: string }) {
  return (
    <g class="cross" style={{ transform: `translate(${at[0]}px, ${at[1]}px) scale(calc(1 / var(--scale, 1)))` }}>
      <path class="halo" d="M-9 0H-3M3 0H9M0 -9V-3M0 3V9" />
      <path d="M-9 0H-3M3 0H9M0 -9V-3M0 3V9" />
      <text x="7" y="-7">{text}</text>
    </g>
  );
}
