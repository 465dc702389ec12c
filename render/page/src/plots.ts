// The plots made live: a point tells its value, and leads to its place in the ladder. The drawing is the product's own; the points come
// with it (data-points of a figure: x, y in the drawing, frame, what it says).

import { h, s } from "./dom";
import { inflate } from "./data";

interface Plot { name: string; alt: string; svg: string; points: Point[] | null }

// What a drawing may have: everything else is left out. Its inks become those of the page, so that it can be read in the dark.
const ELEMENTS = new Set(["svg", "g", "path", "text", "tspan", "rect", "line", "circle", "title"]);
const ATTRIBUTES = new Set(["d", "x", "y", "width", "height", "viewBox", "transform", "cx", "cy", "r", "textLength", "lengthAdjust", "fill", "stroke", "stroke-width",
  "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "font-size", "font-weight", "font-style", "fill-opacity", "stroke-opacity", "text-anchor"]);
const INKS: Record<string, string> = { "#ffffff": "var(--bg)", "#222222": "var(--fg)", "#444444": "var(--fg)", "#777777": "var(--muted)", "#e6e6e6": "var(--line)", "#eeeeee": "var(--fold)" };

function copied(from: Element): SVGElement | null {
  const name = from.localName;
  if (!ELEMENTS.has(name)) return null;
  const to = s(name);
  const set = (k: string, v: string) => { if (ATTRIBUTES.has(k) && !/url\(|script/i.test(v)) to.setAttribute(k, INKS[v.toLowerCase()] ?? v); };
  for (const a of from.attributes) {
    set(a.name, a.value);
  }
  for (const child of from.childNodes) {
    if (child instanceof Element) { const c = copied(child); if (c) to.append(c); } else if (child.nodeType === Node.TEXT_NODE) to.append(child.textContent ?? "");
  }
  return to;
}

/** Gives a drawing that stands in the document the page's inks. */
export function inked(svg: Element): void {
  for (const e of svg.querySelectorAll("[fill], [stroke]")) for (const k of ["fill", "stroke"]) {
    const ink = INKS[(e.getAttribute(k) ?? "").toLowerCase()];
    if (ink) e.setAttribute(k, ink);
  }
}

/** Unpacks the plots and puts them into a section. */
export async function figures(): Promise<HTMLElement | null> {
  const packed = document.querySelector("script.plots");
  if (!packed) return null;
  const all = JSON.parse(new TextDecoder().decode(await inflate(packed.textContent!))) as Plot[];
  const section = h("section", { class: "part", id: "plots", "data-part": "plots" }, h("h2", null));
  for (const p of all) {
    const svg = copied(new DOMParser().parseFromString(p.svg, "image/svg+xml").documentElement);
    if (!svg) continue;
    svg.setAttribute("role", "img");
    section.append(h("figure", { id: "plot-" + p.name, "data-points": JSON.stringify(p.points ?? []) }, svg, h("figcaption", { class: "sr" }, p.alt)));
  }
  return section;
}

interface Point { x: number; y: number; frame: number; session: number; text: string }

export function enliven(go: (frame: number) => void): { mark(frame: number): void } {
  const figures: { points: Point[]; cursor: SVGElement; label: SVGElement }[] = [];
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-points]")) {
    const svg = figure.querySelector("svg");
    if (!svg) continue;
    const points = JSON.parse(figure.dataset.points ?? "[]") as Point[];
    if (!points.length) continue;
    const cursor = s("circle", { class: "cursor", r: 6, cx: -99, cy: -99 }), label = s("text", { class: "cursorlabel", x: 0, y: 0 });
    svg.append(cursor, label);
    const entry = { points, cursor, label };
    figures.push(entry);
    const nearest = (e: PointerEvent | MouseEvent): Point | null => {
      const m = (svg as SVGSVGElement).getScreenCTM();
      if (!m) return null;
      const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(m.inverse()), reach = 24 / m.a;
      let best: Point | null = null, far = reach * reach;
      for (const p of points) { const d = (p.x - at.x) ** 2 + (p.y - at.y) ** 2; if (d < far) { far = d; best = p; } }
      return best;
    };
    svg.addEventListener("pointermove", e => { const p = nearest(e); if (p) marks(p.frame); svg.classList.toggle("onpoint", p !== null); });
    svg.addEventListener("click", e => { const p = nearest(e); if (p) go(p.frame); });
  }
  const marks = (frame: number) => {
    for (const f of figures) {
      const p = f.points.find(q => q.frame === frame);
      f.cursor.setAttribute("cx", String(p ? p.x : -99)); f.cursor.setAttribute("cy", String(p ? p.y : -99));
      f.label.textContent = p ? p.text : "";
      if (!p) continue;
      const box = (f.cursor.ownerSVGElement!).viewBox.baseVal, right = p.x > box.x + box.width * 0.6;
      f.label.setAttribute("x", String(p.x + (right ? -9 : 9))); f.label.setAttribute("y", String(p.y - 9)); f.label.setAttribute("text-anchor", right ? "end" : "start");
    }
  };
  return { mark: marks };
}
