package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// StackSetup asks for a stack in a given state, to learn and to test what to do about it.
type StackSetup struct {
	Account, Region, Name string

	// Template is the text of the template. It, Parameters and Tags may be empty if the stack exists.
	Template   string
	Parameters map[string]string
	Tags       map[string]string

	// Status is the state that the stack shall have; [StackStates] lists them. States of a first
	// creation need a name that is free; for the others a missing stack is created before.
	Status string

	// Lasting is how long an *_IN_PROGRESS state goes on from now; 0 is an hour. It ends
	// as the operation would have ended.
	Lasting time.Duration
}

// setupFailure is why the resources of a set-up stack fail. Each fails once, so that trying
// again helps.
const setupFailure = "The request processing has failed because of an internal error."

// stackStates says how a stack gets into each state.
func stackStates() map[string]func(*setup) error {
	return map[string]func(*setup) error{
		reviewInProgress:   (*setup).review,
		createComplete:     func(u *setup) error { return u.create("") },
		createFailed:       func(u *setup) error { return u.create(onFailureKeep, stepApply) },
		createInProgress:   func(u *setup) error { return u.create("") },
		rollbackInProgress: func(u *setup) error { return u.create("", stepApply) },
		rollbackComplete:   func(u *setup) error { return u.create("", stepApply) },
		rollbackFailed:     func(u *setup) error { return u.create("", stepApply, stepRemove) },

		updateInProgress:         func(u *setup) error { return u.update("") },
		updateCleanup:            func(u *setup) error { return u.update("") },
		updateComplete:           func(u *setup) error { return u.update("") },
		updateFailed:             func(u *setup) error { return u.update(onFailureKeep, stepApply) },
		updateRollbackInProgress: func(u *setup) error { return u.update("", stepApply) },
		updateRollbackCleanup:    func(u *setup) error { return u.update("", stepApply) },
		updateRollbackComplete:   func(u *setup) error { return u.update("", stepApply) },
		updateRollbackFailed:     func(u *setup) error { return u.update("", stepApply, stepRestore) },

		deleteInProgress: func(u *setup) error { return u.remove() },
		deleteFailed:     func(u *setup) error { return u.remove(stepRemove) },
	}
}

// StackStates are the states that [Sandbox.SetUpStack] can bring a stack into, sorted.
func StackStates() []string { return slices.Sorted(maps.Keys(stackStates())) }

// SetUpStack brings a stack into a state by the operations that lead there on AWS, with their
// events and their effects on IAM, at once and without regard to the stack duration.
func (s *Sandbox) SetUpStack(want StackSetup) error {
	if _, ok := stackStates()[want.Status]; !ok {
		return fmt.Errorf("no stack can be set up in state %q; the states are %s", want.Status, strings.Join(StackStates(), ", "))
	}
	if !isStackName(want.Name) {
		return fmt.Errorf("%q is no stack name: letters, digits and hyphens, beginning with a letter", want.Name)
	}
	err := s.open(want.Account, want.Region, func(a *account) error { return a.setUpStack(want) })
	if err != nil {
		return fmt.Errorf("set up stack %s in %s/%s as %s: %w", want.Name, want.Account, want.Region, want.Status, err)
	}
	return nil
}

// setUpStack is [Sandbox.SetUpStack] in an account that is open, for a state and a name that there are.
func (a *account) setUpStack(want StackSetup) error {
	if want.Lasting == 0 {
		want.Lasting = time.Hour
	}
	if a.state.Stacks[want.Region] == nil {
		a.state.Stacks[want.Region] = &regionStacks{}
	}
	u := &setup{StackSetup: want, acct: a, call: &call{sandbox: a.sandbox, region: want.Region, acct: a, caller: principal{Account: a.ID}}}
	u.stack = a.state.Stacks[want.Region].find(want.Name)
	if err := stackStates()[want.Status](u); err != nil {
		return err
	}
	if u.stack.Status != want.Status {
		return fmt.Errorf("it ended in %s: %s", u.stack.Status, u.stack.StatusReason)
	}
	return nil
}

// setup is a [StackSetup] at work.
type setup struct {
	StackSetup
	acct  *account
	call  *call
	stack *stack // nil as long as there is none
}

// goal is the deployment that the setup asks for.
func (u *setup) goal() (deployment, error) {
	if u.Template == "" && u.stack != nil && u.stack.Now.Template != "" {
		return u.stack.Now, nil
	}
	t, err := cfn.Parse([]byte(u.Template))
	if err != nil {
		return deployment{}, err
	}
	if err := checkResourceTypes(t); err != nil {
		return deployment{}, err
	}
	key, err := u.acct.sandbox.blobs.put(u.Template)
	if err != nil {
		return deployment{}, err
	}
	d := deployment{Template: key, Parameters: u.Parameters, Capabilities: []string{cfn.CapabilityNamedIAM}}
	b, err := t.Bind(u.call.newStack(u.Name).pseudo(d), d.Parameters)
	if err != nil {
		return deployment{}, err
	}
	d.Parameters = b.Parameters()
	for _, key := range slices.Sorted(maps.Keys(u.Tags)) {
		d.Tags = append(d.Tags, tag{Key: key, Value: u.Tags[key]})
	}
	return d, nil
}

func (u *setup) fresh() error {
	if u.stack != nil {
		return fmt.Errorf("there is such a stack, in state %s: delete it, or name another", u.stack.Status)
	}
	u.stack = u.call.newStack(u.Name)
	return nil
}

// review leaves the shell that a CREATE change set makes, with the change set unexecuted.
func (u *setup) review() error {
	d, err := u.goal()
	if err != nil {
		return err
	}
	if err := u.fresh(); err != nil {
		return err
	}
	now := u.acct.now.UTC()
	u.stack.ChangeSets = []*changeSet{{
		ID:   u.acct.arn("cloudformation", u.Region, "changeSet/"+u.Name+"/"+u.acct.uuid("change-set")),
		Name: u.Name, Type: "CREATE", Created: now, Ready: now, Goal: d,
	}}
	u.call.stacks().add(u.stack)
	(&execution{acct: u.acct, stack: u.stack}).status(reviewInProgress, "User Initiated")
	u.acct.touch()
	return nil
}

// create creates the stack, with failures at the given steps.
func (u *setup) create(onFailure string, failing ...stepKind) error {
	d, err := u.goal()
	if err != nil {
		return err
	}
	if err := u.fresh(); err != nil {
		return err
	}
	w := &stackWork{By: u.call.caller, Goal: d, OnFailure: onFailure}
	if err := u.arrange(w, failing); err != nil {
		return err
	}
	u.call.stacks().add(u.stack)
	if err := u.acct.start(u.stack, w, "SetUpStack", ""); err != nil {
		return err
	}
	u.run(u.Status)
	return nil
}

// arrange decides which resources fail: the last one that is made and, where a deletion is to
// fail as well, one that was made before it.
func (u *setup) arrange(w *stackWork, failing []stepKind) error {
	b, err := u.acct.sandbox.bind(u.stack, w.Goal)
	if err != nil {
		return err
	}
	resources := b.Resources()
	last := resources[len(resources)-1].LogicalID
	w.Touch = []string{last}
	w.Fail = map[string]string{}
	for _, step := range failing {
		id := last
		if step == stepRemove {
			i := slices.IndexFunc(resources, func(r cfn.BoundResource) bool {
				return !retains(r.DeletionPolicy) && (len(failing) == 1 || r.LogicalID != last)
			})
			if i < 0 {
				return fmt.Errorf("the template has no resource whose deletion could fail")
			}
			id = resources[i].LogicalID
		}
		w.Fail[failureKey(step, id)] = setupFailure
	}
	return nil
}

// existing makes sure that there is a stack in a good state.
func (u *setup) existing() error {
	if u.stack == nil {
		wanted := u.Status
		u.Status = createComplete
		err := u.create("")
		u.Status = wanted
		return err
	}
	return u.stack.updatable(false)
}

// update updates the stack to what it is, with failures at the given steps.
func (u *setup) update(onFailure string, failing ...stepKind) error {
	if err := u.existing(); err != nil {
		return err
	}
	d, err := u.goal()
	if err != nil {
		return err
	}
	w := &stackWork{By: u.call.caller, Goal: d, OnFailure: onFailure}
	if err := u.arrange(w, failing); err != nil {
		return err
	}
	if err := u.acct.start(u.stack, w, "SetUpStack", ""); err != nil {
		return err
	}
	u.run(u.Status)
	return nil
}

// remove deletes the stack, with failures at the given steps.
func (u *setup) remove(failing ...stepKind) error {
	if err := u.existing(); err != nil {
		return err
	}
	w := &stackWork{Kind: kindDelete, By: u.call.caller, Goal: u.stack.Now, Before: u.stack.Now}
	if err := u.arrange(w, failing); err != nil {
		return err
	}
	x := u.acct.begin(u.stack, w, "SetUpStack", "")
	x.status(deleteInProgress, "User Initiated")
	x.removeAll()
	u.run(u.Status)
	return nil
}

// run does the steps of the operation until the stack is in the wanted state; those that
// remain are put off.
func (u *setup) run(until string) {
	s := u.stack
	for s.Running != nil && s.Status != until {
		step := s.Running.Steps[0]
		s.Running.Steps = s.Running.Steps[1:]
		(&execution{acct: u.acct, stack: s, work: s.Running}).do(step)
	}
	if s.Running == nil {
		return
	}
	for i := range s.Running.Steps {
		s.Running.Steps[i].At = u.acct.now.Add(u.Lasting)
	}
	u.acct.touch()
}

// failureKey names a failure of a resource at a step.
func failureKey(step stepKind, logicalID string) string { return string(step) + ":" + logicalID }

// setUpFailure returns the failure that a setup arranged for a step, once.
func (w *stackWork) setUpFailure(step stepKind, logicalID string) error {
	key := failureKey(step, logicalID)
	message, ok := w.Fail[key]
	if !ok {
		return nil
	}
	delete(w.Fail, key)
	return refuse(http.StatusInternalServerError, "ServiceFailure", "%s", message)
}
