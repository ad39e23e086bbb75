// What the page shows, as signals: views read them, actions.ts writes them.
import { computed, signal } from "@preact/signals";
import type * as T from "./types";

export type Tool = "look" | "eyedropper" | "box" | "polygon" | "brush";
export type Tab = "write" | "point" | "prove" | "sentences" | "history";
export type Message = { id: number; kind: "info" | "error"; text: string; fix?: string | null };

export const project = signal<T.Project | null>(null);
export const spec = signal<T.Spec | null>(null);
export const photos = signal<T.Photo[]>([]);
export const total = signal(0);
export const filter = signal<T.Filter>("all");
export const sort = signal<"name" | "score">("name");
export const currentId = signal<string | null>(null);
export const judgement = signal<T.Judgement | null>(null);
/** Whether the judgement on screen is that of an edit: its findings have no repairs yet, and it was timed alone. */
export const fromEdit = signal(false);
export const judging = signal(false);
export const progress = signal<{ done: number; total: number } | null>(null);
export const connected = signal(true);
export const folderGone = signal<string | null>(null);
export const saving = signal<"saved" | "unsaved" | "saving" | "kept">("saved");
export const conflict = signal<{ mine: string; theirs: string; digest: string } | null>(null);
export const messages = signal<Message[]>([]);
export const jobs = signal<Record<string, T.Job>>({});

export const tool = signal<Tool>("look");
export const tab = signal<Tab>("write");
export const helpOpen = signal(false);
export const showObjects = signal(true);

/** The finding, object or rule that is highlighted, by index, id or name. */
export type Selection = { kind: "finding"; index: number } | { kind: "object"; id: string } | { kind: "rule"; name: string };
export const selection = signal<Selection | null>(null);

export const shapes = signal<T.Shape[]>([]);
export const selectedShape = signal<number | null>(null);
export const annotationClass = signal("");
export const brushRadius = signal(6);
export const clicks = signal<(T.Click & { pixel: T.Pixel })[]>([]);
export const hoverPixel = signal<T.Pixel | null>(null);
export const probabilityClass = signal<string | null>(null);
export const learnRound = signal(0);

export const current = computed(() => photos.value.find((p) => p.id === currentId.value) ?? shownPhoto.value);
/** The photo on screen when the filter no longer lists it. */
export const shownPhoto = signal<T.Photo | null>(null);

export const errors = computed(() => spec.value?.diagnostics.filter((d) => d.severity === "error") ?? []);

/** The ids of the objects that the selection is about. */
export const highlighted = computed<Set<string>>(() => {
  const s = selection.value;
  const j = judgement.value;
  if (!s || !j) return new Set();
  if (s.kind === "object") return new Set([s.id]);
  if (s.kind === "finding") return new Set(j.findings[s.index]?.objects ?? []);
  return new Set(j.rules.filter((r) => r.name === s.name).flatMap((r) => r.objects));
});

/** The stretches of the spec that the selection is about. */
export const highlightedSpans = computed<T.Span[]>(() => {
  const s = selection.value;
  const j = judgement.value;
  if (!s || !j) return [];
  if (s.kind === "finding") return j.findings[s.index] ? [j.findings[s.index]!.span] : [];
  if (s.kind === "rule") return j.rules.filter((r) => r.name === s.name).map((r) => r.span);
  const object = j.objects.find((o) => o.id === s.id);
  const blamed = j.findings.filter((f) => f.objects.includes(s.id)).map((f) => f.span);
  return blamed.length ? blamed : (object?.margins.map((m) => m.span) ?? []);
});
