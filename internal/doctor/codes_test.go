package doctor

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/docs/causes"
)

// Every code that a check writes into a finding has a page.
func TestEveryCodeOfACheckIsExplained(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("checks_*.go")
	if err != nil {
		t.Fatal(err)
	}
	shape := regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`)
	var codes []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			var values []ast.Expr
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
					values = append(values, n.Value)
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if field, ok := left.(*ast.SelectorExpr); ok && (field.Sel.Name == "Code" || field.Sel.Name == "Cause") && i < len(n.Rhs) {
						values = append(values, n.Rhs[i])
					}
				}
			}
			for _, v := range values {
				if literal, ok := v.(*ast.BasicLit); ok {
					code, err := strconv.Unquote(literal.Value)
					if err == nil && shape.MatchString(code) {
						codes = append(codes, code)
					}
				}
			}
			return true
		})
	}
	if len(codes) < 25 {
		t.Fatalf("only %d codes were found: %v", len(codes), codes)
	}
	for _, code := range codes {
		if _, ok := causes.Text(code); !ok {
			t.Errorf("%s has no page in docs/causes", code)
		}
	}
}
