package doctor_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"unicode"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// working is a set-up that AWS grants, with what may be changed in its subject.
type working struct {
	issuer, sub, aud string
	otherContext     string // the subject in another context, "" if it has none
	otherName        string // the subject of somebody else
	claims           map[string]any
	conditions       map[string]string // beside aud and sub, by claim
	withoutSub       bool              // the policy does not test sub
}

var workings = map[string]working{
	"github": {
		issuer: "token.actions.githubusercontent.com", aud: "sts.amazonaws.com", sub: "repo:acme/app:ref:refs/heads/main",
		otherContext: "repo:acme/app:environment:production", otherName: "repo:acme/website:ref:refs/heads/main",
	},
	"github with ids": {
		issuer: "token.actions.githubusercontent.com", aud: "sts.amazonaws.com", sub: "repo:acme@12/app@34:environment:prod",
		otherContext: "repo:acme@12/app@34:pull_request", otherName: "repo:acme@12/web@35:environment:prod",
	},
	"eks": {
		issuer: "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE", aud: "sts.amazonaws.com",
		sub: "system:serviceaccount:prod:my-app", otherName: "system:serviceaccount:default:my-app",
	},
	"gitlab": {
		issuer: "gitlab.example.com", aud: "https://gitlab.example.com", sub: "project_path:acme/infra/network:ref_type:branch:ref:main",
		otherContext: "project_path:acme/infra/network:ref_type:tag:ref:v1", otherName: "project_path:acme/network:ref_type:branch:ref:main",
	},
	"hcp terraform": {
		issuer: "app.terraform.io", aud: "aws.workload.identity", sub: "organization:acme:project:Default Project:workspace:network:run_phase:plan",
		otherContext: "organization:acme:project:Default Project:workspace:network:run_phase:apply",
		otherName:    "organization:acme:project:Default Project:workspace:storage:run_phase:plan",
	},
	"buildkite": {
		issuer: "agent.buildkite.com", aud: "sts.amazonaws.com", sub: "organization:acme:pipeline:api:ref:refs/heads/main:commit:9f31820:step:build",
		otherContext: "organization:acme:pipeline:api:ref:refs/heads/dev:commit:9f31820:step:build",
		otherName:    "organization:acme:pipeline:web:ref:refs/heads/main:commit:9f31820:step:build",
	},
	"circleci": {
		issuer: "oidc.circleci.com/org/6b376885-8f20-45b2-ba2f-c27c0919bc6d", aud: "6b376885-8f20-45b2-ba2f-c27c0919bc6d",
		sub:          "org/6b376885-8f20-45b2-ba2f-c27c0919bc6d/project/p1/user/u1/vcs-origin/github.com/acme/api/vcs-ref/refs/heads/main",
		otherContext: "org/6b376885-8f20-45b2-ba2f-c27c0919bc6d/project/p1/user/u1/vcs-origin/github.com/acme/api/vcs-ref/refs/heads/dev",
		otherName:    "org/6b376885-8f20-45b2-ba2f-c27c0919bc6d/project/p2/user/u1/vcs-origin/github.com/acme/api/vcs-ref/refs/heads/main",
	},
	"an issuer with a path and a slash": {
		issuer: "login.example.com/tenant/", aud: "api://aws", sub: "user|64b1", otherName: "user|64b2",
	},
	"forgecroft by subject": {
		issuer: "api.forgecroft.com", aud: "sts.amazonaws.com", sub: "org:1b4e28ba:workspace:prod-vpc:phase:plan",
		otherContext: "org:1b4e28ba:workspace:prod-vpc:phase:apply", otherName: "org:1b4e28ba:workspace:prod-db:phase:plan",
		claims: map[string]any{"phase": "plan", "org_id": "1b4e28ba", "workspace_id": "6fa459ea"},
	},
	"forgecroft by claims": {
		issuer: "api.forgecroft.com", aud: "sts.amazonaws.com", sub: "run:33333333", withoutSub: true,
		claims:     map[string]any{"phase": "plan", "org_id": "1b4e28ba-2fa1", "workspace_id": "6fa459ea"},
		conditions: map[string]string{"phase": "plan", "org_id": "1b4e28ba-2fa1", "workspace_id": "6fa459ea"},
	},
}

const (
	now     = 1789123456
	account = "111122223333"
)

type object = map[string]any

// build makes the case of a set-up.
func (w working) build() object {
	equals := object{w.issuer + ":aud": w.aud}
	if !w.withoutSub {
		equals[w.issuer+":sub"] = w.sub
	}
	for name, value := range w.conditions {
		equals[w.issuer+":"+name] = value
	}
	claims := object{"iss": "https://" + w.issuer, "aud": w.aud, "sub": w.sub, "iat": now - 10, "exp": now + 600}
	maps.Copy(claims, w.claims)
	return object{
		"trust_policy": object{"Version": "2012-10-17", "Statement": []any{object{
			"Effect": "Allow", "Principal": object{"Federated": "arn:aws:iam::" + account + ":oidc-provider/" + w.issuer},
			"Action": trust.Action, "Condition": object{"StringEquals": equals},
		}}},
		"claims": claims, "header": object{"alg": "RS256", "kid": "k1"}, "now": now,
		"jwks":     object{"keys": []any{object{"kty": "RSA", "kid": "k1", "use": "sig", "alg": "RS256", "verifies": true}}},
		"provider": object{"exists": true, "url": "https://" + w.issuer, "client_ids": []any{w.aud}},
		"role":     object{"arn": "arn:aws:iam::" + account + ":role/deploy", "max_session_duration": 3600},
		"request":  object{"RoleSessionName": "session", "RoleArn": "arn:aws:iam::" + account + ":role/deploy", "DurationSeconds": 3600},
	}
}

func statement(c object) object { return c["trust_policy"].(object)["Statement"].([]any)[0].(object) }

func equals(c object) object { return statement(c)["Condition"].(object)["StringEquals"].(object) }

// mutation is one change of a working set-up, with the cause that it makes.
type mutation struct {
	name, cause string
	change      func(c object)
}

// otherCases are a text with the case of one letter changed, one for each letter.
func otherCases(s string) (list []string) {
	for i, r := range s {
		swapped := unicode.ToUpper(r)
		if swapped == r {
			swapped = unicode.ToLower(r)
		}
		if swapped != r {
			list = append(list, s[:i]+string(swapped)+s[i+len(string(r)):])
		}
	}
	return list
}

func (w working) mutations() (list []mutation) {
	add := func(cause, name string, change func(c object)) { list = append(list, mutation{name, cause, change}) }
	set := func(claim, value string) func(object) {
		return func(c object) { equals(c)[w.issuer+":"+claim] = value }
	}
	for _, s := range otherCases(w.aud) {
		add("aud_condition_mismatch", "aud "+s, set("aud", s))
	}
	if !w.withoutSub {
		list = append(list, w.subjectMutations(set)...)
	}
	if org := w.conditions["org_id"]; org != "" {
		for _, s := range otherCases(org) {
			add("org_id_case_mismatch", "org_id "+s, set("org_id", s))
		}
		add("org_id_mismatch", "org_id of another", set("org_id", "2c5f39cb-3ab2"))
		add("phase_mismatch", "phase apply", set("phase", "apply"))
		add("workspace_mismatch", "another workspace", set("workspace_id", "70b560fb"))
	}
	list = append(list, w.policyMutations()...)
	return append(list, w.factMutations()...)
}

func (w working) subjectMutations(set func(claim, value string) func(object)) (list []mutation) {
	add := func(cause, name string, change func(c object)) { list = append(list, mutation{name, cause, change}) }
	for _, s := range otherCases(w.sub) {
		add("sub_case_mismatch", "sub "+s, set("sub", s))
	}
	for i := 4; i < len(w.sub); i += 5 {
		add("wildcard_without_like", "sub "+w.sub[:i]+"*", set("sub", w.sub[:i]+"*"))
	}
	add("sub_name_mismatch", "somebody else", set("sub", w.otherName))
	if w.otherContext != "" {
		add("sub_context_mismatch", "another context", set("sub", w.otherContext))
	}
	add("condition_key_wrong_claim", "values of aud and sub swapped", func(c object) {
		set("aud", w.sub)(c)
		set("sub", w.aud)(c)
	})
	add("condition_key_wrong_claim", "the subject under aud", func(c object) {
		delete(equals(c), w.issuer+":sub")
		set("aud", w.sub)(c)
	})
	return list
}

func (w working) policyMutations() (list []mutation) {
	add := func(cause, name string, change func(c object)) { list = append(list, mutation{name, cause, change}) }
	arn := "arn:aws:iam::" + account + ":oidc-provider/" + w.issuer
	for name, principal := range map[string]any{
		"URL for ARN": object{"Federated": w.issuer}, "another account": object{"Federated": strings.Replace(arn, account, "999988887777", 1)},
		"another partition": object{"Federated": strings.Replace(arn, "arn:aws:", "arn:aws-cn:", 1)}, "role": object{"AWS": "arn:aws:iam::" + account + ":role/x"},
		"service": object{"Service": "ec2.amazonaws.com"}, "slash": object{"Federated": toggleSlash(arn)}, "SAML": object{"Federated": "arn:aws:iam::" + account + ":saml-provider/x"},
		"letter lost": object{"Federated": arn[:len(arn)-3] + arn[len(arn)-2:]},
	} {
		add("principal_wrong", "principal: "+name, func(c object) { statement(c)["Principal"] = principal })
	}
	for _, s := range otherCases(w.issuer)[:3] {
		add("principal_wrong", "principal in other case "+s, func(c object) {
			statement(c)["Principal"] = object{"Federated": strings.Replace(arn, w.issuer, s, 1)}
		})
	}
	for _, action := range []any{"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentit", "sts:TagSession", []any{"sts:AssumeRole", "sts:TagSession"}} {
		add("action_wrong", fmt.Sprint("action ", action), func(c object) { statement(c)["Action"] = action })
	}
	for name, prefix := range map[string]string{
		"scheme": "https://" + w.issuer, "ARN": arn, "slash": toggleSlash(w.issuer), "another host": "x." + w.issuer, "none": "",
	} {
		add("condition_key_prefix", "key prefix: "+name, func(c object) {
			keys := object{}
			for key, value := range equals(c) {
				keys[strings.TrimPrefix(strings.Replace(key, w.issuer, prefix, 1), ":")] = value
			}
			statement(c)["Condition"] = object{"StringEquals": keys}
		})
	}
	add("condition_key_unsupported", "key of no claim", func(c object) { equals(c)[w.issuer+":iss"] = "https://" + w.issuer })
	return list
}

func toggleSlash(s string) string {
	if cut, ok := strings.CutSuffix(s, "/"); ok {
		return cut
	}
	return s + "/"
}

func (w working) factMutations() (list []mutation) {
	add := func(cause, name string, change func(c object)) { list = append(list, mutation{name, cause, change}) }
	at := func(object_, name string, value any) func(c object) {
		return func(c object) { c[object_].(object)[name] = value }
	}
	add("provider_missing", "no provider", func(c object) { c["provider"] = object{"exists": false} })
	add("issuer_url_mismatch", "provider with another slash", at("provider", "url", toggleSlash("https://"+w.issuer)))
	add("issuer_url_mismatch", "provider of another host", at("provider", "url", "https://x."+w.issuer))
	add("aud_not_in_provider", "another client id", at("provider", "client_ids", []any{w.aud + "x"}))
	add("aud_not_in_provider", "no client id", at("provider", "client_ids", []any{}))
	add("token_expired", "expired", at("claims", "exp", now-400))
	add("token_not_yet_valid", "iat ahead", at("claims", "iat", now+400))
	add("token_not_yet_valid", "nbf ahead", at("claims", "nbf", now+400))
	add("token_claim_missing", "no aud", func(c object) { delete(c["claims"].(object), "aud") })
	add("token_claim_missing", "no sub", func(c object) { delete(c["claims"].(object), "sub") })
	add("token_claim_missing", "no exp", func(c object) { delete(c["claims"].(object), "exp") })
	add("token_alg_unsupported", "PS256", at("header", "alg", "PS256"))
	add("token_alg_unsupported", "none", at("header", "alg", "none"))
	add("jwks_key_missing", "another kid", at("header", "kid", "k2"))
	add("jwks_key_missing", "no key", at("jwks", "keys", []any{}))
	add("duration_exceeds_max", "two hours", at("request", "DurationSeconds", 7200))
	add("session_name_invalid", "slash in the session's name", at("request", "RoleSessionName", "a/b"))
	add("session_name_invalid", "long session name", at("request", "RoleSessionName", strings.Repeat("a", 65)))
	add("role_arn_invalid", "no ARN", at("request", "RoleArn", "role/deploy"))
	add("role_arn_invalid", "account too short", at("request", "RoleArn", "arn:aws:iam::11112222333:role/deploy"))
	add("tag_session_missing", "session tags", at("claims", "https://aws.amazon.com/tags", object{"principal_tags": object{"team": []any{"a"}}}))
	add("discovery_unreachable", "unreachable", func(c object) { c["discovery"] = object{"reachable_from_aws": false} })
	add("discovery_unreachable", "404", func(c object) { c["discovery"] = object{"status": 404} })
	add("org_policy_deny", "RCP", func(c object) {
		c["organization"] = object{"rcp": []any{object{"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*"}}}
	})
	return list
}

func TestASetUpThatWorksHasNoCauseAndOneThatIsChangedOnceHasThatOne(t *testing.T) {
	t.Parallel()
	for name, w := range workings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judge := newJudge(t, trust.KeysIssuer)
			if codes, v := causesOf(t, judge, w.build()); v.Decision != exchange.Allow || len(codes) != 0 {
				t.Fatalf("unchanged: %s, %v", v.Decision, codes)
			}
			for _, m := range w.mutations() {
				c := w.build()
				m.change(c)
				codes, v := causesOf(t, judge, c)
				if v.Decision != exchange.Deny || len(codes) == 0 || codes[0] != m.cause {
					t.Errorf("%s: %s, want %s first: %v", m.name, v.Decision, m.cause, codes)
				}
				// Statements for others beside it change nothing.
				c["trust_policy"].(object)["Statement"] = append(strangers(), statement(c))
				if codes, _ := causesOf(t, judge, c); len(codes) == 0 || codes[0] != m.cause {
					t.Errorf("%s, beside other statements: want %s first: %v", m.name, m.cause, codes)
				}
				// The same once more by somebody who saw AWS's answer.
				c["symptom"] = object{"error_code": v.Code, "message": "An error occurred when calling the operation: " + v.Message}
				if codes, _ := causesOf(t, judge, c); len(codes) == 0 || codes[0] != m.cause {
					t.Errorf("%s, seen as %s %q: want %s first: %v", m.name, v.Code, v.Message, m.cause, codes)
				}
			}
		})
	}
}

// strangers are statements for a service and for another issuer's tokens.
func strangers() []any {
	return []any{
		object{"Effect": "Allow", "Principal": object{"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
		object{
			"Effect": "Allow", "Principal": object{"Federated": "arn:aws:iam::" + account + ":oidc-provider/idp.other.example"}, "Action": trust.Action,
			"Condition": object{"StringEquals": object{"idp.other.example:aud": "sts.amazonaws.com", "idp.other.example:sub": "somebody"}},
		},
	}
}

func TestAPatternThatNamesAnotherIsDiagnosedAsAnExactSubjectIs(t *testing.T) {
	t.Parallel()
	judge := newJudge(t, trust.KeysIssuer)
	for name, p := range map[string]struct{ pattern, context, other string }{
		"github":        {"repo:acme/app:*", "", "repo:acme/website:*"},
		"eks":           {"system:serviceaccount:prod:my-*", "", "system:serviceaccount:default:*"},
		"gitlab":        {"project_path:acme/infra/network:ref_type:branch:ref:m*", "project_path:acme/infra/network:ref_type:tag:ref:*", "project_path:acme/network:*"},
		"hcp terraform": {"organization:acme:project:*:workspace:network:run_phase:*", "organization:acme:*:workspace:network:run_phase:apply", "organization:acme:project:*:workspace:storage:run_phase:*"},
		"buildkite":     {"organization:acme:pipeline:api:*", "organization:acme:pipeline:api:ref:refs/tags/*", "organization:acme:pipeline:web:*"},
	} {
		for cause, patterns := range map[string][]string{"sub_case_mismatch": otherCases(p.pattern), "sub_context_mismatch": {p.context}, "sub_name_mismatch": {p.other}} {
			for _, pattern := range patterns {
				if pattern == "" {
					continue
				}
				w := workings[name]
				c := w.build()
				delete(equals(c), w.issuer+":sub")
				statement(c)["Condition"].(object)["StringLike"] = object{w.issuer + ":sub": []any{"x:" + p.other, pattern}}
				if codes, v := causesOf(t, judge, c); v.Decision != exchange.Deny || len(codes) == 0 || codes[0] != cause {
					t.Errorf("%s, %s: want %s first: %v", name, pattern, cause, codes)
				}
			}
		}
	}
}

func TestTheCaseOfConditionKeysDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, w := range workings {
		c := w.build()
		keys := object{}
		for key, value := range equals(c) {
			keys[strings.ToUpper(key)] = value
		}
		statement(c)["Condition"] = object{"StringEquals": keys}
		if codes, v := causesOf(t, newJudge(t, trust.KeysIssuer), c); v.Decision != exchange.Allow || len(codes) != 0 {
			t.Errorf("%s: %s, %v", name, v.Decision, codes)
		}
	}
}

func causesOf(t testing.TB, judge *exchange.Judge, whole object) ([]string, *exchange.Verdict) {
	t.Helper()
	src, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	c := read(t, src)
	v := judge.Verdict(c)
	return diagnose(t, c, v), v
}
