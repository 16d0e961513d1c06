package doctor_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

const organization = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"

// policyCase is a case of Forgecroft's own trust policy and of a plan token that it admits, of which
// nothing else is known.
func policyCase(change func(c, condition, equals object)) object {
	const host = "api.forgecroft.com"
	equals := object{host + ":aud": "sts.amazonaws.com", host + ":phase": "plan", host + ":org_id": organization}
	condition := object{"StringEquals": equals}
	c := object{
		"trust_policy": object{"Version": "2012-10-17", "Statement": []any{object{
			"Effect": "Allow", "Principal": object{"Federated": "arn:aws:iam::" + account + ":oidc-provider/" + host},
			"Action": trust.Action, "Condition": condition,
		}}},
		"claims": object{
			"iss": "https://" + host, "aud": "sts.amazonaws.com", "sub": "org:" + organization + ":workspace:prod-vpc:phase:plan",
			"org_id": organization, "phase": "plan", "workspace_id": "22222222-2222-2222-2222-222222222222",
		},
	}
	change(c, condition, equals)
	return c
}

func firstCause(t *testing.T, whole object) doctor.Diagnosis {
	t.Helper()
	src, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	c := read(t, src)
	list := doctor.Diagnose(c, newJudge(t, trust.KeysIssuer).Verdict(c))
	if len(list) == 0 {
		t.Fatal("no cause")
	}
	return list[0]
}

// value puts a value under a claim's key.
func value(claim, text string) func(_, _, equals object) {
	return func(_, _, equals object) { equals["api.forgecroft.com:"+claim] = text }
}

// under moves the condition on the organization under another operator.
func under(operator string, value any) func(_, condition, equals object) {
	return func(_, condition, equals object) {
		delete(equals, "api.forgecroft.com:org_id")
		condition[operator] = object{"api.forgecroft.com:org_id": value}
	}
}

// renamedKey moves a condition under another key.
func renamedKey(claim, key string) func(_, _, equals object) {
	return func(_, _, equals object) {
		equals[key] = equals["api.forgecroft.com:"+claim]
		delete(equals, "api.forgecroft.com:"+claim)
	}
}

func TestASlipOfThePolicysAuthorIsNamedForWhatItIs(t *testing.T) {
	t.Parallel()
	right := `"StringEquals": {"api.forgecroft.com:org_id": "` + organization + `"}`
	for name, tt := range map[string]struct {
		change                           func(c, condition, equals object)
		cause, summary, expected, mended string
	}{
		"a space behind the phase":   {value("phase", "plan "), "condition_value_spelling", "a space at its end", `"plan "`, `"StringEquals": {"api.forgecroft.com:phase": "plan"}`},
		"an invisible character":     {value("phase", "plan\u200b"), "condition_value_spelling", "an invisible character (U+200B) at its end", `"plan\u200b"`, `"StringEquals": {"api.forgecroft.com:phase": "plan"}`},
		"a line break":               {value("org_id", organization+"\n"), "condition_value_spelling", "a line break at its end", "", right},
		"a no-break space before it": {value("org_id", "\u00a0"+organization), "condition_value_spelling", "a no-break space (U+00A0) at its beginning", "", right},
		"dashes for hyphens":         {value("org_id", strings.ReplaceAll(organization, "-", "\u2013")), "condition_value_spelling", "a dash (U+2013) in it", "", right},
		"quotes in the value":        {value("org_id", `"`+organization+`"`), "condition_value_spelling", "quotes around it", "", right},
		"a UUID without hyphens":     {value("org_id", strings.ReplaceAll(organization, "-", "")), "condition_value_spelling", "one UUID in two notations", "", right},
		"a UUID in braces":           {value("org_id", "{"+strings.ToUpper(organization)+"}"), "condition_value_spelling", "one UUID in two notations", "", right},
		"a blank in the audience":    {value("aud", "sts.amazonaws.com "), "aud_condition_mismatch", "a space at its end", `"sts.amazonaws.com "`, `"StringEquals": {"api.forgecroft.com:aud": "sts.amazonaws.com"}`},
		"the page's placeholder":     {value("org_id", "<your-org-uuid>"), "condition_value_placeholder", "a placeholder", "<your-org-uuid>", right},
		"a placeholder in capitals":  {value("org_id", "YOUR_ORG_ID"), "condition_value_placeholder", "a placeholder", "YOUR_ORG_ID", right},
		"the claim's name":           {value("org_id", "OrgId"), "condition_value_placeholder", "a placeholder", "OrgId", right},
		"Xs":                         {value("org_id", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"), "condition_value_placeholder", "a placeholder", "", right},
		"a variable of Terraform":    {value("org_id", "${var.org_id}"), "condition_value_placeholder", "nothing replaced the variable", "${var.org_id}", right},
		"a policy variable":          {value("org_id", "${aws:PrincipalTag/org}"), "condition_value_placeholder", "has no value in a federated call", "${aws:PrincipalTag/org}", right},
		"another organization":       {value("org_id", "99999999-9999-9999-9999-999999999999"), "org_id_mismatch", "another Forgecroft organization", "99999999-9999-9999-9999-999999999999", ""},
		"another phase":              {value("phase", "apply"), "phase_mismatch", "", "apply", ""},
		"ArnEquals":                  {under("ArnEquals", organization), "condition_operator_wrong", "ArnEquals compares ARNs only", "StringEquals", right},
		"DateEquals":                 {under("DateEquals", organization), "condition_operator_wrong", "dates only", "StringEquals", right},
		"NumericEquals":              {under("NumericEquals", organization), "condition_operator_wrong", "numbers only", "StringEquals", right},
		"IpAddress":                  {under("IpAddress", organization), "condition_operator_wrong", "IP addresses only", "StringEquals", right},
		"Bool":                       {under("Bool", organization), "condition_operator_wrong", "true and false only", "StringEquals", right},
		"BinaryEquals":               {under("BinaryEquals", organization), "condition_operator_wrong", "base64 only", "StringEquals", right},
		"ArnEquals and another organization": {
			under("ArnEquals", "99999999-9999-9999-9999-999999999999"), "condition_operator_wrong", "ARNs only", "StringEquals",
			`"StringEquals": {"api.forgecroft.com:org_id": "99999999-9999-9999-9999-999999999999"}`,
		},
		"ArnLike with a wildcard":     {under("ArnLike", organization[:8]+"*"), "condition_operator_wrong", "ARNs only", "StringLike", `"StringLike": {"api.forgecroft.com:org_id": "` + organization[:8] + `*"}`},
		"StringNotEquals":             {under("StringNotEquals", organization), "claim_value_mismatch", "shuts out this value", "", right},
		"Null with true":              {under("Null", "true"), "claim_value_mismatch", "wants a token without org_id", "", right},
		"another name of aud":         {renamedKey("aud", "api.forgecroft.com:audience"), "condition_key_unsupported", "", "api.forgecroft.com:aud", `"StringEquals": {"api.forgecroft.com:aud": "sts.amazonaws.com"}`},
		"another spelling of org_id":  {renamedKey("org_id", "api.forgecroft.com:orgId"), "condition_key_unsupported", "", "api.forgecroft.com:org_id", right},
		"a part of org_id":            {renamedKey("org_id", "api.forgecroft.com:org"), "condition_key_unsupported", "", "api.forgecroft.com:org_id", right},
		"a key of no claim":           {func(_, _, equals object) { equals["api.forgecroft.com:nothing"] = "x" }, "condition_key_unsupported", "", "one of AWS's condition keys for the issuer: ", ""},
		"a claim of the call's":       {renamedKey("aud", "sts:aud"), "condition_key_prefix", "sts before the claim's name", "api.forgecroft.com:aud", `"StringEquals": {"api.forgecroft.com:aud": "sts.amazonaws.com"}`},
		"a key of AWS that is absent": {renamedKey("org_id", "aws:PrincipalOrgID"), "claim_value_mismatch", "aws:PrincipalOrgID", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := firstCause(t, policyCase(tt.change))
			if x.Cause != tt.cause || !strings.Contains(x.Summary, tt.summary) || !strings.Contains(x.Expected, tt.expected) || tt.mended != "" && x.Fix != tt.mended {
				t.Errorf("got %+v", x)
			}
		})
	}
}

func TestKeysThatTheIssuerDocumentsAreAmongThoseThatCount(t *testing.T) {
	t.Parallel()
	x := firstCause(t, policyCase(func(_, _, equals object) { equals["api.forgecroft.com:nothing"] = "x" }))
	if !strings.Contains(x.Expected, "sub; or of those that the issuer documents: ") || !strings.Contains(x.Expected, "org_id") {
		t.Errorf("expected %q", x.Expected)
	}
}

// A token of GitHub's, sent to an account that knows Forgecroft alone: nothing is wrong with the
// account.
func TestATokenOfAnotherIssuerIsTheWrongTokenWhereForgecroftAloneIsTrusted(t *testing.T) {
	t.Parallel()
	foreign := func(c, _, _ object) {
		c["claims"].(object)["iss"] = "https://token.actions.githubusercontent.com"
		c["claims"].(object)["sub"] = "repo:acme/app:ref:refs/heads/main"
		c["provider"] = object{"exists": false}
	}
	src, err := json.Marshal(policyCase(foreign))
	if err != nil {
		t.Fatal(err)
	}
	c := read(t, src)
	list := doctor.Diagnose(c, newJudge(t, trust.KeysIssuer).Verdict(c))
	if len(list) != 1 || list[0].Cause != "wrong_token" || strings.Contains(list[0].Fix, "aws iam") {
		t.Errorf("got %+v", list)
	}
	for name, change := range map[string]func(c, condition, equals object){
		"a host of Forgecroft's": func(c, _, _ object) { c["claims"].(object)["iss"] = "https://api.eu.forgecroft.com" },
		"a policy of others": func(c, condition, equals object) {
			foreign(c, condition, equals)
			statement(c)["Principal"] = object{"Federated": "arn:aws:iam::" + account + ":oidc-provider/gitlab.com"}
		},
	} {
		if x := firstCause(t, policyCase(change)); x.Cause == "wrong_token" {
			t.Errorf("%s: got %+v", name, x)
		}
	}
}

func TestATokenWithoutIssuerIsAskedForItAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, claims := range map[string]object{"with a subject": {"sub": "x", "aud": "sts.amazonaws.com"}, "without a claim": {}} {
		c := policyCase(func(c, _, _ object) {
			c["claims"], c["header"], c["provider"] = claims, object{"alg": "RS256"}, object{"exists": false}
		})
		src, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		read := read(t, src)
		list := doctor.Diagnose(read, newJudge(t, trust.KeysIssuer).Verdict(read))
		if len(list) == 0 {
			t.Fatalf("%s: no cause", name)
		}
		for _, x := range list {
			if x.Cause == "provider_missing" || strings.Contains(x.Fix, "--url") || strings.Contains(x.Fix, `":`) {
				t.Errorf("%s: got %+v", name, x)
			}
		}
	}
}

// Forgecroft's page fixes the audience of its tokens, so that one with another is the wrong token,
// and an account that takes it refuses every run.
func TestAnotherAudienceOfForgecroftsIssuerIsNotTheAccountsFault(t *testing.T) {
	t.Parallel()
	other := func(ids ...any) func(c, _, _ object) {
		return func(c, _, _ object) {
			c["claims"].(object)["aud"] = "https://api.forgecroft.com"
			if ids != nil {
				c["provider"] = object{"exists": true, "url": "https://api.forgecroft.com", "client_ids": ids}
			}
		}
	}
	for cause, change := range map[string]func(c, condition, equals object){"aud_not_in_provider": other("sts.amazonaws.com"), "aud_condition_mismatch": other()} {
		x := firstCause(t, policyCase(change))
		if x.Cause != cause || strings.Contains(x.Fix, "add-client-id") || strings.Contains(x.Fix, "StringEquals") {
			t.Errorf("%s: got %+v", cause, x)
		}
	}
	missing := firstCause(t, policyCase(func(c, _, _ object) {
		c["provider"] = object{"exists": true, "url": "https://api.forgecroft.com", "client_ids": []any{"another"}}
	}))
	if !strings.Contains(missing.Fix, "add-client-id") {
		t.Errorf("a provider without the audience: %+v", missing)
	}
}

func TestAPolicyThatOnlyDeniesWasMeantToAllow(t *testing.T) {
	t.Parallel()
	x := firstCause(t, policyCase(func(c, _, _ object) { statement(c)["Effect"] = "Deny" }))
	if x.Cause != "explicit_deny" || x.Fix != `"Effect": "Allow"` {
		t.Errorf("got %+v", x)
	}
}

func TestAnAccountThatNothingTellsIsNotMadeUp(t *testing.T) {
	t.Parallel()
	for principal, want := range map[string]string{
		`"*"`:                     "arn:aws:iam::<account>:oidc-provider/api.forgecroft.com",
		`{"Federated": "<oidc>"}`: "arn:aws:iam::<account>:oidc-provider/api.forgecroft.com",
		`{"AWS": "arn:aws:iam::123456789012:root"}`: "arn:aws:iam::123456789012:oidc-provider/api.forgecroft.com",
	} {
		x := firstCause(t, policyCase(func(c, _, _ object) { statement(c)["Principal"] = json.RawMessage(principal) }))
		if x.Cause != "principal_wrong" || x.Expected != want || !strings.Contains(x.Fix, want) {
			t.Errorf("%s: got %+v", principal, x)
		}
	}
}

func TestWhatKeepsAPolicyFromBeingStoredIsToldFirst(t *testing.T) {
	t.Parallel()
	c := policyCase(func(c, _, _ object) {
		c["trust_policy"].(object)["Condition"] = statement(c)["Condition"]
		delete(statement(c), "Condition")
	})
	src, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	j := newExaminer(t).Examine(read(t, src), true)
	if len(j.Findings) < 2 || j.Findings[0].Code != "policy_not_storable" || !strings.Contains(j.Findings[0].Summary, "move Condition into the statement") {
		t.Errorf("got %+v", j.Findings)
	}
}

func TestATokenInAPolicyOrAClaimIsShownWithoutItsSignature(t *testing.T) {
	t.Parallel()
	const token, signature = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.", "c2VjcmV0c2VjcmV0"
	c := policyCase(func(c, _, equals object) {
		equals["api.forgecroft.com:repo"] = token + signature
		c["claims"].(object)["repo"] = "x " + token + signature
	})
	src, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	j := newExaminer(t).Examine(read(t, src), true)
	if j.Verdict.Decision != exchange.Deny {
		t.Fatalf("got %s", j.Verdict.Decision)
	}
	for _, x := range j.Diagnoses {
		for _, text := range append(x.Evidence, x.Summary, x.Expected, x.Found, x.Fix, x.Place.Text) {
			if strings.Contains(text, signature) {
				t.Errorf("the signature shows: %s", text)
			}
		}
	}
}

func newExaminer(t *testing.T) *doctor.Examiner {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	return doctor.NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table)
}
