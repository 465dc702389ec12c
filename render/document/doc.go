// Package document is text with tables and pictures before it is printed: blocks of cells, and their printers for
// Markdown, HTML, notebooks and the terminal. Everything that comes from a capture is made printable here, by one
// function. It knows no TCP.
package document
