package bootstrap

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// revertible reports whether CloudFormation would revert drift of s: by an update that rolls
// back if it fails, which a stack in UPDATE_FAILED cannot have.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
func revertible(s *Stack) bool {
	return moveOf(s.Status) == moveUpdate && s.Status != cfntypes.StackStatusUpdateFailed
}

// deployedResources resolves the template that the stack has with the parameters that it has.
func deployedResources(r *Request, tpl *cfn.Template, o *Observation) (resolved, error) {
	s := o.Stack
	if s.TemplateSHA256 != r.Template.SHA256 {
		var err error
		if tpl, err = cfn.Parse(s.TemplateBody); err != nil {
			return resolved{}, err
		}
	}
	bound, err := tpl.BindDeployed(pseudo(o.Target, s.Name, s.ID), (&Request{}).parameters(tpl, s.Parameters))
	if err != nil {
		return resolved{}, err
	}
	return resourcesOf(bound, o.Target, trustedProvider(r, o))
}

// drift is how the resources of a stack differ from what they were deployed as.
type drift struct {
	order   []string            // all logical ids
	actual  resolved            // what is there of what the template sets
	changed map[string][]string // names of properties, by logical id
	gone    []string            // logical ids of deleted resources
}

// findDrift compares what was deployed with what is there. As CloudFormation does, it looks at
// no property that the template does not set, and at no tag that it does not have.
func findDrift(deployed resolved, live liveResources) drift {
	d := drift{
		actual:  resolved{order: deployed.order, resources: maps.Clone(deployed.resources)},
		changed: map[string][]string{}, order: deployed.order,
	}
	for _, id := range deployed.order {
		found, looked := live[id]
		switch {
		case !looked:
		case found == nil:
			d.gone = append(d.gone, id)
			delete(d.actual.resources, id)
		default:
			d.compare(id, found)
		}
	}
	return d
}

// compare notes the properties of a resource that differ.
func (d *drift) compare(id string, found map[string]any) {
	resource := d.actual.resources[id]
	properties := maps.Clone(resource.Properties)
	for _, name := range slices.Sorted(maps.Keys(resource.Properties)) {
		actual, known := found[name]
		if !known {
			continue
		}
		if name == "Tags" {
			actual = tagsWithKeysOf(resource.Properties[name], actual)
		}
		if formOf(name, resource.Properties[name]) != formOf(name, actual) {
			properties[name] = actual
			d.changed[id] = append(d.changed[id], name)
		}
	}
	resource.Properties = properties
	d.actual.resources[id] = resource
}

// any reports whether there is drift at all.
func (d *drift) any() bool { return len(d.changed)+len(d.gone) > 0 }

// formOf is a property in a form in which equal means the same to IAM.
func formOf(name string, v any) string {
	switch name {
	case "AssumeRolePolicyDocument":
		return compactJSON(canonical(documentOf(v)))
	case "Policies":
		documents := map[string]any{}
		for _, p := range asList(v) {
			if p, ok := p.(map[string]any); ok {
				documents[fmt.Sprint(p["PolicyName"])] = canonical(documentOf(p["PolicyDocument"]))
			}
		}
		return compactJSON(documents)
	case "ThumbprintList":
		return strings.ToLower(setText(v))
	case "ManagedPolicyArns", "ClientIdList", "Tags":
		return setText(v)
	case "PermissionsBoundary":
		if v == nil {
			return ""
		}
	}
	return fmt.Sprint(v)
}

// setText is a list whose order means nothing, as JSON.
func setText(v any) string {
	var members []string
	for _, m := range asList(v) {
		members = append(members, compactJSON(m))
	}
	slices.Sort(members)
	return "[" + strings.Join(members, ",") + "]"
}

// tagsWithKeysOf leaves out the tags whose keys the template does not have.
func tagsWithKeysOf(wanted, actual any) []any {
	keys := map[any]bool{}
	for _, t := range asList(wanted) {
		if t, ok := t.(map[string]any); ok {
			keys[t["Key"]] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(asList(actual)), func(t any) bool {
		tag, ok := t.(map[string]any)
		return !ok || !keys[tag["Key"]]
	})
}

// trustEdited are the roles whose trust policies were edited.
func (d *drift) trustEdited() []string {
	var ids []string
	for _, id := range d.order {
		if slices.Contains(d.changed[id], "AssumeRolePolicyDocument") {
			ids = append(ids, id)
		}
	}
	return ids
}

// changes lists the drift, and what becomes of it by a deployment of to.
func (d *drift) changes(to resolved) []Change {
	var changes []Change
	for _, id := range d.order {
		after, stays := to.resources[id]
		if !stays {
			continue
		}
		if slices.Contains(d.gone, id) {
			changes = append(changes, Change{Kind: ChangeDrift, Name: id, To: resourceAdd, Summary: id + " was deleted by hand: it is made again"})
		}
		for _, property := range d.changed[id] {
			is, will := d.actual.resources[id].Properties[property], after.Properties[property]
			if formOf(property, is) == formOf(property, will) {
				continue // what is asked for now has caught up with it
			}
			changes = append(changes, Change{
				Kind: ChangeDrift, Name: id, From: driftText(is), To: driftText(will), Summary: driftSummary(id, property, is, will),
			})
		}
	}
	return changes
}

// driftSummary says what was changed by hand. How statements and policies differ is told
// by changes of their own.
func driftSummary(id, property string, is, will any) string {
	switch property {
	case "AssumeRolePolicyDocument":
		return id + "'s trust policy was edited by hand: it becomes again what the stack says"
	case "Policies":
		return id + "'s inline policies were changed by hand: they become again what the stack says"
	case "ManagedPolicyArns":
		return id + "'s attached policies were changed by hand: they become again what the stack says"
	case "PermissionsBoundary":
		return id + "'s permissions boundary was changed by hand: it becomes again what the stack says"
	default:
		return fmt.Sprintf("%s's %s was changed by hand: %s becomes %s", id, property, orNone(driftText(is)), orNone(driftText(will)))
	}
}

func driftText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return compactJSON(v)
	}
}
