package escape_test

import (
	"testing"

	"github.com/forgecroft/fcoidc/internal/escape"
)

func TestAShellWordIsQuotedOnlyWhereItMustBe(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                        "''",
		"arn:aws:iam::1:role/a@b": "arn:aws:iam::1:role/a@b",
		"a b":                     "'a b'",
		"it's":                    `'it'\''s'`,
		"$(reboot)":               "'$(reboot)'",
		"https://a/?b=c":          "'https://a/?b=c'",
	} {
		if got := escape.Shell(s); got != want {
			t.Errorf("%q becomes %s, want %s", s, got, want)
		}
	}
}
