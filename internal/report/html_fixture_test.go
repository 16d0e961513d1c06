package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/trust"
)

const (
	fixtureIssuer = "https://api.forgecroft.com"
	fixtureOrg    = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"
)

var fixtureNow = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// snapshot is an account as bootstrap leaves it.
func snapshot(account, name string) *doctor.Snapshot {
	provider := "arn:aws:iam::" + account + ":oidc-provider/api.forgecroft.com"
	stack := "arn:aws:cloudformation:eu-west-1:" + account + ":stack/forgecroft-runner-oidc/0"
	return &doctor.Snapshot{
		Taken: fixtureNow, Account: account, Name: name, Region: "eu-west-1", Partition: "aws", Calls: 13,
		Caller: "arn:aws:sts::" + account + ":assumed-role/OrganizationAccountAccessRole/fcoidc", IssuerURL: fixtureIssuer,
		Issuer: &doctor.Issuer{
			URL: fixtureIssuer, DiscoveryURL: fixtureIssuer + "/.well-known/openid-configuration", Status: 200, HasDocument: true,
			Named: fixtureIssuer, JWKSURI: fixtureIssuer + "/jwks", HasKeys: true, Keys: []doctor.Key{{Kid: "a", Kty: "RSA", Verifies: true}},
		},
		Stacks: []doctor.Stack{{
			ID: stack, Name: "forgecroft-runner-oidc", Status: "CREATE_COMPLETE", Ours: true, Compared: true,
			Parameters: map[string]string{"OrgId": fixtureOrg, "AllowedRegions": "eu-west-1,us-east-1"},
		}},
		Provider: &doctor.Provider{
			ARN: provider, URL: "api.forgecroft.com", ClientIDs: []string{"sts.amazonaws.com"},
			Thumbprints: []string{strings.Repeat("f", 40)}, ManagedBy: "fcoidc", StackID: stack, Read: true,
		},
		Roles: []doctor.Role{role(account, doctor.Plan), role(account, doctor.Apply)},
		Regions: []doctor.RegionIn{
			{ID: "af-south-1", Status: "DISABLED"},
			{ID: "eu-west-1", Status: "ENABLED_BY_DEFAULT"},
			{ID: "us-east-1", Status: "ENABLED_BY_DEFAULT"},
			{ID: "us-west-2", Status: "ENABLED_BY_DEFAULT"},
		},
	}
}

func role(account string, phase doctor.Phase) doctor.Role {
	name := "forgecroft-runner-" + string(phase)
	r := doctor.Role{
		ARN: "arn:aws:iam::" + account + ":role/" + name, Name: name, Path: "/", Phase: phase, Read: true, PoliciesRead: true,
		Trust: trustPolicy(account, phase, fixtureOrg), MaxSession: 3600, ManagedBy: "fcoidc", Created: fixtureNow.Add(-time.Hour),
	}
	if phase == doctor.Plan {
		r.Attached = []doctor.Policy{{
			ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess", Name: "ReadOnlyAccess",
			Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:Describe*","iam:Get*","iam:List*","s3:Get*","s3:List*"],"Resource":"*"}]}`,
		}}
	} else {
		r.Inline = []doctor.Policy{{Name: "everything-in-allowed-regions", Document: inRegions("eu-west-1", "us-east-1")}}
	}
	return r
}

func inRegions(regions ...string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":["` + strings.Join(regions, `","`) + `"]}}}]}`
}

// trustPolicy is that of Forgecroft's page.
func trustPolicy(account string, phase doctor.Phase, org string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::` + account +
		`:oidc-provider/api.forgecroft.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"api.forgecroft.com:aud":"sts.amazonaws.com","api.forgecroft.com:phase":"` +
		string(phase) + `","api.forgecroft.com:org_id":"` + org + `"}}}]}`
}

// bySubject rests the trust on the subject, a key that AWS documents, as the stack was told to.
func bySubject(s *doctor.Snapshot) {
	for i := range s.Roles {
		r := &s.Roles[i]
		parameter := map[doctor.Phase]string{doctor.Plan: "PlanSubject", doctor.Apply: "ApplySubject"}[r.Phase]
		s.Stacks[0].Parameters[parameter] = "org:" + fixtureOrg + ":phase:" + string(r.Phase)
		r.Trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + s.Provider.ARN +
			`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"api.forgecroft.com:aud":"sts.amazonaws.com","api.forgecroft.com:sub":"org:` + fixtureOrg + `:phase:` + string(r.Phase) + `"}}}]}`
	}
}

// faults are what can be wrong with an account, in the order in which fleet deals them out.
var faults = []struct {
	name string
	make func(*doctor.Snapshot)
}{
	{"prod-web", bySubject},
	{"prod-data", func(*doctor.Snapshot) {}},
	{"other-organisation", func(s *doctor.Snapshot) {
		for i := range s.Roles {
			s.Roles[i].Trust = trustPolicy(s.Account, s.Roles[i].Phase, strings.ToUpper(fixtureOrg))
		}
		s.Stacks[0].Parameters["OrgId"] = strings.ToUpper(fixtureOrg)
	}},
	{"staging", func(s *doctor.Snapshot) { s.Roles[1].Inline[0].Document = inRegions("us-east-1") }},
	{"<script>alert(1)</script>", func(s *doctor.Snapshot) { s.Provider.ClientIDs = []string{"https://api.forgecroft.com"} }},
	{"\u202etxt.exe \"><img src=//evil.example>", func(s *doctor.Snapshot) {
		s.Missing = []doctor.Looked{{Fact: doctor.FactOrganization, What: "the organisation's policies", Action: "organizations:ListPolicies", Reason: "AccessDenied: <b>no</b>"}}
	}},
	{"opened", func(s *doctor.Snapshot) {
		s.Roles[1].Trust = strings.ReplaceAll(s.Roles[1].Trust, `"StringEquals"`, `"StringEqualsIfExists"`)
	}},
	{"locked", func(s *doctor.Snapshot) {
		*s = doctor.Snapshot{Taken: s.Taken, Account: s.Account, Name: s.Name, Region: s.Region, Partition: s.Partition, IssuerURL: s.IssuerURL, Issuer: s.Issuer}
		s.Missing = []doctor.Looked{{
			Fact: doctor.FactIdentity, What: "account " + s.Account, Reason: "AccessDenied: sts:AssumeRole on OrganizationAccountAccessRole",
			Fix: "fcoidc doctor --role-name AWSControlTowerExecution",
		}}
	}},
	{"drifted", func(s *doctor.Snapshot) {
		s.Stacks[0].Drift = []doctor.Drift{{Resource: "ApplyRole", Name: "forgecroft-runner-apply", Property: "MaxSessionDuration", Expected: "3600", Found: "43200"}}
	}},
	{"refusing", func(s *doctor.Snapshot) {
		bySubject(s)
		s.History = &doctor.History{Since: fixtureNow.Add(-24 * time.Hour), Regions: []string{"eu-west-1", "us-east-1"}, Refused: []doctor.RefusedCall{
			{At: fixtureNow.Add(-time.Hour), Region: "us-east-1", RoleARN: s.Roles[0].ARN, Subject: "org:another:phase:plan", Audience: "sts.amazonaws.com", Code: "AccessDenied", Message: "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
			{At: fixtureNow.Add(-2 * time.Hour), Region: "eu-west-1", RoleARN: s.Roles[0].ARN, Subject: "org:another:phase:plan", Audience: "sts.amazonaws.com", Code: "AccessDenied", Message: "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		}}
	}},
	{"africa", func(s *doctor.Snapshot) {
		s.Roles[1].Inline[0].Document = inRegions("eu-west-1", "us-east-1", "af-south-1")
	}},
	{"no-provider", func(s *doctor.Snapshot) { s.Provider = nil }},
}

// look is doctor's look at n accounts of which runs use us-west-2, where apply may not act;
// account i has fault i, beginning anew after the last.
func look(t testing.TB, n int) *doctor.Run {
	t.Helper()
	return lookFor(t, n, "eu-west-1", "us-west-2")
}

func lookFor(t testing.TB, n int, regions ...string) *doctor.Run {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	examiner := doctor.NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table)
	list := make([]*doctor.TargetReport, n)
	for i := range list {
		f := faults[i%len(faults)]
		s := snapshot(fmt.Sprintf("%012d", 10_000_000_001+i), f.name)
		f.make(s)
		s.Reach.Target = "--account " + s.Account
		list[i] = doctor.Diagnosed(s, doctor.CheckOptions{Examiner: examiner, OrgID: fixtureOrg, Regions: regions})
	}
	return doctor.NewRun(fixtureNow, list)
}

// deployment is a run of bootstrap over n accounts: the fourth fails, the fifth is blocked.
func deployment(n int) *report.HTMLDeploy {
	d := &report.HTMLDeploy{Run: report.Run{ID: "0199-run", TemplateSHA256: strings.Repeat("ab", 32)}, Timeline: report.NewTimeline()}
	at := func(seconds float64) time.Time { return fixtureNow.Add(time.Duration(seconds * float64(time.Second))) }
	emit := func(seconds float64, e bootstrap.Event) {
		e.At = at(seconds)
		d.Timeline.Emit(e)
	}
	for i := range n {
		t := fleet.Target{Account: fmt.Sprintf("%012d", 10_000_000_001+i), Name: faults[i%len(faults)].name, Region: "eu-west-1"}
		r := bootstrap.Result{Target: t, Action: bootstrap.ActionCreate, Status: bootstrap.StatusSucceeded, APICalls: 11, Elapsed: 24 * time.Second}
		begin := 30 + float64(i)/4
		emit(float64(i)/10, bootstrap.Event{Type: bootstrap.EventPhase, Phase: bootstrap.PhasePlan, Target: t})
		emit(1+float64(i)/10, bootstrap.Event{Type: bootstrap.EventPlanned, Phase: bootstrap.PhasePlan, Target: t})
		switch i % len(faults) {
		case 4:
			r.Action, r.Status, r.Reason = bootstrap.ActionBlocked, bootstrap.StatusBlocked, "A provider exists."
			r.Failure = &bootstrap.Failure{Code: "provider_exists", Message: "A provider exists.", Fix: "fcoidc bootstrap --existing-provider reuse"}
		case 3:
			r.Status = bootstrap.StatusFailed
			r.Failure = &bootstrap.Failure{Code: "CREATE_FAILED", Resource: "OidcProvider", Message: "Could not connect to OIDC provider <i>", Fix: "check the issuer"}
		default:
			r.Outputs = map[string]string{"PlanRoleArn": "arn:aws:iam::" + t.Account + ":role/forgecroft-runner-plan", "ApplyRoleArn": "arn:aws:iam::" + t.Account + ":role/forgecroft-runner-apply"}
		}
		if r.Status != bootstrap.StatusBlocked {
			emit(begin, bootstrap.Event{Type: bootstrap.EventPhase, Phase: bootstrap.PhaseChangeSet, Target: t})
			emit(begin+4, bootstrap.Event{Type: bootstrap.EventPhase, Phase: bootstrap.PhaseDeploy, Target: t})
			emit(begin+5, bootstrap.Event{Type: bootstrap.EventThrottled, Target: t})
			for k, resource := range []string{"OidcProvider", "PlanRole", "ApplyRole"} {
				emit(begin+6+float64(k), bootstrap.Event{Type: bootstrap.EventResource, Target: t, Resource: &bootstrap.ResourceEvent{LogicalID: resource, Status: "CREATE_COMPLETE"}})
			}
		}
		emit(begin+24, bootstrap.Event{Type: bootstrap.EventFinished, Phase: bootstrap.PhaseDone, Target: t, Result: &r})
		d.Results = append(d.Results, r)
	}
	return d
}
