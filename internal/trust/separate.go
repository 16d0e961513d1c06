package trust

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/claims"
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
