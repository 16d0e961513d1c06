package doctor

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/forgecroft/fcoidc/internal/awserr"
)

// maxLevels is more than an organisation can be deep: a root, five units, an account
// (Organizations User Guide, quotas).
const maxLevels = 10

// orgHead is what the whole organisation is asked for. A refusal counts for the run: every
// account would meet it.
type orgHead struct {
	management string // account id
	none       bool   // the accounts belong to no organisation
	refused    error
}

// levelKey names the policies of one type on a root, unit or account.
type levelKey struct {
	target string
	kind   orgtypes.PolicyType
}

var errNoOrganizationCaller = errors.New("only the organisation's management account, or one it has delegated to, may read them")

// organization reads the policies of the organisation that bind the account.
func (k *collector) organization(ctx context.Context) {
	const what = "the organisation's policies"
	shared := k.o.Shared
	if shared.organization == nil {
		k.note(Looked{
			Fact: FactOrganization, What: what, Action: "organizations:ListPoliciesForTarget", Reason: errNoOrganizationCaller.Error(),
			Fix: "run doctor with credentials of the management account and --account " + k.s.Account,
		})
		return
	}
	head, err := shared.head.get(ctx, "", func() (orgHead, error) { return k.orgHead(ctx) })
	switch {
	case err != nil:
		k.miss(FactOrganization, what, "organizations:DescribeOrganization", err)
		return
	case head.refused != nil:
		k.missOrganization(what, "organizations:DescribeOrganization", head.refused)
		return
	case head.none:
		return
	case head.management == k.s.Account:
		k.s.Organization = &Organization{Management: true}
		return
	}
	o, action, err := k.bindingPolicies(ctx)
	if err != nil {
		k.missOrganization(what, action, err)
		return
	}
	k.s.Organization = o
}

// missOrganization notes a refusal. Organizations does not say who would be let in; we do.
func (k *collector) missOrganization(what, action string, err error) {
	if !isDenied(err) {
		k.miss(FactOrganization, what, action, err)
		return
	}
	k.note(Looked{
		Fact: FactOrganization, What: what, Action: action, Reason: awserr.Classify(err).Error() + " (" + errNoOrganizationCaller.Error() + ")",
		Fix: "run doctor with credentials of the management account and --account " + k.s.Account,
	})
}

func (k *collector) orgHead(ctx context.Context) (orgHead, error) {
	out, err := ask(ctx, k, k.o.Shared.organization.DescribeOrganization, &organizations.DescribeOrganizationInput{})
	switch {
	case isCode(err, "AWSOrganizationsNotInUseException"):
		return orgHead{none: true}, nil
	case err != nil && isDenied(err):
		return orgHead{refused: err}, nil
	case err != nil:
		return orgHead{}, err
	}
	return orgHead{management: aws.ToString(out.Organization.MasterAccountId)}, nil
}

// bindingPolicies reads the policies of each level from the root down to the account. action is
// what a failed call needs.
func (k *collector) bindingPolicies(ctx context.Context) (o *Organization, action string, err error) {
	path, err := k.path(ctx)
	if err != nil {
		return nil, "organizations:ListParents", err
	}
	o = &Organization{}
	for kind, levels := range map[orgtypes.PolicyType]*[]Level{
		orgtypes.PolicyTypeServiceControlPolicy:  &o.ServiceControl,
		orgtypes.PolicyTypeResourceControlPolicy: &o.ResourceControl,
	} {
		for _, target := range path {
			level, action, err := k.level(ctx, levelKey{target, kind})
			if isCode(err, "PolicyTypeNotEnabledException") {
				break
			}
			if err != nil {
				return nil, action, err
			}
			if len(level.Policies) > 0 {
				*levels = append(*levels, level)
			}
		}
	}
	return o, "", nil
}

// path returns the ids from the root down to the account.
func (k *collector) path(ctx context.Context) ([]string, error) {
	id := k.s.Account
	path := []string{id}
	for range maxLevels {
		parent, err := k.parent(ctx, id)
		if err != nil {
			return nil, err
		}
		if parent == "" {
			break
		}
		path = append(path, parent)
		id = parent
	}
	slices.Reverse(path)
	return path, nil
}

// parent returns the unit or root that holds id, "" for a root. Of units it is asked once in a run.
func (k *collector) parent(ctx context.Context, id string) (string, error) {
	if len(id) > 1 && id[:2] == "r-" {
		return "", nil
	}
	read := func() (string, error) {
		out, err := ask(ctx, k, k.o.Shared.organization.ListParents, &organizations.ListParentsInput{ChildId: &id})
		if err != nil || len(out.Parents) == 0 {
			return "", err
		}
		return aws.ToString(out.Parents[0].Id), nil
	}
	if id == k.s.Account {
		return read()
	}
	return k.o.Shared.parents.get(ctx, id, read)
}

func (k *collector) level(ctx context.Context, key levelKey) (level Level, action string, err error) {
	read := func() (Level, error) { return k.readLevel(ctx, key) }
	if key.target == k.s.Account {
		level, err = read()
	} else {
		level, err = k.o.Shared.levels.get(ctx, key, read)
	}
	action = "organizations:ListPoliciesForTarget"
	if isOperation(err, "DescribePolicy") {
		action = "organizations:DescribePolicy"
	}
	return level, action, err
}

func (k *collector) readLevel(ctx context.Context, key levelKey) (Level, error) {
	level := Level{Target: key.target}
	in := &organizations.ListPoliciesForTargetInput{TargetId: &key.target, Filter: key.kind}
	err := paged(func() (bool, error) {
		out, err := ask(ctx, k, k.o.Shared.organization.ListPoliciesForTarget, in)
		if err != nil {
			return false, err
		}
		for _, p := range out.Policies {
			id := aws.ToString(p.Id)
			text, err := k.o.Shared.contents.get(ctx, id, func() (string, error) { return k.content(ctx, id) })
			if err != nil {
				return false, err
			}
			level.Policies = append(level.Policies, Policy{ARN: aws.ToString(p.Arn), Name: aws.ToString(p.Name), Document: text})
		}
		in.NextToken = out.NextToken
		return in.NextToken != nil, nil
	})
	if err != nil {
		return Level{}, err
	}
	return level, nil
}

func (k *collector) content(ctx context.Context, id string) (string, error) {
	out, err := ask(ctx, k, k.o.Shared.organization.DescribePolicy, &organizations.DescribePolicyInput{PolicyId: &id})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Policy.Content), nil
}

// isOperation reports whether the named call is the one that failed.
func isOperation(err error, name string) bool {
	known := awserr.Classify(err)
	return known != nil && known.Operation == name
}
