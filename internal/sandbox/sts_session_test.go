package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// tagged is a token with the session tags team=red and Phase=plan, of which team is handed on, and a
// source identity.
func (w *world) tagged() string {
	return mint(w.t, w.s, TokenOptions{Issuer: pipelines, Claims: map[string]any{
		"sub": "job-7", "amr": []string{"mfa"},
		"https://aws.amazon.com/source_identity": "alice",
		"https://aws.amazon.com/tags": map[string]any{
			"principal_tags":      map[string]any{"team": []string{"red"}, "Phase": []string{"plan"}},
			"transitive_tag_keys": []string{"team"},
		},
	}})
}

// packed is the share of its room that a session takes, 0 if the answer tells none.
func packed(out *sts.AssumeRoleWithWebIdentityOutput) int32 {
	return aws.ToInt32(out.PackedPolicySize) //nolint:staticcheck // because AWS still answers with it
}

// mayListRoles reports whether a session may list roles on a condition.
func (w *world) mayListRoles(session aws.Config, role, condition string) bool {
	w.t.Helper()
	putPolicy(w.t, w.iam, role, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListRoles","sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Resource":"*","Condition":`+condition+`}]}`)
	_, err := iam.NewFromConfig(session).ListRoles(w.t.Context(), &iam.ListRolesInput{})
	if err != nil {
		wantCode(w.t, err, "AccessDenied", "no identity-based policy allows the iam:ListRoles action")
	}
	return err == nil
}

func TestASessionBringsItsTokensTagsAndNamesIntoLaterCalls(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	_, err := w.iam.TagRole(t.Context(), &iam.TagRoleInput{RoleName: aws.String("open"), Tags: []types.Tag{
		{Key: aws.String("phase"), Value: aws.String("apply")}, {Key: aws.String("unit"), Value: aws.String("web")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.exchange("open", w.tagged())
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(out.SourceIdentity) != "alice" || packed(out) != 1 {
		t.Errorf("source identity %q, packed size %d", aws.ToString(out.SourceIdentity), packed(out))
	}
	session := as(once(w.s.Config(testRegion)), out.Credentials)
	for condition, want := range map[string]bool{
		`{"StringEquals":{"aws:PrincipalTag/team":"red"}}`:                                                               true,
		`{"StringEquals":{"aws:PrincipalTag/team":"blue"}}`:                                                              false,
		`{"StringEquals":{"aws:PrincipalTag/phase":"plan"}}`:                                                             true, // the role's own tag of that key gives way
		`{"StringEquals":{"aws:PrincipalTag/phase":"apply"}}`:                                                            false,
		`{"StringEquals":{"aws:PrincipalTag/unit":"web"}}`:                                                               true,
		`{"StringEquals":{"aws:SourceIdentity":"alice"}}`:                                                                true,
		`{"StringEquals":{"aws:FederatedProvider":"arn:aws:iam::` + management + `:oidc-provider/ci.example.com/team"}}`: true,
		`{"StringEquals":{"ci.example.com/team:sub":"job-7"}}`:                                                           true,
		`{"StringEquals":{"ci.example.com/team:aud":"sts.amazonaws.com"}}`:                                               true,
		`{"ForAnyValue:StringEquals":{"ci.example.com/team:amr":"mfa"}}`:                                                 true,
		`{"Null":{"ci.example.com/team:oaud":"true"}}`:                                                                   true,
	} {
		if got := w.mayListRoles(session, "open", condition); got != want {
			t.Errorf("%s: %t", condition, got)
		}
	}
}

func TestARoleAssumedByATaggedSessionInheritsWhatIsHandedOn(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	session := w.mustExchange("open", w.tagged())
	w.mayListRoles(session, "open", `{"StringEquals":{"aws:SourceIdentity":"alice"}}`) // gives it the right to assume roles
	next := func(name, actions string) *sts.AssumeRoleInput {
		document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + management + `"},"Action":` + actions + `}]}`
		if _, err := w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &document}); err != nil {
			t.Fatal(err)
		}
		return &sts.AssumeRoleInput{RoleArn: aws.String(roleARN(name)), RoleSessionName: aws.String("next")}
	}
	client := sts.NewFromConfig(session)
	_, err := client.AssumeRole(t.Context(), next("untagged", `["sts:AssumeRole","sts:SetSourceIdentity"]`))
	wantCode(t, err, "AccessDenied", "is not authorized to perform: sts:TagSession on resource: "+roleARN("untagged"))
	_, err = client.AssumeRole(t.Context(), next("unnamed", `["sts:AssumeRole","sts:TagSession"]`))
	wantCode(t, err, "AccessDenied", "is not authorized to perform: sts:SetSourceIdentity on resource: "+roleARN("unnamed"))

	out, err := client.AssumeRole(t.Context(), next("heir", `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`))
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(out.SourceIdentity) != "alice" {
		t.Errorf("source identity %q", aws.ToString(out.SourceIdentity))
	}
	heir := as(once(w.s.Config(testRegion)), out.Credentials)
	for condition, want := range map[string]bool{
		`{"StringEquals":{"aws:PrincipalTag/team":"red"}}`:       true,
		`{"Null":{"aws:PrincipalTag/Phase":"true"}}`:             true, // it was not to be handed on
		`{"StringEquals":{"aws:SourceIdentity":"alice"}}`:        true,
		`{"Null":{"aws:FederatedProvider":"false"}}`:             false,
		`{"StringEquals":{"ci.example.com/team:sub":"job-7"}}`:   false,
		`{"StringEquals":{"aws:PrincipalTag/team":["a","red"]}}`: true,
	} {
		if got := w.mayListRoles(heir, "heir", condition); got != want {
			t.Errorf("%s: %t", condition, got)
		}
	}
}

func TestASessionPolicyNarrowsAWebIdentity(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	putPolicy(t, w.iam, "open", allow("iam:*"))
	in := exchangeInput("open", mint(t, w.s, TokenOptions{Issuer: pipelines}))
	in.Policy, in.DurationSeconds = aws.String(allow("iam:GetRole")), aws.Int32(7200)
	out, err := w.stranger().AssumeRoleWithWebIdentity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if packed(out) == 0 {
		t.Error("a session policy takes no room")
	}
	client := iam.NewFromConfig(as(once(w.s.Config(testRegion)), out.Credentials))
	if _, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("open")}); err != nil {
		t.Error(err)
	}
	_, err = client.ListRoles(t.Context(), &iam.ListRolesInput{})
	wantCode(t, err, "AccessDenied", "no session policy allows the iam:ListRoles action")
}

func TestTheTokenLimitsItselfToRoles(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	w.role("pinned", `"sts:AssumeRoleWithWebIdentity"`, `{"Bool":{"sts:RoleAuthorizedByIdp":"true"}}`)
	_, err := w.exchange("pinned", mint(t, w.s, TokenOptions{Issuer: pipelines}))
	wantCode(t, err, "AccessDenied", notTrusted)
	w.mustExchange("pinned", mint(t, w.s, TokenOptions{Issuer: pipelines, Claims: map[string]any{"https://aws.amazon.com/roles": roleARN("pinned")}}))
}
