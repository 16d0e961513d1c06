package claims_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// keysOf returns the condition keys of a described claim as "key basis".
func keysOf(t *testing.T, d claims.Description, claim string) string {
	t.Helper()
	for _, g := range d.Groups {
		for _, r := range g.Rows {
			if r.Name != claim {
				continue
			}
			var keys []string
			for _, k := range r.Keys {
				keys = append(keys, k.Name+" "+string(k.Basis))
			}
			return strings.Join(keys, ", ")
		}
	}
	t.Fatalf("no row for %s", claim)
	return ""
}

func TestForgecroftsClaimsAreGroupedAndEachHasAMeaning(t *testing.T) {
	t.Parallel()
	d := claims.Describe(parse(t, forgecroftToken(`,"jti":"x","https://aws.amazon.com/source_identity":"alice"`)), keyTable(t), now)
	var got []string
	for _, g := range d.Groups {
		var names []string
		for _, r := range g.Rows {
			names = append(names, r.Name)
			if r.Meaning == "" {
				t.Errorf("%s has no meaning", r.Name)
			}
		}
		got = append(got, string(g.ID)+": "+strings.Join(names, " "))
	}
	want := []string{
		"who: iss sub", "what_for: aud", "when: iat exp",
		"forgecroft: org_id org_slug workspace_id workspace_name run_id phase repo branch actor",
		"aws: https://aws.amazon.com/source_identity", "other: jti",
	}
	if !slices.Equal(got, want) {
		t.Errorf("groups\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if d.Provider.ID != "forgecroft" || d.SubjectKind != "forgecroft" || len(d.Warnings) != 0 {
		t.Errorf("%s, %s, %+v", d.Provider.ID, d.SubjectKind, d.Warnings)
	}
}

func TestEachClaimShowsTheConditionKeyItBecomesAndOnWhoseWord(t *testing.T) {
	t.Parallel()
	table := keyTable(t)
	forgecroft := claims.Describe(parse(t, forgecroftToken(`,"email":"a@b.c"`)), table, now)
	github := claims.Describe(parse(t, encode(header, `{"iss":"https://token.actions.githubusercontent.com","sub":"repo:o/r:pull_request","aud":"a","repository":"o/r","repository_owner":"o"}`)), table, now)
	withAZP := claims.Describe(parse(t, encode(header, `{"iss":"https://sts.windows.net/t/","sub":"s","aud":"api://x","azp":"client"}`)), table, now)
	circle := claims.Describe(parse(t, encode(header, `{"iss":"https://oidc.circleci.com/org/o","sub":"s","aud":"o","oidc.circleci.com/project-id":"p"}`)), table, now)
	tags := claims.Describe(parse(t, encode(header, `{"iss":"https://idp.example.com/team","https://aws.amazon.com/tags":{"principal_tags":{"phase":["plan"]},"transitive_tag_keys":["phase"]},"org_id":"x"}`)), table, now)
	for _, tt := range []struct {
		of          claims.Description
		claim, want string
	}{
		{forgecroft, "iss", ""},
		{forgecroft, "iat", ""},
		{forgecroft, "aud", "api.forgecroft.com:aud aws, api.forgecroft.com:oaud aws"},
		{forgecroft, "sub", "api.forgecroft.com:sub aws"},
		{forgecroft, "email", "api.forgecroft.com:email aws"},
		{forgecroft, "phase", "api.forgecroft.com:phase issuer"},
		{forgecroft, "actor", "api.forgecroft.com:actor issuer"},
		{github, "repository", "token.actions.githubusercontent.com:repository aws"},
		{github, "repository_owner", ""},
		{withAZP, "aud", "sts.windows.net/t/:oaud aws"},
		{withAZP, "azp", "sts.windows.net/t/:aud aws"},
		{circle, "oidc.circleci.com/project-id", "oidc.circleci.com/org/o:oidc.circleci.com/project-id aws"},
		{tags, "https://aws.amazon.com/tags", "aws:RequestTag/phase aws, aws:TagKeys aws, sts:TransitiveTagKeys aws"},
		{tags, "org_id", ""},
	} {
		if got := keysOf(t, tt.of, tt.claim); got != tt.want {
			t.Errorf("%s of %s: %q, want %q", tt.claim, tt.of.Provider.Issuer, got, tt.want)
		}
	}
}

func TestTheTableKnowsTheIssuersByTheirForm(t *testing.T) {
	t.Parallel()
	table := keyTable(t)
	for issuer, want := range map[string]string{
		"https://api.forgecroft.com":                                                "forgecroft",
		"https://api.forgecroft.com/":                                               "generic",
		"https://token.actions.githubusercontent.com":                               "github",
		"https://token.actions.githubusercontent.com/octo":                          "github-enterprise-path",
		"https://token.actions.octo.ghe.com":                                        "github-ghe",
		"https://agent.eu.buildkite.dev":                                            "buildkite-alt",
		"https://agent.eu.buildkite.site":                                           "buildkite-alt",
		"https://oidc.eks.eu-west-1.amazonaws.com/id/ABC":                           "eks",
		"https://oidc.eks.eu-west-1.amazonaws.com/id/ABC/x":                         "generic",
		"https://oidc.eks..amazonaws.com/id/":                                       "generic",
		"https://sts.windows.net/t/":                                                "entra",
		"https://sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d":              "azure-sentinel",
		"https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc": "bitbucket",
		"http://gitlab.com":                                                         "generic",
		"":                                                                          "generic",
	} {
		if got := table.For(issuer); got.ID != want || got.Issuer != issuer {
			t.Errorf("%s is %s, want %s", issuer, got.ID, want)
		}
	}
	if p := table.For("https://api.forgecroft.com"); !p.Shared || p.KeyPrefix != "api.forgecroft.com" {
		t.Errorf("%+v", p)
	}
	for claim, want := range map[string]claims.Basis{"aud": claims.BasisAWS, "org_id": claims.BasisIssuer, "iss": claims.BasisNone} {
		if _, basis, _ := table.For("https://api.forgecroft.com").Key(claim); basis != want {
			t.Errorf("%s rests on %s, want %s", claim, basis, want)
		}
	}
}

func TestATableThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"", "{}", `{"default_keys":[{"key":"aud"}]}`, "[]"} {
		if _, err := claims.LoadKeyTable([]byte(src)); err == nil {
			t.Errorf("%q was taken", src)
		}
	}
}

func TestWarningsNameWhatWouldTripAWS(t *testing.T) {
	t.Parallel()
	body := func(more string) string {
		return `{"iss":"https://idp.example.com","sub":"s","aud":"a","iat":1789123688,"exp":1789124598` + more + `}`
	}
	for name, tt := range map[string]struct{ header, payload, want string }{
		"in order":         {header, body(""), ""},
		"unsigned":         {`{"alg":"none","kid":"k"}`, body(""), "alg_none"},
		"a secret's":       {`{"alg":"HS256","kid":"k"}`, body(""), "alg_not_taken"},
		"no algorithm":     {`{"kid":"k"}`, body(""), "alg_missing"},
		"no key id":        {`{"alg":"ES256"}`, body(""), "kid_missing"},
		"critical":         {`{"alg":"RS256","kid":"k","crit":["b64"]}`, body(""), "crit"},
		"http":             {header, strings.Replace(body(""), "https:", "http:", 1), "issuer_url"},
		"a query":          {header, strings.Replace(body(""), ".com", ".com?x", 1), "issuer_url"},
		"a slash":          {header, strings.Replace(body(""), ".com", ".com/", 1), "issuer_trailing_slash"},
		"bad identity":     {header, body(`,"https://aws.amazon.com/source_identity":"a b"`), "source_identity_format"},
		"a wildcard role":  {header, body(`,"https://aws.amazon.com/roles":["arn:aws:iam::111122223333:role/*"]`), "roles_claim_format roles_claim_format"},
		"expires at birth": {header, strings.Replace(body(""), "1789124598", "1789123688", 1), "never_valid in_grace"},
		"a request token":  {header, `{"iss":"https://token.actions.githubusercontent.com","aud":"a","iat":1789123688,"exp":1789124598,"scp":"Actions.Results:a:b"}`, "request_token claim_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var codes []string
			for _, w := range claims.Describe(parse(t, encode(tt.header, tt.payload)), keyTable(t), now).Warnings {
				codes = append(codes, w.Code)
			}
			if got := strings.Join(codes, " "); got != tt.want {
				t.Errorf("warnings %q, want %q", got, tt.want)
			}
		})
	}
}
