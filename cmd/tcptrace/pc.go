package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"tcptrace/endpoints"
	"tcptrace/words"
)

func newPC(u *ui) *cobra.Command {
	w := words.NewPrograms(u.lang)
	c := &cobra.Command{Use: "pc", Short: w.PC(), Long: w.PCLong(), Example: w.PCExample()}
	c.AddCommand(newPCServer(u), newPCClient(u))
	return c
}

// pcServer are the words of `tcptrace pc server`.
type pcServer struct {
	process
	host      string
	port      uint16
	reuse     bool
	misbehave string
	at        time.Duration
}

// The faults of the PC's server, and when they happen in the genuine captures.
var serverFaults = []string{"late", "killed", "frozen", "silent"}

var serverFaultAt = map[string]time.Duration{"late": 11 * time.Second, "killed": 10 * time.Second, "frozen": 6 * time.Second}

func newPCServer(u *ui) *cobra.Command {
	w := words.NewPrograms(u.lang)
	p := &pcServer{process: process{u: u}}
	c := &cobra.Command{
		Use: "server", Short: w.PCServer(), Long: w.PCServerLong(), Example: w.PCServerExample(), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			server, err := p.server()
			if err != nil {
				return err
			}
			return p.run(c.Context(), server)
		},
	}
	f := c.Flags()
	bindFlags(c, w, &p.host, &p.port, "0.0.0.0", endpoints.PCPort)
	f.BoolVar(&p.reuse, "reuse", false, w.FlagReuse())
	f.StringVar(&p.misbehave, "misbehave", "", w.FlagMisbehave()+": "+joined(serverFaults))
	f.DurationVar(&p.at, "at", 0, w.FlagAt())
	complete(c, "misbehave", serverFaults...)
	p.process.flags(c)
	return c
}

func (p *pcServer) server() (*endpoints.PCServer, error) {
	listen, err := listenAddr(p.u, p.host, p.port)
	if err != nil {
		return nil, err
	}
	if err := oneOf(p.u, "misbehave", p.misbehave, serverFaults); err != nil {
		return nil, err
	}
	at := p.at
	if at <= 0 {
		at = serverFaultAt[p.misbehave]
	}
	s := &endpoints.PCServer{Listen: listen, Voice: p.voice(), ReuseAddr: p.reuse}
	switch p.misbehave {
	case "late":
		s.LateBy = at
	case "killed":
		s.KillAfter = at
	case "frozen":
		s.FreezeAfter, s.KillAfter = at, at+4*time.Second
	case "silent":
		s.Silent = true
	}
	return s, nil
}

// pcClient are the words of `tcptrace pc client`.
type pcClient struct {
	process
	port                 uint16
	script               string
	every                time.Duration
	openLoop, closedLoop bool
	count                int
	mean, think          time.Duration
	seed                 uint64
	misbehave            string
}

// The misbehaving clients.
var clientFaults = []string{"4k-line", "early-4k", "second-client", "two-at-once", "six-clients", "fast-sender", "abort"}

func newPCClient(u *ui) *cobra.Command {
	w := words.NewPrograms(u.lang)
	p := &pcClient{process: process{u: u}}
	c := &cobra.Command{
		Use: "client HOST", Short: w.PCClient(), Long: w.PCClientLong(), Example: w.PCClientExample(),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{w.NeedHost(), c.CommandPath() + " 192.168.1.57"}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			program, err := p.client(c.Context(), args[0])
			if err != nil {
				return err
			}
			return p.run(c.Context(), program)
		},
	}
	f := c.Flags()
	f.Uint16Var(&p.port, "port", endpoints.PicoPort, w.FlagConnectPort())
	f.StringVar(&p.script, "script", "", w.FlagScript())
	f.DurationVar(&p.every, "every", 0, w.FlagEvery())
	f.BoolVar(&p.openLoop, "open-loop", false, w.FlagOpenLoop())
	f.BoolVar(&p.closedLoop, "closed-loop", false, w.FlagClosedLoop())
	f.IntVar(&p.count, "count", 20, w.FlagCount())
	f.DurationVar(&p.mean, "mean", 3*time.Second, w.FlagMean())
	f.DurationVar(&p.think, "think", 0, w.FlagThink())
	f.Uint64Var(&p.seed, "seed", 1, w.FlagSeed())
	f.StringVar(&p.misbehave, "misbehave", "", w.FlagMisbehave()+": "+joined(clientFaults))
	complete(c, "misbehave", clientFaults...)
	c.MarkFlagsMutuallyExclusive("script", "open-loop", "closed-loop", "misbehave")
	p.process.flags(c)
	return c
}

// client is the program that the flags ask for.
func (p *pcClient) client(ctx context.Context, host string) (endpoints.Program, error) {
	w := words.NewPrograms(p.u.lang)
	if err := oneOf(p.u, "misbehave", p.misbehave, clientFaults); err != nil {
		return nil, err
	}
	if p.count < 0 || p.mean <= 0 || p.think < 0 || p.every < 0 {
		return nil, &usageError{w.BadNumber(), "--count 20 --mean 3s --think 1s --every 2s"}
	}
	pico, err := address(ctx, p.u, host, p.port)
	if err != nil {
		return nil, err
	}
	v := p.voice()
	switch {
	case p.misbehave != "":
		return misbehavingClient(p.misbehave, endpoints.Setting{PicoServer: pico, Client: v}), nil
	case p.openLoop:
		return &endpoints.OpenLoopClient{Pico: pico, Voice: v, Mean: p.mean, Count: p.count, Seed: p.seed, Patient: 10 * time.Second}, nil
	}
	lines, err := p.lines(ctx)
	if err != nil {
		return nil, err
	}
	return &endpoints.PCClient{Pico: pico, Voice: v, Lines: lines}, nil
}

// lines is where the messages come from.
func (p *pcClient) lines(ctx context.Context) (endpoints.Lines, error) {
	switch {
	case p.closedLoop:
		return &endpoints.Numbered{Count: p.count, Think: p.think}, nil
	case p.script == "":
		return endpoints.ReadLines(ctx, p.u.in), nil
	}
	in, err := openInput(p.u, p.script)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	script, err := endpoints.ParseScript(in, p.every)
	if err != nil {
		return nil, &usageError{p.script + ": " + err.Error(), "@2.5 hola"}
	}
	return script, nil
}

// misbehavingClient is a client of the scenario of the same name, or the one that aborts.
func misbehavingClient(name string, w endpoints.Setting) endpoints.Program {
	if name == "abort" {
		name = "crash"
	}
	s, err := endpoints.NewScenario(name, w)
	if err != nil || len(s.Clients) == 0 {
		return endpoints.ProgramFunc(func(endpoints.Net) error { return err })
	}
	return s.Clients[0].Program
}
