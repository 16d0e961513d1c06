package trust

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// Verdict is the answer to whether the phases are kept apart.
type Verdict string

// The verdicts.
const (
	Proved     Verdict = "proved"      // no plan token is admitted by the apply role
	Refuted    Verdict = "refuted"     // one is: see the counter-example
	CannotTell Verdict = "cannot_tell" // it rests on what the policies do not say
)

// Separation is the answer with its reasons.
type Separation struct {
	Verdict Verdict
	// By is the condition key that keeps the phases apart where that is proved, "" if no one
	// key does. Basis is whose word it is that AWS fills it.
	By        string
	Basis     claims.Basis
	Principal string // the provider whose tokens break the separation or leave it open
	Statement int    // index of the apply role's statement that admits the counter-example, -1 if none
	Span      policy.Span
	// Counter is a plan token that the apply role admits, as package policy reads the rules;
	// nil where there is none. Both says whether the plan role admits it, too.
	Counter *Token
	Both    bool
	Open    policy.OpenRules // the readings that AWS leaves open and on which the answer rests
	Keys    []string         // the keys that nobody can know and on which it rests
	Summary string
}

// PhasePlan is the phase of the tokens that must not get into the apply role.
const PhasePlan = "plan"

// Separate proves or refutes that no plan token is admitted by the apply role, whatever its
// other claims and whatever the caller chooses.
//
// A plan token of Forgecroft has the claim phase "plan"; if it carries a session tag phase,
// that has the same value. Where the apply role tells the phases apart by the subject alone,
// a plan token is one with a subject that the plan role takes. Tokens of other issuers know
// no phase: for them it is proved that no token is admitted by both roles.
//
// The verdict is Proved only if it holds under every reading that AWS leaves open.
func Separate(plan, apply *policy.Document, o Options) Separation {
	result := Separation{Verdict: Proved, Statement: -1, Summary: "the apply role trusts no identity provider, so no token gets in"}
	for n, principal := range principalsOf(o, apply, plan) {
		s := separateFor(plan, apply, principal, o)
		if n == 0 || s.Verdict.rank() > result.Verdict.rank() {
			result = s
		}
	}
	return result
}

func (v Verdict) rank() int { return slices.Index([]Verdict{Proved, CannotTell, Refuted}, v) }

// principalsOf returns the providers whose tokens the policies admit.
func principalsOf(o Options, docs ...*policy.Document) (principals []string) {
	if o.ProviderARN != "" {
		return []string{o.ProviderARN}
	}
	for _, doc := range docs {
		for i := range doc.Statements {
			s := &doc.Statements[i]
			if s.Effect != policy.Allow || s.Principal == nil || !s.MatchesAction(Action) {
				continue
			}
			for _, e := range s.Principal.Entries {
				if e.Kind.Text == "Federated" && !slices.Contains(principals, e.ID.Text) {
					principals = append(principals, e.ID.Text)
				}
			}
		}
	}
	return principals
}

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

// Hole returns the separation's answer as a hole of the apply role's policy, nil if the phases
// are kept apart.
func (s Separation) Hole() *Hole {
	h := &Hole{Statement: s.Statement, Condition: -1, Span: s.Span, Principal: s.Principal, Summary: s.Summary, Token: s.Counter}
	switch s.Verdict {
	case Refuted:
		h.Code, h.Severity = PhaseSeparationBroken, Critical
	case CannotTell:
		h.Code, h.Severity = PhaseSeparationUnclear, Warning
	default:
		return nil
	}
	return h
}
