package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	testAccount = "010000000001"
	testIssuer  = "https://api.forgecroft.com"
	testOrg     = "11111111-1111-1111-1111-111111111111"
)

func testProviderARN() string {
	return "arn:aws:iam::" + testAccount + ":oidc-provider/api.forgecroft.com"
}

// trustOf is the trust policy of the template for a phase.
func trustOf(phase Phase, org string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + testProviderARN() +
		`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"api.forgecroft.com:aud":"sts.amazonaws.com","api.forgecroft.com:phase":"` +
		string(phase) + `","api.forgecroft.com:org_id":"` + org + `"}}}]}`
}

const (
	readOnly  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:Describe*","iam:Get*","iam:List*","s3:Get*","s3:List*","sts:GetCallerIdentity"],"Resource":"*"}]}`
	inRegions = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}}}]}`
)

var testNow = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// healthy is a snapshot in which nothing is wrong.
func healthy() *Snapshot {
	role := func(phase Phase, p Policy) Role {
		name := "forgecroft-runner-" + string(phase)
		r := Role{
			ARN: "arn:aws:iam::" + testAccount + ":role/" + name, Name: name, Path: "/", Phase: phase, Read: true,
			Trust: trustOf(phase, testOrg), MaxSession: 3600, PoliciesRead: true, ManagedBy: "fcoidc", StackID: testStackID,
			Created: testNow.Add(-time.Hour),
		}
		if p.ARN != "" {
			r.Attached = []Policy{p}
		} else {
			r.Inline = []Policy{p}
		}
		return r
	}
	return &Snapshot{
		Taken: testNow, Account: testAccount, Name: "prod-web", Region: "eu-west-1", Partition: "aws", Caller: "arn:aws:iam::" + testAccount + ":user/me",
		IssuerURL: testIssuer,
		Issuer: &Issuer{
			URL: testIssuer, DiscoveryURL: testIssuer + "/.well-known/openid-configuration", Status: 200, HasDocument: true,
			Named: testIssuer, JWKSURI: testIssuer + "/jwks", HasKeys: true, Keys: []Key{{Kid: "a", Kty: "RSA", Verifies: true}},
		},
		Stacks: []Stack{{
			ID: testStackID, Name: "forgecroft-runner-oidc", Status: "CREATE_COMPLETE", Ours: true, Compared: true,
			Parameters: map[string]string{"OrgId": testOrg, "AllowedRegions": "eu-west-1,us-east-1"},
			Outputs: map[string]string{
				"PlanRoleArn":  "arn:aws:iam::" + testAccount + ":role/forgecroft-runner-plan",
				"ApplyRoleArn": "arn:aws:iam::" + testAccount + ":role/forgecroft-runner-apply", "OidcProviderArn": testProviderARN(),
			},
		}},
		Providers: []string{testProviderARN()},
		Provider: &Provider{
			ARN: testProviderARN(), URL: "api.forgecroft.com", ClientIDs: []string{"sts.amazonaws.com"},
			Thumbprints: []string{strings.Repeat("f", 40)}, ManagedBy: "fcoidc", StackID: testStackID, Read: true,
		},
		Roles: []Role{
			role(Plan, Policy{ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess", Name: "ReadOnlyAccess", Document: readOnly}),
			role(Apply, Policy{Name: "everything-in-allowed-regions", Document: inRegions}),
		},
		Regions: []RegionIn{{"af-south-1", "DISABLED"}, {"eu-west-1", "ENABLED_BY_DEFAULT"}, {"us-east-1", "ENABLED_BY_DEFAULT"}, {"us-west-2", "ENABLED_BY_DEFAULT"}},
	}
}

const testStackID = "arn:aws:cloudformation:eu-west-1:" + testAccount + ":stack/forgecroft-runner-oidc/0"

// withToken gives the snapshot a token of a phase.
func withToken(s *Snapshot, phase Phase, org string) *Snapshot {
	s.Token = &Token{
		Header: json.RawMessage(`{"alg":"RS256","kid":"a"}`),
		Claims: json.RawMessage(`{"iss":"` + testIssuer + `","aud":"sts.amazonaws.com","sub":"x","iat":1795176000,"exp":1795179600,"phase":"` + string(phase) + `","org_id":"` + org + `"}`),
	}
	return s
}

func TestASavedSnapshotReadsBackAsItWas(t *testing.T) {
	t.Parallel()
	s := withToken(healthy(), Plan, testOrg)
	s.Missing = []Looked{{Fact: FactOrganization, What: "the organisation's policies", Action: "organizations:ListPolicies", Reason: "AccessDenied"}}
	text, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if !IsSnapshot(text) || IsSnapshot([]byte(`{"id":"a"}`)) {
		t.Error("a saved snapshot is not told from a case")
	}
	back, err := ReadSnapshot(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoSnapshotIsRefusedInWords(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"":                                `no JSON object with "kind"`,
		`{"version":1,"kind":"case"}`:     `no JSON object with "kind"`,
		`{"version":2,"kind":"snapshot"}`: "but of 2",
		`{"version":1,"kind":"snapshot","roles":"secret"}`: "roles must not be a string",
	} {
		_, err := ReadSnapshot([]byte(src))
		if !errors.Is(err, ErrNotSnapshot) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", src, err)
		}
	}
}

func TestASavedSnapshotHoldsNoSignatureWhateverOthersWrote(t *testing.T) {
	t.Parallel()
	s := healthy()
	const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	s.Stacks[0].Reason, s.Roles[0].Trust, s.Missing = jwt, `{"Sid":"`+jwt+`"}`, []Looked{{Reason: "got " + jwt}}
	text, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("c2lnbmF0dXJl")) || !bytes.Contains(text, []byte("eyJzdWIiOiJ4In0")) {
		t.Error("the signature is saved")
	}
}

func TestACaseIsMadeOfEachRoleAndTheToken(t *testing.T) {
	t.Parallel()
	s := healthy()
	if n := len(s.Cases()); n != 0 {
		t.Errorf("%d cases without a token", n)
	}
	cases := withToken(s, Apply, testOrg).Cases()
	if len(cases) != 2 {
		t.Fatalf("%d cases", len(cases))
	}
	c := cases[1]
	if c.Role.ARN != s.Roles[1].ARN || string(c.Policy) != s.Roles[1].Trust || c.Provider.URL != "api.forgecroft.com" || !c.Keys[0].Verifies ||
		c.Role.MaxSessionDuration != 3600 || !c.Now.Equal(testNow) || c.Discovery.Issuer != testIssuer || len(c.Discovery.Missing) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestTheProviderNearestToTheIssuerIsFound(t *testing.T) {
	t.Parallel()
	arn := func(url string) string { return "arn:aws:iam::010000000001:oidc-provider/" + url }
	all := []string{arn("token.actions.githubusercontent.com"), arn("api.forgecroft.com/"), arn("api.forgecroft.com/team")}
	for issuer, want := range map[string]string{
		"https://api.forgecroft.com":        arn("api.forgecroft.com/"),
		"https://api.forgecroft.com/team/":  arn("api.forgecroft.com/team"),
		"https://API.forgecroft.com/":       arn("api.forgecroft.com/"),
		"https://api.forgecroft.com/other":  arn("api.forgecroft.com/"),
		"https://gitlab.com":                "",
		"https://api.forgecroft.com.evil.x": "",
	} {
		if got := NearProvider(all, issuer); got != want {
			t.Errorf("%s: %q, want %q", issuer, got, want)
		}
	}
}
