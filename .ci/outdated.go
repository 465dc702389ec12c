//go:build ignore

// Outdated names the modules of the program that are behind:
//
//	go run .ci/outdated.go [-db URL] [PACKAGE]
//
// A newer version that the module proxy knows is only named. A fix of a vulnerability that a module lacks makes it end with
// 1. Fixes are those of the Go vulnerability database (GOVULNDB), and where it cannot be reached those of the list below. What
// cannot be asked without a network is said, and is no failure.
//
// A module is judged as a whole, also when the faulty package is not compiled in: that is cheap to mend, and packages come.
// The standard library is not judged: its fixes come with the machine's Go, not with go.mod.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A fix is the version from which a module is free of a vulnerability. The form is that of the database's index, which knows
// only the latest such version: one that was mended in an older series too is asked to come to the newest.
type fix struct {
	ID    string `json:"id"`
	Fixed string `json:"fixed"` // without v; "" when there is none yet
}

// known are the latest fixes that were found for the program's modules, as of August 2026, from the reports data/osv/ID.json of
// github.com/golang/vulndb. A module that is not here may have a report all the same.
var known = map[string][]fix{
	"github.com/klauspost/compress": {{"GO-2026-5841", "1.18.7"}},
	"github.com/ulikunitz/xz":       {{"GO-2025-3922", "0.5.15"}},
	"golang.org/x/image":            {{"GO-2026-5061", "0.43.0"}, {"GO-2026-5062", "0.43.0"}, {"GO-2026-5066", "0.43.0"}, {"GO-2026-6222", "0.45.0"}},
	"golang.org/x/net":              {{"GO-2026-5942", "0.56.0"}},
	"golang.org/x/sys":              {{"GO-2026-5024", "0.44.0"}},
	"golang.org/x/text":             {{"GO-2026-5970", "0.39.0"}},
}

// systems are those that .ci/run builds for.
var systems = []string{"linux", "darwin", "windows"}

// A module is what `go list -m -u -json` says of one.
type module struct {
	Path, Version string
	Update        *struct{ Version string }
	Deprecated    string
	Retracted     []string
	Error         *struct{ Err string }
}

func main() {
	db := flag.String("db", cmp.Or(os.Getenv("GOVULNDB"), "https://vuln.go.dev"), "vulnerability database, http(s) or file")
	flag.Parse()
	pkg := "./cmd/tcptrace"
	if flag.NArg() > 0 {
		pkg = flag.Arg(0)
	}
	if err := run(pkg, *db); err != nil {
		fmt.Fprintln(os.Stderr, "outdated:", err)
		os.Exit(1)
	}
}

func run(pkg, db string) error {
	paths, err := compiled(pkg)
	if err != nil {
		return err
	}
	modules, err := list(paths)
	if err != nil {
		return err
	}
	for _, m := range modules {
		m.nameNewer()
	}
	fixes, err := fetch(db)
	if err != nil {
		fmt.Printf("the vulnerability database is out of reach, so the fixes are those known here: %v\n", err)
		fixes = known
	}
	behind := lacking(modules, fixes)
	fmt.Printf("%d modules, %d fixes lacking\n", len(modules), len(behind))
	if len(behind) > 0 {
		return fmt.Errorf("behind a known fix:\n  %s", strings.Join(behind, "\n  "))
	}
	return nil
}

// compiled are the modules that have a package in the program, on any of the systems.
func compiled(pkg string) (paths []string, err error) {
	for _, goos := range systems {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", pkg)
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			return nil, said("go list", err)
		}
		paths = append(paths, strings.Fields(string(out))...)
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// list gives the versions of modules, with what the proxy knows of newer ones where it answers.
func list(paths []string) (modules []module, err error) {
	if len(paths) == 0 {
		return nil, nil
	}
	args := []string{"list", "-m", "-json"}
	if reached(paths[0]) {
		args = append(args, "-u", "-e") // -e: the rest is listed when one gets no answer
	} else {
		fmt.Println("no module proxy answers, so newer versions are not known")
	}
	out, err := exec.Command("go", append(args, paths...)...).Output()
	if err != nil {
		return nil, said("go list -m", err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var m module
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return modules, nil
		} else if err != nil {
			return nil, err
		}
		modules = append(modules, m)
	}
}

// reached says whether the proxy answers at all.
func reached(path string) bool {
	return exec.Command("go", "list", "-m", "-versions", path).Run() == nil
}

func said(what string, err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%s: %w: %s", what, err, bytes.TrimSpace(exit.Stderr))
	}
	return fmt.Errorf("%s: %w", what, err)
}

// nameNewer prints what the proxy knows of newer versions.
func (m module) nameNewer() {
	if m.Error != nil {
		fmt.Printf("%s %s: newer versions are not known: %s\n", m.Path, m.Version, m.Error.Err)
	}
	if m.Update != nil {
		fmt.Printf("%s %s: there is %s\n", m.Path, m.Version, m.Update.Version)
	}
	if len(m.Retracted) > 0 {
		fmt.Printf("%s %s was retracted: %s\n", m.Path, m.Version, strings.Join(m.Retracted, "; "))
	}
	if m.Deprecated != "" {
		fmt.Printf("%s is deprecated: %s\n", m.Path, m.Deprecated)
	}
}

// fetch reads the database's index of modules, whose form https://go.dev/security/vulndb/api describes.
func fetch(db string) (map[string][]fix, error) {
	body, err := open(strings.TrimSuffix(db, "/") + "/index/modules.json")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var index []struct {
		Path  string `json:"path"`
		Vulns []fix  `json:"vulns"`
	}
	if err := json.NewDecoder(body).Decode(&index); err != nil {
		return nil, err
	}
	fixes := map[string][]fix{}
	for _, m := range index {
		fixes[m.Path] = m.Vulns
	}
	return fixes, nil
}

func open(address string) (io.ReadCloser, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "file" {
		return os.Open(u.Path)
	}
	response, err := (&http.Client{Timeout: 20 * time.Second}).Get(address)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("%s: %s", address, response.Status)
	}
	return response.Body, nil
}

// lacking says which modules are older than a fix.
func lacking(modules []module, fixes map[string][]fix) (all []string) {
	for _, m := range modules {
		for _, f := range fixes[m.Path] {
			if f.Fixed != "" && older(m.Version, "v"+f.Fixed) {
				all = append(all, fmt.Sprintf("%s %s: v%s mends %s, https://pkg.go.dev/vuln/%s", m.Path, m.Version, f.Fixed, f.ID, f.ID))
			}
		}
	}
	return all
}

// older compares versions as far as modules need it: three numbers, and a pre-release comes before its release. Two of those
// are compared as text, which is right for the pseudo-versions, as they begin with the time.
func older(a, b string) bool {
	an, ap := split(a)
	bn, bp := split(b)
	if c := slices.Compare(an, bn); c != 0 {
		return c < 0
	}
	if ap == "" || bp == "" {
		return ap != "" && bp == ""
	}
	return ap < bp
}

func split(version string) (numbers []int, before string) {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "v"), "+") // +incompatible
	version, before, _ = strings.Cut(version, "-")
	for _, field := range strings.Split(version, ".") {
		n, _ := strconv.Atoi(field)
		numbers = append(numbers, n)
	}
	return numbers, before
}
