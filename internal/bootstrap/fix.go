package bootstrap

import (
	"strings"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// awsCommand is a line for the AWS CLI that acts in t's Region, with credentials of t's
// account. IAM has no Region, but the CLI wants one for its partition.
func awsCommand(t fleet.Target, rest string) string {
	return "aws " + rest + " --region " + t.Region
}

// shellQuote makes s one word of a POSIX shell.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+=,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
