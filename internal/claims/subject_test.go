package claims_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/forgecroft/fcoidc/internal/claims"
)

func TestTheSubjectOfEachKnownIssuerIsSplit(t *testing.T) {
	t.Parallel()
	type subject struct {
		Kind, Issuer, Sub, Source string
		Parts                     []claims.Part
	}
	for _, s := range records[subject](t, "subjects.ndjson") {
		t.Run(s.Sub, func(t *testing.T) {
			t.Parallel()
			token := parse(t, encode(header, fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":"sts.amazonaws.com","iat":1789123688,"exp":1789124598}`, s.Issuer, s.Sub)))
			d := claims.Describe(token, keyTable(t), now)
			if d.SubjectKind != s.Kind || !slices.Equal(d.SubjectParts, s.Parts) {
				t.Errorf("%s %v, want %s %v (%s)", d.SubjectKind, d.SubjectParts, s.Kind, s.Parts, s.Source)
			}
			for _, w := range d.Warnings {
				t.Errorf("warned: %+v", w)
			}
		})
	}
}

func TestASubjectOfNoKnownFormatStaysWhole(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ issuer, sub string }{
		{"https://idp.example.com", ""},
		{"https://idp.example.com", "alice"},
		{"https://idp.example.com", "https://x.example/y"},
		{"https://idp.example.com", "a:b:c"},
		{"https://token.actions.githubusercontent.com", "pull_request"},
		{"https://api.bitbucket.org/2.0/x", "{a}:b"},
		{"https://api.bitbucket.org/2.0/x", "{a}:{b}:{c}:{d}"},
		{"https://oidc.circleci.com/org/x", "org/x/project/y"},
		{"https://oidc.circleci.com/org/x", "org/x/project/y/user/z/more"},
		{"https://oidc.eks.eu-west-1.amazonaws.com/id/X", "system:serviceaccount:default"},
		{"://", "::"},
	} {
		if kind, parts, ok := claims.SplitSubject(tt.issuer, tt.sub); ok {
			t.Errorf("%s of %s was split as %s: %v", tt.sub, tt.issuer, kind, parts)
		}
	}
}
