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
	"github.com/forgecroft/fcoidc/internal/issuer"
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

// Findings about an issuer have the codes of package issuer, but for those that keep doctor from
// reaching it.
func TestEveryCodeOfAnIssuersProblemIsExplained(t *testing.T) {
	t.Parallel()
	beside := []string{ // of the way to the issuer, and none of them a failure
		issuer.CodeRedirect, issuer.CodeRedirectHost, issuer.CodeNoIPv4, issuer.CodePrivate, issuer.CodeContentType,
		issuer.CodeTLSExpiring, issuer.CodeTLSNotPublic,
	}
	problem := func(severity string) func(code string) IssuerProblem {
		return func(code string) IssuerProblem { return IssuerProblem{Code: code, Severity: severity, Summary: "s"} }
	}
	var problems []IssuerProblem
	for codes, of := range map[*[]string]func(string) IssuerProblem{&beside: problem("warning"), &keyCodes: problem("failure"), &documentCodes: problem("failure")} {
		for _, code := range *codes {
			problems = append(problems, of(code))
		}
	}
	s := healthy()
	s.Issuer.Problems = append(problems, problem("failure")(issuer.CodeStatus), problem("failure")(issuer.CodeTLSOrder))
	told := 0
	for _, c := range issuerChecks() {
		for _, f := range c.run(&target{s: s, o: &CheckOptions{}}).findings {
			told++
			if _, ok := causes.Text(f.Code); !ok {
				t.Errorf("%s has no page in docs/causes", f.Code)
			}
		}
	}
	if told != len(s.Issuer.Problems) {
		t.Errorf("%d findings of %d problems", told, len(s.Issuer.Problems))
	}
	unexplained := Attempt{Code: "InternalFailure"}
	for _, f := range unexplained.findings() {
		if _, ok := causes.Text(f.Code); !ok {
			t.Errorf("%s has no page in docs/causes", f.Code)
		}
	}
}
