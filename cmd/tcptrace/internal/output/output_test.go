package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// put writes files of one set and fails the test unless that works.
func put(t *testing.T, dir, set string, files ...File) {
	t.Helper()
	f, err := Open(dir, Options{Set: set})
	if err == nil {
		err = f.Write(files)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func text(name, content string) File { return Bytes(name, []byte(content)) }

// holds compares a folder with what it should have, the manifest apart.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]string{}
	for _, e := range entries {
		if b, err := os.ReadFile(filepath.Join(dir, e.Name())); err == nil && e.Name() != ManifestName {
			have[e.Name()] = string(b)
		}
	}
	if fmt.Sprint(have) != fmt.Sprint(want) {
		t.Errorf("the folder has %q, not %q", have, want)
	}
}

func TestASetIsReplacedWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	put(t, dir, "report", text("a", "1"), text("b", "2"), text("c", "3"))
	put(t, dir, "", text("other", "4"))
	if err := os.WriteFile(filepath.Join(dir, "c"), []byte("edited"), 0o644); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "report", text("a", "5"))
	holds(t, dir, map[string]string{"a": "5", "c": "edited", "other": "4"}) // b was outdated, c is a person's
}

func TestWhatIsForeignStays(t *testing.T) {
	tests := []struct {
		name   string
		make   func(dir string) error
		edited bool
	}{
		{"foreign file", func(dir string) error { return os.WriteFile(filepath.Join(dir, "a"), []byte("mine"), 0o644) }, false},
		{"edited file", func(dir string) error {
			f, err := Open(dir, Options{})
			if err == nil {
				err = f.Write([]File{text("a", "ours")})
			}
			return errors.Join(err, os.WriteFile(filepath.Join(dir, "a"), []byte("mine"), 0o644))
		}, true},
		{"symbolic link", func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "victim"), []byte("mine"), 0o644), os.Symlink("victim", filepath.Join(dir, "a")))
		}, false},
		{"link to nowhere", func(dir string) error { return os.Symlink("nowhere", filepath.Join(dir, "a")) }, false},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		if err := tt.make(dir); err != nil {
			t.Fatal(tt.name, err)
		}
		f, err := Open(dir, Options{Set: "report"})
		if err != nil {
			t.Fatal(tt.name, err)
		}
		for what, err := range map[string]error{"Check": f.Check("a"), "Write": f.Write([]File{text("z", "1"), text("a", "2")})} {
			var foreign *ForeignError
			if !errors.As(err, &foreign) || foreign.Edited != tt.edited {
				t.Errorf("%s, %s: %v", tt.name, what, err)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "z")); err == nil {
			t.Errorf("%s: a part of the files was written", tt.name)
		}
		f, err = Open(dir, Options{Force: true})
		if err == nil {
			err = f.Write([]File{text("a", "2")})
		}
		if b, _ := os.ReadFile(filepath.Join(dir, "a")); err != nil || string(b) != "2" {
			t.Errorf("%s, forced: %q, %v", tt.name, b, err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, "victim")); err == nil && string(b) != "mine" {
			t.Errorf("%s: written through the link", tt.name)
		}
	}
}

// TestACopiedFolderIsStillOurs holds that the digests count where times do not say it.
func TestACopiedFolderIsStillOurs(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	put(t, dir, "report", text("a", "1"))
	if err := os.CopyFS(other, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	put(t, other, "report", text("a", "2"))
	holds(t, other, map[string]string{"a": "2"})
}

func TestAFailureLeavesTheFolderAsItWas(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "report", text("a", "1"))
	f, err := Open(dir, Options{Set: "report"})
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("full")
	err = f.Write([]File{text("a", "2"), {Name: "b", Write: func(w io.Writer) error {
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		return full
	}}})
	if !errors.Is(err, full) {
		t.Error(err)
	}
	holds(t, dir, map[string]string{"a": "1"})
}

// TestOneOfTwoRunsWins has runs that begin together write the same set: the folder has the files of one of them, and the
// others say so.
func TestOneOfTwoRunsWins(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		var wait sync.WaitGroup
		errs := make([]error, 4)
		begin := make(chan struct{})
		for i := range errs {
			f, err := Open(dir, Options{Set: "report"})
			if err != nil {
				t.Fatal(err)
			}
			wait.Go(func() {
				<-begin
				mine := fmt.Sprint(i)
				errs[i] = f.Write([]File{text("a", mine), text("b", mine), text("c"+mine, mine)})
			})
		}
		close(begin)
		wait.Wait()
		winner := -1
		for i, err := range errs {
			switch {
			case err == nil && winner < 0:
				winner = i
			case !errors.Is(err, ErrMeanwhile):
				t.Fatalf("run %d: %v, and run %d won", i, err, winner)
			}
		}
		w := fmt.Sprint(winner)
		holds(t, dir, map[string]string{"a": w, "b": w, "c" + w: w})
	}
}

// TestFilesThatStandForThemselves has many runs write a file each into one folder at once.
func TestFilesThatStandForThemselves(t *testing.T) {
	dir := t.TempDir()
	want := map[string]string{}
	var wait sync.WaitGroup
	for i := range 16 {
		name := fmt.Sprint(i)
		want[name] = name
		wait.Go(func() {
			if err := WriteFile(filepath.Join(dir, name), text("", name), Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	holds(t, dir, want)
	put(t, dir, "", text("3", "again")) // all of them are in the manifest
	if err := WriteFile(filepath.Join(dir, "15"), text("", "again"), Options{}); err != nil {
		t.Error(err)
	}
}

// TestWhatAKilledRunLeftIsRemoved holds that drafts of a run that is no more are removed, and those of one at work are not.
func TestWhatAKilledRunLeftIsRemoved(t *testing.T) {
	if !canRenameOpen {
		t.Skip("drafts are not locked on this system")
	}
	dir := t.TempDir()
	left := filepath.Join(dir, draftBegins+"0123456789abcdef"+draftEnds)
	hourAgo := time.Now().Add(-time.Hour)
	if err := errors.Join(os.WriteFile(left, []byte("half"), 0o644), os.Chtimes(left, hourAgo, hourAgo)); err != nil {
		t.Fatal(err)
	}
	f, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = f.Write([]File{{Name: "a", Write: func(w io.Writer) error {
		put(t, dir, "", text("b", "2")) // another run meanwhile
		_, err := io.WriteString(w, "1")
		return err
	}}})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"a": "1", "b": "2"})
}

func TestAFileThatGrows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.jsonl")
	write := func(content string) error {
		f, err := Create(path, Options{})
		if err != nil {
			return err
		}
		_, err = f.WriteString(content)
		return errors.Join(err, f.Close())
	}
	if err := write("killed"); err != nil {
		t.Fatal(err)
	}
	if err := write("whole"); err != nil { // the run before had no time to take a digest
		t.Fatal(err)
	}
	if err := Finished(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("edited"), 0o644); err != nil {
		t.Fatal(err)
	}
	var foreign *ForeignError
	if err := write("lost"); !errors.As(err, &foreign) || !foreign.Edited {
		t.Error(err)
	}
}

func TestReplaceKeepsLinkAndMode(t *testing.T) {
	dir := t.TempDir()
	notes, link := filepath.Join(dir, "notes"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(notes, []byte("old"), 0o600), os.Symlink("notes", link), Replace(link, []byte("new"))); err != nil {
		t.Fatal(err)
	}
	st, err := os.Lstat(link)
	if err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is gone", err)
	}
	st, err = os.Stat(notes)
	if b, _ := os.ReadFile(notes); err != nil || string(b) != "new" || st.Mode().Perm() != 0o600 {
		t.Errorf("%q, %v, %v", b, st.Mode(), err)
	}
}

func TestAManifestThatIsNotOurs(t *testing.T) {
	for _, content := range []string{"", "{", `{"schema":"other"}`, strings.Repeat("x", 100)} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ManifestName), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		var foreign *ForeignError
		if _, err := Open(dir, Options{}); !errors.As(err, &foreign) {
			t.Errorf("%q: %v", content, err)
		}
		f, err := Open(dir, Options{Force: true})
		if err == nil {
			err = f.Write([]File{text("a", "1")})
		}
		if err != nil {
			t.Errorf("%q, forced: %v", content, err)
		}
		put(t, dir, "", text("a", "2")) // it is ours now
	}
}

// TestTwoJournalsAtOnce holds that a file that is being written is not replaced by another run that wants its name.
func TestTwoJournalsAtOnce(t *testing.T) {
	if !canRenameOpen {
		t.Skip("files are not locked on this system")
	}
	path := filepath.Join(t.TempDir(), "calls.jsonl")
	f, err := Create(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, Options{Force: true}); !errors.Is(err, ErrMeanwhile) {
		t.Errorf("beside another run: %v", err)
	}
	if err := errors.Join(f.Close(), Finished(path)); err != nil {
		t.Fatal(err)
	}
	again, err := Create(path, Options{})
	if err != nil {
		t.Fatalf("after it: %v", err)
	}
	again.Close()
}

// TestReadOnlyNotesStay holds that a file that its owner has made read-only is not replaced.
func TestReadOnlyNotesStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes")
	if err := os.WriteFile(path, []byte("old"), 0o444); err != nil {
		t.Fatal(err)
	}
	if err := Replace(path, []byte("new")); !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
	holds(t, filepath.Dir(path), map[string]string{"notes": "old"})
}
