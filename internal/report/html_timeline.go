package report

import (
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
)

// Timeline is a sink that remembers when each target was in which phase, to draw it in an
// [HTMLReport]. It keeps no event, so that a run over a thousand accounts stays small.
type Timeline struct {
	lanes map[string]*lane // by target
	stops []stop
}

// lane is one target's way through the run.
type lane struct {
	spans     []span
	story     []told
	more      int // resource events beyond those of story
	throttled int
}

// span is a stay in a phase. It is open while to is zero.
type span struct {
	phase    bootstrap.Phase
	from, to time.Time
	detail   string
}

// told is a stack event of a resource.
type told struct {
	at                       time.Time
	resource, status, reason string
}

// stop is a moment from which on the run started nothing new.
type stop struct {
	at  time.Time
	why string
}

// storyLength bounds the stack events that are kept of a target.
const storyLength = 40

// NewTimeline returns an empty timeline.
func NewTimeline() *Timeline { return &Timeline{lanes: map[string]*lane{}} }

// Emit remembers what e says.
func (t *Timeline) Emit(e bootstrap.Event) {
	if e.Type == bootstrap.EventStopping {
		t.stops = append(t.stops, stop{e.At, e.Detail})
		return
	}
	key := e.Target.String()
	l := t.lanes[key]
	if l == nil {
		l = &lane{}
		t.lanes[key] = l
	}
	switch e.Type {
	case bootstrap.EventPhase:
		l.enter(e)
	case bootstrap.EventPlanned, bootstrap.EventFinished:
		l.leave(e.At)
	case bootstrap.EventResource:
		l.tell(e)
	case bootstrap.EventThrottled:
		l.throttled++
	case bootstrap.EventStopping: // of no target
	}
}

func (l *lane) enter(e bootstrap.Event) {
	l.leave(e.At)
	if e.Phase != bootstrap.PhaseQueued && e.Phase != bootstrap.PhaseDone {
		l.spans = append(l.spans, span{phase: e.Phase, from: e.At, detail: e.Detail})
	}
}

func (l *lane) leave(at time.Time) {
	if n := len(l.spans); n > 0 && l.spans[n-1].to.IsZero() {
		l.spans[n-1].to = at
	}
}

func (l *lane) tell(e bootstrap.Event) {
	if len(l.story) == storyLength {
		l.more++
		return
	}
	l.story = append(l.story, told{e.At, e.Resource.LogicalID, e.Resource.Status, e.Resource.Reason})
}
