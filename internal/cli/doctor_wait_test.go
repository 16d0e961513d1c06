package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// waiting is a look at a member account with a fault.
func waiting(t *testing.T, fault string, wait time.Duration) (*lookout, *sandbox.Sandbox, *bytes.Buffer) {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{Accounts: 2, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	member := box.Accounts()[1].ID
	targets, err := fleet.Resolve(t.Context(), fleet.Options{
		Load:     func(context.Context, string) (aws.Config, error) { return box.Config("us-east-1"), nil },
		Accounts: []string{member}, Region: "us-east-1", Concurrency: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := template.Render(template.DefaultIssuer)
	if err != nil {
		t.Fatal(err)
	}
	e := bootstrap.New(bootstrap.Request{
		StackName: template.DefaultStackName, Template: *tpl, RunID: "test",
		Given: map[string]string{template.ParamOrgID: "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff", template.ParamAllowedRegions: "us-east-1"},
	}, bootstrap.SinkFunc(func(bootstrap.Event) {}))
	plans, err := e.Plan(t.Context(), targets)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Deploy(t.Context(), nil, plans); err != nil {
		t.Fatal(err)
	}
	if _, err := box.Break(fault, member); err != nil {
		t.Fatal(err)
	}
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	l := &lookout{
		doctorOptions: doctorOptions{
			IO: &IO{Err: &said, Getenv: func(string) string { return "" }}, Globals: &globals{},
			Live: liveFlags{Wait: wait, Issuer: template.DefaultIssuer, StackName: template.DefaultStackName, Targets: targetFlags{Concurrency: 1}},
		},
		examiner: doctor.NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table),
		world:    &world{targets: targets, sandbox: box, base: func(context.Context) (aws.Config, error) { return box.Config("us-east-1"), nil }},
		quiet:    true, noIssuer: true,
	}
	if err := l.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l, box, &said
}

func TestWhatPropagationCanExplainIsLookedAtAgainUntilItIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, box, said := waiting(t, "provider-missing", time.Minute)
		began := time.Now()
		time.AfterFunc(7*time.Second, func() {
			if _, _, err := box.Unbreak(""); err != nil {
				t.Error(err)
			}
		})
		run, err := l.lookUntilSettled(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 2*settle || run.Count(doctor.Unproven) != 1 {
			t.Errorf("after %s: %+v", took, run.Groups)
		}
		if n := strings.Count(said.String(), "looking again in 5s"); n != 2 {
			t.Errorf("said %d times: %s", n, said)
		}
	})
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]time.Duration{
		"provider-missing": 10 * time.Second, // that of --wait
		"action-wrong":     0,                // which no waiting mends
	} {
		synctest.Test(t, func(t *testing.T) {
			l, _, _ := waiting(t, fault, 12*time.Second)
			began := time.Now()
			run, err := l.lookUntilSettled(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != want || !run.Bad(doctor.Failure) {
				t.Errorf("%s: after %s: %+v", fault, took, run.Groups)
			}
		})
	}
}
