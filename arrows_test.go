package tcptrace_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows is who may import whom inside the module. A folder without a line of its own belongs to the one above it. Argue
// before editing.
//
//	cmd → lecture → {lab, render}      lab → {endpoints, capture}      endpoints → journal
//	cmd → render → findings → sessions/{ladder, rhythm} → sessions → {capture, journal}
var arrows = map[string][]string{
	"cmd": {"fleet", "cmd/tcptrace/internal/live", "cmd/tcptrace/internal/output", "cmd/tcptrace/internal/sandbox", "cmd/tcptrace/internal/tui", "cmd/tcptrace/internal/web", "lecture", "lab", "endpoints", "endpoints/served", "render", "render/data", "render/document", "render/page", "render/plot", "render/screen", "findings", "sessions",
		"sessions/ladder", "sessions/rhythm", "sessions/traffic", "capture", "capture/bpf", "journal", "notebook", "words"},
	"cmd/tcptrace/internal/live":    {"findings", "render", "render/document", "render/screen", "sessions", "sessions/ladder", "capture", "journal", "words"},
	"cmd/tcptrace/internal/output":  {"internal/filelock"},
	"cmd/tcptrace/internal/sandbox": {},
	"cmd/tcptrace/internal/tui":     {"findings", "render", "render/document", "render/screen", "sessions", "words"},
	"cmd/tcptrace/internal/web":     {},
	"lecture": {"lab", "endpoints", "render", "render/document", "render/plot", "findings", "sessions", "sessions/ladder", "sessions/rhythm", "capture",
		"journal", "notebook", "words"},
	"lab":                   {"endpoints", "capture", "journal", "notebook"},
	"endpoints":             {"journal", "notebook", "words"},
	"endpoints/served":      {"endpoints"},
	"render":                {"render/document", "render/page", "render/scene", "render/screen", "findings", "sessions", "fleet", "sessions/conversation", "sessions/ladder", "sessions/rhythm", "sessions/traffic", "capture", "journal", "notebook", "words"},
	"render/data":           {"render/document", "findings", "sessions", "sessions/ladder", "sessions/rhythm", "capture", "journal", "notebook", "words"},
	"render/document":       {"words"}, // it knows no TCP
	"render/page":           {},        // nor does this; both know only what they draw on
	"render/scene":          {},        // nor does it know of anything else
	"render/screen":         {"render/document"},
	"render/plot":           {"render/document", "findings", "sessions", "sessions/ladder", "sessions/rhythm", "capture", "journal", "notebook", "words"},
	"fleet":                 {"findings", "sessions", "capture"},
	"findings":              {"sessions", "sessions/ladder", "sessions/rhythm", "capture", "journal", "notebook", "words"},
	"sessions":              {"capture", "journal", "notebook", "words"},
	"sessions/conversation": {"sessions", "sessions/ladder", "sessions/rhythm", "journal"},
	"sessions/ladder":       {"sessions", "capture", "journal", "notebook"},
	"sessions/rhythm":       {"sessions", "journal", "notebook"},
	"sessions/traffic":      {"sessions"},
	"capture":               {"capture/bpf", "internal/filelock", "notebook", "words"},
	"capture/bpf":           {"words"},
	"journal":               {"words"},
	"words":                 {},
	"notebook":              {},
	"internal":              {},
	"internal/filelock":     {},
}

// doors are the libraries whose types stay in one package.
var doors = map[string]string{
	"github.com/google/gopacket": "capture",
	"gonum.org/v1/plot":          "render/plot",
	"github.com/spf13/cobra":     "cmd",
	"github.com/spf13/pflag":     "cmd",
	"gvisor.dev/gvisor":          "lab",
	"charm.land/lipgloss":        "render/screen",
	"charm.land/bubbletea":       "cmd/tcptrace/internal/tui",
}

// testArrows is what the tests of a package may import beyond that: the lab's own record of what happened is the measure
// of what sessions finds in its packets.
var testArrows = map[string][]string{
	"lab":              {"sessions", "sessions/ladder"},
	"sessions/traffic": {"capture"},
	"render":           {"render/data"}, // the report and the JSON must say the same
}

// testTools are packages that only tests and measurements import, from anywhere.
var testTools = []string{"tcptrace/capture/capturetest", "tcptrace/internal/testfiles", "tcptrace/sessions/ladder/laddertest", "tcptrace/sessions/sessionstest",
	"tcptrace/sessions/sessionstest/examples"}

// silent are the folders that neither print nor end the program: only cmd speaks to the user.
var silent = []string{"capture", "journal", "sessions", "findings", "render", "lecture"}

type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// place is the policy's line for a package of this module: its own, or that of the nearest folder above. It is "" for
// other modules and for the root.
func place(path string) string {
	rest, ok := strings.CutPrefix(path, "tcptrace/")
	if !ok {
		return ""
	}
	for {
		if _, ok := arrows[rest]; ok {
			return rest
		}
		up := strings.LastIndexByte(rest, '/')
		if up < 0 {
			return rest
		}
		rest = rest[:up]
	}
}

// goList lists the module's packages as they are built for one system.
func goList(t *testing.T, goos string) (packages []goPackage) {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Env = append(cmd.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// TestArrows holds that packages import only what stands below them, on every system.
func TestArrows(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		t.Run(goos, func(t *testing.T) {
			packages := goList(t, goos)
			if len(packages) < 5 {
				t.Fatalf("only %d packages: is this the whole module?", len(packages))
			}
			for _, p := range packages {
				from := place(p.ImportPath)
				if from == "" {
					continue // the root has tests only
				}
				if _, ok := arrows[from]; !ok {
					t.Errorf("%s: a package without a line in the policy", p.ImportPath)
				}
				for _, to := range p.Imports {
					if fault := forbidden(p.ImportPath, to); fault != "" {
						t.Errorf("%s imports %s: %s", p.ImportPath, to, fault)
					}
				}
				for _, to := range slices.Concat(p.TestImports, p.XTestImports) {
					if fault := forbiddenInTest(p.ImportPath, to); fault != "" {
						t.Errorf("a test of %s imports %s: %s", p.ImportPath, to, fault)
					}
				}
			}
		})
	}
}

// forbidden says why a package must not import another, "" when it may.
func forbidden(from, to string) string {
	here, there := place(from), place(to)
	isTool := slices.ContainsFunc(testTools, func(tool string) bool { return strings.HasPrefix(from, tool) })
	if isTool && strings.HasPrefix(to, "tcptrace/") {
		return ""
	}
	if there != "" && there != here && !slices.Contains(arrows[here], there) {
		return "the arrows point the other way"
	}
	if slices.Contains(testTools, to) && !isTool {
		return "that is for tests"
	}
	for library, owner := range doors {
		if (to == library || strings.HasPrefix(to, library+"/")) && from != "tcptrace/"+owner && !strings.HasPrefix(from, "tcptrace/"+owner+"/") {
			return "only " + owner + " may know it"
		}
	}
	if slices.Contains(silent, strings.SplitN(here, "/", 2)[0]) && !isTool && slices.Contains([]string{"log", "log/slog", "flag"}, to) {
		return "small troubles are data, and only cmd prints"
	}
	return ""
}

// forbiddenInTest is the same for a test, which may use flags and the test tools.
func forbiddenInTest(from, to string) string {
	if to == "flag" || slices.Contains(testTools, to) || slices.Contains(testArrows[place(from)], place(to)) {
		return ""
	}
	return forbidden(from, to)
}

// TestForbidden shows that the policy can say no.
func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"tcptrace/render", "tcptrace/sessions", true},
		{"tcptrace/cmd/tcptrace", "tcptrace/journal", true},
		{"tcptrace/sessions", "tcptrace/render", false},
		{"tcptrace/journal", "tcptrace/capture", false},
		{"tcptrace/lab", "tcptrace/sessions", false},
		{"tcptrace/sessions", "github.com/google/gopacket/layers", false},
		{"tcptrace/capture", "github.com/google/gopacket/layers", true},
		{"tcptrace/render", "github.com/spf13/cobra", false},
		{"tcptrace/render", "gonum.org/v1/plot/plotter", false},
		{"tcptrace/render/plot", "gonum.org/v1/plot/plotter", true},
		{"tcptrace/endpoints", "gvisor.dev/gvisor/pkg/tcpip", false},
		{"tcptrace/sessions", "log", false},
		{"tcptrace/sessions", "tcptrace/sessions/ladder", false},
		{"tcptrace/render/document", "tcptrace/sessions", false},
		{"tcptrace/cmd/tcptrace", "tcptrace/capture/capturetest", false},
		{"tcptrace/sessions/sessionstest/generate", "tcptrace/sessions/sessionstest", true},
	} {
		if fault := forbidden(c.from, c.to); (fault == "") != c.allowed {
			t.Errorf("%s importing %s: %q", c.from, c.to, fault)
		}
	}
}
