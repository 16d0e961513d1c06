package policy

import (
	"strings"
	"testing"
)

func TestPrincipals(t *testing.T) {
	t.Parallel()
	federated := &Principal{Kind: "Federated", ID: testProvider, Account: testAccount}
	role := &Principal{Kind: "AWS", ID: "arn:aws:iam::111122223333:role/ci", Account: testAccount}
	service := &Principal{Kind: "Service", ID: "ec2.amazonaws.com"}
	for _, c := range []struct {
		name      string
		effect    Effect
		element   string
		principal *Principal
		matched   bool
		open      OpenRules
	}{
		{"the provider", Allow, `"Principal": {"Federated": "` + testProvider + `"}`, federated, true, 0},
		{"in a list", Allow, `"Principal": {"Federated": ["x", "` + testProvider + `"]}`, federated, true, 0},
		{"beside another kind", Allow, `"Principal": {"AWS": "111122223333", "Federated": "` + testProvider + `"}`, federated, true, 0},
		{"another account's provider", Allow, `"Principal": {"Federated": "` + strings.Replace(testProvider, "1111", "4444", 1) + `"}`, federated, false, 0},
		{"another case", Allow, `"Principal": {"Federated": "` + strings.Replace(testProvider, "api", "API", 1) + `"}`, federated, false, OpenPrincipalCase},
		{"a built-in provider", Allow, `"Principal": {"Federated": "accounts.google.com"}`, &Principal{Kind: "Federated", ID: "accounts.google.com"}, true, 0},
		{"a wildcard inside", Allow, `"Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/*"}`, federated, false, 0},
		{"a federated wildcard", Allow, `"Principal": {"Federated": "*"}`, federated, false, OpenPrincipalWildcard},
		{"a bare wildcard", Allow, `"Principal": "*"`, federated, false, OpenPrincipalWildcard},
		{"everyone of AWS", Allow, `"Principal": {"AWS": "*"}`, federated, false, 0},
		{"everyone of AWS denied", Deny, `"Principal": {"AWS": "*"}`, federated, false, OpenPrincipalWildcard},
		{"the account", Allow, `"Principal": {"AWS": "111122223333"}`, federated, false, 0},
		{"the account denied", Deny, `"Principal": {"AWS": "arn:aws:iam::111122223333:root"}`, federated, false, OpenPrincipalWildcard},
		{"another account denied", Deny, `"Principal": {"AWS": "444455556666"}`, federated, false, 0},
		{"a service", Allow, `"Principal": {"Service": "ec2.amazonaws.com"}`, federated, false, 0},
		{"nobody", Allow, `"Principal": {"Federated": []}`, federated, false, 0},
		{"an empty map", Allow, `"Principal": {}`, federated, false, 0},
		{"no kind", Allow, `"Principal": "` + testProvider + `"`, federated, false, 0},
		{"no element", Allow, `"Sid": "x"`, federated, false, 0},
		{"not another", Allow, `"NotPrincipal": {"Federated": "x"}`, federated, true, 0},
		{"not the provider", Allow, `"NotPrincipal": {"Federated": "` + testProvider + `"}`, federated, false, 0},
		{"not nobody", Allow, `"NotPrincipal": {"Federated": []}`, federated, false, 0},
		{"both, left out", Allow, `"Principal": {"Federated": "` + testProvider + `"}, "NotPrincipal": {"Federated": "` + testProvider + `"}`, federated, false, 0},
		{"not asked for", Allow, `"Sid": "x"`, nil, true, 0},
		{"a role by its ARN", Allow, `"Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}`, role, true, 0},
		{"a role by its account", Allow, `"Principal": {"AWS": "111122223333"}`, role, true, 0},
		{"a role by its root", Allow, `"Principal": {"AWS": "arn:aws-us-gov:iam::111122223333:root"}`, role, true, 0},
		{"a role by another root", Allow, `"Principal": {"AWS": "arn:aws:iam::444455556666:root"}`, role, false, 0},
		{"a role by everyone", Allow, `"Principal": {"AWS": "*"}`, role, true, 0},
		{"a role by a bare wildcard", Allow, `"Principal": "*"`, role, true, 0},
		{"a role by a federated wildcard", Allow, `"Principal": {"Federated": "*"}`, role, false, 0},
		{"a service by name", Allow, `"Principal": {"Service": "ec2.amazonaws.com"}`, service, true, 0},
		{"a service by another", Allow, `"Principal": {"Service": "s3.amazonaws.com"}`, service, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `{"Statement": {"Effect": "`+string(c.effect)+`", "Action": "*", `+c.element+`}}`)
			result := d.Evaluate(Request{Action: webIdentity, Principal: c.principal})
			trace := result.Statements[0]
			if trace.Matched != c.matched || trace.Open() != c.open {
				t.Errorf("matched is %t resting on %q, want %t on %q\n%s", trace.Matched, trace.Open(), c.matched, c.open, describe(result))
			}
		})
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		element string
		action  string
		matched bool
	}{
		{`"Action": "sts:AssumeRoleWithWebIdentity"`, webIdentity, true},
		{`"Action": "STS:assumerole*"`, webIdentity, true},
		{`"Action": "sts:AssumeRole"`, webIdentity, false},
		{`"Action": "sts:AssumeRoleWithWebIdentit?"`, webIdentity, true},
		{`"Action": "sts:AssumeRoleWithWebIdentity?"`, webIdentity, false},
		{`"Action": "*"`, webIdentity, true},
		{`"Action": "*:*"`, webIdentity, true},
		{`"Action": "sts:*"`, "STS:TAGSESSION", true},
		{`"Action": "s3:*"`, webIdentity, false},
		{`"Action": "s*:*"`, webIdentity, false},
		{`"Action": "sts*"`, webIdentity, false},
		{`"Action": ["s3:*", "sts:Assume*"]`, webIdentity, true},
		{`"Action": []`, webIdentity, false},
		{`"NotAction": "sts:TagSession"`, webIdentity, true},
		{`"NotAction": "sts:Assume*"`, webIdentity, false},
		{`"NotAction": ["sts:TagSession", "sts:assume*"]`, webIdentity, false},
		{`"NotAction": []`, webIdentity, false},
		{`"Action": "sts:*", "NotAction": "sts:Tag*"`, webIdentity, true},
		{`"Action": "sts:*", "NotAction": "sts:Assume*"`, webIdentity, false},
		{`"Sid": "none"`, webIdentity, false},
	} {
		t.Run(c.element, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `{"Statement": {"Effect": "Allow", `+c.element+`}}`)
			if got := d.Evaluate(Request{Action: c.action}).Statements[0].Matched; got != c.matched {
				t.Errorf("matched is %t, want %t", got, c.matched)
			}
			if got := d.Statements[0].MatchesAction(c.action); got != c.matched {
				t.Errorf("MatchesAction is %t, want %t", got, c.matched)
			}
		})
	}
}

func TestResources(t *testing.T) {
	t.Parallel()
	role := "arn:aws:iam::111122223333:role/ci"
	for _, c := range []struct {
		name     string
		element  string
		resource string
		context  string
		matched  bool
		open     OpenRules
	}{
		{"everything", `"Resource": "*"`, role, `{}`, true, 0},
		{"a pattern", `"Resource": "arn:aws:iam::111122223333:role/*"`, role, `{}`, true, 0},
		{"* reaches over colons", `"Resource": "arn:aws:iam:*"`, role, `{}`, true, 0},
		{"? is one", `"Resource": "arn:aws:iam::111122223333:role/c?"`, role, `{}`, true, 0},
		{"case counts", `"Resource": "arn:aws:iam::111122223333:role/CI"`, role, `{}`, false, 0},
		{"a list", `"Resource": ["x", "arn:aws:iam::111122223333:role/ci"]`, role, `{}`, true, 0},
		{"an empty list", `"Resource": []`, role, `{}`, false, 0},
		{"a variable", `"Resource": "arn:aws:iam::111122223333:role/${aws:username}"`, role, `{"aws:username": "ci"}`, true, 0},
		{"a variable without a value", `"Resource": "arn:aws:iam::111122223333:role/${aws:username}"`, role, `{}`, false, 0},
		{"a variable with a wildcard", `"Resource": "arn:aws:iam::111122223333:role/${aws:username}"`, role, `{"aws:username": "*"}`, false, OpenSubstitutedWildcard},
		{"an escape", `"Resource": "arn:aws:iam::111122223333:role/${*}"`, role, `{}`, false, 0},
		{"left out", `"NotResource": "arn:aws:iam::*"`, role, `{}`, false, 0},
		{"not left out", `"NotResource": "arn:aws:s3:::*"`, role, `{}`, true, 0},
		{"a variable without a value leaves nothing out", `"NotResource": "${aws:username}"`, role, `{}`, true, 0},
		{"nothing left out", `"NotResource": []`, role, `{}`, false, 0},
		{"no element", `"Sid": "x"`, role, `{}`, false, 0},
		{"an action without resources", `"Resource": "*"`, "*", `{}`, true, 0},
		{"an action without resources, a narrow pattern", `"Resource": "arn:aws:iam::*"`, "*", `{}`, false, 0},
		{"not asked for", `"Resource": "x"`, "", `{}`, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", `+c.element+`}}`)
			result := d.Evaluate(Request{Action: "iam:GetRole", Resource: c.resource, Context: contextOf(t, c.context)})
			if trace := result.Statements[0]; trace.Matched != c.matched || trace.Open() != c.open {
				t.Errorf("matched is %t resting on %q, want %t on %q\n%s", trace.Matched, trace.Open(), c.matched, c.open, describe(result))
			}
		})
	}
}

func TestATrustPolicyNeedsNoResourceToMatchItsRole(t *testing.T) {
	t.Parallel()
	d := parse(t, forgecroftTrust)
	r := forgecroftRequest("plan")
	r.Resource = "arn:aws:iam::111122223333:role/forgecroft-plan"
	if got := d.Decide(r); got != Allowed {
		t.Errorf("decision is %v", got)
	}
}

func TestDenyWinsOverAllow(t *testing.T) {
	t.Parallel()
	allow := statementOf("Allow", "")
	deny := statementOf("Deny", `{"StringLike": {"P:sub": "*:pr-*"}}`)
	for _, c := range []struct {
		name     string
		policy   string
		sub      string
		decision Decision
	}{
		{"nothing matches", policyOf(v2012, statementOf("Allow", `{"StringEquals": {"P:sub": "x"}}`)), "y", ImplicitDeny},
		{"an Allow", policyOf(v2012, allow), "repo:pr-7", Allowed},
		{"a Deny after it", policyOf(v2012, allow, deny), "repo:pr-7", ExplicitDeny},
		{"a Deny before it", policyOf(v2012, deny, allow), "repo:pr-7", ExplicitDeny},
		{"a Deny that does not match", policyOf(v2012, deny, allow), "repo:main", Allowed},
		{"a Deny alone", policyOf(v2012, deny), "repo:pr-7", ExplicitDeny},
		{"the second Allow", policyOf(v2012, statementOf("Allow", `{"StringEquals": {"P:sub": "x"}}`), allow), "repo:main", Allowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, c.policy)
			r := webRequest(Context{"api.forgecroft.com:sub": {c.sub}})
			if got := d.Evaluate(r).Decision; got != c.decision {
				t.Errorf("decision is %v, want %v", got, c.decision)
			}
			if got := d.Decide(r); got != c.decision {
				t.Errorf("Decide says %v, want %v", got, c.decision)
			}
		})
	}
}

func TestAPolicyForOneRegionAllowsIAMOnlyWithIt(t *testing.T) {
	t.Parallel()
	d := parse(t, `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",
		"Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}}}]}`)
	for region, want := range map[string]Decision{"eu-west-1": Allowed, "us-east-1": ImplicitDeny} {
		r := Request{Action: "iam:CreateRole", Resource: "arn:aws:iam::111122223333:role/x", Context: Context{"aws:RequestedRegion": {region}}}
		if got := d.Decide(r); got != want {
			t.Errorf("in %s the decision is %v, want %v", region, got, want)
		}
	}
}
