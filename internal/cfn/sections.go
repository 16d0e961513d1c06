package cfn

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

func (r *reader) conditions(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return templateErrorf("Template format error: every Conditions object must be a map")
	}
	for name, body := range members(n) {
		if err := logicalName("Condition", name); err != nil {
			return err
		}
		e, err := r.logic(body)
		if err != nil {
			return err
		}
		r.t.conditions[name] = e
		r.t.condOrder = append(r.t.condOrder, name)
	}
	return nil
}

// deletionPolicies are the values of DeletionPolicy; Snapshot is for other resources than these.
var deletionPolicies = []string{"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}

func (r *reader) resources(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return templateErrorf("Template format error: every Resources object must be a map")
	}
	for id, body := range members(n) {
		if err := logicalName("Resource", id); err != nil {
			return err
		}
		if body.Kind != yaml.MappingNode {
			return templateErrorf("Template format error: [/Resources/%s] Every Resources object must be a map.", id)
		}
		res := Resource{LogicalID: id}
		for attribute, value := range members(body) {
			if err := r.resourceAttribute(&res, attribute, value); err != nil {
				return err
			}
		}
		if res.Type == "" {
			return templateErrorf("Template format error: [/Resources/%s] Every Resources object must contain a Type member.", id)
		}
		r.t.resources[id] = len(r.t.Resources)
		r.t.Resources = append(r.t.Resources, res)
	}
	return nil
}

func (r *reader) resourceAttribute(res *Resource, attribute string, value *yaml.Node) (err error) {
	ok := true
	switch attribute {
	case "Type":
		res.Type, ok = text(value)
	case "Condition":
		res.Condition, ok = text(value)
	case "DependsOn":
		res.DependsOn, ok = textOrList(value)
	case "Metadata":
		res.metadata, err = plainObject(value, "Metadata")
	case "DeletionPolicy":
		res.deletionPolicy, err = r.policy(value, res.LogicalID, attribute)
	case "UpdateReplacePolicy":
		res.updateReplacePolicy, err = r.policy(value, res.LogicalID, attribute)
	case "Properties":
		var e expr
		if e, err = r.expr(value); err == nil {
			res.properties, ok = e.(object)
		}
	default:
		return templateErrorf("Invalid template resource property '%s'", attribute)
	}
	if err == nil && !ok {
		return templateErrorf("Template format error: [/Resources/%s/%s] has the wrong type", res.LogicalID, attribute)
	}
	return err
}

// policy reads DeletionPolicy or UpdateReplacePolicy; a literal one is judged at once.
func (r *reader) policy(n *yaml.Node, id, attribute string) (expr, error) {
	e, err := r.expr(n)
	if err != nil {
		return nil, err
	}
	if l, ok := e.(literal); ok {
		if _, err := policyValue(l.value, id, attribute); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func policyValue(v any, id, attribute string) (string, error) {
	t, ok := v.(string)
	if !ok || !slices.Contains(deletionPolicies, t) {
		return "", templateErrorf("Template error: Unrecognized %s %v for resource %s", attribute, v, id)
	}
	return t, nil
}

func textOrList(n *yaml.Node) ([]string, bool) {
	if t, ok := text(n); ok {
		return []string{t}, true
	}
	if n.Kind != yaml.SequenceNode {
		return nil, false
	}
	var texts []string
	for _, item := range n.Content {
		t, ok := text(item)
		if !ok {
			return nil, false
		}
		texts = append(texts, t)
	}
	return texts, true
}

func (r *reader) outputs(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return templateErrorf("Template format error: every Outputs object must be a map")
	}
	for name, body := range members(n) {
		if err := logicalName("Output", name); err != nil {
			return err
		}
		o, err := r.output(name, body)
		if err != nil {
			return err
		}
		r.t.Outputs = append(r.t.Outputs, o)
	}
	return nil
}

func (r *reader) output(name string, body *yaml.Node) (Output, error) {
	o := Output{Name: name}
	for attribute, value := range members(body) {
		var err error
		ok := true
		switch attribute {
		case "Value":
			o.value, err = r.expr(value)
		case "Description":
			o.Description, ok = text(value)
		case "Condition":
			o.Condition, ok = text(value)
		case "Export":
			if exported := member(value, "Name"); exported != nil {
				o.export, err = r.expr(exported)
			} else {
				ok = false
			}
		default:
			return o, templateErrorf("Invalid template output property '%s'", attribute)
		}
		if err != nil {
			return o, err
		}
		if !ok {
			return o, templateErrorf("Template format error: Output %s is malformed: its %s has the wrong type", name, attribute)
		}
	}
	if o.value == nil {
		return o, templateErrorf("Template format error: Output %s is malformed. Every Outputs member must contain a Value object", name)
	}
	return o, nil
}
