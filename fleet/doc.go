// Package fleet looks at thousands of captures: it finds which files are one ring, tracks every ring once into a part that is kept, and
// adds parts up to rows, totals, groups and differences. It never touches a segment, and prints nothing.
package fleet
