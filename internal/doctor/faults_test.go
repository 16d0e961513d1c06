package doctor

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/jwks"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

const letteredOrg = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"

var usedRegions = []string{"eu-west-1", "us-east-1", "us-west-2"}

// lookedAt looks at the sandbox's issuer, which is served for it.
func lookedAt(t *testing.T, box *sandbox.Sandbox, token *claims.Token) *Issuer {
	t.Helper()
	i, err := box.Issuer(template.DefaultIssuer)
	if err != nil {
		t.Fatal(err)
	}
	server, err := i.Listen(context.WithoutCancel(t.Context()), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	r := issuer.Look(t.Context(), template.DefaultIssuer, issuer.Options{
		Roots: server.Roots(), Resolve: []string{fmt.Sprintf("%s:443:%s", i.Host(), server.Addr())}, AllowPrivate: true,
	})
	var verifying []jwks.Key
	if token != nil && r.Keys != nil {
		verifying = r.Keys.Verifying(token.SigningInput, token.Signature(), token.Header.Alg)
	}
	return SeenIssuer(&r, verifying, true)
}

// diagnosed is doctor's report on an account of a sandbox; with phase a token of it is given. The
// issuer, whose keys take their time, is looked at only where that is asked for or there is a token.
func diagnosed(t *testing.T, box *sandbox.Sandbox, target fleet.Target, phase Phase, issuer bool, o CheckOptions) *TargetReport {
	t.Helper()
	look := Options{Shared: NewShared(NewOrganizationClient(box.Config(testRegion)))}
	var token *claims.Token
	if phase != "" {
		raw, err := box.Mint(sandbox.TokenOptions{Phase: string(phase), OrgID: letteredOrg})
		if err != nil {
			t.Fatal(err)
		}
		if token, err = claims.Parse(raw); err != nil {
			t.Fatal(err)
		}
		look.Token = NewToken(token)
	}
	if issuer || token != nil {
		look.Seen = lookedAt(t, box, token)
	}
	o.Examiner = testExaminer(t)
	return Diagnosed(collected(t, target, look), o)
}

func describeFindings(r *TargetReport) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s [%s] %s (expected %s, found %s)\n    fix: %s\n", f.Severity, f.Code, f.Subject, f.Summary, f.Expected, f.Found, f.Fix)
	}
	return b.String()
}

func TestAnAccountAsBootstrapDeploysItHasNoFault(t *testing.T) {
	t.Parallel()
	box, targets := deployed(t, sandbox.Options{Accounts: 2}, map[string]string{
		template.ParamOrgID: letteredOrg, template.ParamAllowedRegions: strings.Join(usedRegions, ","),
	})
	for _, phase := range []Phase{Plan, Apply} {
		r := diagnosed(t, box, targets[0], phase, true, CheckOptions{OrgID: letteredOrg, Regions: usedRegions})
		for _, f := range r.Findings {
			if f.Severity.AtLeast(Warning) && !unproven(f) || f.Code == "stack_drifted" {
				t.Errorf("%s", describeFindings(r))
				break
			}
		}
	}
}

// lookedAtBroken makes a fault in a sandbox of its own, and looks with what shows it.
func lookedAtBroken(t *testing.T, fault sandbox.Breakage) (*TargetReport, CheckOptions) {
	t.Helper()
	box, targets := deployed(t, sandbox.Options{Accounts: 2}, map[string]string{
		template.ParamOrgID: letteredOrg, template.ParamAllowedRegions: strings.Join(usedRegions, ","),
	})
	broken, err := box.Break(fault.Name, targets[0].Account)
	if err != nil {
		t.Fatal(err)
	}
	var o CheckOptions
	var phase Phase
	switch fault.Needs {
	case sandbox.NeedsToken:
		phase = Apply
	case sandbox.NeedsOrgID:
		o.OrgID = letteredOrg
	case sandbox.NeedsRegions:
		o.Regions = usedRegions
	case sandbox.NeedsNothing, sandbox.NeedsTry:
	}
	return diagnosed(t, box, targets[0], phase, broken.Account.ID == "", o), o
}

func TestTheCauseOfEveryFaultIsNamedFirst(t *testing.T) {
	t.Parallel()
	for _, fault := range sandbox.Breakages() {
		if fault.Needs == sandbox.NeedsTry {
			continue // nothing but a real exchange shows it
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			r, _ := lookedAtBroken(t, fault)
			if len(r.Findings) == 0 || r.Findings[0].Code != fault.Cause || r.Findings[0].Fix == "" {
				t.Errorf("want %s first:\n%s", fault.Cause, describeFindings(r))
			}
		})
	}
}
