// Package screen lays text out for a terminal: styles that mean something, widths as a terminal counts them, wrapped
// paragraphs, tables that fit, and whole documents. It writes nothing itself and knows no TCP: it gives lines.
package screen
