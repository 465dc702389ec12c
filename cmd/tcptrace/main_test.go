package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"tcptrace/cmd/tcptrace/internal/sandbox"
	"tcptrace/internal/testfiles"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tcptrace": main})
}

// TestScripts runs the command as a user does: testdata/script has one file a topic.
func TestScripts(t *testing.T) {
	genuine, err := filepath.Abs(filepath.Join("..", "..", "testdata", "genuine"))
	if err != nil {
		t.Fatal(err)
	}
	notebook, err := filepath.Abs(filepath.Join("..", "..", "notebook", "programs"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"), UpdateScripts: *testfiles.Update,
		RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("genuine", genuine)
			env.Setenv("notebook", notebook)
			env.Setenv("LC_ALL", "C")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": scriptCode, "json": scriptJSON, "columns": scriptColumns, "head": scriptHead, "replace": scriptReplace, "join": scriptJoin,
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "devfull":
				_, err := os.Stat("/dev/full")
				return err == nil, nil
			case "root":
				return os.Geteuid() == 0, nil
			case "confine":
				return sandbox.CanConfine() == nil, nil
			case "python":
				_, err := exec.LookPath("python3")
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}

// scriptCode is `code N ARGS…`: tcptrace with ARGS ends with exit code N.
func scriptCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: code N ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("tcptrace", args[1:]...)
	got := 0
	if err != nil {
		text := err.Error()
		got, err = strconv.Atoi(strings.TrimPrefix(text, "exit status "))
		if err != nil {
			ts.Fatalf("tcptrace ended with %s", text)
		}
	}
	if got != want {
		ts.Fatalf("tcptrace ended with code %d, want %d", got, want)
	}
}

// scriptJSON is `json FILE PATH VALUE`: in FILE, "stdout" being the last output, the value at PATH
// (sessions.0.end, sessions.length) is VALUE.
func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH VALUE")
	}
	var v any
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	d.UseNumber()
	ts.Check(d.Decode(&v))
	for part := range strings.SplitSeq(args[1], ".") {
		switch x := v.(type) {
		case map[string]any:
			value, ok := x[part]
			if !ok {
				ts.Fatalf("no field %q on the way %s", part, args[1])
			}
			v = value
		case []any:
			if part == "length" {
				v = len(x)
				continue
			}
			n, err := strconv.Atoi(part)
			if err != nil || n >= len(x) {
				ts.Fatalf("no element %q on the way %s", part, args[1])
			}
			v = x[n]
		default:
			ts.Fatalf("nothing below %q on the way %s", part, args[1])
		}
	}
	if got := fmt.Sprint(v); (got == args[2]) == neg {
		ts.Fatalf("%s is %s", args[1], got)
	}
}

// scriptColumns is `columns N`: no line of the last output is longer than N columns.
func scriptColumns(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: columns N")
	}
	limit, err := strconv.Atoi(args[0])
	ts.Check(err)
	for line := range strings.SplitSeq(ts.ReadFile("stdout"), "\n") {
		if utf8.RuneCountInString(line) > limit {
			ts.Fatalf("longer than %d columns: %s", limit, line)
		}
	}
}

// scriptReplace is `replace FROM OLD NEW TO`: TO gets FROM with every OLD as NEW.
func scriptReplace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: replace FROM OLD NEW TO")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), args[1], args[2])
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(text), 0o600))
}

// scriptHead is `head N FROM TO`: TO gets the first N bytes of FROM.
func scriptHead(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: head N FROM TO")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text[:min(n, len(text))]), 0o600))
}

// scriptJoin is `join TO FROM…`: TO gets the bytes of all FROM.
func scriptJoin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: join TO FROM...")
	}
	var all []byte
	for _, from := range args[1:] {
		all = append(all, ts.ReadFile(from)...)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), all, 0o600))
}

// inEachLang builds the command tree in both languages.
func inEachLang(t *testing.T, check func(t *testing.T, root *cobra.Command, u *ui)) {
	for _, lang := range []string{"en", "es"} {
		t.Run(lang, func(t *testing.T) {
			var out, err bytes.Buffer
			u := newUI(strings.NewReader(""), &out, &err, func(string) string { return "" })
			u.lang = lang
			check(t, newRoot(u), u)
		})
	}
}

// TestHelpFits holds that every command's help can be read in the narrowest terminal.
func TestHelpFits(t *testing.T) {
	inEachLang(t, func(t *testing.T, root *cobra.Command, u *ui) {
		walk(root, func(c *cobra.Command) {
			for line := range strings.SplitSeq(helpText(c, u.words()), "\n") {
				if utf8.RuneCountInString(line) > helpWidth {
					t.Errorf("%s: longer than %d columns: %s", c.CommandPath(), helpWidth, line)
				}
			}
		})
	})
}

// TestCommandsAreComplete holds that every command says what it does, and every one that does work shows an example.
func TestCommandsAreComplete(t *testing.T) {
	without := []string{"version", "help", "man", "bash", "fish", "zsh", "powershell"}
	inEachLang(t, func(t *testing.T, root *cobra.Command, _ *ui) {
		walk(root, func(c *cobra.Command) {
			if c.Short == "" {
				t.Errorf("%s: no short description", c.CommandPath())
			}
			shown := c.Hidden
			for up := c; up.HasParent(); up = up.Parent() {
				shown = shown || up.HasExample()
			}
			if !c.HasSubCommands() && !shown && !slices.Contains(without, c.Name()) {
				t.Errorf("%s: no example", c.CommandPath())
			}
		})
	})
}

// TestSpanishIsSpanish holds that help in Spanish repeats no sentence of help in English.
func TestSpanishIsSpanish(t *testing.T) {
	english := map[string]string{}
	collect := func(lang string, each func(key, text string)) {
		u := newUI(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, func(string) string { return "" })
		u.lang = lang
		walk(newRoot(u), func(c *cobra.Command) {
			each(c.CommandPath()+" short", c.Short)
			each(c.CommandPath()+" long", c.Long)
			for line := range strings.SplitSeq(flagText(c, u), "\n") {
				if name, text, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
					each(c.CommandPath()+" "+name, strings.TrimSpace(text))
				}
			}
		})
	}
	collect("en", func(key, text string) { english[key] = text })
	collect("es", func(key, text string) {
		if strings.Count(text, " ") >= 3 && english[key] == text {
			t.Errorf("%s is English in Spanish: %s", key, text)
		}
	})
}

func flagText(c *cobra.Command, u *ui) string {
	var b strings.Builder
	flagList(&b, "", c.LocalFlags(), u.words())
	return b.String()
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"joins and breaks", "one two\nthree four", "one two\nthree four\n"},
		{"paragraphs", "one\n\ntwo", "one\n\ntwo\n"},
		{"verbatim", "say:\n  one   two   three   four\nend", "say:\n  one   two   three   four\nend\n"},
		{"long word", "a bbbbbbbbbbbbbbbb c", "a\nbbbbbbbbbbbbbbbb\nc\n"},
		{"runes", "áéíóú áéíóú", "áéíóú\náéíóú\n"},
	} {
		if got := wrap(c.text, 10); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFoldExamples(t *testing.T) {
	long := "  tcptrace firmware --upload /dev/ttyACM0 --ssid Aula3 --host 192.168.1.3 --journal x --fixed"
	want := "  tcptrace firmware --upload /dev/ttyACM0 --ssid Aula3 --host 192.168.1.3 \\\n      --journal x --fixed"
	if got := foldExamples("  tcptrace demo\n" + long); got != "  tcptrace demo\n"+want {
		t.Errorf("got\n%s", got)
	}
	if got := foldExamples("  " + strings.Repeat("x", 100)); got != "  "+strings.Repeat("x", 100) {
		t.Errorf("got\n%s", got)
	}
}

// TestInterrupted holds that a command waiting for input ends when the user says so.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	silent, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	var out, errors bytes.Buffer
	u := newUI(silent, &out, &errors, func(string) string { return "" })
	if code := run(ctx, []string{"report", "-"}, u); code != exitInterrupted {
		t.Errorf("exit code %d, want %d; %s", code, exitInterrupted, &errors)
	}
	if out.Len() > 0 {
		t.Errorf("something was printed: %s", &out)
	}
}
