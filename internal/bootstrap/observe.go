package bootstrap

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/template"
)

// observe reads what a plan for r needs to know of an account. An operation that runs
// on the stack is waited for first.
func (a *account) observe(ctx context.Context, r *Request, tpl *cfn.Template) (*Observation, error) {
	stack, err := a.settledStack(ctx, r.StackName)
	if err != nil {
		return nil, err
	}
	o := &Observation{Target: a.target, Stack: stack}
	if stack != nil {
		if err := a.readTemplate(ctx, stack, r.Template.SHA256); err != nil {
			return nil, err
		}
	}
	providerARN := template.ProviderARN(a.target.Partition, a.target.Account, r.Template.Issuer)
	if o.Provider, err = a.provider(ctx, providerARN, needsProviderDetails(stack, providerARN)); err != nil {
		return nil, err
	}
	if o.Roles, err = a.roles(ctx, rolesToRead(r, tpl, stack)); err != nil {
		return nil, err
	}
	o.live, err = a.presentStack(ctx, r, tpl, o)
	return o, err
}

// settledStack is the stack when nothing runs on it, nil if there is none.
func (a *account) settledStack(ctx context.Context, name string) (*Stack, error) {
	stack, err := a.describeStack(ctx, name)
	if err != nil || stack == nil || !running(stack.Status) {
		return stack, err
	}
	phase := a.phase
	a.enter(PhaseWait, fmt.Sprintf("the stack is %s", stack.Status))
	stack, err = settle(ctx, a, stack.ID)
	if err != nil {
		return nil, err
	}
	a.enter(phase, "")
	if stack != nil && stack.Status == cfntypes.StackStatusDeleteComplete {
		return nil, nil
	}
	return stack, nil
}

// settle waits for an operation that this run did not start. It looks closely however
// many targets there are: nobody knows how far the operation is.
func settle(ctx context.Context, a *account, stackID string) (*Stack, error) {
	return a.await(ctx, operation{stackID: stackID, pace: newPace(priorDeploy), part: watchedPart()})
}

// describeStack reads a stack by its name or id, nil if there is none. A deleted stack
// is found by its id only.
func (a *account) describeStack(ctx context.Context, nameOrID string) (*Stack, error) {
	out, err := call(ctx, a, a.stacks.DescribeStacks, &cloudformation.DescribeStacksInput{StackName: &nameOrID}, a.stackOptions)
	if noSuchStack(err) {
		return nil, nil
	}
	if err != nil {
		return nil, doing(err, "read stack %s in %s", nameOrID, a.target)
	}
	if len(out.Stacks) == 0 {
		return nil, nil
	}
	return newStack(&out.Stacks[0]), nil
}

// noSuchStack recognises CloudFormation's answer for a stack that is not there; it has
// no code of its own.
func noSuchStack(err error) bool {
	return err != nil && errorCode(err) == "ValidationError" && strings.Contains(errorMessage(err), "does not exist")
}

func newStack(s *cfntypes.Stack) *Stack {
	stack := &Stack{
		ID: aws.ToString(s.StackId), Name: aws.ToString(s.StackName), Status: s.StackStatus,
		Reason: aws.ToString(s.StackStatusReason), Protected: aws.ToBool(s.EnableTerminationProtection), ChangeSet: aws.ToString(s.ChangeSetId),
		Parameters: make(map[string]string, len(s.Parameters)),
		Tags:       make(map[string]string, len(s.Tags)),
		Outputs:    make(map[string]string, len(s.Outputs)),
	}
	for _, p := range s.Parameters {
		stack.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, t := range s.Tags {
		stack.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	for _, o := range s.Outputs {
		stack.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	stack.TemplateSHA256 = stack.Tags[TagTemplate]
	return stack
}

// readTemplate reads the stack's template if an update may follow and the stack's tag
// does not say that it is the one to deploy.
func (a *account) readTemplate(ctx context.Context, s *Stack, wanted string) error {
	if s.TemplateSHA256 == wanted || moveOf(s.Status) != moveUpdate {
		return nil
	}
	out, err := call(ctx, a, a.stacks.GetTemplate, &cloudformation.GetTemplateInput{
		StackName: &s.ID, TemplateStage: cfntypes.TemplateStageOriginal,
	}, a.stackOptions)
	if err != nil {
		return doing(err, "read the template of stack %s in %s", s.Name, a.target)
	}
	s.TemplateBody = []byte(aws.ToString(out.TemplateBody))
	sum := sha256.Sum256(s.TemplateBody)
	s.TemplateSHA256 = hex.EncodeToString(sum[:])
	return nil
}

// needsProviderDetails reports whether the provider's client ids and tags matter: not
// for a healthy stack that owns it.
func needsProviderDetails(s *Stack, providerARN string) bool {
	return s == nil || moveOf(s.Status) != moveUpdate || !s.ownsProvider() || s.providerARN() != "" && s.providerARN() != providerARN
}

// provider looks for the account's provider with that ARN, nil if there is none.
func (a *account) provider(ctx context.Context, providerARN string, details bool) (*Provider, error) {
	list, err := call(ctx, a, a.identity.ListOpenIDConnectProviders, &iam.ListOpenIDConnectProvidersInput{}, a.identityOptions)
	if err != nil {
		return nil, doing(err, "list the OIDC providers of %s", a.target.Account)
	}
	if !slices.ContainsFunc(list.OpenIDConnectProviderList, func(p iamtypes.OpenIDConnectProviderListEntry) bool {
		return aws.ToString(p.Arn) == providerARN
	}) {
		return nil, nil
	}
	p := &Provider{ARN: providerARN}
	if !details {
		return p, nil
	}
	out, err := call(ctx, a, a.identity.GetOpenIDConnectProvider, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &providerARN}, a.identityOptions)
	if noSuchEntity(err) {
		return nil, nil // deleted since the list was made
	}
	if err != nil {
		return nil, doing(err, "read the OIDC provider %s", providerARN)
	}
	p.Known, p.ClientIDs, p.Tags = true, out.ClientIDList, tagMap(out.Tags)
	return p, nil
}

// rolesToRead names the roles whose owner matters: those a new stack would create, those
// that an update would name anew, and those that can prove an untagged stack to be ours.
func rolesToRead(r *Request, tpl *cfn.Template, s *Stack) []string {
	if s == nil || moveOf(s.Status) == moveCreate {
		return roleNames(r.parameters(tpl, nil))
	}
	present := roleNames(s.Parameters)
	wanted := roleNames(r.parameters(tpl, s.Parameters))
	switch {
	case moveOf(s.Status) == moveRecreate:
		return roleNames(r.parameters(tpl, nil))
	case moveOf(s.Status) == moveReplace || !s.tagged():
		return union(present, wanted)
	default:
		return without(wanted, present)
	}
}

func roleNames(params map[string]string) []string {
	plan, apply := template.RoleNames(params)
	return []string{plan, apply}
}

func (a *account) roles(ctx context.Context, names []string) (map[string]*Role, error) {
	roles := make(map[string]*Role, len(names))
	for _, name := range names {
		if name == "" {
			continue
		}
		out, err := call(ctx, a, a.identity.GetRole, &iam.GetRoleInput{RoleName: &name}, a.identityOptions)
		switch {
		case noSuchEntity(err):
			roles[name] = nil
		case err != nil:
			return nil, doing(err, "read role %s of %s", name, a.target.Account)
		default:
			tags := tagMap(out.Role.Tags)
			roles[name] = &Role{
				ARN: aws.ToString(out.Role.Arn), StackID: tags[template.TagStackID],
				Managed: tags[template.TagManagedBy] == template.ManagedBy,
			}
		}
	}
	return roles, nil
}

func noSuchEntity(err error) bool { return err != nil && errorCode(err) == "NoSuchEntity" }

func tagMap(tags []iamtypes.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}
