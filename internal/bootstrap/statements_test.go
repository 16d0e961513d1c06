package bootstrap

import "testing"

func TestSpellingOfAStatementDoesNotMatter(t *testing.T) {
	t.Parallel()
	a := statementsOf(map[string]any{"Statement": []any{map[string]any{
		"Sid": "One", "Effect": "Allow", "Action": []any{"sts:AssumeRoleWithWebIdentity"},
		"Condition": map[string]any{"StringEquals": map[string]any{"k": []any{"b", "a"}}},
	}}})
	b := statementsOf(`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"k":["a","b"]}}}}`)
	if len(a) != 1 || len(b) != 1 {
		t.Fatalf("got %d and %d statements", len(a), len(b))
	}
	for s := range a {
		if _, ok := b[s]; !ok {
			t.Errorf("two spellings of one statement differ: %v and %v", a, b)
		}
	}
}

func TestStatementsInWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		words func(map[string]any) string
		in    string
		want  string
	}{
		{trustWords, `{"Principal":{"Federated":"arn:aws:iam::1:oidc-provider/h/p"},"Condition":{"StringLike":{"h/p:sub":"a*"}}}`, "tokens of h/p where h/p:sub is like a*"},
		{trustWords, `{"Principal":{"Federated":"arn:aws:iam::1:oidc-provider/h"}}`, "tokens of h without a condition"},
		{trustWords, `{"Principal":{"AWS":"*"}}`, `{"AWS":"*"} without a condition`},
		{permissionWords, `{"Effect":"Deny","NotAction":["iam:*"],"Resource":"*"}`, "everything but iam:* on *"},
		{permissionWords, `{"Effect":"Allow","Action":["b:*","a:*"],"Resource":"*","Condition":{"Bool":{"x":"true"}}}`, "a:* or b:* on * where x Bool true"},
	}
	for _, tt := range tests {
		for _, statement := range statementsOf(`{"Statement":` + tt.in + `}`) {
			if got := tt.words(statement); got != tt.want {
				t.Errorf("%s\ngot  %s\nwant %s", tt.in, got, tt.want)
			}
		}
	}
}
