package words

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var verb = regexp.MustCompile(`%[-+# 0]*[0-9.]*[a-zA-Z]`)

// TestReasonsAreComplete holds that every reason has both languages, with the same verbs in the same order.
func TestReasonsAreComplete(t *testing.T) {
	if len(kinds) < 100 {
		t.Fatalf("only %d kinds of reasons", len(kinds))
	}
	for code, k := range kinds {
		es, en := k.format.ES, k.format.EN
		if strings.TrimSpace(es) == "" || strings.TrimSpace(en) == "" {
			t.Errorf("%s: es %q, en %q", code, es, en)
		}
		if a, b := verb.FindAllString(es, -1), verb.FindAllString(en, -1); strings.Join(a, " ") != strings.Join(b, " ") {
			t.Errorf("%s: verbs %q in Spanish, %q in English", code, a, b)
		}
		if len(en) > 20 && es == en {
			t.Errorf("%s was not translated: %s", code, es)
		}
	}
}

func TestReason(t *testing.T) {
	nested := NotCapture(OnlyBytes(3))
	for _, tt := range []struct {
		reason       Reason
		code, es, en string
	}{
		{CutInside(RecordHeader, 10, 16), "cut", "cortado dentro de un encabezado de registro: 10 de 16 bytes", "cut inside a record header: 10 of 16 bytes"},
		{BlockImpossible(6, 7), "block-length", "un bloque de tipo 0x6 dice tener una longitud imposible de 7 bytes", "a block of type 0x6 claims an impossible length of 7 bytes"},
		{nested, "not-a-capture", "no es una captura: solo 3 bytes", "not a capture: only 3 bytes"},
		{LinkType(189, "USB_LINUX"), "link-type-named", "tipo de enlace 189 (USB_LINUX)", "link type 189 (USB_LINUX)"},
		{ByteOrder([4]byte{1, 2, 10, 255}), "byte-order", "un encabezado de sección con el orden de bytes 01 02 0a ff", "a section header with the byte-order magic 01 02 0a ff"},
		{Foreign("what a library says: 100%"), "other", "what a library says: 100%", "what a library says: 100%"},
		{Reason{}, "", "", ""},
	} {
		if r := tt.reason; r.Code() != tt.code || r.In(ES) != tt.es || r.In(EN) != tt.en || r.Error() != tt.en {
			t.Errorf("%s: %q, %q", r.Code(), r.In(ES), r.In(EN))
		}
	}
	if nested != NotCapture(OnlyBytes(3)) || nested == NotCapture(OnlyBytes(2)) {
		t.Error("reasons that say the same differ, or others do not")
	}
}

// TestNothingIsUnused holds that whatever is said here is said by somebody.
func TestNothingIsUnused(t *testing.T) {
	used := map[string]bool{}
	use := regexp.MustCompile(`\.([A-Z]\w*)`)
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range use.FindAllSubmatch(source, -1) {
			used[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("*.go")
	declared := regexp.MustCompile(`(?m)^(?:func (?:\(w \w+\) )?|\t)([A-Z]\w*)(?:\(| +=)`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") || file == "text.go" {
			continue
		}
		for _, m := range declared.FindAllSubmatch(source, -1) {
			if name := string(m[1]); !used[name] {
				t.Errorf("%s: nobody says %s", file, name)
			}
		}
	}
}
