package template

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

const uuidLength = 36 // characters, hyphens included

// uuidPattern is stricter than RFC 9562, which reads upper case as well: IAM compares a UUID with
// the token's as text.
var uuidPattern = lazyregexp.New(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func orgIDProblem(value string) string {
	if value == "" {
		return "is missing; copy it from Forgecroft, Settings, Organization"
	}
	return uuidProblem(value, "copy it from Forgecroft, Settings, Organization")
}

func workspaceProblem(value string) string {
	if value == "" {
		return ""
	}
	return uuidProblem(value, "copy the workspace's UUID from Forgecroft")
}

// uuidProblem tells the ways apart in which people get a UUID wrong.
func uuidProblem(value, source string) string {
	if uuidPattern.MatchString(value) {
		return ""
	}
	lower := strings.ToLower(value)
	if uuidPattern.MatchString(lower) {
		return fmt.Sprintf("%q must be in lower case, because AWS compares it with the token letter by letter; write %s", value, lower)
	}
	if id, err := uuid.Parse(strings.TrimSpace(value)); err == nil {
		return fmt.Sprintf("%q is a UUID in another notation than the token's; write %s", value, id)
	}
	if strings.Trim(lower, "0123456789abcdef-") == "" && strings.Contains(value, "-") && len(value) != uuidLength {
		return fmt.Sprintf("%q has %d characters and a UUID has %d; %s again", value, len(value), uuidLength, source)
	}
	return fmt.Sprintf("%q is not a UUID; %s", value, source)
}
