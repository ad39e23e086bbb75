// What the studio's server answers. docs/decisions/0064 describes it.
export type Verdict = "pass" | "fail" | "review" | "error";
export type Point = [number, number];
export type Box = [number, number, number, number];
export type Span = { line: number; column: number; endLine: number; endColumn: number };
export type Mark = { good: boolean; labels: string[] };
export type Photo = {
  id: string;
  name: string;
  path: string;
  width: number;
  height: number;
  error: string | null;
  verdict: Verdict | null;
  score: number | null;
  counts: Record<string, number>;
  labels: string[];
  mark: Mark | null;
  wrong: boolean;
  changed: boolean;
  annotated: boolean;
};
export type Outline = { name: string; points: Point[][] };
export type Finding = {
  rule: string;
  title: string;
  clause: string;
  kind: string;
  label: string;
  severity: string | null;
  state: "false" | "undetermined";
  message: string;
  reason: string | null;
  measured: string | null;
  limit: string | null;
  span: Span;
  objects: string[];
  places: Outline[];
  repairs: string[];
};
export type Obj = {
  id: string;
  name: string;
  classes: { name: string; member: "yes" | "doubtful" }[];
  box: Box;
  outline: Point[][];
  columns: Record<string, number | string | null>;
  confidence: number | null;
  margins: { rule: string; span: Span; margin: number }[];
};
export type RuleState = { name: string; title: string; span: Span; state: "true" | "false" | "undetermined"; objects: string[] };
export type Judgement = {
  photo: string;
  revision: number;
  verdict: Verdict;
  findings: Finding[];
  objects: Obj[];
  places: Outline[];
  rules: RuleState[];
  ms: { see: number; judge: number };
};
export type Diagnostic = { code: string; severity: "error" | "warning"; message: string; span: Span; fix: string | null };
export type Spec = {
  path: string;
  text: string;
  digest: string;
  revision: number;
  readOnly: boolean;
  diagnostics: Diagnostic[];
  classes: string[];
  colors: { name: string; hex: string }[];
  pixelStatementsDigest: string;
};
export type Project = {
  folder: string;
  name: string;
  version: string;
  spec: Spec;
  photos: number;
  translate: boolean;
  message: string | null;
  canUndo: boolean;
  canRedo: boolean;
};
export type Judged = { spec: Spec; judgement: Judgement | null };
export type Filter = "all" | "fail" | "review" | "pass" | "error" | "changed" | "wrong" | "marked";
export type Shape =
  | { kind: "box"; class: string; box: Box }
  | { kind: "polygon"; class: string; points: Point[] }
  | { kind: "stroke"; class: string; points: Point[]; radius: number };
export type Pixel = {
  x: number;
  y: number;
  rgb: [number, number, number];
  hex: string;
  lightness: number;
  lab_a: number;
  lab_b: number;
  hue: number;
  saturation: number;
  contrast: number;
};
export type Click = { photo: string; x: number; y: number; radius: number };
export type ColorProposal = { statement: string; hex: string; within: number; predicate: string; pixels: number };
export type Limit = { span: Span; value: number; unit: string; column?: string; pixel?: string; class?: string };
export type Values = { pixel: string[]; columns: { class: string; column: string; unit: string }[]; limits: Limit[] };
export type Histogram = {
  edges: number[];
  counts: number[];
  unit: string;
  limit: number | null;
  good: number[] | null;
  bad: number[] | null;
  plateau: [number, number] | null;
  /** Whether the plateau is still searched for. */
  pending?: boolean;
};
export type Job = {
  id: string;
  kind: string;
  state: "running" | "done" | "failed" | "cancelled";
  progress: number;
  message: string | null;
  result: unknown;
};
export type HistoryAsked = {
  source: "photos" | "store";
  by?: string;
  chart: string;
  since?: string;
  this_spec?: string;
  measure?: string;
  low?: string;
  high?: string;
};
export type ProvedWrong = { photo: string; expected: string; got: string; labels: string[] };
export type Proof = {
  marked: number;
  right: number;
  wrong: ProvedWrong[];
  estimate: { error_rate: number; low: number; high: number; method: string } | null;
  message: string | null;
};
export type StudioEvent =
  | { type: "progress"; done: number; total: number }
  | { type: "photo"; photo: Photo }
  | { type: "spec"; spec: Spec }
  | { type: "folder"; ok: boolean; message: string | null }
  | { type: "job"; job: Job }
  | { type: "revision"; revision: number };
