package plot

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/words"
)

// Limits that keep a picture readable and small, whatever the capture holds.
const (
	maxSeries     = 4    // sessions with a colour of their own; the others are grey together
	maxMarks      = 2000 // marks of one series
	maxBars       = 3000 // data segments of one panel
	maxSequences  = 4    // sessions in one time–sequence plot
	maxPhaseRows  = 120  // echoes of one phase plot
	maxMarkLabels = 6    // values written beside marks
)

// seriesMarks are the looks of the first sessions of a plot, and of all others.
var (
	seriesMarks = [maxSeries]plotMark{
		{shape: shapeCircle, ink: inkBlue, radius: 2.6},
		{shape: shapeDiamond, ink: inkRed, radius: 2.8},
		{shape: shapeSquare, ink: inkGreen, radius: 2.6},
		{shape: shapeUp, ink: inkPurple, radius: 2.8},
	}
	otherMark = plotMark{shape: shapePlus, ink: inkGrey, radius: 2.4}
)

// seriesMark is the look of the i-th session that a plot shows.
func seriesMark(i int) plotMark {
	if i < maxSeries {
		return seriesMarks[i]
	}
	return otherMark
}

// endPointText writes an end point; a zone is a name from somewhere else and stays out.
func endPointText(a netip.AddrPort) string {
	return netip.AddrPortFrom(a.Addr().WithZone(""), a.Port()).String()
}

// endPointsText names a session: number, client, server.
func endPointsText(s *sessions.Session, w words.Plot) string {
	return w.EndPoints(s.ID, endPointText(s.Client), endPointText(s.Server))
}

// sinceStart is a capture time as seconds since the capture's first packet.
func sinceStart(t *sessions.Trace, ns int64) float64 {
	return float64(ns-t.Capture.FirstTime) / 1e9
}

// timeAxis is the horizontal axis of capture times.
func timeAxis(s plotSpan, w words.Plot) plotAxis {
	u := clockUnit(s)
	return plotAxis{span: s, label: fmt.Sprintf("%s (%s)", w.TimeAxis(), u.name), ticks: clockTicks(s, u)}
}

// thinned keeps at most about limit points of a line in time order: of each stretch of
// neighbours the lowest and the highest, so that no outlier is lost.
func thinned(pts plotter.XYs, limit int) plotter.XYs {
	if len(pts) <= limit {
		return pts
	}
	stretch := (2*len(pts) + limit - 1) / limit
	kept := make(plotter.XYs, 0, limit+2)
	for from := 0; from < len(pts); from += stretch {
		part := pts[from:min(from+stretch, len(pts))]
		low, high := 0, 0
		for i, p := range part {
			if p.Y < part[low].Y {
				low = i
			}
			if p.Y > part[high].Y {
				high = i
			}
		}
		kept = append(kept, part[min(low, high)])
		if low != high {
			kept = append(kept, part[max(low, high)])
		}
	}
	return kept
}

// sampled keeps limit points of a cloud, evenly over its order, and its lowest and highest. (thinned would
// keep the outline of a cloud and empty its middle.)
func sampled(pts plotter.XYs, limit int) plotter.XYs {
	if len(pts) <= limit {
		return pts
	}
	low, high := 0, 0
	for i, p := range pts {
		if p.Y < pts[low].Y {
			low = i
		}
		if p.Y > pts[high].Y {
			high = i
		}
	}
	kept := make(plotter.XYs, 0, limit+2)
	for i := range limit {
		kept = append(kept, pts[i*len(pts)/limit])
	}
	return append(kept, pts[low], pts[high])
}

// cloudMark is seriesMark, smaller when there are many.
func cloudMark(i, n int) plotMark {
	m := seriesMark(i)
	if n > 400 {
		m.radius *= 0.5
	}
	return m
}

// drawClouds draws the marks of n series. The grey ones are one cloud, below the others.
func drawClouds(axes *plot.Plot, n int, points func(i int) plotter.XYs) {
	var rest plotter.XYs
	for i := maxSeries; i < n; i++ {
		rest = append(rest, points(i)...)
	}
	axes.Add(drawMarks(sampled(rest, maxMarks), cloudMark(maxSeries, len(rest))))
	for i := min(n, maxSeries) - 1; i >= 0; i-- {
		pts := points(i)
		axes.Add(drawMarks(sampled(pts, maxMarks), cloudMark(i, len(pts))))
	}
}

// drawnFact says that only a part of the values has a mark; "" when all have.
func drawnFact(n, limit int, w words.Plot) string {
	if n <= limit {
		return ""
	}
	return " · " + w.Drawn(limit, n)
}

// quantile is the value below which the share q of the sorted values lies (nearest rank).
func quantile(sorted []float64, q float64) float64 {
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// sortedCopy leaves the values in their order and returns them sorted.
func sortedCopy(values []float64) []float64 {
	c := slices.Clone(values)
	slices.Sort(c)
	return c
}

// seconds turns a number of seconds into a duration, rounded to the nanosecond.
func seconds(s float64) time.Duration { return time.Duration(math.Round(s * 1e9)) }

// seriesLegend explains the marks of a plot with one series per session. One session alone is
// named by the facts under the title, so its mark is explained by what it counts.
func seriesLegend(names []string, one string, w words.Plot) []legendItem {
	if len(names) == 1 {
		m := seriesMark(0)
		return []legendItem{{text: one, mark: &m}}
	}
	var items []legendItem
	for i, name := range names[:min(len(names), maxSeries)] {
		m := seriesMark(i)
		items = append(items, legendItem{text: name, mark: &m})
	}
	if rest := len(names) - maxSeries; rest > 0 {
		m := otherMark
		items = append(items, legendItem{text: w.MoreSessions(rest), mark: &m})
	}
	return items
}

// isReset reports whether a step's acknowledgement and window say nothing about its receiver's stream.
func isReset(s *sessions.Step) bool { return s.Flags.Has(capture.RST) }
