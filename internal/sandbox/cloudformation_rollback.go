package sandbox

import (
	"slices"
)

// rollBackUpdate takes an update back: what it changed is changed back, what it made is deleted.
func (x *execution) rollBackUpdate(reason string) {
	w, s := x.work, x.stack
	x.cancelOpen()
	x.status(updateRollbackInProgress, reason)
	w.Phase = phaseRestore
	w.Failed, w.Restore, w.Cleanup = nil, nil, nil
	for _, id := range slices.Backward(w.Touched) {
		r, saved := s.resource(id), w.Saved[id]
		switch {
		case r == nil:
			continue
		case saved == nil:
			s.Resources = slices.DeleteFunc(s.Resources, func(o *stackResource) bool { return o == r })
			w.Cleanup = append(w.Cleanup, r)
		case saved.PhysicalID != r.PhysicalID || w.Live.gone(id):
			made := *r
			w.Cleanup = append(w.Cleanup, &made)
			*r = *saved
		default:
			w.Restore = append(w.Restore, id)
		}
	}
	x.scheduleRestore()
}

func (x *execution) scheduleRestore() {
	var groups [][]string
	if len(x.work.Restore) > 0 {
		groups = [][]string{x.work.Restore}
	}
	x.schedule(groups, workStepAt{stepBegin, 0}, workStepAt{stepRestore, 1})
}

// beginRestore announces that a resource is changed back.
func (x *execution) beginRestore(id string) {
	x.event(x.stack.resource(id), updateInProgress, "")
}

// restoreResource changes a resource back to what it was.
func (x *execution) restoreResource(id string) {
	r := x.stack.resource(id)
	h := &handling{acct: x.acct, as: x.principal(), stack: x.stack, res: r}
	if err := x.restore(h); err != nil {
		x.event(r, updateFailed, h.reason(err))
		x.work.Failed = append(x.work.Failed, id)
		return
	}
	saved := x.work.Saved[id]
	r.Deletion, r.Replace, r.DependsOn = saved.Deletion, saved.Replace, saved.DependsOn
	x.event(r, updateComplete, "")
	x.work.Restore = without(x.work.Restore, id)
}

func (x *execution) restore(h *handling) error {
	b, err := x.origin()
	if err != nil {
		return err
	}
	if h.props, err = properties(b, x.work.Before, x.goalResource(b, h.res.LogicalID), x.stack); err != nil {
		return err
	}
	if err := x.injected(h, stepRestore); err != nil {
		return err
	}
	h.props = x.work.Live.over(h.res.LogicalID, h.props)
	kind, _ := handlerOf(h.res.Type)
	return kind.update(h)
}

// restored goes on once everything has been changed back, or has failed to.
func (x *execution) restored() {
	w := x.work
	if w.Failed != nil {
		x.end(updateRollbackFailed, "The following resource(s) failed to update: "+bracketed(w.Failed)+". ")
		return
	}
	x.stack.Now = w.Before
	x.status(updateRollbackCleanup, "")
	w.Phase = phaseUndo
	x.scheduleCleanup()
}

// rollBackImport lets go of what an import took hold of. The resources themselves stay.
func (x *execution) rollBackImport(reason string) {
	s := x.stack
	x.status("IMPORT_ROLLBACK_IN_PROGRESS", reason)
	s.Resources = slices.DeleteFunc(s.Resources, func(r *stackResource) bool { return x.work.Import[r.LogicalID] != "" })
	s.Now = x.work.Before
	x.end("IMPORT_ROLLBACK_COMPLETE", "")
}
