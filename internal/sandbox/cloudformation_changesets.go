package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// changeSet is a deployment that was prepared and awaits execution.
type changeSet struct {
	ID          string    `json:"id"` // the ARN
	Name        string    `json:"name"`
	Type        string    `json:"type"` // CREATE, UPDATE or IMPORT
	Description string    `json:"description,omitempty"`
	Token       string    `json:"token,omitempty"` // ClientToken
	Created     time.Time `json:"created"`
	Ready       time.Time `json:"ready"` // when CloudFormation will be done preparing it

	Goal      deployment        `json:"goal"`
	Before    deployment        `json:"before"`
	Import    map[string]string `json:"import,omitempty"`     // identifiers by logical id
	Failed    string            `json:"failed,omitempty"`     // why there is nothing to execute
	Execution string            `json:"execution,omitempty"`  // once it was executed
	OnFailure string            `json:"on_failure,omitempty"` // OnStackFailure
	Mode      string            `json:"mode,omitempty"`       // DeploymentMode
	Live      liveDrift         `json:"live,omitempty"`       // what the account held when a drift-aware change set was made

	// What follows from the above is kept while this process lives.
	bound   *cfn.Bound // of Goal
	changes []resourceChange
}

// How far the execution of a change set got.
const (
	executeInProgress = "EXECUTE_IN_PROGRESS"
	executeComplete   = "EXECUTE_COMPLETE"
	executeFailed     = "EXECUTE_FAILED"
)

// The two reasons why a change set holds no changes.
const (
	sameSubmission = "The submitted information didn't contain changes. Submit different information to create a change set."
	noUpdates      = "No updates are to be performed."
)

// changeSetShare is which part of the stack duration the preparation of a change set takes.
const changeSetShare = 20

func createChangeSet(c *call) (any, error) {
	if err := c.notHere("ResourceTypes", "RollbackConfiguration", "IncludeNestedStacks", "ImportExistingResources", "DeploymentConfig"); err != nil {
		return nil, err
	}
	name, err := c.need("ChangeSetName")
	if err != nil {
		return nil, err
	}
	if !isStackName(name) {
		return nil, validationError("1 validation error detected: Value '%s' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name)
	}
	kind := c.get("ChangeSetType")
	if kind == "" {
		kind = "UPDATE"
	}
	mode, err := c.deploymentMode(kind)
	if err != nil {
		return nil, err
	}
	s, err := c.changeSetStack(kind, name)
	if err != nil {
		return nil, err
	}
	if known := s.changeSet(name); known != nil && known.Execution == "" {
		if token := c.get("ClientToken"); token != "" && token == known.Token {
			return changeSetIDs{known.ID, s.ID}, nil
		}
		return nil, refuse(http.StatusBadRequest, "AlreadyExistsException", "ChangeSet %s already exists", name)
	}
	set := &changeSet{
		Name: name, Type: kind, Description: c.get("Description"), Token: c.get("ClientToken"), Created: c.acct.now.UTC(),
		Ready: c.acct.now.UTC().Add(c.sandbox.options.StackDuration / changeSetShare), OnFailure: c.get("OnStackFailure"), Mode: mode,
	}
	if set.Goal, set.bound, err = c.deployment(s); err != nil {
		return nil, err
	}
	set.Before = s.stable()
	if mode == revertDrift {
		if set.Live, err = c.lookForDrift(s, set.Before); err != nil {
			return nil, err
		}
	}
	if set.Failed, err = c.prepare(s, set); err != nil {
		return nil, err
	}
	set.ID = c.acct.arn("cloudformation", c.region, "changeSet/"+name+"/"+c.acct.uuid("change-set"))
	if s.Status == "" { // a new shell
		c.stacks().add(s)
		(&execution{acct: c.acct, stack: s}).status(reviewInProgress, "User Initiated")
	}
	s.ChangeSets = append(slices.DeleteFunc(s.ChangeSets, func(o *changeSet) bool { return o.Name == name }), set)
	c.acct.touch()
	return changeSetIDs{set.ID, s.ID}, nil
}

type changeSetIDs struct {
	ID      string `xml:"Id"`
	StackID string `xml:"StackId"`
}

// changeSetStack returns the stack that a change set of that type is for; for a new stack a
// shell that is not added yet.
func (c *call) changeSetStack(kind, name string) (*stack, error) {
	stackRef, err := c.need("StackName")
	if err != nil {
		return nil, err
	}
	s := c.stacks().find(stackRef)
	switch {
	case kind != "CREATE" && kind != "UPDATE" && kind != "IMPORT":
		return nil, validationError("1 validation error detected: Value '%s' at 'changeSetType' failed to satisfy constraint: Member must satisfy enum value set: [IMPORT, UPDATE, CREATE]", kind)
	case s == nil && kind == "UPDATE":
		return nil, validationError("Stack [%s] does not exist", stackRef)
	case s == nil:
		newName, err := c.newStackName()
		if err != nil {
			return nil, err
		}
		return c.newStack(newName), nil
	case s.Status == reviewInProgress && kind == "UPDATE":
		return nil, validationError("Stack:%s is in %s state and can not be updated.", s.ID, s.Status)
	case s.Status == reviewInProgress:
		return s, nil
	case kind == "CREATE":
		return nil, validationError("Stack [%s] already exists and cannot be created again with the changeSet [%s].", s.Name, name)
	}
	return s, s.updatable(c.get("OnStackFailure") == onFailureKeep)
}

// stable is the deployment that the stack's resources are known to stand for: that before an
// operation that failed and was not rolled back.
func (s *stack) stable() deployment {
	if s.Unfinished != nil {
		return s.Unfinished.Before
	}
	return s.Now
}

// prepare decides whether there is something to execute; the answer is why not.
func (c *call) prepare(s *stack, set *changeSet) (problem string, err error) {
	if set.changes, err = c.sandbox.changesOf(s, set.Before, set.Goal, set.bound, set.Live); err != nil {
		return "", err
	}
	if set.Type == "IMPORT" {
		return "", c.prepareImport(set)
	}
	if set.Before.Template == "" || s.Unfinished != nil || len(set.changes) > 0 {
		return "", nil
	}
	changed, err := changesOutputs(s, set.bound)
	if err != nil || changed {
		return "", err
	}
	if sameDeployment(set.Before, set.Goal) {
		return sameSubmission, nil
	}
	return noUpdates, nil
}

func sameDeployment(a, b deployment) bool {
	return a.Template == b.Template && len(a.Parameters) == len(b.Parameters) && sameTags(a.Tags, b.Tags) &&
		!slices.ContainsFunc(mapKeys(a.Parameters), func(k string) bool { return a.Parameters[k] != b.Parameters[k] })
}

// changesOutputs reports whether the outputs would differ with all resources as they are.
func changesOutputs(st *stack, goal *cfn.Bound) (bool, error) {
	outputs, err := goal.Outputs(st)
	if err != nil {
		return false, validationError("%s", err)
	}
	return !slices.EqualFunc(outputs, st.Outputs, func(a cfn.BoundOutput, b stackOutput) bool {
		return a.Name == b.Name && a.Value == b.Value && a.Description == b.Description && a.ExportName == b.Export
	}), nil
}

// changeSet returns the stack's change set with that name or ARN, or nil.
func (s *stack) changeSet(nameOrID string) *changeSet {
	for _, set := range s.ChangeSets {
		if set.Name == nameOrID || set.ID == nameOrID {
			return set
		}
	}
	return nil
}

// changeSet finds the change set that the request names, and its stack.
func (c *call) changeSet() (*stack, *changeSet, error) {
	name, err := c.need("ChangeSetName")
	if err != nil {
		return nil, nil, err
	}
	if strings.HasPrefix(name, "arn:") {
		for _, s := range c.stacks().Stacks {
			if set := s.changeSet(name); set != nil {
				return s, set, nil
			}
		}
		return nil, nil, changeSetNotFound(name)
	}
	if c.get("StackName") == "" {
		return nil, nil, validationError("StackName must be specified if ChangeSetName is not specified as an ARN.")
	}
	s, err := c.stack()
	if err != nil {
		return nil, nil, err
	}
	set := s.changeSet(name)
	if set == nil {
		return nil, nil, changeSetNotFound(name)
	}
	return s, set, nil
}

// state is the change set's status and execution status at an instant.
func (s *changeSet) state(now time.Time) (status, execution string) {
	switch {
	case now.Before(s.Ready):
		return createInProgress, "UNAVAILABLE"
	case s.Failed != "":
		return "FAILED", "UNAVAILABLE"
	case s.Execution != "":
		return createComplete, s.Execution
	default:
		return createComplete, "AVAILABLE"
	}
}

func deleteChangeSet(c *call) (any, error) {
	s, set, err := c.changeSet()
	if err != nil {
		if refusal, ok := err.(*apiError); ok && refusal.Code == "ChangeSetNotFound" { //nolint:errorlint // made unwrapped above
			return struct{}{}, nil // deleting what is not there succeeds
		}
		return nil, err
	}
	status, _ := set.state(c.acct.now)
	if set.Execution == executeInProgress || status == createInProgress {
		return nil, refuse(http.StatusBadRequest, "InvalidChangeSetStatus", "ChangeSet [%s] cannot be deleted in its current status of [%s]", set.ID, status)
	}
	s.ChangeSets = slices.DeleteFunc(s.ChangeSets, func(o *changeSet) bool { return o == set })
	c.acct.touch()
	return struct{}{}, nil
}

func executeChangeSet(c *call) (any, error) {
	s, set, err := c.changeSet()
	if err != nil {
		return nil, err
	}
	token := c.get("ClientRequestToken")
	request := c.action + " " + set.ID
	if done, err := s.repeated(token, request); done || err != nil {
		return struct{}{}, err
	}
	status, execution := set.state(c.acct.now)
	if status != createComplete || execution != "AVAILABLE" {
		current := status
		if status == createComplete {
			current = execution
		}
		return nil, refuse(http.StatusBadRequest, "InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current status of [%s]", set.ID, current)
	}
	w := &stackWork{
		Goal: set.Goal, bound: set.bound, planned: set.changes, ChangeSet: set.ID, Import: set.Import, Live: set.Live, RetainExceptOnCreate: c.flag("RetainExceptOnCreate"), OnFailure: set.OnFailure,
	}
	if c.flag("DisableRollback") {
		if set.OnFailure != "" {
			return nil, validationError("You cannot specify both DisableRollback and OnStackFailure")
		}
		w.OnFailure = onFailureKeep
	}
	if s.Status != reviewInProgress {
		if err := s.updatable(w.OnFailure == onFailureKeep); err != nil {
			return nil, err
		}
	}
	set.Execution = executeInProgress
	s.ChangeSet = set.ID
	return struct{}{}, c.deploy(s, w, request, token)
}

// resourcesToImport reads the resources that an IMPORT change set is about.
func (c *call) resourcesToImport() (map[string]string, map[string]string, error) {
	types, identifiers := map[string]string{}, map[string]string{}
	for i := 1; ; i++ {
		prefix := "ResourcesToImport.member." + strconv.Itoa(i) + "."
		id := c.get(prefix + "LogicalResourceId")
		if id == "" {
			return types, identifiers, nil
		}
		types[id] = c.get(prefix + "ResourceType")
		h, _ := handlerOf(types[id])
		key, value := c.get(prefix+"ResourceIdentifier.entry.1.key"), c.get(prefix+"ResourceIdentifier.entry.1.value")
		if h.identifier == "" || key != h.identifier || value == "" {
			return nil, nil, validationError("Resource identifiers for %s of type %s must be [%s]", id, types[id], h.identifier)
		}
		identifiers[id] = value
	}
}

// prepareImport checks an import: what is imported exists and is new to the stack, and nothing else changes.
func (c *call) prepareImport(set *changeSet) error {
	types, identifiers, err := c.resourcesToImport()
	if err != nil {
		return err
	}
	if len(identifiers) == 0 {
		return validationError("You must provide resources to import when ChangeSetType is IMPORT")
	}
	var others []string
	for _, change := range set.changes {
		if change.Action != actionAdd || types[change.LogicalID] != change.Type {
			others = append(others, change.LogicalID)
		}
	}
	if others != nil {
		return validationError("As part of the import operation, you cannot modify or add %s", bracketed(others))
	}
	for id, identifier := range identifiers {
		if !slices.ContainsFunc(set.changes, func(r resourceChange) bool { return r.LogicalID == id }) {
			return validationError("Resources %s passed in ResourceToImport are not in the template or are in the stack already", bracketed([]string{id}))
		}
		if r, _ := set.bound.Template().Resource(id); !r.HasDeletionPolicy() {
			return validationError("Resources to import must have a DeletionPolicy attribute specified in the template: %s", bracketed([]string{id}))
		}
		if other := c.acct.ownerOf(types[id], identifier); other != "" {
			return validationError("Resource %s of type %s with identifier %s is already managed by stack %s", id, types[id], identifier, other)
		}
		kind, _ := handlerOf(types[id])
		probe := &handling{acct: c.acct, as: c.caller, res: &stackResource{Type: types[id]}}
		if err := kind.adopt(probe, identifier); err != nil {
			return validationError("Resource %s of type %s with identifier %s does not exist", id, types[id], identifier)
		}
	}
	set.Import = identifiers
	return nil
}

// ownerOf returns the stack that a resource belongs to, "" if none.
func (a *account) ownerOf(resourceType, physicalID string) string {
	for _, region := range a.state.Stacks {
		for _, s := range region.Stacks {
			for _, r := range s.Resources {
				if s.live() && r.exists() && r.Type == resourceType && r.PhysicalID == physicalID {
					return s.ID
				}
			}
		}
	}
	return ""
}
