package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
)

// repairs are targets that need the same redeploy.
type repairs struct {
	doctor.Repair
	targets []fleet.Target
	plans   []bootstrap.Plan
	engine  *bootstrap.Engine
}

// fix shows the repairs that are a redeploy of our own stacks, makes them once confirmed, and
// looks again. Nothing else is ever changed.
func (l *lookout) fix(ctx context.Context, run *doctor.Run) error {
	groups := l.repairs(run)
	if len(groups) == 0 {
		fmt.Fprintln(l.IO.Err, "\n--fix changes nothing here: a redeploy of our own stack mends none of it; each finding names its fix")
		return exit(l.code(run))
	}
	n, trust, err := l.planRepairs(ctx, groups)
	if err != nil {
		return err
	}
	if n == 0 {
		fmt.Fprintln(l.IO.Err, "\nno redeploy would change anything")
		return exit(l.code(run))
	}
	if err := l.agree(n, trust); err != nil {
		return err
	}
	for i := range groups {
		if _, err := deploy(ctx, l.IO, groups[i].engine, groups[i].plans); err != nil {
			return err
		}
	}
	again, err := l.lookUntilSettled(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(l.IO.Err, "\nafter the repairs:")
	if err := report.WriteDoctorShort(l.IO.Err, l.IO.theme(l.Globals.Color, l.IO.ErrTerminal), again); err != nil {
		return err
	}
	return exit(l.code(again))
}

// repairs puts targets together that need the same.
func (l *lookout) repairs(run *doctor.Run) (groups []*repairs) {
	for i, r := range run.Targets {
		t := l.world.targets[i]
		o := l.checkOptions()
		repair := r.Repair(&o)
		if repair == nil {
			continue
		}
		at := slices.IndexFunc(groups, func(g *repairs) bool { return g.Equal(repair) })
		if at < 0 {
			at, groups = len(groups), append(groups, &repairs{Repair: *repair})
		}
		t.Region = repair.Region
		t.Config = t.Config.Copy()
		t.Config.Region = repair.Region
		groups[at].targets = append(groups[at].targets, t)
	}
	return groups
}

// planRepairs plans every redeploy and shows it. n is how many accounts would change; trust says
// that for some of them it changes who may assume the roles of their stack.
func (l *lookout) planRepairs(ctx context.Context, groups []*repairs) (n int, trust bool, err error) {
	fmt.Fprintln(l.IO.Err)
	for _, g := range groups {
		t, err := (&trustFlags{Issuer: l.Live.Issuer}).template()
		if err != nil {
			return 0, false, err
		}
		req := bootstrap.Request{
			StackName: g.StackName, Template: *t, Given: g.Given, RevertDrift: g.RevertDrift,
			AllowTrustChange: g.TrustChange, RunID: newRunID(time.Now()), Concurrency: l.Live.Targets.Concurrency,
			ExistingProvider: bootstrap.ExistingProviderReuse,
		}
		view := newRunView(l.IO, l.Globals, formatText, req, &world{targets: g.targets, sandbox: l.world.sandbox})
		g.engine = bootstrap.New(req, view)
		if g.plans, err = view.plan(ctx, g.targets, g.engine.Plan); err != nil {
			return 0, false, err
		}
		fmt.Fprintf(l.IO.Err, "to mend %s:\n", strings.Join(g.Mends, ", "))
		if err := view.review(l.IO.Err, g.plans); err != nil {
			return 0, false, err
		}
		n += pending(g.plans)
		trust = trust || g.TrustChange
	}
	return n, trust, nil
}

// agree asks whether the repairs are to be made. For whom a stack was deployed changes only when
// somebody says so, --yes or not.
func (l *lookout) agree(n int, trust bool) error {
	if trust && !l.Live.AllowTrustChange {
		return usagef("add --allow-trust-change once you have compared the OrgId with Forgecroft → Settings → Organization",
			"nothing was changed: the repairs change who may assume the roles of %s", report.CountAccounts(n))
	}
	if l.Live.Yes {
		return nil
	}
	if !l.IO.InTerminal || !l.IO.ErrTerminal {
		return usagef("give --yes to repair, or leave out --fix", "nothing was changed: %s would be repaired, and --yes was not given", report.CountAccounts(n))
	}
	fmt.Fprintf(l.IO.Err, "Repair %s? Type yes: ", report.CountAccounts(n))
	answer, err := bufio.NewReader(l.IO.stdin()).ReadString('\n')
	if err == nil && strings.TrimSpace(answer) == "yes" {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &exitError{code: exitFailed, err: fmt.Errorf("nothing was changed")}
}
