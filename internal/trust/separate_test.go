package trust

import (
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/policy"
)

func TestTheTemplateKeepsThePhasesApart(t *testing.T) {
	t.Parallel()
	const claim, subject, tag = "api.forgecroft.com:phase", "api.forgecroft.com:sub", "aws:RequestTag/phase"
	for _, c := range []struct {
		mode string
		by   map[Keys]string
	}{
		{"claims", map[Keys]string{KeysIssuer: claim, KeysAll: claim, KeysDocumented: ""}},
		{"claims-workspace", map[Keys]string{KeysIssuer: claim, KeysAll: claim, KeysDocumented: ""}},
		{"subject", map[Keys]string{KeysIssuer: subject, KeysAll: subject, KeysDocumented: subject}},
		{"session-tags", map[Keys]string{KeysIssuer: tag, KeysAll: tag, KeysDocumented: tag}},
		{"session-tags-workspace", map[Keys]string{KeysIssuer: tag, KeysAll: tag, KeysDocumented: tag}},
	} {
		for keys, by := range c.by {
			s := Separate(rendered(t, c.mode+"-plan"), rendered(t, c.mode+"-apply"), Options{Table: table(t), Keys: keys})
			if s.Verdict != Proved || s.By != by || s.Counter != nil || s.Hole() != nil {
				t.Errorf("%s, keys %s: %+v", c.mode, keys, s)
			}
			if keys == KeysDocumented && by == "" && !strings.Contains(s.Summary, "admits no token") {
				t.Errorf("%s, keys %s: %s", c.mode, keys, s.Summary)
			}
		}
	}
}

func TestSeparationIsRefutedByATokenOrLeftOpenWithTheReason(t *testing.T) {
	t.Parallel()
	const aud = `"P:aud": "sts.amazonaws.com"`
	plan := `{"StringEquals": {` + aud + `, "P:org_id": "a", "P:phase": "plan"}}`
	for _, c := range []struct {
		name, plan, apply string
		keys              Keys
		want              Verdict
		both              bool
		says              string
	}{
		{"phase not tested", plan, `{"StringEquals": {` + aud + `, "P:org_id": "a"}}`, KeysIssuer, Refuted, true, "as it is by the plan role"},
		{"phase or", plan, `{"StringEquals": {` + aud + `, "P:org_id": "a", "P:phase": ["apply", "plan"]}}`, KeysIssuer, Refuted, true, "as it is by the plan role"},
		{"a pattern for both", plan, `{"StringEquals": {` + aud + `, "P:org_id": "a"}, "StringLike": {"P:phase": "*pl*"}}`, KeysIssuer, Refuted, true, "as it is by the plan role"},
		{"letter case", plan, `{"StringEquals": {` + aud + `, "P:org_id": "a"}, "StringEqualsIgnoreCase": {"P:phase": "PLAN"}}`, KeysIssuer, Refuted, true, "as it is by the plan role"},
		{"another workspace", `{"StringEquals": {` + aud + `, "P:phase": "plan", "P:workspace_id": "v"}}`, `{"StringEquals": {` + aud + `, "P:workspace_id": "w"}}`, KeysIssuer, Refuted, false, "refuses this one"},
		{"phase if it exists, and it does", plan, `{"StringEquals": {` + aud + `, "P:org_id": "a"}, "StringEqualsIfExists": {"P:phase": "apply"}}`, KeysIssuer, Proved, false, "the issuer documents and AWS does not"},
		{"phase if it exists, and it does not", plan, `{"StringEquals": {` + aud + `}, "StringEqualsIfExists": {"P:phase": "apply"}}`, KeysDocumented, Refuted, false, "refuses this one"},
		{"all but plan", plan, `{"StringEquals": {` + aud + `}, "StringNotEquals": {"P:phase": "plan"}}`, KeysIssuer, Proved, false, `"api.forgecroft.com:phase" keeps the phases apart`},
		{"all but plan, of a key that is never there", plan, `{"StringEquals": {` + aud + `}, "StringNotEquals": {"P:phase": "plan"}}`, KeysDocumented, Refuted, false, "refuses this one"},
		{"the session name, which the caller chooses", plan, `{"StringEquals": {` + aud + `, "P:org_id": "a", "sts:RoleSessionName": "apply"}}`, KeysIssuer, Refuted, true, "as it is by the plan role"},
		{"the network, which nobody knows", plan, `{"StringEquals": {` + aud + `, "P:org_id": "a"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}`, KeysIssuer, CannotTell, true, "only aws:SourceIp can keep plan tokens out"},
		{"a variable", plan, `{"StringEquals": {` + aud + `, "P:phase": "${P:repo}"}}`, KeysIssuer, CannotTell, false, "cannot be worked out"},
		{"an open reading", plan, `{"StringEquals": {` + aud + `, "P:org_id": "a"}, "StringNotEquals": {"P:phase": []}}`, KeysIssuer, CannotTell, true, "an empty list of values"},
		{"the subject of both", `{"StringLike": {"P:sub": "org:a:*"}}`, `{"StringEquals": {"P:sub": "org:a:phase:apply"}}`, KeysDocumented, Refuted, true, "as it is by the plan role"},
		{"one subject each", `{"StringEquals": {"P:sub": ["org:a:phase:plan", "x"]}}`, `{"StringLike": {"P:sub": "org:a:*apply"}}`, KeysIssuer, Proved, false, `"api.forgecroft.com:sub" keeps the phases apart`},
		{"the subject of the apply role alone", plan, `{"StringEquals": {` + aud + `, "P:sub": "org:a:phase:apply"}}`, KeysIssuer, Refuted, true, "as it is by the plan role"},
		{"the subject of the apply role, in another workspace", `{"StringEquals": {"P:phase": "plan", "P:workspace_id": "v"}}`, `{"StringEquals": {"P:workspace_id": "w", "P:sub": "org:a:phase:apply"}}`, KeysIssuer, CannotTell, false, "only the issuer knows"},
		{"a tag of phase plan", `{"StringEquals": {"aws:RequestTag/phase": "plan"}}`, `{"StringLike": {"aws:RequestTag/phase": "*"}}`, KeysDocumented, Refuted, true, "as it is by the plan role"},
	} {
		expand := func(condition string) *policy.Document {
			return mustParse(t, document(allowing(fcARN, strings.ReplaceAll(condition, "${P:", "${api.forgecroft.com:"))))
		}
		plan, apply := expand(c.plan), expand(c.apply)
		s := Separate(plan, apply, Options{Table: table(t), Keys: c.keys})
		if s.Verdict != c.want || s.Both != c.both || !strings.Contains(s.Summary, c.says) {
			t.Errorf("%s: %s, both %t: %s; %+v", c.name, s.Verdict, s.Both, s.Summary, s.Counter)
		}
		hole := s.Hole()
		if (hole == nil) != (c.want == Proved) {
			t.Errorf("%s: %+v", c.name, hole)
		}
		if c.want != Refuted {
			continue
		}
		if hole.Code != PhaseSeparationBroken || hole.Severity != Critical || hole.Span != apply.Statements[0].Span || s.Counter.Claims["phase"] != "plan" {
			t.Errorf("%s: %+v", c.name, hole)
		}
	}
}

func TestADenyOfPlanTokensKeepsThePhasesApart(t *testing.T) {
	t.Parallel()
	plan := mustParse(t, document(allowing(fcARN, `{"StringEquals": {"P:phase": "plan"}}`)))
	apply := mustParse(t, document(allowing(fcARN, ""), statementOf("Deny", fcARN, `{"StringEquals": {"P:phase": "plan"}}`)))
	if s := Separate(plan, apply, Options{Table: table(t)}); s.Verdict != Proved || s.By != "api.forgecroft.com:phase" {
		t.Errorf("%+v", s)
	}
	// A Deny of the action that session tags need does not keep out tokens without any.
	apply = mustParse(t, document(allowing(fcARN, ""), strings.Replace(statementOf("Deny", fcARN, ""), `"sts:AssumeRoleWithWebIdentity", `, "", 1)))
	if s := Separate(plan, apply, Options{Table: table(t)}); s.Verdict != Refuted {
		t.Errorf("%+v", s)
	}
}

func TestOtherIssuersAreSeparateIfNoTokenIsAdmittedByBoth(t *testing.T) {
	t.Parallel()
	role := func(environment string) *policy.Document {
		return mustParse(t, document(allowing(githubARN, `{"StringEquals": {"P:environment": "`+environment+`"}}`)))
	}
	if s := Separate(role("plan"), role("apply"), Options{Table: table(t)}); s.Verdict != Proved || !strings.Contains(s.Summary, "by both roles") {
		t.Errorf("%+v", s)
	}
	if s := Separate(role("plan"), role("plan"), Options{Table: table(t)}); s.Verdict != Refuted || !s.Both {
		t.Errorf("%+v", s)
	}
	// The worst of all providers counts.
	both := mustParse(t, document(allowing(githubARN, `{"StringEquals": {"P:environment": "plan"}}`), allowing(fcARN, `{"StringEquals": {"P:phase": "plan"}}`)))
	apply := mustParse(t, document(allowing(githubARN, `{"StringEquals": {"P:environment": "apply"}}`), allowing(fcARN, `{"StringLike": {"P:phase": "*"}}`)))
	if s := Separate(both, apply, Options{Table: table(t)}); s.Verdict != Refuted || s.Principal != fcARN || s.Statement != 1 {
		t.Errorf("%+v", s)
	}
}

func TestNoIdentityProviderMeansNoToken(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, document(`{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}`))
	if s := Separate(doc, doc, Options{Table: table(t)}); s.Verdict != Proved || s.By != "" {
		t.Errorf("%+v", s)
	}
}

func BenchmarkSeparate(b *testing.B) {
	keys := table(b)
	plan := mustParse(b, document(allowing(fcARN, `{"StringEquals": {"P:aud": "sts.amazonaws.com", "P:org_id": "`+orgID+`", "P:phase": "plan"}}`)))
	apply := mustParse(b, document(allowing(fcARN, `{"StringEquals": {"P:aud": "sts.amazonaws.com", "P:org_id": "`+orgID+`", "P:phase": "apply"}}`)))
	for b.Loop() {
		if Separate(plan, apply, Options{Table: keys}).Verdict != Proved {
			b.Fatal("not proved")
		}
	}
}

func BenchmarkAudit(b *testing.B) {
	keys := table(b)
	doc := mustParse(b, document(allowing(fcARN, `{"StringEquals": {"P:aud": "sts.amazonaws.com"}, "StringLike": {"P:sub": ["org:`+orgID+`:*", "org:a:phase:*"]}, "StringEqualsIfExists": {"P:phase": "plan"}}`)))
	for b.Loop() {
		if len(Audit(doc, Options{Table: keys}).Holes) == 0 {
			b.Fatal("no hole")
		}
	}
}
