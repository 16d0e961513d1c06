package trust

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// weakness is why a condition does not hold strangers off.
type weakness uint8

const (
	strong     weakness = iota
	ifExists            // true without the key
	forAll              // true without the key
	negated             // true without the key and for all values but a few
	matchesAll          // a pattern of wildcards alone
	reaches             // a wildcard that reaches out of its part of the value
)

// code returns the code of a hole by the weakness.
func (w weakness) code() string {
	return [...]string{"", GuardIfExists, GuardForAllValues, GuardNegated, WildcardMatchesAll, WildcardOverSeparator}[w]
}

// weaknessOf returns how a condition is written so that it lets more through than it seems to.
// closed says of a pattern whether its wildcards stay where they belong.
func weaknessOf(c *policy.Condition, closed func(policy.Pattern) bool) weakness {
	switch op := c.Operator; {
	case op.Family == policy.NullFamily:
		return strong
	case op.Negated:
		return negated
	case op.IfExists:
		return ifExists
	case op.Set == policy.ForAllValues:
		return forAll
	}
	worst := strong
	for i := range c.Values {
		p, ok := c.ValuePattern(i)
		if !ok || !hasWildcard(p) {
			continue
		}
		if allWild(p) {
			return matchesAll
		}
		if !closed(p) {
			worst = reaches
		}
	}
	return worst
}

func hasWildcard(p policy.Pattern) bool { return prefixLength(p) < len(p.Symbols) }

// prefixLength is how many characters stand in front of the first wildcard.
func prefixLength(p policy.Pattern) int {
	if i := slices.IndexFunc(p.Symbols, func(s policy.Symbol) bool { return s.Kind != policy.OneChar }); i >= 0 {
		return i
	}
	return len(p.Symbols)
}

func allWild(p policy.Pattern) bool {
	run := false
	for _, s := range p.Symbols {
		if s.Kind == policy.OneChar {
			return false
		}
		run = run || s.Kind == policy.AnyRun || s.Kind == policy.AnyRunButColon
	}
	return run
}

// text writes characters of a pattern.
func text(symbols []policy.Symbol) string {
	var b strings.Builder
	for _, s := range symbols {
		b.WriteRune(s.Char)
	}
	return b.String()
}

func isSeparator(r rune) bool { return r == ':' || r == '/' }

// closesTenant reports whether a pattern for the key is matched by values of one tenant only:
// it has no wildcard, or none before the end of the part that names the tenant.
//
// In a subject that part is the second one (repo:OWNER/…, organization:NAME:…, org/ID/…), for
// Kubernetes the third (system:serviceaccount:NAMESPACE:…); a workflow reference and a
// repository begin with it. Other claims are an identifier as a whole.
func closesTenant(key, tenant string) func(policy.Pattern) bool {
	return func(p policy.Pattern) bool {
		if !hasWildcard(p) {
			return true
		}
		prefix := text(p.Symbols[:prefixLength(p)])
		if at := strings.Index(prefix, tenant); tenant != "" && at >= 0 {
			if rest := prefix[at+len(tenant):]; rest != "" && isSeparator(rune(rest[0])) {
				return true
			}
		}
		need := 0
		switch {
		case strings.HasSuffix(key, ":sub") && strings.HasPrefix(prefix, "system:serviceaccount:"):
			need = 3
		case strings.HasSuffix(key, ":sub"):
			need = 2
		case strings.HasSuffix(key, ":job_workflow_ref"), strings.HasSuffix(key, ":repository"):
			need = 1
		}
		return need > 0 && strings.Count(prefix, ":")+strings.Count(prefix, "/") >= need
	}
}

// staysInPart reports whether each wildcard of a subject's pattern stands for whole parts at
// its end, as in repo:acme/infra:*. One in the middle of a part, or with more to follow, also
// matches values in which a separator stands inside what the wildcard takes.
func staysInPart(p policy.Pattern) bool {
	for i, s := range p.Symbols {
		if s.Kind != policy.AnyRun {
			continue
		}
		if i != len(p.Symbols)-1 || i == 0 || !isSeparator(p.Symbols[i-1].Char) || p.Symbols[i-1].Kind != policy.OneChar {
			return false
		}
	}
	return true
}
