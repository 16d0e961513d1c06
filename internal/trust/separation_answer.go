package trust

import (
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

func (s separation) answer() Separation {
	accept := s.planToken
	subject := s.bySubject()
	if subject {
		accept = func(v *variable, c *class) bool { return s.planToken(v, c) && s.planSubject(v, c) }
	}
	both := []goal{{planRole, -1}, {applyRole, -1}}
	if found := s.solve(query{both, s.planToken}, certain); found != nil {
		return s.refuted(found)
	}
	one := []goal{{applyRole, -1}}
	if !s.phased {
		one = both
	}
	if found := s.solve(query{one, accept}, certain); found != nil {
		statement := &s.docs[applyRole].Statements[found.allows[len(found.allows)-1]]
		if statementTests(statement, s.subject()) && !statementTests(statement, s.phase) && !statementTests(statement, requestTag+"phase") {
			return s.unclear(found, "the apply role tells the phases apart by the subject, the plan role does not test it: whether a plan token can have such a subject only the issuer knows")
		}
		return s.refuted(found)
	}
	for _, l := range []level{asRead, possible} {
		if found := s.solve(query{one, accept}, l); found != nil {
			return s.unclear(found, "")
		}
	}
	if s.incomplete {
		return Separation{
			Verdict: CannotTell, Principal: s.issuer.arn, Statement: -1,
			Summary: "the conditions of the two roles are too many or too tangled to be judged as a whole",
		}
	}
	return s.proved(subject)
}

// proved says what keeps the phases apart.
func (s separation) proved(subject bool) Separation {
	r := Separation{Verdict: Proved, Principal: s.issuer.arn, Statement: -1}
	if s.solve(query{goals: []goal{{applyRole, -1}}}, possible) == nil {
		r.Summary = "the apply role admits no token of " + escape.Text(s.issuer.KeyPrefix) + " at all"
		return r
	}
	for _, key := range []string{s.phase, requestTag + "phase"} {
		if tests(s.docs[applyRole], key) && s.issuer.source(key).origin != never && r.By == "" {
			r.By = s.spelling(key)
		}
	}
	if r.By == "" && subject {
		r.By = s.spelling(s.subject())
	}
	switch {
	case !s.phased:
		r.Summary = "no token of " + escape.Text(s.issuer.KeyPrefix) + " is admitted by both roles"
	case r.By == "":
		r.Summary = "no plan token is admitted by the apply role"
	default:
		r.Basis = s.issuer.source(r.By).basis
		r.Summary = "no plan token is admitted by the apply role: " + quote(r.By) + " keeps the phases apart"
		if r.Basis != claims.BasisAWS {
			r.Summary += ", a key that the issuer documents and AWS does not"
		}
	}
	return r
}

func (s separation) refuted(found *solution) Separation {
	r := s.example(found)
	r.Verdict = Refuted
	switch {
	case !s.phased:
		r.Summary = "one token is admitted by both roles"
	case r.Both:
		r.Summary = "a plan token is admitted by the apply role as it is by the plan role"
	default:
		r.Summary = "a plan token is admitted by the apply role, though the plan role refuses this one"
	}
	return r
}

// example fills in the counter-example.
func (s separation) example(found *solution) Separation {
	r := Separation{Principal: s.issuer.arn, Statement: found.allows[len(found.allows)-1]}
	r.Span = s.docs[applyRole].Statements[r.Statement].Span
	r.Keys = s.unknown(found.context)
	token := s.token(found.context)
	ok, rests := s.admitted(applyRole, token.Context)
	if !ok {
		return r
	}
	r.Open, r.Counter = rests, token
	if _, told := r.Counter.Claims["phase"]; s.phased && !told {
		r.Counter.Claims["phase"] = PhasePlan
	}
	r.Both, _ = s.admitted(planRole, r.Counter.Context)
	return r
}

// unclear says on what the answer rests.
func (s separation) unclear(found *solution, why string) Separation {
	r := s.example(found)
	r.Verdict = CannotTell
	r.Open |= s.openRules(found)
	switch {
	case why != "":
		r.Summary = why
	case len(r.Keys) > 0:
		r.Summary = "only " + listed(r.Keys) + " can keep plan tokens out of the apply role, which the policies do not decide"
	case r.Open != 0:
		r.Summary = "whether a plan token is admitted by the apply role rests on what AWS leaves open: " + r.Open.String()
	default:
		r.Summary = "a condition of the apply role compares what cannot be worked out from the policies alone; compare with fixed texts instead"
	}
	return r
}

// openRules returns the readings under which the solution's classes were judged.
func (s separation) openRules(found *solution) (rules policy.OpenRules) {
	for _, doc := range s.docs {
		for _, st := range doc.Evaluate(s.request(Action, found.context)).Statements {
			rules |= st.Open()
		}
	}
	return rules
}
