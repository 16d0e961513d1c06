package sandbox

import (
	"strconv"
	"sync"
	"time"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// policyCache keeps parsed policy documents: a thousand accounts share a handful of texts.
type policyCache struct {
	mu   sync.Mutex
	docs map[string]*policy.Document
}

// maxCached bounds the cache; beyond it the cache starts anew.
const maxCached = 2000

func (p *policyCache) parse(text string) (*policy.Document, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := p.docs[text]; d != nil {
		return d, nil
	}
	d, err := policy.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	if p.docs == nil || len(p.docs) >= maxCached {
		p.docs = map[string]*policy.Document{}
	}
	p.docs[text] = d
	return d, nil
}

// alive refuses a session whose role is gone: its credentials died with it.
func (a *account) alive(p principal) error {
	if p.admin() {
		return nil
	}
	if r := a.state.Roles[nameKey(p.Role)]; r == nil || r.ID != p.RoleID {
		return invalidToken()
	}
	return nil
}

// authorize checks that p, who belongs to the account, may do an action on a resource in a
// Region. Its error is AWS's AccessDenied.
func (a *account) authorize(p principal, action, resource, region string) error {
	_, refusal := a.decide(p, action, resource, region)
	return refusal
}

// decide is authorize with the bare decision, which AssumeRole weighs against a trust policy.
func (a *account) decide(p principal, action, resource, region string) (policy.Decision, error) {
	if p.admin() {
		return policy.Allowed, nil
	}
	if err := a.alive(p); err != nil {
		return policy.ExplicitDeny, err
	}
	r := a.state.Roles[nameKey(p.Role)]
	kinds, err := a.policyKinds(r, p.Policy)
	if err != nil {
		return policy.ExplicitDeny, err
	}
	request := policy.Request{Action: action, Resource: resource, Context: requestContext(p, a.partition, region, a.now)}
	for _, t := range r.Tags {
		if _, _, ok := request.Context.Get(principalTag + t.Key); !ok { // a session tag wins
			request.Context[principalTag+t.Key] = []string{t.Value}
		}
	}
	decision, why := policy.Allowed, ""
	for _, k := range kinds {
		switch a.decideKind(k, request) {
		case policy.ExplicitDeny:
			decision, why = policy.ExplicitDeny, "with an explicit deny in "+k.article+" "+k.name
		case policy.ImplicitDeny:
			if decision == policy.Allowed {
				decision, why = policy.ImplicitDeny, "because no "+k.name+" allows the "+action+" action"
			}
		case policy.Allowed:
		}
		if decision == policy.ExplicitDeny {
			break
		}
	}
	if decision == policy.Allowed {
		return decision, nil
	}
	return decision, accessDenied("User: %s is not authorized to perform: %s on resource: %s %s", p.arn(a.partition), action, resource, why)
}

// policyKind is one of the kinds of policy that limit what a role may do.
type policyKind struct {
	name, article string
	groups        [][]string // documents; each group must allow a request, and no document may deny it
}

// The names by which refusals call the kinds.
const (
	kindSCP      = "service control policy"
	kindIdentity = "identity-based policy"
	kindBoundary = "permissions boundary"
	kindSession  = "session policy"
)

// policyKinds are the policies that decide on what a role does: all kinds must allow it and none may deny it
// (reference_policies_evaluation-logic.html). A role always has identity policies, be it none; the
// other kinds are there if something is.
func (a *account) policyKinds(r *role, session string) ([]policyKind, error) {
	scps, err := a.serviceControlDocuments()
	if err != nil {
		return nil, err
	}
	kinds := []policyKind{
		{kindSCP, "a", scps},
		{kindIdentity, "an", [][]string{a.identityPolicies(r)}},
	}
	if r.Boundary != "" {
		kinds = append(kinds, policyKind{kindBoundary, "a", [][]string{a.boundaryPolicy(r)}})
	}
	if session != "" {
		kinds = append(kinds, policyKind{kindSession, "a", [][]string{{session}}})
	}
	return kinds, nil
}

// decideKind joins the decisions of a kind's groups.
func (a *account) decideKind(k policyKind, request policy.Request) policy.Decision {
	all := policy.Allowed
	for _, group := range k.groups {
		switch a.decideAll(group, request) {
		case policy.ExplicitDeny:
			return policy.ExplicitDeny
		case policy.ImplicitDeny:
			all = policy.ImplicitDeny
		case policy.Allowed:
		}
	}
	return all
}

// decideAll joins the decisions of several documents: one Deny beats every Allow.
func (a *account) decideAll(documents []string, request policy.Request) policy.Decision {
	all := policy.ImplicitDeny
	for _, text := range documents {
		doc, err := a.sandbox.policies.parse(text)
		if err != nil {
			return policy.ExplicitDeny // no API call lets such a document in; see to it that it opens nothing
		}
		switch doc.Decide(request) {
		case policy.ExplicitDeny:
			return policy.ExplicitDeny
		case policy.Allowed:
			all = policy.Allowed
		case policy.ImplicitDeny:
		}
	}
	return all
}

// identityPolicies are the documents that give a role its permissions.
func (a *account) identityPolicies(r *role) []string {
	docs := make([]string, 0, len(r.Inline)+len(r.Attached))
	for _, doc := range r.Inline {
		docs = append(docs, doc)
	}
	for _, arn := range r.Attached {
		p, ok := a.managed(arn)
		if !ok {
			p, ok = standInOf(arn) // the access role is as old as its account, which calls may find in any partition
		}
		if ok {
			docs = append(docs, p.document())
		}
	}
	return docs
}

func (a *account) boundaryPolicy(r *role) []string {
	if p, ok := a.managed(r.Boundary); ok {
		return []string{p.document()}
	}
	return nil // a boundary that is gone allows nothing
}

// requestContext holds the global condition keys of a request that the sandbox knows.
func requestContext(p principal, partition, region string, now time.Time) policy.Context {
	ctx := policy.Context{
		"aws:RequestedRegion":  {region},
		"aws:PrincipalAccount": {p.Account},
		"aws:PrincipalOrgID":   {organizationID},
		"aws:PrincipalArn":     {p.names(partition)[0]},
		"aws:PrincipalType":    {"AssumedRole"},
		"aws:userid":           {p.userID()},
		"aws:CurrentTime":      {instant(now)},
		"aws:EpochTime":        {strconv.FormatInt(now.Unix(), 10)},
		"aws:SecureTransport":  {"true"},
	}
	if p.admin() {
		ctx["aws:PrincipalType"] = []string{"User"}
		ctx["aws:username"] = []string{adminUser}
	}
	p.addTo(ctx)
	return ctx
}
