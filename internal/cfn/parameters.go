package cfn

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// Parameter is one member of the Parameters section.
type Parameter struct {
	Name                  string
	Type                  string
	Description           string
	Default               *string // nil if a value must be given
	NoEcho                bool    // its value is never shown
	AllowedValues         []string
	AllowedPattern        string
	ConstraintDescription string
	MinLength, MaxLength  *int // characters
	MinValue, MaxValue    *float64

	pattern *regexp.Regexp // AllowedPattern, for the whole value
}

// HiddenValue is shown in place of the value of a NoEcho parameter.
const HiddenValue = "****"

// IsList reports whether the value is a list, written with commas.
func (p Parameter) IsList() bool {
	return p.Type == "CommaDelimitedList" || strings.HasPrefix(p.Type, "List<")
}

// parameterType matches the types whose values are text without asking AWS. The AWS-specific
// ones (AWS::EC2::VPC::Id and the like) are text as well: nobody checks that the thing exists.
var parameterType = lazyregexp.New(`^(String|Number|CommaDelimitedList|List<(String|Number|AWS::[A-Za-z0-9]+::[A-Za-z0-9:]+)>|AWS::[A-Za-z0-9]+::[A-Za-z0-9:]+)$`)

// parameterAttributes are the members a parameter may have.
var parameterAttributes = map[string]func(*Parameter, *yaml.Node) error{
	"Type":           func(p *Parameter, n *yaml.Node) error { return parameterText(&p.Type, n, p.Name, "Type") },
	"Description":    func(p *Parameter, n *yaml.Node) error { return parameterText(&p.Description, n, p.Name, "Description") },
	"Default":        (*Parameter).readDefault,
	"NoEcho":         (*Parameter).readNoEcho,
	"AllowedValues":  (*Parameter).readAllowedValues,
	"AllowedPattern": (*Parameter).readAllowedPattern,
	"ConstraintDescription": func(p *Parameter, n *yaml.Node) error {
		return parameterText(&p.ConstraintDescription, n, p.Name, "ConstraintDescription")
	},
	"MinLength": func(p *Parameter, n *yaml.Node) error {
		return parameterNumber(&p.MinLength, strconv.Atoi, n, p.Name, "MinLength")
	},
	"MaxLength": func(p *Parameter, n *yaml.Node) error {
		return parameterNumber(&p.MaxLength, strconv.Atoi, n, p.Name, "MaxLength")
	},
	"MinValue": func(p *Parameter, n *yaml.Node) error {
		return parameterNumber(&p.MinValue, number, n, p.Name, "MinValue")
	},
	"MaxValue": func(p *Parameter, n *yaml.Node) error {
		return parameterNumber(&p.MaxValue, number, n, p.Name, "MaxValue")
	},
}

func (r *reader) parameters(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return templateErrorf("Template format error: every Parameters object must be a map")
	}
	for name, attributes := range members(n) {
		if err := logicalName("Parameter", name); err != nil {
			return err
		}
		p := Parameter{Name: name}
		for attribute, value := range members(attributes) {
			read, ok := parameterAttributes[attribute]
			if !ok {
				return templateErrorf("Invalid template parameter property '%s'", attribute)
			}
			if err := read(&p, value); err != nil {
				return err
			}
		}
		switch {
		case p.Type == "":
			return templateErrorf("Template format error: Every Parameters object must contain a Type member.")
		case strings.HasPrefix(p.Type, "AWS::SSM::Parameter::"):
			return templateErrorf("Parameter %s is read from the SSM Parameter Store (type %s), which is not supported here", name, p.Type)
		case !parameterType.MatchString(p.Type):
			return templateErrorf("Template format error: Unrecognized parameter type: %s", p.Type)
		}
		r.t.parameters[name] = len(r.t.Parameters)
		r.t.Parameters = append(r.t.Parameters, p)
	}
	return nil
}

func parameterText(field *string, n *yaml.Node, name, attribute string) error {
	t, ok := text(n)
	if !ok {
		return templateErrorf("Template format error: Every %s member must be a string. (Parameter %s)", attribute, name)
	}
	*field = t
	return nil
}

func number(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

func parameterNumber[T int | float64](field **T, parse func(string) (T, error), n *yaml.Node, name, attribute string) error {
	t, _ := text(n)
	v, err := parse(t)
	if err != nil {
		return templateErrorf("Template format error: Parameter '%s' %s must be a number", name, attribute)
	}
	*field = &v
	return nil
}

func (p *Parameter) readDefault(n *yaml.Node) error {
	var v string
	p.Default = &v
	return parameterText(&v, n, p.Name, "Default")
}

func (p *Parameter) readNoEcho(n *yaml.Node) (err error) {
	t, _ := text(n)
	if p.NoEcho, err = strconv.ParseBool(strings.ToLower(t)); err != nil {
		return templateErrorf("Template format error: Every NoEcho member must be a boolean. (Parameter %s)", p.Name)
	}
	return nil
}

func (p *Parameter) readAllowedValues(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode {
		return templateErrorf("Template format error: Every AllowedValues value must be a list. (Parameter %s)", p.Name)
	}
	for _, item := range n.Content {
		v, ok := text(item)
		if !ok {
			return templateErrorf("Template format error: Every AllowedValues value must be a string. (Parameter %s)", p.Name)
		}
		p.AllowedValues = append(p.AllowedValues, v)
	}
	return nil
}

// readAllowedPattern compiles the pattern, which AWS reads as a Java one. What Go does
// not have (lookaround, back references) is refused here rather than ignored.
func (p *Parameter) readAllowedPattern(n *yaml.Node) error {
	if err := parameterText(&p.AllowedPattern, n, p.Name, "AllowedPattern"); err != nil {
		return err
	}
	pattern, err := regexp.Compile(`^(?:` + p.AllowedPattern + `)$`)
	if err != nil {
		return templateErrorf("Template format error: the AllowedPattern of parameter %s is not supported here: %v", p.Name, err)
	}
	p.pattern = pattern
	return nil
}

// ParameterError says which parameter has no or no good value. Its text is the message of
// CloudFormation's ValidationError.
type ParameterError struct {
	Parameters []string // the names, one unless values are missing or unknown
	Message    string
}

func (e *ParameterError) Error() string { return e.Message }

// Check judges a value as CloudFormation does before it starts. Its error is a [*ParameterError].
func (p Parameter) Check(value string) error {
	problem := p.problem(value)
	if problem == "" {
		return nil
	}
	message := fmt.Sprintf("Parameter '%s' %s", p.Name, problem)
	if p.ConstraintDescription != "" {
		message = fmt.Sprintf("Parameter %s failed to satisfy constraint: %s", p.Name, p.ConstraintDescription)
	}
	return &ParameterError{Parameters: []string{p.Name}, Message: message}
}

// problem says what the value must be and is not, or "". The constraints of a list hold for
// each of its members.
func (p Parameter) problem(value string) string {
	if !p.IsList() {
		return p.itemProblem(value)
	}
	for _, item := range splitList(value) {
		if problem := p.itemProblem(item); problem != "" {
			return problem
		}
	}
	return ""
}

func (p Parameter) itemProblem(value string) string {
	switch {
	case len(value) > 4096:
		return "must contain at most 4096 characters"
	case p.MinLength != nil && len([]rune(value)) < *p.MinLength:
		return fmt.Sprintf("must contain at least %d characters", *p.MinLength)
	case p.MaxLength != nil && len([]rune(value)) > *p.MaxLength:
		return fmt.Sprintf("must contain at most %d characters", *p.MaxLength)
	case p.AllowedValues != nil && !slices.Contains(p.AllowedValues, value):
		return "must be one of AllowedValues"
	case p.pattern != nil && !p.pattern.MatchString(value):
		return "must match pattern " + p.AllowedPattern
	case p.Type == "Number" || p.Type == "List<Number>":
		return p.numberProblem(value)
	}
	return ""
}

func (p Parameter) numberProblem(value string) string {
	v, err := number(value)
	switch {
	case err != nil:
		return "must be a number"
	case p.MinValue != nil && v < *p.MinValue:
		return "must be a number not less than " + strconv.FormatFloat(*p.MinValue, 'f', -1, 64)
	case p.MaxValue != nil && v > *p.MaxValue:
		return "must be a number not greater than " + strconv.FormatFloat(*p.MaxValue, 'f', -1, 64)
	}
	return ""
}

// value is what Ref gives for the parameter.
func (p Parameter) value(given string) any {
	if p.IsList() {
		return anyList(splitList(given))
	}
	return given
}

// splitList splits at commas and trims blanks; the empty text is a list of one empty member.
func splitList(value string) []string {
	items := strings.Split(value, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}
