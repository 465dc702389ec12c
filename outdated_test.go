package tcptrace_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOutdated holds which versions are behind a fix, by a database that answers.
func TestOutdated(t *testing.T) {
	tool := buildTool(t, "outdated")
	for _, c := range []struct {
		version, fixed string
		behind         bool
	}{
		{"v1.2.3", "1.2.4", true},
		{"v1.2.3", "1.2.3", false},
		{"v1.2.3", "1.2.2", false},
		{"v1.2.3", "1.10.0", true},
		{"v1.2.3", "", false}, // nothing to go to
		{"v1.2.3-rc.1", "1.2.3", true},
		{"v0.0.0-20260101000000-0123456789ab", "0.0.0-20260201000000-0123456789ab", true},
		{"v0.0.0-20260301000000-0123456789ab", "0.0.0-20260201000000-0123456789ab", false},
		{"v1.2.4-0.20260101000000-0123456789ab", "1.2.3", false},
	} {
		t.Run(c.version+" "+c.fixed, func(t *testing.T) {
			db := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/index/modules.json" {
					http.NotFound(w, r)
				}
				fmt.Fprintf(w, `[{"path":"example.com/a","vulns":[{"id":"GO-2026-1","modified":"2026-01-02T03:04:05Z","fixed":%q}]}]`, c.fixed)
			}))
			defer db.Close()
			dir := writeProgram(t, "example.com/a", c.version, map[string]string{"a.go": "package a\n"})
			out, said, code := runTool(t, dir, []string{"GOPROXY=off", "GOVULNDB=" + db.URL}, tool, ".")
			if (code == 1) != c.behind || code > 1 {
				t.Errorf("exit code %d: %s%s", code, out, said)
			}
			if named := strings.Contains(said, "example.com/a "+c.version) && strings.Contains(said, "GO-2026-1"); named != c.behind {
				t.Errorf("named: %v in %s", named, said)
			}
		})
	}
}

// TestOutdatedWithoutNetwork holds that what cannot be asked is said and is no failure, and that the fixes known in the
// repository count all the same: an old version fails, and the program has none.
func TestOutdatedWithoutNetwork(t *testing.T) {
	tool := buildTool(t, "outdated")
	nobody := httptest.NewServer(nil)
	nobody.Close()
	alone := []string{"GOPROXY=" + nobody.URL, "GOVULNDB=" + nobody.URL}
	old := writeProgram(t, "golang.org/x/image", "v0.30.0", map[string]string{"a.go": "package image\n"})
	for _, c := range []struct {
		dir, pkg string
		code     int
		want     []string
	}{
		{".", "./cmd/tcptrace", 0, []string{"no module proxy answers", "out of reach", " 0 fixes lacking"}},
		{old, ".", 1, []string{"golang.org/x/image v0.30.0", "GO-2026-5062"}},
	} {
		out, said, code := runTool(t, c.dir, alone, tool, c.pkg)
		if code != c.code {
			t.Errorf("%s: exit code %d: %s%s", c.pkg, code, out, said)
		}
		for _, w := range c.want {
			if !strings.Contains(out+said, w) {
				t.Errorf("nothing of %q in:\n%s%s", w, out, said)
			}
		}
	}
}
