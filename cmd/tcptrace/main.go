// Command tcptrace shows people their sockets: the packets of a PC and a Pico W, put back into the tables a
// lecturer draws on the board, with the time everything took.
//
//	$ tcptrace report session.pcap
//	$ tcptrace report session.pcap -o out
//	$ tcptrace plot session.pcap --kind cadence -o cadence.svg
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/sessions"
)

func main() {
	if isLauncher() {
		os.Exit(launch())
	}
	u := systemUI()
	ctx, cancel := context.WithCancel(context.Background())
	go u.watchSignals(cancel)
	os.Exit(run(ctx, os.Args[1:], u))
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, ui *ui) int {
	ui.chooseLang(args)
	root := newRoot(ui)
	defer ui.endPager()
	root.SetArgs(args)
	return ui.report(guarded(func() error {
		if err := root.ExecuteContext(ctx); err != nil {
			return err
		}
		return ui.outputError()
	}))
}

// guarded runs a command and makes an error of a panic: what was printed before it is good, and a Go trace is of use to nobody
// who has not asked for it.
func guarded(command func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = sessions.FaultOf(p, 0, 0)
		}
	}()
	return command()
}

// patience is how long a command that was interrupted may take to print what it has. Reading can hang in the system, in
// a pipe or on a network's disk, where nobody asks whether the user still wants it.
const patience = 800 * time.Millisecond

// watchSignals ends the command. The first signal asks for its end, and forces it where the command does not end soon, unless
// it is one that has to end others or to save what it has. The second one ends it at once.
func (u *ui) watchSignals(cancel context.CancelFunc) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, endingSignals...)
	<-signals
	cancel()
	var late <-chan time.Time
	if !u.patient.Load() {
		late = time.After(patience)
	}
	select {
	case <-signals:
	case <-late:
	}
	output.Abandon()
	fmt.Fprintln(os.Stderr, "\ntcptrace: "+u.words().Stopped())
	os.Exit(exitInterrupted)
}
