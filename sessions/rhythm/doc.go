// Package rhythm has the measures behind cadence, echo and phase lock, with one rule each: the median, what is a loop,
// what the network's share of an echo is, and whether replies leave with the beats of a loop. Findings, plots, reports
// and the live status line read the same values. It knows no words and no pixels.
package rhythm
