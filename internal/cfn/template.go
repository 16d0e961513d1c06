// Package cfn reads CloudFormation templates and evaluates them.
//
// [Parse] checks a template as CloudFormation does before anything is deployed,
// [Template.Bind] gives its parameters values, and the [Bound] template answers
// which resources there are, in which order, with which properties. Errors carry
// CloudFormation's own texts, because they are what a user searches for.
//
// The package performs no I/O and reads no clock. A Template may be used by many
// goroutines at once. Macros, Fn::ImportValue, Fn::GetAZs, Fn::Cidr and parameters
// that are read from the SSM Parameter Store need AWS and are refused by name.
package cfn

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// MaxBody is the longest template CloudFormation takes, in bytes, and only from S3;
// in a request the limit is [MaxInlineBody].
const MaxBody = 1_000_000

// MaxInlineBody is the longest TemplateBody of a request, in bytes.
const MaxInlineBody = 51_200

// formatVersion is the only value AWSTemplateFormatVersion has ever had.
const formatVersion = "2010-09-09"

// Template is a parsed template. Its order is that of the file.
type Template struct {
	Description string
	Metadata    map[string]any // as written; functions in it are not evaluated
	Parameters  []Parameter
	Resources   []Resource
	Outputs     []Output

	mappings   map[string]mapping
	conditions map[string]expr
	condOrder  []string // every condition comes after those it uses
	rules      []rule
	parameters map[string]int // name to index in Parameters
	resources  map[string]int // logical id to index in Resources
}

// mapping is one member of the Mappings section: first key, second key, value.
type mapping map[string]map[string]any

// Resource is one member of the Resources section.
type Resource struct {
	LogicalID string
	Type      string
	Condition string   // the name of a condition, empty if the resource always exists
	DependsOn []string // as written

	metadata            map[string]any
	deletionPolicy      expr
	updateReplacePolicy expr
	properties          object
}

// Metadata returns what the template notes about the resource, as written.
func (r Resource) Metadata() map[string]any { return r.metadata }

// Properties returns the names of the properties that the template sets, as written.
func (r Resource) Properties() []string { return slices.Clone(r.properties.keys) }

// HasDeletionPolicy reports whether the template says what becomes of the resource with its stack.
func (r Resource) HasDeletionPolicy() bool { return r.deletionPolicy != nil }

// HasProperty reports whether the template sets the named property, be it to AWS::NoValue.
func (r Resource) HasProperty(name string) bool { return slices.Contains(r.properties.keys, name) }

// Output is one member of the Outputs section.
type Output struct {
	Name        string
	Description string
	Condition   string

	value  expr
	export expr // nil if the output is not exported
}

// Parameter returns the parameter with that name.
func (t *Template) Parameter(name string) (Parameter, bool) {
	i, ok := t.parameters[name]
	if !ok {
		return Parameter{}, false
	}
	return t.Parameters[i], true
}

// Resource returns the resource with that logical id.
func (t *Template) Resource(logicalID string) (Resource, bool) {
	i, ok := t.resources[logicalID]
	if !ok {
		return Resource{}, false
	}
	return t.Resources[i], true
}

// ResourceTypes returns every type the template uses, sorted.
func (t *Template) ResourceTypes() []string {
	var types []string
	for _, r := range t.Resources {
		types = append(types, r.Type)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// Parse reads a template, JSON or YAML. Every error is a [*TemplateError] with the text
// that CloudFormation answers in a ValidationError.
func Parse(body []byte) (*Template, error) {
	if len(body) > MaxBody {
		return nil, templateErrorf("Template may not exceed %d bytes in size.", MaxBody)
	}
	root, err := decode(body)
	if err != nil {
		return nil, err
	}
	t := &Template{
		mappings:   map[string]mapping{},
		conditions: map[string]expr{},
		parameters: map[string]int{},
		resources:  map[string]int{},
	}
	if err := (&reader{t: t}).template(root); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t, nil
}

// reader fills a Template from the nodes of its text.
type reader struct {
	t     *Template
	block string // the section being read
}

// sections are the members a template may have, in the order they are read: what a
// later one refers to is known by then. Each maximum is AWS's quota for the section.
var sections = []struct {
	name string
	max  int // 0 if there is no quota
	read func(*reader, *yaml.Node) error
}{
	{"AWSTemplateFormatVersion", 0, (*reader).version},
	{"Description", 0, (*reader).description},
	{"Metadata", 0, (*reader).metadata},
	{"Parameters", 200, (*reader).parameters},
	{"Mappings", 200, (*reader).mappings},
	{"Rules", 0, (*reader).rules},
	{"Conditions", 0, (*reader).conditions},
	{"Resources", 500, (*reader).resources},
	{"Outputs", 200, (*reader).outputs},
}

func (r *reader) template(root *yaml.Node) error {
	if root.Kind != yaml.MappingNode {
		return templateErrorf("Template format error: unsupported structure.")
	}
	found := map[string]*yaml.Node{}
	var unknown []string
	for name, value := range members(root) {
		found[name] = value
		switch {
		case name == "Transform":
			return templateErrorf("Transforms are not supported here: the template must not need a macro")
		case name == "Hooks":
			return templateErrorf("Hooks are not supported here")
		case !isSection(name):
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return templateErrorf("Invalid template property or properties [%s]", strings.Join(unknown, ", "))
	}
	for _, s := range sections {
		value, ok := found[s.name]
		if !ok {
			continue
		}
		if n := len(value.Content) / 2; s.max > 0 && value.Kind == yaml.MappingNode && n > s.max {
			return templateErrorf("Template format error: Number of %s, %d, is greater than maximum allowed, %d", strings.ToLower(s.name), n, s.max)
		}
		r.block = s.name
		if err := s.read(r, value); err != nil {
			return err
		}
	}
	if len(r.t.Resources) == 0 {
		return templateErrorf("Template format error: At least one Resources member must be defined.")
	}
	return nil
}

func isSection(name string) bool {
	for _, s := range sections {
		if s.name == name {
			return true
		}
	}
	return false
}

func (r *reader) version(n *yaml.Node) error {
	if v, ok := text(n); !ok || v != formatVersion {
		return templateErrorf("Template format error: unsupported value for AWSTemplateFormatVersion.")
	}
	return nil
}

func (r *reader) description(n *yaml.Node) error {
	v, ok := text(n)
	if !ok {
		return templateErrorf("Template format error: every Description member must be a string.")
	}
	if len(v) > 1024 {
		return templateErrorf("Template format error: 'Description' length is greater than 1024.")
	}
	r.t.Description = v
	return nil
}

func (r *reader) metadata(n *yaml.Node) (err error) {
	r.t.Metadata, err = plainObject(n, "Metadata")
	return err
}

// mappings reads names to keys to values; a value is text or a list.
func (r *reader) mappings(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return templateErrorf("Template format error: Mappings must be a map")
	}
	for name, keys := range members(n) {
		if err := logicalName("Mapping", name); err != nil {
			return err
		}
		m := mapping{}
		for key, attributes := range members(keys) {
			if attributes.Kind != yaml.MappingNode {
				return templateErrorf("Template format error: Every Mappings attribute must be a map: [/Mappings/%s/%s]", name, key)
			}
			m[key] = map[string]any{}
			for attribute, value := range members(attributes) {
				m[key][attribute] = plain(value)
			}
		}
		if len(m) == 0 {
			return templateErrorf("Template format error: Every Mappings member %s must be a map", name)
		}
		r.t.mappings[name] = m
	}
	return nil
}

// maxLogicalName is the longest logical name, in characters.
const maxLogicalName = 255

var alphanumeric = lazyregexp.New(`^[A-Za-z0-9]+$`)

// logicalName says whether name may stand for a parameter, a resource and so on.
func logicalName(kind, name string) error {
	if len(name) > maxLogicalName || !alphanumeric.MatchString(name) {
		return templateErrorf("Template format error: %s name %s is non alphanumeric.", kind, name)
	}
	return nil
}

// TemplateError says what is wrong with a template, whatever values its parameters get.
// Its text is the message of CloudFormation's ValidationError.
type TemplateError struct{ Message string }

func (e *TemplateError) Error() string { return e.Message }

func templateErrorf(format string, args ...any) *TemplateError {
	return &TemplateError{Message: fmt.Sprintf(format, args...)}
}
