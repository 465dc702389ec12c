package words

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// views are the words of every view, in both languages.
var views = []struct{ es, en any }{
	{NewCommand(ES), NewCommand(EN)},
	{NewDemo(ES), NewDemo(EN)},
	{NewExplain(ES), NewExplain(EN)},
	{NewFirmware(ES), NewFirmware(EN)},
	{NewJournalCommand(ES), NewJournalCommand(EN)},
	{NewLectureCommand(ES), NewLectureCommand(EN)},
	{NewLive(ES), NewLive(EN)},
	{NewLecture(ES), NewLecture(EN)},
	{NewCheck(ES), NewCheck(EN)},
	{NewEndpoints(ES), NewEndpoints(EN)},
	{NewReport(ES), NewReport(EN)},
	{NewLadder(ES), NewLadder(EN)},
	{NewFindings(ES), NewFindings(EN)},
	{NewPlot(ES), NewPlot(EN)},
	{NewPage(ES), NewPage(EN)},
	{NewPicture(ES), NewPicture(EN)},
	{NewPrograms(ES), NewPrograms(EN)},
	{NewView(ES), NewView(EN)},
	{NewAnswer(ES), NewAnswer(EN)},
	{NewCut(ES), NewCut(EN)},
	{NewHosts(ES), NewHosts(EN)},
	{NewTUI(ES), NewTUI(EN)},
	{NewFleet(ES), NewFleet(EN)},
	{NewRun(ES), NewRun(EN)},
}

// TestEveryViewIsListed holds that views has all of them.
func TestEveryViewIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, v := range views {
		listed[reflect.TypeOf(v.es).Name()] = true
	}
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^type (\w+) struct\{ language \}`).FindAllSubmatch(source, -1) {
			if !listed[string(m[1])] {
				t.Errorf("%s is not in views", m[1])
			}
		}
	}
}

// sample is a value to put into a sentence.
func sample(t reflect.Type) reflect.Value {
	switch {
	case t == reflect.TypeFor[error]():
		return reflect.ValueOf(errors.New("error"))
	case t.Kind() == reflect.Interface:
		return reflect.ValueOf("x").Convert(t)
	case t.Kind() == reflect.String:
		return reflect.ValueOf("x").Convert(t)
	case t.Kind() == reflect.Slice:
		return reflect.MakeSlice(t, 1, 1)
	}
	return reflect.Zero(t)
}

// said calls a method with samples and gives the texts of its result.
func said(method reflect.Value) (texts []string) {
	var args []reflect.Value
	for i := range method.Type().NumIn() {
		args = append(args, sample(method.Type().In(i)))
	}
	for _, out := range method.Call(args) {
		texts = append(texts, leaves(out)...)
	}
	return texts
}

// leaves are the strings of a value, in the order of its type.
func leaves(v reflect.Value) (texts []string) {
	if s, ok := v.Interface().(Sentence); ok {
		return []string{s.Format, s.String()}
	}
	switch v.Kind() {
	case reflect.String:
		return []string{v.String()}
	case reflect.Struct:
		for i := range v.NumField() {
			texts = append(texts, leaves(v.Field(i))...)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			texts = append(texts, leaves(v.Index(i))...)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			texts = append(texts, leaves(v.MapIndex(key))...)
		}
	default:
		panic("words of a kind that this test does not know: " + v.Kind().String())
	}
	return texts
}

// TestViewsAreComplete calls every word of every view: none is blank in either language, none was left in English, and
// every sentence takes the values that it is given.
func TestViewsAreComplete(t *testing.T) {
	words := 0
	for _, view := range views {
		es, en := reflect.ValueOf(view.es), reflect.ValueOf(view.en)
		for i := range es.NumMethod() {
			name := es.Type().Name() + "." + es.Type().Method(i).Name
			spanish, english := said(es.Method(i)), said(en.Method(i))
			if len(spanish) != len(english) || len(spanish) == 0 {
				t.Errorf("%s: %d texts in Spanish, %d in English", name, len(spanish), len(english))
				continue
			}
			if es.Method(i).Type().Out(0).Kind() == reflect.Map {
				continue // their order is random; blank ones are found by TestMapsAreComplete
			}
			for k := range spanish {
				words++
				judge(t, name, spanish[k], english[k])
			}
		}
	}
	if words < 300 {
		t.Errorf("only %d texts", words)
	}
}

var marks = regexp.MustCompile("`|\\*\\*")

func judge(t *testing.T, name, es, en string) {
	for _, text := range []string{es, en} {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s is blank: es %q, en %q", name, es, en)
		}
		if strings.Contains(text, "%!") {
			t.Errorf("%s takes other values: %s", name, text)
		}
	}
	if a, b := verb.FindAllString(es, -1), verb.FindAllString(en, -1); len(a) != len(b) {
		t.Errorf("%s: verbs %q in Spanish, %q in English", name, a, b)
	}
	if a, b := len(marks.FindAllString(es, -1)), len(marks.FindAllString(en, -1)); a != b {
		t.Errorf("%s: %d marks in Spanish, %d in English", name, a, b)
	}
	if len(en) > 30 && es == en && strings.Count(en, " ") > 3 && !strings.HasPrefix(strings.TrimSpace(en), "tcptrace ") {
		t.Errorf("%s is the same in both languages: %s", name, es)
	}
}

// TestMapsAreComplete holds the same of words that are found by a key.
func TestMapsAreComplete(t *testing.T) {
	for _, view := range views {
		es, en := reflect.ValueOf(view.es), reflect.ValueOf(view.en)
		for i := range es.NumMethod() {
			m := es.Method(i)
			if m.Type().NumIn() > 0 || m.Type().Out(0).Kind() != reflect.Map {
				continue
			}
			spanish, english := m.Call(nil)[0], en.Method(i).Call(nil)[0]
			for _, key := range spanish.MapKeys() {
				if !english.MapIndex(key).IsValid() {
					t.Fatalf("%s has no English for %v", es.Type().Method(i).Name, key)
				}
				a, b := leaves(spanish.MapIndex(key)), leaves(english.MapIndex(key))
				for k := range a {
					judge(t, es.Type().Method(i).Name, a[k], b[k])
				}
			}
		}
	}
}
