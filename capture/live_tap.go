package capture

import (
	"fmt"

	vm "golang.org/x/net/bpf"

	"tcptrace/capture/bpf"
)

// baseOf finds the source behind the types of this package.
func baseOf(src Source) (*source, error) {
	switch s := src.(type) {
	case *source:
		return s, nil
	case *Live:
		return s.source, nil
	}
	return nil, fmt.Errorf("%T is no source of this package", src)
}

// Tap lets f see every packet of a source, as it was captured, before its events are handed over. What the Packet
// borrows is valid during the call. A packet without a time has time 0.
func Tap(src Source, f func(Packet)) error {
	s, err := baseOf(src)
	if err != nil {
		return err
	}
	s.records = &tapped{recordReader: s.records, f: f}
	return nil
}

type tapped struct {
	recordReader
	f func(Packet)
}

func (t *tapped) next(rec *record) error {
	if err := t.recordReader.next(rec); err != nil {
		return err
	}
	p := Packet{LinkType: rec.link, Data: rec.data, OriginalLength: rec.wire}
	if rec.hasTime {
		p.Time = rec.time
	}
	t.f(p)
	return nil
}

// Sift makes a source of a file or a pipe give only the packets that pass the filter, and tells how many did not.
// Interfaces filter in the kernel instead: LiveOptions.Filter. A packet of a link type that filters cannot be used
// on is the end of the source, with an error.
func Sift(src Source, f *bpf.Filter) (rejected func() int64, err error) {
	s, err := baseOf(src)
	if err != nil {
		return nil, err
	}
	sift := &sifted{recordReader: s.records, filter: f, machines: map[uint16]*vm.VM{}}
	if f != nil {
		s.records = sift
	}
	return func() int64 { return sift.rejected }, nil
}

type sifted struct {
	recordReader
	filter   *bpf.Filter
	machines map[uint16]*vm.VM
	rejected int64
}

func (s *sifted) next(rec *record) error {
	for {
		if err := s.recordReader.next(rec); err != nil {
			return err
		}
		vm, err := s.machine(rec.link)
		if err != nil {
			return err
		}
		if n, err := vm.Run(rec.data); err == nil && n > 0 {
			return nil
		}
		s.rejected++
	}
}

func (s *sifted) machine(link uint16) (*vm.VM, error) {
	if machine := s.machines[link]; machine != nil {
		return machine, nil
	}
	program, err := s.filter.Compile(link)
	if err != nil {
		return nil, err
	}
	machine, err := vm.NewVM(program)
	if err == nil {
		s.machines[link] = machine
	}
	return machine, err
}
