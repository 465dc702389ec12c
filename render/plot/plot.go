package plot

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"tcptrace/sessions"
	"tcptrace/words"
)

// Kind names one of the plots that a trace can be drawn as.
type Kind string

// The plots.
const (
	// PlotCadence shows the interval between a sender's beats over time, and its distribution.
	Cadence Kind = "cadence"
	// PlotEcho shows the echo round trip over time, and its distribution.
	Echo Kind = "echo"
	// PlotPhase shows when echo requests and replies happen between the beats of the same host.
	Phase Kind = "phase"
	// PlotSequence shows stream offset against time, one panel per direction.
	Sequence Kind = "sequence"
)

// Kinds lists the kinds in the order in which a report shows them.
func Kinds() []Kind {
	return []Kind{Cadence, Echo, Phase, Sequence}
}

// Options say how a plot is drawn. The zero value is Spanish, 1000 px wide, SVG.
type Options struct {
	Lang   string // words.ES or words.EN
	Width  int    // px; default 1000, between 200 and 4000. The picture is scaled as a whole
	Format string // "svg" (default) or "png"
	// Points, when set, gets the marks of the plot that stand for frames; of SVG only.
	Points *[]Point
}

// The limits of PlotOptions.Width: below, no text can be read; above, a PNG
// takes more than 100 MB of memory.
const (
	plotDefaultWidth = 1000
	plotMinWidth     = 200
	plotMaxWidth     = 4000
)

// ErrNothingToPlot is wrapped by Plot's error when the chosen sessions have no data for the kind.
// Nothing has been written then.
var ErrNothingToPlot = errors.New("nothing to plot")

// Draw draws one plot of the sessions whose ID is in ids (empty: all sessions that have the data)
// and writes it to w: a self-contained SVG element, or a PNG. The same trace gives the same bytes.
//
// The error wraps ErrNothingToPlot when there is no data; other errors are about the arguments or
// come from w.
func Draw(w io.Writer, kind Kind, t *sessions.Trace, ids []int, o Options) error {
	o, err := o.checked()
	if err != nil {
		return err
	}
	words := words.NewPlot(o.Lang)
	chosen, err := plotSessions(t, ids)
	if err != nil {
		return fmt.Errorf("plot %s: %w", kind, err)
	}
	var page *plotPage
	switch kind {
	case Cadence:
		page, err = cadencePage(t, chosen, words)
	case Echo:
		page, err = echoPage(t, chosen, words)
	case Phase:
		page, err = phasePage(t, chosen, words)
	case Sequence:
		page, err = sequencePage(t, chosen, words)
	default:
		return fmt.Errorf("plot %q: unknown kind; the kinds are %s", string(kind), plotKindNames())
	}
	if err != nil {
		return fmt.Errorf("plot %s: %w", kind, err)
	}
	return page.write(w, o)
}

// checked fills in the defaults and refuses what cannot be drawn.
func (o Options) checked() (Options, error) {
	if o.Width == 0 {
		o.Width = plotDefaultWidth
	}
	if o.Width < plotMinWidth || o.Width > plotMaxWidth {
		return o, fmt.Errorf("plot: width %d px: must be between %d and %d", o.Width, plotMinWidth, plotMaxWidth)
	}
	if o.Format == "" {
		o.Format = "svg"
	}
	if o.Format != "svg" && o.Format != "png" {
		return o, fmt.Errorf("plot: format %q: only svg and png are known", o.Format)
	}
	return o, nil
}

// plotSessions chooses sessions by ID, in the trace's order. Without a clock nothing can be drawn.
func plotSessions(t *sessions.Trace, ids []int) ([]*sessions.Session, error) {
	if !t.Capture.HasTimes {
		return nil, fmt.Errorf("%w: the capture has no times", ErrNothingToPlot)
	}
	if len(ids) == 0 {
		return t.Sessions, nil
	}
	var chosen []*sessions.Session
	for _, s := range t.Sessions {
		if slices.Contains(ids, s.ID) {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: no session has the number %s", ErrNothingToPlot, joinInts(ids))
	}
	return chosen, nil
}

func plotKindNames() string {
	names := make([]string, 0, 4)
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func joinInts(ids []int) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = fmt.Sprint(id)
	}
	return strings.Join(texts, ", ")
}

// Title is what a kind of plot shows, in words.
func Title(kind Kind, lang string) string {
	w := words.NewPlot(lang)
	switch kind {
	case Cadence:
		return w.CadenceTitle()
	case Echo:
		return w.EchoTitle()
	case Phase:
		return w.PhaseTitle()
	}
	return w.SequenceTitle()
}
