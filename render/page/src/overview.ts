// The whole capture on one line: every session a lane, the loop's passes, waits and findings, and a window that shows where one is.

import { Conversation, DEPARTS, IDLE, SEGMENT } from "./data";
import { h } from "./dom";

export class Overview {
  readonly root: HTMLElement;
  private readonly canvas = h("canvas", null);
  private readonly brush = h("div", { class: "brush" });
  private c!: Conversation;
  private base = 0;
  private span = 1;
  private left = 0;
  private width = 1;

  constructor(label: string, private readonly go: (at: number) => void, private readonly page: (by: number) => void) {
    this.root = h("div", { class: "overview", tabindex: 0, role: "slider", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 }, this.canvas, this.brush);
    let held = false;
    const to = (e: PointerEvent) => this.go(this.timeAt(e.clientX));
    this.root.addEventListener("pointerdown", e => { held = true; this.root.setPointerCapture(e.pointerId); to(e); });
    this.root.addEventListener("pointermove", e => { if (held) to(e); });
    this.root.addEventListener("pointerup", () => { held = false; });
    this.root.addEventListener("wheel", e => { e.preventDefault(); this.page(Math.sign(e.deltaY) * 0.25); }, { passive: false });
    this.root.addEventListener("keydown", e => {
      const by = { ArrowRight: 0.5, ArrowDown: 0.5, ArrowLeft: -0.5, ArrowUp: -0.5, PageDown: 1, PageUp: -1 }[e.key];
      if (by === undefined) return;
      e.preventDefault(); e.stopPropagation();
      this.page(by);
    });
  }

  private timeAt(x: number): number {
    const r = this.root.getBoundingClientRect();
    return this.base + Math.min(Math.max((x - r.left - this.left) / this.width, 0), 1) * this.span;
  }

  private x(at: number): number { return this.left + Math.min(Math.max((at - this.base) / this.span, 0), 1) * this.width; }

  draw(c: Conversation): void {
    this.c = c;
    const box = this.root.getBoundingClientRect(), k = devicePixelRatio || 1, w = box.width, high = box.height;
    if (!w) return;
    this.canvas.width = w * k; this.canvas.height = high * k;
    const g = this.canvas.getContext("2d")!;
    g.setTransform(k, 0, 0, k, 0, 0);
    g.clearRect(0, 0, w, high);
    const css = getComputedStyle(document.documentElement), ink = (name: string) => css.getPropertyValue(name);
    const small = w < 700, parts = c.head.parts, lanes = Math.min(parts.length, 6), lane = (high - 22) / Math.max(lanes, 1);
    this.left = small ? 30 : 84; this.width = w - this.left - 16;
    this.base = c.n ? Math.min(0, c.col.at[0]!) : 0;
    this.span = Math.max(1, c.n ? c.col.at[c.n - 1]! - this.base : 1);
    g.font = "11px system-ui, sans-serif"; g.textBaseline = "middle";
    for (let i = 0; i < lanes; i++) {
      const y = 4 + lane * (i + 0.5);
      g.fillStyle = ink("--p" + i % 6); g.textAlign = "right";
      g.fillText("#" + parts[i]!.id + (small ? "" : " :" + parts[i]!.server.slice(parts[i]!.server.lastIndexOf(":") + 1)), this.left - 8, y);
      g.strokeStyle = ink("--line"); g.beginPath(); g.moveTo(this.left, y); g.lineTo(this.left + this.width, y); g.stroke();
    }
    for (const wait of c.head.waits) {
      const i = wait.part, y = 4 + lane * (i + 0.5), a = this.x(c.col.at[wait.request]!), b = this.x(wait.until);
      if (i >= lanes) continue;
      g.fillStyle = ink("--wait"); g.fillRect(a, y + lane * 0.1, Math.max(b - a, 2), lane * 0.28);
    }
    const seen = new Set<number>();
    for (let r = 0; r < c.n; r++) {
      const part = c.col.part[r]!, f = c.col.flags[r]!;
      if (part >= lanes || !(f & SEGMENT) || !(f & DEPARTS)) continue;
      const px = Math.round(this.x(c.col.at[r]!) * 2) / 2, up = c.ends(r)[0] === 0, big = !(f & IDLE), key = ((px * 2 * 8 + part) * 2 + (up ? 1 : 0)) * 2 + (big ? 1 : 0);
      if (seen.has(key)) continue;
      seen.add(key);
      const y = 4 + lane * (part + 0.5), long = lane * (big ? 0.42 : 0.18);
      g.fillStyle = ink("--p" + part % 6);
      g.fillRect(px, up ? y - long : y, 1.4, long);
    }
    g.fillStyle = ink("--muted");
    for (const p of c.head.passes) g.fillRect(this.x(c.col.at[p[1]]!), high - 19, 1, 4);
    g.textAlign = "center"; g.textBaseline = "alphabetic";
    const step = [1e-6, 1e-5, 1e-4, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400].find(t => t * 1e9 / this.span * this.width > 64) ?? 604800;
    for (let t = Math.ceil(this.base / 1e9 / step) * step; t * 1e9 <= this.base + this.span; t += step) g.fillText(+t.toFixed(6) + " s", this.x(t * 1e9), high - 4);
    this.c.head.findings.forEach((x, n) => {
      const r = x.frames.length ? c.rowOf(x.frames[0]!, false) : -1;
      if (r < 0 || n > 8) return;
      const px = this.x(c.col.at[r]!);
      g.fillStyle = ink("--level" + x.level); g.beginPath(); g.moveTo(px - 4, 0); g.lineTo(px + 4, 0); g.lineTo(px, 6); g.fill();
    });
  }

  /** Marks what is in view. */
  window(from: number, to: number): void {
    const a = this.x(from), b = this.x(to);
    this.brush.style.left = a + "px";
    this.brush.style.width = Math.max(b - a, 4) + "px";
    this.root.setAttribute("aria-valuenow", String(Math.round(100 * Math.max(from - this.base, 0) / this.span)));
    this.root.setAttribute("aria-valuetext", (from / 1e9).toFixed(3) + " s – " + (to / 1e9).toFixed(3) + " s");
  }
}
