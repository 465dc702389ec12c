package render

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestCaptureText puts the reader's words into Spanish, values and phrases within phrases too.
func TestCaptureText(t *testing.T) {
	for en, es := range map[string]string{
		"cut inside a record header: 10 of 16 bytes":                     "cortado dentro de un encabezado de registro: 10 de 16 bytes",
		"a block of type 0x6 claims an impossible length of 7 bytes":     "un bloque de tipo 0x6 dice tener una longitud imposible de 7 bytes",
		"not a capture: only 3 bytes":                                    "no es una captura: solo 3 bytes",
		"link type 189 (USB_LINUX)":                                      "tipo de enlace 189 (USB_LINUX)",
		"link type 188":                                                  "tipo de enlace 188",
		"IPv6 extension header cut":                                      "encabezado de extensión IPv6 cortado",
		"a section header with the byte-order magic 01 02 0a ff":         "un encabezado de sección con el orden de bytes 01 02 0a ff",
		"nobody has ever said this":                                      "nobody has ever said this",
		"not a capture: not a capture: not a capture: not a capture: it": "no es una captura: no es una captura: no es una captura: not a capture: it",
	} {
		if got := CaptureText("es", en); got != es {
			t.Errorf("%q is %q, want %q", en, got, es)
		}
		if got := CaptureText("en", en); got != en {
			t.Errorf("%q is %q in English", en, got)
		}
	}
}

// spoken are the functions of package capture whose literal argument reaches a person, and which argument it is.
var spoken = map[string]int{"damaged": 1, "bad": 1, "unreadable": 0, "add": 0, "cut": 2, "Sprintf": 0}

// TestCaptureTextIsComplete finds what package capture can say of a file and what has no Spanish.
func TestCaptureTextIsComplete(t *testing.T) {
	said := map[string]bool{}
	for _, name := range []string{"open", "pcap", "pcapng", "snoop", "tsresol", "unpack", "source", "record", "link", "wifi", "decode", "fragment", "tunnel", "upper", "tcp"} {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "capture", name+".go"), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if arg, ok := spoken[calledName(call)]; ok && arg < len(call.Args) {
				if lit, ok := call.Args[arg].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					text, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					said[text] = true
				}
			}
			return true
		})
	}
	if len(said) < 80 {
		t.Errorf("only %d phrases found: the test looks in the wrong place", len(said))
	}
	sample := strings.NewReplacer("%d", "7", "%04x", "88e5", "% x", "0a 0d", "%x", "1f", "%02x", "1f", "%.3g", "1.5", "%s", "something", "%v", "something")
	same := map[string]bool{"MACsec": true, "IPsec ESP": true, "EtherType 0x88e5": true, "10^-7 s": true, "2^-7 s": true}
	for text := range said {
		filled := sample.Replace(text)
		if !strings.Contains(filled, " ") || same[filled] || strings.HasPrefix(text, "%s: ") || text == "offset %d: %s" {
			continue // the form of an error that carries its words as a value
		}
		if CaptureText("es", filled) == filled {
			t.Errorf("no Spanish for %q", filled)
		}
	}
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
