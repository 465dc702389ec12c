package findings

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTextsAreComplete reads every sentence in this package: none is blank in either language, none was left in English,
// and both take the same values.
func TestTextsAreComplete(t *testing.T) {
	files, _ := filepath.Glob("*.go")
	verb := regexp.MustCompile(`%(\[\d\])?[a-z]`)
	texts := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 || !speaks(call.Fun) {
				return true
			}
			es, isES := literal(call.Args[0])
			en, isEN := literal(call.Args[1])
			if !isES || !isEN {
				return true
			}
			texts++
			where := fset.Position(call.Pos())
			if strings.TrimSpace(es) == "" || strings.TrimSpace(en) == "" {
				t.Errorf("%s: es %q, en %q", where, es, en)
			}
			if es == en && strings.Count(en, " ") > 3 {
				t.Errorf("%s is the same in both languages: %s", where, es)
			}
			if a, b := len(verb.FindAllString(es, -1)), len(verb.FindAllString(en, -1)); a != b {
				t.Errorf("%s: %d values in Spanish, %d in English", where, a, b)
			}
			return true
		})
	}
	if texts < 200 {
		t.Errorf("only %d sentences", texts)
	}
}

func speaks(fun ast.Expr) bool {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name == "sentence"
	case *ast.SelectorExpr:
		return f.Sel.Name == "Of"
	}
	return false
}

// literal is the value of a string literal, or of several that are added.
func literal(e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		a, ok := literal(x.X)
		b, ok2 := literal(x.Y)
		return a + b, ok && ok2
	}
	return "", false
}
