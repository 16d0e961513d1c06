package bootstrap

import (
	"time"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// Action is what the plan decides for a target.
type Action string

// The decisions a plan can come to.
const (
	ActionCreate   Action = "create"
	ActionUpdate   Action = "update"
	ActionNone     Action = "none" // the stack is already as asked for
	ActionRecreate Action = "recreate"
	ActionDelete   Action = "delete" // teardown only
	ActionBlocked  Action = "blocked"
	ActionSkipped  Action = "skipped"
)

// Status is how a target ended.
type Status string

// How a target can end.
const (
	StatusSucceeded  Status = "succeeded"
	StatusFailed     Status = "failed"
	StatusBlocked    Status = "blocked"
	StatusSkipped    Status = "skipped"
	StatusInProgress Status = "in_progress" // CloudFormation goes on without us
)

// Plan is the decision for one target, and what it would change.
type Plan struct {
	Target  fleet.Target
	Action  Action
	Reason  string // one sentence: why this action; for blocked and skipped, why not another
	Fix     string // the way out of blocked, a command where there is one
	Code    string // stable snake_case code of a block or of a note, empty otherwise
	Changes []Change
	Notes   []string // what a reviewer should know of this target, a sentence each

	// Parameters are the stack parameters that the deployment will use, defaults included.
	Parameters map[string]string
	// TrustChange is set if the plan alters who may assume the roles of a stack that exists.
	TrustChange bool
	StackID     string            // of the stack that is there, empty if none
	Outputs     map[string]string // of the stack that is there

	seen     *Stack        // the stack the plan was decided from, nil if there was none
	calls    int           // requests that reaching the account and planning cost
	took     time.Duration // that planning took, waiting for operations of others included
	provider string        // ARN of the provider that a teardown deletes, empty if it stays
	reverts  bool          // drift is to be reverted
}

// Result is how the target of p ends if nothing more is done: a run that stops at its
// plans reports these. What p would have changed is skipped.
func (p *Plan) Result() Result {
	r := Result{
		Target: p.Target, Action: p.Action, Status: StatusSkipped, Reason: p.Reason, StackID: p.StackID,
		Outputs: p.Outputs, Changes: p.Changes, Notes: p.Notes, APICalls: p.calls, Elapsed: p.took,
	}
	switch p.Action {
	case ActionBlocked:
		r.Status, r.Failure = StatusBlocked, &Failure{Code: p.Code, Message: p.Reason, Fix: p.Fix}
	case ActionNone:
		r.Status = StatusSucceeded
	case ActionCreate, ActionUpdate, ActionRecreate, ActionDelete, ActionSkipped:
	}
	return r
}

// ChangeKind says what a Change is about.
type ChangeKind string

// The kinds of change that a review shows.
const (
	ChangeParameter ChangeKind = "parameter" // Name is the parameter, From and To its values
	ChangeResource  ChangeKind = "resource"  // Name is the logical id, To what CloudFormation will do: Add, Modify, Remove, Replace
	ChangeStatement ChangeKind = "statement" // Name is the resource, From or To one IAM statement as JSON
	ChangeTemplate  ChangeKind = "template"  // From and To are SHA-256 of the template
	ChangePolicy    ChangeKind = "policy"    // Name is the role, From or To the ARN of a managed policy or permissions boundary
	ChangeTag       ChangeKind = "tag"       // Name is the key of a stack tag, From and To its values
	ChangeDrift     ChangeKind = "drift"     // Name is the resource, From what somebody made of a property, To what it becomes again
)

// Change is one difference between what is there and what will be.
type Change struct {
	Kind    ChangeKind `json:"kind"`
	Name    string     `json:"name"`
	From    string     `json:"from,omitempty"`
	To      string     `json:"to,omitempty"`
	Summary string     `json:"summary"` // in words, one line
}

// Failure says why a target did not succeed, and what to do.
type Failure struct {
	Code     string `json:"code"`     // AWS's error code or a stable snake_case code of ours
	Message  string `json:"message"`  // AWS's reason, control characters not yet escaped
	Resource string `json:"resource"` // the logical id that failed first, empty if none
	Fix      string `json:"fix"`      // what to do, a command where there is one
}

// Result is how a target ended.
type Result struct {
	Target   fleet.Target
	Action   Action
	Status   Status
	Reason   string
	StackID  string
	Outputs  map[string]string
	Changes  []Change
	Notes    []string
	Failure  *Failure
	Attempts []ResourceEvent // events of the failed stack that a recreate removed
	APICalls int             // requests sent to AWS for this target, those to reach it and retries included
	// Verification is what a look at the target showed afterwards; nil if nobody looked.
	Verification *Verification
	Started      time.Time
	Elapsed      time.Duration // planning included, waiting for a confirmation not
}
