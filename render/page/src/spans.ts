// The states of both ends of every session, from one change to the next.

import { Conversation, DEPARTS, FROM_SERVER, SEGMENT, BLOCKED, BOUND } from "./data";
import { Layout } from "./layout";

export interface Span { part: number; side: number; host: number; state: number; y1: number; y2: number; row: number }

const STATE = ["clientState", "serverState"] as const;

/** The state of a side in a row: 0 for none, 1 for one that is not known, else an index into head.states plus one. */
export function stateOf(c: Conversation, row: number, side: number): number {
  return c.col[STATE[side]!][row]! & ~(BLOCKED | BOUND);
}

/** Where a row changes a side's state. */
function changesAt(c: Conversation, l: Layout, row: number, side: number): number {
  const e = l.entryOf[row]!;
  if (l.entries[e]! < 0) return l.y[e]! + l.height[e]! / 2;
  const f = c.col.flags[row]!;
  if (!(f & SEGMENT)) return l.y[e]! + 10;
  const sent = (f & FROM_SERVER ? 1 : 0) === side;
  return sent && f & DEPARTS ? l.tail[e]! : l.heads[e]!;
}

export function spansOf(c: Conversation, l: Layout): Span[] {
  const out: Span[] = [], now: (Span | undefined)[] = [];
  for (const [part, side, code] of c.head.initial) { // what was before the first row
    const span = { part, side, host: c.head.parts[part]!.lines[side as 0 | 1], state: code & ~(BLOCKED | BOUND), y1: 0, y2: Infinity, row: 0 };
    now[part * 2 + side] = span;
    out.push(span);
  }
  for (let r = 0; r < c.n; r++) {
    const part = c.col.part[r]!;
    for (let side = 0; side < 2; side++) {
      const state = stateOf(c, r, side), k = part * 2 + side, cur = now[k];
      if (state === 0 || cur && cur.state === state) continue;
      const y = changesAt(c, l, r, side);
      if (cur) cur.y2 = y;
      now[k] = { part, side, host: c.head.parts[part]!.lines[side]!, state, y1: y, y2: Infinity, row: r };
      out.push(now[k]!);
    }
  }
  for (const x of now) if (x) x.y2 = l.total - 60;
  return out;
}
