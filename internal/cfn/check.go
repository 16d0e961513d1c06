package cfn

import (
	"slices"
	"strings"
)

// check finds references to what the template does not define, and circles among its
// conditions and resources, whichever values the parameters will have.
func (t *Template) check() error {
	if err := t.checkConditions(); err != nil {
		return err
	}
	for _, u := range t.rules {
		for _, a := range u.assertions {
			if err := t.checkNoResources("Rules", a.assert); err != nil {
				return err
			}
		}
		if u.condition != nil {
			if err := t.checkNoResources("Rules", u.condition); err != nil {
				return err
			}
		}
	}
	for _, r := range t.Resources {
		if err := t.checkReferences("Resources", r.Condition, r.DependsOn, r.properties, r.deletionPolicy, r.updateReplacePolicy); err != nil {
			return err
		}
	}
	for _, o := range t.Outputs {
		if err := t.checkReferences("Outputs", o.Condition, nil, o.value, o.export); err != nil {
			return err
		}
	}
	_, err := t.order(t.Resources, nil)
	return err
}

// checkConditions puts the conditions into an order in which each can be evaluated.
func (t *Template) checkConditions() error {
	for _, name := range t.condOrder {
		if err := t.checkNoResources("Conditions", t.conditions[name]); err != nil {
			return err
		}
		if missing := t.undefinedConditions(t.conditions[name]); missing != "" {
			return templateErrorf("Template format error: Unresolved condition dependency %s in the Conditions block of the template", missing)
		}
	}
	sorted, circle := sortByNeed(t.condOrder, func(name string) []string {
		var needs []string
		walk(t.conditions[name], nil, func(e expr) {
			if c, ok := e.(condition); ok {
				needs = append(needs, c.name)
			}
		})
		return needs
	})
	if circle != nil {
		return templateErrorf("Template format error: Circular dependency between conditions: [%s]", strings.Join(circle, ", "))
	}
	t.condOrder = sorted
	return nil
}

func (t *Template) checkNoResources(block string, e expr) error {
	if names := t.unresolved(e, func(string) bool { return false }); len(names) > 0 {
		return templateErrorf("Template format error: Unresolved dependencies [%s]. Cannot reference resources in the %s block of the template", strings.Join(names, ", "), block)
	}
	return nil
}

func (t *Template) checkReferences(block, cond string, dependsOn []string, exprs ...expr) error {
	isResource := func(name string) bool { _, ok := t.resources[name]; return ok }
	missing := cond
	if _, ok := t.conditions[cond]; ok {
		missing = ""
	}
	var names []string
	for _, e := range exprs {
		if e == nil {
			continue
		}
		if missing == "" {
			missing = t.undefinedConditions(e)
		}
		names = append(names, t.unresolved(e, isResource)...)
	}
	if missing != "" {
		return templateErrorf("Template format error: Unresolved condition dependency %s in the %s block of the template", missing, block)
	}
	for _, id := range dependsOn {
		if !isResource(id) {
			names = append(names, id)
		}
	}
	return unresolvedError(names, block)
}

func unresolvedError(names []string, block string) error {
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return templateErrorf("Template format error: Unresolved resource dependencies [%s] in the %s block of the template", strings.Join(slices.Compact(names), ", "), block)
}

// unresolved returns the names in e that are neither parameters nor, by isResource, resources.
func (t *Template) unresolved(e expr, isResource func(string) bool) []string {
	var names []string
	walk(e, nil, func(e expr) {
		switch e := e.(type) {
		case ref:
			if _, ok := t.parameters[e.name]; !ok && !isPseudo(e.name) && !isResource(e.name) {
				names = append(names, e.name)
			}
		case getAtt:
			if !isResource(e.resource) {
				names = append(names, e.resource)
			}
		}
	})
	return names
}

// undefinedConditions returns the first condition that e names and the template lacks.
func (t *Template) undefinedConditions(e expr) string {
	missing := ""
	walk(e, nil, func(e expr) {
		name := ""
		switch e := e.(type) {
		case ifElse:
			name = e.condition
		case condition:
			name = e.name
		default:
			return
		}
		if _, ok := t.conditions[name]; !ok && missing == "" {
			missing = name
		}
	})
	return missing
}

// walk calls visit for e and all it is made of; see [expr.children] for s.
func walk(e expr, s *scope, visit func(expr)) {
	if e == nil {
		return
	}
	visit(e)
	for _, child := range e.children(s) {
		walk(child, s, visit)
	}
}
