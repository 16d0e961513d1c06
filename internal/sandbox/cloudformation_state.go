package sandbox

import (
	"slices"
	"time"
)

// regionStacks is what CloudFormation keeps in one Region of an account.
type regionStacks struct {
	Stacks []*stack `json:"stacks"` // in order of creation, deleted ones included
}

// keptDeleted is how many deleted stacks a Region remembers. AWS keeps them for 90 days.
const keptDeleted = 20

// stack is one CloudFormation stack, or what is remembered of it.
type stack struct {
	ID           string    `json:"id"` // the ARN
	Name         string    `json:"name"`
	Status       string    `json:"status"`
	StatusReason string    `json:"reason,omitempty"`
	Created      time.Time `json:"created"`
	Updated      time.Time `json:"updated,omitzero"`
	Deleted      time.Time `json:"deleted,omitzero"`

	Now     deployment    `json:"now"` // what was deployed last, or is being created
	Outputs []stackOutput `json:"outputs,omitempty"`

	ChangeSet             string `json:"change_set,omitempty"` // ARN of the one that was executed last
	DisableRollback       bool   `json:"disable_rollback,omitempty"`
	TerminationProtection bool   `json:"protected,omitempty"`
	TimeoutMinutes        string `json:"timeout,omitempty"`

	Resources  []*stackResource `json:"resources,omitempty"`
	Events     []stackEvent     `json:"events,omitempty"` // oldest first
	ChangeSets []*changeSet     `json:"change_sets,omitempty"`
	Operations []operationEntry `json:"operations,omitempty"` // oldest first

	// Running is the operation that goes on. Unfinished is one that stopped half-way, in
	// UPDATE_FAILED, UPDATE_ROLLBACK_FAILED or CREATE_FAILED, and can be rolled back or continued.
	Running    *stackWork `json:"running,omitempty"`
	Unfinished *stackWork `json:"unfinished,omitempty"`

	DriftID string    `json:"drift_id,omitempty"` // of the latest drift detection
	DriftAt time.Time `json:"drift_at,omitzero"`
}

// deployment is what a stack is made from.
type deployment struct {
	Template         string            `json:"template,omitempty"` // key of the text in the sandbox's blobs; empty: nothing is deployed
	Parameters       map[string]string `json:"parameters,omitempty"`
	Tags             []tag             `json:"tags,omitempty"`
	Capabilities     []string          `json:"capabilities,omitempty"`
	NotificationARNs []string          `json:"notification_arns,omitempty"`
	RoleARN          string            `json:"role,omitempty"` // on whose behalf the resources are made; empty: the caller's
}

type stackOutput struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Export      string `json:"export,omitempty"`
}

// stackResource is one resource of a stack.
type stackResource struct {
	LogicalID  string            `json:"id"`
	Type       string            `json:"type"`
	PhysicalID string            `json:"physical,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"` // what Fn::GetAtt gives
	Status     string            `json:"status"`
	Reason     string            `json:"reason,omitempty"`
	Updated    time.Time         `json:"updated"`

	Deletion  string   `json:"deletion,omitempty"` // DeletionPolicy; empty: Delete
	Replace   string   `json:"replace,omitempty"`  // UpdateReplacePolicy; empty: Delete
	DependsOn []string `json:"depends_on,omitempty"`
	Owns      owned    `json:"owns,omitzero"`

	Drift *resourceDrift `json:"drift,omitempty"` // as the latest detection found it
}

// owned is what CloudFormation put onto an entity and takes away again. The rest is
// somebody else's.
type owned struct {
	Policies []string `json:"policies,omitempty"` // ARNs
	Inline   []string `json:"inline,omitempty"`   // names
	Roles    []string `json:"roles,omitempty"`    // names, of an AWS::IAM::Policy
	Tags     []string `json:"tags,omitempty"`     // keys
}

// stackEvent is a change of state of the stack or of one resource.
type stackEvent struct {
	At         time.Time `json:"at"`
	LogicalID  string    `json:"id"` // the stack's name for the stack itself
	PhysicalID string    `json:"physical,omitempty"`
	Type       string    `json:"type"`
	Status     string    `json:"status"`
	Reason     string    `json:"reason,omitempty"`
	Operation  int       `json:"op"` // index in Operations
}

// operationEntry is an operation that was once started on a stack.
type operationEntry struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`            // CREATE_STACK, UPDATE_STACK, ...
	Token   string    `json:"token,omitempty"` // ClientRequestToken
	Request string    `json:"request"`         // the action, and the change set if it executed one
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`
	Failed  bool      `json:"failed,omitempty"`
}

// The states of a stack that the code asks for by name.
const (
	reviewInProgress         = "REVIEW_IN_PROGRESS"
	createInProgress         = "CREATE_IN_PROGRESS"
	createComplete           = "CREATE_COMPLETE"
	createFailed             = "CREATE_FAILED"
	rollbackInProgress       = "ROLLBACK_IN_PROGRESS"
	rollbackComplete         = "ROLLBACK_COMPLETE"
	rollbackFailed           = "ROLLBACK_FAILED"
	updateInProgress         = "UPDATE_IN_PROGRESS"
	updateCleanup            = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
	updateComplete           = "UPDATE_COMPLETE"
	updateFailed             = "UPDATE_FAILED"
	updateRollbackInProgress = "UPDATE_ROLLBACK_IN_PROGRESS"
	updateRollbackCleanup    = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
	updateRollbackComplete   = "UPDATE_ROLLBACK_COMPLETE"
	updateRollbackFailed     = "UPDATE_ROLLBACK_FAILED"
	deleteInProgress         = "DELETE_IN_PROGRESS"
	deleteComplete           = "DELETE_COMPLETE"
	deleteFailed             = "DELETE_FAILED"
	deleteSkipped            = "DELETE_SKIPPED"
	importInProgress         = "IMPORT_IN_PROGRESS"
	importComplete           = "IMPORT_COMPLETE"
)

// live reports whether the stack still exists under its name.
func (s *stack) live() bool { return s.Status != deleteComplete }

// resource returns a resource of the stack, or nil.
func (s *stack) resource(logicalID string) *stackResource {
	i := slices.IndexFunc(s.Resources, func(r *stackResource) bool { return r.LogicalID == logicalID })
	if i < 0 {
		return nil
	}
	return s.Resources[i]
}

// exists reports whether the resource is there: it has been made and not been deleted.
func (r *stackResource) exists() bool {
	return r.PhysicalID != "" && r.Status != deleteComplete && r.Status != deleteSkipped
}

// Ref and Att make a stack the world in which the references of its template are resolved.
func (s *stack) Ref(logicalID string) (string, bool) {
	r := s.resource(logicalID)
	if r == nil || !r.exists() {
		return "", false
	}
	return r.PhysicalID, true
}

// Att returns an attribute of a resource; see [stack.Ref].
func (s *stack) Att(logicalID, name string) (any, bool) {
	r := s.resource(logicalID)
	if r == nil || !r.exists() {
		return nil, false
	}
	v, ok := r.Attributes[name]
	return v, ok
}

// operation returns the entry of the operation that runs or ran last.
func (s *stack) operation() *operationEntry {
	if len(s.Operations) == 0 {
		return nil
	}
	return &s.Operations[len(s.Operations)-1]
}

// find returns the stack with that name that is not deleted, or the one with that ARN, deleted or not.
func (r *regionStacks) find(nameOrID string) *stack {
	if r == nil {
		return nil
	}
	for _, s := range r.Stacks {
		if s.ID == nameOrID || s.Name == nameOrID && s.live() {
			return s
		}
	}
	return nil
}

// add adds a stack and forgets the deleted ones beyond keptDeleted, oldest first.
func (r *regionStacks) add(s *stack) {
	deleted := 0
	for _, old := range r.Stacks {
		if !old.live() {
			deleted++
		}
	}
	r.Stacks = append(slices.DeleteFunc(r.Stacks, func(old *stack) bool {
		if old.live() || deleted <= keptDeleted {
			return false
		}
		deleted--
		return true
	}), s)
}
