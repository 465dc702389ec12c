package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tcptrace/internal/testfiles"
)

// A rig is a folder in which something goes wrong.
type rig struct {
	t   *testing.T
	dir string
	cmd *exec.Cmd
	err bytes.Buffer
}

// start starts tcptrace in the rig's folder; a prefix is what a shell does before.
func (r *rig) start(prefix, line string) {
	r.t.Helper()
	program, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	r.err.Reset()
	// The shell gives the test's binary the name under which it is tcptrace.
	r.cmd = exec.Command("bash", "-c", prefix+"exec -a tcptrace "+program+" "+line)
	r.cmd.Dir, r.cmd.Stderr, r.cmd.Env = r.dir, &r.err, append(os.Environ(), "LC_ALL=C", "GOGC=", "GOCOVERDIR="+r.t.TempDir())
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
}

// end waits for tcptrace and gives its exit code and first word to the user.
func (r *rig) end() outcome {
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	said, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(r.err.String(), "\n")), "\n")
	return outcome{code: r.cmd.ProcessState.ExitCode(), said: said}
}

func (r *rig) run(prefix, line string) outcome {
	r.t.Helper()
	r.start(prefix, line)
	return r.end()
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) write(name, content string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(r.path(name), []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// has checks what a file holds.
func (r *rig) has(name, content string) {
	r.t.Helper()
	if b, err := os.ReadFile(r.path(name)); err != nil || string(b) != content {
		r.t.Errorf("%s: %.40q, %v", name, b, err)
	}
}

// whole checks that a folder has a report, and nothing half written.
func (r *rig) whole(dir string) {
	r.t.Helper()
	entries, err := os.ReadDir(r.path(dir))
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if !slices.Contains(names, "report.md") || slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix(name, ".part") }) {
		r.t.Errorf("%s has %v", dir, names)
	}
}

// An outcome is how a command ended.
type outcome struct {
	code int
	said string
	left string // what is there afterwards, checked by the fault
}

func (o outcome) leaving(what string) outcome {
	o.left = what
	return o
}

// faults are what can go wrong around a command, each made here.
var faults = []struct {
	name string
	make func(r *rig) outcome
}{
	{"a file grows beyond what the user may write (`ulimit -f`)", func(r *rig) outcome {
		r.run("", "report session.pcap -o out >/dev/null")
		o := r.run("ulimit -f 8; ", "report session.pcap -o out >/dev/null")
		r.whole("out")
		return o.leaving("the report that was there before, whole")
	}},
	{"standard output is a full disk", func(r *rig) outcome { return r.run("", "report session.pcap >/dev/full").leaving("nothing") }},
	{"the reader of a pipe has gone", func(r *rig) outcome {
		return r.run("", "report session.pcap | true").leaving("nothing")
	}},
	{"`kill -9` while a folder is written, then another run", func(r *rig) outcome {
		for i := range 8 {
			r.start("", "report session.pcap -o out >/dev/null")
			time.Sleep(time.Duration(5+i*7) * time.Millisecond)
			_ = r.cmd.Process.Kill()
			_ = r.cmd.Wait()
		}
		old := time.Now().Add(-time.Hour)
		parts, _ := filepath.Glob(r.path("out/.tcptrace-*.part"))
		for _, part := range parts {
			_ = os.Chtimes(part, old, old)
		}
		o := r.run("", "report session.pcap -o out >/dev/null")
		r.whole("out")
		return o.leaving("the report, whole; what the killed runs left is removed")
	}},
	{"a symbolic link where a file is to be written", func(r *rig) outcome {
		r.write("victim", "mine")
		if err := os.Symlink("victim", r.path("echo.svg")); err != nil {
			r.t.Fatal(err)
		}
		o := r.run("", "plot session.pcap --kind echo -o echo.svg")
		r.has("victim", "mine")
		return o.leaving("the link, and what it leads to, as they were")
	}},
	{"somebody's file where one is to be written", func(r *rig) outcome {
		r.write("out/report.md", "mine")
		o := r.run("", "report session.pcap -o out >/dev/null")
		r.has("out/report.md", "mine")
		return o.leaving("the file as it was, and nothing beside it")
	}},
	{"a file of tcptrace that was edited since", func(r *rig) outcome {
		r.run("", "lecture -o class.md")
		r.write("class.md", "mine")
		o := r.run("", "lecture -o class.md")
		r.has("class.md", "mine")
		return o.leaving("the file as it was")
	}},
	{"two runs into one folder at once", func(r *rig) outcome {
		other := &rig{t: r.t, dir: r.dir}
		for range 20 {
			_ = os.RemoveAll(r.path("out"))
			r.start("", "report session.pcap -o out >/dev/null")
			other.start("", "report session.pcap -o out >/dev/null")
			a, b := r.end(), other.end()
			r.whole("out")
			if a.code == exitOutput {
				return a.leaving("the files of one of them, whole")
			}
			if b.code == exitOutput {
				return b.leaving("the files of one of them, whole")
			}
		}
		r.t.Error("the runs never met")
		return outcome{}
	}},
	{"a capture that ends inside a packet", func(r *rig) outcome {
		whole, err := os.ReadFile(r.path("session.pcap"))
		if err != nil {
			r.t.Fatal(err)
		}
		r.write("session.pcap", string(whole[:len(whole)-7]))
		return r.run("", "report session.pcap >/dev/null").leaving("the report of all packets before")
	}},
	{"a power cut: zeros behind the last block that was synced", func(r *rig) outcome {
		r.run("", "demo -o demo >/dev/null")
		whole, err := os.ReadFile(r.path("demo/session.pcapng"))
		if err != nil {
			r.t.Fatal(err)
		}
		r.write("session.pcapng", string(whole)+strings.Repeat("\x00", 4096))
		return r.run("", "report session.pcapng >/dev/null").leaving("the report of all packets before")
	}},
	{"a file that is no capture", func(r *rig) outcome {
		r.write("poem.txt", "Roses are red, and this is no capture at all.\n")
		return r.run("", "report poem.txt").leaving("nothing")
	}},
	{"notes that never end", func(r *rig) outcome { return r.run("", "lecture --into /dev/zero").leaving("nothing") }},
	{"a journal that never ends", func(r *rig) outcome {
		return r.run("", "report session.pcap --calls client=/dev/zero >/dev/null").leaving("nothing")
	}},
	{"Ctrl-C while a pipe is silent", func(r *rig) outcome { return r.interrupted(syscall.SIGINT) }},
	{"SIGTERM while a pipe is silent", func(r *rig) outcome { return r.interrupted(syscall.SIGTERM) }},
	{"SIGQUIT while a pipe is silent", func(r *rig) outcome { return r.interrupted(syscall.SIGQUIT) }},
}

// interrupted signals a command that waits for a pipe that nobody writes to, which must end within a second.
func (r *rig) interrupted(s syscall.Signal) outcome {
	r.t.Helper()
	if err := syscall.Mkfifo(r.path("pipe"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.start("", "lecture --check pipe --capture session.pcap")
	time.Sleep(400 * time.Millisecond)
	began := time.Now()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
	o := r.end()
	if d := time.Since(began); d > time.Second {
		r.t.Errorf("signal %v: it took %v", s, d)
	}
	return o.leaving("nothing")
}

// elsewhere are the faults that other tests make, which need a network, a board, an hour or the inside of a package.
var elsewhere = []struct{ fault, outcome, test, file string }{
	{"the disk is full while a report is written", "the folder is as it was; exit code 4", "TestFullDisk", "cmd/tcptrace/reliability_linux_test.go"},
	{"a capture's file is deleted, replaced or cut while `live -w` writes it", "told within a second; its packets are no longer called saved; exit code 4", "TestSaveNoticesOthers", "capture/live_save_test.go"},
	{"a row of files is started again where an older one lies", "it goes on after the highest number; nothing is replaced, deleted or lost", "TestSaveRingGoesOn", "capture/live_save_test.go"},
	{"a run that saves a row of files is killed", "the next run gives what it saved its name and says so", "TestSaveRingFindsWhatAKilledRunLeft", "capture/live_save_test.go"},
	{"the disk is full while `live -w` writes", "the file is cut back to whole packets; the capture goes on; exit code 4", "TestSaveCutsBack", "capture/live_save_test.go"},
	{"the interface goes down, is renamed or gets another MTU", "told; the capture goes on", "TestLiveInterfaceChanges", "capture/live_linux_test.go"},
	{"the clock is set while packets are captured", "told; times before and after are not compared", "TestClockSetBackIsTold", "capture/interfaces_linux_test.go"},
	{"a mistake of the program comes to light at a packet", "one sentence that names the packet, after what was good; `live` goes on saving; exit code 2", "TestAPanicIsAFault", "sessions/fault_test.go"},
	{"400,000 attempts to connect that nobody answers", "all are counted, and let go when 131,072 others have been made since", "TestAttemptsAreLetGo", "sessions/workers_test.go"},
	{"datagrams to the journal's port from strangers", "counted, and not read", "TestStrayDatagrams", "sessions/ladder/calls_test.go"},
	{"a client that sends and never reads", "it is not read any more; the others are served", "TestGreedyClient", "endpoints/greedy_test.go"},
	{"the process that reads packets is taken over", "it has no capability, writes into its folders only and starts no program", "TestLiveGivesPrivilegesUp", "cmd/tcptrace/live_linux_test.go"},
	{"malformed and hostile captures", "each ends with a word and an exit code of its kind", "TestHostileFiles", "cmd/tcptrace/hostile_test.go"},
}

// TestFullDisk writes a report into a file system that it does not fit into, beside an older one that does.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: a file system is mounted")
	}
	r := &rig{t: t, dir: t.TempDir()}
	if err := syscall.Mount("tmpfs", r.dir, "tmpfs", 0, "size=160k"); err != nil {
		t.Skipf("no file system can be mounted: %v", err)
	}
	defer func() { _ = syscall.Unmount(r.dir, 0) }()
	genuine := testfiles.Genuine(t, "pico-normal", "capture.pcap")
	if o := r.run("", "report "+genuine+" --summary -o out >/dev/null"); o.code != exitOK {
		t.Fatal(o)
	}
	before, err := os.ReadFile(r.path("out/report.md"))
	if err != nil {
		t.Fatal(err)
	}
	if o := r.run("", "report "+genuine+" -o out >/dev/null"); o.code != exitOutput || !strings.Contains(o.said, "no space left") {
		t.Errorf("%+v", o)
	}
	r.has("out/report.md", string(before))
	r.whole("out")
}

const reliabilityHead = `# What goes wrong, and what comes of it

This page is written by the tests that make the faults (` + "`go test ./cmd/tcptrace -run TestReliability -update`" + `), so that it says what
happens and not what was meant to. Exit codes: 0 fine, 1 usage, 2 results given but the input was damaged, 3 not a capture, 4 cannot write the
output, 5 permission, 6 a limit was hit, 7 a check found something wrong, 130 interrupted.

| **Fault** | **Exit code** | **What is said first** | **What is left** |
| --- | --- | --- | --- |
`

// TestReliability makes every fault and holds docs/reliability.md to what came of it.
func TestReliability(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	genuine, err := os.ReadFile(testfiles.Genuine(t, "pico-normal", "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	page.WriteString(reliabilityHead)
	for _, f := range faults {
		t.Run(strings.Map(func(r rune) rune {
			if r == '`' || r == '/' {
				return -1
			}
			return r
		}, f.name), func(t *testing.T) {
			r := &rig{t: t, dir: t.TempDir()}
			r.write("session.pcap", string(genuine))
			o := f.make(r)
			if goTrace.MatchString(r.err.String()) {
				t.Errorf("a Go trace: %s", r.err.String())
			}
			fmt.Fprintf(&page, "| %s | %d | %s | %s |\n", f.name, o.code, quoted(o.said), o.left)
		})
	}
	page.WriteString("\nOther faults need a network, a board, or the inside of a package:\n\n| **Fault** | **Outcome** | **Test** |\n| --- | --- | --- |\n")
	for _, e := range elsewhere {
		source, err := os.ReadFile(filepath.Join(testfiles.Root(t), e.file))
		if err != nil || !bytes.Contains(source, []byte("func "+e.test+"(")) {
			t.Errorf("no %s in %s: %v", e.test, e.file, err)
		}
		fmt.Fprintf(&page, "| %s | %s | `%s` in `%s` |\n", e.fault, e.outcome, e.test, e.file)
	}
	testfiles.Golden(t, filepath.Join(testfiles.Root(t), "docs", "reliability.md"), []byte(page.String()))
}

// quoted is a message without what differs from run to run.
func quoted(said string) string {
	if said == "" {
		return "nothing"
	}
	return "`" + regexp.MustCompile(`/tmp/\S*/|\bout/`).ReplaceAllString(strings.TrimPrefix(said, "tcptrace: "), "") + "`"
}
