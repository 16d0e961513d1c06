package cli

import (
	"context"
	"fmt"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// deployedVerifier lets doctor look at what bootstrap deployed.
type deployedVerifier struct {
	lookout *lookout
	run     *doctor.Run // what it saw
}

var _ bootstrap.Verifier = (*deployedVerifier)(nil)

// verify looks at the targets that a run deployed, unless the user does not want it. It returns
// what it saw, nil if it did not look.
func (o *bootstrapOptions) verify(ctx context.Context, w *world, results []bootstrap.Result) *doctor.Run {
	if o.NoVerify {
		return nil
	}
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		fmt.Fprintf(o.IO.Err, "not looked at afterwards: %v\n", err)
		return nil
	}
	table = table.WithForgecroft(o.Trust.Issuer)
	l := &lookout{
		doctorOptions: doctorOptions{IO: o.IO, Globals: o.Globals, Live: liveFlags{
			Targets: o.Targets, Issuer: o.Trust.Issuer, StackName: o.StackName, OrgID: o.Trust.OrgID, Regions: o.Trust.AllowedRegions,
		}},
		examiner: doctor.NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table),
		world:    w,
		quiet:    true, // screens may stand where it would count
		noIssuer: o.SkipPreflight,
	}
	v := &deployedVerifier{lookout: l}
	bootstrap.Verify(ctx, v, results)
	return v.run
}

// Verify implements [bootstrap.Verifier].
func (v *deployedVerifier) Verify(ctx context.Context, targets []fleet.Target) []bootstrap.Verification {
	l := v.lookout
	verifications := make([]bootstrap.Verification, len(targets))
	world := *l.world
	world.targets = targets
	l.world = &world
	if err := l.begin(ctx); err != nil {
		return nil
	}
	run, err := l.lookUntilSettled(ctx)
	if err != nil {
		return nil
	}
	v.run = run
	for i, r := range run.Targets {
		verifications[i] = bootstrap.Verification{Health: string(r.Health()), Findings: []bootstrap.Problem{}}
		if r.Health() == doctor.Unproven {
			verifications[i].Proof = report.ProveCommand(run.Again)
		}
		for _, f := range r.Findings {
			if f.Severity.AtLeast(doctor.Warning) {
				verifications[i].Findings = append(verifications[i].Findings, bootstrap.Problem{Code: f.Code, Severity: string(f.Severity), Summary: f.Summary, Fix: f.Fix})
			}
		}
	}
	return verifications
}

// verifiedBad reports whether a look found a failure in what was deployed.
func verifiedBad(results []bootstrap.Result) bool {
	for i := range results {
		v := results[i].Verification
		if v == nil {
			continue
		}
		for _, f := range v.Findings {
			if doctor.Severity(f.Severity).AtLeast(doctor.Failure) {
				return true
			}
		}
	}
	return false
}
