package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// unsupportedSimulation are parameters that would change the outcome of a simulation.
var unsupportedSimulation = []string{
	"PolicyInputList.member.1", "PermissionsBoundaryPolicyInputList.member.1", "ResourcePolicy", "ResourceOwner", "CallerArn", "ResourceHandlingOption",
}

// simulateOperation is SimulatePrincipalPolicy for a role.
func simulateOperation() operation {
	return operation{
		run:      simulatePrincipalPolicy,
		resource: func(c *call) string { return c.get("PolicySourceArn") },
	}
}

// evaluationXML is what became of one action on one resource.
type evaluationXML struct {
	EvalActionName       string
	EvalResourceName     string
	EvalDecision         string
	MatchedStatements    members[struct{}]
	MissingContextValues members[string]

	OrganizationsDecisionDetail *struct {
		AllowedByOrganizations bool
	} `xml:",omitempty"`
	PermissionsBoundaryDecisionDetail *struct {
		AllowedByPermissionsBoundary bool
	} `xml:",omitempty"`
}

// simulatePrincipalPolicy says what a role may do by its identity policies, its permissions boundary
// and the service control policies that bind its account (IAM API Reference,
// SimulatePrincipalPolicy). The context is what the request gives, and nothing else.
func simulatePrincipalPolicy(c *call) (any, error) {
	for _, p := range unsupportedSimulation {
		if c.has(p) {
			name, _, _ := strings.Cut(p, ".")
			return nil, refuse(http.StatusNotImplemented, "NotImplemented", "the sandbox does not imitate the parameter %s of iam:SimulatePrincipalPolicy; see docs/sandbox.md", name)
		}
	}
	source, err := c.need("PolicySourceArn")
	if err != nil {
		return nil, err
	}
	_, name, ok := splitRoleARN(source)
	r := c.acct.state.Roles[nameKey(name)]
	if !ok || r == nil || c.acct.roleARN(r) != source {
		return nil, noSuchEntity("The entity with name %s cannot be found; the sandbox simulates roles of the caller's account.", source)
	}
	actions := c.list("ActionNames")
	if len(actions) == 0 {
		return nil, missing("actionNames")
	}
	resources := c.list("ResourceArns")
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	kinds, err := c.acct.policyKinds(r, "")
	if err != nil {
		return nil, err
	}
	context := c.contextEntries()
	absent := c.acct.absentKeys(kinds, context)
	var all []evaluationXML
	for _, action := range actions {
		for _, resource := range resources {
			x := c.acct.simulate(kinds, policy.Request{Action: action, Resource: resource, Context: context})
			x.MissingContextValues = listOf(absent)
			all = append(all, x)
		}
	}
	items, truncated, marker, err := page(c, all)
	return struct {
		EvaluationResults members[evaluationXML]
		IsTruncated       bool
		Marker            string `xml:",omitempty"`
	}{listOf(items), truncated, marker}, err
}

// simulate asks every kind of policy.
func (a *account) simulate(kinds []policyKind, request policy.Request) evaluationXML {
	x := evaluationXML{EvalActionName: request.Action, EvalResourceName: request.Resource}
	all := policy.Allowed
	for _, k := range kinds {
		d := a.decideKind(k, request)
		if d == policy.ExplicitDeny || all == policy.Allowed {
			all = d
		}
		switch k.name {
		case kindSCP:
			if !a.Management {
				x.OrganizationsDecisionDetail = &struct{ AllowedByOrganizations bool }{d == policy.Allowed}
			}
		case kindBoundary:
			x.PermissionsBoundaryDecisionDetail = &struct{ AllowedByPermissionsBoundary bool }{d == policy.Allowed}
		}
	}
	x.EvalDecision = all.String()
	return x
}

// contextEntries reads the parameter ContextEntries.
func (c *call) contextEntries() policy.Context {
	context := policy.Context{}
	for i := 1; ; i++ {
		prefix := "ContextEntries.member." + strconv.Itoa(i)
		key := c.get(prefix + ".ContextKeyName")
		if key == "" {
			return context
		}
		context[key] = c.list(prefix + ".ContextKeyValues")
	}
}

// absentKeys are the condition keys that the policies ask for and the context does not have.
func (a *account) absentKeys(kinds []policyKind, context policy.Context) []string {
	found := map[string]struct{}{}
	for _, k := range kinds {
		for _, text := range slices.Concat(k.groups...) {
			doc, err := a.sandbox.policies.parse(text)
			if err != nil {
				continue // it denies everything, which decideAll sees to
			}
			for i := range doc.Statements {
				for _, condition := range doc.Statements[i].Conditions {
					if _, _, ok := context.Get(condition.Key.Text); !ok && condition.Key.Present() {
						found[condition.Key.Text] = struct{}{}
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
