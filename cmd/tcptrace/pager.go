package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"tcptrace/render/screen"
	"tcptrace/words"
)

// terminalFlags are the words of every command that has a short answer for a terminal.
type terminalFlags struct {
	long, noPager bool
}

func (t *terminalFlags) register(c *cobra.Command, w words.Command) {
	c.Flags().BoolVar(&t.long, "long", false, w.FlagLong())
	c.Flags().BoolVar(&t.noPager, "no-pager", false, w.FlagNoPager())
}

// screen is the terminal of standard output.
func (u *ui) screen() *screen.Screen {
	return &screen.Screen{Width: u.outWidth, Height: u.outHeight, Colour: u.colours, ASCII: !u.unicode}
}

// writeLines prints lines of a screen.
func (u *ui) writeLines(lines []string) error {
	for _, line := range lines {
		if _, err := u.out.WriteString(line + "\n"); err != nil {
			return &outputError{err}
		}
	}
	return nil
}

// startPager has everything that is printed go through the user's pager, as git does: $TCPTRACE_PAGER, $PAGER, or less, which shows
// colours and ends by itself when a screen holds it all. It is started before a file is read, because afterwards nothing may
// be started any more. Without a pager on this machine there is none.
func (u *ui) startPager() {
	if !u.process || !u.outIsTTY || u.pagerDone != nil || u.env("NO_COLOR") != "" || u.env("TERM") == "dumb" {
		return
	}
	command := "less"
	for _, name := range []string{"TCPTRACE_PAGER", "PAGER"} {
		if v := u.env(name); v != "" {
			command = v
			break
		}
	}
	if command == "cat" || strings.TrimSpace(command) == "" {
		return
	}
	pager := exec.Command("sh", "-c", command)
	pager.Stdout, pager.Stderr = os.Stdout, os.Stderr
	pager.Env = os.Environ()
	for name, value := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if u.env(name) == "" {
			pager.Env = append(pager.Env, name+"="+value)
		}
	}
	in, err := pager.StdinPipe()
	if err != nil || pager.Start() != nil {
		return
	}
	u.out = bufio.NewWriterSize(&toPager{in}, 64<<10)
	u.patient.Store(true) // Ctrl-C is the pager's
	u.pagerDone = func() {
		_ = u.out.Flush()
		_ = in.Close()
		_ = pager.Wait()
	}
}

// toPager writes to a pager. When the user has left it, nothing is wrong and nothing is printed any more.
type toPager struct{ io.Writer }

func (p *toPager) Write(b []byte) (int, error) {
	if _, err := p.Writer.Write(b); err != nil {
		p.Writer = io.Discard
	}
	return len(b), nil
}

// endPager waits until the user has read what was printed.
func (u *ui) endPager() {
	if u.pagerDone != nil {
		u.pagerDone()
		u.pagerDone = nil
	}
}
