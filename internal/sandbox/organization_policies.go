package sandbox

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// The types of policies that can bind what is done in an account, and to its resources.
const (
	serviceControl  = "SERVICE_CONTROL_POLICY"
	resourceControl = "RESOURCE_CONTROL_POLICY"
)

// controlPolicy is a service control policy (SCP) or a resource control policy (RCP).
type controlPolicy struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
	Content     string `json:"content"`
	AWS         bool   `json:"-"` // AWS manages it
}

// fullAccess are the policies that AWS attaches everywhere, so that there is something to take away
// from (Organizations User Guide, "Service control policies" and "Resource control policies").
// RCPFullAWSAccess can be detached from nowhere.
var fullAccess = []*controlPolicy{
	{
		ID: "p-FullAWSAccess", Name: "FullAWSAccess", Type: serviceControl, AWS: true, Description: "Allows access to every operation",
		Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	},
	{
		ID: "p-RCPFullAWSAccess", Name: "RCPFullAWSAccess", Type: resourceControl, AWS: true, Description: "Allows access to every operation",
		Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`,
	},
}

// all returns every policy of a type, AWS's first.
func (o *organizationState) all(kind string) (found []*controlPolicy) {
	for _, p := range slices.Concat(fullAccess, o.Policies) {
		if p.Type == kind {
			found = append(found, p)
		}
	}
	return found
}

// find returns a policy by id, nil if there is none.
func (o *organizationState) find(id string) *controlPolicy {
	for _, p := range slices.Concat(fullAccess, o.Policies) {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// attached says whether a policy is attached to a root, unit or account.
func (o *organizationState) attached(p *controlPolicy, target string) bool {
	if p.AWS {
		_, closed := o.Closed[target]
		return p.Type == resourceControl || !closed
	}
	return slices.Contains(o.Attached[target], p.ID)
}

// on returns the policies of a type that are attached to a root, unit or account, AWS's first.
func (o *organizationState) on(target, kind string) (found []*controlPolicy) {
	for _, p := range o.all(kind) {
		if o.attached(p, target) {
			found = append(found, p)
		}
	}
	return found
}

// above returns what policies can be attached to so that they bind an account: from the root
// down to the account itself.
func above(a Account) []string {
	path := []string{a.ID}
	for id := a.Unit; id != rootID; {
		u, ok := findUnit(id)
		if !ok {
			break
		}
		path = append(path, id)
		id = u.Parent
	}
	path = append(path, rootID)
	slices.Reverse(path)
	return path
}

// controlPolicies returns the policies of a type that bind an account, level by level from the root. No level is
// there if nothing beyond AWS's own policies binds it, for the management account, which they never
// bind, and for a type that is not in force.
func (s *Sandbox) controlPolicies(a Account, kind string) ([][]*controlPolicy, error) {
	o, err := s.organisation()
	if err != nil || a.Management || !slices.Contains(o.Types, kind) || len(o.Policies)+len(o.Closed) == 0 {
		return nil, err
	}
	var levels [][]*controlPolicy
	for _, target := range above(a) {
		levels = append(levels, o.on(target, kind))
	}
	return levels, nil
}

// serviceControlDocuments are the SCPs that bind the account: each level must allow a request
// and no level may deny it (Organizations User Guide, "SCP evaluation").
func (a *account) serviceControlDocuments() ([][]string, error) {
	levels, err := a.sandbox.controlPolicies(a.Account, serviceControl)
	var groups [][]string
	for _, level := range levels {
		docs := []string{}
		for _, p := range level {
			docs = append(docs, p.Content)
		}
		groups = append(groups, docs)
	}
	return groups, err
}

// deniedByResourceControl asks the RCPs that bind the account whether they deny a request on one of its
// resources, such as sts:AssumeRoleWithWebIdentity on a role. It returns the policy that
// does, nil if none does. Principals need not be told: an RCP speaks of everyone.
func (a *account) deniedByResourceControl(r policy.Request) (*controlPolicy, error) {
	levels, err := a.sandbox.controlPolicies(a.Account, resourceControl)
	if err != nil {
		return nil, err
	}
	r.Principal = nil
	for _, level := range levels {
		for _, p := range level {
			if a.decideAll([]string{p.Content}, r) == policy.ExplicitDeny {
				return p, nil
			}
		}
	}
	return nil, nil //nolint:nilnil // no policy denies it
}
