// Package data prints a trace for other programs: JSON (docs/report.md), CSV and lines of JSON. It computes nothing.
package data
