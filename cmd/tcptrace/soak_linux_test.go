package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"tcptrace/sessions/sessionstest"
)

// soakVariable says how long TestSoak takes, as 1h; without it there is none.
const soakVariable = "TCPTRACE_SOAK"

// soakSlack is how much more memory a capture may take at its end than when it had run for a twelfth of its time.
const soakSlack = 1.05

// TestSoak has live follow sessions that come and go without a pause, and holds that its memory does not grow.
func TestSoak(t *testing.T) {
	text := os.Getenv(soakVariable)
	if text == "" {
		t.Skip(soakVariable + " does not say how long: make soak")
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program)
	c.Args = []string{"tcptrace", "live", "-", "--plain", "--no-report"}
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		w := sessionstest.NotebookWorkload()
		w.Concurrent, w.Sessions, w.Packets = 200, 6_000_000, 3_600_000_000 // each is over long before the end
		if err := sessionstest.Generate(in, w); err != nil {
			t.Log(err) // the pipe is closed at the end
		}
		in.Close()
	}()
	end := time.Now().Add(length)
	time.Sleep(length / 12)
	early := medianOf(t, c, length/12)
	for time.Until(end) > length/12 {
		time.Sleep(length / 60)
		t.Logf("%v before the end: %d MiB", time.Until(end).Round(time.Second), resident(t, c)>>20)
	}
	late := medianOf(t, c, time.Until(end))
	_ = c.Process.Kill()
	_ = c.Wait()
	t.Logf("%d MiB early, %d MiB at the end of %v", early>>20, late>>20, length)
	if float64(late) > soakSlack*float64(early) {
		t.Errorf("the memory grew from %d to %d bytes", early, late)
	}
}

// medianOf is the median memory that a process has within a time. What has just not been collected yet makes peaks, on a busy
// machine more of them; what is kept for ever raises the median.
func medianOf(t *testing.T, c *exec.Cmd, within time.Duration) int64 {
	t.Helper()
	var sizes []int64
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(within / 100) {
		sizes = append(sizes, resident(t, c))
	}
	slices.Sort(sizes)
	return sizes[len(sizes)/2]
}

// resident is the memory of a process, in bytes.
func resident(t *testing.T, c *exec.Cmd) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		t.Fatalf("it has ended: %s", status)
	}
	kib, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return kib << 10
}
