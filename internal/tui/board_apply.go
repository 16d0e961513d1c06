package tui

import (
	"slices"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
)

// Apply is b after e.
func (b Board) Apply(e bootstrap.Event) Board { return b.ApplyAll([]bootstrap.Event{e}) }

// ApplyAll is b after all the events, in their order. What many events share is copied
// once for all of them, so a storm of events costs least in batches.
func (b Board) ApplyAll(events []bootstrap.Event) Board {
	if len(events) == 0 {
		return b
	}
	rows := b.rows.edit()
	b.rows = rows.rowList
	ordered := false // b.order is b's own
	for i := range events {
		e := &events[i]
		if e.Type == bootstrap.EventStopping {
			if b.stopping == "" { // who stops the run knows better what the keys do now
				b.stopping = escape.Text(e.Detail)
			}
			continue
		}
		at, ok := b.index[keyOf(&e.Target)]
		if !ok {
			continue
		}
		before := b.rows.at(at)
		after := before.after(e)
		b.count(before, &after, e)
		if b.moves(at, before, &after) {
			if !ordered {
				b.order, ordered = slices.Clone(b.order), true
			}
			b.reorder(at, before, &after)
		}
		rows.set(at, &after)
		if e.At.After(b.last) {
			b.last = e.At
		}
	}
	return b
}

// count keeps what the whole board says in step with one row.
func (b *Board) count(before, after *row, e *bootstrap.Event) {
	b.counts[before.state]--
	b.counts[after.state]++
	if before.isLeftOut() {
		b.leftOut--
	}
	if after.isLeftOut() {
		b.leftOut++
	}
	if before.isSlowed() {
		b.slowed--
	}
	if after.isSlowed() {
		b.slowed++
	}
	if e.Type == bootstrap.EventThrottled {
		b.throttled++
	}
	switch {
	case before.state.settled() && !after.state.settled() && b.finished:
		*b = b.resumed(e.At)
	case !before.state.settled() && after.state.settled() && after.worked():
		b.pace = b.pace.ended(e.At)
	}
	if after.state == stateRunning && b.pace.began.IsZero() {
		b.pace.began = e.At
	}
}

// resumed is b once a run that was over goes on at now. The time between does not count.
func (b Board) resumed(now time.Time) Board {
	b.began = now.Add(-since(b.began, b.last))
	b.finished, b.pace = false, pace{}
	return b.ready()
}

// moves reports whether the row is elsewhere in the order after an event.
func (b *Board) moves(i int, before, after *row) bool {
	if b.sort.compare(before, i, after, i) != 0 {
		return true
	}
	return b.filter.Active() && b.shows(before) != b.shows(after)
}

// reorder takes row i out of the order, which is b's own, and puts it where it is now.
func (b *Board) reorder(i int, before, after *row) {
	if at, found := b.find(b.order, i, before); found {
		b.order = slices.Delete(b.order, at, at+1)
	}
	if b.shows(after) {
		at, _ := b.find(b.order, i, after)
		b.order = slices.Insert(b.order, at, int32(i)) //nolint:gosec // an index of rows
	}
}
