package tui

import (
	"slices"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
)

// entry is one event of a row's history, newest first. Entries are never changed once
// made, so rows may share what they have in common.
type entry struct {
	at       time.Time
	kind     bootstrap.EventType
	phase    bootstrap.Phase
	detail   string
	resource *bootstrap.ResourceEvent
	times    int    // how many alike this one stands for
	older    *entry // nil for the oldest
}

// historyLength is how many events a row remembers at least. A run of one account has
// about twenty.
const historyLength = 64

// log adds e to the history of r. What repeats AWS's wish to slow down is counted, not added.
func (r row) log(e *bootstrap.Event) row {
	next := &entry{at: e.At, kind: e.Type, phase: e.Phase, detail: e.Detail, resource: e.Resource, times: 1, older: r.last}
	if e.Plan != nil || e.Result != nil {
		next.detail = r.words()
	}
	if r.last != nil && r.last.kind == bootstrap.EventThrottled && e.Type == bootstrap.EventThrottled {
		next.times, next.older = r.last.times+1, r.last.older
		r.last = next
		return r
	}
	r.last = next
	r.entries++
	if r.entries == 2*historyLength {
		r.last, r.entries = r.last.copied(historyLength), historyLength
	}
	return r
}

// copied is e with the n newest entries.
func (e *entry) copied(n int) *entry {
	if e == nil || n == 0 {
		return nil
	}
	c := *e
	c.older = e.older.copied(n - 1)
	return &c
}

// history is the entries of r, oldest first.
func (r *row) history() []*entry {
	all := make([]*entry, 0, r.entries)
	for e := r.last; e != nil; e = e.older {
		all = append(all, e)
	}
	slices.Reverse(all)
	return all
}
