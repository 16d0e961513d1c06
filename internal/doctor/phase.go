package doctor

import (
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// phaseOf says which phase a role is for, from its name or else from what its trust policy asks;
// "" where neither tells one alone.
func phaseOf(trust, name string) Phase {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' })
	if p := onePhase(words); p != "" {
		return p
	}
	doc, err := policy.Parse([]byte(trust))
	if err != nil {
		return ""
	}
	var asked []string
	for i := range doc.Statements {
		for _, c := range doc.Statements[i].Conditions {
			if isPhaseKey(c.Key.Text) && !c.Operator.Negated {
				asked = append(asked, textsOf(c.Values)...)
			}
		}
	}
	return onePhase(asked)
}

func onePhase(words []string) Phase {
	plan, apply := false, false
	for _, w := range words {
		plan, apply = plan || w == string(Plan), apply || w == string(Apply)
	}
	switch {
	case plan && !apply:
		return Plan
	case apply && !plan:
		return Apply
	}
	return ""
}

// isPhaseKey recognises the condition keys that hold the phase: the claim of any issuer, or the
// session tag.
func isPhaseKey(key string) bool { return claimKey(key, "phase") }

// isOrgKey recognises those that hold the organization.
func isOrgKey(key string) bool { return claimKey(key, "org_id") }

func claimKey(key, claim string) bool {
	key = strings.ToLower(key)
	return key == "aws:requesttag/"+claim || strings.HasSuffix(key, ":"+claim) && !strings.HasPrefix(key, "aws:")
}

func textsOf(values []policy.Value) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = v.Text
	}
	return list
}
