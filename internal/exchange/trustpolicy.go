package exchange

import (
	"slices"
	"strconv"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// trustPolicy evaluates the role's trust policy: for the call itself, and for the session tags
// and the source identity that the token would set.
func (x *exchange) trustPolicy() {
	c, v := x.c, x.v
	if c.Role.Missing {
		x.refuse(Problem{Stage: StageTrustPolicy, Kind: RoleMissing, Answer: NotAuthorized, Subject: c.RoleARN(), Expected: "the role", Found: "no such role in the account"})
		v.Decision, v.DecisionDocumented = Deny, Deny
	}
	if asked := c.Request.RoleARN; asked != "" && c.Role.ARN != "" && asked != c.Role.ARN {
		x.refuse(Problem{Stage: StageTrustPolicy, Kind: RoleMissing, Answer: NotAuthorized, Subject: "RoleArn", Expected: c.Role.ARN, Found: asked})
		v.Decision, v.DecisionDocumented = Deny, Deny
	}
	if c.Policy == nil {
		if c.Token != nil {
			v.ProviderARN, _ = x.vouching(nil)
		}
		x.undecided()
		return
	}
	v.Policy = x.ReadPolicy(c.Policy)
	doc := v.Policy.Document
	if c.Token == nil || doc == nil {
		if c.Token != nil {
			v.ProviderARN, _ = x.vouching(doc)
		}
		if len(v.Problems) == 0 {
			v.Decision, v.DecisionDocumented = Unknown, Unknown
		}
		return
	}
	var account string
	v.ProviderARN, account = x.vouching(doc)
	decision, problem := x.evaluate(doc, account, x.keys, true)
	documented := decision
	if x.keys != trust.KeysDocumented && x.restsOnClaims(v.Policy) {
		documented, _ = x.evaluate(doc, account, trust.KeysDocumented, false)
	}
	if v.Decision != Deny {
		v.Decision, v.DecisionDocumented = decision, documented
	}
	if problem.Kind != "" {
		x.refuse(problem)
	}
}

// undecided leaves a case of which neither token nor trust policy is known without a decision.
func (x *exchange) undecided() {
	if x.c.Token == nil && len(x.v.Problems) == 0 {
		x.v.Decision, x.v.DecisionDocumented = Unknown, Unknown
	}
}

// restsOnClaims reports whether the trust policy may ask for a key that the context holds and
// AWS's table does not.
func (x *exchange) restsOnClaims(p *Policy) bool {
	if x.keys == trust.KeysAll {
		return true
	}
	if !x.v.Provider.Promises() {
		return false
	}
	for key := range x.c.Token.Filled(&x.v.Provider) {
		if key.Basis == claims.BasisIssuer && p.asksFor(key.Name) {
			return true
		}
	}
	return false
}

// evaluate asks the policy for every action that the token needs. With keep the verdict gets the
// trace. The problem is the zero one where there is none.
func (x *exchange) evaluate(doc *policy.Document, account string, keys trust.Keys, keep bool) (Decision, Problem) {
	v := x.v
	var aside trust.ContextBuilder
	b := &aside
	if keep {
		b = &v.contexts
	}
	ctx := x.context(b, account, keys)
	request := policy.Request{
		Action:    trust.Action,
		Principal: &policy.Principal{Kind: "Federated", ID: v.ProviderARN, Account: account},
		Context:   ctx,
	}
	var apart policy.Result
	result := &apart
	if keep {
		result = &v.Trace
	}
	doc.EvaluateInto(result, request)
	decision, unknown := weigh(*result)
	if keep {
		v.Context, v.Open, v.Unknown = ctx, result.Open(), unknown
	}
	if decision != Allow {
		return decision, x.notTrusted(decision)
	}
	for _, more := range x.furtherActions() {
		request.Action = more.action
		if further, unknown := weigh(doc.Evaluate(request)); further != Allow {
			if keep {
				v.Unknown = unknown
			}
			return further, more.problem
		}
	}
	return Allow, Problem{}
}

// context is the request context, as far as the trust policy or one of the organisation's may ask
// for it.
func (x *exchange) context(b *trust.ContextBuilder, account string, keys trust.Keys) policy.Context {
	c, v := x.c, x.v
	if c.Request.Context == nil && c.Organization.ServiceControl == nil && c.Organization.ResourceControl == nil && !v.Policy.callKeys {
		return b.Claims(c.Token, v.Provider, keys)
	}
	_, _, authorized := c.Token.Roles()
	return b.Context(c.Token, v.Provider, keys, trust.Call{
		Provider: v.ProviderARN, Account: account,
		SessionName: c.Request.SessionName, Region: c.Request.Region, Now: c.Now,
		Authorized: authorized, Given: c.Request.Context,
	})
}

func (x *exchange) notTrusted(d Decision) Problem {
	if d == Unknown {
		return Problem{}
	}
	return Problem{Stage: StageTrustPolicy, Kind: NotTrusted, Answer: NotAuthorized, Subject: "trust policy"}
}

type furtherAction struct {
	action  string
	problem Problem
}

func (x *exchange) furtherActions() (list []furtherAction) {
	denied := func(kind Kind, action, what string) furtherAction {
		return furtherAction{action, Problem{
			Stage: StageTrustPolicy, Kind: kind, Answer: NotAuthorized,
			Subject: "Action", Expected: action, Found: "a trust policy that does not allow it, while the token " + what,
		}}
	}
	tags, _, _ := x.c.Token.SessionTags()
	if len(tags) > 0 {
		list = append(list, denied(TagSessionMissing, trust.TagSession, "carries "+strconv.Itoa(len(tags))+" session tags"))
	}
	if _, _, ok := x.c.Token.SourceIdentity(); ok {
		list = append(list, denied(SourceIdentityNotOK, trust.SetSourceIdentity, "sets a source identity"))
	}
	return list
}

// weigh is the decision of an evaluation, where conditions on keys that only the call at hand
// could tell may come out either way. unknown are those keys, if they decide.
func weigh(r policy.Result) (d Decision, unknown []string) {
	allow, deny := no, no
	for i := range r.Statements {
		s := &r.Statements[i]
		state, keys := certainty(s)
		if state == maybe {
			unknown = append(unknown, keys...)
		}
		if s.Statement.Effect == policy.Deny {
			deny = max(deny, state)
		} else {
			allow = max(allow, state)
		}
	}
	switch {
	case deny == yes || allow == no:
		return Deny, nil
	case allow == yes && deny == no:
		return Allow, nil
	}
	slices.Sort(unknown)
	return Unknown, slices.Compact(unknown)
}

// sure is whether a statement matches.
type sure int

const (
	no sure = iota
	maybe
	yes
)

// certainty judges a statement; keys are those on which a maybe hangs.
func certainty(s *policy.StatementTrace) (state sure, keys []string) {
	if !s.Principal.Holds || !s.Action.Holds || !s.Resource.Holds {
		return no, nil
	}
	state = yes
	for i := range s.Conditions {
		c := &s.Conditions[i]
		switch {
		case c.Why == policy.KeyMissing && trust.Unknowable(c.Condition.Key.Text):
			state, keys = maybe, append(keys, c.Condition.Key.Text)
		case !c.Holds:
			return no, nil
		}
	}
	return state, keys
}

// organization asks the organisation's resource control policies, for every action that the token
// needs. Service control policies bind principals of the organisation, which a web identity is
// not; whether one can ever deny this call AWS leaves open, so none decides here.
func (x *exchange) organization() {
	if x.c.Token == nil || len(x.c.Organization.ResourceControl) == 0 {
		return
	}
	state, denial, keys := x.controlled(x.keys)
	documented := state
	if x.keys != trust.KeysDocumented {
		documented, _, _ = x.controlled(trust.KeysDocumented)
	}
	if state == yes {
		x.refuse(Problem{
			Stage: StageOrganization, Kind: OrgPolicyDeny, Answer: NotAuthorized,
			Subject: "resource control policy", Expected: "no Deny for the call", Found: "a Deny in " + denial,
		})
	}
	if x.v.Decision != Deny && state == maybe {
		x.v.Unknown = append(x.v.Unknown, keys...)
	}
	x.v.Decision = restricted(x.v.Decision, state)
	x.v.DecisionDocumented = restricted(x.v.DecisionDocumented, documented)
}

// restricted is a decision where a further policy may deny.
func restricted(d Decision, denied sure) Decision {
	switch {
	case d == Deny || denied == yes:
		return Deny
	case denied == maybe:
		return Unknown
	}
	return d
}

// controlled reports whether a resource control policy denies, and which statement does. keys are
// those on which a maybe hangs; a policy that cannot be read is one, too.
func (x *exchange) controlled(which trust.Keys) (state sure, denial string, keys []string) {
	_, account, _, _ := SplitRoleARN(x.c.RoleARN())
	_, providers, _, _ := trust.SplitProviderARN(x.v.ProviderARN)
	var contexts trust.ContextBuilder
	ctx := x.context(&contexts, providers, which)
	further := trust.NoService()
	if account != "" {
		further["aws:ResourceAccount"] = []string{account}
	}
	for key, values := range further {
		if _, given := ctx[key]; !given {
			ctx[key] = values
		}
	}
	resource := x.c.RoleARN()
	if resource == "" {
		resource = "*"
	}
	actions := []string{trust.Action}
	for _, more := range x.furtherActions() {
		actions = append(actions, more.action)
	}
	for i, own := range x.c.Organization.ResourceControl {
		p := x.ReadPolicy(own.Document)
		if p.Document == nil {
			state = max(state, maybe)
			continue
		}
		for _, action := range actions {
			result := p.Document.Evaluate(policy.Request{Action: action, Resource: resource, Context: ctx})
			for j := range result.Statements {
				s := &result.Statements[j]
				if s.Statement.Effect != policy.Deny {
					continue
				}
				denies, unknown := certainty(s)
				keys = append(keys, unknown...)
				if denies == yes && denial == "" {
					denial = named(s.Statement, j, own, i)
				}
				state = max(state, denies)
			}
		}
	}
	slices.Sort(keys)
	return state, denial, slices.Compact(keys)
}

// named names the j-th statement of the i-th policy.
func named(s *policy.Statement, j int, in OrgPolicy, i int) string {
	whole := "policy " + strconv.Itoa(i+1)
	if in.Name != "" {
		whole = "policy " + in.Name
	}
	if s.Sid.Text != "" {
		return "statement " + strconv.Quote(s.Sid.Text) + " of " + whole
	}
	return "statement " + strconv.Itoa(j+1) + " of " + whole
}
