// The picture: OpenSeadragon, with objects, places, probabilities and annotations drawn over it.
import { useSignal, useSignalEffect } from "@preact/signals";
import OpenSeadragon from "openseadragon";
import { useEffect, useRef } from "preact/hooks";
import { probabilities, tiles } from "./api";
import * as draw from "./draw";
import { Overlay } from "./overlay";
import * as s from "./state";
import { percent, whole } from "./geometry";
import type { Point } from "./types";

const ZOOM_STEP = 1.4;
const FINE_PX = 1;
const COARSE_PX = 10;

type Viewer = OpenSeadragon.Viewer;

export function Picture() {
  const pictureSize = useSignal<Point>([0, 0]);
  const host = useRef<HTMLDivElement>(null);
  const overlay = useRef<SVGSVGElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const cursor = useRef<Point | null>(null);

  const follow = () => {
    const v = viewer.current;
    const item = v?.world.getItemAt(0);
    const svg = overlay.current;
    if (!v || !item || !svg) return;
    const origin = item.imageToViewerElementCoordinates(new OpenSeadragon.Point(0, 0));
    const unit = item.imageToViewerElementCoordinates(new OpenSeadragon.Point(1, 0));
    const scale = unit.x - origin.x;
    svg.querySelector("g")?.setAttribute("transform", `translate(${origin.x} ${origin.y}) scale(${scale})`);
    svg.style.setProperty("--scale", String(scale));
    v.drawer.setImageSmoothingEnabled(scale < 3);
  };

  const toImage = (v: Viewer, position: OpenSeadragon.Point): Point | null => {
    const item = v.world.getItemAt(0);
    if (!item) return null;
    const p = item.viewerElementToImageCoordinates(position);
    const size = item.getContentSize();
    return [Math.min(size.x - 0.01, Math.max(0, p.x)), Math.min(size.y - 0.01, Math.max(0, p.y))];
  };

  useEffect(() => {
    const v = OpenSeadragon({
      element: host.current!,
      showNavigationControl: false,
      drawer: "canvas",
      animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.25,
      maxZoomPixelRatio: 24,
      minZoomImageRatio: 0.6,
      visibilityRatio: 0.5,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: false },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: false },
      keyboardNavEnabled: false,
      tabIndex: -1,
    } as OpenSeadragon.Options);
    viewer.current = v;
    v.canvas.removeAttribute("tabindex");
    v.container.append(overlay.current!);
    v.addHandler("open", () => {
      const size = v.world.getItemAt(0)?.getContentSize();
      if (size) pictureSize.value = [size.x, size.y];
      follow();
    });
    v.addHandler("update-viewport", follow);
    v.addHandler("canvas-press", (e) => {
      const at = toImage(v, e.position);
      if (at) draw.press(at);
    });
    v.addHandler("canvas-drag", (e) => {
      const at = toImage(v, e.position);
      if (draw.draws.value && s.tool.value !== "polygon") {
        e.preventDefaultAction = true;
        if (at) draw.drag(at);
      }
    });
    v.addHandler("canvas-release", (e) => {
      const at = toImage(v, e.position);
      if (at) draw.release(at);
    });
    v.addHandler("canvas-click", (e) => {
      const at = toImage(v, e.position);
      if (at && e.quick) draw.click(at);
    });
    v.addHandler("canvas-double-click", () => draw.closePolygon());
    const moved = new OpenSeadragon.MouseTracker({
      element: v.container,
      moveHandler: (e: { position: OpenSeadragon.Point }) => {
        const at = toImage(v, e.position);
        if (!at) return;
        draw.hover(at);
        draw.peek(at);
      },
    } as unknown as OpenSeadragon.MouseTrackerOptions);
    return () => {
      moved.destroy();
      v.destroy();
      viewer.current = null;
    };
  }, []);

  useSignalEffect(() => {
    const id = s.currentId.value;
    const v = viewer.current;
    if (!v) return;
    cursor.current = null;
    if (id && !s.current.peek()?.error) v.open(tiles(id) as unknown as OpenSeadragon.TileSourceSpecifier);
    else v.close();
  });

  /** Shows a selection that lies outside the view. */
  useSignalEffect(() => {
    const ids = s.highlighted.value;
    const v = viewer.current;
    const item = v?.world.getItemAt(0);
    if (!v || !item || !ids.size) return;
    const boxes = s.judgement.peek()?.objects.filter((o) => ids.has(o.id)).map((o) => o.box) ?? [];
    if (!boxes.length) return;
    const [x1, y1] = [Math.min(...boxes.map((b) => b[0])), Math.min(...boxes.map((b) => b[1]))];
    const [x2, y2] = [Math.max(...boxes.map((b) => b[2])), Math.max(...boxes.map((b) => b[3]))];
    const wanted = item.imageToViewportRectangle(x1, y1, x2 - x1, y2 - y1);
    const seen = v.viewport.getBounds();
    const covered = seen.x <= wanted.x && seen.y <= wanted.y && seen.x + seen.width >= wanted.x + wanted.width && seen.y + seen.height >= wanted.y + wanted.height;
    if (!covered) v.viewport.panTo(wanted.getCenter());
  });

  const zoom = (by: number) => viewer.current?.viewport.zoomBy(by).applyConstraints();
  const home = () => viewer.current?.viewport.goHome();
  const actual = () => {
    const v = viewer.current;
    const item = v?.world.getItemAt(0);
    if (v && item) v.viewport.zoomTo(item.imageToViewportZoom(1 / devicePixelRatio)).applyConstraints();
  };

  /** With a tool chosen, the arrow keys move a cross and Space presses; else they move the picture. */
  const onKey = (e: KeyboardEvent) => {
    const v = viewer.current;
    const size = v?.world.getItemAt(0)?.getContentSize();
    if (!v || !size || e.ctrlKey || e.metaKey || e.altKey) return;
    const arrows: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[e.key];
    if (arrow && s.tool.value === "look") {
      const b = v.viewport.getBounds();
      v.viewport.panBy(new OpenSeadragon.Point(arrow[0] * b.width * 0.1, arrow[1] * b.height * 0.1)).applyConstraints();
    } else if (arrow) {
      const by = e.shiftKey ? FINE_PX : COARSE_PX;
      const [x, y] = cursor.current ?? [size.x / 2, size.y / 2];
      cursor.current = [Math.min(size.x - 1, Math.max(0, x + arrow[0] * by)), Math.min(size.y - 1, Math.max(0, y + arrow[1] * by))];
      draw.hover(cursor.current);
      draw.peek(cursor.current);
      keyCursor.current?.(cursor.current);
    } else if (e.key === " " && s.tool.value !== "look") {
      const at = cursor.current ?? [size.x / 2, size.y / 2];
      const [first] = draw.draft.value.points;
      if (s.tool.value === "brush" && first) draw.release(at);
      else if (s.tool.value === "box" && first) draw.release(at);
      else {
        draw.press(at);
        draw.click(at);
      }
    } else if (e.key === "Enter" && s.tool.value === "polygon") draw.closePolygon();
    else if (e.key === "+" || e.key === "=") zoom(ZOOM_STEP);
    else if (e.key === "-") zoom(1 / ZOOM_STEP);
    else if (e.key === "0") home();
    else if (e.key === "1") actual();
    else if ((e.key === "Delete" || e.key === "Backspace") && s.selectedShape.value !== null) draw.deleteShape(s.selectedShape.value);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const keyCursor = useRef<((at: Point | null) => void) | null>(null);

  const photo = s.current.value;
  const chosen = s.probabilityClass.value;
  return (
    <section class="picture" aria-label="Picture">
      <ToolBar zoom={zoom} home={home} actual={actual} />
      <div
        ref={host}
        class={`viewer tool-${s.tool.value}`}
        tabIndex={0}
        role="application"
        aria-label={photo ? `${photo.name}: arrow keys move, plus and minus zoom, Space uses the tool` : "no photo chosen"}
        onKeyDown={onKey}
        data-testid="viewer"
      />
      <Overlay
        svg={overlay}
        cursor={keyCursor}
        size={pictureSize.value}
        {...(photo && chosen ? { probabilities: probabilities(photo.id, chosen, s.learnRound.value) } : {})}
      />
      {photo?.error && (
        <p class="picture-error" role="alert">
          <strong>{photo.name}</strong> cannot be read: {photo.error}
        </p>
      )}
      {s.project.value && !s.total.value && s.filter.value === "all" && (
        <p class="picture-error">No photos in {s.project.value.folder}. Photos that are added there appear here.</p>
      )}
    </section>
  );
}

const TOOLS: { name: s.Tool; label: string; key: string; icon: string }[] = [
  { name: "look", label: "Look", key: "Esc", icon: "M5 3l7 17 2.6-7L21 10z" },
  { name: "eyedropper", label: "Eyedropper", key: "e", icon: "M3 21l1-4L14 7l3 3L7 20zM13 5l6 6M16 8l3-3" },
  { name: "box", label: "Box", key: "x", icon: "M4 6h16v12H4z" },
  { name: "polygon", label: "Polygon", key: "p", icon: "M12 3l9 7-4 10H7L3 10z" },
  { name: "brush", label: "Brush", key: "r", icon: "M20 4l-9 10M11 14c-3-1-5 1-5 3s-2 2-3 3c4 1 9 0 9-4z" },
];

export function Icon({ d }: { d: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}

function ToolBar({ zoom, home, actual }: { zoom: (by: number) => void; home: () => void; actual: () => void }) {
  const p = s.hoverPixel.value;
  return (
    <div class="toolbar" role="toolbar" aria-label="Tools">
      {TOOLS.map((t) => (
        <button
          key={t.name}
          type="button"
          class="tool"
          aria-pressed={s.tool.value === t.name}
          aria-keyshortcuts={t.key}
          title={`${t.label} (${t.key})`}
          data-testid={`tool-${t.name}`}
          onClick={() => draw.chooseTool(t.name)}
        >
          <Icon d={t.icon} />
          <span class="tool-label">{t.label}</span>
        </button>
      ))}
      <span class="gap" />
      {p && s.tool.value === "eyedropper" && (
        <output class="pixel" data-testid="pixel">
          <i class="swatch" style={{ background: p.hex }} />
          {p.hex} <span class="pixel-more">L {percent(p.lightness)} a {whole(p.lab_a)} b {whole(p.lab_b)}</span>
        </output>
      )}
      <button type="button" class="quiet" aria-pressed={s.showObjects.value} title="Outlines of objects (o)" onClick={() => (s.showObjects.value = !s.showObjects.value)}>
        Objects
      </button>
      <button type="button" class="quiet square" title="Zoom out (-)" aria-label="Zoom out" onClick={() => zoom(1 / ZOOM_STEP)}>−</button>
      <button type="button" class="quiet square" title="Zoom in (+)" aria-label="Zoom in" onClick={() => zoom(ZOOM_STEP)}>+</button>
      <button type="button" class="quiet" title="Whole picture (0)" onClick={home}>Fit</button>
      <button type="button" class="quiet" title="Actual size (1)" onClick={actual}>1:1</button>
    </div>
  );
}
