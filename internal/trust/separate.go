package trust

import "github.com/forgecroft/fcoidc/internal/policy"

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
	Verdict   Verdict
	By        string // the condition key that keeps the phases apart where that is proved, "" if the apply role admits no token at all
	Principal string // the provider whose tokens break the separation or leave it open
	Statement int    // index of the apply role's statement that admits the counter-example, -1 if none
	Span      policy.Span
	Counter   *Token           // a plan token that the apply role admits; nil where the phases are kept apart
	Both      bool             // whether the plan role admits the counter-example, too
	Open      policy.OpenRules // the readings that AWS leaves open and on which the answer rests
	Keys      []string         // the keys on whose unknown values the answer rests
	Summary   string
}

// Separate proves or refutes that no plan token is admitted by the apply role, whatever its
// other claims.
func Separate(plan, apply *policy.Document, o Options) Separation { return Separation{} }

// Hole returns the separation's answer as a hole of the apply role's policy, nil if the phases
// are kept apart.
func (s Separation) Hole() *Hole { return nil }
