package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tcptrace/capture"
	"tcptrace/cmd/tcptrace/internal/live"
	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/endpoints"
	"tcptrace/lab"
	"tcptrace/lecture"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/words"
)

// demo are the words of `tcptrace demo`.
type demo struct {
	terminalFlags
	u         *ui
	w         words.Demo
	seconds   float64
	loss      float64
	delay     time.Duration
	seed      uint64
	misbehave string
	fixed     bool
	realTime  bool
	bothEnds  bool
	output    string
	force     bool
}

func newDemo(u *ui) *cobra.Command {
	w := words.NewDemo(u.lang)
	d := &demo{u: u, w: w}
	c := &cobra.Command{
		Use: "demo", Short: w.Short(), Long: w.Long(), Example: w.Example(), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return d.run(c.Context()) },
	}
	f := c.Flags()
	f.Float64Var(&d.seconds, "seconds", 0, w.FlagSeconds())
	f.Float64Var(&d.loss, "loss", 0, w.FlagLoss())
	f.DurationVar(&d.delay, "delay", 2*time.Millisecond, w.FlagDelay())
	f.Uint64Var(&d.seed, "seed", 1, w.FlagSeed())
	f.StringVar(&d.misbehave, "misbehave", "", w.FlagMisbehave()+": "+strings.Join(endpoints.ScenarioNames()[1:], ", "))
	complete(c, "misbehave", endpoints.ScenarioNames()[1:]...)
	f.BoolVar(&d.fixed, "fixed", false, w.FlagFixed())
	f.BoolVar(&d.realTime, "real-time", false, w.FlagRealTime())
	f.BoolVar(&d.bothEnds, "both-ends", false, w.FlagBothEnds())
	f.StringVarP(&d.output, "output", "o", "tcptrace-demo", w.FlagOutput())
	forceFlag(c, &d.force, u.words())
	d.terminalFlags.register(c, u.words())
	return c
}

// check refuses what makes no sense.
func (d *demo) check() error {
	switch {
	case d.seconds != 0 && !(d.seconds >= 1 && d.seconds <= 86400):
		return &usageError{fmt.Sprintf("%s: %g", d.w.BadSeconds(), d.seconds), "--seconds 60"}
	case !(d.loss >= 0 && d.loss <= 50):
		return &usageError{fmt.Sprintf("%s: %g", d.w.BadLoss(), d.loss), "--loss 2"}
	case d.delay < 0 || d.delay > 5*time.Second:
		return &usageError{fmt.Sprintf("%s: %v", d.w.BadDelay(), d.delay), "--delay 20ms"}
	case d.misbehave != "" && !slices.Contains(endpoints.ScenarioNames(), d.misbehave):
		return &usageError{d.w.BadMisbehave() + ": " + d.misbehave, "--misbehave " + strings.Join(endpoints.ScenarioNames()[1:], ", ")}
	}
	return nil
}

func (d *demo) run(ctx context.Context) error {
	if err := d.check(); err != nil {
		return err
	}
	return d.present(ctx, demoSet, func() (*lab.Result, []output.File, error) {
		result, outputs, err := d.play(ctx)
		if err != nil {
			return nil, nil, err
		}
		for name, err := range result.Errors {
			d.u.print(d.w.Ended(name, err))
		}
		return result, printedFiles(outputs), nil
	})
}

// present has the programs run, prints the report of it and writes it with all else into the folder.
func (d *demo) present(ctx context.Context, set string, play func() (*lab.Result, []output.File, error)) error {
	folder, err := output.Open(d.output, output.Options{Set: set, Force: d.force})
	if err == nil && !folder.IsOurs() && !d.force {
		return &usageError{d.output + ": " + d.w.NotOurs(), d.w.HintOutput()}
	}
	if err == nil {
		err = folder.Check(append(slices.Clone(reportFiles), demoCapture)...)
	}
	if err != nil {
		return &outputError{err}
	}
	result, more, err := play()
	if err != nil {
		return err
	}
	tr, err := lecture.TraceOf(context.WithoutCancel(ctx), result, demoCapture) // what came before Ctrl-C is shown
	if err != nil {
		return err
	}
	p := &printing{flags: &reportFlags{format: "markdown", align: true, terminalFlags: d.terminalFlags, path: filepath.Join(d.output, demoCapture)}, u: d.u, tr: tr}
	if err := p.toStdout(); err != nil {
		return err
	}
	if err := folder.Write(slices.Concat(d.captures(result), more, p.files())); err != nil {
		return &outputError{err}
	}
	p.tellFolder(d.output)
	return nil
}

// demoSet names the files of a demo in its folder; the next demo there replaces all of them.
const demoSet = "demo"

// demoCapture is the demo's capture.
const demoCapture = "session.pcapng"

// play runs the programs in the lab. It gives what they print by name.
func (d *demo) play(ctx context.Context) (*lab.Result, map[string]*bytes.Buffer, error) {
	c, err := d.cast()
	if err != nil {
		return nil, nil, err
	}
	result, err := d.inLab(ctx, c.length, lab.Exchange(c.scenario))
	return result, c.outputs, err
}

// A cast are the notebook's programs of a run.
type cast struct {
	scenario *endpoints.Scenario
	length   time.Duration
	after    time.Duration            // when the first client comes
	talk     *endpoints.Script        // what is typed to a client
	outputs  map[string]*bytes.Buffer // what they print, by name
}

// cast gives the programs of the run that --misbehave names.
func (d *demo) cast() (*cast, error) {
	c := &cast{outputs: map[string]*bytes.Buffer{"pico": {}, "pc-server": {}, "pc-client": {}}}
	voice := func(name string) endpoints.Voice { return endpoints.Voice{Out: c.outputs[name], Lang: d.u.lang} }
	name := d.misbehave
	if name == "" {
		name = "normal"
	}
	s, err := endpoints.NewScenario(name, endpoints.Setting{PicoServer: lab.PicoServer, PCServer: lab.PCServer, Fixed: d.fixed, Seed: d.seed,
		Pico: voice("pico"), Server: voice("pc-server"), Client: voice("pc-client")})
	if err != nil {
		return nil, &usageError{err.Error(), d.w.FlagMisbehave()}
	}
	c.scenario, c.length, c.after = s, s.Lasts, usualClient
	if d.seconds > 0 {
		c.length = time.Duration(math.Round(d.seconds * float64(time.Second)))
	}
	if len(s.Clients) > 0 {
		c.after = s.Clients[0].After
	}
	c.talk = lab.Talk(c.length-c.after-2*time.Second, d.seed)
	if name == "normal" {
		s.Clients[0].Program = &endpoints.PCClient{Pico: lab.PicoServer, Voice: voice("pc-client"), Lines: c.talk}
	}
	return c, nil
}

// usualClient is when a client comes where the scenario has none.
const usualClient = 3200 * time.Millisecond

// inLab runs programs in the lab that the flags describe.
func (d *demo) inLab(ctx context.Context, length time.Duration, programs []lab.Program) (*lab.Result, error) {
	o := lab.Options{Seed: d.seed, Length: length, RealTime: d.realTime, BothEnds: d.bothEnds,
		Link: lab.LinkOptions{Delay: d.delay, Jitter: d.delay, Loss: d.loss / 100}}
	rows := d.showRows()
	defer rows.end()
	if rows != nil {
		o.Tap = rows.packet
	}
	return lab.Run(ctx, o, programs)
}

// cutRows cuts rows to the width of the terminal.
type cutRows struct {
	*live.View
	width int
}

func (c *cutRows) Row(text string) { c.View.Row(screen.Cut(text, c.width)) }

// rows are what --real-time shows while the programs run.
type demoRows struct {
	view *live.View
	out  *io.PipeWriter
	w    *capture.Writer
	done chan struct{}
}

// showRows prints every packet as a row while the lab keeps pace with the clock; nil where it does not, or nobody is there to see.
func (d *demo) showRows() *demoRows {
	if !d.realTime || !d.u.outIsTTY {
		return nil
	}
	r := &demoRows{done: make(chan struct{})}
	in, out := io.Pipe()
	r.out = out
	r.view = &live.View{Out: flushing{d.u}, Line: func() string { return "" }, Broken: func(error) {}, Width: func() int { return d.u.outWidth }}
	rows := live.NewRows(d.u.lang, d.u.screen(), &cutRows{r.view, d.u.outWidth})
	r.view.Start()
	rows.Header()
	r.w, _ = capture.NewWriter(out, capture.FormatPcap) // an error is in every write that follows
	go func() {
		defer close(r.done)
		defer func() { _, _ = io.Copy(io.Discard, in) }()
		src, err := capture.NewSource(demoCapture, in, capture.OpenOptions{})
		if err != nil {
			return
		}
		_, _ = sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Summary: true, OnStep: rows.Step}, 1)
	}()
	return r
}

// packet shows one packet.
func (r *demoRows) packet(p capture.Packet) {
	_ = r.w.WritePacket(p)
	_ = r.w.Flush()
}

// end waits for the last row.
func (r *demoRows) end() {
	if r == nil {
		return
	}
	_ = r.w.Close()
	_ = r.out.Close()
	<-r.done
	r.view.Finish()
}

// captures are the captures and the journals.
func (d *demo) captures(r *lab.Result) []output.File {
	files := []output.File{{Name: demoCapture, Sync: true, Write: func(w io.Writer) error { return r.WriteCapture(w, capture.FormatPcapNG) }}}
	if d.bothEnds {
		files = append(files, output.File{Name: "session-pico.pcapng", Sync: true, Write: func(w io.Writer) error { return r.WriteAtPico(w, capture.FormatPcapNG) }})
	}
	for _, j := range r.Journals {
		file := output.Bytes(j.Name, j.Lines)
		if file.CallsOf = demoCapture; j.Place == lab.Pico {
			file.CallsSide = "pico"
		}
		files = append(files, file)
	}
	return files
}

// printedFiles is what the programs printed, in a file each.
func printedFiles(outputs map[string]*bytes.Buffer) (files []output.File) {
	for name, text := range outputs {
		if text.Len() > 0 {
			files = append(files, output.Bytes(name+".txt", text.Bytes()))
		}
	}
	return files
}
