package doctor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/forgecroft/fcoidc/internal/awserr"
	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/template"
)

// tagTemplate is the stack tag that holds the SHA-256 of the template a stack was deployed with.
const tagTemplate = "forgecroft:template-sha256"

// maxStackPages bounds the search for a stack of another name: 100 stacks a page.
const maxStackPages = 30

// stacks finds the stacks that made the roles, or were to: the one of the usual name, and where
// that is not a good one, all that carry our tag or have what the template has.
func (k *collector) stacks(ctx context.Context) {
	api := k.clients.Stacks(k.s.Region)
	what := fmt.Sprintf("stack %s in %s", k.o.StackName, k.s.Region)
	out, err := ask(ctx, k, api.DescribeStacks, &cloudformation.DescribeStacksInput{StackName: &k.o.StackName})
	switch {
	case noSuchStack(err):
	case err != nil:
		k.miss(FactStack, what, "cloudformation:DescribeStacks", err)
		return
	default:
		k.keepStacks(out.Stacks)
		if s := k.s.Stack(); s != nil && live(s.Status) {
			return
		}
	}
	k.listStacks(ctx, api)
}

func (k *collector) listStacks(ctx context.Context, api StackAPI) {
	what := "the stacks in " + k.s.Region
	in := &cloudformation.DescribeStacksInput{}
	for range maxStackPages {
		out, err := ask(ctx, k, api.DescribeStacks, in)
		if err != nil {
			k.miss(FactStack, what, "cloudformation:DescribeStacks", err)
			return
		}
		k.keepStacks(out.Stacks)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return
		}
	}
	k.note(Looked{Fact: FactStack, What: what, Reason: fmt.Sprintf("there are more than %d pages of them, and the first ones hold none of ours", maxStackPages), Fix: "name it with --stack-name"})
}

// keepStacks keeps those of the template.
func (k *collector) keepStacks(stacks []cfntypes.Stack) {
	for i := range stacks {
		s := newStack(&stacks[i])
		known := slices.ContainsFunc(k.s.Stacks, func(have Stack) bool { return have.ID == s.ID })
		if !known && (s.Ours || s.ofTemplate()) {
			k.s.Stacks = append(k.s.Stacks, *s)
		}
	}
}

// newStack keeps of a stack what the template knows; other parameters, outputs and tags are
// nobody's business.
func newStack(in *cfntypes.Stack) *Stack {
	s := &Stack{
		ID: aws.ToString(in.StackId), Name: aws.ToString(in.StackName), Status: string(in.StackStatus), Reason: aws.ToString(in.StackStatusReason),
		Parameters: map[string]string{}, Outputs: map[string]string{}, Changed: aws.ToTime(in.CreationTime),
	}
	if in.LastUpdatedTime != nil {
		s.Changed = *in.LastUpdatedTime
	}
	for _, p := range in.Parameters {
		name := aws.ToString(p.ParameterKey)
		if slices.ContainsFunc(template.Parameters(), func(known template.Parameter) bool { return known.Name == name }) {
			s.Parameters[name] = aws.ToString(p.ParameterValue)
		}
	}
	outputs := []string{template.OutputPlanRoleARN, template.OutputApplyRoleARN, template.OutputOIDCProviderARN, template.OutputTemplateVersion}
	for _, o := range in.Outputs {
		if name := aws.ToString(o.OutputKey); slices.Contains(outputs, name) {
			s.Outputs[name] = aws.ToString(o.OutputValue)
		}
	}
	for _, t := range in.Tags {
		switch aws.ToString(t.Key) {
		case template.TagManagedBy:
			s.Ours = aws.ToString(t.Value) == template.ManagedBy
		case tagTemplate:
			s.SHA256 = aws.ToString(t.Value)
		}
	}
	return s
}

// ofTemplate recognises a stack of Forgecroft's template, ours or theirs, by what it puts out or
// is asked for.
func (s *Stack) ofTemplate() bool {
	_, org := s.Parameters[template.ParamOrgID]
	_, regions := s.Parameters[template.ParamAllowedRegions]
	return org && regions || s.Outputs[template.OutputPlanRoleARN] != "" && s.Outputs[template.OutputApplyRoleARN] != ""
}

// live reports whether a stack in that state has its resources.
func live(status string) bool {
	switch cfntypes.StackStatus(status) {
	case cfntypes.StackStatusCreateComplete, cfntypes.StackStatusUpdateComplete, cfntypes.StackStatusUpdateRollbackComplete,
		cfntypes.StackStatusImportComplete, cfntypes.StackStatusImportRollbackComplete,
		cfntypes.StackStatusUpdateInProgress, cfntypes.StackStatusUpdateCompleteCleanupInProgress,
		cfntypes.StackStatusUpdateRollbackInProgress, cfntypes.StackStatusUpdateRollbackCompleteCleanupInProgress:
		return true
	default:
		return false
	}
}

// noSuchStack recognises CloudFormation's answer for a stack that is not there; it has no code of
// its own.
func noSuchStack(err error) bool {
	return isCode(err, "ValidationError") && strings.Contains(awserr.Classify(err).Message, "does not exist")
}

// settleStacks finds out what it takes the roles for: whose the stacks are, in which Region the
// stack is where none was found, and what of its resources is not as it made them.
func (k *collector) settleStacks(ctx context.Context) {
	if len(k.s.Stacks) == 0 {
		k.stackOfRoles(ctx)
	}
	for i := range k.s.Stacks {
		s := &k.s.Stacks[i]
		s.Ours = s.Ours || k.carries(s.ID)
	}
	switch s := k.s.Stack(); {
	case s == nil:
	case failedStatus(s.Status):
		k.whyFailed(ctx, s)
	case live(s.Status):
		k.compare(ctx, s)
	}
}

// failedStatus reports whether the last operation on a stack did not end well.
func failedStatus(status string) bool {
	return strings.HasSuffix(status, "_FAILED") || status == string(cfntypes.StackStatusRollbackComplete) || status == string(cfntypes.StackStatusUpdateRollbackComplete)
}

// whyFailed reads what CloudFormation says of the first resource that failed in the stack's last
// operation; the others failed because of it.
func (k *collector) whyFailed(ctx context.Context, s *Stack) {
	out, err := ask(ctx, k, k.stacksOf(s).DescribeStackEvents, &cloudformation.DescribeStackEventsInput{StackName: &s.ID})
	if err != nil {
		k.miss(FactStack, "the events of stack "+s.Name, "cloudformation:DescribeStackEvents", err)
		return
	}
	for _, e := range out.StackEvents { // newest first
		status := string(e.ResourceStatus)
		switch {
		case strings.HasSuffix(status, "_FAILED") && !strings.Contains(aws.ToString(e.ResourceStatusReason), "cancelled"):
			s.Failure = aws.ToString(e.LogicalResourceId) + ": " + aws.ToString(e.ResourceStatusReason)
		case aws.ToString(e.PhysicalResourceId) == s.ID && (status == "CREATE_IN_PROGRESS" || status == "UPDATE_IN_PROGRESS" || status == "DELETE_IN_PROGRESS"):
			return // the operation began here
		}
	}
}

// stacksOf reaches CloudFormation in the stack's Region.
func (k *collector) stacksOf(s *Stack) StackAPI { return k.clients.Stacks(s.region(k.s.Region)) }

// region is the stack's Region by its id, or the one given.
func (s *Stack) region(otherwise string) string {
	if parts := strings.Split(s.ID, ":"); len(parts) > 3 && parts[3] != "" {
		return parts[3]
	}
	return otherwise
}

// carries reports whether a role or the provider says that it is of that stack of ours.
func (k *collector) carries(stackID string) bool {
	if p := k.s.Provider; p != nil && p.ManagedBy == template.ManagedBy && p.StackID == stackID {
		return true
	}
	return slices.ContainsFunc(k.s.Roles, func(r Role) bool { return r.ManagedBy == template.ManagedBy && r.StackID == stackID })
}

// stackOfRoles looks for the stack that the roles name, which may be in another Region.
func (k *collector) stackOfRoles(ctx context.Context) {
	for _, r := range k.s.Roles {
		parts := strings.Split(r.StackID, ":")
		if len(parts) < 6 || parts[2] != "cloudformation" || parts[4] != k.s.Account {
			continue
		}
		out, err := ask(ctx, k, k.clients.Stacks(parts[3]).DescribeStacks, &cloudformation.DescribeStacksInput{StackName: &r.StackID})
		switch {
		case noSuchStack(err):
		case err != nil:
			k.miss(FactStack, "stack "+r.StackID, "cloudformation:DescribeStacks", err)
		default:
			k.keepStacks(out.Stacks)
		}
		return
	}
}

// compare looks for drift: our template, or the stack's own, says what its resources are.
func (k *collector) compare(ctx context.Context, s *Stack) {
	tpl, err := k.ourTemplate(ctx, s)
	if err == nil && tpl != nil {
		if drift, err := k.driftOf(s, tpl); err == nil {
			s.Drift, s.Compared = drift, true
			return
		} // the tag says that it is ours, and it takes other parameters: somebody deployed another one since
	}
	if tpl, err = k.templateOf(ctx, s); err != nil {
		k.miss(FactStack, "the template of stack "+s.Name, "cloudformation:GetTemplate", err)
		return
	}
	drift, err := k.driftOf(s, tpl)
	if err != nil {
		k.note(Looked{Fact: FactStack, What: "the drift of stack " + s.Name, Reason: err.Error()})
		return
	}
	s.Drift, s.Compared = drift, true
}

// driftOf is [driftOf] while other parts of the look may still find out that something is missing.
func (k *collector) driftOf(s *Stack, tpl *cfn.Template) ([]Drift, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return driftOf(k.s, s, tpl)
}

// ourTemplate is the one that this program deploys, nil if the stack's tag names another.
func (k *collector) ourTemplate(ctx context.Context, s *Stack) (*cfn.Template, error) {
	shared := k.o.Shared
	ours, err := shared.rendered.get(ctx, k.o.Issuer, func() (*template.Template, error) { return template.Render(k.o.Issuer) })
	if err != nil || s.SHA256 != ours.SHA256 {
		return nil, err
	}
	return shared.templates.get(ctx, s.SHA256, func() (*cfn.Template, error) { return cfn.Parse(ours.Body) })
}

// templateOf reads the stack's own template.
func (k *collector) templateOf(ctx context.Context, s *Stack) (*cfn.Template, error) {
	out, err := ask(ctx, k, k.stacksOf(s).GetTemplate, &cloudformation.GetTemplateInput{StackName: &s.ID, TemplateStage: cfntypes.TemplateStageOriginal})
	if err != nil {
		return nil, err
	}
	body := []byte(aws.ToString(out.TemplateBody))
	if len(body) == 0 {
		return nil, errors.New("CloudFormation gave no template")
	}
	sum := sha256.Sum256(body)
	s.SHA256 = hex.EncodeToString(sum[:])
	return k.o.Shared.templates.get(ctx, s.SHA256, func() (*cfn.Template, error) { return cfn.Parse(body) })
}
