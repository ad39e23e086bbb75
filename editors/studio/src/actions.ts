// What the user does, and what the server reports: requests, and what follows from their answers.
import { batch } from "@preact/signals";
import { api, Problem } from "./api";
import * as s from "./state";
import type * as T from "./types";

let nextMessage = 1;

export function say(kind: s.Message["kind"], text: string, fix?: string | null): void {
  if (s.messages.value.some((m) => m.text === text && m.kind === kind)) return;
  s.messages.value = [...s.messages.value.slice(-4), { id: nextMessage++, kind, text, fix: fix ?? null }];
}

export function dismiss(id: number): void {
  s.messages.value = s.messages.value.filter((m) => m.id !== id);
}

/** Drops messages about what failed, when its cause has gone. */
export function dismissErrors(): void {
  s.messages.value = s.messages.value.filter((m) => m.kind !== "error");
}

/** Shows what went wrong; that the server is away is shown in the status bar instead. */
export function complain(error: unknown): void {
  if (error instanceof Problem && error.status === 0) s.connected.value = false;
  else if (error instanceof Problem) say("error", error.message, error.fix);
  else say("error", error instanceof Error ? error.message : String(error));
}

export function guarded<A extends unknown[]>(action: (...args: A) => Promise<unknown>): (...args: A) => void {
  return (...args) => void action(...args).catch(complain);
}

// ---- the spec: one save at a time, the newest text next ---------------------------------------------------------

const DELAY_MS = 120;
const RETRY_MS = 2000;
let pending: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let running = false;
/** Replaces the editor's text; set by the editor. */
let setEditorText: (text: string) => void = () => {};
export function onEditorText(set: (text: string) => void): void {
  setEditorText = set;
}

const draftKey = () => `logidsl-draft:${s.project.value?.folder ?? ""}`;
function keepDraft(text: string): void {
  try {
    localStorage.setItem(draftKey(), JSON.stringify({ text, digest: s.spec.value?.digest ?? "" }));
  } catch {
    // a browser that stores nothing still saves to the server
  }
}
function dropDraft(): void {
  try {
    localStorage.removeItem(draftKey());
  } catch {
    // as above
  }
}

export function edited(text: string): void {
  if (text === s.spec.value?.text && !running && pending === null) return;
  pending = text;
  s.saving.value = "unsaved";
  keepDraft(text);
  clearTimeout(timer);
  timer = setTimeout(() => void saveNow(), DELAY_MS);
}

export async function saveNow(): Promise<void> {
  clearTimeout(timer);
  if (running || pending === null || s.conflict.value) return;
  running = true;
  const text = pending;
  pending = null;
  s.saving.value = "saving";
  s.judging.value = true;
  try {
    const answer = await api.saveSpec(text, s.spec.value?.digest ?? "", s.currentId.value ?? undefined);
    judged(answer);
    if (pending === null) {
      s.saving.value = "saved";
      dropDraft();
    }
  } catch (error) {
    pending ??= text;
    s.judging.value = false;
    s.saving.value = "kept";
    if (error instanceof Problem && error.status === 409) meetConflict(pending, error);
    else {
      if (!s.folderGone.value) complain(error);
      timer = setTimeout(() => void saveNow(), RETRY_MS);
    }
    return;
  } finally {
    running = false;
  }
  if (pending !== null) await saveNow();
}

function meetConflict(mine: string, problem: Problem): void {
  const theirs = typeof problem.body.current === "string" ? problem.body.current : "";
  const digest = typeof problem.body.digest === "string" ? problem.body.digest : "";
  s.conflict.value = { mine, theirs, digest };
}

/** The file was changed elsewhere: the page's own text goes to the conflict if it differs. */
export function changedElsewhere(theirs: T.Spec): void {
  const mine = pending ?? s.spec.value?.text ?? "";
  if (theirs.digest === s.spec.value?.digest || theirs.text === mine) {
    adopt(theirs);
    return;
  }
  clearTimeout(timer);
  pending = mine;
  keepDraft(mine);
  s.conflict.value = { mine, theirs: theirs.text, digest: theirs.digest };
}

export async function resolveConflict(choice: "mine" | "theirs"): Promise<void> {
  const met = s.conflict.value;
  if (!met) return;
  const before = s.saving.value;
  s.conflict.value = null;
  s.saving.value = "saving"; // not saved before the choice is carried out
  let fresh: T.Spec;
  try {
    fresh = (await api.project()).spec;
  } catch (error) {
    s.conflict.value = met;
    s.saving.value = before;
    throw error;
  }
  s.spec.value = fresh;
  if (choice === "mine") {
    edited(pending ?? met.mine);
    await saveNow();
  } else {
    pending = null;
    dropDraft();
    s.saving.value = "saved";
    setEditorText(fresh.text);
    await judgeShown();
    await loadPhotos();
  }
}

/** Takes a spec that the server changed, into the editor too, unless newer text waits. */
function adopt(spec: T.Spec): void {
  const differs = spec.text !== s.spec.value?.text;
  s.spec.value = spec;
  if (differs && pending === null) setEditorText(spec.text);
}

/** Reads the repairs of the findings when one is looked at: finding them takes longer than judging. */
export function wantRepairs(): void {
  if (s.fromEdit.value && s.judgement.value?.findings.length) void judgeShown(true).catch(complain);
}

/** Takes the answer to an edit. A judgement of another photo or an older text is not shown. */
export function judged(answer: T.Judged): void {
  batch(() => {
    adopt(answer.spec);
    s.judging.value = false;
    const j = answer.judgement;
    if (pending !== null) return; // newer text waits
    if (j && j.photo === s.currentId.value) {
      show(j);
      s.fromEdit.value = true;
    }
    else if (!j && s.errors.value.length) show(null);
  });
  if (!answer.judgement && pending === null && !s.errors.value.length) void judgeShown().catch(complain);
}

function show(j: T.Judgement | null): void {
  s.judgement.value = j;
  const chosen = s.selection.value;
  if (!chosen) return;
  const lives =
    j !== null &&
    (chosen.kind === "finding"
      ? chosen.index < j.findings.length
      : chosen.kind === "object"
        ? j.objects.some((o) => o.id === chosen.id)
        : j.rules.some((r) => r.name === chosen.name));
  if (!lives) s.selection.value = null;
}

// ---- photos -----------------------------------------------------------------------------------------------------

export async function loadPhotos(): Promise<void> {
  const [filter, sort] = [s.filter.value, s.sort.value];
  const answer = await api.photos(filter, sort);
  if (filter !== s.filter.value || sort !== s.sort.value) return;
  batch(() => {
    s.photos.value = answer.photos;
    s.total.value = answer.total;
    if (!s.currentId.value && answer.photos[0]) openPhoto(answer.photos[0].id);
  });
}

export function openPhoto(id: string): void {
  if (s.currentId.value === id) return;
  batch(() => {
    s.shownPhoto.value = s.photos.value.find((p) => p.id === id) ?? s.shownPhoto.value;
    s.currentId.value = id;
    s.judgement.value = null;
    s.selection.value = null;
    s.shapes.value = [];
    s.selectedShape.value = null;
    s.hoverPixel.value = null;
  });
  void judgeShown().catch(complain);
  void api.annotations(id).then((a) => {
    if (s.currentId.value === id) s.shapes.value = a.shapes;
  }, complain);
}

let asked = 0;
export async function judgeShown(quietly = false): Promise<void> {
  const id = s.currentId.value;
  if (!id || s.errors.value.length || s.current.value?.error) {
    s.judging.value = false;
    if (s.errors.value.length || s.current.value?.error) show(null);
    return;
  }
  const turn = ++asked;
  s.judging.value = !quietly;
  try {
    const j = await api.judgement(id);
    if (turn === asked && id === s.currentId.value && j.revision >= (s.spec.value?.revision ?? 0)) {
      show(j);
      s.fromEdit.value = false;
    }
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 409) throw error;
  } finally {
    if (turn === asked) s.judging.value = false;
  }
}

export function step(by: number): void {
  const list = s.photos.value;
  const at = list.findIndex((p) => p.id === s.currentId.value);
  const to = list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + by))];
  if (to) openPhoto(to.id);
}

export async function setFilter(filter: T.Filter): Promise<void> {
  s.filter.value = filter;
  await loadPhotos();
}

let updates = new Map<string, T.Photo>();
/** Photos come in hundreds while a folder is judged: they are taken together. */
export function photoChanged(photo: T.Photo): void {
  if (!updates.size) setTimeout(takePhotos, 80);
  updates.set(photo.id, photo);
}
function takePhotos(): void {
  const taken = updates;
  updates = new Map();
  batch(() => {
    s.photos.value = s.photos.value.map((p) => taken.get(p.id) ?? p);
    const shown = s.shownPhoto.value && taken.get(s.shownPhoto.value.id);
    if (shown) s.shownPhoto.value = shown;
  });
}

export async function mark(good: boolean, labels: string[] = []): Promise<void> {
  const photo = s.current.value;
  if (!photo) return;
  const same = photo.mark?.good === good && labels.join() === photo.mark.labels.join();
  photoChanged(await api.mark(photo.id, same ? null : { good, labels }));
  await refreshProject();
}

// ---- annotations, undo ------------------------------------------------------------------------------------------

export async function setShapes(shapes: T.Shape[]): Promise<void> {
  const id = s.currentId.value;
  if (!id) return;
  s.shapes.value = shapes;
  await api.annotate(id, shapes);
  await refreshProject();
}

async function refreshProject(): Promise<void> {
  s.project.value = await api.project();
}

export async function stepHistory(which: "undo" | "redo"): Promise<void> {
  await saveNow();
  const next = await api[which]();
  batch(() => {
    s.project.value = next;
    adopt(next.spec);
  });
  const id = s.currentId.value;
  if (id) s.shapes.value = (await api.annotations(id)).shapes;
  await Promise.all([loadPhotos(), judgeShown()]);
}

/** Inserts statements where their kind is kept, or at the end, and saves. */
export async function insertStatement(statement: string): Promise<void> {
  const text = pending ?? s.spec.value?.text ?? "";
  const lines = text.split("\n");
  const word = /^\s*(color|blobs|object|rule)\b/.exec(statement)?.[1] ?? "";
  let at = lines.length;
  for (let k = 0; k < lines.length; k++) if (word && lines[k]!.startsWith(`${word} `)) at = k + 1;
  while (at < lines.length && /^\s+\S/.test(lines[at]!)) at++; // the lines that carry the statement on
  if (at === lines.length && (word === "color" || word === "blobs")) {
    const header = lines.findIndex((l) => /^spec\b/.test(l));
    at = header < 0 ? 0 : header + 1;
  }
  if (at === lines.length && lines.at(-1) === "") at--;
  lines.splice(at, 0, ...statement.trimEnd().split("\n"));
  const next = lines.join("\n").replace(/\n*$/, "\n");
  setEditorText(next);
  edited(next);
  await saveNow();
}

// ---- jobs -------------------------------------------------------------------------------------------------------

const takers = new Map<string, (result: unknown) => void>();
/** What is done with the result of a kind of job. */
export function onResult(kind: string, take: (result: unknown) => void): void {
  takers.set(kind, take);
}

export function jobChanged(job: T.Job): void {
  const known = s.jobs.value[job.kind];
  if (known?.id === job.id && known.state !== "running") return; // the answer to its start comes after its end
  s.jobs.value = { ...s.jobs.value, [job.kind]: job };
  if (job.state === "failed") say("error", job.message ?? `${job.kind} failed`);
  if (job.state === "done") takers.get(job.kind)?.(job.result);
}

/** Forgets a job whose result is no longer wanted. */
export async function forget(kind: string): Promise<void> {
  const job = s.jobs.value[kind];
  const { [kind]: _, ...others } = s.jobs.value;
  s.jobs.value = others;
  if (job) await api.cancel(job.id);
}

export async function startJob(started: Promise<{ job: T.Job }>): Promise<void> {
  jobChanged((await started).job);
}

/** Reads the last job of each kind: events tell of them, but not while the page is away. */
async function loadJobs(): Promise<void> {
  for (const job of (await api.jobs()).jobs) jobChanged(job);
}

/** Shows again what runs, and what was offered before the page was loaded. */
async function restoreJobs(): Promise<void> {
  for (const job of (await api.jobs()).jobs)
    if (job.state === "running" || (job.state === "done" && job.kind !== "record")) jobChanged(job);
}

/** Whether a statement that is offered is in the spec already. */
export const isAccepted = (statement: string): boolean => s.spec.value?.text.includes(statement.trim()) ?? false;

// ---- start ------------------------------------------------------------------------------------------------------

export async function start(): Promise<void> {
  const project = await api.project();
  batch(() => {
    s.project.value = project;
    s.spec.value = project.spec;
    if (project.message && !project.spec.readOnly) say("info", project.message);
  });
  setEditorText(project.spec.text);
  restoreDraft();
  await loadPhotos();
  await restoreJobs();
}

function storedDraft(): { text: string; digest: string } | null {
  try {
    return JSON.parse(localStorage.getItem(draftKey()) ?? "null") as { text: string; digest: string } | null;
  } catch {
    return null;
  }
}

/** Text that was typed and not saved, for example before a crash, is saved now. */
function restoreDraft(): void {
  const draft = storedDraft();
  const spec = s.spec.value;
  if (!draft || !spec || spec.readOnly) return;
  if (draft.text === spec.text) dropDraft();
  else if (draft.digest === spec.digest) {
    setEditorText(draft.text);
    edited(draft.text);
    say("info", "text that was not saved last time has been restored");
  } else {
    pending = draft.text;
    setEditorText(draft.text);
    s.conflict.value = { mine: draft.text, theirs: spec.text, digest: spec.digest };
  }
}

/** After a lost connection: what was kept is saved, and everything is read again. */
export async function reconnected(): Promise<void> {
  const project = await api.project();
  const known = s.spec.value;
  s.project.value = project;
  if (known && project.spec.digest !== known.digest && project.spec.text !== known.text) changedElsewhere(project.spec);
  else s.spec.value = project.spec;
  await saveNow();
  await loadPhotos();
  await judgeShown();
  await loadJobs();
}
