// A handout: pages of A4 drawn from the scene, each with its head, broken between rows only.

import { Conversation, Lang } from "./data";
import { s, h } from "./dom";
import { draw, View } from "./draw";
import { Geometry } from "./geometry";
import { Layout } from "./layout";
import { spansOf } from "./spans";

const WIDTH = 1000, HEIGHT = 1380, HEAD = 60, MOST = 60;

export function pages(c: Conversation, lang: Lang, unfolded: Set<number>, names: string[], title: string): HTMLElement[] {
  const l = new Layout(c, "readable", 1, unfolded, false), g = new Geometry(WIDTH, c, false, false), spans = spansOf(c, l);
  const view: View = { c, l, g, spans, lang, selected: -1, finding: -1, limit: -1 };
  const out: HTMLElement[] = [];
  let from = 0;
  for (let i = 0; i < l.count && out.length < MOST; i++) {
    const end = i + 1 < l.count ? l.y[i + 1]! - Math.max(l.y[i + 1]! - l.y[i]! - l.height[i]!, 0) / 2 : l.total;
    const next = i + 1 < l.count ? l.y[i + 1]! + l.height[i + 1]! : Infinity;
    if (next - from <= HEIGHT - HEAD - 30 && i + 1 < l.count) continue;
    const body = s("svg", { x: 0, y: HEAD, width: WIDTH, height: (end - from).toFixed(1), viewBox: `0 0 ${WIDTH} ${(end - from).toFixed(1)}` }, ...draw(view, from, end));
    const head = g.x.map((x, k) => s("text", { class: "printhost", x, y: 22, "text-anchor": "middle" }, names[k]!, s("tspan", { class: "muted tiny", x, dy: 14 }, c.head.hosts[k]!.addr)));
    out.push(h("div", { class: "sheet" }, s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "ladder" }, patterns("print"), ...head,
      s("text", { class: "muted tiny", x: 6, y: 14 }, title), s("text", { class: "muted tiny", x: WIDTH - 6, y: 14, "text-anchor": "end" }, String(out.length + 1)),
      s("path", { class: "gap", d: `M0 ${HEAD - 12}H${WIDTH}` }), body)));
    from = end;
  }
  return out;
}

/** The patterns that fills name. Those of a drawing that is not shown cannot be used by another one: a handout has its own. */
export function patterns(prefix = ""): SVGElement {
  const pattern = (id: string, size: number, d: string, cls: string) => s("pattern", { id: prefix + id, width: size, height: size, patternUnits: "userSpaceOnUse" }, s("path", { d, class: cls }));
  return s("defs", null, pattern("hatch", 6, "M-1 1l2 -2M0 6l6 -6M5 7l2 -2", "hatchline"), pattern("cross", 6, "M0 6l6 -6M0 0l6 6", "stackline"), pattern("dots", 5, "M1 1h1.5", "hatchline"));
}
