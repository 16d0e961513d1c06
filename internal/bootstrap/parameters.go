package bootstrap

import (
	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/template"
)

// parameters are the values a deployment will use: those given, then those of the stack
// that is there, then the examples, then the template's defaults. present is nil for a
// new stack. A parameter that the template does not have any more is left out.
func (r *Request) parameters(tpl *cfn.Template, present map[string]string) map[string]string {
	values := make(map[string]string, len(tpl.Parameters))
	for _, p := range tpl.Parameters {
		if v, ok := r.Given[p.Name]; ok {
			values[p.Name] = v
		} else if v, ok := present[p.Name]; ok {
			values[p.Name] = v
		} else if v, ok := r.Examples[p.Name]; ok {
			values[p.Name] = v
		} else if p.Default != nil {
			values[p.Name] = *p.Default
		}
	}
	return values
}

// isList tells which parameters of tpl hold lists, whose order means nothing.
func isList(tpl *cfn.Template) func(name string) bool {
	return func(name string) bool {
		p, ok := tpl.Parameter(name)
		return ok && p.IsList()
	}
}

// trustParametersDiffer reports whether a value that decides who may assume the roles
// is another one. A parameter that the old template did not have is judged by its
// effect on the statements instead.
func trustParametersDiffer(before, after map[string]string) bool {
	for _, name := range template.TrustParameters() {
		if was, had := before[name]; had && was != after[name] {
			return true
		}
	}
	return false
}
