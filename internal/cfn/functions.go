package cfn

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// function reads the argument of one intrinsic function.
type function func(r *reader, arg *yaml.Node) (expr, error)

// functionsByName are the intrinsic functions by their long names. Their short form is the
// name without Fn::, as a tag. (A function and no variable: readers and table refer to each other.)
func functionsByName(name string) (function, bool) {
	switch name {
	case "Ref":
		return (*reader).ref, true
	case "Condition":
		return (*reader).conditionRef, true
	case "Fn::GetAtt":
		return (*reader).getAtt, true
	case "Fn::Sub":
		return (*reader).sub, true
	case "Fn::Join":
		return (*reader).join, true
	case "Fn::Split":
		return (*reader).split, true
	case "Fn::Select":
		return two(selectUsage, func(index, list expr) expr { return selectItem{index, list} }), true
	case "Fn::FindInMap":
		return (*reader).findInMap, true
	case "Fn::If":
		return (*reader).ifElse, true
	case "Fn::Base64":
		return (*reader).base64, true
	case "Fn::Equals":
		return two("Template error: every Fn::Equals object requires a list of 2 string parameters.",
			func(a, b expr) expr { return equals{a, b} }), true
	case "Fn::And":
		return operands(name, 2, 10, func(e []expr) expr { return all(e) }), true
	case "Fn::Or":
		return operands(name, 2, 10, func(e []expr) expr { return anyOf(e) }), true
	case "Fn::Not":
		return operands(name, 1, 1, func(e []expr) expr { return not{e[0]} }), true
	case "Fn::Contains":
		return two("Template error: every Fn::Contains object requires a list of strings and a string",
			func(list, value expr) expr { return contains{list, value} }), true
	case "Fn::EachMemberIn":
		return two("Template error: every Fn::EachMemberIn object requires two lists of strings",
			func(list, in expr) expr { return memberIn{list, in} }), true
	case "Fn::EachMemberEquals":
		return two("Template error: every Fn::EachMemberEquals object requires a list of strings and a string",
			func(list, value expr) expr { return memberEquals{list, value} }), true
	default:
		return nil, false
	}
}

// unsupported are functions that CloudFormation has and this package has not, because
// each needs something only AWS knows or a macro.
var unsupported = []string{
	"Fn::ImportValue", "Fn::GetAZs", "Fn::Cidr", "Fn::Transform", "Fn::GetStackOutput",
	"Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll", "Fn::Length", "Fn::ToJsonString",
}

var (
	ruleOnly = []string{"Fn::Contains", "Fn::EachMemberIn", "Fn::EachMemberEquals"}
	inRules  = append([]string{"Ref", "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals"}, ruleOnly...)
)

// isShortForm reports whether a tag is one of the template's own, such as !Ref.
func isShortForm(tag string) bool {
	return strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") && tag != "!"
}

// longName is the name of the function that a tag stands for.
func longName(tag string) string {
	name := strings.TrimPrefix(tag, "!")
	if name == "Ref" || name == "Condition" {
		return name
	}
	return "Fn::" + name
}

// expr reads a value in which functions may stand, in long and in short form.
func (r *reader) expr(n *yaml.Node) (expr, error) {
	if isShortForm(n.Tag) {
		return r.call(longName(n.Tag), n)
	}
	switch n.Kind {
	case yaml.SequenceNode:
		items, err := r.exprs(n.Content)
		return list(items), err
	case yaml.MappingNode:
		return r.object(n)
	default:
		return literal{scalar(n)}, nil
	}
}

func (r *reader) exprs(nodes []*yaml.Node) ([]expr, error) {
	items := make([]expr, len(nodes))
	for i, n := range nodes {
		e, err := r.expr(n)
		if err != nil {
			return nil, err
		}
		items[i] = e
	}
	return items, nil
}

// object reads a map, or the function that a map with a single key of its name is.
func (r *reader) object(n *yaml.Node) (expr, error) {
	var o object
	for key, value := range members(n) {
		if r.isCall(key) {
			if len(n.Content) != 2 {
				return nil, templateErrorf("Template format error: %s must be the only member of its object (line %d)", key, n.Line)
			}
			return r.call(key, value)
		}
		e, err := r.expr(value)
		if err != nil {
			return nil, err
		}
		o.keys = append(o.keys, key)
		o.values = append(o.values, e)
	}
	return o, nil
}

// isCall reports whether key makes its map a function. A map {"Condition": ...} is a
// function among conditions only; elsewhere it may be part of an IAM policy.
func (r *reader) isCall(key string) bool {
	if key == "Condition" {
		return r.block == "Conditions"
	}
	return key == "Ref" || strings.HasPrefix(key, "Fn::")
}

func (r *reader) call(name string, arg *yaml.Node) (expr, error) {
	read, ok := functionsByName(name)
	switch {
	case slices.Contains(unsupported, name) || strings.HasPrefix(name, "Fn::ForEach"):
		return nil, templateErrorf("%s is not supported here", name)
	case !ok:
		return nil, templateErrorf("Template error: the function %s does not exist (line %d)", name, arg.Line)
	case r.block == "Rules" && !slices.Contains(inRules, name):
		return nil, templateErrorf("Template error: %s cannot be used in the Rules block of the template", name)
	case r.block != "Rules" && slices.Contains(ruleOnly, name):
		return nil, templateErrorf("Template error: %s can be used in the Rules block of the template only", name)
	}
	return read(r, bare(arg))
}

// bare returns the node without its short-form tag, so that it reads as plain value.
func bare(n *yaml.Node) *yaml.Node {
	if !isShortForm(n.Tag) {
		return n
	}
	c := *n
	c.Tag = ""
	if c.Kind == yaml.ScalarNode {
		c.Tag = "!!str"
	}
	return &c
}

// two reads a function of exactly two arguments.
func two(usage string, build func(a, b expr) expr) function {
	return func(r *reader, arg *yaml.Node) (expr, error) {
		if arg.Kind != yaml.SequenceNode || len(arg.Content) != 2 {
			return nil, templateErrorf("%s", usage)
		}
		e, err := r.exprs(arg.Content)
		if err != nil {
			return nil, err
		}
		return build(e[0], e[1]), nil
	}
}

// operands reads a function of truth values.
func operands(name string, least, most int, build func([]expr) expr) function {
	usage := "Template error: every " + name + " object requires a list of at least 2 and at most 10 boolean parameters."
	if most == 1 {
		usage = "Template error: every " + name + " object requires one boolean parameter."
	}
	return func(r *reader, arg *yaml.Node) (expr, error) {
		if arg.Kind != yaml.SequenceNode || len(arg.Content) < least || len(arg.Content) > most {
			return nil, templateErrorf("%s", usage)
		}
		e, err := r.exprs(arg.Content)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(e, func(e expr) bool { return !isLogic(e) }) {
			return nil, templateErrorf("%s", usage)
		}
		return build(e), nil
	}
}

func (r *reader) ref(arg *yaml.Node) (expr, error) {
	name, ok := text(arg)
	if !ok || name == "" {
		return nil, templateErrorf("Template format error: Every Ref object must have a single String value.")
	}
	return ref{name}, nil
}

func (r *reader) conditionRef(arg *yaml.Node) (expr, error) {
	name, ok := text(arg)
	if !ok {
		return nil, templateErrorf("Template format error: Every Condition member must be a string.")
	}
	return condition{name}, nil
}

// getAtt reads "Resource.Attribute" or a list of the two.
func (r *reader) getAtt(arg *yaml.Node) (expr, error) {
	const usage = "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"
	if t, ok := text(arg); ok {
		resource, attribute, found := strings.Cut(t, ".")
		if !found || resource == "" || attribute == "" {
			return nil, templateErrorf("%s", usage)
		}
		return getAtt{resource, literal{attribute}}, nil
	}
	if arg.Kind != yaml.SequenceNode || len(arg.Content) != 2 {
		return nil, templateErrorf("%s", usage)
	}
	resource, ok := text(arg.Content[0])
	if !ok || resource == "" {
		return nil, templateErrorf("%s", usage)
	}
	attribute, err := r.expr(arg.Content[1])
	if err != nil {
		return nil, err
	}
	return getAtt{resource, attribute}, nil
}

func (r *reader) join(arg *yaml.Node) (expr, error) {
	delimiter, items, err := r.delimited(arg, joinUsage)
	if err != nil {
		return nil, err
	}
	if _, ok := items.(literal); ok {
		return nil, templateErrorf("%s", joinUsage)
	}
	return join{delimiter, items}, nil
}

func (r *reader) split(arg *yaml.Node) (expr, error) {
	delimiter, source, err := r.delimited(arg, splitUsage)
	if err != nil {
		return nil, err
	}
	if delimiter == "" {
		return nil, templateErrorf("%s", splitUsage)
	}
	return split{delimiter, source}, nil
}

// delimited reads a delimiter, which is always plain text, and what it applies to.
func (r *reader) delimited(arg *yaml.Node, usage string) (string, expr, error) {
	if arg.Kind != yaml.SequenceNode || len(arg.Content) != 2 {
		return "", nil, templateErrorf("%s", usage)
	}
	delimiter, ok := text(arg.Content[0])
	if !ok {
		return "", nil, templateErrorf("%s", usage)
	}
	e, err := r.expr(arg.Content[1])
	return delimiter, e, err
}

func (r *reader) findInMap(arg *yaml.Node) (expr, error) {
	if arg.Kind != yaml.SequenceNode || len(arg.Content) != 3 {
		return nil, templateErrorf("%s", findInMapUsage)
	}
	e, err := r.exprs(arg.Content)
	if err != nil {
		return nil, err
	}
	return findInMap{e[0], e[1], e[2]}, nil
}

func (r *reader) ifElse(arg *yaml.Node) (expr, error) {
	if arg.Kind != yaml.SequenceNode || len(arg.Content) != 3 {
		return nil, templateErrorf("Template error: Fn::If requires a list argument with three elements")
	}
	name, ok := text(arg.Content[0])
	if !ok {
		return nil, templateErrorf("Template error: Fn::If requires a list argument with the first element being a condition")
	}
	e, err := r.exprs(arg.Content[1:])
	if err != nil {
		return nil, err
	}
	return ifElse{name, e[0], e[1]}, nil
}

func (r *reader) base64(arg *yaml.Node) (expr, error) {
	e, err := r.expr(arg)
	if err != nil {
		return nil, err
	}
	return base64Text{e}, nil
}
