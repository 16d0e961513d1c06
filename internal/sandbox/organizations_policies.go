package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// policyOperations are the calls on the organisation's policies. All are the management account's.
func policyOperations() map[string]func(*call) (any, error) {
	return map[string]func(*call) (any, error){
		"ListPolicies":          listControlPolicies,
		"ListPoliciesForTarget": listPoliciesForTarget,
		"ListTargetsForPolicy":  listTargetsForPolicy,
		"DescribePolicy":        describeControlPolicy,
		"CreatePolicy":          createControlPolicy,
		"UpdatePolicy":          updateControlPolicy,
		"DeletePolicy":          deleteControlPolicy,
		"AttachPolicy":          attachControlPolicy,
		"DetachPolicy":          detachControlPolicy,
		"EnablePolicyType":      func(c *call) (any, error) { return c.setPolicyType(true) },
		"DisablePolicyType":     func(c *call) (any, error) { return c.setPolicyType(false) },
	}
}

// policyInput is what the calls on policies ask with.
type policyInput struct {
	organizationsPage
	PolicyID            string `json:"PolicyId"`
	TargetID            string `json:"TargetId"`
	RootID              string `json:"RootId"`
	Filter, PolicyType  string
	Name, Type, Content string
	Description         *string
}

// policySummary is a policy in an answer.
type policySummary struct {
	Id, Arn, Name, Description, Type string //nolint:revive // AWS spells the members so
	AwsManaged                       bool
}

func (c *call) showControlPolicy(p *controlPolicy) policySummary {
	kind := strings.ToLower(p.Type)
	arn := c.organizationsARN("policy/" + organizationID + "/" + kind + "/" + p.ID)
	if p.AWS {
		arn = "arn:" + c.partition() + ":organizations::aws:policy/" + kind + "/" + p.ID
	}
	return policySummary{p.ID, arn, p.Name, p.Description, p.Type, p.AWS}
}

// policyRequest reads a request and the organisation that it is about.
func (c *call) policyRequest() (in policyInput, o *organizationState, err error) {
	if err := c.decode(&in); err != nil {
		return in, nil, err
	}
	o, err = c.sandbox.organisation()
	return in, o, err
}

// known returns the policy that a request names.
func (in *policyInput) known(o *organizationState) (*controlPolicy, error) {
	if p := o.find(in.PolicyID); p != nil {
		return p, nil
	}
	return nil, refuse(http.StatusBadRequest, "PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified: %s", in.PolicyID)
}

// target checks that a request names a root, unit or account.
func (c *call) target(id string) error {
	_, isUnit := findUnit(id)
	if _, isAccount := c.sandbox.account(id); isUnit || isAccount || id == rootID {
		return nil
	}
	return refuse(http.StatusBadRequest, "TargetNotFoundException", "You specified a target that doesn't exist: %s", id)
}

func checkPolicyType(member, kind string) error {
	if kind == serviceControl || kind == resourceControl {
		return nil
	}
	return invalidOrganizationsInput("%s is %q; the sandbox has %s and %s", member, kind, serviceControl, resourceControl)
}

type policyPage struct {
	Policies  []policySummary
	NextToken *string `json:",omitempty"`
}

func (c *call) pageOfPolicies(p organizationsPage, found []*controlPolicy) (any, error) {
	var shown []policySummary
	for _, f := range found {
		shown = append(shown, c.showControlPolicy(f))
	}
	part, next, err := cut(p, shown)
	return policyPage{part, next}, err
}

func listControlPolicies(c *call) (any, error) {
	in, o, err := c.policyRequest()
	if err != nil {
		return nil, err
	}
	if err := checkPolicyType("Filter", in.Filter); err != nil {
		return nil, err
	}
	return c.pageOfPolicies(in.organizationsPage, o.all(in.Filter))
}

func listPoliciesForTarget(c *call) (any, error) {
	in, o, err := c.policyRequest()
	if err != nil {
		return nil, err
	}
	if err := checkPolicyType("Filter", in.Filter); err != nil {
		return nil, err
	}
	if err := c.target(in.TargetID); err != nil {
		return nil, err
	}
	if !slices.Contains(o.Types, in.Filter) {
		return policyPage{Policies: []policySummary{}}, nil
	}
	return c.pageOfPolicies(in.organizationsPage, o.on(in.TargetID, in.Filter))
}

func describeControlPolicy(c *call) (any, error) {
	in, o, err := c.policyRequest()
	if err != nil {
		return nil, err
	}
	p, err := in.known(o)
	if err != nil {
		return nil, err
	}
	return c.describedPolicy(p), nil
}

// describedPolicy is a policy with its content in an answer.
func (c *call) describedPolicy(p *controlPolicy) any {
	type described struct {
		PolicySummary policySummary
		Content       string
	}
	return struct{ Policy described }{described{c.showControlPolicy(p), p.Content}}
}

// policyTarget is a root, unit or account in an answer.
type policyTarget struct {
	TargetId, Arn, Name, Type string //nolint:revive // AWS spells the members so
}

func listTargetsForPolicy(c *call) (any, error) {
	in, o, err := c.policyRequest()
	if err != nil {
		return nil, err
	}
	p, err := in.known(o)
	if err != nil {
		return nil, err
	}
	var found []policyTarget
	add := func(id, arn, name, kind string) {
		if o.attached(p, id) {
			found = append(found, policyTarget{id, c.organizationsARN(arn + "/" + organizationID + "/" + id), name, kind})
		}
	}
	add(rootID, "root", "Root", "ROOT")
	for _, u := range units {
		add(u.ID, "ou", u.Name, "ORGANIZATIONAL_UNIT")
	}
	for _, a := range c.sandbox.accounts {
		add(a.ID, "account", a.Name, "ACCOUNT")
	}
	part, next, err := cut(in.organizationsPage, found)
	return struct {
		Targets   []policyTarget
		NextToken *string `json:",omitempty"`
	}{part, next}, err
}
