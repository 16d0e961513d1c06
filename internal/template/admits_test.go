package template_test

import (
	"maps"
	"testing"

	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/template"
)

const (
	otherOrg  = "99999999-9999-4999-8999-999999999999"
	workspace = "22222222-2222-2222-2222-222222222222"
)

// token is the request context that a run's token gives, were all its claims condition keys.
func token(phase string, changes policy.Context) policy.Context {
	context := policy.Context{
		"api.forgecroft.com:aud": {template.DefaultAudience}, "api.forgecroft.com:sub": {"org:" + org + ":phase:" + phase},
		"api.forgecroft.com:phase": {phase}, "api.forgecroft.com:org_id": {org}, "api.forgecroft.com:workspace_id": {workspace},
		"aws:RequestTag/phase": {phase}, "aws:RequestTag/org_id": {org}, "aws:RequestTag/workspace_id": {workspace},
		"aws:TagKeys": {"phase", "org_id"},
	}
	maps.Copy(context, changes)
	maps.DeleteFunc(context, func(_ string, values []string) bool { return values == nil })
	return context
}

func TestEachModeAdmitsTheRunsOfItsOrganizationAndNobodyElse(t *testing.T) {
	t.Parallel()
	noTags := policy.Context{"aws:RequestTag/phase": nil, "aws:RequestTag/org_id": nil, "aws:RequestTag/workspace_id": nil, "aws:TagKeys": nil}
	threeTags := policy.Context{"aws:TagKeys": {"phase", "org_id", "workspace_id"}}
	anotherOrg := policy.Context{
		"api.forgecroft.com:org_id": {otherOrg}, "api.forgecroft.com:sub": {"org:" + otherOrg + ":phase:plan"}, "aws:RequestTag/org_id": {otherOrg},
	}
	anotherWorkspace := policy.Context{"api.forgecroft.com:workspace_id": {otherOrg}, "aws:RequestTag/workspace_id": {otherOrg}}
	unknownClaims := policy.Context{"api.forgecroft.com:phase": nil, "api.forgecroft.com:org_id": nil, "api.forgecroft.com:workspace_id": nil}

	for _, c := range []struct {
		mode, token string
		context     policy.Context
		plan, apply bool
	}{
		{"claims", "plan", token("plan", nil), true, false},
		{"claims", "apply", token("apply", nil), false, true},
		{"claims", "another organization's", token("plan", anotherOrg), false, false},
		{"claims", "for another audience", token("plan", policy.Context{"api.forgecroft.com:aud": {"other"}}), false, false},
		{"claims", "where AWS knows no such keys", token("plan", unknownClaims), false, false},
		{"claims-workspace", "plan of any workspace", token("plan", anotherWorkspace), true, false},
		{"claims-workspace", "apply", token("apply", nil), false, true},
		{"claims-workspace", "apply of another workspace", token("apply", anotherWorkspace), false, false},
		{"subject", "plan", token("plan", unknownClaims), true, false},
		{"subject", "apply", token("apply", unknownClaims), false, true},
		{"subject", "another organization's", token("plan", anotherOrg), false, false},
		{"subject", "without a subject", token("plan", policy.Context{"api.forgecroft.com:sub": nil}), false, false},
		{"session-tags", "plan", token("plan", unknownClaims), true, false},
		{"session-tags", "apply", token("apply", unknownClaims), false, true},
		{"session-tags", "another organization's", token("plan", anotherOrg), false, false},
		{"session-tags", "without tags", token("plan", noTags), false, false},
		{"session-tags", "with a tag more", token("plan", threeTags), false, false},
		{"session-tags-workspace", "plan of any workspace", token("plan", merge(threeTags, anotherWorkspace)), true, false},
		{"session-tags-workspace", "apply", token("apply", threeTags), false, true},
		{"session-tags-workspace", "apply of another workspace", token("apply", merge(threeTags, anotherWorkspace)), false, false},
		{"session-tags-workspace", "apply of no workspace", token("apply", policy.Context{"aws:RequestTag/workspace_id": nil}), false, false},
	} {
		s := bind(t, template.DefaultIssuer, "us-east-1", trustCases()[c.mode])
		for role, want := range map[string]bool{template.ResourcePlanRole: c.plan, template.ResourceApplyRole: c.apply} {
			if got := admits(t, s, role, "sts:AssumeRoleWithWebIdentity", c.context); got != want {
				t.Errorf("%s: %s, token %s: admitted is %v, want %v", c.mode, role, c.token, got, want)
			}
		}
	}
}

func TestOnlySessionTagsModeLetsATokenBringTags(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]bool{"claims": false, "subject": false, "session-tags": true} {
		s := bind(t, template.DefaultIssuer, "us-east-1", trustCases()[mode])
		if got := admits(t, s, template.ResourcePlanRole, "sts:TagSession", token("plan", nil)); got != want {
			t.Errorf("%s: sts:TagSession is allowed: %v, want %v", mode, got, want)
		}
	}
}

func merge(a, b policy.Context) policy.Context {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return both
}

func admits(t *testing.T, s stack, role, action string, context policy.Context) bool {
	t.Helper()
	doc, err := policy.Parse([]byte(s.trust(t, role)))
	if err != nil {
		t.Fatal(err)
	}
	provider := template.ProviderARN(s.partition, account, s.issuer)
	return doc.Evaluate(policy.Request{
		Action: action, Context: context,
		Principal: &policy.Principal{Kind: "Federated", ID: provider, Account: account},
	}).Decision == policy.Allowed
}
