package bootstrap

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/template"
)

// block says why a target is left alone, and the way out.
type block struct{ code, reason, fix string }

// decide turns what was found in an account into what to do there. tpl is the parsed
// template of r.
func decide(r *Request, tpl *cfn.Template, o *Observation) Plan {
	d := &decider{r: r, tpl: tpl, o: o, plan: Plan{Target: o.Target, seen: o.Stack}}
	if o.Stack != nil {
		d.plan.StackID, d.plan.Outputs = o.Stack.ID, o.Stack.Outputs
	}
	if b := d.decide(); b != nil {
		return blocked(d.plan, b)
	}
	return d.plan
}

func blocked(p Plan, b *block) Plan {
	p.Action, p.Code, p.Reason, p.Fix = ActionBlocked, b.code, b.reason, b.fix
	return p
}

type decider struct {
	r    *Request
	tpl  *cfn.Template
	o    *Observation
	plan Plan
}

func (d *decider) decide() *block {
	m := moveOf(d.status())
	if b := d.checkOwner(); b != nil {
		return b
	}
	replaces := m == moveRecreate || m == moveReplace && d.r.Recreate
	if replaces && d.o.Stack.Protected {
		return protectedBlock(d.o.Target, d.o.Stack)
	}
	switch m {
	case moveCreate:
		d.plan.Action, d.plan.Reason = ActionCreate, d.createReason()
		return d.create()
	case moveRecreate:
		d.plan.Action = ActionRecreate
		d.plan.Reason = "the stack's creation failed and was rolled back: nothing of it is live, and only a new stack can follow"
		return d.create()
	case moveReplace:
		if !d.r.Recreate {
			return d.failedStack()
		}
		d.plan.Action = ActionRecreate
		d.plan.Reason = fmt.Sprintf("the stack is %s and is deleted and made again, as --recreate asks", d.status())
		return d.create()
	case moveUpdate:
		return d.update()
	case moveWait:
		return &block{
			code:   "stack_busy",
			reason: fmt.Sprintf("the stack is %s", d.status()),
			fix:    "run the same command again when the operation is over",
		}
	case moveBlocked:
	}
	return d.stuckStack()
}

func (d *decider) createReason() string {
	if d.o.Stack == nil {
		return "there is no stack " + d.r.StackName + " yet"
	}
	return "of the stack " + d.r.StackName + " there is only a change set that was never executed"
}

func (d *decider) status() cfntypes.StackStatus {
	if d.o.Stack == nil {
		return ""
	}
	return d.o.Stack.Status
}

// checkOwner blocks on a stack that is not ours. The shell of a change set holds
// nothing, whoever made it.
func (d *decider) checkOwner() *block {
	s := d.o.Stack
	if s == nil || s.Status == cfntypes.StackStatusReviewInProgress || d.o.ours() {
		return nil
	}
	return &block{
		code:   "stack_not_ours",
		reason: fmt.Sprintf("there is a stack %s that fcoidc did not make: neither it nor its roles carry the tag %s", s.Name, template.TagManagedBy),
		fix:    "choose another name with --stack-name, or look at it first: " + awsCommand(d.o.Target, "cloudformation describe-stacks --stack-name "+s.ID),
	}
}

func (d *decider) failedStack() *block {
	return &block{
		code:   "stack_failed",
		reason: fmt.Sprintf("the stack is %s and may hold roles that are in use%s", d.status(), d.because()),
		fix:    "add --recreate to delete it and make it again; its roles are gone for that moment",
	}
}

func (d *decider) stuckStack() *block {
	s := d.o.Stack
	switch s.Status {
	case cfntypes.StackStatusUpdateRollbackFailed:
		return &block{
			code:   "stack_stuck",
			reason: "an update of the stack failed and could not be rolled back" + d.because(),
			fix:    awsCommand(d.o.Target, "cloudformation continue-update-rollback --stack-name "+s.ID),
		}
	case cfntypes.StackStatusImportRollbackFailed:
		return &block{
			code:   "stack_stuck",
			reason: "an import into the stack failed and could not be rolled back" + d.because(),
			fix:    "see what failed and repair it: " + awsCommand(d.o.Target, "cloudformation describe-stack-events --stack-name "+s.ID),
		}
	default:
		return &block{
			code:   "stack_state_unknown",
			reason: fmt.Sprintf("the stack is %s, a state that this version of fcoidc does not know", s.Status),
			fix:    "look for a newer version of fcoidc",
		}
	}
}

// because is AWS's reason for the stack's state, as the end of a sentence.
func (d *decider) because() string {
	if d.o.Stack.Reason == "" {
		return ""
	}
	return " (" + d.o.Stack.Reason + ")"
}

// create plans a new stack, in place of one that failed if there is any.
func (d *decider) create() *block {
	var present map[string]string
	live := d.plan.Action == ActionRecreate && moveOf(d.status()) == moveReplace
	if live {
		present = d.o.Stack.Parameters // what was not given stays as the failed stack has it
	}
	params := d.r.parameters(d.tpl, present)
	if b := d.checkRoles(template.RoleNames(params)); b != nil {
		return b
	}
	if b := d.setProvider(params, true); b != nil {
		return b
	}
	to, b := d.resolve(params)
	if b != nil {
		return b
	}
	if live {
		// What failed may have got as far as its roles.
		d.plan.TrustChange = trustParametersDiffer(d.o.Stack.Parameters, params) || d.issuerChanges()
		d.plan.Changes = diffParameters(d.o.Stack.Parameters, params, isList(d.tpl))
		if b := d.checkTrust(); b != nil {
			return b
		}
	}
	d.plan.Changes = append(d.plan.Changes, diffResources(resolved{}, to, false)...)
	return nil
}

// update plans the change of a stack that is there, or finds that there is none.
func (d *decider) update() *block {
	s := d.o.Stack
	params := d.r.parameters(d.tpl, s.Parameters)
	if b := d.checkRoles(template.RoleNames(params)); b != nil {
		return b
	}
	if b := d.setProvider(params, false); b != nil {
		return b
	}
	to, b := d.resolve(params)
	if b != nil {
		return b
	}
	changes := diffParameters(s.Parameters, params, isList(d.tpl))
	newTemplate := s.TemplateSHA256 != d.r.Template.SHA256
	if newTemplate {
		changes = append(changes, Change{
			Kind: ChangeTemplate, Name: "template", From: s.TemplateSHA256, To: d.r.Template.SHA256,
			Summary: "the template is another version of it",
		})
	}
	changes = append(changes, d.tagChanges()...)
	found, b := d.drift()
	if b != nil {
		return b
	}
	if len(changes) == 0 && !found.any() && s.Status != cfntypes.StackStatusUpdateFailed {
		d.plan.Action, d.plan.Reason = ActionNone, d.noneReason()
		return nil
	}
	d.plan.Action = ActionUpdate
	d.plan.Reason = d.updateReason(len(changes) == 0, found.any())
	from, err := deployedResources(d.r, d.tpl, d.o)
	if err != nil {
		d.plan.TrustChange = true
		d.plan.Notes = append(d.plan.Notes, fmt.Sprintf("The template that the stack has cannot be read, so its statements cannot be compared: %v", err))
	} else {
		d.plan.TrustChange = trustDiffers(from, to)
	}
	d.plan.TrustChange = d.plan.TrustChange || trustParametersDiffer(s.Parameters, params) || d.issuerChanges()
	touched := !maps.Equal(stackTags(d.r, s.Tags), ownTags(s.Tags))
	if found.any() {
		from = found.actual
		changes = append(changes, found.changes(to)...)
	}
	d.plan.Changes = append(changes, diffResources(from, to, touched)...)
	return d.checkTrust()
}

func (d *decider) noneReason() string {
	if d.o.live != nil && len(extras(d.o.Target, d.o.live)) > 0 {
		return "the stack is as asked for, but its roles have more than it gave them"
	}
	return "the stack is as asked for"
}

func (d *decider) updateReason(sameRequest, drifted bool) string {
	switch {
	case drifted && sameRequest:
		return "the stack is as asked for, but its resources were changed by hand"
	case drifted:
		return "the stack is there and differs from what is asked for, and its resources were changed by hand"
	case sameRequest:
		return "the stack's last update failed half way; it is made again"
	default:
		return "the stack is there and differs from what is asked for"
	}
}

// drift finds what was changed by hand, if that is to be reverted. It changes no parameter, so
// that it is no change of trust in the sense of [decider.checkTrust]; the review says it all the same.
func (d *decider) drift() (drift, *block) {
	live := d.o.live
	switch {
	case !d.r.RevertDrift:
		return drift{}, nil
	case live == nil:
		d.plan.Notes = append(d.plan.Notes, "CloudFormation reverts no drift in a stack whose last update failed half way: "+
			"run again with --revert-drift when this update is done.")
		return drift{}, nil
	case live.unresolved != nil:
		return drift{}, &block{
			code:   "drift_unknown",
			reason: fmt.Sprintf("what the stack's resources should be is not known, since its template cannot be evaluated: %v", live.unresolved),
			fix:    "leave out --revert-drift: the stack is updated to the template of today",
		}
	}
	d.plan.reverts = true
	d.plan.Notes = append(d.plan.Notes, extras(d.o.Target, live)...)
	found := findDrift(live.deployed, live.found)
	if roles := found.trustEdited(); len(roles) > 0 {
		d.plan.Notes = append(d.plan.Notes, fmt.Sprintf("Who may assume %s changes: somebody edited the trust policy by hand, "+
			"and it becomes again what the stack's parameters say.", strings.Join(roles, " and ")))
	}
	return found, nil
}

// tagChanges are the tags asked for that the stack does not have. Our own are no reason
// to touch a stack: they come with the next update.
func (d *decider) tagChanges() []Change {
	var changes []Change
	for _, key := range slices.Sorted(maps.Keys(d.r.Tags)) {
		was, now := d.o.Stack.Tags[key], d.r.Tags[key]
		if was != now {
			changes = append(changes, Change{
				Kind: ChangeTag, Name: key, From: was, To: now,
				Summary: fmt.Sprintf("tag %s: %s becomes %s", key, orNone(was), orNone(now)),
			})
		}
	}
	return changes
}

func (d *decider) setProvider(params map[string]string, fresh bool) *block {
	choice := d.chooseProvider(fresh, params[template.ParamAudience])
	if choice.block != nil {
		return choice.block
	}
	if _, ok := d.tpl.Parameter(template.ParamCreateProvider); ok {
		params[template.ParamCreateProvider] = choice.value()
	}
	if choice.note != "" {
		d.plan.Notes = append(d.plan.Notes, choice.note)
	}
	d.plan.Parameters = params
	return nil
}

// resolve evaluates the template as it will be deployed; what is wrong with the
// parameters shows here.
func (d *decider) resolve(params map[string]string) (resolved, *block) {
	err := template.ValidateParameters(params, d.r.Template.Issuer)
	if err == nil {
		var to resolved
		if to, err = resolve(d.tpl, d.o.Target, d.r.StackName, d.plan.StackID, params, d.providerARN()); err == nil {
			return to, nil
		}
	}
	var sentences []string
	if problems, ok := errors.AsType[template.ParameterErrors](err); ok {
		for _, p := range problems {
			sentences = append(sentences, p.Error())
		}
	} else {
		sentences = append(sentences, err.Error())
	}
	return resolved{}, &block{
		code:   "parameter_invalid",
		reason: "the stack cannot have these parameters: " + strings.Join(sentences, "; "),
		fix:    "set the parameters that the reason names; those not given are the stack's own, or the template's defaults",
	}
}

// checkTrust blocks a change of who may assume the roles that nobody asked for expressly.
func (d *decider) checkTrust() *block {
	if !d.plan.TrustChange || d.r.AllowTrustChange {
		return nil
	}
	var names []string
	for _, c := range d.plan.Changes {
		if c.Kind == ChangeParameter && slices.Contains(template.TrustParameters(), c.Name) {
			names = append(names, c.Name)
		}
	}
	if d.issuerChanges() {
		names = append(names, "the issuer")
	}
	what := "the trust policies"
	if len(names) > 0 {
		what = strings.Join(names, ", ")
	}
	return &block{
		code:   "trust_change",
		reason: fmt.Sprintf("the update would change who may assume the roles (%s)", what),
		fix:    "see whether the changes are right, then add --allow-trust-change",
	}
}

// checkRoles blocks on role names that are taken by something else than the stack.
func (d *decider) checkRoles(names ...string) *block {
	for _, name := range names {
		role := d.o.Roles[name]
		if role == nil || d.o.Stack != nil && role.StackID == d.o.Stack.ID {
			continue
		}
		if !role.Managed || role.StackID == "" {
			return &block{
				code:   "role_exists",
				reason: fmt.Sprintf("the account has a role %s already, which fcoidc did not make", name),
				fix:    "give the roles other names (--parameter PlanRoleName=NAME --parameter ApplyRoleName=NAME), or look at the one there: " + awsCommand(d.o.Target, "iam get-role --role-name "+name),
			}
		}
		return d.foreignStack(name, role.StackID)
	}
	return nil
}

// foreignStack explains a role that belongs to another stack of ours.
func (d *decider) foreignStack(role, stackID string) *block {
	id, err := arn.Parse(stackID)
	stack, _, _ := strings.Cut(strings.TrimPrefix(id.Resource, "stack/"), "/")
	if err != nil || id.AccountID != d.o.Target.Account {
		return &block{
			code:   "role_exists",
			reason: fmt.Sprintf("the account has a role %s already; its tag %s names no stack of this account (%s)", role, template.TagStackID, stackID),
			fix:    "look at it: " + awsCommand(d.o.Target, "iam get-role --role-name "+role),
		}
	}
	if id.Region == d.o.Target.Region && stack == d.r.StackName {
		return &block{
			code:   "role_left_over",
			reason: fmt.Sprintf("the role %s was left behind by an earlier stack %s that is gone", role, stack),
			fix:    "delete the role in IAM, with the policies in it, then run again; look at it first: " + awsCommand(d.o.Target, "iam get-role --role-name "+role),
		}
	}
	return &block{
		code:   "stack_elsewhere",
		reason: fmt.Sprintf("the account is set up already: the role %s belongs to the stack %s in %s", role, stack, id.Region),
		fix:    fmt.Sprintf("run with --region %s --stack-name %s, or give the roles other names", id.Region, stack),
	}
}
