package doctor

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/template"
)

// maxRoles is how many of the roles that a search by their trust finds are looked at closely.
const maxRoles = 8

// roles finds the roles and reads them, all at the same time.
func (k *collector) roles(ctx context.Context) {
	k.s.Roles = k.which(ctx)
	var all sync.WaitGroup
	for i := range k.s.Roles {
		r := &k.s.Roles[i]
		all.Go(func() { k.role(ctx, r) })
	}
	all.Wait()
	k.orderRoles()
}

// which says which roles are meant: those that were named, else the stack's, else those that
// trust the issuer's provider.
func (k *collector) which(ctx context.Context) []Role {
	if k.o.PlanRole != "" || k.o.ApplyRole != "" {
		return k.named()
	}
	if roles := k.ofStack(); len(roles) > 0 {
		return roles
	}
	return k.trusting(ctx)
}

func (k *collector) named() (roles []Role) {
	for _, given := range []struct {
		phase Phase
		arn   string
	}{{Plan, k.o.PlanRole}, {Apply, k.o.ApplyRole}} {
		if given.arn == "" {
			continue
		}
		_, account, name, ok := exchange.SplitRoleARN(given.arn)
		switch {
		case !ok:
			k.note(Looked{Fact: FactRoles, What: "role " + given.arn, Reason: "it is no ARN of a role", Fix: "arn:aws:iam::<12-digit account>:role/<name>"})
		case account != k.s.Account:
			k.note(Looked{Fact: FactRoles, What: "role " + given.arn, Reason: fmt.Sprintf("it is in account %s and the target is %s", account, k.s.Account), Fix: "--account " + account})
		default:
			roles = append(roles, Role{ARN: given.arn, Name: name, Phase: given.phase})
		}
	}
	return roles
}

// ofStack returns the roles that the stack puts out, or that its parameters name.
func (k *collector) ofStack() []Role {
	s := k.s.Stack()
	if s == nil {
		return nil
	}
	plan, apply := template.RoleNames(s.Parameters)
	return []Role{
		k.roleOf(Plan, s.Outputs[template.OutputPlanRoleARN], plan),
		k.roleOf(Apply, s.Outputs[template.OutputApplyRoleARN], apply),
	}
}

func (k *collector) roleOf(phase Phase, arn, name string) Role {
	if _, account, given, ok := exchange.SplitRoleARN(arn); ok && account == k.s.Account {
		return Role{ARN: arn, Name: given, Phase: phase}
	}
	return Role{ARN: "arn:" + k.s.Partition + ":iam::" + k.s.Account + ":role/" + name, Name: name, Phase: phase}
}

// trusting searches the account for roles that name the issuer's provider, or one that is meant
// to be it, in their trust policies.
func (k *collector) trusting(ctx context.Context) (roles []Role) {
	in := &iam.ListRolesInput{MaxItems: aws.Int32(1000)}
	host, _, _ := strings.Cut(withoutScheme(k.o.Issuer), "/")
	mark := strings.ToLower("oidc-provider/" + host)
	err := paged(func() (bool, error) {
		out, err := ask(ctx, k, k.clients.Identity.ListRoles, in)
		if err != nil {
			return false, err
		}
		for _, r := range out.Roles {
			trust := decoded(r.AssumeRolePolicyDocument)
			if strings.Contains(strings.ToLower(trust), mark) {
				name := aws.ToString(r.RoleName)
				roles = append(roles, Role{ARN: aws.ToString(r.Arn), Name: name, Phase: phaseOf(trust, name)})
			}
		}
		in.Marker = out.Marker
		return out.IsTruncated, nil
	})
	if err != nil {
		k.miss(FactRoles, "the roles that trust the provider", "iam:ListRoles", err)
		return k.fallback()
	}
	slices.SortFunc(roles, func(a, b Role) int { return cmp.Compare(a.Name, b.Name) })
	if n := len(roles); n > maxRoles {
		k.note(Looked{
			Fact: FactRoles, What: "further roles that trust the provider", Fix: "name two with --plan-role and --apply-role",
			Reason: fmt.Sprintf("there are %d, and the first %d were looked at", n, maxRoles),
		})
		roles = roles[:maxRoles]
	}
	return roles
}

// fallback are the roles under their usual names, where nothing says what they are called.
func (k *collector) fallback() []Role {
	plan, apply := template.RoleNames(nil)
	return []Role{k.roleOf(Plan, "", plan), k.roleOf(Apply, "", apply)}
}

// orderRoles puts plan first and apply second. Of several roles for a phase only the first keeps
// it: a verdict on the pair needs a pair.
func (k *collector) orderRoles() {
	rank := func(p Phase) int {
		switch p {
		case Plan:
			return 0
		case Apply:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(k.s.Roles, func(a, b Role) int { return rank(a.Phase) - rank(b.Phase) })
}

// role reads one role and its policies.
func (k *collector) role(ctx context.Context, r *Role) {
	var all sync.WaitGroup
	var attached, inline []Policy
	attachedOK, inlineOK, boundaryOK := false, false, false
	name := r.Name // the answer may spell it otherwise
	all.Go(func() { attached, attachedOK = k.attached(ctx, name) })
	all.Go(func() { inline, inlineOK = k.inline(ctx, name) })
	out, err := ask(ctx, k, k.clients.Identity.GetRole, &iam.GetRoleInput{RoleName: &name})
	switch {
	case isCode(err, "NoSuchEntity"):
		r.Gone, r.Read, boundaryOK = true, true, true
	case err != nil:
		k.miss(FactRoles, "role "+name, "iam:GetRole", err)
	default:
		in := out.Role
		tags := tagMap(in.Tags)
		r.ARN, r.Name, r.Path, r.Read = aws.ToString(in.Arn), aws.ToString(in.RoleName), aws.ToString(in.Path), true
		r.Trust, r.MaxSession, r.Created = decoded(in.AssumeRolePolicyDocument), int(aws.ToInt32(in.MaxSessionDuration)), aws.ToTime(in.CreateDate)
		r.description = aws.ToString(in.Description)
		r.ManagedBy, r.StackID = tags[template.TagManagedBy], tags[template.TagStackID]
		if u := in.RoleLastUsed; u != nil {
			r.LastUsed, r.LastRegion = aws.ToTime(u.LastUsedDate), aws.ToString(u.Region)
		}
		boundaryOK = true
		if b := in.PermissionsBoundary; b != nil {
			arn := aws.ToString(b.PermissionsBoundaryArn)
			p, ok := k.managed(ctx, name, arn, nameOf(arn))
			r.Boundary, boundaryOK = &p, ok
		}
	}
	all.Wait()
	r.Attached, r.Inline, r.PoliciesRead = attached, inline, r.Read && attachedOK && inlineOK && boundaryOK
}

// decoded is a policy document as IAM answers it, percent-encoded (RFC 3986).
func decoded(document *string) string {
	text := aws.ToString(document)
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

func nameOf(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
