package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// mended is the condition or the command that makes the exchange work. at is the index of the
// condition's value that comes closest.
func (d *diagnoser) mended(c *policy.ConditionTrace, cause, name string, at int, found string) string {
	key, operator := c.Condition.Key.Text, c.Condition.OperatorName.Text
	expected := c.Expected()[at].Text
	switch cause {
	case "wildcard_without_like":
		like := strings.Replace(c.Condition.Operator.String(), "StringEquals", "StringLike", 1)
		values := valueTexts(c)
		values[at] = recase(values[at], found)
		return d.conditionFix(strings.Replace(like, "IgnoreCase", "", 1), key, values)
	case "condition_key_wrong_claim":
		return d.movedFix(c, d.otherClaim(strings.ToLower(name), expected, found), name, expected, found)
	case valuePlaceholder:
		return d.replaced(c, at, found)
	case valueSpelling:
		if plain := plainText(expected); strings.HasSuffix(operator, "StringLike") && policy.Like(plain, found) {
			return d.replaced(c, at, plain)
		}
		return d.replaced(c, at, found)
	case "phase_mismatch":
		return phaseFix
	case "org_id_case_mismatch":
		return "fcoidc bootstrap --org-id " + escape.Shell(found) + " --allow-trust-change"
	case "org_id_mismatch":
		return "compare with Forgecroft → Settings → Organization; if the token's is yours: fcoidc bootstrap --org-id " + escape.Shell(found) + " --allow-trust-change"
	case "workspace_mismatch":
		return "fcoidc bootstrap --workspace-id UUID-OF-THE-WORKSPACE --allow-trust-change"
	case "aud_condition_mismatch":
		if d.c.Token.AZP() != "" && slices.Contains(d.c.Token.Audience(), expected) {
			return d.conditionFix(operator, d.v.Provider.KeyPrefix+":oaud", []string{expected})
		}
		if expected == forgecroftAudience && d.otherAudience(found) {
			return otherAudienceFix
		}
	case "sub_case_mismatch":
		if fix := d.subjectFix(found); fix != "" {
			return fix
		}
		values := valueTexts(c)
		values[at] = recase(values[at], found)
		return d.conditionFix(operator, key, values)
	case "sub_context_mismatch", "sub_name_mismatch", "sub_format_changed":
		if fix := d.subjectFix(found); fix != "" {
			return fix
		}
		value := d.adapted(expected, found, operator)
		if strings.Contains(expected, "phase:") && strings.Contains(found, "phase:") && cause == "sub_context_mismatch" {
			return "let the run assume the role that is made for its phase; to admit both phases to this one:\n" + d.conditionFix(operator, key, append(valueTexts(c), value))
		}
		return d.withValue(c, value)
	}
	return d.withValue(c, found)
}

// withValue is the condition with one value more, or with that value where it has one only: of a
// list the others are somebody's, too.
func (d *diagnoser) withValue(c *policy.ConditionTrace, value string) string {
	values := valueTexts(c)
	if len(values) > 1 {
		return d.conditionFix(c.Condition.OperatorName.Text, c.Condition.Key.Text, append(values, value))
	}
	return d.valueFix(c, value)
}

// adapted is the policy's pattern with the token's names in it, as far as that makes it match;
// else it is the token's subject.
func (d *diagnoser) adapted(expected, found, operator string) string {
	s, ok := splitSubject(d.c.Token.Issuer(), found)
	if !ok || len(s.parts) > maxParts || !strings.HasSuffix(operator, "StringLike") {
		return found
	}
	pattern := repositoryID.ReplaceAllString(expected, "")
	for _, p := range s.parts[:s.lead()] {
		plain := repositoryID.ReplaceAllString(p.Value, "")
		owner, _, _ := strings.Cut(p.Value, "/")
		for _, candidate := range []string{
			strings.Replace(pattern, plain, p.Value, 1),
			strings.Replace(pattern, repositoryID.ReplaceAllString(owner, "")+"/", owner+"/", 1),
			renamed(expected, s, p),
		} {
			if policy.Like(candidate, found) {
				return candidate
			}
		}
	}
	return found
}

// renamed is a policy's value with the token's value for one part.
func renamed(expected string, s subject, p claims.Part) string {
	if s.pair == "" {
		return expected
	}
	before, after, ok := strings.Cut(expected, p.Name+s.pair)
	if !ok {
		return expected
	}
	_, rest, more := strings.Cut(after, s.sep)
	if more {
		rest = s.sep + rest
	}
	return before + p.Name + s.pair + p.Value + rest
}

const phaseFix = "let plan runs assume the plan role and apply runs the apply role: fcoidc outputs prints both ARNs"

// movedFix puts a value under the key of the claim that it is meant for, where AWS makes a key of
// that; else the key gets the value that the token has for it.
func (d *diagnoser) movedFix(c *policy.ConditionTrace, other, name, expected, found string) string {
	if !d.counts(other) {
		return d.valueFix(c, found)
	}
	if name == "sub" && other == "aud" {
		// the subject is then not tested at all: it needs a condition of its own
		audience, subject := d.keyFix(d.v.Provider.KeyPrefix+":aud", []string{expected}), d.keyFix(c.Condition.Key.Text, []string{found})
		return fmt.Sprintf(`"%s": {%s, %s}`, c.Condition.OperatorName.Text, audience, subject)
	}
	return d.conditionFix(c.Condition.OperatorName.Text, d.v.Provider.KeyPrefix+":"+other, []string{expected})
}

// subjectFix is what a Forgecroft account is to do about another subject. Its two roles stand for
// the two phases: to paste the token's subject into the policy of the other role would let plan
// runs write.
func (d *diagnoser) subjectFix(found string) string {
	if !d.forgecroft() {
		return ""
	}
	phase := textClaim(d.c, "phase")
	other := map[string]string{"plan": "apply", "apply": "plan"}[phase]
	if other == "" || !strings.Contains(found, phase) {
		return ""
	}
	if d.phaseDiffers(phase, other) {
		return phaseFix
	}
	i := strings.LastIndex(found, phase)
	subjects := map[string]string{phase: found, other: found[:i] + other + found[i+len(phase):]}
	return "if the token's organization and workspace are yours: fcoidc bootstrap --trust-mode subject --plan-subject " + escape.Shell(subjects["plan"]) +
		" --apply-subject " + escape.Shell(subjects["apply"]) + " --allow-trust-change"
}

// otherModeFix is the trust mode that needs no key but AWS's, if the token at hand carries what that
// mode tests. Without it the mode would lock everybody out, or let other tenants in.
func (d *diagnoser) otherModeFix() string {
	org, phase, subject := textClaim(d.c, "org_id"), textClaim(d.c, "phase"), d.c.Token.Subject()
	if org != "" && strings.Contains(subject, org) {
		if fix := d.subjectFix(subject); fix != "" {
			return fix
		}
	}
	tags, _, problems := d.c.Token.SessionTags()
	tagged := func(key, value string) bool {
		return value != "" && slices.Contains(tags, claims.Tag{Key: key, Value: value})
	}
	if len(problems) == 0 && tagged("org_id", org) && tagged("phase", phase) {
		return "fcoidc bootstrap --trust-mode session-tags --allow-trust-change"
	}
	return "ask the issuer for tokens whose sub names the organization and the phase, which this one's does not; then bootstrap's --trust-mode subject tests it"
}

// phaseDiffers reports whether the trust policy would admit the same token of the other phase.
func (d *diagnoser) phaseDiffers(phase, other string) bool {
	for i := range d.v.Trace.Statements {
		s := &d.v.Trace.Statements[i]
		for j := range s.Conditions {
			c := &s.Conditions[j]
			if _, name, _ := d.splitKey(c.Condition.Key.Text); c.Holds || !strings.EqualFold(name, "sub") || len(c.Found) != 1 {
				continue
			}
			k := strings.LastIndex(c.Found[0], phase)
			if k < 0 {
				continue
			}
			swapped := c.Found[0][:k] + other + c.Found[0][k+len(phase):]
			for _, e := range c.Expected() {
				if e.Text == swapped || c.Condition.Operator.Base == "StringLike" && policy.Like(e.Text, swapped) {
					return true
				}
			}
		}
	}
	return false
}

// recase writes a pattern with the letter case of the text that it matches otherwise, as far as
// the two run alike; where that does not make it match, it is the text.
func recase(pattern, text string) string {
	p, t := []rune(pattern), []rune(text)
	n := 0
	for n < len(p) && n < len(t) && strings.EqualFold(string(p[n]), string(t[n])) {
		n++
	}
	if mended := string(t[:n]) + string(p[n:]); policy.Like(mended, text) {
		return mended
	}
	return text
}
