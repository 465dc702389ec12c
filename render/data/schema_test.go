package data

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"tcptrace/capture"
	"tcptrace/findings"
	"tcptrace/internal/testfiles"
	"tcptrace/sessions"
	"tcptrace/sessions/ladder"
	"tcptrace/sessions/sessionstest/examples"
)

// A schema is the part of JSON Schema (2020-12) that the report needs.
type schema struct {
	Schema      string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        kinds              `json:"type,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"` // false, or *schema of members with any name
}

// kinds are the types that a value may have; one is written as a string.
type kinds []string

func (k kinds) MarshalJSON() ([]byte, error) {
	if len(k) == 1 {
		return json.Marshal(k[0])
	}
	return json.Marshal([]string(k))
}

// named are the objects whose members' names are data.
var named = map[string]*schema{"numbers": {Type: kinds{"number"}}}

// kindOf is JSON Schema's name of a value's type.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// admit widens a schema so that it allows a value too.
func (s *schema) admit(name string, v any) {
	kind := kindOf(v)
	switch {
	case kind == "integer" && slices.Contains(s.Type, "number"):
	case kind == "number" && slices.Contains(s.Type, "integer"):
		s.Type[slices.Index(s.Type, "integer")] = "number"
	case !slices.Contains(s.Type, kind):
		s.Type = append(s.Type, kind)
	}
	slices.Sort(s.Type)
	switch v := v.(type) {
	case []any:
		if s.Items == nil {
			s.Items = &schema{}
		}
		for _, x := range v {
			s.Items.admit("", x)
		}
	case map[string]any:
		if of := named[name]; of != nil {
			s.Additional = of
			return
		}
		names := slices.Sorted(maps.Keys(v))
		if s.Properties == nil {
			s.Properties, s.Required, s.Additional = map[string]*schema{}, names, false
		}
		s.Required = slices.DeleteFunc(s.Required, func(name string) bool { _, ok := v[name]; return !ok })
		for _, name := range names {
			if s.Properties[name] == nil {
				s.Properties[name] = &schema{}
			}
			s.Properties[name].admit(name, v[name])
		}
	}
}

// faults are where a value is not as the schema has it.
func (s *schema) faults(at string, v any) (found []string) {
	kind := kindOf(v)
	if !slices.Contains(s.Type, kind) && (kind != "integer" || !slices.Contains(s.Type, "number")) {
		return []string{fmt.Sprintf("%s is %s, not %v", at, kind, s.Type)}
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			found = append(found, s.Items.faults(at+"[]", x)...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				found = append(found, at+" has no "+name)
			}
		}
		for name, x := range v {
			if p := s.Properties[name]; p != nil {
				found = append(found, p.faults(at+"."+name, x)...)
			} else if of, ok := s.Additional.(*schema); ok {
				found = append(found, of.faults(at+"."+name, x)...)
			} else {
				found = append(found, at+"."+name+" is not in the schema")
			}
		}
	}
	return found
}

// documents are reports of all kinds: of example traces and of captures, with rows and without, and summaries.
func documents(t *testing.T) (all []any) {
	add := func(tr *sessions.Trace, o JSONOptions) { all = append(all, decode(t, writeJSON(t, tr, o))) }
	for _, tr := range examples.All() {
		add(tr, JSONOptions{})
		add(tr, JSONOptions{NoSamples: true})
	}
	for i, name := range genuineNames(t) {
		tr := examples.Genuine(t, name)
		for _, calls := range tr.Sessions[0].Calls {
			if len(calls) > 0 && i%2 == 0 {
				calls[0].Source = 12 // of a program that ran in the lab
			}
		}
		add(tr, JSONOptions{Findings: findings.Find(tr, findings.Options{}), Table: func(s *sessions.Session) *ladder.Table {
			return ladder.Build(s, tr, ladder.Options{All: true})
		}})
	}
	half := examples.Healthy() // a capture that begins between SYN and SYN+ACK
	half.Sessions[0].Handshake = &sessions.Handshake{SYNACKFrame: 1}
	add(half, JSONOptions{})
	return all
}

func genuineNames(t *testing.T) (names []string) {
	found, err := filepath.Glob(testfiles.Genuine(t, "*", "capture.pcap*"))
	if err != nil || len(found) < 10 {
		t.Fatalf("%d captures, %v", len(found), err)
	}
	for _, f := range found {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	return names
}

var schemaFile = filepath.Join("..", "..", "docs", "report.schema.json")

// TestSchema holds docs/report.schema.json to what reports are like, and -update writes it.
func TestSchema(t *testing.T) {
	var s schema
	for _, d := range documents(t) {
		s.admit("", d)
	}
	s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", "The report of a capture, tcptrace/1"
	session := s.Properties["sessions"].Items
	for _, f := range sessionFields {
		if p := session.Properties[f.name]; p != nil && f.group == ofSession {
			p.Description = f.doc
		} else if g := session.Properties[f.group.name]; g != nil && g.Properties[f.name] != nil {
			g.Properties[f.name].Description = f.doc
		}
	}
	text, err := json.MarshalIndent(&s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	testfiles.Golden(t, schemaFile, append(text, '\n'))
}

// TestReportsFollowTheSchema checks the reports of other captures, among them hostile ones.
func TestReportsFollowTheSchema(t *testing.T) {
	var s schema
	for _, d := range documents(t) {
		s.admit("", d)
	}
	var files []string
	for _, pattern := range []string{testfiles.Truth(t, "*", "*.pcap"), testfiles.Hostile(t, "*.pcap*")} {
		found, _ := filepath.Glob(pattern)
		files = append(files, found...)
	}
	checked := 0
	for _, file := range files {
		src, err := capture.Open(file, capture.OpenOptions{})
		if err != nil {
			continue
		}
		tr, _ := sessions.Run(context.Background(), src, sessions.Options{AllPorts: true, Shown: 4, Samples: true}, 1)
		src.Close()
		if len(tr.Sessions) > 200 {
			continue
		}
		var out bytes.Buffer
		o := JSONOptions{Findings: findings.Find(tr, findings.Options{}), Table: func(x *sessions.Session) *ladder.Table {
			return ladder.Build(x, tr, ladder.Options{All: true})
		}}
		if err := WriteJSON(&out, tr, o); err != nil {
			t.Fatal(err)
		}
		checked++
		for _, fault := range s.faults("report", decode(t, out.Bytes())) {
			t.Errorf("%s: %s", filepath.Base(file), fault)
		}
	}
	if checked < 100 {
		t.Errorf("only %d captures", checked)
	}
}
