package journal

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"tcptrace/words"
)

// Limits, so that no input can take all of the memory. What they leave out is said in a Problem.
const (
	longestLine  = 1 << 20 // bytes
	mostEntries  = 200_000
	mostProblems = 200
	sampleLines  = 256     // lines looked at to tell what a file is
	sampleBytes  = 1 << 20 // and bytes
)

// ErrUnknown means that a file is none of the journals that Read knows.
var ErrUnknown = error(words.NotAJournal)

// StraceCalls is the value of strace's -e: the system calls that the reader knows.
const StraceCalls = "trace=network,poll,ppoll,select,pselect6,epoll_create1,epoll_ctl,epoll_wait,epoll_pwait,close,fcntl,ioctl,dup,clock_nanosleep"

// ErrNoTimes means that strace wrote no times that a capture can be compared with.
var ErrNoTimes = error(words.StraceWithoutTimes)

// reader turns the lines of one kind of journal into entries.
type reader interface {
	line(n int, s string)
	problem(n int, what words.Reason)
	finish() *Journal
}

// Read reads a journal, which it recognises by its content: strace output, JSON lines, the Pico's TJ1
// lines with or without the epoch stamp of a host, or the output of the notebook's programs with epoch
// stamps.
//
// A line that cannot be read is a Problem and not an end. The error wraps ErrUnknown or ErrNoTimes, or is the
// error of r; in the last case the journal holds what was read before it. The caller owns the journal.
func Read(name string, r io.Reader) (*Journal, error) {
	lines := &lineReader{in: bufio.NewReaderSize(r, 64<<10)}
	sample, kind, err := lines.recognise()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", printable(name), err)
	}
	base := builder{j: Journal{Name: name, Kind: kind}}
	var into reader
	switch kind {
	case "strace":
		into = newStrace(base)
	case "jsonl":
		into = newJSONLines(base)
	case "tj1":
		into = newTJ1Lines(base)
	default:
		into = newOutput(base)
	}
	for _, l := range sample {
		l.feed(into)
	}
	for {
		l, err := lines.next()
		if err == io.EOF {
			return into.finish(), nil
		}
		if err != nil {
			return into.finish(), fmt.Errorf("%s: line %d: %w", printable(name), l.n, err)
		}
		l.feed(into)
	}
}

// inputLine is one line without its end.
type inputLine struct {
	n    int
	text string
	long bool // it was longer than longestLine and only its head is kept
}

// feed hands a line to a reader.
func (l inputLine) feed(into reader) {
	if l.long {
		into.problem(l.n, words.LineTooLong)
		return
	}
	into.line(l.n, l.text)
}

// lineReader splits its input into lines of bounded length.
type lineReader struct {
	in *bufio.Reader
	n  int
}

// next returns the next line, or io.EOF when there is none.
func (r *lineReader) next() (inputLine, error) {
	r.n++
	l := inputLine{n: r.n}
	var text []byte
	for {
		part, err := r.in.ReadSlice('\n')
		if room := longestLine - len(text); len(part) > room+1 {
			l.long = true
			part = part[:max(room, 0)]
		}
		text = append(text, part...)
		if err == bufio.ErrBufferFull {
			continue
		}
		if err == io.EOF && len(text) > 0 {
			err = nil
		}
		l.text = strings.TrimRight(string(text), "\r\n")
		if r.n == 1 {
			l.text = strings.TrimPrefix(l.text, "\ufeff")
		}
		return l, err
	}
}

// recognise reads as many lines as it needs to tell the kind of a journal, and returns them.
func (r *lineReader) recognise() (sample []inputLine, kind string, err error) {
	size, untimed, stamped := 0, false, false
	for len(sample) < sampleLines && size < sampleBytes {
		l, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, "", err
		}
		sample, size = append(sample, l), size+len(l.text)
		switch shape := shapeOf(l.text); shape {
		case "":
		case "strace without times":
			untimed = true
		case "output":
			stamped = true
		default:
			return sample, shape, nil
		}
	}
	switch {
	case stamped:
		return sample, "output", nil
	case untimed:
		return nil, "", ErrNoTimes
	}
	return nil, "", ErrUnknown
}

// untimedCall is a line of strace as -f, -r, -t and -tt print it.
var untimedCall = regexp.MustCompile(`^(\[pid +\d+\] |\d+ +)?(\d\d:\d\d:\d\d(\.\d+)? | *\d+\.\d+ )?` +
	`([a-z_][a-z0-9_]*\(.*\) += [-?0-9]|\+\+\+ (exited|killed) |<\.\.\. [a-z0-9_]+ resumed>)`)

// straceMark tells a whole line of strace from a program's print of its own calls.
var straceMark = regexp.MustCompile(`\) += [-?0-9]|<unfinished \.\.\.>|^<\.\.\. [a-z0-9_]+ resumed>|^\+\+\+ .* \+\+\+$|^--- SIG`)

// shapeOf tells what kind of journal a line belongs to, "" if it does not tell.
func shapeOf(s string) string {
	if strings.HasPrefix(s, "{") && strings.Contains(s, `"call"`) && strings.Contains(s, `"t"`) {
		return "jsonl"
	}
	_, rest, stamped := cutStamp(s)
	if strings.HasPrefix(rest, "TJ1 ") {
		return "tj1"
	}
	if l, ok := cutLeader(s); ok && straceMark.MatchString(l.rest) {
		return "strace"
	}
	if stamped && rest != "" {
		return "output"
	}
	if untimedCall.MatchString(s) {
		return "strace without times"
	}
	return ""
}

// builder collects what every kind of reader makes.
type builder struct {
	j              Journal
	moreProblems   int
	entriesLeftOut int
	strings        map[string]string // texts of entries: most calls are written like others
	ends           map[ends]*ends
}

// problem notes a line that could not be read.
func (b *builder) problem(n int, what words.Reason) {
	if len(b.j.Problems) >= mostProblems {
		b.moreProblems++
		return
	}
	b.j.Problems = append(b.j.Problems, Problem{File: b.j.Name, Line: n, What: what})
}

// add appends an entry and returns its index, -1 when the journal is full.
func (b *builder) add(e Entry) int {
	if len(b.j.Entries) >= mostEntries {
		b.entriesLeftOut++
		return -1
	}
	b.makeRoom()
	e.Args, e.Errno = b.shared(e.Args), b.shared(e.Errno)
	if e.ends != nil {
		e.ends = b.sharedEnds(e.ends.local, e.ends.remote)
	}
	if e.poll != nil {
		e.poll.text = b.shared(e.poll.text)
	}
	b.j.Entries = append(b.j.Entries, e)
	return len(b.j.Entries) - 1
}

// manyEntries is how long the list of entries grows by doubling. One that is longer gets all its room at once: its entries
// are never copied again, and what it does not use is no memory until it is written to.
const manyEntries = 1 << 14

func (b *builder) makeRoom() {
	n := len(b.j.Entries)
	if n < cap(b.j.Entries) {
		return
	}
	room := max(2*n, 16)
	if n >= manyEntries {
		room = mostEntries
	}
	b.j.Entries = append(make([]Entry, 0, room), b.j.Entries...)
}

// sharedEnds gives addresses in the memory of equal ones.
func (b *builder) sharedEnds(local, remote netip.AddrPort) *ends {
	key := ends{local, remote}
	if key == (ends{}) {
		return nil
	}
	if b.ends == nil {
		b.ends = map[ends]*ends{}
	}
	if b.ends[key] == nil {
		b.ends[key] = &key
	}
	return b.ends[key]
}

// shared gives a text in the memory of an equal one.
func (b *builder) shared(s string) string {
	const most = 1 << 12
	if s == "" {
		return s
	}
	if have, ok := b.strings[s]; ok {
		return have
	}
	if b.strings == nil {
		b.strings = map[string]string{}
	}
	if len(b.strings) < most {
		b.strings[s] = s
	}
	return s
}

// done says what the limits left out and returns the journal.
func (b *builder) done() *Journal {
	last := 0
	if n := len(b.j.Entries); n > 0 {
		last = b.j.Entries[n-1].Line
	}
	if b.j.LeftOut = b.entriesLeftOut; b.entriesLeftOut > 0 {
		b.j.Problems = append(b.j.Problems, Problem{File: b.j.Name, Line: last,
			What: words.CallsLeftOut(b.entriesLeftOut, mostEntries)})
	}
	if b.moreProblems > 0 {
		b.j.Problems = append(b.j.Problems, Problem{File: b.j.Name, Line: b.j.Problems[mostProblems-1].Line,
			What: words.MoreLines(b.moreProblems)})
	}
	b.j.Entries = slices.Clip(b.j.Entries)
	return &b.j
}
