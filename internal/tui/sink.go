package tui

import (
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
)

// eventsMsg is what happened since the last one, in order.
type eventsMsg struct {
	events  []bootstrap.Event
	attempt int // of planning, to which they belong: one that was left is not heard
}

// batchEvery is how long events are collected before the screen hears of them: as often
// as it redraws. A run of a thousand accounts has thousands of events a second.
const batchEvery = time.Second / frameRate

// batch is a sink that hands events to the screen in batches.
type batch struct {
	send    func(tea.Msg)
	attempt int

	mu      sync.Mutex // guards what follows
	pending []bootstrap.Event
	due     bool // a flush will come

	handing sync.Mutex // held while a batch is handed over, which keeps their order
}

// Emit keeps e for the next batch. It never waits for the screen.
func (b *batch) Emit(e bootstrap.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending = append(b.pending, e)
	if !b.due {
		b.due = true
		time.AfterFunc(batchEvery, b.flush)
	}
}

// flush hands over what was collected.
func (b *batch) flush() {
	b.handing.Lock()
	defer b.handing.Unlock()
	b.mu.Lock()
	events := b.pending
	b.pending, b.due = nil, false
	b.mu.Unlock()
	if len(events) > 0 {
		b.send(eventsMsg{events, b.attempt})
	}
}
