package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	testAccount  = "111122223333"
	testProvider = "arn:aws:iam::111122223333:oidc-provider/api.forgecroft.com"
	webIdentity  = "sts:AssumeRoleWithWebIdentity"
)

// forgecroftTrust is a trust policy as Forgecroft documents it for its plan role.
const forgecroftTrust = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Plan",
      "Effect": "Allow",
      "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/api.forgecroft.com"},
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "api.forgecroft.com:aud": "sts.amazonaws.com",
          "api.forgecroft.com:phase": ["plan"],
          "api.forgecroft.com:org_id": "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"
        }
      }
    }
  ]
}
`

func forgecroftRequest(phase string) Request {
	return webRequest(Context{
		"api.forgecroft.com:aud":    {"sts.amazonaws.com"},
		"api.forgecroft.com:sub":    {"org:acme:workspace:net-prod:phase:" + phase},
		"api.forgecroft.com:phase":  {phase},
		"api.forgecroft.com:org_id": {"1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"},
	})
}

func webRequest(ctx Context) Request {
	return Request{
		Action:    webIdentity,
		Principal: &Principal{Kind: "Federated", ID: testProvider, Account: testAccount},
		Context:   ctx,
	}
}

func parse(t testing.TB, src string) *Document {
	t.Helper()
	d, err := Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// trusting returns a trust policy of one Allow with the given condition, in which P:
// stands for the provider's name.
func trusting(version, condition string) string {
	return policyOf(version, statementOf("Allow", condition))
}

func policyOf(version string, statements ...string) string {
	if version != "" {
		version = fmt.Sprintf(`"Version": %q, `, version)
	}
	return expandProvider(fmt.Sprintf(`{%s"Statement": [%s]}`, version, strings.Join(statements, ", ")))
}

func statementOf(effect, condition string) string {
	if condition != "" {
		condition = `, "Condition": ` + condition
	}
	return fmt.Sprintf(`{"Effect": %q, "Principal": {"Federated": %q}, "Action": %q%s}`, effect, testProvider, webIdentity, condition)
}

func expandProvider(s string) string {
	return strings.NewReplacer(`"P:`, `"api.forgecroft.com:`, `${P:`, `${api.forgecroft.com:`).Replace(s)
}

// contextOf reads {"P:sub": "x", "P:amr": ["a", "b"]}.
func contextOf(t testing.TB, src string) Context {
	t.Helper()
	var raw map[string]any
	if err := json.Unmarshal([]byte(expandProvider(src)), &raw); err != nil {
		t.Fatalf("context %s: %v", src, err)
	}
	ctx := Context{}
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			ctx[key] = []string{v}
		case []any:
			ctx[key] = []string{}
			for _, item := range v {
				ctx[key] = append(ctx[key], item.(string))
			}
		}
	}
	return ctx
}
