package bootstrap

import (
	"time"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// Phase is where a target stands in a run.
type Phase string

// The phases a target goes through, in order. A target ends in PhaseDone, whatever came of it.
const (
	PhaseQueued    Phase = "queued"     // nothing started yet
	PhasePlan      Phase = "plan"       // reading what is there
	PhaseChangeSet Phase = "change_set" // the change set is being created and checked
	PhaseDelete    Phase = "delete"     // a stack is being deleted (recreate, teardown)
	PhaseDeploy    Phase = "deploy"     // CloudFormation executes the change set
	PhaseWait      Phase = "wait"       // somebody else's operation on the stack is waited for
	PhaseDone      Phase = "done"       // Result says how it ended
)

// EventType says which fact an Event states.
type EventType string

// The facts a run tells its sink.
const (
	EventPhase     EventType = "phase"     // the target entered Phase
	EventPlanned   EventType = "planned"   // Plan is set
	EventResource  EventType = "resource"  // Resource is set: a stack event of one resource
	EventThrottled EventType = "throttled" // AWS asked to slow down; the run goes on
	EventFinished  EventType = "finished"  // Result is set; the last event of the target
	EventStopping  EventType = "stopping"  // the run starts nothing new (interrupt, --max-failures); no target
)

// Event is one fact about one target.
type Event struct {
	At     time.Time
	Type   EventType
	Target fleet.Target // zero for EventStopping
	Phase  Phase
	Detail string // one line, for people

	Plan     *Plan
	Resource *ResourceEvent
	Result   *Result

	Done, Total int // resources finished and expected, where known
}

// ResourceEvent is one CloudFormation stack event of one resource.
type ResourceEvent struct {
	LogicalID  string
	PhysicalID string
	Type       string // AWS::IAM::Role
	Status     string // CREATE_IN_PROGRESS, ...
	Reason     string // AWS's text, unescaped
}

// Sink receives events. The engine never calls Emit concurrently, delivers a
// target's events in order, and always delivers its last.
type Sink interface{ Emit(Event) }

// SinkFunc lets a function be a [Sink].
type SinkFunc func(Event)

// Emit calls f.
func (f SinkFunc) Emit(e Event) { f(e) }
