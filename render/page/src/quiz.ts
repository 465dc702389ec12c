// Questions about a conversation: what state comes next, and what a call returns. What comes after the question is hidden until it is
// answered; the answer comes with the rule.

import { Conversation, Lang, SEGMENT } from "./data";
import { stateOf } from "./spans";
import { put } from "./dom";

export interface Question { row: number; text: string; options: string[]; answer: number; rule: string }

const NEIGHBOURS: Record<string, string[]> = {
  "SYN-SENT": ["ESTABLISHED", "LISTEN", "SYN-RECEIVED"], "SYN-RECEIVED": ["ESTABLISHED", "SYN-SENT", "LISTEN"],
  "ESTABLISHED": ["SYN-RECEIVED", "SYN-SENT", "CLOSE-WAIT"], "FIN-WAIT-1": ["FIN-WAIT-2", "CLOSE-WAIT", "TIME-WAIT"],
  "FIN-WAIT-2": ["FIN-WAIT-1", "TIME-WAIT", "CLOSING"], "CLOSE-WAIT": ["LAST-ACK", "FIN-WAIT-1", "CLOSED"],
  "CLOSING": ["TIME-WAIT", "FIN-WAIT-2", "LAST-ACK"], "LAST-ACK": ["CLOSED", "CLOSE-WAIT", "TIME-WAIT"],
  "TIME-WAIT": ["CLOSED", "FIN-WAIT-2", "CLOSING"], "CLOSED": ["TIME-WAIT", "LAST-ACK", "LISTEN"], "LISTEN": ["CLOSED", "SYN-RECEIVED", "ESTABLISHED"],
};
const RULES: Record<string, string> = { LISTEN: "Listen", "SYN-SENT": "SynSent", "SYN-RECEIVED": "SynReceived", ESTABLISHED: "Established", "FIN-WAIT-1": "FinWait1",
  "FIN-WAIT-2": "FinWait2", "CLOSE-WAIT": "CloseWait", CLOSING: "Closing", "LAST-ACK": "LastAck", "TIME-WAIT": "TimeWait", CLOSED: "Closed" };

export function questions(c: Conversation, lang: Lang, names: string[]): Question[] {
  const out: Question[] = [], ui = c.head.ui[lang], rules = c.head.rules[lang], now: number[] = [], results: string[] = [];
  for (let r = 0; r < c.n; r++) for (const name of ["clientResult", "serverResult"] as const) {
    const t = c.cell(r, name, lang);
    if (t && !results.includes(t) && results.length < 40) results.push(t);
  }
  for (let r = 0; r < c.n && out.length < 200; r++) {
    const part = c.col.part[r]!, p = c.head.parts[part]!;
    for (let side = 0; side < 2; side++) {
      const state = stateOf(c, r, side), k = part * 2 + side, before = now[k] ?? 0, host = names[p.lines[side]!]!;
      if (state > 1 && state !== before && c.has(r, SEGMENT)) {
        const name = c.head.states[state - 1]!, options = [name, ...NEIGHBOURS[name] ?? []].slice(0, 4).sort();
        out.push({ row: r, text: put(ui.Question!, { host, n: p.id, signal: c.cell(r, "segment", lang) }), options, answer: options.indexOf(name), rule: rules[RULES[name]!] ?? "" });
      }
      if (state) now[k] = state;
      const call = c.cell(r, side ? "serverCall" : "clientCall", lang), result = c.cell(r, side ? "serverResult" : "clientResult", lang);
      if (!call || !result || call.startsWith("(") || results.length < 3) continue;
      const at = results.indexOf(result), others = [1, 2, 3, 5, 7].map(d => results[(Math.max(at, 0) + d) % results.length]!);
      const options = [...new Set([result, ...others])].slice(0, 4).sort();
      out.push({ row: r, text: put(ui.CallQuestion!, { call, host }), options, answer: options.indexOf(result), rule: "" });
    }
  }
  return out;
}
