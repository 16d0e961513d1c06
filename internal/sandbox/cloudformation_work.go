package sandbox

import (
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// The kinds of operation on a stack, as DescribeEvents calls them.
const (
	kindCreate   = "CREATE_STACK"
	kindUpdate   = "UPDATE_STACK"
	kindDelete   = "DELETE_STACK"
	kindRollback = "ROLLBACK"
	kindContinue = "CONTINUE_ROLLBACK"
)

// What a failure leads to, as the parameter OnFailure says it.
const (
	onFailureRollback = "ROLLBACK"
	onFailureKeep     = "DO_NOTHING"
	onFailureDelete   = "DELETE"
)

// stackWork is an operation on a stack that goes on. Its steps are due at instants that follow
// from its start, whoever looks and whenever; see [advanceStacks].
type stackWork struct {
	Kind                 string     `json:"kind"`
	By                   principal  `json:"by"`
	Goal                 deployment `json:"goal"`   // what the stack is to be made from
	Before               deployment `json:"before"` // and what it was: the aim of a rollback
	OnFailure            string     `json:"on_failure,omitempty"`
	RetainExceptOnCreate bool       `json:"retain_except_on_create,omitempty"`
	Retain               []string   `json:"retain,omitempty"` // RetainResources of DeleteStack
	Force                bool       `json:"force,omitempty"`  // FORCE_DELETE_STACK
	All                  bool       `json:"all,omitempty"`    // every resource is brought to the goal, changed or not
	ChangeSet            string     `json:"change_set,omitempty"`

	// Import maps the logical ids that are to be imported to their identifiers.
	Import map[string]string `json:"import,omitempty"`

	// Live is what the account really held where that is to be reverted: the aim of a rollback, too.
	Live liveDrift `json:"live,omitempty"`

	Levels int           `json:"levels"` // how many levels of resources share the stack duration
	Pace   time.Duration `json:"pace"`   // what one level takes
	Steps  []workStep    `json:"steps"`  // those to come that are known, in order
	Phase  workPhase     `json:"phase"`

	// Saved holds the resources as they were before this operation touched them, nil for those
	// that did not exist; Touched are their ids in order.
	Saved   map[string]*stackResource `json:"saved,omitempty"`
	Touched []string                  `json:"touched,omitempty"`
	Open    []string                  `json:"open,omitempty"`    // begun and not finished
	Failed  []string                  `json:"failed,omitempty"`  // cause first
	Restore []string                  `json:"restore,omitempty"` // to be brought back by a rollback, in order
	Cleanup []*stackResource          `json:"cleanup,omitempty"` // to be deleted once all else is done

	Fault string            `json:"fault,omitempty"` // reason of an injected stack failure that is still to come
	Touch []string          `json:"touch,omitempty"` // resources that count as changed, whatever the templates say
	Fail  map[string]string `json:"fail,omitempty"`  // messages of failures still to come, by step and logical id

	// What follows from the above is kept while this process lives.
	bound, from *cfn.Bound // of Goal and Before
	planned     []resourceChange
}

// workPhase is how far an operation got.
type workPhase string

const (
	phaseForward  workPhase = "forward"  // making and changing resources
	phaseCleanup  workPhase = "cleanup"  // deleting what an update left over
	phaseRestore  workPhase = "restore"  // a failed update is taken back
	phaseUndo     workPhase = "undo"     // and its new resources are deleted
	phaseRemoving workPhase = "removing" // the stack's resources are deleted: deletion, or rollback of a creation
)

// workStep is one thing to do at one instant.
type workStep struct {
	At time.Time `json:"at"`
	Do stepKind  `json:"do"`
	ID string    `json:"id,omitempty"` // logical id
}

type stepKind string

const (
	stepBegin       stepKind = "begin"        // announce that a resource will be made or changed
	stepApply       stepKind = "apply"        // do it
	stepFinish      stepKind = "finish"       // announce that it is done
	stepRemoveBegin stepKind = "remove_begin" // announce a deletion
	stepRemove      stepKind = "remove"       // delete
	stepRestore     stepKind = "restore"      // change a resource back
	stepPhase       stepKind = "phase"        // the phase is over
)

// advanceStacks does what is due in all stacks of an account, in the order of time. Nothing runs
// in the background: whoever looks next finds what would have happened meanwhile, with the
// times at which it would have happened.
func advanceStacks(a *account) {
	now, partition := a.now, a.partition
	defer func() { a.now, a.partition = now, partition }()
	for {
		s := nextDue(a.state.Stacks, now)
		if s == nil {
			return
		}
		step := s.Running.Steps[0]
		s.Running.Steps = s.Running.Steps[1:]
		a.now = step.At
		a.partition = partitionOf(s.regionOf())
		a.touch()
		(&execution{acct: a, stack: s, work: s.Running}).do(step)
	}
}

// nextDue returns the stack whose next step was due first, or nil if none is due yet.
func nextDue(all map[string]*regionStacks, now time.Time) *stack {
	var first *stack
	for _, region := range all {
		for _, s := range region.Stacks {
			if s.Running == nil || len(s.Running.Steps) == 0 || s.Running.Steps[0].At.After(now) {
				continue
			}
			if first == nil || s.Running.Steps[0].At.Before(first.Running.Steps[0].At) {
				first = s
			}
		}
	}
	return first
}

// execution does the steps of an operation.
type execution struct {
	acct  *account
	stack *stack
	work  *stackWork
}

// begin starts an operation at a.now. The account is locked; request names the call that asked for it.
func (a *account) begin(s *stack, w *stackWork, request, token string) *execution {
	if running := s.operation(); s.Running != nil && running != nil { // a deletion may cut a creation short
		running.Ended, running.Failed = a.now.UTC(), true
	}
	entry := operationEntry{ID: a.uuid("operation"), Kind: w.Kind, Token: token, Request: request, Started: a.now.UTC()}
	s.Operations = append(s.Operations, entry)
	s.Running = w
	s.ChangeSets = slices.DeleteFunc(s.ChangeSets, func(c *changeSet) bool { return c.ID != w.ChangeSet }) // the others no longer fit
	a.touch()
	return &execution{acct: a, stack: s, work: w}
}

// goal and origin are the bound templates of where the operation leads and where it came from.
func (x *execution) goal() (*cfn.Bound, error) {
	return bindOnce(&x.work.bound, x, x.work.Goal)
}

func (x *execution) origin() (*cfn.Bound, error) {
	return bindOnce(&x.work.from, x, x.work.Before)
}

func bindOnce(kept **cfn.Bound, x *execution, d deployment) (*cfn.Bound, error) {
	if *kept == nil {
		b, err := x.acct.sandbox.bind(x.stack, d)
		if err != nil {
			return nil, err
		}
		*kept = b
	}
	return *kept, nil
}

// do does one step. One that ends the operation leaves no step behind; each other does.
func (x *execution) do(step workStep) {
	switch step.Do {
	case stepBegin:
		if x.work.Phase == phaseRestore {
			x.beginRestore(step.ID)
			return
		}
		x.beginResource(step.ID)
	case stepApply:
		x.applyResource(step.ID)
	case stepFinish:
		x.finishResource(step.ID)
	case stepRemoveBegin:
		x.beginRemoval(step.ID)
	case stepRemove:
		x.removeResource(step.ID)
	case stepRestore:
		x.restoreResource(step.ID)
	case stepPhase:
		x.endPhase()
	}
}

// status sets the stack's state and tells it as an event.
func (x *execution) status(status, reason string) {
	x.stack.Status, x.stack.StatusReason = status, reason
	x.stack.Events = append(x.stack.Events, stackEvent{
		At: x.acct.now.UTC(), LogicalID: x.stack.Name, PhysicalID: x.stack.ID, Type: stackType,
		Status: status, Reason: reason, Operation: len(x.stack.Operations) - 1,
	})
}

// event sets a resource's state and tells it.
func (x *execution) event(r *stackResource, status, reason string) {
	r.Status, r.Reason, r.Updated = status, reason, x.acct.now.UTC()
	x.stack.Events = append(x.stack.Events, stackEvent{
		At: x.acct.now.UTC(), LogicalID: r.LogicalID, PhysicalID: r.PhysicalID, Type: r.Type,
		Status: status, Reason: reason, Operation: len(x.stack.Operations) - 1,
	})
}

// end ends the operation in a state.
func (x *execution) end(status, reason string) {
	s, w := x.stack, x.work
	x.status(status, reason)
	s.Running, s.Unfinished = nil, nil
	w.Steps = nil
	entry := s.operation()
	entry.Ended = x.acct.now.UTC()
	entry.Failed = strings.HasSuffix(status, "FAILED") || strings.Contains(status, "ROLLBACK")
	switch status {
	case createFailed, updateFailed, updateRollbackFailed:
		s.Unfinished = w
	case deleteComplete:
		s.Deleted = entry.Ended
		s.ChangeSets = nil
	}
	if i := slices.IndexFunc(s.ChangeSets, func(c *changeSet) bool { return c.ID == w.ChangeSet }); i >= 0 {
		s.ChangeSets[i].Execution = executeComplete
		if entry.Failed {
			s.ChangeSets[i].Execution = executeFailed
		}
	}
}

// schedule plans steps for groups of resources, one group after the other, each at one pace, and
// the end of the phase after them. All resources of a group take a step at the same instant.
func (x *execution) schedule(groups [][]string, offsets ...workStepAt) {
	t := x.acct.now
	for _, group := range groups {
		for _, o := range offsets {
			at := t.Add(time.Duration(o.after * float64(x.work.Pace)))
			for _, id := range group {
				x.work.Steps = append(x.work.Steps, workStep{At: at, Do: o.do, ID: id})
			}
		}
		t = t.Add(x.work.Pace)
	}
	x.work.Steps = append(x.work.Steps, workStep{At: t, Do: stepPhase})
}

// workStepAt is a step and when it is due, as a share of the pace after its group's start.
type workStepAt struct {
	do    stepKind
	after float64
}

// setPace divides the stack duration among the levels of the operation.
func (x *execution) setPace(levels int) {
	x.work.Levels = max(levels, 1)
	x.work.Pace = x.acct.sandbox.options.StackDuration / time.Duration(x.work.Levels)
}

// levelsOf groups resources so that each stands in a later group than those it depends on.
func levelsOf(ids []string, dependsOn func(string) []string) [][]string {
	level := map[string]int{}
	var groups [][]string
	for _, id := range ids {
		n := 0
		for _, need := range dependsOn(id) {
			if l, ok := level[need]; ok {
				n = max(n, l+1)
			}
		}
		level[id] = n
		if n == len(groups) {
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], id)
	}
	return groups
}
