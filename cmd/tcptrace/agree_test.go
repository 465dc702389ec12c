package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tcptrace/endpoints"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest"
)

// said are the findings of a JSON report: code, sessions concerned, English text.
func said(t *testing.T, args ...string) (out []string) {
	t.Helper()
	p := command(t, append([]string{"report"}, args...)...)
	var report struct {
		Findings []struct {
			Code  string
			Count int `json:"session_count"`
			Text  struct{ EN string }
		}
	}
	if err := json.Unmarshal([]byte(p.out), &report); err != nil {
		t.Fatalf("%v: %v %s", args, err, p.err)
	}
	for _, f := range report.Findings {
		out = append(out, strings.Join([]string{f.Code, f.Text.EN}, ": "))
	}
	return out
}

// TestFindingsAgree holds that every command and format tells the same of one capture: all misbehaviours of the lab, and a
// capture of more sessions than are examined together.
func TestFindingsAgree(t *testing.T) {
	dir := t.TempDir()
	var captures []string
	for _, kind := range endpoints.ScenarioNames()[1:] {
		out := filepath.Join(dir, kind)
		if p := command(t, "demo", "--misbehave", kind, "-o", out); p.code != 0 {
			t.Fatalf("%s: %s", kind, p.err)
		}
		captures = append(captures, filepath.Join(out, "session.pcapng"))
	}
	many := filepath.Join(dir, "many.pcap")
	f, err := os.Create(many)
	if err != nil {
		t.Fatal(err)
	}
	w := sessionstest.NotebookWorkload()
	w.Sessions, w.Concurrent, w.Packets = 900, 60, 90_000
	if err := sessionstest.Generate(f, w); err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, c := range append(captures, many) {
		want := said(t, c, "--format", "json", "--no-samples")
		if c == many && len(want) == 0 {
			t.Error("nothing is found in 900 sessions")
		}
		for _, args := range [][]string{{"--format", "json"}, {"--summary", "--format", "json"}, {"--format", "json", "--workers", "1"}, {"--format", "json", "--rows"}} {
			if got := said(t, append([]string{c}, args...)...); !slices.Equal(got, want) {
				t.Errorf("%s %v says\n%s\nbut --no-samples\n%s", filepath.Base(filepath.Dir(c)), args, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		report, explain := command(t, "report", c), command(t, "explain", c)
		for _, line := range want {
			code, _, _ := strings.Cut(line, ":")
			if !strings.Contains(report.out, "`"+code+"`: ") || !strings.Contains(explain.out, "`"+code+"`") {
				t.Errorf("%s: report or explain does not tell of %s", c, code)
			}
		}
	}
}

// TestCountsAgree holds that a finding counts every session: the spurious repetitions of a large capture in the CSV's column, in
// the findings of the report and in those of the summary.
func TestCountsAgree(t *testing.T) {
	many := filepath.Join(t.TempDir(), "many.pcap")
	f, err := os.Create(many)
	if err != nil {
		t.Fatal(err)
	}
	w := sessionstest.NotebookWorkload()
	w.Sessions, w.Concurrent, w.Packets = 1500, 100, 150_000
	if err := sessionstest.Generate(f, w); err != nil {
		t.Fatal(err)
	}
	f.Close()
	var report struct {
		Sessions []struct{ Spurious [2]int }
		Findings []struct {
			Code  string
			Count int `json:"session_count"`
		}
	}
	if err := json.Unmarshal([]byte(command(t, "report", many, "--format", "json", "--no-samples").out), &report); err != nil {
		t.Fatal(err)
	}
	sessionsWith, told := 0, 0
	for _, s := range report.Sessions {
		if s.Spurious[0] > 0 {
			sessionsWith++
		}
		if s.Spurious[1] > 0 {
			sessionsWith++
		}
	}
	for _, f := range report.Findings {
		if f.Code == "spurious-retransmission" {
			told += f.Count
		}
	}
	if sessionsWith == 0 || sessionsWith != told {
		t.Errorf("%d sides of sessions have spurious repetitions, findings tell of %d", sessionsWith, told)
	}
	if len(report.Sessions) <= sessions.ExaminedSessions {
		t.Errorf("only %d sessions", len(report.Sessions))
	}
}

// TestPlotsAgreeWithFindings holds that the caption of the phase plot and the finding loop-echo say the same of 20 runs of the lab.
func TestPlotsAgreeWithFindings(t *testing.T) {
	for i := range 20 {
		out := filepath.Join(t.TempDir(), "run")
		args := []string{"demo", "-o", out, "--seconds", "40", "--seed", strconv.Itoa(i + 1), "--loss", []string{"0", "2", "4"}[i%3],
			"--delay", []string{"1ms", "10ms", "20ms", "60ms"}[i%4]}
		if i%5 == 4 {
			args = append(args, "--fixed")
		}
		if p := command(t, args...); p.code != 0 {
			t.Fatalf("%v: %s", args, p.err)
		}
		svg, err := os.ReadFile(filepath.Join(out, "phase.svg"))
		if err != nil {
			continue // too few echoes came through
		}
		report, err := os.ReadFile(filepath.Join(out, "report.md"))
		if err != nil {
			t.Fatal(err)
		}
		if locked, told := strings.Contains(string(svg), "one loop does both"), strings.Contains(string(report), "`loop-echo`"); locked != told {
			t.Errorf("%v: the plot says locked %v, the report loop-echo %v", args, locked, told)
		}
	}
}

// TestTypedRhythm holds that a person who types has no cadence, and that nothing is claimed of a rhythm that is none.
func TestTypedRhythm(t *testing.T) {
	for _, name := range []string{"unix-lo-strace", "pico-normal", "pico-second-client"} {
		var report struct {
			Sessions []struct {
				Server  string
				Cadence *struct {
					Steady bool
					Drift  *float64 `json:"drift_ppm"`
				}
			}
		}
		p := command(t, "report", testfiles.Genuine(t, name, "capture.pcap"), "--format", "json")
		if err := json.Unmarshal([]byte(p.out), &report); err != nil {
			t.Fatal(err)
		}
		for _, s := range report.Sessions {
			if strings.HasSuffix(s.Server, ":9000") && s.Cadence != nil {
				t.Errorf("%s: what is typed into the echo has a cadence", name)
			}
			if c := s.Cadence; c != nil && !c.Steady && c.Drift != nil {
				t.Errorf("%s: a drift of what is not steady", name)
			}
		}
	}
}

// TestFramesBeyondTheListed explains frames of sessions that a report counts only, in a capture with many at once.
func TestFramesBeyondTheListed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "many.pcap")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := sessionstest.NotebookWorkload()
	w.Packets, w.Sessions, w.Concurrent = 60_000, 3000, 600
	if err := errors.Join(sessionstest.Generate(f, w), f.Close()); err != nil {
		t.Fatal(err)
	}
	for _, frame := range []string{"50", "30000", "59000"} {
		if p := command(t, "explain", file, "--frame", frame); p.code != exitOK || !strings.Contains(p.out, frame) {
			t.Errorf("frame %s: exit code %d, %s", frame, p.code, p.err)
		}
	}
}
