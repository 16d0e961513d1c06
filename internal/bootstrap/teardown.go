package bootstrap

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/template"
)

// Remains is what a teardown finds in an account.
type Remains struct {
	Target    fleet.Target
	Stack     *Stack
	Provider  *Provider
	TrustedBy []string // names of the roles that trust the provider, those of the stack not among them
}

// PlanTeardown decides for every target what a teardown would delete: our stack, and our
// provider if no role but the stack's trusts it. [Engine.Deploy] does it. A stack that
// fcoidc did not make is left alone, one without a stack of ours is skipped.
//
// If ctx ends, the targets not yet planned are skipped and the error is ctx's.
func (e *Engine) PlanTeardown(ctx context.Context, targets []fleet.Target) ([]Plan, error) {
	return e.planEach(ctx, targets, func(a *account) (Plan, error) {
		remains, err := a.remains(ctx, &e.request)
		if err != nil {
			return Plan{}, err
		}
		return decideTeardown(&e.request, remains), nil
	})
}

func (a *account) remains(ctx context.Context, r *Request) (*Remains, error) {
	stack, err := a.settledStack(ctx, r.StackName)
	if err != nil {
		return nil, err
	}
	found := &Remains{Target: a.target, Stack: stack}
	arn := template.ProviderARN(a.target.Partition, a.target.Account, r.Template.Issuer)
	if stack != nil && stack.providerARN() != "" {
		arn = stack.providerARN() // of whichever issuer the stack was made for
	}
	if found.Provider, err = a.provider(ctx, arn, true); err != nil {
		return nil, err
	}
	if found.Provider != nil && found.Provider.ours() {
		found.TrustedBy, err = a.trusting(ctx, arn, ownRoles(stack))
	}
	return found, err
}

// ownRoles names the roles that go with the stack.
func ownRoles(s *Stack) []string {
	if s == nil || !s.tagged() {
		return nil
	}
	return roleNames(s.Parameters)
}

// decideTeardown turns what was found into what to delete.
func decideTeardown(r *Request, found *Remains) Plan {
	p := Plan{Target: found.Target, seen: found.Stack}
	s := found.Stack
	if s == nil || s.Status == cfntypes.StackStatusDeleteComplete {
		return planProviderOnly(r, p, found)
	}
	p.StackID, p.Outputs, p.Parameters = s.ID, s.Outputs, s.Parameters
	remove := awsCommand(found.Target, "cloudformation delete-stack --stack-name "+s.ID)
	switch {
	case !s.tagged() && s.Status == cfntypes.StackStatusReviewInProgress:
		p.Action, p.Reason = ActionSkipped, fmt.Sprintf("of the stack %s there is only somebody's change set, never executed", s.Name)
		return p
	case !s.tagged():
		return blocked(p, &block{
			code:   "stack_not_ours",
			reason: fmt.Sprintf("fcoidc did not make the stack %s: it does not carry the tag %s", s.Name, template.TagManagedBy),
			fix:    "if it is to go all the same: " + remove,
		})
	case s.Protected:
		return blocked(p, protectedBlock(found.Target, s))
	case running(s.Status):
		return blocked(p, &block{
			code: "stack_busy", reason: fmt.Sprintf("the stack is %s", s.Status),
			fix: "run the same command again when the operation is over",
		})
	}
	p.Action, p.Reason = ActionDelete, "the stack was made by fcoidc"
	plan, apply := template.RoleNames(s.Parameters)
	p.Changes = []Change{
		removal(template.ResourcePlanRole, "the role "+plan+" is deleted"),
		removal(template.ResourceApplyRole, "the role "+apply+" is deleted"),
	}
	return planProvider(p, found)
}

// planProviderOnly is for an account whose stack is gone.
func planProviderOnly(r *Request, p Plan, found *Remains) Plan {
	p = planProvider(p, found)
	if p.provider != "" {
		p.Action, p.Reason = ActionDelete, "an earlier stack of fcoidc left its provider in the account"
		return p
	}
	p.Action, p.Reason = ActionNone, fmt.Sprintf("there is no stack %s", r.StackName)
	return p
}

// planProvider adds what becomes of the provider.
func planProvider(p Plan, found *Remains) Plan {
	provider := found.Provider
	switch {
	case provider == nil:
	case !provider.ours():
		p.Notes = append(p.Notes, fmt.Sprintf("The provider for %s stays: fcoidc did not make it.", afterProvider(provider.ARN)))
	case len(found.TrustedBy) > 0:
		p.Notes = append(p.Notes, keptProvider(provider.ARN, found.TrustedBy))
	default:
		p.provider = provider.ARN
		p.Changes = append(p.Changes, removal(template.ResourceOIDCProvider, "the provider for "+afterProvider(provider.ARN)+" is deleted"))
	}
	return p
}

func keptProvider(arn string, roles []string) string {
	return fmt.Sprintf("The provider for %s stays: other roles trust it (%s).", afterProvider(arn), joinWords(roles))
}

func removal(logicalID, summary string) Change {
	return Change{Kind: ChangeResource, Name: logicalID, To: resourceRemove, Summary: summary}
}

func protectedBlock(t fleet.Target, s *Stack) *block {
	return &block{
		code:   "stack_protected",
		reason: fmt.Sprintf("the stack %s is protected against deletion", s.Name),
		fix:    awsCommand(t, "cloudformation update-termination-protection --no-enable-termination-protection --stack-name "+s.ID),
	}
}

// teardown deletes the stack, then our provider, which the stack leaves behind.
func (j *job) teardown(ctx context.Context) error {
	if j.plan.seen != nil && j.plan.seen.Status != cfntypes.StackStatusDeleteComplete {
		if err := j.stillOurs(ctx); err != nil {
			return err
		}
		if err := j.deleteStack(ctx, j.plan.seen.ID); err != nil {
			return err
		}
	}
	if j.plan.provider == "" {
		return nil
	}
	done := ""
	if j.deleted {
		done = "the stack is deleted; "
	}
	err := j.deleteProvider(ctx)
	if err != nil && errorCode(err) == "" && ctx.Err() != nil && !j.untouched() {
		return j.fail("interrupted", done+"the provider "+j.plan.provider+" may still be there", "run the same command again")
	}
	return err
}

// stillOurs looks again right before the deletion: a confirmation may have taken long.
func (j *job) stillOurs(ctx context.Context) error {
	now, err := j.describeStack(ctx, j.plan.seen.ID)
	switch {
	case err != nil:
		return err
	case now != nil && now.Status != cfntypes.StackStatusDeleteComplete && !now.tagged():
		return j.moved("the stack lost the tag " + template.TagManagedBy)
	case now != nil && running(now.Status):
		return j.moved(fmt.Sprintf("the stack is %s", now.Status))
	}
	return nil
}

// deleteProvider deletes our provider unless a role has come to trust it.
func (j *job) deleteProvider(ctx context.Context) error {
	arn := j.plan.provider
	j.enter(PhaseDelete, "the provider for "+afterProvider(arn))
	p, err := j.provider(ctx, arn, true)
	if err != nil || p == nil || !p.ours() {
		return err
	}
	roles, err := j.trusting(ctx, arn, ownRoles(j.plan.seen))
	if err != nil {
		return err
	}
	if len(roles) > 0 {
		j.result.Notes = append(slices.Clip(j.result.Notes), keptProvider(arn, roles))
		return nil
	}
	j.deleted = true
	_, err = call(ctx, j.account, j.identity.DeleteOpenIDConnectProvider, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn}, j.identityOptions)
	if noSuchEntity(err) {
		return nil
	}
	return doing(err, "delete the provider %s", arn)
}

// trusting lists the roles whose trust policy names the provider, except those named.
// IAM may list a role for a while after its deletion: the stack's own do not count.
func (a *account) trusting(ctx context.Context, providerARN string, except []string) ([]string, error) {
	var names []string
	in := &iam.ListRolesInput{MaxItems: aws.Int32(1000)}
	for {
		out, err := call(ctx, a, a.identity.ListRoles, in, a.identityOptions)
		if err != nil {
			return nil, doing(err, "list the roles of %s", a.target.Account)
		}
		for i := range out.Roles {
			name := aws.ToString(out.Roles[i].RoleName)
			if mentions(aws.ToString(out.Roles[i].AssumeRolePolicyDocument), providerARN) && !slices.Contains(except, name) {
				names = append(names, name)
			}
		}
		if !out.IsTruncated {
			return names, nil
		}
		in.Marker = out.Marker
	}
}

// mentions reports whether a trust policy, URL-encoded as IAM lists it, names arn. One
// that cannot be read counts if the ARN is in its text.
func mentions(document, arn string) bool {
	if decoded, err := url.PathUnescape(document); err == nil {
		document = decoded
	}
	var policy any
	if json.Unmarshal([]byte(document), &policy) == nil {
		document = compactJSON(policy) // the same ARN may be written with escapes
	}
	return strings.Contains(document, arn+`"`)
}

// joinWords lists words, at most five of them.
func joinWords(words []string) string {
	const most = 5
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}
