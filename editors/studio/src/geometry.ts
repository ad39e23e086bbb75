// Points, outlines and spans.
import type { Box, Point, Shape, Span } from "./types";

export function path(rings: Point[][], closed = true): string {
  return rings.map((ring) => ring.map(([x, y], k) => `${k ? "L" : "M"}${x} ${y}`).join("") + (closed ? "Z" : "")).join("");
}

export function boxRing([x1, y1, x2, y2]: Box): Point[] {
  return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]];
}

export function boxOf(a: Point, b: Point): Box {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
}

/** Whether a point lies in rings, by the even-odd rule. */
export function inside([x, y]: Point, rings: Point[][]): boolean {
  let odd = false;
  for (const ring of rings)
    for (let k = 0, j = ring.length - 1; k < ring.length; j = k++) {
      const [x1, y1] = ring[k]!;
      const [x2, y2] = ring[j]!;
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
    }
  return odd;
}

export function boxArea([x1, y1, x2, y2]: Box): number {
  return (x2 - x1) * (y2 - y1);
}

function toSegment([x, y]: Point, [x1, y1]: Point, [x2, y2]: Point): number {
  const length2 = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  const t = length2 ? Math.min(1, Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length2)) : 0;
  return Math.hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1));
}

export function inShape(at: Point, shape: Shape): boolean {
  if (shape.kind === "box") return inside(at, [boxRing(shape.box)]);
  if (shape.kind === "polygon") return inside(at, [shape.points]);
  return shape.points.some((p, k) => toSegment(at, p, shape.points[k + 1] ?? p) <= shape.radius);
}

export function shapeAnchor(shape: Shape): Point {
  if (shape.kind === "box") return [shape.box[0], shape.box[1]];
  return shape.points.reduce((a, p) => (p[1] < a[1] ? p : a));
}

/** A polyline with fewer points, none of which was farther than `tolerance` from the new line's ends or sides. */
export function simplify(points: Point[], tolerance: number): Point[] {
  if (points.length < 3) return points;
  const first = points[0]!;
  const last = points.at(-1)!;
  let worst = 0;
  let far = 0;
  for (let k = 1; k < points.length - 1; k++) {
    const away = toSegment(points[k]!, first, last);
    if (away > far) [far, worst] = [away, k];
  }
  if (far <= tolerance) return [first, last];
  return [...simplify(points.slice(0, worst + 1), tolerance).slice(0, -1), ...simplify(points.slice(worst), tolerance)];
}

export function within(line: number, span: Span): boolean {
  return span.line <= line && line <= span.endLine;
}

export function percent(share: number | null): string {
  return share === null ? "–" : `${whole(100 * share)} %`;
}

export function whole(value: number | null): string {
  return value === null ? "–" : String(Math.round(value) || 0);
}
