package sandbox

import (
	"reflect"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// forward plans the making and changing of resources, in levels by what they depend on.
func (x *execution) forward(ids []string, cleanup bool) error {
	b, err := x.goal()
	if err != nil {
		return err
	}
	needs := map[string][]string{}
	var ordered []string
	for _, r := range b.Resources() {
		if slices.Contains(ids, r.LogicalID) {
			ordered = append(ordered, r.LogicalID)
			needs[r.LogicalID] = r.DependsOn
		}
	}
	groups := levelsOf(ordered, func(id string) []string { return needs[id] })
	levels := len(groups)
	if cleanup {
		levels++
	}
	x.setPace(levels)
	x.work.Phase = phaseForward
	x.schedule(groups, workStepAt{stepBegin, 0}, workStepAt{stepApply, 0.25}, workStepAt{stepFinish, 1})
	return nil
}

// goalResource returns what the goal says of a resource.
func (x *execution) goalResource(b *cfn.Bound, id string) cfn.BoundResource {
	for _, r := range b.Resources() {
		if r.LogicalID == id {
			return r
		}
	}
	return cfn.BoundResource{LogicalID: id, Type: x.stack.resource(id).Type}
}

// beginResource announces that a resource is made, changed or imported, and saves how it was.
func (x *execution) beginResource(id string) {
	b, err := x.goal()
	if err != nil {
		x.abandon(id, err)
		return
	}
	want := x.goalResource(b, id)
	r := x.stack.resource(id)
	if x.work.Saved == nil {
		x.work.Saved = map[string]*stackResource{}
	}
	if _, saved := x.work.Saved[id]; !saved {
		x.work.Touched = append(x.work.Touched, id)
		x.work.Saved[id] = nil
		if r != nil && r.exists() {
			saved := *r
			x.work.Saved[id] = &saved
		}
	}
	verb := "UPDATE"
	if r == nil || !r.exists() || x.work.Live.gone(id) {
		x.stack.Resources = slices.DeleteFunc(x.stack.Resources, func(o *stackResource) bool { return o.LogicalID == id })
		r = &stackResource{LogicalID: id, Type: want.Type}
		x.stack.Resources = append(x.stack.Resources, r)
		verb = "CREATE"
		if x.work.Import[id] != "" {
			verb = "IMPORT"
		}
	}
	r.Deletion, r.Replace, r.DependsOn = want.DeletionPolicy, want.UpdateReplacePolicy, want.DependsOn
	x.work.Open = append(x.work.Open, id)
	if verb == "UPDATE" && !x.differs(r, want) {
		x.work.Open = without(x.work.Open, id) // a value that the plan could not know turned out as it was
		return
	}
	x.event(r, verb+"_IN_PROGRESS", "")
}

// differs reports whether a resource's properties have to be changed.
func (x *execution) differs(r *stackResource, want cfn.BoundResource) bool {
	goal, err := x.goal()
	if err != nil {
		return true
	}
	from, err := x.origin()
	if err != nil || x.work.forced() {
		return true
	}
	if _, drifted := x.work.Live[r.LogicalID]; drifted {
		return true
	}
	after, aerr := properties(goal, x.work.Goal, want, x.stack)
	before, berr := properties(from, x.work.Before, want, x.stack)
	if aerr != nil || berr != nil || !reflect.DeepEqual(before, after) {
		return true
	}
	return slices.Contains(x.work.Touch, r.LogicalID)
}

// forced reports whether every resource is to be brought to the goal without a look at what
// it was: after a failure that was not rolled back nobody knows.
func (w *stackWork) forced() bool { return w.Before.Template == "" || w.All }

// applyResource makes, changes or imports a resource.
func (x *execution) applyResource(id string) {
	if !slices.Contains(x.work.Open, id) {
		return
	}
	r := x.stack.resource(id)
	h, reason, err := x.handle(r)
	if err != nil {
		x.fail(id, h.reason(err))
		return
	}
	if reason != "" {
		x.event(r, verbOf(r)+"_IN_PROGRESS", reason)
	}
}

// handle does the work on a resource and returns what to announce, if anything.
func (x *execution) handle(r *stackResource) (*handling, string, error) {
	h := &handling{acct: x.acct, as: x.principal(), stack: x.stack, res: r}
	b, err := x.goal()
	if err != nil {
		return h, "", err
	}
	if h.props, err = properties(b, x.work.Goal, x.goalResource(b, r.LogicalID), x.stack); err != nil {
		return h, "", err
	}
	kind, _ := handlerOf(r.Type)
	if err := kind.checkProperties(r.LogicalID, h.props); err != nil {
		return h, "", err
	}
	if err := x.injected(h, stepApply); err != nil {
		return h, "", err
	}
	switch verbOf(r) {
	case "IMPORT":
		return h, "", kind.adopt(h, x.work.Import[r.LogicalID])
	case "CREATE":
		return h, "Resource creation Initiated", kind.create(h)
	}
	if _, drifted := x.work.Live[r.LogicalID]; drifted && kind.takeOver != nil {
		if err := kind.takeOver(h); err != nil {
			return h, "", err
		}
	}
	if x.replaces(kind, h, r) {
		return h, "Requested update requires the creation of a new physical resource; hence creating one.", x.replace(kind, h, r)
	}
	return h, "", kind.update(h)
}

// replaces reports whether a property changed that cannot be changed in place.
func (x *execution) replaces(kind handler, h *handling, r *stackResource) bool {
	live := kind.read(x.acct, r)
	for _, name := range kind.replaces {
		wanted, set := h.props[name]
		if set && live != nil && live[name] != wanted {
			return true
		}
	}
	return false
}

// replace makes the new resource beside the old one, which is deleted once the update succeeded.
func (x *execution) replace(kind handler, h *handling, r *stackResource) error {
	old := *r
	r.PhysicalID, r.Attributes, r.Owns = "", nil, owned{}
	if err := kind.create(h); err != nil {
		if handled, ok := err.(*apiError); ok && handled.Code == "EntityAlreadyExists" && h.named(&old) { //nolint:errorlint // made unwrapped by the core
			err = validationError("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename %s and update the stack again.", old.PhysicalID)
		}
		*r = old
		return err
	}
	old.Deletion = old.Replace
	x.work.Cleanup = append(x.work.Cleanup, &old)
	return nil
}

// named reports whether the resource that is to be made has the name of the old one.
func (h *handling) named(old *stackResource) bool {
	return h.text("RoleName") == old.PhysicalID || strings.HasSuffix(old.PhysicalID, "/"+h.text("ManagedPolicyName"))
}

// finishResource announces that a resource is done.
func (x *execution) finishResource(id string) {
	if !slices.Contains(x.work.Open, id) {
		return
	}
	x.work.Open = without(x.work.Open, id)
	r := x.stack.resource(id)
	x.event(r, verbOf(r)+"_COMPLETE", "")
	if _, drifted := x.work.Live[id]; drifted {
		r.Drift = &resourceDrift{Status: driftInSync, At: x.acct.now.UTC()}
	}
}

// verbOf is what is being done to a resource: CREATE, UPDATE, IMPORT or DELETE.
func verbOf(r *stackResource) string {
	verb, _, _ := strings.Cut(r.Status, "_")
	return verb
}

// principal is on whose behalf the operation works.
func (x *execution) principal() principal {
	arn := x.work.Goal.RoleARN
	if arn == "" {
		return x.work.By
	}
	if r := x.acct.roleByARN(arn); r != nil {
		return principal{Account: x.acct.ID, Role: r.Name, RoleID: r.ID, Session: "AWSCloudFormation"}
	}
	return principal{Account: x.acct.ID, Role: arn} // a role that is gone may do nothing
}

// fail ends the forward phase: one resource failed, those under way with it are cancelled.
func (x *execution) fail(id, reason string) {
	r := x.stack.resource(id)
	x.event(r, verbOf(r)+"_FAILED", reason)
	x.work.Failed = append(x.work.Failed, id)
	x.cancelOpen()
	x.afterFailure(x.failureSummary())
}

// cancelOpen gives up the resources that are under way.
func (x *execution) cancelOpen() {
	for _, id := range x.work.Open {
		if slices.Contains(x.work.Failed, id) {
			continue
		}
		r := x.stack.resource(id)
		reason := "Resource creation cancelled"
		if verbOf(r) == "UPDATE" {
			reason = "Resource update cancelled"
		}
		x.event(r, verbOf(r)+"_FAILED", reason)
		x.work.Failed = append(x.work.Failed, id)
	}
	x.work.Open, x.work.Steps = nil, nil
}

// abandon fails an operation whose own data cannot be read any more.
func (x *execution) abandon(id string, err error) {
	x.work.Open, x.work.Steps = nil, nil
	status := createFailed
	if x.work.Kind != kindCreate {
		status = updateFailed
	}
	x.end(status, id+": "+err.Error())
}

// failureSummary is the stack's reason for a failure.
func (x *execution) failureSummary() string {
	var created, updated []string
	for _, id := range x.work.Failed {
		if r := x.stack.resource(id); r != nil && verbOf(r) == "UPDATE" {
			updated = append(updated, id)
		} else {
			created = append(created, id)
		}
	}
	summary := ""
	if created != nil {
		summary += "The following resource(s) failed to create: " + bracketed(created) + ". "
	}
	if updated != nil {
		summary += "The following resource(s) failed to update: " + bracketed(updated) + ". "
	}
	return summary
}

// afterFailure does what the request asked for in case of failure.
func (x *execution) afterFailure(reason string) {
	w := x.work
	if len(w.Import) > 0 {
		x.rollBackImport(reason)
		return
	}
	if w.Kind != kindCreate {
		if w.OnFailure == onFailureKeep {
			x.end(updateFailed, reason)
			return
		}
		x.rollBackUpdate(reason)
		return
	}
	switch w.OnFailure {
	case onFailureKeep:
		x.end(createFailed, reason)
	case onFailureDelete:
		x.status(deleteInProgress, reason+"Delete requested by user.")
		x.removeAll()
	default:
		x.status(rollbackInProgress, reason+"Rollback requested by user.")
		x.removeAll()
	}
}

// complete ends the forward phase well.
func (x *execution) complete() {
	if x.work.Kind == kindCreate && len(x.work.Import) == 0 {
		x.finish(createComplete)
		return
	}
	if len(x.work.Import) > 0 {
		x.finish(importComplete)
		return
	}
	if problem := x.setOutputs(); problem != "" {
		x.rollBackUpdate(problem)
		return
	}
	x.status(updateCleanup, "")
	x.work.Phase = phaseCleanup
	b, err := x.goal()
	if err != nil {
		x.abandon(x.stack.Name, err)
		return
	}
	resources := b.Resources()
	for _, old := range slices.Clone(x.stack.Resources) {
		if slices.ContainsFunc(resources, func(r cfn.BoundResource) bool { return r.LogicalID == old.LogicalID }) {
			continue
		}
		x.stack.Resources = slices.DeleteFunc(x.stack.Resources, func(r *stackResource) bool { return r == old })
		x.work.Cleanup = append(x.work.Cleanup, old)
	}
	x.scheduleCleanup()
}

// finish ends an operation well, with the outputs of its goal.
func (x *execution) finish(status string) {
	if problem := x.setOutputs(); problem != "" {
		x.afterFailure(problem)
		return
	}
	x.end(status, "")
}

// setOutputs evaluates the outputs; the answer is the problem there is.
func (x *execution) setOutputs() string {
	b, err := x.goal()
	if err != nil {
		return err.Error()
	}
	bound, err := b.Outputs(x.stack)
	if err != nil {
		return err.Error()
	}
	outputs := make([]stackOutput, len(bound))
	for i, o := range bound {
		if other := x.exporter(o.ExportName); other != "" {
			return "Export with name " + o.ExportName + " is already exported by stack " + other + ". "
		}
		outputs[i] = stackOutput{o.Name, o.Value, o.Description, o.ExportName}
	}
	x.stack.Outputs = outputs
	return ""
}

// exporter returns the other stack that exports the name already.
func (x *execution) exporter(name string) string {
	if name == "" {
		return ""
	}
	for _, s := range x.acct.state.Stacks[x.stack.regionOf()].Stacks {
		if s != x.stack && s.live() && slices.ContainsFunc(s.Outputs, func(o stackOutput) bool { return o.Export == name }) {
			return s.Name
		}
	}
	return ""
}
