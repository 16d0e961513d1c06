package sandbox

import (
	"slices"
)

// removeAll plans the deletion of the stack's resources, those first that others do not depend on.
func (x *execution) removeAll() {
	x.work.Phase = phaseRemoving
	x.work.Failed = nil
	var there []*stackResource
	for _, r := range x.stack.Resources {
		if r.Status != deleteComplete && r.Status != deleteSkipped {
			there = append(there, r)
		}
	}
	x.scheduleRemoval(there)
}

// scheduleCleanup plans the deletion of what an update or its rollback leaves over.
func (x *execution) scheduleCleanup() {
	x.work.Failed = nil
	x.scheduleRemoval(x.work.Cleanup)
}

func (x *execution) scheduleRemoval(there []*stackResource) {
	needs := map[string][]string{}
	ids := make([]string, len(there))
	for i, r := range there {
		ids[i], needs[r.LogicalID] = r.LogicalID, r.DependsOn
	}
	groups := levelsOf(byNeed(ids, needs), func(id string) []string { return needs[id] })
	slices.Reverse(groups)
	if x.work.Kind == kindDelete || x.work.Levels == 0 {
		x.setPace(len(groups))
	}
	x.schedule(groups, workStepAt{stepRemoveBegin, 0}, workStepAt{stepRemove, 1})
}

// byNeed orders ids so that each comes after those it needs.
func byNeed(ids []string, needs map[string][]string) []string {
	var ordered []string
	var visit func(string)
	visit = func(id string) {
		if slices.Contains(ordered, id) || !slices.Contains(ids, id) {
			return
		}
		for _, need := range needs[id] {
			visit(need)
		}
		ordered = append(ordered, id)
	}
	for _, id := range ids {
		visit(id)
	}
	return ordered
}

// leaving returns the resource that a deletion step is about.
func (x *execution) leaving(id string) *stackResource {
	from := x.stack.Resources
	if x.work.Phase != phaseRemoving {
		from = x.work.Cleanup
	}
	i := slices.IndexFunc(from, func(r *stackResource) bool { return r.LogicalID == id })
	return from[i]
}

// stays reports whether a resource outlives the operation that gives it up.
func (x *execution) stays(r *stackResource) bool {
	if r.PhysicalID == "" {
		return false
	}
	w := x.work
	switch {
	case w.Kind == kindDelete:
		return retains(r.Deletion) || slices.Contains(w.Retain, r.LogicalID)
	case w.Phase == phaseCleanup:
		return retains(r.Deletion)
	default: // a rollback gives up what its own operation made
		return r.Deletion == "Retain" && !w.RetainExceptOnCreate
	}
}

func (x *execution) beginRemoval(id string) {
	r := x.leaving(id)
	if r.PhysicalID != "" && !x.stays(r) {
		x.event(r, deleteInProgress, "")
	}
}

func (x *execution) removeResource(id string) {
	r := x.leaving(id)
	if x.stays(r) {
		x.event(r, deleteSkipped, "")
		return
	}
	if r.PhysicalID == "" {
		x.event(r, deleteComplete, "")
		return
	}
	h := &handling{acct: x.acct, as: x.principal(), stack: x.stack, res: r}
	kind, _ := handlerOf(r.Type)
	err := x.injected(h, stepRemove)
	if err == nil {
		err = ignoreGone(kind.remove(h))
	}
	switch {
	case err == nil:
		x.event(r, deleteComplete, "")
	case x.work.Force:
		x.event(r, deleteSkipped, h.reason(err))
	default:
		x.event(r, deleteFailed, h.reason(err))
		x.work.Failed = append(x.work.Failed, id)
	}
}

// endPhase goes on once all steps of a phase are done.
func (x *execution) endPhase() {
	w := x.work
	switch w.Phase {
	case phaseForward:
		x.complete()
	case phaseCleanup: // a leftover that would not go does not make the update fail
		x.end(updateComplete, "")
	case phaseRestore:
		x.restored()
	case phaseUndo:
		x.end(updateRollbackComplete, "")
	case phaseRemoving:
		x.removed()
	}
}

// removed ends a deletion, or the rollback of a creation.
func (x *execution) removed() {
	w := x.work
	reason := ""
	if w.Failed != nil {
		reason = "The following resource(s) failed to delete: " + bracketed(w.Failed) + ". "
	}
	rollback := w.Kind == kindCreate && w.OnFailure != onFailureDelete
	switch {
	case rollback && reason != "":
		x.end(rollbackFailed, reason)
	case rollback:
		x.end(rollbackComplete, "")
	case reason != "":
		x.end(deleteFailed, reason)
	default:
		x.end(deleteComplete, "")
	}
}
