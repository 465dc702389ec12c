// Elements are made here, and nowhere by text: what comes from a capture can become no element and no attribute that acts.

type Attrs = Record<string, string | number | boolean | null | undefined | ((e: Event) => void)>;
type Child = Node | string | null | undefined | false;

function fill<T extends Element>(e: T, attrs: Attrs | null, children: Child[]): T {
  for (const k in attrs) {
    const v = attrs[k];
    if (v === null || v === undefined || v === false) continue;
    if (typeof v === "function") e.addEventListener(k, v);
    else e.setAttribute(k, v === true ? "" : String(v));
  }
  for (const c of children) if (c) e.append(c);
  return e;
}

/** An HTML element. Attributes whose value is a function are listeners. */
export function h<K extends keyof HTMLElementTagNameMap>(name: K, attrs?: Attrs | null, ...children: Child[]): HTMLElementTagNameMap[K] {
  return fill(document.createElement(name), attrs ?? null, children);
}

/** An SVG element. */
export function s(name: string, attrs?: Attrs | null, ...children: Child[]): SVGElement {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attrs ?? null, children);
}

/** Text of ours, in which what stands between backticks is code. */
export function marked(text: string): Node[] {
  return text.split("`").flatMap((part, i) => part === "" ? [] : [i % 2 ? h("code", null, part) : document.createTextNode(part)]);
}

/** Puts values into {name}. */
export function put(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (_, k: string) => String(values[k] ?? ""));
}

/** A duration in ns, as a person says it. */
export function duration(ns: number): string {
  const a = Math.abs(ns);
  if (a < 1e3) return ns.toFixed(0) + " ns";
  const three = (v: number) => v.toFixed(v < 10 ? 3 : v < 100 ? 2 : v < 1000 ? 1 : 0).replace(/\.?0+$/, m => m.includes(".") ? "" : m);
  const sign = ns < 0 ? "−" : "";
  return sign + (a < 1e6 ? three(a / 1e3) + " µs" : a < 1e9 ? three(a / 1e6) + " ms" : three(a / 1e9) + " s");
}

/** A moment in seconds, with six decimals. */
export const seconds = (ns: number): string => (ns / 1e9).toFixed(6);
