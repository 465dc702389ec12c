// Package findings turns a trace into explanations: what happened, the frames that prove it, and what to change in the
// program. It reads a sessions.Trace and nothing else; it knows no clock, no files and no printing.
package findings
