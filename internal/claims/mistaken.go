package claims

import (
	"strings"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// mistakes are the things that end up where a token belongs. The first that matches counts.
var mistakes = []struct {
	pattern      *lazyregexp.Regexp
	reason, hint string
}{
	{lazyregexp.New(`^-----BEGIN `), "is a PEM block, a key or a certificate", "if it is a private key, it does not belong on a command line or in a log"},
	{lazyregexp.New(`\b(AKIA|ASIA)[A-Z2-7]{16}\b`), "is an AWS access key id, no token", "if its secret was pasted along, deactivate the key"},
	{lazyregexp.New(`^(IQoJ|FwoG|FQoG)[A-Za-z0-9+/=]{100,}$`), "is the session token of AWS credentials, which are the result of an exchange, not its token", ""},
	{lazyregexp.New(`^[A-Za-z0-9/+]{40}$`), "has the form of an AWS secret access key, no token", "if it is one, deactivate the key"},
	{lazyregexp.New(`^(gh[oprsu]_|github_pat_)`), "is an access token of GitHub's API, not an ID token", "a job gets an ID token with permissions: id-token: write"},
	{lazyregexp.New(`^gl(pat|cbt|ptt|rt|ft)-`), "is an access token of GitLab's API, not an ID token", "a job gets an ID token with id_tokens: in .gitlab-ci.yml"},
	{lazyregexp.New(`^(\$\{?|%|\$env:)[A-Za-z_]|^\$\{\{`), "is a variable that nothing replaced", "see how the shell or the pipeline expands it"},
	{lazyregexp.New(`^https?://`), "is a URL, no token", ""},
	{lazyregexp.New(`^(<|PHNhbW|PD94bW)`), "is XML or HTML, such as a SAML response or an error page, no token", ""},
	{lazyregexp.New(`^(~|\.{1,2})?/[^\s]+$|^[A-Za-z]:[\\/]|^\\\\|^[^\s]+\.(jwt|txt|token|json|pem)$|^[^\s/]+(/[^\s/]+)+$`), "looks like the path of a file, no token", "fcoidc decode --token-file FILE"},
}

// mistaken says what text is instead of a token, nil if it cannot tell.
func mistaken(text string) error {
	bare := strings.Trim(text, blanks+"\"'`")
	for _, m := range mistakes {
		if m.pattern.MatchString(bare) {
			return &FormatError{Part: "input", Reason: m.reason, hint: m.hint}
		}
	}
	return nil
}
