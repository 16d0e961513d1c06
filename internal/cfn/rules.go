package cfn

import "go.yaml.in/yaml/v3"

// rule is one member of the Rules section: what must hold between parameters.
type rule struct {
	name       string
	condition  expr // nil if the assertions always count
	assertions []assertion
}

type assertion struct {
	assert      expr
	description string
}

// RuleError says which assertion of the Rules section the parameters break. Its text is
// what the template says of the assertion.
type RuleError struct {
	Rule        string
	Description string // AssertDescription, empty if the template gives none
}

func (e *RuleError) Error() string {
	if e.Description == "" {
		return "Template error: an assertion of rule " + e.Rule + " is not satisfied"
	}
	return e.Description
}

func (r *reader) rules(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return templateErrorf("Template format error: every Rules object must be a map")
	}
	for name, body := range members(n) {
		if err := logicalName("Rule", name); err != nil {
			return err
		}
		read, err := r.rule(name, body)
		if err != nil {
			return err
		}
		r.t.rules = append(r.t.rules, read)
	}
	return nil
}

func (r *reader) rule(name string, body *yaml.Node) (rule, error) {
	read := rule{name: name}
	for attribute, value := range members(body) {
		var err error
		switch attribute {
		case "RuleCondition":
			read.condition, err = r.logic(value)
		case "Assertions":
			read.assertions, err = r.assertions(name, value)
		default:
			err = templateErrorf("Invalid template rule property '%s'", attribute)
		}
		if err != nil {
			return read, err
		}
	}
	if len(read.assertions) == 0 {
		return read, templateErrorf("Template format error: rule %s must contain an Assertions list", name)
	}
	return read, nil
}

func (r *reader) assertions(name string, n *yaml.Node) ([]assertion, error) {
	var read []assertion
	for _, item := range n.Content {
		assert := member(item, "Assert")
		if assert == nil {
			return nil, templateErrorf("Template format error: every assertion of rule %s must contain an Assert member", name)
		}
		e, err := r.logic(assert)
		if err != nil {
			return nil, err
		}
		description, _ := text(member(item, "AssertDescription"))
		read = append(read, assertion{e, description})
	}
	return read, nil
}

// logic reads an expression that must have a truth value.
func (r *reader) logic(n *yaml.Node) (expr, error) {
	e, err := r.expr(n)
	if err != nil {
		return nil, err
	}
	if !isLogic(e) {
		return nil, templateErrorf("%s", logicUsage)
	}
	return e, nil
}

// check evaluates the rule. Its error is a [*RuleError] for the first assertion that fails.
func (u rule) check(s scope) error {
	if u.condition != nil {
		if applies, err := evalBool(u.condition, s); err != nil || !applies {
			return err
		}
	}
	for _, a := range u.assertions {
		holds, err := evalBool(a.assert, s)
		if err != nil {
			return err
		}
		if !holds {
			return &RuleError{Rule: u.name, Description: a.description}
		}
	}
	return nil
}
