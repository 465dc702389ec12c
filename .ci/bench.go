//go:build ignore

// Bench measures tcptrace beside its peers, one after the other on the same captures in one run:
//
//	go run .ci/bench.go [-dir DIR] [-runs 3] [-long]
//
// The captures are generated once and kept in DIR (1.5 GB). A peer that is not installed is named and left out. Each
// line is the best of the runs by wall time; CPU is user and system together, memory the peak of the process.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A contender is one program and how it is called; CAPTURE stands for the file.
type contender struct {
	name, program string
	args          string
}

// peers reads like the table of the README.
func peers(ours string) []contender {
	return []contender{
		{"tcpdump -w /dev/null", "tcpdump", "-r CAPTURE -w /dev/null"},
		{"tcptrace 6.6.7 -nlr", "/usr/bin/tcptrace", "-nlr CAPTURE"},
		{"tshark -z conv,tcp", "tshark", "-r CAPTURE -q -z conv,tcp"},
		{"report --summary --format json", ours, "report CAPTURE --summary --format json"},
		{"report --format json --no-samples", ours, "report CAPTURE --format json --no-samples"},
	}
}

// A measure is what one run cost.
type measure struct {
	wall, cpu time.Duration
	memory    int64 // bytes
}

func main() {
	dir := flag.String("dir", ".bench", "folder for the captures and the program")
	runs := flag.Int("runs", 3, "runs of each, of which the best counts")
	slow := flag.Bool("tshark", false, "with tshark too, which takes minutes")
	long := flag.Bool("long", false, "with the notebook's exchange ten times as long (4.3 GB), for us and tcpdump")
	flag.Parse()
	if err := bench(*dir, *runs, *slow, *long); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(dir string, runs int, slow, long bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	ours, err := filepath.Abs(filepath.Join(dir, "tcptrace"))
	if err != nil {
		return err
	}
	if err := goRun("build", "-o", ours, "./cmd/tcptrace"); err != nil {
		return err
	}
	for _, w := range []struct{ name, workload, times string }{
		{"notebook", "notebook", "1"}, {"bulk", "bulk", "1"}, {"halfopen", "halfopen", "1"}, {"islands", "islands", "1"}, {"long", "notebook", "10"},
	} {
		if w.name == "long" && !long {
			continue
		}
		capture := filepath.Join(dir, w.name+".pcap")
		if _, err := os.Stat(capture); err != nil {
			if err := goRun("run", "./sessions/sessionstest/generate", "-workload", w.workload, "-times", w.times, "-o", capture); err != nil {
				return err
			}
		}
		size, err := os.Stat(capture)
		if err != nil {
			return err
		}
		fmt.Printf("\n%s (%d MB)\n%-36s %9s %9s %9s\n", w.name, size.Size()/1e6, "", "wall s", "CPU s", "MiB")
		for _, c := range peers(ours) {
			foreign := c.program != ours
			if c.program == "tshark" && !slow || w.name == "long" && foreign && c.program != "tcpdump" {
				continue
			}
			if _, err := exec.LookPath(c.program); err != nil {
				fmt.Printf("%-36s not installed\n", c.name)
				continue
			}
			best, err := measured(c, capture, runs)
			if err != nil {
				fmt.Printf("%-36s %v\n", c.name, err)
				continue
			}
			fmt.Printf("%-36s %9.2f %9.2f %9.0f\n", c.name, best.wall.Seconds(), best.cpu.Seconds(), float64(best.memory)/(1<<20))
		}
	}
	return nil
}

func goRun(args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd.Run()
}

// measured runs a contender several times and gives its fastest run.
func measured(c contender, capture string, runs int) (best measure, err error) {
	for n := range runs {
		cmd := exec.Command(c.program, strings.Fields(strings.ReplaceAll(c.args, "CAPTURE", capture))...)
		cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
		started := time.Now()
		if err := cmd.Run(); err != nil {
			return best, err
		}
		m := measure{time.Since(started), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peak(cmd.ProcessState)}
		if n == 0 || m.wall < best.wall {
			best = m
		}
	}
	return best, nil
}

// peak is the largest resident size a process had.
func peak(p *os.ProcessState) int64 {
	if u, ok := p.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss * 1024 // Linux counts KiB
	}
	return 0
}
