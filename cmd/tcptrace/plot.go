package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/render/plot"
	"tcptrace/sessions"
	"tcptrace/words"
)

type plotFlags struct {
	selection
	kind, output string
	width        int
	force        bool
	asked        bool // -o was given
}

func newPlot(u *ui) *cobra.Command {
	w := u.words()
	p := &plotFlags{}
	c := &cobra.Command{
		Use: "plot CAPTURE", Short: w.Plot(), Long: w.PlotLong(), Example: w.PlotExample(), Args: oneCapture(w),
		RunE: func(c *cobra.Command, args []string) error {
			p.asked = c.Flags().Changed("output")
			return p.run(c.Context(), u, args[0])
		},
	}
	p.selection.flags(c, w)
	c.Flags().StringVar(&p.kind, "kind", "", w.FlagKind())
	var kinds []string
	for _, k := range plot.Kinds() {
		kinds = append(kinds, string(k))
	}
	complete(c, "kind", kinds...)
	c.Flags().StringVarP(&p.output, "output", "o", "-", w.FlagPlotOutput())
	forceFlag(c, &p.force, w)
	c.Flags().IntVar(&p.width, "width", 0, w.FlagWidth())
	return c
}

func (p *plotFlags) run(ctx context.Context, u *ui, path string) error {
	w := u.words()
	kinds := plot.Kinds()
	if p.kind == "" {
		return &usageError{w.NeedKind(), w.PlotKinds()}
	}
	if !slices.Contains(kinds, plot.Kind(p.kind)) {
		return &usageError{w.BadKind() + ": " + p.kind, w.PlotKinds()}
	}
	format := "svg"
	if u.outIsTTY && !p.asked { // a drawing's text on a terminal is of use to nobody
		p.output = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) + "-" + p.kind + ".svg"
	}
	if p.output != "-" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(p.output)), ".")
		if format != "svg" && format != "png" {
			return &usageError{w.BadPlotFile() + ": " + p.output, "-o plot.svg"}
		}
	}
	o, err := p.options(w)
	if err != nil {
		return err
	}
	o.Keep(sessions.ForPlots)
	tr, readErr := p.load(ctx, u, path, o)
	if tr == nil {
		return readErr
	}
	ids := o.ShownIDs
	if plot.Kind(p.kind) == plot.Cadence && len(ids) == 0 {
		ids = beating(tr, nil)
	}
	var picture bytes.Buffer
	err = plot.Draw(&picture, plot.Kind(p.kind), tr, ids, plot.Options{Lang: u.lang, Width: p.width, Format: format})
	switch {
	case errors.Is(err, plot.ErrNothingToPlot):
		return &usageError{w.NothingToPlot() + ": " + p.kind, "tcptrace report " + path}
	case err != nil:
		return &usageError{err.Error(), w.HintHelp()}
	}
	if err := p.write(u, picture.Bytes()); err != nil {
		return &outputError{err}
	}
	return readErr
}

func (p *plotFlags) write(u *ui, picture []byte) error {
	if p.output == "-" {
		_, err := u.out.Write(picture)
		return err
	}
	err := output.WriteFile(p.output, output.Bytes("", picture), output.Options{Force: p.force})
	if err == nil && !p.asked {
		u.print(words.NewPicture(u.lang).OpenIt(p.output))
	}
	return err
}
