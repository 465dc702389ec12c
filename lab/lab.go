package lab

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"gvisor.dev/gvisor/pkg/log"

	"tcptrace/capture"
	"tcptrace/endpoints"
)

// Options say what kind of lab it is.
type Options struct {
	Seed     uint64
	Start    time.Time     // of the clock; the zero value is Epoch
	Length   time.Duration // how long the capture goes on
	Link     LinkOptions
	RealTime bool // keep pace with the real clock instead of jumping ahead
	BothEnds bool // capture at the Pico's card too
	// Tap sees every packet of the PC's card as it is captured. It must not keep the packet's data.
	Tap func(capture.Packet)
}

// Epoch is when labs begin that are not told another time.
var Epoch = time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)

// A Program is one of the programs that run in the lab.
type Program struct {
	Name  string // of its journal, unique in the lab
	Place Place
	Start time.Duration // after the lab's start
	Stop  time.Duration // when it is stopped from outside, 0 for the lab's end
	// Run is the program. What it left open is closed when it returns, but for a Pico's program that ended with an
	// error: its connections stay with the TCP stack, as they do under a traceback.
	Run endpoints.Program
}

// Journal is what a program's calls were: JSON lines that journal.Read reads.
type Journal struct {
	Name  string // as the program is called, with ".jsonl"
	Place Place
	Lines []byte
}

// Result is what a lab leaves behind.
type Result struct {
	Start   time.Time
	Packets []capture.Packet // as captured at the PC's card, Ethernet
	AtPico  []capture.Packet // with Options.BothEnds
	// Journals are those of the programs, in their order.
	Journals []Journal
	Truth    *Truth
	Errors   map[string]error // what programs returned, by name; those that were stopped or went well have none
}

// world is a lab while it runs.
type world struct {
	o        Options
	s        *scheduler
	hosts    [2]*host
	end      int64
	truth    *Truth
	result   *Result
	journals []*bytes.Buffer // by program
	cut      bool            // nothing is captured any more
}

// Run runs programs until the lab's end, or until ctx is done.
func Run(ctx context.Context, o Options, programs []Program) (*Result, error) {
	if o.Start.IsZero() {
		o.Start = Epoch
	}
	l := &world{o: o, s: newScheduler(o.Start), end: int64(o.Length), truth: &Truth{byPair: map[flow]*connection{}}}
	l.result = &Result{Start: o.Start, Truth: l.truth, Errors: map[string]error{}}
	var err error
	onOneProcessor(func() { err = l.run(ctx, programs) })
	if err != nil {
		return nil, err
	}
	l.truth.finish()
	return l.result, nil
}

func (l *world) run(ctx context.Context, programs []Program) error {
	log.SetTarget(mute{})
	if err := l.connect(); err != nil {
		return err
	}
	defer func() {
		for _, h := range l.hosts {
			h.shut()
		}
	}()
	for i := range programs {
		l.launch(&programs[i])
	}
	l.loop(ctx)
	l.cut = true
	l.drain()
	for i := range programs {
		l.result.Journals = append(l.result.Journals, Journal{programs[i].Name + ".jsonl", programs[i].Place, l.journals[i].Bytes()})
	}
	return nil
}

// mute swallows what the stacks log: their remarks are for nobody here.
type mute struct{}

// Emit implements log.Emitter.
func (mute) Emit(int, log.Level, time.Time, string, ...any) {}

// connect builds the hosts and the link.
func (l *world) connect() error {
	pc := newHost(l, PC, PCAddr, thePCsMAC)
	pico := newHost(l, Pico, PicoAddr, thePicosMAC)
	pc.peer, pico.peer = pico, pc
	l.hosts = [2]*host{pc, pico}
	for i, h := range l.hosts {
		h.card.out = &link{lab: l, o: l.o.Link, random: rand.New(rand.NewPCG(l.o.Seed, 100+uint64(i))), to: h.peer.card}
		if err := h.setUp(); err != nil {
			return err
		}
	}
	return nil
}

// launch starts a program at its time.
func (l *world) launch(p *Program) {
	stop := l.end
	if p.Stop > 0 {
		stop = min(stop, int64(p.Stop))
	}
	number := len(l.journals)
	lines := &bytes.Buffer{}
	l.journals = append(l.journals, lines)
	proc := l.s.launch(int64(p.Start), func(proc *process) {
		n := &net{process: proc, host: l.hosts[p.Place]}
		var system endpoints.Net = n
		if p.Place == Pico {
			system = endpoints.NewMicroPython(n)
		}
		o := endpoints.RecordOptions{PID: firstPID + number, MicroPython: p.Place == Pico}
		if own, ok := p.Run.(endpoints.Threaded); ok {
			own.SetThreads(newThreads(n))
			o.Source = own.SourceLine
		}
		err := p.Run.Run(endpoints.Record(system, lines, o))
		crashed := err != nil && !errors.Is(err, endpoints.ErrStopped)
		if crashed {
			l.result.Errors[p.Name] = err
		}
		if !l.cut && !(crashed && p.Place == Pico) {
			n.Exit()
		}
	})
	proc.stopAt.Store(stop)
}

// firstPID is the process number of the first program in its journal.
const firstPID = 1001

// loop lets things happen until the end.
func (l *world) loop(ctx context.Context) {
	began := time.Now()
	for n := 0; ; n++ {
		if n&255 == 0 && ctx.Err() != nil {
			l.end = min(l.end, l.s.time())
		}
		l.s.settle()
		if l.s.step() {
			continue
		}
		if l.o.RealTime {
			l.keepPace(ctx, began)
		}
		e := l.s.next(l.end)
		if e == nil {
			return
		}
		if e.spawn {
			go e.run()
		} else {
			e.run()
		}
	}
}

// keepPace waits until the next event is due by the real clock.
func (l *world) keepPace(ctx context.Context, began time.Time) {
	due, any := l.s.due()
	if !any {
		due = l.end
	}
	wait := time.NewTimer(time.Duration(min(due, l.end)) - time.Since(began))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		l.end = min(l.end, l.s.time())
	}
}

// drain ends the programs that still wait: their time is over.
func (l *world) drain() {
	for l.s.alive > 0 {
		l.s.settle()
		if l.s.step() {
			continue
		}
		e := l.s.next(never)
		if e == nil {
			return
		}
		if !e.spawn {
			e.run()
		}
	}
}

// capture notes a packet that passes a card.
func (l *world) capture(at *card, from *host, packet []byte) {
	if l.cut {
		return
	}
	frame := make([]byte, 0, ethernetHeader+len(packet))
	frame = append(frame, from.peer.card.mac...)
	frame = append(frame, from.card.mac...)
	frame = append(frame, 0x08, 0x00)
	frame = append(frame, packet...)
	p := capture.Packet{Time: l.o.Start.UnixNano() + l.s.time(), LinkType: linkEthernet, Data: frame}
	if at.host.place == PC {
		l.truth.capture(packet, p.Time)
		l.result.Packets = append(l.result.Packets, p)
		if l.o.Tap != nil {
			l.o.Tap(p)
		}
	} else if l.o.BothEnds {
		l.result.AtPico = append(l.result.AtPico, p)
	}
}

const linkEthernet = 1

// WriteCapture writes the packets of the PC's card. The error is the writer's.
func (r *Result) WriteCapture(w io.Writer, format capture.FileFormat) error {
	return writePackets(w, format, r.Packets)
}

// WriteAtPico writes the packets of the Pico's card, which are captured with Options.BothEnds. The error is the writer's.
func (r *Result) WriteAtPico(w io.Writer, format capture.FileFormat) error {
	return writePackets(w, format, r.AtPico)
}

func writePackets(w io.Writer, format capture.FileFormat, packets []capture.Packet) error {
	out, err := capture.NewWriter(w, format)
	if err != nil {
		return err
	}
	for _, p := range packets {
		if err := out.WritePacket(p); err != nil {
			return err
		}
	}
	return out.Close()
}

// Source is the capture of the PC's card, to be read like any other. name is what its Info calls the file.
func (r *Result) Source(name string) (capture.Source, error) {
	var file bytes.Buffer
	if err := r.WriteCapture(&file, capture.FormatPcapNG); err != nil {
		return nil, err
	}
	return capture.NewSource(name, &file, capture.OpenOptions{})
}
