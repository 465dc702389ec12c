package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/cmd/tcptrace/internal/sandbox"
	"tcptrace/endpoints"
	"tcptrace/endpoints/cpython"
	"tcptrace/endpoints/served"
	"tcptrace/lab"
	"tcptrace/words"
)

// ownRun is `tcptrace run`: a demo in which some of the programs are the user's own.
type ownRun struct {
	demo
	wr      words.Run
	pico    string
	pcs     []string
	types   []string
	python  string
	wifi    time.Duration
	confine bool
	shim    string // where the module is that a program runs in
	own     []*ownProgram
	starter *starter
}

// An ownProgram is one of the user's programs.
type ownProgram struct {
	path    string
	place   lab.Place
	start   time.Duration // 0 when its role decides
	serves  bool          // it listens
	served  *served.Program
	aliases []netip.Addr // addresses that were taken for the other host
}

func (o *ownProgram) name() string { return filepath.Base(o.path) }

func newRun(u *ui) *cobra.Command {
	w := words.NewRun(u.lang)
	r := &ownRun{demo: demo{u: u, w: words.NewDemo(u.lang)}, wr: w}
	c := &cobra.Command{
		Use: "run PROGRAM.py...", Short: w.Short(), Long: w.Long(), Example: w.Example(),
		RunE: func(c *cobra.Command, args []string) error { return r.run(c.Context(), args) },
	}
	f := c.Flags()
	f.StringVar(&r.pico, "pico", "", w.FlagPico())
	f.StringArrayVar(&r.pcs, "pc", nil, w.FlagPC())
	f.StringArrayVar(&r.types, "type", nil, w.FlagType())
	f.Float64Var(&r.seconds, "seconds", 0, r.w.FlagSeconds())
	f.Float64Var(&r.loss, "loss", 0, r.w.FlagLoss())
	f.DurationVar(&r.delay, "delay", 2*time.Millisecond, r.w.FlagDelay())
	f.Uint64Var(&r.seed, "seed", 1, r.w.FlagSeed())
	f.StringVar(&r.misbehave, "against", "", w.FlagAgainst()+": "+strings.Join(endpoints.ScenarioNames()[1:], ", "))
	complete(c, "against", endpoints.ScenarioNames()[1:]...)
	f.StringVar(&r.python, "python", "", w.FlagPython())
	f.DurationVar(&r.wifi, "wifi", 0, w.FlagWifi())
	f.BoolVar(&r.confine, "confine", false, w.FlagConfine())
	f.BoolVar(&r.realTime, "real-time", false, r.w.FlagRealTime())
	f.BoolVar(&r.bothEnds, "both-ends", false, r.w.FlagBothEnds())
	f.StringVarP(&r.output, "output", "o", "", w.FlagOutput())
	forceFlag(c, &r.force, u.words())
	r.terminalFlags.register(c, u.words())
	return c
}

// runSet names the files of a run in its folder; the next run there replaces all of them.
const runSet = "run"

func (r *ownRun) run(ctx context.Context, args []string) error {
	if err := r.take(args); err != nil {
		return err
	}
	python, err := findPython(r.u, r.python)
	if err != nil {
		return err
	}
	if r.confine {
		if err := sandbox.CanConfine(); err != nil {
			return &usageError{r.wr.NoConfinement(err), "docker, podman"}
		}
		named := python
		if python, err = realPython(named); err != nil {
			return &usageError{r.wr.NotAPython(named, err), "--python /usr/bin/python3"}
		}
	}
	folder, err := os.MkdirTemp("", "tcptrace-run-")
	if err != nil {
		return &outputError{err}
	}
	defer os.RemoveAll(folder)
	if r.shim, err = cpython.WriteLabTo(folder); err != nil {
		return &outputError{err}
	}
	r.starter = newStarter()
	defer r.starter.end()
	for i, o := range r.own {
		r.serve(o, python, i)
	}
	if r.output == "" {
		r.output = strings.TrimSuffix(r.own[0].name(), filepath.Ext(r.own[0].path)) + "-run"
	}
	return r.present(ctx, runSet, func() (*lab.Result, []output.File, error) { return r.play(ctx) })
}

// realPython is the interpreter behind a name, which may be a script that starts another.
func realPython(python string) (string, error) {
	out, err := exec.Command(python, "-c", "import os, sys; sys.stdout.write(os.path.realpath(sys.executable))").Output()
	return string(out), err
}

// newConfine is the hidden command that confines itself and becomes a program: FOLDER FOLDER PROGRAM ARGUMENT...
func newConfine(u *ui) *cobra.Command {
	return &cobra.Command{Use: confineName, Short: words.NewRun(u.lang).ConfinedShort(), Hidden: true, DisableFlagParsing: true, Args: cobra.MinimumNArgs(3),
		RunE: func(_ *cobra.Command, args []string) error { return sandbox.Confine(args[:2], args[2:]) }}
}

const confineName = "confined-program"

// take reads what is to be run, and refuses what makes no sense.
func (r *ownRun) take(args []string) error {
	if err := r.check(); err != nil {
		return err
	}
	if r.wifi < 0 || r.wifi > time.Minute {
		return &usageError{fmt.Sprintf("%s: %v", r.wr.BadWifi(), r.wifi), "--wifi 2.6s"}
	}
	for _, path := range args {
		if err := r.add(path, guessed); err != nil {
			return err
		}
	}
	if r.pico != "" {
		if err := r.add(r.pico, lab.Pico); err != nil {
			return err
		}
	}
	for _, path := range r.pcs {
		if err := r.add(path, lab.PC); err != nil {
			return err
		}
	}
	picos := 0
	for _, o := range r.own {
		if o.place == lab.Pico {
			picos++
		}
	}
	switch {
	case len(r.own) == 0:
		return &usageError{r.wr.NoProgram(), "tcptrace run main.py"}
	case picos > 1:
		return &usageError{r.wr.TwoPicos(), "--pico main.py --pc server.py"}
	}
	if picos == 1 && r.misbehave == "soft-reset" {
		return &usageError{r.wr.OwnReset(), "tcptrace demo --misbehave soft-reset"}
	}
	return r.takeTyped()
}

var (
	onlyOnBoard = regexp.MustCompile(`(?m)^\s*(import|from)\s+(network|machine|usocket|uselect|utime|uasyncio|rp2|micropython)\b` +
		`|\b(ticks_ms|ticks_us|ticks_diff|sleep_ms|sleep_us|print_exception|ipoll)\b`)
	listens = regexp.MustCompile(`\.listen\s*\(|create_server\s*\(|start_server\s*\(|HTTPServer\s*\(|TCPServer\s*\(`)
)

// boardFiles are what a board runs when it starts.
var boardFiles = []string{"main.py", "boot.py"}

// guessed is the place of a program that nobody named.
const guessed = lab.Place(255)

// add takes a program. Where nobody says, it is the Pico's if it uses what only a board has, or is called as
// the program that a board runs.
func (r *ownRun) add(path string, place lab.Place) error {
	o := &ownProgram{path: path, place: place}
	if file, at, found := strings.Cut(path, "@"); found && place == lab.PC {
		start, err := time.ParseDuration(at)
		if err != nil || start < 0 {
			return &usageError{r.wr.BadTime() + ": " + at, "--pc client.py@5s"}
		}
		o.path, o.start = file, max(start, 1)
	}
	text, err := os.ReadFile(o.path)
	if err != nil {
		return &usageError{err.Error(), "tcptrace run main.py"}
	}
	if o.path, err = filepath.Abs(o.path); err != nil {
		return &usageError{err.Error(), "tcptrace run main.py"}
	}
	if place == guessed {
		if o.place = lab.PC; onlyOnBoard.Match(text) || slices.Contains(boardFiles, filepath.Base(o.path)) {
			o.place = lab.Pico
		}
	}
	o.serves = listens.Match(text)
	r.own = append(r.own, o)
	return nil
}

// takeTyped reads what is typed. Clients that nobody types to are typed the demo's messages.
func (r *ownRun) takeTyped() error {
	for _, o := range r.own {
		o.served = &served.Program{Patience: 5 * time.Second}
	}
	for _, pair := range r.types {
		name, file, _ := strings.Cut(pair, "=")
		i := slices.IndexFunc(r.own, func(o *ownProgram) bool { return o.name() == filepath.Base(name) })
		if i < 0 {
			return &usageError{r.wr.NoSuchProgram() + ": " + name, "--type client.py=messages.txt"}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return &usageError{err.Error(), "--type client.py=messages.txt"}
		}
		script, err := endpoints.ParseScript(strings.NewReader(strings.ReplaceAll(string(text), "^D", served.EndOfInput)), 3*time.Second)
		if err != nil {
			return &usageError{file + ": " + err.Error(), "@12.5 hola"}
		}
		r.own[i].served.Typed = script.Lines
	}
	return nil
}

// serve makes a program of the lab of a process of Python.
func (r *ownRun) serve(o *ownProgram, python string, number int) {
	look := "pc"
	if o.place == lab.Pico {
		look = "pico"
	}
	args := []string{"-S", r.shim, look, o.path, fmt.Sprintf("%d/%d", r.seed, number), strconv.FormatInt(int64(r.wifi), 10)}
	o.served.Start = func() (*served.Process, error) {
		c := exec.Command(python, args...)
		if r.confine {
			self, err := os.Executable()
			if err != nil {
				return nil, err
			}
			c = exec.Command(self, slices.Concat([]string{confineName, filepath.Dir(r.shim), filepath.Dir(o.path), python}, args)...)
		}
		c.Dir = filepath.Dir(o.path)
		c.Env = []string{"PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1", "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}
		said := &bytes.Buffer{}
		c.Stderr = said
		in, err := c.StdinPipe()
		if err != nil {
			return nil, err
		}
		out, err := c.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := r.starter.start(c); err != nil {
			return nil, err
		}
		return &served.Process{In: in, Out: out,
			Abort: func() { abort(c.Process) },
			Wait: func() string {
				_ = in.Close()
				kill := time.AfterFunc(time.Second, func() { _ = c.Process.Kill() })
				defer kill.Stop()
				_ = c.Wait() // it was ended, or said itself how
				return said.String()
			}}, nil
	}
	other := lab.PicoAddr
	if o.place == lab.Pico {
		other = lab.PCAddr
	}
	o.served.Address = func(a netip.Addr) netip.Addr {
		if a == lab.PCAddr || a == lab.PicoAddr || a.IsLoopback() || a.IsUnspecified() {
			return a
		}
		if !slices.Contains(o.aliases, a) {
			o.aliases = append(o.aliases, a)
		}
		return other
	}
}

// play runs the programs, the user's and those that complete the exchange.
func (r *ownRun) play(ctx context.Context) (*lab.Result, []output.File, error) {
	c, err := r.demo.cast()
	if err != nil {
		return nil, nil, err
	}
	result, err := r.inLab(ctx, c.length, r.programs(c))
	if err != nil {
		return nil, nil, err
	}
	r.tell(result)
	return result, append(printedFiles(c.outputs), output.Bytes("prints.txt", r.prints(result.Start))), nil
}

// programs puts the user's programs into the places of those that they replace: the Pico's, the PC's servers, the PC's clients.
func (r *ownRun) programs(c *cast) (programs []lab.Program) {
	for _, p := range lab.Exchange(c.scenario) {
		var mine []lab.Program
		for _, o := range r.own {
			if o.place != p.Place || o.place == lab.PC && o.serves != (p.Name == "pc-server") {
				continue
			}
			if o.place == lab.PC && !o.serves && o.served.Typed == nil {
				o.served.Typed = c.talk.Lines
			}
			start := p.Start
			if o.start > 0 {
				start = o.start
			}
			mine = append(mine, lab.Program{Name: r.journalName(o), Place: o.place, Start: start, Run: o.served})
		}
		if len(mine) == 0 {
			mine = []lab.Program{p}
		}
		programs = append(programs, mine...)
	}
	return r.withTheRest(programs, c.after)
}

// withTheRest adds the user's programs that replace none: a client, where the scenario has no client.
func (r *ownRun) withTheRest(programs []lab.Program, after time.Duration) []lab.Program {
	seen := map[string]bool{}
	programs = slices.DeleteFunc(programs, func(p lab.Program) bool { // several clients of the scenario, one of the user's
		was := seen[p.Name]
		seen[p.Name] = true
		return was
	})
	for _, o := range r.own {
		if name := r.journalName(o); !seen[name] {
			start := o.start
			if start == 0 && !o.serves {
				start = after
			}
			programs = append(programs, lab.Program{Name: name, Place: o.place, Start: start, Run: o.served})
		}
	}
	return programs
}

// journalName is the name of a program's journal: its file's, with a number where two files are called the same.
func (r *ownRun) journalName(o *ownProgram) string {
	number := 1
	for _, other := range r.own {
		if other == o {
			break
		}
		if other.name() == o.name() {
			number++
		}
	}
	name := strings.TrimSuffix(o.name(), filepath.Ext(o.path))
	if number > 1 {
		return fmt.Sprintf("%s-%d", name, number)
	}
	return name
}

// manyInVain is how many requests without result, one after the other without a wait, are a busy loop: a second of the Pico's calls.
const manyInVain = 2500

// tell says what went wrong before the network had a part in it, and what was taken for what.
func (r *ownRun) tell(result *lab.Result) {
	for _, o := range r.own {
		for _, m := range o.served.Remarks {
			r.u.print(r.wr.NotOnTheBoard(o.name(), m.Line, m.Name))
		}
		host := r.wr.ThePico()
		if o.place == lab.Pico {
			host = r.wr.ThePC()
		}
		for _, a := range o.aliases {
			r.u.print(r.wr.Alias(o.name(), a.String(), host))
		}
		if o.served.Spun >= manyInVain {
			r.u.print(r.wr.Spun(o.name(), o.served.Spun))
		}
		r.tellEnd(o, result.Errors[r.journalName(o)])
	}
	own := func(name string) bool {
		return slices.ContainsFunc(r.own, func(o *ownProgram) bool { return r.journalName(o) == name })
	}
	for name, err := range result.Errors {
		if !own(name) {
			r.u.print(r.w.Ended(name, err))
		}
	}
	if len(result.Packets) == 0 {
		r.u.print(r.wr.NoTraffic())
	}
}

// tellEnd says how a program ended, if not well.
func (r *ownRun) tellEnd(o *ownProgram, err error) {
	var stuck *served.StuckError
	var exit *served.ExitError
	switch {
	case err == nil:
	case errors.As(err, &stuck):
		r.u.print(r.wr.Stuck(o.name(), o.served.Patience, lineIn(stuck.Where, o.name())))
	case errors.As(err, &exit):
		r.u.print(r.wr.Failed(o.name()))
		r.tellErrors(o)
	default:
		r.u.print(r.wr.Gone(o.name(), err))
		r.tellErrors(o)
	}
}

// tellErrors says the last that a program wrote as an error: its traceback.
func (r *ownRun) tellErrors(o *ownProgram) {
	const most = 12
	var lines []string
	for _, p := range o.served.Printed {
		if p.Stream == "stderr" {
			lines = append(lines, strings.Split(strings.TrimRight(p.Text, "\n"), "\n")...)
		}
	}
	for _, line := range lines[max(len(lines)-most, 0):] {
		r.u.print("  " + line)
	}
}

var traceLine = regexp.MustCompile(`File "([^"]*)", line (\d+)`)

// lineIn is the line of the program in Python's own dump of its stack, 0 if it is not there.
func lineIn(dump, program string) int {
	for _, m := range traceLine.FindAllStringSubmatch(dump, -1) {
		if filepath.Base(m[1]) == program {
			line, _ := strconv.Atoi(m[2]) // digits
			return line
		}
	}
	return 0
}

// prints is what the user's programs printed, line by line, with the seconds since the lab's start.
func (r *ownRun) prints(start time.Time) []byte {
	type line struct {
		at      time.Duration
		program string
		text    string
	}
	var lines []line
	for _, o := range r.own {
		for _, p := range o.served.Printed {
			for _, text := range strings.Split(strings.TrimRight(p.Text, "\n"), "\n") {
				lines = append(lines, line{p.At.Sub(start), o.name(), text})
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return int(min(max(a.at-b.at, -1), 1)) })
	var out bytes.Buffer
	for _, l := range lines {
		fmt.Fprintf(&out, "%12.6f  %s: %s\n", l.at.Seconds(), l.program, l.text)
	}
	return out.Bytes()
}
