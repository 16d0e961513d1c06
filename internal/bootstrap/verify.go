package bootstrap

import (
	"context"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// Verifier looks at targets after they were deployed, and changes nothing. It returns one
// verification for each target, in their order.
type Verifier interface {
	Verify(ctx context.Context, targets []fleet.Target) []Verification
}

// Verification is what a look at a target showed after it was deployed.
type Verification struct {
	// Health is healthy, unproven (nothing is wrong, and no real exchange has proved the trust),
	// findings, or not_looked.
	Health   string    `json:"health"`
	Findings []Problem `json:"findings"`
	// Proof is the command whose real exchange proves the trust of the run's targets, where nothing
	// is wrong with this one.
	Proof string `json:"proof,omitempty"`
}

// Problem is one thing that a look found wrong.
type Problem struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Fix      string `json:"fix,omitempty"`
}

// Verify lets v look at the targets that a run brought to where they were wanted, and keeps
// what it says in their results.
func Verify(ctx context.Context, v Verifier, results []Result) {
	var targets []fleet.Target
	var at []int
	for i := range results {
		if r := &results[i]; r.Status == StatusSucceeded {
			targets, at = append(targets, r.Target), append(at, i)
		}
	}
	if len(targets) == 0 || ctx.Err() != nil {
		return
	}
	for i, verification := range v.Verify(ctx, targets) {
		results[at[i]].Verification = &verification
	}
}
