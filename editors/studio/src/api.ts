// Requests to the studio's server. The token is in the page, and a new one in the page of a server started again.
import type * as T from "./types";

let token = document.querySelector<HTMLMetaElement>('meta[name="logidsl-token"]')?.content ?? "";

/** What the server answered instead: a problem report (RFC 9457), or that it cannot be reached (status 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly fix: string | null,
    readonly body: Record<string, unknown> = {},
  ) {
    super(detail || title);
  }
}

async function request(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-logidsl-studio"] = token;
  if (body !== undefined) headers["content-type"] = "application/json";
  const init: RequestInit = { method, headers, cache: "no-cache" };
  if (body !== undefined) init.body = JSON.stringify(body);
  try {
    return await fetch(path, init);
  } catch {
    throw new Problem(0, "disconnected", "the studio does not answer", "start `logidsl studio` again");
  }
}

async function call<R>(method: string, path: string, body?: unknown): Promise<R> {
  let response = await request(method, path, body);
  if (response.status === 403 && (await renewToken())) response = await request(method, path, body);
  const text = await response.text();
  let data: unknown = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    // what is not JSON is reported by its status
  }
  if (response.ok) return data as R;
  const problem = (data ?? {}) as Record<string, unknown>;
  const word = (key: string) => (typeof problem[key] === "string" ? (problem[key] as string) : "");
  throw new Problem(response.status, word("title") || `status ${response.status}`, word("detail"), word("fix") || null, problem);
}

/** Reads the token from the page of a server that was started again; whether it is another one. */
export async function renewToken(): Promise<boolean> {
  const page = await fetch("/", { cache: "no-store" }).then((r) => r.text());
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector<HTMLMetaElement>('meta[name="logidsl-token"]');
  if (!fresh?.content || fresh.content === token) return false;
  token = fresh.content;
  return true;
}

export function socketAddress(path: string): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}?token=${encodeURIComponent(token)}`;
}

const photo = (id: string) => `/api/photos/${encodeURIComponent(id)}`;
const query = (values: Record<string, string | number | undefined>) =>
  new URLSearchParams(Object.entries(values).flatMap(([k, v]) => (v === undefined ? [] : [[k, String(v)]]))).toString();

export const api = {
  project: () => call<T.Project>("GET", "/api/project"),
  photos: (filter: T.Filter, sort: "name" | "score") =>
    call<{ revision: number; total: number; photos: T.Photo[] }>("GET", `/api/photos?${query({ filter, sort })}`),
  judgement: (id: string) => call<T.Judgement>("GET", `${photo(id)}/judgement`),
  pixel: (id: string, x: number, y: number, radius: number) => call<T.Pixel>("GET", `${photo(id)}/pixel?${query({ x, y, radius })}`),
  saveSpec: (text: string, digest: string, shown?: string) => call<T.Judged>("PUT", "/api/spec", { text, digest, photo: shown ?? null }),
  undo: () => call<T.Project>("POST", "/api/undo", {}),
  redo: () => call<T.Project>("POST", "/api/redo", {}),
  mark: (id: string, mark: T.Mark | null) => call<T.Photo>("PUT", `${photo(id)}/mark`, mark),
  annotations: (id: string) => call<{ shapes: T.Shape[] }>("GET", `${photo(id)}/annotations`),
  annotate: (id: string, shapes: T.Shape[]) => call<unknown>("PUT", `${photo(id)}/annotations`, { shapes }),
  color: (clicks: T.Click[], name: string, kind: "color" | "predicate") => call<T.ColorProposal>("POST", "/api/color", { clicks, name, kind }),
  values: () => call<T.Values>("GET", "/api/values"),
  histogram: (of: { value?: string; class?: string; column?: string; photo?: string; limit?: number }) =>
    call<T.Histogram>("GET", `/api/histogram?${query(of)}`),
  setLimit: (span: T.Span, value: number, shown?: string) => call<T.Judged>("PUT", "/api/limit", { span, value, photo: shown ?? null }),
  learn: () => call<{ job: T.Job }>("POST", "/api/learn", {}),
  jobs: () => call<{ jobs: T.Job[] }>("GET", "/api/jobs"),
  cancel: (id: string) => call<unknown>("DELETE", `/api/jobs/${encodeURIComponent(id)}`),
  translate: (sentences: string) => call<{ job: T.Job }>("POST", "/api/translate", { sentences }),
  infer: () => call<{ job: T.Job }>("POST", "/api/infer", {}),
  history: (of: T.HistoryAsked) => call<{ html: string; columns: string[] }>("GET", `/api/history?${query(of)}`),
  record: (lot: string) => call<{ job: T.Job }>("POST", "/api/record", { lot }),
  addRules: (texts: string[], shown?: string) => call<T.Judged>("POST", "/api/rules", { texts, photo: shown ?? null }),
  prove: () => call<T.Proof>("GET", "/api/prove"),
  addTest: (id: string, title: string) => call<T.Judged>("POST", "/api/tests", { photo: id, title }),
  exportTo: (name: string) => call<{ path: string; files: string[] }>("POST", "/api/export", { name }),
};

export const thumbnail = (id: string) => `${photo(id)}/thumbnail`;
export const tiles = (id: string) => `${photo(id)}/tiles.dzi`;
export const probabilities = (id: string, name: string, round: number) => `${photo(id)}/probabilities?${query({ class: name, round })}`;
