package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/endpoints"
	"tcptrace/endpoints/micropython"
	"tcptrace/notebook"
	"tcptrace/words"
)

// firmware are the words of `tcptrace firmware`.
type firmware struct {
	u            *ui
	w            words.Firmware
	dir, port    string
	host         string
	passwordFile string
	open         bool
	noPowerSave  bool
	force        bool
	noStart      bool
	settings     micropython.Settings
}

func newFirmware(u *ui) *cobra.Command {
	w := words.NewFirmware(u.lang)
	p := &firmware{u: u, w: w, settings: micropython.Settings{Lang: u.lang, JournalPort: notebook.JournalPort}}
	c := &cobra.Command{
		Use: "firmware", Short: w.Firmware(), Long: w.FirmwareLong(), Example: w.FirmwareExample(), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVarP(&p.dir, "output", "o", "", w.FlagOutput())
	f.StringVar(&p.port, "upload", "", w.FlagUpload())
	f.StringVar(&p.settings.SSID, "ssid", "", w.FlagSSID())
	f.StringVar(&p.host, "host", "", w.FlagHost())
	f.StringVar(&p.passwordFile, "password-file", "", w.FlagPasswordFile())
	f.BoolVar(&p.open, "open-network", false, w.FlagOpenNetwork())
	f.BoolVar(&p.settings.Fixed, "fixed", false, w.FlagFixed())
	f.BoolVar(&p.settings.Journal, "journal", false, w.FlagJournal())
	f.BoolVar(&p.noPowerSave, "no-power-save", false, w.FlagNoPowerSave())
	f.Uint16Var(&p.settings.PicoPort, "port", endpoints.PicoPort, w.FlagPort())
	f.Uint16Var(&p.settings.PCPort, "pc-port", endpoints.PCPort, w.FlagPCPort())
	forceFlag(c, &p.force, u.words())
	f.BoolVar(&p.noStart, "no-start", false, w.FlagNoStart())
	c.MarkFlagsMutuallyExclusive("password-file", "open-network")
	return c
}

func (p *firmware) run(ctx context.Context) error {
	if err := p.check(); err != nil {
		return err
	}
	password, err := p.password(ctx)
	if err != nil {
		return err
	}
	p.settings.Password, p.settings.Host, p.settings.PowerSave = password, p.host, !p.noPowerSave
	files, err := micropython.Files(p.settings)
	if err != nil {
		return &usageError{p.u.worded(err), "--ssid Aula3"}
	}
	if p.dir != "" {
		if err := p.write(files); err != nil {
			return err
		}
	}
	if p.port != "" {
		return p.upload(ctx, files)
	}
	return nil
}

func (p *firmware) check() error {
	if p.dir == "" && p.port == "" {
		return &usageError{p.w.NeedOutput(), "tcptrace firmware -o pico --ssid Aula3 --host 192.168.1.3"}
	}
	if p.settings.SSID == "" {
		return &usageError{p.w.NeedSSID(), "--ssid Aula3"}
	}
	a, err := netip.ParseAddr(p.host)
	if err != nil || !a.Is4() || a.IsLoopback() || a.IsUnspecified() {
		return &usageError{p.w.NeedHost(), p.w.HintHost(joined(ownAddresses()))}
	}
	return nil
}

// ownAddresses are this computer's IPv4 addresses: one of them is the PC's that the Pico reaches.
func ownAddresses() (list []string) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			list = append(list, n.IP.String())
		}
	}
	return list
}

// password comes from a file or from the keyboard, never from an argument, where every user's ps would show it.
func (p *firmware) password(ctx context.Context) (string, error) {
	switch {
	case p.open:
		return "", nil
	case p.passwordFile != "":
		in, err := openInput(p.u, p.passwordFile)
		if err != nil {
			return "", err
		}
		defer in.Close()
		data, err := io.ReadAll(io.LimitReader(in, 4096))
		if err != nil {
			return "", &inputError{err}
		}
		line, _, _ := strings.Cut(string(data), "\n")
		return strings.TrimSuffix(line, "\r"), nil
	}
	in, ok := p.u.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", &usageError{p.w.NeedPassword(), "--password-file FILE, --open-network"}
	}
	return p.ask(ctx, int(in.Fd()))
}

// ask reads the password without echo. An interrupt gives the terminal back as it was.
func (p *firmware) ask(ctx context.Context, fd int) (string, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", &inputError{err}
	}
	fmt.Fprint(p.u.err, p.w.AskPassword(p.settings.SSID))
	type answer struct {
		password []byte
		err      error
	}
	answers := make(chan answer, 1)
	go func() {
		password, err := term.ReadPassword(fd)
		answers <- answer{password, err}
	}()
	select {
	case a := <-answers:
		fmt.Fprintln(p.u.err)
		if a.err != nil {
			return "", &inputError{a.err}
		}
		return string(a.password), nil
	case <-ctx.Done():
		_ = term.Restore(fd, before)
		fmt.Fprintln(p.u.err)
		return "", &interruptedError{p.w.Interrupted()}
	}
}

// write puts the files into the folder, the one with the password for its owner only.
func (p *firmware) write(files []micropython.File) error {
	var out []output.File
	for _, f := range files {
		file := output.Bytes(f.Name, f.Data)
		if f.Secret {
			file.Mode = 0o600
		}
		out = append(out, file)
	}
	dir, err := output.Open(p.dir, output.Options{Force: p.force})
	if err == nil {
		err = dir.Write(out)
	}
	if err != nil {
		return &outputError{err}
	}
	p.u.print(p.w.Wrote(len(files), p.dir))
	if !p.open {
		p.u.printf("%s", p.w.Secret())
	}
	return nil
}

// upload puts the files on the board.
func (p *firmware) upload(ctx context.Context, files []micropython.File) error {
	name, err := p.portName()
	if err != nil {
		return err
	}
	port, err := micropython.Open(name)
	if err != nil {
		return &usageError{fmt.Sprintf("%s: %v", name, err), p.w.HintPort()}
	}
	defer port.Close()
	o := micropython.Options{Force: p.force, Start: !p.noStart, Progress: p.progress(files)}
	if err := micropython.Upload(ctx, port, files, o); err != nil {
		return p.failed(name, len(files), err)
	}
	p.u.print(p.w.Uploaded(len(files), name))
	return nil
}

// failed turns an upload's error into the command's, and says what is on the board.
func (p *firmware) failed(name string, files int, err error) error {
	var unfinished *micropython.UnfinishedError
	if errors.As(err, &unfinished) && !errors.Is(err, micropython.ErrForeign) {
		p.u.print(p.w.Unfinished(unfinished.Done, files))
	}
	text := p.u.worded(fmt.Errorf("%s: %w", name, err))
	switch {
	case errors.Is(err, context.Canceled):
		return &interruptedError{p.w.Interrupted()}
	case errors.Is(err, micropython.ErrForeign):
		return &usageError{text, p.w.HintForce()}
	case errors.Is(err, micropython.ErrNoREPL):
		return &usageError{text, p.w.HintPort()}
	case errors.Is(err, micropython.ErrTalks):
		return &usageError{text, p.w.HintTalks()}
	}
	return &outputError{fmt.Errorf("%s: %w", name, err)}
}

// portName is the port of --upload; "auto" is the only one there is.
func (p *firmware) portName() (string, error) {
	if p.port != "auto" {
		return p.port, nil
	}
	ports, err := micropython.Ports()
	if err != nil || len(ports) != 1 {
		return "", &usageError{p.w.NoPort(len(ports)), "--upload PORT: " + joined(ports)}
	}
	return ports[0], nil
}

// progress shows how much of all files is on the board: as a line that changes on a terminal, else one line a file.
func (p *firmware) progress(files []micropython.File) func(string, int, int) {
	total, before := 0, map[string]int{}
	for _, f := range files {
		before[f.Name] = total
		total += len(f.Data)
	}
	return func(name string, done, of int) {
		if !p.u.errIsTTY {
			if done == of {
				p.u.printf("%s: %d", name, of)
			}
			return
		}
		if now := time.Now(); done == of || now.Sub(p.u.last) > 100*time.Millisecond {
			p.u.last, p.u.shown = now, true
			line := fmt.Sprintf("%3d %%  %s", (before[name]+done)*100/max(total, 1), name)
			fmt.Fprintf(p.u.err, "\r%-*s", min(p.u.width-1, 60), clip(line, p.u.width-1))
		}
	}
}
