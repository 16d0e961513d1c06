package cfn

import "reflect"

// The functions with a truth value: those of conditions, and those of rules alone.

const logicUsage = "Template format error: Conditions can only be boolean operations on parameters and other conditions"

// equals is Fn::Equals.
type equals struct{ a, b expr }

func (e equals) eval(s scope) (any, error) {
	a, err := e.a.eval(s)
	if err != nil {
		return nil, err
	}
	b, err := e.b.eval(s)
	if err != nil {
		return nil, err
	}
	return sameValue(a, b), nil
}

func (e equals) children(*scope) []expr { return []expr{e.a, e.b} }

// sameValue compares with case; true equals "true" and 1 equals "1".
func sameValue(a, b any) bool {
	at, aok := asText(a)
	bt, bok := asText(b)
	if aok && bok {
		return at == bt
	}
	return reflect.DeepEqual(a, b)
}

// all is Fn::And, anyOf is Fn::Or; neither looks further than it must.
type (
	all   []expr
	anyOf []expr
)

func (e all) eval(s scope) (any, error)   { return settled(e, s, false) }
func (e anyOf) eval(s scope) (any, error) { return settled(e, s, true) }

// settled returns settling as soon as one operand has that value, else its opposite.
func settled(operands []expr, s scope, settling bool) (any, error) {
	for _, operand := range operands {
		v, err := evalBool(operand, s)
		if err != nil {
			return nil, err
		}
		if v == settling {
			return settling, nil
		}
	}
	return !settling, nil
}

func (e all) children(*scope) []expr   { return e }
func (e anyOf) children(*scope) []expr { return e }

// not is Fn::Not.
type not struct{ operand expr }

func (e not) eval(s scope) (any, error) {
	v, err := evalBool(e.operand, s)
	return !v, err
}

func (e not) children(*scope) []expr { return []expr{e.operand} }

// condition is {"Condition": "Name"}: the value of another condition.
type condition struct{ name string }

func (e condition) eval(s scope) (any, error) { return s.b.conditions[e.name], nil }
func (condition) children(*scope) []expr      { return nil }

// memberIn is Fn::EachMemberIn: every member of a list is in another one.
type memberIn struct{ list, in expr }

func (e memberIn) eval(s scope) (any, error) {
	items, err := evalList(e.list, s, "Template error: every Fn::EachMemberIn object requires two lists of strings")
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		found, err := contains{e.in, literal{item}}.eval(s)
		if err != nil || found == false {
			return false, err
		}
	}
	return true, nil
}

func (e memberIn) children(*scope) []expr { return []expr{e.list, e.in} }

// memberEquals is Fn::EachMemberEquals: every member of a list is this value.
type memberEquals struct{ list, value expr }

func (e memberEquals) eval(s scope) (any, error) {
	items, err := evalList(e.list, s, "Template error: every Fn::EachMemberEquals object requires a list of strings and a string")
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		same, err := equals{literal{item}, e.value}.eval(s)
		if err != nil || same == false {
			return false, err
		}
	}
	return true, nil
}

func (e memberEquals) children(*scope) []expr { return []expr{e.list, e.value} }

// contains is Fn::Contains: a list has this value.
type contains struct{ list, value expr }

func (e contains) eval(s scope) (any, error) {
	items, err := evalList(e.list, s, "Template error: every Fn::Contains object requires a list of strings and a string")
	if err != nil {
		return nil, err
	}
	v, err := e.value.eval(s)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if sameValue(item, v) {
			return true, nil
		}
	}
	return false, nil
}

func (e contains) children(*scope) []expr { return []expr{e.list, e.value} }

func evalBool(e expr, s scope) (bool, error) {
	v, err := e.eval(s)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, templateErrorf("%s", logicUsage)
	}
	return b, nil
}

// isLogic reports whether e always has a truth value.
func isLogic(e expr) bool {
	switch e.(type) {
	case equals, all, anyOf, not, condition, memberIn, memberEquals, contains:
		return true
	default:
		return false
	}
}
