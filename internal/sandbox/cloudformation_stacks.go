package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// updatable refuses an update of a stack that is in no state for one.
func (s *stack) updatable(disableRollback bool) error {
	switch s.Status {
	case createComplete, updateComplete, updateRollbackComplete, importComplete, "IMPORT_ROLLBACK_COMPLETE":
		return nil
	case createFailed, updateFailed:
		if disableRollback {
			return nil
		}
		return validationError("This stack is currently in a non-terminal [%s] state. To update the stack from this state, please use the disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API", s.Status)
	}
	return validationError("Stack:%s is in %s state and can not be updated.", s.ID, s.Status)
}

// repeated reports whether a request with this ClientRequestToken was carried out before.
// The same token for another request is an error.
func (s *stack) repeated(token, request string) (bool, error) {
	if token == "" {
		return false, nil
	}
	for _, o := range s.Operations {
		if o.Token != token {
			continue
		}
		if o.Request == request {
			return true, nil
		}
		return false, refuse(http.StatusBadRequest, "TokenAlreadyExistsException", "A client request token already exists: %s was used for %s", token, strings.Fields(o.Request)[0])
	}
	return false, nil
}

// deploy starts the creation, update or import that w describes.
func (c *call) deploy(s *stack, w *stackWork, request, token string) error {
	w.By = c.caller
	w.Fault = c.acct.stackFailure()
	return c.acct.start(s, w, request, token)
}

// start begins to bring a stack to the goal of w.
func (a *account) start(s *stack, w *stackWork, request, token string) error {
	w.Kind, w.Before = kindUpdate, s.stable()
	if unfinished := s.Unfinished; unfinished != nil {
		w.Saved, w.Touched, w.Cleanup, w.All = unfinished.Saved, unfinished.Touched, unfinished.Cleanup, true
	}
	fresh := s.Status == reviewInProgress || s.Status == ""
	if fresh {
		w.Before = deployment{}
	}
	ids, removals, err := a.touched(s, w)
	if err != nil {
		return err
	}
	status := updateInProgress
	switch {
	case len(w.Import) > 0:
		status = importInProgress
	case fresh:
		w.Kind, status = kindCreate, createInProgress
		s.Created = a.now.UTC()
	}
	s.DisableRollback = w.OnFailure == onFailureKeep
	x := a.begin(s, w, request, token)
	s.Now = w.Goal
	if !fresh {
		s.Updated = a.now.UTC()
	}
	x.status(status, "User Initiated")
	return x.forward(ids, removals)
}

// touched returns the resources that an operation has to look at, and whether it removes some.
func (a *account) touched(s *stack, w *stackWork) (ids []string, removals bool, err error) {
	changes := w.planned
	if changes == nil {
		if changes, err = a.sandbox.changesOf(s, w.Before, w.Goal, w.bound, w.Live); err != nil {
			return nil, false, err
		}
	}
	for _, change := range changes {
		if change.Action == actionRemove || change.Replacement != "" && change.Replacement != "False" {
			removals = true
		}
		if change.Action != actionRemove {
			ids = append(ids, change.LogicalID)
		}
	}
	ids = append(ids, missingFrom(ids, w.Touch)...)
	if w.All {
		b, err := a.sandbox.bind(s, w.Goal)
		if err != nil {
			return nil, false, err
		}
		ids = nil
		for _, r := range b.Resources() {
			ids = append(ids, r.LogicalID)
		}
	}
	return ids, removals, nil
}

type stackIDResult struct {
	StackID     string `xml:"StackId"`
	OperationID string `xml:"OperationId,omitempty"`
}

func createStack(c *call) (any, error) {
	if err := c.notHere("ResourceTypes", "RollbackConfiguration", "StackPolicyBody", "StackPolicyURL", "DeploymentConfig"); err != nil {
		return nil, err
	}
	name, err := c.newStackName()
	if err != nil {
		return nil, err
	}
	token := c.get("ClientRequestToken")
	if known := c.stacks().find(name); known != nil {
		if done, err := known.repeated(token, c.action); done || err != nil {
			return stackIDResult{StackID: known.ID}, err
		}
		return nil, refuse(http.StatusBadRequest, "AlreadyExistsException", "Stack [%s] already exists", name)
	}
	w := &stackWork{OnFailure: c.get("OnFailure"), RetainExceptOnCreate: c.flag("RetainExceptOnCreate")}
	if c.has("DisableRollback") {
		if w.OnFailure != "" {
			return nil, validationError("Only one of OnFailure and DisableRollback can be specified.")
		}
		if c.flag("DisableRollback") {
			w.OnFailure = onFailureKeep
		}
	}
	s := c.newStack(name)
	if w.Goal, w.bound, err = c.deployment(s); err != nil {
		return nil, err
	}
	s.TerminationProtection = c.flag("EnableTerminationProtection")
	s.TimeoutMinutes = c.get("TimeoutInMinutes")
	c.stacks().add(s)
	if err := c.deploy(s, w, c.action, token); err != nil {
		return nil, err
	}
	return stackIDResult{s.ID, s.operation().ID}, nil
}

func updateStack(c *call) (any, error) {
	if err := c.notHere("ResourceTypes", "RollbackConfiguration", "StackPolicyBody", "StackPolicyURL",
		"StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL", "DeploymentConfig"); err != nil {
		return nil, err
	}
	name, err := c.need("StackName")
	if err != nil {
		return nil, err
	}
	s := c.stacks().find(name)
	if s == nil || s.Status == reviewInProgress {
		return nil, validationError("Stack [%s] does not exist", name)
	}
	token := c.get("ClientRequestToken")
	if done, err := s.repeated(token, c.action); done || err != nil {
		return stackIDResult{StackID: s.ID}, err
	}
	w := &stackWork{RetainExceptOnCreate: c.flag("RetainExceptOnCreate")}
	if c.flag("DisableRollback") {
		w.OnFailure = onFailureKeep
	}
	if err := s.updatable(w.OnFailure == onFailureKeep); err != nil {
		return nil, err
	}
	if w.Goal, w.bound, err = c.deployment(s); err != nil {
		return nil, err
	}
	set := &changeSet{Type: "UPDATE", Before: s.stable(), Goal: w.Goal, bound: w.bound}
	nothing, err := c.prepare(s, set)
	if err != nil {
		return nil, err
	}
	w.planned = set.changes
	if nothing != "" {
		return nil, validationError(noUpdates)
	}
	if err := c.deploy(s, w, c.action, token); err != nil {
		return nil, err
	}
	return stackIDResult{s.ID, s.operation().ID}, nil
}

func deleteStack(c *call) (any, error) {
	name, err := c.need("StackName")
	if err != nil {
		return nil, err
	}
	s := c.stacks().find(name)
	if s == nil || !s.live() {
		return nil, nil // deleting what is not there succeeds
	}
	token := c.get("ClientRequestToken")
	if done, err := s.repeated(token, c.action); done || err != nil {
		return nil, err
	}
	w := &stackWork{
		Kind: kindDelete, By: c.caller, Goal: s.Now, Before: s.Now,
		Retain: c.list("RetainResources"), Force: c.get("DeletionMode") == "FORCE_DELETE_STACK",
	}
	if arn := c.get("RoleARN"); arn != "" {
		w.Goal.RoleARN = arn
	}
	if err := s.deletable(w); err != nil || s.Status == deleteInProgress {
		return nil, err
	}
	x := c.acct.begin(s, w, c.action, token)
	s.Unfinished = nil
	x.status(deleteInProgress, "User Initiated")
	x.removeAll()
	return nil, nil
}

// deletable refuses a deletion that CloudFormation would not start.
func (s *stack) deletable(w *stackWork) error {
	switch {
	case s.TerminationProtection:
		return validationError("Stack [%s] cannot be deleted while TerminationProtection is enabled", s.ID)
	case strings.HasSuffix(s.Status, "_IN_PROGRESS") && !slices.Contains([]string{createInProgress, reviewInProgress, deleteInProgress, rollbackInProgress}, s.Status):
		return validationError("Stack [%s] cannot be deleted while in status %s", s.ID, s.Status)
	case len(w.Retain) > 0 && s.Status != deleteFailed:
		return validationError("Invalid operation on stack [%s]. RetainResources can be specified only when the stack is in DELETE_FAILED state", s.ID)
	case w.Force && s.Status != deleteFailed:
		return validationError("Invalid operation on stack [%s]. FORCE_DELETE_STACK can be specified only when the stack is in DELETE_FAILED state", s.ID)
	}
	for _, id := range w.Retain {
		if s.resource(id) == nil {
			return validationError("The specified resources to retain %s do not belong to stack [%s]", bracketed([]string{id}), s.ID)
		}
	}
	return nil
}

// rollbackStack takes a failed creation or update back. A stack that never was in a good state
// is deleted by it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
func rollbackStack(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	token := c.get("ClientRequestToken")
	if done, err := s.repeated(token, c.action); done || err != nil {
		return stackIDResult{StackID: s.ID}, err
	}
	w := s.Unfinished
	if w == nil || s.Status != createFailed && s.Status != updateFailed {
		return nil, validationError("Stack %s is in %s state and can not be rolled back.", s.ID, s.Status)
	}
	w.By, w.RetainExceptOnCreate = c.caller, c.flag("RetainExceptOnCreate")
	failed := s.Status
	x := c.acct.begin(s, w, c.action, token)
	s.operation().Kind = kindRollback
	if failed == updateFailed {
		x.rollBackUpdate("User Initiated")
	} else {
		w.OnFailure = onFailureDelete
		x.status(rollbackInProgress, "User Initiated")
		x.removeAll()
	}
	return stackIDResult{s.ID, s.operation().ID}, nil
}

// continueUpdateRollback goes on with a rollback that failed.
func continueUpdateRollback(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	token := c.get("ClientRequestToken")
	if done, err := s.repeated(token, c.action); done || err != nil {
		return struct{}{}, err
	}
	w := s.Unfinished
	if s.Status != updateRollbackFailed || w == nil {
		return nil, validationError("Stack [%s] is in %s state and can not continue rollback.", s.ID, s.Status)
	}
	skip := c.list("ResourcesToSkip")
	for _, id := range skip {
		if !slices.Contains(w.Restore, id) {
			return nil, validationError("The following resources cannot be skipped because they are not in UPDATE_FAILED state: %s", bracketed([]string{id}))
		}
	}
	w.By, w.Failed = c.caller, nil
	x := c.acct.begin(s, w, c.action, token)
	s.operation().Kind = kindContinue
	x.status(updateRollbackInProgress, "User Initiated")
	for _, id := range skip {
		w.Restore = without(w.Restore, id)
		x.event(s.resource(id), updateComplete, "")
	}
	x.scheduleRestore()
	return struct{}{}, nil
}

func cancelUpdateStack(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	if s.Status != updateInProgress {
		return nil, validationError("CancelUpdateStack cannot be called from current stack status")
	}
	x := &execution{acct: c.acct, stack: s, work: s.Running}
	x.rollBackUpdate("Stack update cancelled")
	c.acct.touch()
	return nil, nil
}

func updateTerminationProtection(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	if _, err := c.need("EnableTerminationProtection"); err != nil {
		return nil, err
	}
	s.TerminationProtection = c.flag("EnableTerminationProtection")
	c.acct.touch()
	return stackIDResult{StackID: s.ID}, nil
}

func mapKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
