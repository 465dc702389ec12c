package main

import (
	"reflect"
	"strings"
	"testing"
)

// TestDemoWords: every word of demo and lecture exists in both languages, with as many values in it.
func TestDemoWords(t *testing.T) {
	for _, lang := range []func(string) any{
		func(l string) any { return *demoWordsFor(l) }, func(l string) any { return *lectureWordsFor(l) },
	} {
		es, en := reflect.ValueOf(lang("es")), reflect.ValueOf(lang("en"))
		for i := range es.NumField() {
			name := es.Type().Field(i).Name
			if es.Field(i).IsZero() || en.Field(i).IsZero() {
				t.Errorf("%s is missing", name)
			}
			if es.Field(i).Kind() == reflect.String && strings.Count(es.Field(i).String(), "%") != strings.Count(en.Field(i).String(), "%") {
				t.Errorf("%s: %q and %q", name, es.Field(i), en.Field(i))
			}
		}
	}
}
