// The table of one session, in the notebook's columns. Only the rows around what is seen are elements.

import { Conversation, Lang, UNTIMED, FAILED, LEFT_OUT } from "./data";
import { h, seconds } from "./dom";

const ROW = 27, AROUND = 80;
const COLUMNS = ["clientCall", "clientStateText", "clientSignal", "clientResult", "serverCall", "serverStateText", "serverSignal", "serverResult"] as const;

export class Table {
  readonly root: HTMLElement;
  private readonly body = h("tbody", null);
  private readonly scroll: HTMLElement;
  private readonly notes = h("ul", { class: "notes" });
  private readonly tabs = h("div", { class: "tabs", role: "group" });
  private readonly table = h("table", { class: "rows" });
  private rows: number[] = [];
  private part = 0;
  private c!: Conversation;
  private lang: Lang = "en";
  private selected = -1;
  private drawn = "";

  constructor(private readonly pick: (row: number) => void) {
    this.scroll = h("div", { class: "tablebox", tabindex: 0, role: "region" }, this.table);
    this.root = h("div", null, this.tabs, this.scroll, this.notes);
    this.scroll.addEventListener("scroll", () => this.draw(), { passive: true });
    this.body.addEventListener("click", e => {
      const tr = (e.target as Element).closest("tr[data-row]");
      if (tr) this.pick(Number(tr.getAttribute("data-row")));
    });
  }

  set(c: Conversation, lang: Lang, part = this.part): void {
    this.c = c; this.lang = lang; this.part = Math.min(part, c.head.parts.length - 1);
    const ui = c.head.ui[lang];
    this.rows = [];
    for (let r = 0; r < c.n; r++) if (c.col.part[r] === this.part) this.rows.push(r);
    this.tabs.replaceChildren(...c.head.parts.map((p, i) => h("button", { "aria-pressed": String(i === this.part), class: "p" + i % 6, click: () => this.set(c, lang, i) },
      "#" + p.id + " " + p.client + " → " + p.server)));
    const head = (text: string, attrs = {}) => h("th", { scope: "col", ...attrs }, text);
    this.table.replaceChildren(
      h("caption", null, "#" + (c.head.parts[this.part]?.id ?? "")),
      h("thead", null,
        h("tr", null, head("", { colspan: 3 }), head(ui.Client!, { colspan: 4, scope: "colgroup" }), head(ui.Server!, { colspan: 4, scope: "colgroup" })),
        h("tr", null, head("#"), head(ui.Frame!), head(ui.Time!), ...[0, 1].flatMap(() => [ui.Call!, ui.State!, ui.Signal!, ui.Result!].map(t => head(t))))),
      this.body);
    this.table.setAttribute("aria-rowcount", String(this.rows.length + 2));
    this.scroll.setAttribute("aria-label", ui.Tables!);
    this.notes.replaceChildren(...(c.head.parts[this.part]?.notes[lang] ?? []).map(n => h("li", null, n)));
    this.drawn = "";
    this.draw();
  }

  /** Marks a row, and brings it into the table's view when it is to be seen there. */
  select(row: number, reveal: boolean): void {
    this.selected = row;
    if (row >= 0 && this.c.col.part[row] !== this.part && reveal) this.set(this.c, this.lang, this.c.col.part[row]!);
    const at = this.rows.indexOf(row);
    if (at >= 0 && reveal) this.scroll.scrollTop = Math.max(0, at * ROW - this.scroll.clientHeight / 2);
    this.drawn = "";
    this.draw();
  }

  private draw(): void {
    const from = Math.max(0, Math.floor(this.scroll.scrollTop / ROW) - AROUND), to = Math.min(this.rows.length, from + 2 * AROUND + Math.ceil((this.scroll.clientHeight || 600) / ROW));
    const key = from + "/" + to;
    if (key === this.drawn) return;
    if (this.drawn && Math.abs(Number(this.drawn.split("/")[0]) - from) < AROUND / 2 && from > 0 && to < this.rows.length) return;
    this.drawn = key;
    const gap = (n: number) => {
      const td = h("td", { colspan: 11 });
      td.style.height = n * ROW + "px";
      return h("tr", { class: "space", "aria-hidden": "true" }, td);
    };
    const out: Node[] = from > 0 ? [gap(from)] : [];
    for (let i = from; i < to; i++) out.push(this.row(this.rows[i]!, i));
    if (to < this.rows.length) out.push(gap(this.rows.length - to));
    this.body.replaceChildren(...out);
  }

  private row(r: number, i: number): HTMLElement {
    const { c, lang } = this, f = c.col.flags[r]!, frame = c.col.frame[r]!;
    const tr = h("tr", { id: "r" + (r + 1), "data-row": r, "data-session": c.head.parts[this.part]!.id, "aria-rowindex": i + 3, class: r === this.selected ? "sel" : null });
    if (frame) tr.setAttribute("data-frame", String(frame));
    tr.append(h("th", { scope: "row", class: "n" }, h("a", { href: "#r" + (r + 1) }, String(r + 1))), h("td", { class: "n" }, frame ? h("a", { href: "#f" + frame }, String(frame)) : ""),
      h("td", { class: "n" }, f & UNTIMED || !c.head.timed ? "" : seconds(c.col.at[r]!)));
    if (f & LEFT_OUT) { tr.append(h("td", { colspan: 8 }, c.cell(r, "segment", lang))); return tr; }
    COLUMNS.forEach((name, k) => {
      const side = k < 4 ? 0 : 1, text = c.cell(r, name, lang), failed = name.endsWith("Result") && (f & FAILED[side]!) !== 0;
      tr.append(h("td", { class: (name.endsWith("Call") ? "mono" : "") + (failed ? " failed" : "") }, text));
    });
    return tr;
  }
}
