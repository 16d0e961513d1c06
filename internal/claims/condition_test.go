package claims_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/internal/claims"
)

func TestAConditionAdmitsTokensLikeThisOne(t *testing.T) {
	t.Parallel()
	table := keyTable(t)
	generic := `{"iss":"https://idp.example.com","sub":"a${aws:x}*?","aud":["client"],"amr":["mfa","pwd"]`
	for name, tt := range map[string]struct {
		raw   string
		names []string
		want  string
	}{
		"Forgecroft's own three": {
			forgecroftToken(""), nil,
			`{"StringEquals":{"api.forgecroft.com:aud":"sts.amazonaws.com","api.forgecroft.com:org_id":"11111111-1111-1111-1111-111111111111","api.forgecroft.com:phase":"plan"}}`,
		},
		"chosen claims":              {forgecroftToken(""), []string{"workspace_id"}, `{"StringEquals":{"api.forgecroft.com:workspace_id":"22222222-2222-2222-2222-222222222222"}}`},
		"no variable, no wildcard":   {encode(header, generic+`}`), nil, `{"StringEquals":{"idp.example.com:aud":"client","idp.example.com:sub":"a${$}{aws:x}*?"}}`},
		"azp instead of aud":         {encode(header, generic+`,"azp":"party"}`), []string{"azp", "aud"}, `{"StringEquals":{"idp.example.com:aud":"party","idp.example.com:oaud":"client"}}`},
		"several values":             {encode(header, generic+`}`), []string{"amr"}, `{"ForAllValues:StringEquals":{"idp.example.com:amr":["mfa","pwd"]},"Null":{"idp.example.com:amr":"false"}}`},
		"a subject that is a number": {encode(header, `{"iss":"https://idp.example.com","sub":123}`), []string{"sub"}, `{"StringEquals":{"idp.example.com:sub":"123"}}`},
		"session tags": {
			encode(header, generic+`,"https://aws.amazon.com/tags":{"principal_tags":{"phase":["plan"],"org_id":["x"]}}}`),
			[]string{"https://aws.amazon.com/tags"},
			`{"ForAllValues:StringEquals":{"aws:TagKeys":["phase","org_id"]},"StringEquals":{"aws:RequestTag/org_id":"x","aws:RequestTag/phase":"plan"}}`,
		},
		"pinned roles": {encode(header, generic+`,"https://aws.amazon.com/roles":"arn:aws:iam::111122223333:role/r"}`), []string{"https://aws.amazon.com/roles"}, `{"Bool":{"sts:RoleAuthorizedByIdp":"true"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := parse(t, tt.raw)
			p := table.For(token.Issuer())
			got, err := claims.AsCondition(token, p, tt.names)
			if err != nil {
				t.Fatal(err)
			}
			if s := compact(t, got); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
			text, err := claims.AsConditionYAML(token, p, tt.names)
			if err != nil {
				t.Fatal(err)
			}
			var doc struct {
				Condition map[string]any `yaml:"Condition"`
			}
			if err := yaml.Unmarshal(text, &doc); err != nil {
				t.Fatal(err)
			}
			fromYAML, err := json.Marshal(doc.Condition)
			if s := compact(t, fromYAML); err != nil || s != tt.want {
				t.Errorf("YAML says %s", s)
			}
		})
	}
}

// compact rewrites JSON without blanks and without escapes for HTML.
func compact(t *testing.T, src []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(src, &v); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

func TestTheYAMLOfAConditionReadsLikeTheTemplates(t *testing.T) {
	t.Parallel()
	token := parse(t, forgecroftToken(""))
	got, err := claims.AsConditionYAML(token, keyTable(t).For(token.Issuer()), nil)
	const want = `Condition:
  StringEquals:
    api.forgecroft.com:aud: sts.amazonaws.com
    api.forgecroft.com:org_id: 11111111-1111-1111-1111-111111111111
    api.forgecroft.com:phase: plan
`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestAClaimThatNoConditionCanCompareIsRefused(t *testing.T) {
	t.Parallel()
	token := parse(t, encode(header, `{"iss":"https://token.actions.githubusercontent.com","sub":"s","aud":["a","b"],"repository_owner":"o","ref":{},"https://aws.amazon.com/tags":{"principal_tags":{"a":"b"}}}`))
	p := keyTable(t).For(token.Issuer())
	for claim, want := range map[string]string{
		"iss":                         "Federated principal",
		"repository_owner":            "becomes no condition key",
		"nothing":                     "is not in the token",
		"aud":                         "no single value",
		"ref":                         "no single value",
		"https://aws.amazon.com/tags": "not in the form that STS takes",
	} {
		_, err := claims.AsCondition(token, p, []string{claim})
		if e, ok := errors.AsType[*claims.ClaimError](err); !ok || e.Claim != claim || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v does not say %q", claim, err, want)
		}
		if _, err := claims.AsConditionYAML(token, p, []string{claim}); err == nil {
			t.Errorf("%s passes in YAML", claim)
		}
	}
	_, err := claims.AsCondition(token, p, []string{"repository_owner"})
	if e, ok := errors.AsType[*claims.ClaimError](err); !ok || !strings.Contains(e.Hint(), "sub") {
		t.Errorf("no hint at claims that serve: %v", err)
	}
}
