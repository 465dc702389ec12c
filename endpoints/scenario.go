package endpoints

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Setting says where the programs of a scenario run and print.
type Setting struct {
	PicoServer netip.AddrPort // where the PC's clients reach the Pico
	PCServer   netip.AddrPort // where the Pico reaches the PC
	Fixed      bool           // the Pico runs the corrected loop
	Seed       uint64         // of random times
	Pico       Voice
	Server     Voice
	Client     Voice
}

// Entrance is a program of the PC and when it starts.
type Entrance struct {
	After   time.Duration // since the PC's server started, or would have
	Program Program
}

// A Scenario is a run of the notebook's programs: who takes part and when. Server is nil when nobody serves on the PC. Each
// program is one process with a Net of its own, the Pico's one of NewMicroPython.
type Scenario struct {
	Name      string
	Pico      *Pico
	PicoAfter time.Duration
	Server    *PCServer
	Clients   []Entrance
	Lasts     time.Duration // long enough to see everything
}

// Times of the genuine captures.
const (
	picoAfter   = 600 * time.Millisecond  // the Pico starts after the PC's server
	clientAfter = 3200 * time.Millisecond // the PC's client, 2.6 s after the Pico's first SYN
	patience    = 9 * time.Second
)

// scenarios are the deviations from the normal run, by name.
var scenarios = map[string]func(s *Scenario, w Setting){
	"normal":    func(*Scenario, Setting) {},
	"no-server": func(s *Scenario, _ Setting) { s.Server = nil },
	"silent-server": func(s *Scenario, _ Setting) {
		s.Server.Silent, s.Clients, s.Lasts = true, nil, 22*time.Second
	},
	"server-killed": func(s *Scenario, _ Setting) {
		s.Server.KillAfter, s.Clients, s.Lasts = 10290*time.Millisecond, nil, 18*time.Second
	},
	"server-frozen": func(s *Scenario, _ Setting) {
		s.Server.FreezeAfter, s.Server.KillAfter = 6300*time.Millisecond, 10300*time.Millisecond
		s.Clients, s.Lasts = nil, 16*time.Second
	},
	"second-client": func(s *Scenario, w Setting) {
		s.Clients = []Entrance{{1400 * time.Millisecond, SecondClient(w.PicoServer, w.Client)}}
		s.Lasts = 25 * time.Second
	},
	"two-at-once": func(s *Scenario, w Setting) {
		s.Clients = []Entrance{{clientAfter, TwoAtOnce(w.PicoServer, w.Client, 30*time.Millisecond)}}
		s.Lasts = 11 * time.Second
	},
	"six-clients": func(s *Scenario, w Setting) {
		s.Clients = []Entrance{{clientAfter, SixClients(w.PicoServer, w.Client)}}
		s.Lasts = 22 * time.Second
	},
	"4k-line": func(s *Scenario, w Setting) {
		s.Clients = []Entrance{{clientAfter, &LineClient{Pico: w.PicoServer, Voice: w.Client, Bytes: 4096, Wait: 3 * time.Second, Patient: patience}}}
		s.Lasts = 18 * time.Second
	},
	"early-4k": func(s *Scenario, w Setting) {
		s.Clients = []Entrance{{clientAfter, &LineClient{Pico: w.PicoServer, Voice: w.Client, Bytes: 4096, Patient: patience}}}
		s.Lasts = 16 * time.Second
	},
	"fast-sender": func(s *Scenario, w Setting) {
		s.Clients = []Entrance{{clientAfter, &OpenLoopClient{Pico: w.PicoServer, Voice: w.Client, Mean: 250 * time.Millisecond, Even: true,
			Count: 40, Patient: 45 * time.Second}}}
		s.Lasts = 60 * time.Second
	},
	"crash": func(s *Scenario, w Setting) {
		s.Clients = []Entrance{{clientAfter, &AbortClient{Pico: w.PicoServer, Voice: w.Client, Wait: 2500 * time.Millisecond}}}
		s.Lasts = 14 * time.Second
	},
	"soft-reset": func(s *Scenario, _ Setting) { s.Pico.ResetAfter, s.Lasts = 12*time.Second, 15*time.Second },
}

// ScenarioNames are the names that NewScenario knows, "normal" first.
func ScenarioNames() []string {
	names := []string{}
	for name := range scenarios {
		if name != "normal" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return append([]string{"normal"}, names...)
}

// NewScenario prepares a run: "normal" is the notebook's exchange as in the genuine pico-normal, with eight messages of a
// person; the others misbehave in one way each. The programs are new and are used once.
func NewScenario(name string, w Setting) (*Scenario, error) {
	deviate, ok := scenarios[name]
	if !ok {
		return nil, fmt.Errorf("no such run: %s (there are %s)", name, strings.Join(ScenarioNames(), ", "))
	}
	s := &Scenario{Name: name, PicoAfter: picoAfter, Lasts: 33 * time.Second}
	s.Pico = &Pico{Listen: anyPort(w.PicoServer.Port()), PC: w.PCServer, Voice: w.Pico, Fixed: w.Fixed}
	s.Server = &PCServer{Listen: anyPort(w.PCServer.Port()), Voice: w.Server}
	s.Clients = []Entrance{{clientAfter, &PCClient{Pico: w.PicoServer, Voice: w.Client, Lines: conversation()}}}
	deviate(s, w)
	return s, nil
}

// conversation is what the person of the genuine pico-normal types, and when.
func conversation() *Script {
	script := &Script{}
	for i, text := range []string{"hola", "uno", "dos", "tres", "cuatro", "cinco", "seis", "adiós"} {
		script.Lines = append(script.Lines, ScriptLine{At: time.Duration(2000+3130*i) * time.Millisecond, Text: text})
	}
	return script
}
