package cfn

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// expr is a piece of a template that has a value once the parameters, the conditions
// and, for references to resources, what was made so far are known.
type expr interface {
	eval(s scope) (any, error)
	// children are the expressions that this one is made of. Where s is not nil only
	// those that count under its conditions are: one branch of an Fn::If.
	children(s *scope) []expr
}

// scope is what an expression is evaluated against.
type scope struct {
	b    *Bound
	phys Physical // nil where resources cannot be referred to
}

// Physical knows the resources that exist. Ref returns what Ref gives for a resource
// (for a role its name), Att one of its attributes. ok is false if it is not known.
type Physical interface {
	Ref(logicalID string) (value string, ok bool)
	Att(logicalID, name string) (value any, ok bool)
}

// noValue is what AWS::NoValue evaluates to: the member that holds it disappears.
type noValue struct{}

type literal struct{ value any }

func (e literal) eval(scope) (any, error) { return e.value, nil }
func (literal) children(*scope) []expr    { return nil }

type list []expr

func (e list) eval(s scope) (any, error) {
	values := make([]any, 0, len(e))
	for _, item := range e {
		v, err := item.eval(s)
		if err != nil {
			return nil, err
		}
		if !isNoValue(v) {
			values = append(values, v)
		}
	}
	return values, nil
}

func (e list) children(*scope) []expr { return e }

type object struct {
	keys   []string
	values []expr
}

func (e object) eval(s scope) (any, error) {
	m := make(map[string]any, len(e.keys))
	for i, key := range e.keys {
		v, err := e.values[i].eval(s)
		if err != nil {
			return nil, err
		}
		if !isNoValue(v) {
			m[key] = v
		}
	}
	return m, nil
}

func (e object) children(*scope) []expr { return e.values }

func isNoValue(v any) bool {
	_, ok := v.(noValue)
	return ok
}

// ref is Ref: a parameter, a pseudo parameter or a resource.
type ref struct{ name string }

func (e ref) eval(s scope) (any, error) {
	if v, ok := s.b.lookup(e.name); ok {
		return v, nil
	}
	if s.phys != nil {
		if v, ok := s.phys.Ref(e.name); ok {
			return v, nil
		}
	}
	return nil, templateErrorf("Template format error: Unresolved resource dependencies [%s] in the Resources block of the template", e.name)
}

func (ref) children(*scope) []expr { return nil }

// getAtt is Fn::GetAtt; the name of the attribute may itself be computed.
type getAtt struct {
	resource  string
	attribute expr
}

func (e getAtt) eval(s scope) (any, error) {
	name, err := evalText(e.attribute, s, "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")
	if err != nil {
		return nil, err
	}
	if s.phys != nil {
		if v, ok := s.phys.Att(e.resource, name); ok {
			return v, nil
		}
	}
	return nil, templateErrorf("Template error: resource %s does not support attribute type %s in Fn::GetAtt", e.resource, name)
}

func (e getAtt) children(*scope) []expr { return []expr{e.attribute} }

// join is Fn::Join.
type join struct {
	delimiter string
	list      expr
}

const joinUsage = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."

func (e join) eval(s scope) (any, error) {
	items, err := evalList(e.list, s, joinUsage)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(items))
	for i, item := range items {
		t, ok := asText(item)
		if !ok {
			return nil, templateErrorf("%s", joinUsage)
		}
		texts[i] = t
	}
	return strings.Join(texts, e.delimiter), nil
}

func (e join) children(*scope) []expr { return []expr{e.list} }

// split is Fn::Split.
type split struct {
	delimiter string
	source    expr
}

const splitUsage = "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split."

func (e split) eval(s scope) (any, error) {
	source, err := evalText(e.source, s, splitUsage)
	if err != nil {
		return nil, err
	}
	return anyList(strings.Split(source, e.delimiter)), nil
}

func (e split) children(*scope) []expr { return []expr{e.source} }

// selectItem is Fn::Select.
type selectItem struct{ index, list expr }

const selectUsage = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"

func (e selectItem) eval(s scope) (any, error) {
	at, err := evalText(e.index, s, selectUsage)
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(at)
	if err != nil {
		return nil, templateErrorf("%s", selectUsage)
	}
	items, err := evalList(e.list, s, selectUsage)
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= len(items) {
		return nil, templateErrorf("Template error: Fn::Select cannot select nonexistent value at index %d", i)
	}
	return items[i], nil
}

func (e selectItem) children(*scope) []expr { return []expr{e.index, e.list} }

// findInMap is Fn::FindInMap.
type findInMap struct{ name, key, attribute expr }

const findInMapUsage = "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value"

func (e findInMap) eval(s scope) (any, error) {
	var at [3]string
	for i, part := range e.children(nil) {
		v, err := evalText(part, s, findInMapUsage)
		if err != nil {
			return nil, err
		}
		at[i] = v
	}
	m, ok := s.b.template.mappings[at[0]]
	if !ok {
		return nil, templateErrorf("Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", at[0])
	}
	v, ok := m[at[1]][at[2]]
	if !ok {
		return nil, templateErrorf("Template error: Unable to get mapping for %s::%s::%s", at[0], at[1], at[2])
	}
	return v, nil
}

func (e findInMap) children(*scope) []expr { return []expr{e.name, e.key, e.attribute} }

// ifElse is Fn::If.
type ifElse struct {
	condition string
	yes, no   expr
}

func (e ifElse) eval(s scope) (any, error) { return e.branch(s).eval(s) }

func (e ifElse) branch(s scope) expr {
	if s.b.conditions[e.condition] {
		return e.yes
	}
	return e.no
}

func (e ifElse) children(s *scope) []expr {
	if s == nil {
		return []expr{e.yes, e.no}
	}
	return []expr{e.branch(*s)}
}

// base64Text is Fn::Base64.
type base64Text struct{ source expr }

const base64Usage = "Template error: every Fn::Base64 object must have a String-typed value."

func (e base64Text) eval(s scope) (any, error) {
	source, err := evalText(e.source, s, base64Usage)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.EncodeToString([]byte(source)), nil
}

func (e base64Text) children(*scope) []expr { return []expr{e.source} }

// asText returns the text of a scalar value; a list or a map has none.
func asText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case bool:
		return strconv.FormatBool(v), true
	default:
		return "", false
	}
}

// evalText evaluates e to text; usage is the error where it is something else.
func evalText(e expr, s scope, usage string) (string, error) {
	v, err := e.eval(s)
	if err != nil {
		return "", err
	}
	t, ok := asText(v)
	if !ok {
		return "", templateErrorf("%s", usage)
	}
	return t, nil
}

func evalList(e expr, s scope, usage string) ([]any, error) {
	v, err := e.eval(s)
	if err != nil {
		return nil, err
	}
	items, ok := v.([]any)
	if !ok {
		return nil, templateErrorf("%s", usage)
	}
	return items, nil
}

func anyList(texts []string) []any {
	items := make([]any, len(texts))
	for i, t := range texts {
		items[i] = t
	}
	return items
}
