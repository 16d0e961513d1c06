package trust

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// The documents of a separation's model.
const (
	planRole  = 0
	applyRole = 1
)

// separation is the question for one provider.
type separation struct {
	*model
	phase  string // the key of the phase claim, in lower case
	phased bool   // whether the provider's tokens have a phase
}

func separateFor(plan, apply *policy.Document, principal string, o Options) Separation {
	i := issuerOf(principal, o)
	phase := lowerKey(i.key("phase"))
	s := separation{phase: phase, phased: i.isForgecroft()}
	marks := []mark{{phase, policy.Literal(PhasePlan)}}
	for _, doc := range []*policy.Document{plan, apply} {
		if tests(doc, requestTag+"phase") {
			marks = append(marks, mark{requestTag + "phase", policy.Literal(PhasePlan)})
		}
		s.phased = s.phased || tests(doc, phase) && i.source(phase).origin != never
	}
	s.model = newModel(i, []*policy.Document{plan, apply}, marks)
	return s.answer()
}

// tests reports whether some statement has a condition on the key.
func tests(doc *policy.Document, key string) bool {
	return slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool { return statementTests(&s, key) })
}

func statementTests(s *policy.Statement, key string) bool {
	return slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool {
		return lowerKey(c.Key.Text) == key && c.Operator.Family != policy.NullFamily
	})
}

// planToken accepts what a plan token can hold.
func (s separation) planToken(v *variable, c *class) bool {
	if !s.phased {
		return true
	}
	for _, key := range v.keys {
		values, _, ok := c.context.Get(key)
		switch {
		case key == s.phase && s.issuer.source(key).origin != never:
			if !slices.Equal(values, []string{PhasePlan}) {
				return false
			}
		case key == requestTag+"phase":
			if ok && !slices.Equal(values, []string{PhasePlan}) {
				return false
			}
		}
	}
	return true
}

// planSubject accepts subjects that some statement of the plan role takes, as far as its
// conditions on the subject go.
func (s separation) planSubject(v *variable, c *class) bool {
	if !slices.Contains(v.keys, s.subject()) {
		return true
	}
	for i := range s.docs[planRole].Statements {
		if s.docs[planRole].Statements[i].Effect != policy.Allow {
			continue
		}
		takes := true
		for j, index := range v.conditions {
			takes = takes && (!slices.Contains(s.conditionsOf(planRole, i), index) || c.truths[j].may(true, possible))
		}
		if takes {
			return true
		}
	}
	return false
}

func (s separation) subject() string { return lowerKey(s.issuer.key("sub")) }

// bySubject reports whether the subject is all that the policies have to tell phases apart:
// the apply role tests no phase, and the plan role a subject in every statement.
func (s separation) bySubject() bool {
	if tests(s.docs[applyRole], s.phase) || tests(s.docs[applyRole], requestTag+"phase") {
		return false
	}
	named := false
	for i, st := range s.docs[planRole].Evaluate(s.request(Action, nil)).Statements {
		if st.Statement.Effect != policy.Allow || !base(&st).may(true, possible) {
			continue
		}
		named = true
		if !statementTests(&s.docs[planRole].Statements[i], s.subject()) {
			return false
		}
	}
	return named
}
