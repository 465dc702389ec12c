//go:build ignore

// Licences writes which modules the program is made of, under which licences, and the licences' texts:
//
//	go run .ci/licences.go [-o THIRD_PARTY.md] [PACKAGE]      "-o -" prints
//
// What `go list` says is compiled into the package on Linux, macOS or Windows counts, and the texts are read where the
// modules lie: licence files and notices from a compiled package's folder up to the module's, and licences that stand only in
// the head of a file. It ends with 1 when a licence is not known here, with 2 when the module cache lacks a module.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// systems are those that .ci/run builds for, with the names that people use.
var systems = []struct{ goos, name string }{{"linux", "Linux"}, {"darwin", "macOS"}, {"windows", "Windows"}}

// A sign is a phrase that only one licence has, as plain writes it.
type sign struct{ spdx, phrase string }

var signs = []sign{
	{"Apache-2.0", "apache license version 2.0"},
	{"CC-BY-4.0", "creative commons attribution 4.0 international"},
	{"FTL", "the freetype project license"},
	{"Graphics-Gems", "the graphics gems code is copyright protected"},
	{"ISC", "permission to use copy modify and distribute this software for any purpose with or without fee is hereby granted"},
	{"MIT", "permission is hereby granted free of charge to any person obtaining a copy of this software"},
	{"OFL-1.1", "sil open font license version 1.1"},
}

// A judgement is what a person found out about a module and its files do not say to a program.
type judgement struct {
	spdx   string   // instead of what the texts say
	more   []string // files to quote beside those that are found by name
	remark string
}

var judged = map[string]judgement{
	"codeberg.org/go-fonts/liberation": {
		remark: "The fonts are under the OFL-1.1, the Go files around them under the BSD-3-Clause.",
	},
	"github.com/ajstarks/svgo": {
		remark: "SVGo is by Anthony Starks, <https://github.com/ajstarks/svgo>. It is used unchanged, under " +
			"<https://creativecommons.org/licenses/by/4.0/>, and comes without warranty.",
	},
	// It offers the FTL or the GPL, so its own LICENSE is neither.
	"github.com/golang/freetype": {
		spdx: "FTL", more: []string{"licenses/ftl.txt"},
		remark: "Of the two licences offered, the FreeType License is taken. Portions of this software are copyright © 2010 " +
			"The FreeType Project (www.freetype.org). All rights reserved.",
	},
	"github.com/klauspost/compress": {
		remark: "`fse` and `huff0` are based on work that is copyright (c) 2013 Yann Collet, released under the BSD licence.",
	},
	// The fonts have no folder of their own among the compiled packages.
	"golang.org/x/image": {
		more:   []string{"font/gofont/ttfs/README"},
		remark: "The Go fonts are copyright (c) 2016 Bigelow & Holmes Inc.; the text beside them says on which terms.",
	},
	"gvisor.dev/gvisor": {
		spdx: "Apache-2.0 AND BSD-3-Clause",
		remark: "`pkg/sync` has files that come from Go and are under its BSD-3-Clause, as the standard library is; the module has " +
			"no copy of that text.",
	},
}

var (
	// legal is the name of a file that has to travel with a program; licence that of one which must be recognised.
	legal   = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice|patents)`)
	licence = regexp.MustCompile(`(?i)^(licen[sc]e|copying)`)
)

// errMissing is the error that another machine, or `go mod download`, would mend.
var errMissing = errors.New("the module cache lacks it")

// A listed is what `go list -json` says of a package.
type listed struct {
	ImportPath, Dir     string
	Standard            bool
	GoFiles, EmbedFiles []string
	Module              *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// A module is what is compiled in of a module.
type module struct {
	path, version, dir string
	systems            []string
	folders, files     map[string]bool // of its compiled packages, relative to dir
	spdx               string
	texts              []int
}

// A text is one wording and all the files that have it.
type text struct {
	words  string
	places []string
}

// A collection is what becomes the document.
type collection struct {
	modules  map[string]*module
	embedded map[string]listed // the packages that go:embed files, by import path
	texts    []text
}

func main() {
	out := flag.String("o", "THIRD_PARTY.md", "file to write, - for the standard output")
	flag.Parse()
	pkg := "./cmd/tcptrace"
	if flag.NArg() > 0 {
		pkg = flag.Arg(0)
	}
	if err := run(pkg, *out); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		if errors.Is(err, errMissing) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

func run(pkg, out string) error {
	c := &collection{modules: map[string]*module{}, embedded: map[string]listed{}}
	std, err := c.standardLibrary()
	if err != nil {
		return err
	}
	for _, s := range systems {
		if err := c.list(pkg, s.goos, s.name); err != nil {
			return err
		}
	}
	var faults []error
	for _, m := range c.sorted() {
		faults = append(faults, c.read(m))
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	document := c.document(std)
	if out == "-" {
		_, err := os.Stdout.Write(document)
		return err
	}
	return os.WriteFile(out, document, 0o644)
}

// standardLibrary reads Go's own licence. What Go vendors (golang.org/x) has the same.
func (c *collection) standardLibrary() (*module, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	m := &module{path: "Go's standard library and runtime", version: "that of the build", dir: strings.TrimSpace(string(root))}
	m.folders = map[string]bool{".": true}
	if _, err := os.Stat(filepath.Join(m.dir, "LICENSE")); err != nil {
		return nil, fmt.Errorf("the licence of Go: %w (%w)", errMissing, err)
	}
	return m, c.read(m)
}

// list adds what is compiled into a package on one system.
func (c *collection) list(pkg, goos, name string) error {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,GoFiles,EmbedFiles,Module", pkg)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0") // the same on every machine
	var said bytes.Buffer
	cmd.Stderr = &said
	packages, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return fmt.Errorf("go list for %s: %w: %s", name, errMissing, lines[len(lines)-1])
	}
	for d := json.NewDecoder(bytes.NewReader(packages)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := c.add(p, name); err != nil {
			return err
		}
	}
}

func (c *collection) add(p listed, system string) error {
	if p.Standard || p.Module == nil {
		return nil
	}
	if len(p.EmbedFiles) > 0 {
		c.embedded[p.ImportPath] = p
	}
	if p.Module.Main {
		return nil
	}
	if p.Module.Dir == "" {
		return fmt.Errorf("%s: %w", p.Module.Path, errMissing)
	}
	m := c.modules[p.Module.Path]
	if m == nil {
		m = &module{path: p.Module.Path, version: p.Module.Version, dir: p.Module.Dir, folders: map[string]bool{}, files: map[string]bool{}}
		c.modules[m.path] = m
	}
	if !slices.Contains(m.systems, system) {
		m.systems = append(m.systems, system)
	}
	folder, err := filepath.Rel(m.dir, p.Dir)
	if err != nil {
		return err
	}
	folder = filepath.ToSlash(folder)
	for _, f := range p.GoFiles {
		m.files[path.Join(folder, f)] = true
	}
	for m.folders[folder] = true; folder != "."; m.folders[folder] = true {
		folder = path.Dir(folder)
	}
	return nil
}

func (c *collection) sorted() (all []*module) {
	for _, name := range slices.Sorted(maps.Keys(c.modules)) {
		all = append(all, c.modules[name])
	}
	return all
}

// read finds a module's texts and licences. A licence that nobody knows is an error.
func (c *collection) read(m *module) error {
	found, err := legalFiles(m)
	if err != nil {
		return err
	}
	var kinds []string
	for _, name := range found {
		words, err := readText(filepath.Join(m.dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		here := recognised(words)
		if len(here) == 0 && judged[m.path].spdx == "" && licence.MatchString(path.Base(name)) {
			return fmt.Errorf("%s: %s has a licence that is not known here: read it, and add its sign or a judgement", m.path, name)
		}
		kinds = append(kinds, here...)
		c.quote(m, name, words)
	}
	if len(kinds) == 0 && judged[m.path].spdx == "" {
		return fmt.Errorf("%s: no licence found", m.path)
	}
	heads, err := c.readHeads(m, kinds)
	if err != nil {
		return err
	}
	kinds = append(kinds, heads...)
	slices.Sort(kinds)
	m.spdx = strings.Join(slices.Compact(kinds), " AND ")
	if j := judged[m.path]; j.spdx != "" {
		m.spdx = j.spdx
	}
	return nil
}

// legalFiles are the licence files and notices that hold for the compiled packages of a module.
func legalFiles(m *module) (found []string, err error) {
	for folder := range m.folders {
		entries, err := os.ReadDir(filepath.Join(m.dir, filepath.FromSlash(folder)))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Type().IsRegular() && legal.MatchString(e.Name()) && path.Ext(e.Name()) != ".go" {
				found = append(found, path.Join(folder, e.Name()))
			}
		}
	}
	found = append(found, judged[m.path].more...)
	slices.Sort(found)
	return found, nil
}

// readHeads quotes the licences that stand above a file's code and that no licence file of the module has.
func (c *collection) readHeads(m *module, known []string) (kinds []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(m.dir, filepath.FromSlash(name)), nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, comment := range tree.Comments {
			words := starred.ReplaceAllString(comment.Text(), "")
			here := recognised(words)
			if slices.ContainsFunc(here, func(k string) bool { return !slices.Contains(known, k) }) {
				kinds = append(kinds, here...)
				c.quote(m, name, words)
			}
		}
	}
	return kinds, nil
}

// starred is what a C comment has at the beginning of its lines.
var starred = regexp.MustCompile(`(?m)^ \* ?`)

// quote gives a module a text, which is kept once however many files have it.
func (c *collection) quote(m *module, name, words string) {
	words = tidy(words)
	n := slices.IndexFunc(c.texts, func(t text) bool { return t.words == words })
	if n < 0 {
		n = len(c.texts)
		c.texts = append(c.texts, text{words: words})
	}
	c.texts[n].places = append(c.texts[n].places, "`"+name+"` of "+m.path)
	if !slices.Contains(m.texts, n) {
		m.texts = append(m.texts, n)
	}
}

// recognised are the licences of which a text has the sign.
func recognised(words string) (kinds []string) {
	words = plain(words)
	for _, s := range signs {
		if strings.Contains(words, s.phrase) {
			kinds = append(kinds, s.spdx)
		}
	}
	// The two differ by one clause.
	if strings.Contains(words, "redistribution and use in source and binary forms with or without modification are permitted") {
		if strings.Contains(words, "be used to endorse or promote products") {
			kinds = append(kinds, "BSD-3-Clause")
		} else {
			kinds = append(kinds, "BSD-2-Clause")
		}
	}
	return kinds
}

// plain is a text in small letters without punctuation, so that line breaks, quotes and dashes do not matter.
func plain(words string) string {
	fields := strings.FieldsFunc(strings.ToLower(words), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.'
	})
	return strings.Join(fields, " ")
}

// readText reads UTF-8, or Latin-1 as the older licences are written.
func readText(name string) (string, error) {
	raw, err := os.ReadFile(name)
	if err != nil || utf8.Valid(raw) {
		return string(raw), err
	}
	var b strings.Builder
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return b.String(), nil
}

// tidy takes away what is no part of the wording: ends of lines as other systems write them, and space there.
func tidy(words string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(words, "\r\n", "\n")) {
		b.WriteString(strings.TrimRightFunc(line, unicode.IsSpace) + "\n")
	}
	return strings.Trim(b.String(), "\n\f") + "\n"
}

// document writes it all as Markdown.
func (c *collection) document(std *module) []byte {
	var b bytes.Buffer
	b.WriteString(opening)
	b.WriteString("\n| Module | Version | Licence | Texts |\n| --- | --- | --- | --- |\n")
	all := append([]*module{std}, c.sorted()...)
	for _, m := range all {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", m.name(), m.version, m.spdx, m.links())
	}
	b.WriteString("\n## Remarks\n\n")
	for _, m := range all {
		if r := judged[m.path].remark; r != "" {
			fmt.Fprintf(&b, "- **%s**: %s\n", m.path, r)
		}
	}
	c.writeEmbedded(&b)
	for n, t := range c.texts {
		fence := strings.Repeat("`", 3)
		for strings.Contains(t.words, fence) {
			fence += "`"
		}
		fmt.Fprintf(&b, "\n## Text %d\n\n%s\n\n%stext\n%s%s\n", n+1, strings.Join(t.places, ",\n"), fence, t.words, fence)
	}
	return b.Bytes()
}

const opening = `# Third-party licences

What ` + "`go build ./cmd/tcptrace`" + ` makes carries the modules below, on Linux, macOS or Windows. Whoever passes the program on passes this
file on with it. tcptrace itself is under the MIT licence, see [LICENSE](LICENSE).

Written by ` + "`go run .ci/licences.go`" + ` from what the modules say; ` + "`go test .`" + ` holds that it is up to date. The licences have their
[SPDX](https://spdx.org/licenses/) names. AND: some files are under the one, some under the other.
`

// name is a module's cell, with the systems where not all have it.
func (m *module) name() string {
	if n := len(m.systems); n == 0 || n == len(systems) {
		return m.path
	}
	return m.path + " (" + strings.Join(m.systems, ", ") + " only)"
}

func (m *module) links() string {
	var links []string
	for _, n := range m.texts {
		links = append(links, fmt.Sprintf("[%d](#text-%d)", n+1, n+1))
	}
	return strings.Join(links, ", ")
}

// writeEmbedded lists the files that go:embed puts into the program as they are.
func (c *collection) writeEmbedded(b *bytes.Buffer) {
	if len(c.embedded) == 0 {
		return
	}
	b.WriteString("\n## Embedded files\n\nThese are in the program as they are, on the terms of what they belong to.\n\n")
	b.WriteString("| Package | Files | Belongs to |\n| --- | --- | --- |\n")
	for _, name := range slices.Sorted(maps.Keys(c.embedded)) {
		p := c.embedded[name]
		fmt.Fprintf(b, "| %s | %s | %s |\n", name, strings.Join(p.EmbedFiles, ", "), p.Module.Path)
	}
}
