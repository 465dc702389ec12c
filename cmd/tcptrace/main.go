// Command tcptrace shows people their sockets: the packets of a PC and a Pico W, put back into the tables a
// lecturer draws on the board, with the time everything took.
//
//	$ tcptrace report session.pcap
//	$ tcptrace report session.pcap -o out
//	$ tcptrace plot session.pcap --kind cadence -o cadence.svg
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	code := run(ctx, os.Args[1:], systemUI())
	stop()
	os.Exit(code)
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, ui *ui) int {
	ui.chooseLang(args)
	root := newRoot(ui)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = ui.outputError()
	}
	return ui.report(err)
}
