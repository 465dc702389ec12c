package tui

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"tcptrace/findings"
	"tcptrace/internal/testfiles"
	"tcptrace/render"
	"tcptrace/render/screen"
	"tcptrace/sessions"
	"tcptrace/sessions/sessionstest/examples"
)

// opened is a view of a genuine capture on a screen.
func opened(t testing.TB, name, lang string, width, height int) *model {
	t.Helper()
	tr := examples.Genuine(t, name)
	m := newModel(Options{Lang: lang, Ladder: render.LadderOptions{Lang: lang}})
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	m.Update(shown{tr, findings.Find(tr, findings.Options{})})
	return m
}

// press sends keys by their names.
func press(m *model, keys ...string) (quit bool) {
	special := map[string]tea.Key{"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "space": {Code: tea.KeySpace, Text: " "}, "down": {Code: tea.KeyDown},
		"pgdown": {Code: tea.KeyPgDown}, "tab": {Code: tea.KeyTab}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}}
	for _, k := range keys {
		key, ok := special[k]
		if !ok {
			key = tea.Key{Code: []rune(k)[0], Text: k}
		}
		_, cmd := m.Update(tea.KeyPressMsg(key))
		if cmd != nil {
			if _, isQuit := cmd().(tea.QuitMsg); isQuit {
				quit = true
			}
		}
	}
	return quit
}

// checkScreen holds that what is drawn has exactly the size of the screen.
func checkScreen(t *testing.T, m *model) []string {
	t.Helper()
	lines := m.draw()
	if m.fault != nil {
		t.Fatal(m.fault)
	}
	if len(lines) != m.sc.Height {
		t.Errorf("%d lines on a screen of %d", len(lines), m.sc.Height)
	}
	for _, line := range lines {
		if screen.Width(line) > m.sc.Width {
			t.Errorf("%d columns on a screen of %d: %q", screen.Width(line), m.sc.Width, line)
		}
	}
	return lines
}

// TestScreens are the views at three sizes in both languages.
func TestScreens(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}} {
		for _, lang := range []string{"es", "en"} {
			m := opened(t, "pico-second-client", lang, size[0], size[1])
			var all strings.Builder
			for _, step := range [][]string{nil, {"down", "enter"}, {"j", "j", "j", "enter"}, {"esc", "t"}, {"enter"}, {"n"}, {"4"}, {"?"}} {
				press(m, step...)
				fmt.Fprintf(&all, "=== %s\n%s\n", strings.Join(step, " "), strings.Join(checkScreen(t, m), "\n"))
			}
			testfiles.Golden(t, filepath.Join("testdata", fmt.Sprintf("screens.%s.%dx%d.txt", lang, size[0], size[1])), []byte(all.String()))
		}
	}
}

// TestKeys holds what keys do.
func TestKeys(t *testing.T) {
	m := opened(t, "pico-second-client", "en", 80, 24)
	for _, k := range []string{"q", "ctrl+c"} {
		if !press(m, k) {
			t.Errorf("%s does not leave", k)
		}
	}
	press(m, "G")
	if got := m.places[viewSessions].cursor; got != 2 {
		t.Errorf("G goes to %d", got)
	}
	m.Update(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	if got := m.places[viewSessions].cursor; got != 0 {
		t.Errorf("the wheel goes to %d", got)
	}
	press(m, "G", "enter")
	if m.view != viewTable || m.session.ID != 3 {
		t.Errorf("Enter opens view %d, session %d", m.view, m.session.ID)
	}
	folded := m.count()
	press(m, "space")
	if m.session.ID == 3 && m.count() < folded {
		t.Error("unfolded tables are not shorter")
	}
	press(m, "3", "enter")
	frame := m.found[0].Frames[0]
	if m.view != viewTable || m.frame() != frame {
		t.Errorf("a finding opens view %d at frame %d, want %d", m.view, m.frame(), frame)
	}
	press(m, "n")
	if m.frame() != m.found[0].Frames[1] {
		t.Errorf("n goes to frame %d, want %d", m.frame(), m.found[0].Frames[1])
	}
	press(m, "esc")
	if m.view != viewFindings {
		t.Errorf("Esc goes back to view %d", m.view)
	}
	press(m, "1", "g", "/", "9", "0", "0", "0", "enter")
	if len(m.list) != 2 {
		t.Errorf("%d sessions match", len(m.list))
	}
	press(m, "esc")
	if len(m.list) != 3 {
		t.Errorf("%d sessions after Esc", len(m.list))
	}
	press(m, "space", "space")
	if m.order != 2 || m.list[0].Packets[0]+m.list[0].Packets[1] < m.list[1].Packets[0]+m.list[1].Packets[1] {
		t.Error("the sessions are not ordered by packets")
	}
	press(m, "tab", "tab", "tab", "tab")
	if m.view != viewSessions {
		t.Errorf("four times the next view is %d", m.view)
	}
}

// TestExport holds that e asks for a form and gives it with the session.
func TestExport(t *testing.T) {
	m := opened(t, "pico-second-client", "en", 80, 24)
	var got []string
	m.o.Export = func(form Form, session int) (string, error) {
		got = append(got, fmt.Sprint(form, session))
		return "file", nil
	}
	press(m, "down", "e", "m", "enter", "e", "c", "3", "e", "s", "e", "x")
	if fmt.Sprint(got) != "[0 2 2 2 1 0]" {
		t.Errorf("exported %v", got)
	}
}

// TestFreeze holds that a frozen view stays as it is, and shows the latest afterwards.
func TestFreeze(t *testing.T) {
	m := opened(t, "pico-normal", "en", 80, 24)
	press(m, "f")
	other := examples.Genuine(t, "pico-second-client")
	m.Update(shown{other, nil})
	if len(m.list) != 2 {
		t.Error("a frozen view changed")
	}
	press(m, "f")
	if len(m.list) != 3 {
		t.Error("the view does not show the latest")
	}
}

// TestAnySize holds that the view can be drawn at any size and resized with anything open.
func TestAnySize(t *testing.T) {
	m := opened(t, "unix-lo-strace", "es", 80, 24)
	for _, step := range [][]string{nil, {"enter"}, {"pgdown", "enter"}, {"3"}, {"G"}, {"4"}, {"?"}, {"x", "/"}} {
		press(m, step...)
		for _, size := range [][2]int{{1, 1}, {20, 5}, {30, 8}, {60, 16}, {200, 60}, {80, 24}} {
			m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			if lines := checkScreen(t, m); len(lines) != size[1] {
				t.Errorf("%v: %d lines", size, len(lines))
			}
		}
	}
}

// TestFault holds that a panic ends the view and is told, without a Go trace on the screen.
func TestFault(t *testing.T) {
	m := opened(t, "pico-normal", "en", 80, 24)
	m.list = []*sessions.Session{nil}
	m.View()
	if m.fault == nil {
		t.Fatal("no fault")
	}
	if _, cmd := m.Update(told("x")); cmd == nil {
		t.Error("the view goes on after a fault")
	}
}

// BenchmarkScroll moves through a table of very many rows: a screen is drawn from what is seen alone.
func BenchmarkScroll(b *testing.B) {
	for _, rows := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			s := &sessions.Session{ID: 1, Shown: true}
			for i := range rows {
				s.Steps = append(s.Steps, sessions.Step{Frame: int64(i + 1), Time: int64(i) * int64(time.Millisecond), From: sessions.Side(i % 2), Length: 10, Offset: int64(i/2) * 10,
					States: sessions.Pair[sessions.State]{sessions.Established, sessions.Established}, Marks: sessions.MarkNewData})
			}
			m := newModel(Options{Lang: "en", Ladder: render.LadderOptions{Lang: "en"}, Start: 1})
			m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
			m.Update(shown{&sessions.Trace{Sessions: []*sessions.Session{s}}, nil})
			press(m, "space")
			if m.count() < rows {
				b.Fatalf("%d rows", m.count())
			}
			for b.Loop() {
				press(m, "pgdown")
				m.View()
			}
		})
	}
}
