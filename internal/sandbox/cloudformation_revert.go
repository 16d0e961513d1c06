package sandbox

import (
	"maps"
	"reflect"
	"slices"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// revertDrift is the one deployment mode there is: the change set compares what the template
// wants with what the account really holds, too, and its execution restores that.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
const revertDrift = "REVERT_DRIFT"

// liveDrift is what is really there of the resources that are not as they were deployed, by
// logical id: the properties that differ, nil for one that is not set. A resource that is
// gone has no properties at all: nil.
type liveDrift map[string]map[string]any

// gone reports whether a resource was deleted past its stack.
func (d liveDrift) gone(logicalID string) bool {
	properties, drifted := d[logicalID]
	return drifted && properties == nil
}

// status is how a resource drifted, in CloudFormation's words.
func (d liveDrift) status(logicalID string) string {
	properties, drifted := d[logicalID]
	switch {
	case !drifted:
		return driftInSync
	case properties == nil:
		return driftDeleted
	default:
		return driftModified
	}
}

// over is what a resource really is: the properties that it was deployed with, but for those that differ.
func (d liveDrift) over(logicalID string, deployed map[string]any) map[string]any {
	actual := maps.Clone(deployed)
	for name, value := range d[logicalID] {
		actual[name] = value
		if value == nil {
			delete(actual, name)
		}
	}
	return actual
}

// deploymentMode reads the parameter DeploymentMode. A drift-aware change set is for an update
// without imports that rolls back; which texts AWS has for anything else is not known.
func (c *call) deploymentMode(changeSetType string) (mode string, err error) {
	mode = c.get("DeploymentMode")
	switch onFailure := c.get("OnStackFailure"); {
	case mode == "":
		return "", nil
	case mode != revertDrift:
		return "", validationError("1 validation error detected: Value '%s' at 'deploymentMode' failed to satisfy constraint: Member must satisfy enum value set: [%s]", mode, revertDrift)
	case changeSetType != "UPDATE":
		return "", validationError("DeploymentMode %s can only be specified for change sets of type UPDATE", mode)
	case onFailure != "" && onFailure != onFailureRollback:
		return "", validationError("DeploymentMode %s cannot be specified with OnStackFailure %s", mode, onFailure)
	}
	return mode, nil
}

// lookForDrift compares the resources of a stack with what they were deployed as. What the
// template does not set is not compared, nor are tags that somebody else put there.
func (c *call) lookForDrift(s *stack, deployed deployment) (liveDrift, error) {
	b, err := c.sandbox.bind(s, deployed)
	if err != nil {
		return nil, err
	}
	found := liveDrift{}
	for _, want := range b.Resources() {
		r := s.resource(want.LogicalID)
		if r == nil || !r.exists() {
			continue
		}
		expected, err := properties(b, deployed, want, s)
		if err != nil {
			return nil, err
		}
		kind, _ := handlerOf(r.Type)
		live := kind.read(c.acct, r)
		if live == nil {
			found[r.LogicalID] = nil
			continue
		}
		live = withoutForeignTags(live, expected)
		if names := driftedProperties(expected, live); names != nil {
			found[r.LogicalID] = map[string]any{}
			for _, name := range names {
				found[r.LogicalID][name] = live[name]
			}
		}
	}
	return found, nil
}

// driftedProperties are the names of the expected properties that are otherwise, sorted.
func driftedProperties(expected, live map[string]any) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		if !sameProperty(name, expected[name], live[name]) {
			names = append(names, name)
		}
	}
	return names
}

// sameProperty reports whether two values of a property mean the same to IAM.
func sameProperty(name string, a, b any) bool {
	return reflect.DeepEqual(driftForm(name, a), driftForm(name, b))
}

// withoutForeignTags leaves out tags whose keys the template does not have.
func withoutForeignTags(live, expected map[string]any) map[string]any {
	keys := tagKeys(tagList(expected["Tags"]))
	tags := slices.DeleteFunc(tagList(live["Tags"]), func(t tag) bool { return !slices.Contains(keys, t.Key) })
	live = maps.Clone(live)
	live["Tags"] = tagValues(tags)
	return live
}

// stackStatus is whether any resource drifted.
func (d liveDrift) stackStatus() string {
	if len(d) > 0 {
		return driftDrifted
	}
	return driftInSync
}

// recreated is the change of a resource that somebody deleted: it is made again, and who refers to it looks again.
func (d differ) recreated(c *resourceChange, r cfn.BoundResource) *resourceChange {
	c.Action = actionAdd
	d.world.renewed[r.LogicalID] = true
	return c
}

// drifted compares a property that is not as it was deployed. One that the new template has caught up
// with is left alone: only CloudFormation's own idea of it changes.
func (d differ) drifted(id, name string, previous, after any, h handler) propertyChange {
	actual := d.live[id][name]
	p, changed := d.property(id, name, actual, after, h)
	if !changed || sameProperty(name, actual, after) {
		p = propertyChange{Attribute: "Properties", Name: name, Before: actual, After: after, Recreation: "Never", Static: true, Sync: true}
	}
	if p.Source == "DirectModification" && sameProperty(name, previous, after) || p.Sync {
		p.Source = "NoModification" // of the template
	}
	p.Drift = &[2]any{previous, actual}
	return p
}

// syncs reports whether a change alters nothing but what CloudFormation knows of the resource.
func (c *resourceChange) syncs() bool {
	return !slices.ContainsFunc(c.Details, func(p propertyChange) bool { return !p.Sync })
}

// takeOverRole makes a role's policies the stack's own where the template says which there are, so that
// what somebody attached is taken off and what somebody took off is put back.
func (h *handling) takeOverRole() error {
	r, err := h.acct.role(h.res.PhysicalID)
	if err != nil {
		return err
	}
	if _, set := h.props["ManagedPolicyArns"]; set {
		h.res.Owns.Policies = slices.Clone(r.Attached)
	}
	if _, set := h.props["Policies"]; set {
		h.res.Owns.Inline = slices.Sorted(maps.Keys(r.Inline))
	}
	return nil
}

// takeOverManagedPolicy does the same for the roles that a managed policy is attached to.
func (h *handling) takeOverManagedPolicy() error {
	live := readManagedPolicyResource(h.acct, h.res)
	if _, set := h.props["Roles"]; set && live != nil {
		h.res.Owns.Roles = textList(live["Roles"])
	}
	return nil
}
