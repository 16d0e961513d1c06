package sandbox

import (
	"maps"
	"reflect"
	"slices"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// What a deployment does to a resource, in a change set's words.
const (
	actionAdd    = "Add"
	actionModify = "Modify"
	actionRemove = "Remove"
	actionImport = "Import"
	actionSync   = "SyncWithActual"
)

// resourceChange is what a deployment will do to one resource.
type resourceChange struct {
	LogicalID, Type, PhysicalID string
	Action                      string
	Replacement                 string // True, False or Conditional, of a Modify
	PolicyAction                string // what becomes of the old resource, where that is not its deletion in place
	Details                     []propertyChange
	Before, After               map[string]any // properties; nil if there is no such side
	Deletion                    [2]string      // DeletionPolicy before and after
}

// propertyChange is one difference in a Modify.
type propertyChange struct {
	Attribute     string  // Properties, Tags, DeletionPolicy
	Name          string  // of the property
	Before, After any     // nil if there is no such side
	Recreation    string  // Never, Conditionally, Always
	Static        bool    // false: only the deployment will tell the new value
	Source        string  // ParameterReference, ResourceReference, DirectModification
	Cause         string  // the parameter or resource, if one causes it
	Drift         *[2]any // the value that was deployed and the one that is there, if they differ
	Sync          bool    // what is there is as the template wants it already
}

// planWorld resolves references while a deployment is planned: resources that will be
// made or replaced have no known values yet.
type planWorld struct {
	schemaWorld
	stack   *stack
	renewed map[string]bool
}

func (w planWorld) Ref(logicalID string) (string, bool) {
	if v, ok := w.stack.Ref(logicalID); ok && !w.renewed[logicalID] {
		return v, true
	}
	return unknownValue, true
}

func (w planWorld) Att(logicalID, name string) (any, bool) {
	if v, ok := w.stack.Att(logicalID, name); ok && !w.renewed[logicalID] {
		return v, true
	}
	return w.schemaWorld.Att(logicalID, name)
}

// changesOf compares what a stack is made from with what it is to be made from. Resources that
// stay as they are are left out. goal is the template of after with its values, nil if nobody has bound it yet;
// live is what drifted, nil where that does not matter.
func (s *Sandbox) changesOf(st *stack, before, after deployment, goal *cfn.Bound, live liveDrift) ([]resourceChange, error) {
	var err error
	if goal == nil {
		if goal, err = s.bind(st, after); err != nil {
			return nil, err
		}
	}
	var from *cfn.Bound
	if before.Template != "" {
		if from, err = s.bind(st, before); err != nil {
			return nil, err
		}
	}
	d := differ{stack: st, before: before, after: after, from: from, goal: goal, live: live}
	d.world = planWorld{schemaWorld{goal.Template()}, st, map[string]bool{}}
	var changes []resourceChange
	kept := map[string]bool{}
	for _, r := range goal.Resources() {
		kept[r.LogicalID] = true
		change, err := d.change(r)
		if err != nil {
			return nil, err
		}
		if change != nil {
			changes = append(changes, *change)
		}
	}
	for _, old := range st.Resources {
		if old.exists() && !kept[old.LogicalID] && from != nil {
			changes = append(changes, d.removal(old))
		}
	}
	return changes, nil
}

// differ compares two deployments of one stack.
type differ struct {
	stack         *stack
	before, after deployment
	from, goal    *cfn.Bound
	world         planWorld
	live          liveDrift
}

// change compares one resource of the goal; nil means that it stays as it is.
func (d differ) change(r cfn.BoundResource) (*resourceChange, error) {
	c := &resourceChange{LogicalID: r.LogicalID, Type: r.Type, Deletion: [2]string{"", r.DeletionPolicy}, After: d.planned(r)}
	old := d.stack.resource(r.LogicalID)
	if old == nil || !old.exists() || d.from == nil {
		c.Action = actionAdd
		d.world.renewed[r.LogicalID] = true
		return c, nil
	}
	if old.Type != r.Type {
		return nil, validationError("Update of resource type is not permitted. The new template modifies resource type of the following resources: %s", bracketed([]string{r.LogicalID}))
	}
	before, err := properties(d.from, d.before, r, d.stack)
	if err != nil {
		before = map[string]any{} // the resource was made by a deployment that did not finish
	}
	if d.live.gone(r.LogicalID) {
		return d.recreated(c, r), nil
	}
	c.Action, c.PhysicalID, c.Before, c.Replacement = actionModify, old.PhysicalID, before, "False"
	c.Deletion[0] = policyOrDelete(old.Deletion)
	h, _ := handlerOf(r.Type)
	for _, name := range slices.Sorted(maps.Keys(union(c.Before, c.After))) {
		if _, drifted := d.live[r.LogicalID][name]; drifted {
			p := d.drifted(r.LogicalID, name, c.Before[name], c.After[name], h)
			c.Details = append(c.Details, p)
			c.Replacement = worse(c.Replacement, p.Recreation)
		} else if p, changed := d.property(r.LogicalID, name, c.Before[name], c.After[name], h); changed {
			c.Details = append(c.Details, p)
			c.Replacement = worse(c.Replacement, p.Recreation)
		}
	}
	if c.Deletion[0] != r.DeletionPolicy {
		c.Details = append(c.Details, propertyChange{
			Attribute: "DeletionPolicy", Before: c.Deletion[0], After: r.DeletionPolicy, Recreation: "Never", Static: true, Source: "DirectModification",
		})
	}
	if c.Details == nil {
		return nil, nil
	}
	if c.Before = d.live.over(r.LogicalID, c.Before); c.syncs() {
		c.Action, c.Replacement = actionSync, ""
	}
	if c.Replacement != "" && c.Replacement != "False" {
		d.world.renewed[r.LogicalID] = true
		c.PolicyAction = "ReplaceAndDelete"
		if retains(r.UpdateReplacePolicy) {
			c.PolicyAction = "ReplaceAndRetain"
		}
	}
	return c, nil
}

// planned evaluates the properties as far as they can be known before the deployment.
func (d differ) planned(r cfn.BoundResource) map[string]any {
	res, _ := d.goal.Template().Resource(r.LogicalID)
	props := map[string]any{}
	for _, name := range res.Properties() {
		value, set, err := d.goal.Property(r.LogicalID, name, d.world)
		switch {
		case err != nil: // a function that cannot take unknownValue apart
			props[name] = unknownValue
		case set:
			props[name] = value
		}
	}
	return withStackTags(props, d.after.Tags, r.Type)
}

func (d differ) property(id, name string, before, after any, h handler) (propertyChange, bool) {
	if reflect.DeepEqual(before, after) {
		return propertyChange{}, false
	}
	p := propertyChange{Attribute: "Properties", Name: name, Before: before, After: after, Recreation: "Never", Static: true, Source: "DirectModification"}
	parameters, resources := d.goal.References(id, name)
	for _, parameter := range parameters {
		if d.before.Parameters[parameter] != d.after.Parameters[parameter] {
			p.Source, p.Cause = "ParameterReference", parameter
			break
		}
	}
	for _, resource := range resources {
		if d.world.renewed[resource] {
			p.Source, p.Cause, p.Static = "ResourceReference", resource, false
		}
	}
	if name == "Tags" && p.Cause == "" && !sameTags(d.before.Tags, d.after.Tags) {
		p.Attribute, p.Name = "Tags", ""
	}
	if slices.Contains(h.replaces, name) {
		p.Recreation = "Always"
		if !p.Static {
			p.Recreation = "Conditionally"
		}
	}
	return p, true
}

func (d differ) removal(old *stackResource) resourceChange {
	c := resourceChange{LogicalID: old.LogicalID, Type: old.Type, PhysicalID: old.PhysicalID, Action: actionRemove, PolicyAction: "Delete"}
	c.Deletion[0] = policyOrDelete(old.Deletion)
	if retains(old.Deletion) {
		c.PolicyAction = "Retain"
	}
	if before, err := properties(d.from, d.before, cfn.BoundResource{LogicalID: old.LogicalID, Type: old.Type}, d.stack); err == nil {
		c.Before = before
	}
	return c
}

// worse returns the replacement that a resource needs given what one more property needs.
func worse(replacement, recreation string) string {
	switch {
	case recreation == "Always":
		return "True"
	case recreation == "Conditionally" && replacement == "False":
		return "Conditional"
	default:
		return replacement
	}
}

// retains reports whether a policy keeps the resource when its stack gives it up.
func retains(policy string) bool { return policy == "Retain" || policy == "RetainExceptOnCreate" }

func policyOrDelete(policy string) string {
	if policy == "" {
		return "Delete"
	}
	return policy
}

func union(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return all
}
