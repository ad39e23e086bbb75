// The contact sheet: a list of which only the rows in view exist.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { guarded, loadPhotos, openPhoto, setFilter, step } from "./actions";
import { thumbnail } from "./api";
import * as s from "./state";
import type { Filter, Photo, Verdict } from "./types";

const TILE_PX = 116;
const ROW_PX = 138;
const SPARE_ROWS = 3;

export const FILTERS: { name: Filter; label: string }[] = [
  { name: "all", label: "All photos" },
  { name: "fail", label: "Fail" },
  { name: "review", label: "Review" },
  { name: "pass", label: "Pass" },
  { name: "error", label: "Unreadable" },
  { name: "changed", label: "Changed by the last edit" },
  { name: "wrong", label: "Judged against its mark" },
  { name: "marked", label: "Marked" },
];

const SIGN: Record<Verdict, string> = { pass: "✓", fail: "✗", review: "?", error: "!" };

export function VerdictBadge({ verdict, testid }: { verdict: Verdict | null; testid?: string }) {
  return (
    <span class={`verdict ${verdict ?? "none"}`} {...(testid ? { "data-testid": testid } : {})}>
      <b aria-hidden="true">{verdict ? SIGN[verdict] : "·"}</b> {verdict ?? "not judged"}
    </span>
  );
}

export function Sheet() {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600, width: 240 });
  const list = s.photos.value;
  const perRow = Math.max(1, Math.floor((view.width - 4) / TILE_PX));
  const rows = Math.ceil(list.length / perRow);
  const first = Math.max(0, Math.floor(view.top / ROW_PX) - SPARE_ROWS);
  const last = Math.min(rows, Math.ceil((view.top + view.height) / ROW_PX) + SPARE_ROWS);
  const shown = list.slice(first * perRow, last * perRow);

  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);

  const at = list.findIndex((p) => p.id === s.currentId.value);
  useEffect(() => {
    const element = scroller.current!;
    if (at < 0) return;
    const top = Math.floor(at / perRow) * ROW_PX;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_PX > element.scrollTop + element.clientHeight) element.scrollTop = top + ROW_PX - element.clientHeight;
  }, [at, perRow]);

  const done = s.progress.value;
  return (
    <section class="sheet" aria-label="Photos">
      <div class="sheet-head">
        <label>
          <span class="hidden">Show</span>
          <select
            data-testid="filter"
            id="filter"
            aria-keyshortcuts="f"
            value={s.filter.value}
            onChange={(e) => guarded(setFilter)(e.currentTarget.value as Filter)}
          >
            {FILTERS.map((f) => (
              <option key={f.name} value={f.name}>
                {f.label}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="hidden">Sort by</span>
          <select
            data-testid="sort"
            value={s.sort.value}
            onChange={(e) => {
              s.sort.value = e.currentTarget.value as "name" | "score";
              guarded(loadPhotos)();
            }}
          >
            <option value="name">by name</option>
            <option value="score">by score</option>
          </select>
        </label>
      </div>
      <p class="sheet-count" data-testid="count">
        {list.length === s.total.value ? `${list.length} photos` : `${list.length} of ${s.total.value} photos`}
        {done && (
          <progress aria-label="Photos judged" value={done.done} max={done.total} title={`${done.done} of ${done.total} judged`} />
        )}
      </p>
      <div
        ref={scroller}
        class="tiles"
        role="listbox"
        aria-label="Photos"
        tabIndex={0}
        onKeyDown={(e) => {
          const page = Math.max(1, Math.floor(view.height / ROW_PX)) * perRow;
          const by: Record<string, number> = {
            ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow, ArrowUp: -perRow,
            PageDown: page, PageUp: -page, Home: -list.length, End: list.length,
          };
          if (by[e.key] === undefined) return;
          e.preventDefault();
          step(by[e.key]!);
        }}
        {...(at >= 0 && at >= first * perRow && at < last * perRow ? { "aria-activedescendant": `photo-${list[at]!.id}` } : {})}
      >
        <div class="tiles-all" role="presentation" style={{ height: `${rows * ROW_PX}px` }}>
          {shown.map((p, k) => (
            <Tile key={p.id} photo={p} index={first * perRow + k} perRow={perRow} count={list.length} chosen={p.id === s.currentId.value} />
          ))}
        </div>
        {!list.length && <p class="empty">{s.filter.value === "all" ? "No photos yet." : "No photo is listed by this filter."}</p>}
      </div>
    </section>
  );
}

export function describe(p: Photo): string {
  const counts = Object.entries(p.counts).map(([name, n]) => `${n} ${name}`);
  const parts = [p.name, p.error ? "cannot be read" : (p.verdict ?? "not judged"), ...p.labels, ...counts];
  if (p.mark) parts.push(p.mark.good ? "marked good" : "marked bad");
  if (p.wrong) parts.push("judged against its mark");
  return parts.join(", ");
}

function Tile({ photo, index, perRow, count, chosen }: { photo: Photo; index: number; perRow: number; count: number; chosen: boolean }) {
  const place = {
    top: `${Math.floor(index / perRow) * ROW_PX}px`,
    left: `${((index % perRow) * 100) / perRow}%`,
    width: `${100 / perRow}%`,
    height: `${ROW_PX}px`,
  };
  return (
    <div
      id={`photo-${photo.id}`}
      class={`tile ${chosen ? "chosen" : ""} ${photo.wrong ? "wrong" : ""}`}
      role="option"
      aria-selected={chosen}
      aria-setsize={count}
      aria-posinset={index + 1}
      title={describe(photo)}
      style={place}
      data-testid={`photo-${photo.id}`}
      data-verdict={photo.verdict ?? ""}
      onClick={() => openPhoto(photo.id)}
    >
      <div class="tile-inner">
        {photo.error ? (
          <span class="broken" aria-hidden="true">!</span>
        ) : (
          <img src={thumbnail(photo.id)} alt="" loading="lazy" decoding="async" draggable={false} />
        )}
        {photo.mark && (
          <span class={`mark ${photo.mark.good ? "good" : "bad"}`}>{photo.mark.good ? "good" : "bad"}</span>
        )}
        {photo.changed && (
          <span class="changed">
            <span aria-hidden="true">Δ</span>
            <span class="hidden">changed by the last edit</span>
          </span>
        )}
        <span class="tile-foot">
          <span class="tile-name">{photo.name}</span>
          <span class="tile-state">
            <span class={`verdict small ${photo.verdict ?? "none"}`}>
              <b aria-hidden="true">{photo.verdict ? SIGN[photo.verdict] : "·"}</b>
              {photo.verdict ?? ""}
            </span>
            {photo.score !== null && <span class="score">{photo.score.toFixed(2)}</span>}
          </span>
        </span>
      </div>
    </div>
  );
}
