package policy

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// example is a record of testdata/trust-examples.ndjson.
type example struct {
	ID          string            `json:"id"`
	TrustPolicy json.RawMessage   `json:"trust_policy"`
	Claims      map[string]any    `json:"claims"`
	ProviderARN string            `json:"provider_arn"`
	Request     map[string]string `json:"request"`
	Expected    string            `json:"expected"`
	Reason      string            `json:"reason"`
}

func readExamples(t testing.TB) []example {
	t.Helper()
	f, err := os.Open("testdata/trust-examples.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var list []example
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// request builds the request of an example from the five claims that are condition
// keys for every OIDC provider (reference_policies_iam-condition-keys.html).
func (e example) request() Request {
	ctx := Context{}
	_, provider, _ := strings.Cut(e.ProviderARN, "oidc-provider/")
	add := func(key, claim string) {
		switch v := e.Claims[claim].(type) {
		case string:
			ctx[provider+":"+key] = []string{v}
		case []any:
			for _, item := range v {
				ctx[provider+":"+key] = append(ctx[provider+":"+key], item.(string))
			}
		}
	}
	for _, claim := range []string{"sub", "amr", "email", "aud"} {
		add(claim, claim)
	}
	add("oaud", "aud")
	add("aud", "azp")
	for key, value := range e.Request {
		ctx[key] = []string{value}
	}
	return Request{
		Action:    "sts:AssumeRoleWithWebIdentity",
		Principal: &Principal{Kind: "Federated", ID: e.ProviderARN, Account: strings.Split(e.ProviderARN, ":")[4]},
		Context:   ctx,
	}
}

func TestTrustExamplesComeOutAsDocumented(t *testing.T) {
	t.Parallel()
	examples := readExamples(t)
	if len(examples) != 60 {
		t.Fatalf("read %d examples, want 60", len(examples))
	}
	for _, e := range examples {
		t.Run(e.ID, func(t *testing.T) {
			t.Parallel()
			d, err := Parse(e.TrustPolicy)
			if err != nil {
				t.Fatal(err)
			}
			result := d.Evaluate(e.request())
			if got := result.Decision == Allowed; got != (e.Expected == "allow") {
				t.Errorf("%v, want %s: %s\n%s", result.Decision, e.Expected, e.Reason, describe(result))
			}
			if open := result.Open(); open != 0 {
				t.Errorf("rests on open rules: %v", open)
			}
			if got := d.Decide(e.request()); got != result.Decision {
				t.Errorf("Decide says %v, Evaluate %v", got, result.Decision)
			}
		})
	}
}

// describe renders a trace for a failing test.
func describe(r Result) string {
	var b strings.Builder
	for _, s := range r.Statements {
		b.WriteString(strings.Join([]string{
			string(s.Statement.Effect), s.Principal.Reason(), s.Action.Reason(), s.Resource.Reason(),
		}, "\n  ") + "\n")
		for _, c := range s.Conditions {
			b.WriteString("  " + c.Reason() + "\n")
		}
	}
	return b.String()
}
