package capture

import (
	vm "golang.org/x/net/bpf"

	"tcptrace/capture/bpf"
)

// tap lets f see every packet of a reader; nil: nobody looks.
func tap(r recordReader, f func(Packet)) recordReader {
	if f == nil {
		return r
	}
	return &tapped{r, f}
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

// sift lets only packets that pass a filter out of a reader; nil: all of them.
func (s *source) sift(r recordReader, f *bpf.Filter) recordReader {
	if f == nil {
		return r
	}
	return &sifted{recordReader: r, filter: f, machines: map[uint16]*vm.VM{}, rejected: &s.info.Filtered}
}

type sifted struct {
	recordReader
	filter   *bpf.Filter
	machines map[uint16]*vm.VM
	rejected *int64
}

func (s *sifted) next(rec *record) error {
	for {
		if err := s.recordReader.next(rec); err != nil {
			return err
		}
		machine, err := s.machine(rec.link)
		if err != nil {
			return err
		}
		if n, err := machine.Run(rec.data); err == nil && n > 0 {
			return nil
		}
		*s.rejected++
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
