// The conversation as the file carries it: a head as JSON and the rows as packed columns (render/page/columns.go, render/page.go).
// The page computes no fact of TCP: it places what it is given.

export type Lang = "es" | "en";
export interface Both { es: string; en: string }
export interface Host { name: Both; addr: string; near: number; captured: boolean }
export interface Part { id: number; client: string; server: string; lines: [number, number]; notes: { es: string[] | null; en: string[] | null } }
export interface Finding {
  code: string; level: number; severity: Both; text: Both; long: Both; fix: Both; diff?: string;
  frames: number[]; badges: number; sessions: number[] | null;
}
export interface Fold { first: number; last: number; part: number; text: Both }
export interface Wait {
  host: number; part: number; request: number; reply: number; program: number; stack: number; until: number;
  split: [number, number, number, number, number]; text: Both; short: Both;
}
export interface Bar { host: number; part: number; first: number; last: number; from: number; to: number; kind: "wait" | "sleep" | "repeat" | "open"; times: number; name: string }
export type UI = Record<string, string>;
export interface Head {
  schema: string; lang: Lang; file: string; packets: number; timed: boolean; rows: number; allRows: number; from: number; served: boolean; initial: [number, number, number][]; others: number;
  hosts: Host[]; parts: Part[]; findings: Finding[]; passes: [number, number, number][]; folds: Fold[]; waits: Wait[]; bars: Bar[];
  ui: { es: UI; en: UI }; rules: { es: Record<string, string>; en: Record<string, string> }; states: string[];
  layout: { pause: number; tail: number; head: number; fold: number; long: number; expiry: number };
}

// Flags of a row, as in render/page.go.
export const DEPARTS = 1, ARRIVES = 2, LOST = 4, SEGMENT = 8, FROM_SERVER = 16, REPEATED = 32, SPURIOUS = 64, OUT_OF_ORDER = 128,
  ACK_ONLY = 256, CONTROL = 512, RESET = 1024, UNTIMED = 2048, FAILED = [4096, 8192], IDLE = 16384, LEFT_OUT = 32768, EXPIRY = 65536;
export const BLOCKED = 16, BOUND = 32;

const NUMBERS = ["part", "at", "left", "arrived", "frame", "flags", "length", "offset", "weight", "fold", "segment", "preview",
  "clientCall", "clientState", "clientStateText", "clientSignal", "clientResult",
  "serverCall", "serverState", "serverStateText", "serverSignal", "serverResult", "step"] as const;
export type Column = typeof NUMBERS[number];

export class Conversation {
  readonly n: number;
  readonly col: Record<Column, Float64Array>;
  private readonly en: string[];
  private readonly es: string[];
  private readonly frames = new Map<number, number>();
  private readonly arrivals = new Map<number, number>();
  /** For every row whose segment arrives in a row of its own, that row; else -1. */
  readonly arrivalRow: Int32Array;
  /** For every row in which only an arrival stands, the row in which the segment left; else -1. */
  readonly departureRow: Int32Array;
  /** For every row, the numbers of the findings it proves. */
  readonly badges = new Map<number, number[]>();

  constructor(readonly head: Head, columns: Record<string, Float64Array | string[]>) {
    this.n = head.rows;
    this.en = columns.en as string[];
    this.es = columns.es as string[];
    this.col = {} as Record<Column, Float64Array>;
    for (const name of NUMBERS) this.col[name] = columns[name] as Float64Array ?? new Float64Array(this.n);
    this.arrivalRow = new Int32Array(this.n).fill(-1);
    this.departureRow = new Int32Array(this.n).fill(-1);
    const open = new Map<string, number>();
    for (let r = 0; r < this.n; r++) {
      const f = this.col.flags[r]!, frame = this.col.frame[r]!;
      if (!(f & SEGMENT)) continue;
      const key = this.col.part[r] + "/" + this.col.step[r];
      if (f & DEPARTS) { if (!this.frames.has(frame)) this.frames.set(frame, r); if (!(f & ARRIVES)) open.set(key, r); }
      if (f & ARRIVES) {
        if (!this.arrivals.has(frame)) this.arrivals.set(frame, r);
        const from = open.get(key);
        if (!(f & DEPARTS) && from !== undefined) { this.departureRow[r] = from; this.arrivalRow[from] = r; }
      }
    }
    head.findings.forEach((x, i) => x.frames.slice(0, x.badges).forEach(frame => {
      const r = this.rowOf(frame, false);
      if (r < 0) return;
      const list = this.badges.get(r);
      if (list) list.push(i); else this.badges.set(r, [i]);
    }));
  }

  text(id: number, lang: Lang): string { return lang === "es" && this.es[id] || this.en[id] || ""; }
  cell(row: number, column: Column, lang: Lang): string { return this.text(this.col[column][row]!, lang); }
  has(row: number, flag: number): boolean { return (this.col.flags[row]! & flag) !== 0; }
  /** The row in which a frame leaves, or arrives; -1 for none. */
  rowOf(frame: number, arrives: boolean): number {
    const r = arrives ? this.arrivals.get(frame) : this.frames.get(frame) ?? this.arrivals.get(frame);
    return r ?? -1;
  }
  /** The lines of life between which a row's segment goes. */
  ends(row: number): [number, number] {
    const [c, s] = this.head.parts[this.col.part[row]!]!.lines;
    return this.has(row, FROM_SERVER) ? [s, c] : [c, s];
  }
}

/** Takes zlib's deflate off, and base64 before it. */
export async function inflate(text: string): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(text.trim()), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Unpacks columns: base64, zlib, a directory, values. */
export async function unpack(text: string): Promise<Record<string, Float64Array | string[]>> {
  const bytes = await inflate(text);
  const size = new DataView(bytes.buffer).getUint32(0);
  const utf8 = new TextDecoder();
  const directory = JSON.parse(utf8.decode(bytes.subarray(4, 4 + size))) as { name: string; type: string; from: number; to: number }[];
  const body = bytes.subarray(4 + size), out: Record<string, Float64Array | string[]> = {};
  for (const c of directory) {
    const part = body.subarray(c.from, c.to);
    if (c.type === "t") out[c.name] = JSON.parse(utf8.decode(part)) as string[];
    else out[c.name] = varints(part, c.type === "d");
  }
  return out;
}

/** Zig-zag varints; deltas are added up. Values stay exact up to 2^53. */
function varints(b: Uint8Array, deltas: boolean): Float64Array {
  let n = 0;
  for (const x of b) if (x < 128) n++;
  const out = new Float64Array(n);
  let value = 0, factor = 1, i = 0, last = 0;
  for (const x of b) {
    value += (x & 127) * factor;
    if (x >= 128) { factor *= 128; continue; }
    let v = value % 2 ? -(value + 1) / 2 : value / 2;
    if (deltas) { v += last; last = v; }
    out[i++] = v;
    value = 0; factor = 1;
  }
  return out;
}
