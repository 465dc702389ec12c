// Where things stand from left to right, from outside in: time, calls, state names, bands of states, lines of life.

import { Conversation } from "./data";

export class Geometry {
  readonly small: boolean;
  readonly ruler: number;
  readonly calls: [number, number];
  readonly states: number;
  readonly bandWidth: number;
  readonly bands: number;
  readonly x: number[] = [];
  readonly font: number;

  constructor(readonly width: number, c: Conversation, readonly wide: boolean, small = width < 700) {
    this.small = small;
    this.font = wide ? 15 : 13;
    const parts = Math.min(c.head.parts.length, 4);
    this.bandWidth = small ? 6 : 9;
    this.bands = parts * (this.bandWidth + 3);
    this.ruler = small ? 50 : wide ? 96 : 84;
    this.states = small ? 0 : (wide ? 124 : 104) + (parts > 1 ? 12 : 0);
    this.calls = small ? [0, 0] : [0, 1].map(side => this.callWidth(c, side)) as [number, number];
    const left = this.ruler + this.calls[0] + this.states + this.bands + 12;
    const right = width - (this.calls[1] + this.states + this.bands + (small ? 12 : 20));
    const n = c.head.hosts.length;
    for (let i = 0; i < n; i++) this.x.push(n < 2 ? (left + right) / 2 : left + (right - left) * i / (n - 1));
  }

  /** The width of the calls' column on the left or right: that of the widest text, within bounds. */
  private callWidth(c: Conversation, side: number): number {
    const host = side ? c.head.hosts.length - 1 : 0, most = Math.max(this.wide ? 262 : 176, Math.min(360, this.width * 0.2));
    let chars = 0;
    for (let r = 0; r < c.n && chars * 7.2 < most; r++) {
      const lines = c.head.parts[c.col.part[r]!]!.lines;
      if (lines[0] === host) chars = Math.max(chars, c.cell(r, "clientCall", "en").length, c.cell(r, "clientResult", "en").length + 2);
      if (lines[1] === host) chars = Math.max(chars, c.cell(r, "serverCall", "en").length, c.cell(r, "serverResult", "en").length + 2);
    }
    return Math.min(most, Math.max(64, chars * this.mono + 8));
  }

  /** The width of a letter of a call. */
  get mono(): number { return this.font * 0.56; }
  /** The direction in which a host's states and calls stand. */
  out(host: number): number { return host === this.x.length - 1 ? 1 : -1; }
  /** A host with others on both sides. */
  between(host: number): boolean { return host > 0 && host < this.x.length - 1; }
  band(host: number, part: number): number {
    const at = 8 + part % 4 * (this.bandWidth + 3);
    return this.out(host) > 0 ? this.x[host]! + at : this.x[host]! - at - this.bandWidth;
  }
  /** Where a host's calls stand. */
  callAt(host: number): number {
    const far = this.between(host) ? 10 + this.bands : this.bands + 12 + this.states;
    return this.x[host]! + this.out(host) * far;
  }
  stateAt(host: number): number { return this.x[host]! + this.out(host) * (this.bands + 13); }
  cut(text: string, width: number): string {
    const n = Math.floor(width / this.mono);
    return text.length > n ? text.slice(0, Math.max(n - 1, 0)) + "…" : text;
  }
}
