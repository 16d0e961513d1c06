package cfn

import (
	"maps"
	"slices"
	"strings"
)

// Pseudo holds the values of the pseudo parameters (AWS::AccountId and so on).
type Pseudo struct {
	Account          string
	Region           string
	Partition        string
	URLSuffix        string // amazonaws.com
	StackName        string
	StackID          string
	NotificationARNs []string
}

// pseudoParameters gives the value of each pseudo parameter.
var pseudoParameters = map[string]func(Pseudo) any{
	"AWS::AccountId":        func(p Pseudo) any { return p.Account },
	"AWS::Region":           func(p Pseudo) any { return p.Region },
	"AWS::Partition":        func(p Pseudo) any { return p.Partition },
	"AWS::URLSuffix":        func(p Pseudo) any { return p.URLSuffix },
	"AWS::StackName":        func(p Pseudo) any { return p.StackName },
	"AWS::StackId":          func(p Pseudo) any { return p.StackID },
	"AWS::NotificationARNs": func(p Pseudo) any { return anyList(p.NotificationARNs) },
	"AWS::NoValue":          func(Pseudo) any { return noValue{} },
}

func isPseudo(name string) bool {
	_, ok := pseudoParameters[name]
	return ok
}

// Bound is a template whose parameters have values. It may be used by many goroutines at once.
type Bound struct {
	template   *Template
	pseudo     Pseudo
	values     map[string]string
	conditions map[string]bool
	resources  []BoundResource // those that exist, in dependency order
}

// Bind gives the parameters their values, the default where values has none, checks them
// and the Rules, and decides the conditions. Its error is a [*ParameterError], a [*RuleError]
// or a [*TemplateError].
func (t *Template) Bind(p Pseudo, values map[string]string) (*Bound, error) {
	b := t.unbound(p)
	if err := b.setParameters(values); err != nil {
		return nil, err
	}
	for _, param := range t.Parameters {
		if err := param.Check(b.values[param.Name]); err != nil {
			return nil, err
		}
	}
	for _, u := range t.rules {
		if err := u.check(scope{b: b}); err != nil {
			return nil, err
		}
	}
	return b.decide()
}

// BindDeployed is Bind for the values that a stack has: CloudFormation has taken them, so that
// neither they nor the Rules are judged again.
func (t *Template) BindDeployed(p Pseudo, values map[string]string) (*Bound, error) {
	b := t.unbound(p)
	if err := b.setParameters(values); err != nil {
		return nil, err
	}
	return b.decide()
}

func (t *Template) unbound(p Pseudo) *Bound {
	return &Bound{template: t, pseudo: p, values: make(map[string]string, len(t.Parameters)), conditions: make(map[string]bool, len(t.conditions))}
}

// decide evaluates the conditions, and with them which resources exist.
func (b *Bound) decide() (*Bound, error) {
	s := scope{b: b}
	for _, name := range b.template.condOrder {
		holds, err := evalBool(b.template.conditions[name], s)
		if err != nil {
			return nil, err
		}
		b.conditions[name] = holds
	}
	return b, b.setResources()
}

func (b *Bound) setParameters(values map[string]string) error {
	var unknown, missing []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, ok := b.template.parameters[name]; !ok {
			unknown = append(unknown, name)
		}
	}
	for _, p := range b.template.Parameters {
		value, given := values[p.Name]
		switch {
		case given:
			b.values[p.Name] = value
		case p.Default != nil:
			b.values[p.Name] = *p.Default
		default:
			missing = append(missing, p.Name)
		}
	}
	if len(unknown) > 0 {
		return &ParameterError{unknown, "Parameters: [" + strings.Join(unknown, ", ") + "] do not exist in the template"}
	}
	if len(missing) > 0 {
		return &ParameterError{missing, "Parameters: [" + strings.Join(missing, ", ") + "] must have values"}
	}
	return nil
}

// setResources keeps the resources whose condition holds, and refuses references to others.
func (b *Bound) setResources() error {
	s := scope{b: b}
	exists := make(map[string]bool, len(b.template.Resources))
	var kept []Resource
	for _, r := range b.template.Resources {
		if b.holds(r.Condition) {
			kept = append(kept, r)
			exists[r.LogicalID] = true
		}
	}
	isResource := func(id string) bool { return exists[id] }
	var names []string
	for _, r := range kept {
		names = append(names, b.absent(r.properties, &s, isResource)...)
	}
	if err := unresolvedError(names, "Resources"); err != nil {
		return err
	}
	for _, o := range b.template.Outputs {
		if b.holds(o.Condition) {
			names = append(names, b.absent(o.value, &s, isResource)...)
		}
	}
	if err := unresolvedError(names, "Outputs"); err != nil {
		return err
	}
	kept, err := b.template.order(kept, &s)
	if err != nil {
		return err
	}
	b.resources = make([]BoundResource, len(kept))
	for i, r := range kept {
		if b.resources[i], err = b.bindResource(r, s, isResource); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bound) bindResource(r Resource, s scope, exists func(string) bool) (BoundResource, error) {
	deletion, err := policyOf(r.deletionPolicy, s, r.LogicalID, "DeletionPolicy")
	if err != nil {
		return BoundResource{}, err
	}
	replace, err := policyOf(r.updateReplacePolicy, s, r.LogicalID, "UpdateReplacePolicy")
	if err != nil {
		return BoundResource{}, err
	}
	needs := b.template.needs(r, &s)
	return BoundResource{
		LogicalID: r.LogicalID, Type: r.Type, DeletionPolicy: deletion, UpdateReplacePolicy: replace,
		DependsOn: slices.DeleteFunc(needs, func(id string) bool { return !exists(id) }),
	}, nil
}

// absent returns the resources that e, under the conditions of s, refers to though they do not exist.
func (b *Bound) absent(e expr, s *scope, exists func(string) bool) []string {
	var names []string
	walk(e, s, func(e expr) {
		id := ""
		switch e := e.(type) {
		case ref:
			id = e.name
		case getAtt:
			id = e.resource
		default:
			return
		}
		if _, ok := b.template.resources[id]; ok && !exists(id) {
			names = append(names, id)
		}
	})
	return names
}

func (b *Bound) holds(cond string) bool { return cond == "" || b.conditions[cond] }

// lookup returns the value of a parameter or pseudo parameter.
func (b *Bound) lookup(name string) (any, bool) {
	if given, ok := b.values[name]; ok {
		p, _ := b.template.Parameter(name)
		return p.value(given), true
	}
	if value, ok := pseudoParameters[name]; ok {
		return value(b.pseudo), true
	}
	return nil, false
}

// Template returns the template that was bound.
func (b *Bound) Template() *Template { return b.template }

// Parameters returns the value of every parameter, defaults included. Values of NoEcho
// parameters are in it.
func (b *Bound) Parameters() map[string]string { return maps.Clone(b.values) }

// Condition reports whether the named condition holds; one that does not exist does not.
func (b *Bound) Condition(name string) bool { return b.conditions[name] }

// BoundResource is a resource that exists under the given parameters.
type BoundResource struct {
	LogicalID           string
	Type                string
	DeletionPolicy      string   // Delete, Retain, RetainExceptOnCreate or Snapshot
	UpdateReplacePolicy string   // the same
	DependsOn           []string // the resources it needs, by DependsOn or by reference; all of them exist
}

// Resources returns the resources whose condition holds, each after those it needs.
func (b *Bound) Resources() []BoundResource { return slices.Clone(b.resources) }

func policyOf(e expr, s scope, id, attribute string) (string, error) {
	if e == nil {
		return "Delete", nil
	}
	v, err := e.eval(s)
	if err != nil {
		return "", err
	}
	return policyValue(v, id, attribute)
}

// Properties returns the properties of a resource, with text, int64, bool, []any and
// map[string]any as values. phys must know the resources it refers to.
func (b *Bound) Properties(logicalID string, phys Physical) (map[string]any, error) {
	r, ok := b.template.Resource(logicalID)
	if !ok {
		return nil, templateErrorf("Resource %s does not exist in the template", logicalID)
	}
	v, err := r.properties.eval(scope{b, phys})
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), nil
}

// Property returns one property of a resource; ok is false if it is not set or AWS::NoValue.
func (b *Bound) Property(logicalID, name string, phys Physical) (value any, ok bool, err error) {
	r, _ := b.template.Resource(logicalID)
	i := slices.Index(r.properties.keys, name)
	if i < 0 {
		return nil, false, nil
	}
	v, err := r.properties.values[i].eval(scope{b, phys})
	return v, err == nil && !isNoValue(v), err
}

// BoundOutput is an output that exists under the given parameters.
type BoundOutput struct {
	Name, Value, Description string
	ExportName               string // empty if the output is not exported
}

// Outputs returns the outputs whose condition holds. phys must know the resources they refer to.
func (b *Bound) Outputs(phys Physical) ([]BoundOutput, error) {
	const usage = "Template format error: The Value field of every Outputs member must evaluate to a String."
	s := scope{b, phys}
	var outputs []BoundOutput
	for _, o := range b.template.Outputs {
		if !b.holds(o.Condition) {
			continue
		}
		value, err := evalText(o.value, s, usage)
		if err != nil {
			return nil, err
		}
		bound := BoundOutput{Name: o.Name, Value: value, Description: o.Description}
		if o.export != nil {
			if bound.ExportName, err = evalText(o.export, s, "Template format error: Output "+o.Name+" is malformed. The Name field of every Export member must be specified."); err != nil {
				return nil, err
			}
		}
		outputs = append(outputs, bound)
	}
	return outputs, nil
}
