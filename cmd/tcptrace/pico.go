package main

import (
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"tcptrace/endpoints"
	"tcptrace/words"
)

// pico are the words of `tcptrace pico`.
type pico struct {
	process
	pc         string
	host       string
	port       uint16
	fixed      bool
	resetAfter time.Duration
}

func newPico(u *ui) *cobra.Command {
	w := words.NewPrograms(u.lang)
	p := &pico{process: process{u: u, microPython: true}}
	c := &cobra.Command{
		Use: "pico --pc HOST", Short: w.Pico(), Long: w.PicoLong(), Example: w.PicoExample(), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if p.pc == "" {
				return &usageError{w.NeedPC(), c.CommandPath() + " --pc 192.168.1.3"}
			}
			pc, err := address(c.Context(), u, p.pc, endpoints.PCPort)
			if err != nil {
				return err
			}
			listen, err := listenAddr(u, p.host, p.port)
			if err != nil {
				return err
			}
			return p.run(c.Context(), p.program(listen, pc))
		},
	}
	f := c.Flags()
	f.StringVar(&p.pc, "pc", "", w.FlagPC())
	bindFlags(c, w, &p.host, &p.port, "0.0.0.0", endpoints.PicoPort)
	f.BoolVar(&p.fixed, "fixed", false, w.FlagFixed())
	f.DurationVar(&p.resetAfter, "reset-after", 0, w.FlagResetAfter())
	p.process.flags(c)
	return c
}

func (p *pico) program(listen, pc netip.AddrPort) endpoints.Program {
	return &endpoints.Pico{Listen: listen, PC: pc, Voice: p.voice(), Fixed: p.fixed, ResetAfter: p.resetAfter}
}
