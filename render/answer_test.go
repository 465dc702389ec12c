package render_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tcptrace/findings"
	"tcptrace/internal/testfiles"
	"tcptrace/render"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest/examples"
)

// TestAnswers are the short answers of genuine captures, in both languages and two sizes of terminal.
func TestAnswers(t *testing.T) {
	for _, name := range []string{"pico-normal", "pico-table1", "pico-second-client", "table2-nonblocking"} {
		tr := examples.Genuine(t, name)
		found := findings.Find(tr, findings.Options{})
		for _, lang := range []string{"es", "en"} {
			for _, size := range [][2]int{{80, 24}, {120, 40}} {
				sc := &screen.Screen{Width: size[0], Height: size[1]}
				lines := render.Answer(tr, render.AnswerOptions{Lang: lang, Ladder: render.LadderOptions{Lang: lang}, Findings: found, Path: "session.pcap"}, sc)
				checkLines(t, name, lines, sc)
				if len(lines) > 2*max(size[1], 24) {
					t.Errorf("%s %s %v: %d lines", name, lang, size, len(lines))
				}
				testfiles.Golden(t, filepath.Join("testdata", "answer", fmt.Sprintf("%s.%s.%d.txt", name, lang, size[0])), []byte(strings.Join(lines, "\n")+"\n"))
			}
		}
	}
}

func checkLines(t *testing.T, name string, lines []string, sc *screen.Screen) {
	t.Helper()
	for _, line := range lines {
		if screen.Width(line) > sc.Width && !strings.HasPrefix(line, "  tcptrace ") {
			t.Errorf("%s at %d columns: %q", name, sc.Width, line)
		}
	}
}

// TestAnswersOfEverything holds that the answer, long and short, of any example fits its screen and says something.
func TestAnswersOfEverything(t *testing.T) {
	for name, tr := range examples.All() {
		for _, width := range []int{60, 80, 200} {
			sc := &screen.Screen{Width: width, Height: 24, ASCII: width == 60, Colour: width == 200}
			found := findings.Find(tr, findings.Options{})
			o := render.ReportOptions{Lang: "es", Findings: found}
			lines := render.Answer(tr, render.AnswerOptions{Lang: "es", Findings: found, Path: "it's here.pcap", Ladder: render.LadderOptions{Lang: "es"}}, sc)
			checkLines(t, name, lines, sc)
			long := render.LongAnswer(tr, o, sc)
			checkLines(t, name, long, sc)
			if len(lines) < 3 || len(long) < 3 || strings.Contains(strings.Join(append(lines, long...), ""), "%!") {
				t.Errorf("%s: %q", name, lines)
			}
			if text := strings.Join(lines, "\n"); len(tr.Sessions) > 0 && !strings.Contains(text, `'it'\''s here.pcap'`) {
				t.Errorf("%s: the file is not quoted for a shell:\n%s", name, text)
			}
		}
	}
}

// TestFindingsAreNeverCut holds that every word of a finding that is shown is there, however narrow the terminal.
func TestFindingsAreNeverCut(t *testing.T) {
	tr := examples.Genuine(t, "pico-normal")
	found := findings.Find(tr, findings.Options{})
	for _, width := range []int{40, 60, 80} {
		sc := &screen.Screen{Width: width, Height: 24}
		text := strings.Join(strings.Fields(strings.Join(render.Answer(tr, render.AnswerOptions{Lang: "en", Findings: found, Ladder: render.LadderOptions{Lang: "en"}}, sc), " ")), " ")
		if !strings.Contains(strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(found[0].Text.EN, " ", "")) {
			t.Errorf("at %d columns the first finding is cut:\n%s", width, text)
		}
	}
}

// TestTableIsTheTable holds that a terminal's rows are those of the ladder, at any width.
func TestTableIsTheTable(t *testing.T) {
	tr := examples.Genuine(t, "pico-table1")
	s := tr.Sessions[0]
	for _, width := range []int{60, 80, 120, 300} {
		v := render.NewLadderView(s, tr, render.LadderOptions{Lang: "en"}, &screen.Screen{Width: width, Height: 24})
		if v.Len() != len(v.Table.Rows) || v.Len() == 0 {
			t.Fatalf("%d rows, %d in the table", v.Len(), len(v.Table.Rows))
		}
		for i := range v.Len() {
			line, r := v.Row(i), &v.Table.Rows[i]
			for _, side := range []sessions.Side{sessions.Client, sessions.Server} {
				if st := r.Sides[side].State; st.Shown && !strings.Contains(line, st.TCP.String()) {
					t.Errorf("width %d, row %d: no %v in %q", width, i, st.TCP, line)
				}
			}
		}
		if all := strings.Contains(v.Header(), "S: Result"); all != (width == 300) {
			t.Errorf("at %d columns the header is %q", width, v.Header())
		}
	}
}

// TestSparkline holds that the highest block is the largest value's, and that nothing is a space.
func TestSparkline(t *testing.T) {
	for _, c := range []struct {
		values []int64
		want   string
	}{{nil, ""}, {[]int64{0, 0}, ""}, {[]int64{1, 8}, "▂█"}, {[]int64{8, 0, 1, 4}, "█ ▂▅"}, {[]int64{1, 1, 1, 1, 1, 1, 1, 1, 1, 9}, "▂▂▂▂█"}} {
		if got := render.Sparkline(c.values, 5); got != c.want {
			t.Errorf("%v: %q, want %q", c.values, got, c.want)
		}
	}
}
