package awserr

import (
	"regexp"
	"strings"
	"sync"
)

const redacted = "[hidden]"

// rule replaces what pattern finds; rules run in order.
type rule struct {
	pattern *regexp.Regexp
	with    string
}

// rules are compiled on the first error, not when the program starts.
var rules = sync.OnceValue(func() []rule {
	return []rule{
		// Output of a credential process, an SSO cache or a credentials file.
		{regexp.MustCompile(`(?i)("?(?:aws_)?(?:secret_?access_?key|session_?token|access_?token|refresh_?token|client_?secret)"?\s*[:=]\s*)"?[^"\s,}]+"?`), "${1}" + redacted},
		// user:password@ of a URL, as in HTTPS_PROXY.
		{regexp.MustCompile(`://[^/@\s"]+@`), "://" + redacted + "@"},
		// A JWT is recognisable by its first characters, those of base64url(`{"`).
		{regexp.MustCompile(`eyJ[\w-]{8,}(?:\.[\w-]*){0,2}`), redacted},
		// Session tokens are base64 of several hundred characters; nothing else in a message is.
		{regexp.MustCompile(`[A-Za-z0-9+/=_%-]{120,}`), redacted},
	}
})

// scrub takes out of a text from AWS or the SDK what must not be printed, and makes it one line.
func scrub(text string) string {
	// SignatureDoesNotMatch goes on with the canonical request, which holds the header
	// x-amz-security-token.
	if i := strings.Index(text, "The Canonical String"); i >= 0 {
		text = text[:i]
	}
	text = strings.Join(strings.Fields(text), " ")
	for _, r := range rules() {
		text = r.pattern.ReplaceAllString(text, r.with)
	}
	return text
}
