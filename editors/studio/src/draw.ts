// The tools that draw and point. They take points in pixels of the picture, from a pointer or from the keys.
import { computed, signal } from "@preact/signals";
import { complain, guarded, say, setShapes } from "./actions";
import { api } from "./api";
import { boxArea, boxOf, inShape, inside, simplify } from "./geometry";
import * as s from "./state";
import type { Point, Shape } from "./types";

/** What is being drawn: the points so far, and where the pointer is. */
export const draft = signal<{ points: Point[]; at: Point | null }>({ points: [], at: null });

const CLICK_RADIUS_PX = 2;

export const draftShape = computed<Shape | null>(() => {
  const { points, at } = draft.value;
  const name = s.annotationClass.value;
  if (!points.length) return null;
  if (s.tool.value === "box") return { kind: "box", class: name, box: boxOf(points[0]!, at ?? points[0]!) };
  if (s.tool.value === "polygon") return { kind: "polygon", class: name, points: at ? [...points, at] : points };
  if (s.tool.value === "brush") return { kind: "stroke", class: name, points, radius: s.brushRadius.value };
  return null;
});

export const draws = computed(() => ["box", "polygon", "brush"].includes(s.tool.value));

export function chooseTool(name: s.Tool): void {
  s.tool.value = name;
  draft.value = { points: [], at: null };
  if (name === "eyedropper" || draws.value) s.tab.value = "point";
  if (draws.value && !s.annotationClass.value) s.annotationClass.value = s.spec.value?.classes[0] ?? "part";
}

export function cancelDraft(): boolean {
  if (!draft.value.points.length) return false;
  draft.value = { points: [], at: null };
  return true;
}

function keep(shape: Shape): void {
  draft.value = { points: [], at: null };
  if (!shape.class.trim()) {
    say("error", "an annotation needs a class", "type its name in the Point tab, under Annotate");
    return;
  }
  guarded(setShapes)([...s.shapes.value, shape]);
}

export function press(at: Point): void {
  if (s.tool.value === "box" || s.tool.value === "brush") draft.value = { points: [at], at };
}

export function drag(at: Point): void {
  const { points } = draft.value;
  if (!points.length) return;
  if (s.tool.value === "brush") draft.value = { points: [...points, at], at };
  else if (s.tool.value === "box") draft.value = { points, at };
}

export function release(at: Point): void {
  const { points } = draft.value;
  if (!points.length) return;
  if (s.tool.value === "brush") {
    keep({ kind: "stroke", class: s.annotationClass.value, points: simplify(points, 0.6), radius: s.brushRadius.value });
  } else if (s.tool.value === "box") {
    const box = boxOf(points[0]!, at);
    if (box[2] - box[0] >= 2 && box[3] - box[1] >= 2) keep({ kind: "box", class: s.annotationClass.value, box });
    else draft.value = { points, at }; // a click is the first corner, the next click the other
  }
}

export function click(at: Point): void {
  if (s.tool.value === "eyedropper") guarded(pick)(at);
  else if (s.tool.value === "polygon") draft.value = { points: [...draft.value.points, at], at };
  else if (s.tool.value === "look") choose(at);
}

export function hover(at: Point): void {
  if (draft.value.points.length) draft.value = { ...draft.value, at };
}

export function closePolygon(): void {
  if (s.tool.value !== "polygon") return;
  const { points } = draft.value;
  // a double click has added its point twice
  const distinct = points.filter((p, k) => !k || Math.hypot(p[0] - points[k - 1]![0], p[1] - points[k - 1]![1]) > 0.5);
  if (distinct.length >= 3) keep({ kind: "polygon", class: s.annotationClass.value, points: distinct });
}

async function pick(at: Point): Promise<void> {
  const photo = s.currentId.value;
  if (!photo) return;
  const clicked = { photo, x: Math.floor(at[0]), y: Math.floor(at[1]), radius: CLICK_RADIUS_PX };
  const pixel = await api.pixel(photo, clicked.x, clicked.y, clicked.radius);
  s.clicks.value = [...s.clicks.value, { ...clicked, pixel }];
}

let peeking = false;
/** Reads the pixel under the pointer, one request at a time. */
export function peek(at: Point): void {
  const photo = s.currentId.value;
  if (peeking || !photo || s.tool.value !== "eyedropper") return;
  peeking = true;
  api
    .pixel(photo, Math.floor(at[0]), Math.floor(at[1]), 0)
    .then((p) => (s.hoverPixel.value = p), complain)
    .finally(() => setTimeout(() => (peeking = false), 60));
}

/** The smallest object at a point is chosen, else the annotation. */
export function choose(at: Point): void {
  const objects = s.judgement.value?.objects ?? [];
  const hit = objects
    .filter((o) => inside(at, o.outline.length ? o.outline : []) || (!o.outline.length && inBox(at, o.box)))
    .sort((a, b) => boxArea(a.box) - boxArea(b.box))[0];
  s.selection.value = hit ? { kind: "object", id: hit.id } : null;
  const shape = s.shapes.value.findLastIndex((x) => inShape(at, x));
  s.selectedShape.value = hit || shape < 0 ? null : shape;
}

function inBox([x, y]: Point, [x1, y1, x2, y2]: [number, number, number, number]): boolean {
  return x >= x1 && x <= x2 && y >= y1 && y <= y2;
}

export function deleteShape(index: number): void {
  s.selectedShape.value = null;
  guarded(setShapes)(s.shapes.value.filter((_, k) => k !== index));
}
