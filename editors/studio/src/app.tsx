// The page: photos, picture, and the panel of tabs.
import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { guarded, start, stepHistory } from "./actions";
import { Editor } from "./editor";
import { listen } from "./events";
import { Findings } from "./findings";
import { Help, onPageKey } from "./help";
import { History } from "./history";
import { Conflict, Messages, StatusBar } from "./messages";
import { Picture } from "./picture";
import { Point } from "./point";
import { Prove } from "./prove";
import { Sentences } from "./sentences";
import { Sheet } from "./sheet";
import * as s from "./state";

const TABS: { name: s.Tab; label: string; key: string }[] = [
  { name: "write", label: "Write", key: "w" },
  { name: "point", label: "Point", key: "c" },
  { name: "prove", label: "Prove", key: "v" },
  { name: "sentences", label: "Sentences", key: "s" },
  { name: "history", label: "History", key: "h" },
];

export function App() {
  useEffect(() => {
    document.addEventListener("keydown", onPageKey);
    guarded(start)();
    listen();
    const title = effect(() => {
      const p = s.project.value;
      document.title = p ? `${p.name} – logidsl studio` : "logidsl studio";
    });
    return () => {
      document.removeEventListener("keydown", onPageKey);
      title();
    };
  }, []);
  const [left, setLeft] = useStored("logidsl-left", 268);
  const [right, setRight] = useStored("logidsl-right", 500);
  return (
    <>
      <header class="top">
        <h1>
          <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <rect x="1" y="1" width="30" height="30" rx="7" />
            <circle cx="11" cy="11" r="4.2" />
            <path d="M18 11h7M7 21h8" />
            <path class="tick" d="M19 21.2l2.6 2.6 4.4-5.2" />
          </svg>
          <span class="project" title={s.project.value?.folder}>{s.project.value?.name ?? "logidsl studio"}</span>
        </h1>
        <span class="gap" />
        <button type="button" class="quiet" disabled={!s.project.value?.canUndo} aria-keyshortcuts="u" title="Undo (u)" data-testid="undo" onClick={() => guarded(stepHistory)("undo")}>
          Undo
        </button>
        <button type="button" class="quiet" disabled={!s.project.value?.canRedo} aria-keyshortcuts="Shift+U" title="Redo (Shift+u)" data-testid="redo" onClick={() => guarded(stepHistory)("redo")}>
          Redo
        </button>
        <button type="button" class="quiet" aria-keyshortcuts="?" title="Keys (?)" data-testid="help-button" onClick={() => (s.helpOpen.value = true)}>
          Keys <kbd>?</kbd>
        </button>
      </header>
      <Messages />
      <main class="workspace" style={{ "--left": `${left}px`, "--right": `${right}px` }}>
        <Sheet />
        <Splitter label="Width of the photos" value={left} min={130} max={600} set={setLeft} sign={1} />
        <Picture />
        <Splitter label="Width of the panel" value={right} min={300} max={1000} set={setRight} sign={-1} />
        <Panel />
      </main>
      <StatusBar />
      <Conflict />
      <Help />
    </>
  );
}

function useStored(key: string, initial: number): [number, (v: number) => void] {
  const [value, set] = useState(() => {
    try {
      return Number(localStorage.getItem(key)) || initial;
    } catch {
      return initial;
    }
  });
  return [
    value,
    (v) => {
      set(v);
      try {
        localStorage.setItem(key, String(v));
      } catch {
        // the width is kept until the page is left
      }
    },
  ];
}

function Splitter(props: { label: string; value: number; min: number; max: number; set: (v: number) => void; sign: 1 | -1 }) {
  const from = useRef<{ x: number; value: number } | null>(null);
  const to = (v: number) => props.set(Math.round(Math.min(props.max, Math.max(props.min, v))));
  return (
    <div
      class="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label={props.label}
      aria-valuenow={props.value}
      aria-valuemin={props.min}
      aria-valuemax={props.max}
      tabIndex={0}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        from.current = { x: e.clientX, value: props.value };
      }}
      onPointerMove={(e) => from.current && to(from.current.value + props.sign * (e.clientX - from.current.x))}
      onPointerUp={() => (from.current = null)}
      onKeyDown={(e) => {
        const by = { ArrowLeft: -20, ArrowRight: 20 }[e.key];
        if (!by) return;
        e.preventDefault();
        to(props.value + props.sign * by);
      }}
    />
  );
}

function Panel() {
  const tabs = useRef<HTMLDivElement>(null);
  const onKey = (e: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!by) return;
    const at = TABS.findIndex((t) => t.name === s.tab.value);
    const next = TABS[(at + by + TABS.length) % TABS.length]!;
    s.tab.value = next.name;
    tabs.current?.querySelector<HTMLElement>(`#tab-${next.name}`)?.focus();
    e.preventDefault();
  };
  const shown = s.tab.value;
  return (
    <section class="side" aria-label="Spec">
      <div class="tabs" role="tablist" ref={tabs} onKeyDown={onKey}>
        {TABS.map((t) => (
          <button
            key={t.name}
            type="button"
            role="tab"
            id={`tab-${t.name}`}
            aria-selected={shown === t.name}
            aria-controls={`panel-${t.name}`}
            aria-keyshortcuts={t.key}
            tabIndex={shown === t.name ? 0 : -1}
            title={`${t.label} (${t.key})`}
            data-testid={`tab-${t.name}`}
            onClick={() => (s.tab.value = t.name)}
          >
            {t.label}
          </button>
        ))}
      </div>
      {/* the editor lives on behind the other tabs: its history and its connection */}
      <div id="panel-write" role="tabpanel" aria-labelledby="tab-write" class="tabpanel write" hidden={shown !== "write"}>
        <Editor />
      </div>
      {TABS.slice(1).map((t) => (
        <div key={t.name} id={`panel-${t.name}`} role="tabpanel" aria-labelledby={`tab-${t.name}`} class="tabpanel" hidden={shown !== t.name} tabIndex={0}>
          {shown === t.name && { point: <Point />, prove: <Prove />, sentences: <Sentences />, history: <History /> }[t.name as Exclude<s.Tab, "write">]}
        </div>
      ))}
      <Findings />
    </section>
  );
}
