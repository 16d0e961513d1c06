package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

const exampleOrg = "11111111-1111-1111-1111-111111111111"

// fakeJob is a job whose accounts do as the test says.
type fakeJob struct {
	fails     map[string]int // by account: how often its deployment fails
	providers []string       // accounts with a provider of somebody else
	trusted   []string       // accounts whose stack trusts another organization
	deleting  bool
	warnings  []string
	planError error
	hold      chan struct{} // a deployment waits for it, or to be stopped
	endless   bool          // planning ends only if it is left

	mu      sync.Mutex
	asked   Answers
	deploys int
	saved   []Answers
}

func (j *fakeJob) Validate(a Answers) map[Question]string {
	modes := map[string]string{
		TrustModeClaims: template.TrustModeClaims, TrustModeSubject: template.TrustModeSubject, TrustModeSessionTags: template.TrustModeSessionTags,
	}
	given := map[string]string{template.ParamOrgID: a.OrgID, template.ParamAllowedRegions: joined(a.Regions), template.ParamTrustMode: modes[a.TrustMode]}
	for name, value := range map[string]string{
		template.ParamPlanSubject: a.PlanSubject, template.ParamApplySubject: a.ApplySubject, template.ParamWorkspaceID: a.WorkspaceID,
	} {
		if value != "" {
			given[name] = value
		}
	}
	return Problems(template.ValidateParameters(given, template.DefaultIssuer))
}

func joined(items []string) string {
	s := ""
	for i, item := range items {
		if i > 0 {
			s += ","
		}
		s += item
	}
	return s
}

func (j *fakeJob) Plan(ctx context.Context, a Answers, sink bootstrap.Sink) (Planned, error) {
	j.mu.Lock()
	j.asked = a.clone()
	j.mu.Unlock()
	if j.endless {
		<-ctx.Done()
		return Planned{}, ctx.Err()
	}
	if j.planError != nil {
		return Planned{}, j.planError
	}
	if j.deleting {
		a.Accounts = []string{"010000000001", "010000000002"}
	}
	planned := Planned{Warnings: j.warnings, KeyPrefix: "api.forgecroft.com", Where: "the sandbox"}
	for i, id := range a.Accounts {
		t := fleet.Target{Account: id, Name: fakeNames[i%len(fakeNames)], Region: "us-east-1", Partition: "aws", Source: "the form", Caller: "arn:aws:iam::" + id + ":user/me"}
		p := j.planOne(t, a)
		planned.Targets, planned.Plans = append(planned.Targets, t), append(planned.Plans, p)
		sink.Emit(bootstrap.Event{At: fakeNow, Type: bootstrap.EventPlanned, Target: t, Phase: bootstrap.PhasePlan, Plan: &p})
	}
	return planned, ctx.Err()
}

var fakeNames = []string{"management", "security", "東京", "workload-🚀-production", "logs"}

var fakeNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func (j *fakeJob) planOne(t fleet.Target, a Answers) bootstrap.Plan {
	p := bootstrap.Plan{
		Target: t, Action: bootstrap.ActionCreate, Reason: "there is no stack forgecroft-runner-oidc yet",
		Parameters: template.WithDefaults(map[string]string{template.ParamOrgID: a.OrgID, template.ParamAllowedRegions: joined(a.Regions)}),
		Changes: []bootstrap.Change{
			{Kind: bootstrap.ChangeResource, Name: "PlanRole", To: "Add", Summary: "PlanRole, a role, is created"},
			{
				Kind: bootstrap.ChangeStatement, Name: "PlanRole", Summary: "PlanRole: tokens of the plan phase may assume it",
				To: `{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"api.forgecroft.com:phase":"plan"}}}`,
			},
		},
	}
	trust := []bootstrap.Change{
		{Kind: bootstrap.ChangeParameter, Name: "OrgId", From: "2", To: a.OrgID, Summary: "OrgId: 22222222-2222-2222-2222-222222222222 becomes " + a.OrgID},
		{Kind: bootstrap.ChangeStatement, Name: "PlanRole", From: `{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity"}`, Summary: "PlanRole: tokens of another organization may no longer assume it"},
	}
	switch {
	case j.deleting:
		p.Action, p.Reason, p.Changes = bootstrap.ActionDelete, "the stack and its provider are deleted", nil
	case slices.Contains(j.providers, t.Account) && !a.ReuseProvider:
		p.Action, p.Code, p.Changes = bootstrap.ActionBlocked, codeProviderExists, nil
		p.Reason = "the account has an OIDC provider for https://api.forgecroft.com already, which fcoidc did not make, and can hold only one"
		p.Fix = "add --existing-provider reuse to let the roles trust it, after a look at it: aws iam get-open-id-connect-provider --open-id-connect-provider-arn arn:aws:iam::" + t.Account + ":oidc-provider/api.forgecroft.com --region us-east-1"
	case slices.Contains(j.trusted, t.Account):
		p.Action, p.Reason, p.Changes, p.TrustChange = bootstrap.ActionUpdate, "the stack is there and differs from what is asked for", trust, true
		if !a.AllowTrustChange {
			p.Action, p.Code = bootstrap.ActionBlocked, codeTrustChange
			p.Reason, p.Fix = "the update changes who may assume the roles", "add --allow-trust-change"
		}
	}
	return p
}

func (j *fakeJob) Deploy(ctx context.Context, drain <-chan struct{}, plans []bootstrap.Plan, sink bootstrap.Sink) ([]bootstrap.Result, error) {
	j.mu.Lock()
	j.deploys++
	j.mu.Unlock()
	results := make([]bootstrap.Result, len(plans))
	var err error
	for i := range plans {
		r := &results[i]
		*r = bootstrap.Result{Target: plans[i].Target, Action: plans[i].Action, Reason: plans[i].Reason, Status: bootstrap.StatusSkipped, Elapsed: 3 * time.Second}
		if changes(plans[i].Action) {
			err = errors.Join(err, j.deployOne(ctx, drain, r, sink))
		} else if r.Action == bootstrap.ActionBlocked {
			r.Status, r.Failure = bootstrap.StatusBlocked, &bootstrap.Failure{Code: plans[i].Code, Message: plans[i].Reason, Fix: plans[i].Fix}
		}
		sink.Emit(bootstrap.Event{At: fakeNow, Type: bootstrap.EventFinished, Phase: bootstrap.PhaseDone, Target: r.Target, Result: r})
	}
	return results, err
}

func (j *fakeJob) deployOne(ctx context.Context, drain <-chan struct{}, r *bootstrap.Result, sink bootstrap.Sink) error {
	select {
	case <-drain:
		r.Reason = "the run was interrupted before it"
		return context.Canceled
	default:
	}
	sink.Emit(bootstrap.Event{At: fakeNow, Type: bootstrap.EventPhase, Phase: bootstrap.PhaseDeploy, Target: r.Target, Total: 3})
	if j.hold != nil {
		select {
		case <-j.hold:
		case <-ctx.Done():
			r.Status, r.Reason = bootstrap.StatusInProgress, "left before it ended"
			return ctx.Err()
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fails[r.Target.Account] > 0 {
		j.fails[r.Target.Account]--
		r.Status, r.Failure = bootstrap.StatusFailed, &bootstrap.Failure{
			Code: "AccessDenied", Resource: "PlanRole", Message: "not authorized to perform iam:CreateRole\x1b[31m", Fix: "let the caller create roles",
		}
		return nil
	}
	r.Status = bootstrap.StatusSucceeded
	if !j.deleting {
		r.Outputs = map[string]string{
			template.OutputPlanRoleARN:  fmt.Sprintf("arn:aws:iam::%s:role/forgecroft-runner-plan", r.Target.Account),
			template.OutputApplyRoleARN: fmt.Sprintf("arn:aws:iam::%s:role/forgecroft-runner-apply", r.Target.Account),
		}
	}
	return nil
}

func (j *fakeJob) Replan(ctx context.Context, targets []fleet.Target, _ bootstrap.Sink) ([]bootstrap.Plan, error) {
	plans := make([]bootstrap.Plan, len(targets))
	for i, t := range targets {
		plans[i] = bootstrap.Plan{Target: t, Action: bootstrap.ActionRecreate, Reason: "the stack's creation failed and was rolled back"}
	}
	return plans, ctx.Err()
}

func (j *fakeJob) Save(a Answers) (string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.saved = append(j.saved, a)
	return "fcoidc.yaml", nil
}

// fakeAccounts are n accounts to choose from.
func fakeAccounts(n int) []AccountChoice {
	var choices []AccountChoice
	for i := range n {
		id := fmt.Sprintf("0100000000%02d", i+1)
		choices = append(choices, AccountChoice{Key: id, ID: id, Name: fakeNames[i%len(fakeNames)]})
	}
	return choices
}

func fakeOptions(j *fakeJob) Options {
	return Options{
		Job: j, Answers: Answers{TrustMode: TrustModeClaims}, Theme: report.Theme{},
		Accounts: func(context.Context) ([]AccountChoice, error) { return fakeAccounts(5), nil },
	}
}

// driver moves an app along without a terminal: commands run at once, ticks never.
type driver struct {
	t   *testing.T
	app app
	out []tea.Msg // what the app asked of the terminal
}

func newDriver(t *testing.T, o Options) *driver {
	t.Helper()
	d := &driver{t: t}
	j := &jobs{Job: o.Job, accounts: o.Accounts, ctx: t.Context()}
	j.send = d.send
	d.app = newApp(o, j, func() time.Time { return fakeNow })
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.run(d.app.Init())
	return d
}

func (d *driver) send(msg tea.Msg) {
	next, cmd := d.app.Update(msg)
	d.app = next.(app)
	d.run(cmd)
}

func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	c := make(chan tea.Msg, 1)
	go func() { c <- cmd() }()
	select {
	case msg := <-c:
		switch msg := msg.(type) {
		case tea.BatchMsg:
			for _, cmd := range msg {
				d.run(cmd)
			}
		case startMsg, accountsMsg, plannedMsg, replannedMsg, deployedMsg, savedMsg, exportedMsg:
			d.send(msg)
		default:
			d.out = append(d.out, msg)
		}
	case <-time.After(300 * time.Millisecond): // a tick
	}
}

// keys presses keys by name; a name that is none is typed.
func (d *driver) keys(names ...string) *driver {
	for _, name := range names {
		if code, ok := namedKeys[name]; ok {
			d.send(code)
			continue
		}
		for _, r := range name {
			d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
	}
	return d
}

var namedKeys = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
	"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"space": {Code: tea.KeySpace, Text: " "}, "pgdown": {Code: tea.KeyPgDown}, "end": {Code: tea.KeyEnd}, "backspace": {Code: tea.KeyBackspace},
	"ctrl+a": {Code: 'a', Mod: tea.ModCtrl}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+l": {Code: 'l', Mod: tea.ModCtrl}, "ctrl+z": {Code: 'z', Mod: tea.ModCtrl},
}
