package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
)

// start is when every scene begins.
var start = time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC)

// plainStyles are those of a golden without colours.
func plainStyles() Styles { return NewStyles(report.Theme{}, true) }

// scene plays a run into a board, event by event.
type scene struct {
	board   Board
	targets []fleet.Target
	now     time.Time
}

func sceneTargets(n int) []fleet.Target {
	teams := []string{"payments", "identity", "logging", "network", "data-lake", "sandbox", "web", "ml-training"}
	stages := []string{"prod", "staging", "dev"}
	targets := make([]fleet.Target, n)
	for i := range targets {
		targets[i] = fleet.Target{
			Account: fmt.Sprintf("%012d", 100000000001+int64(i)*7001), Region: "eu-west-1", Partition: "aws",
			Name:   teams[i%len(teams)] + "-" + stages[i/len(teams)%len(stages)],
			Source: fmt.Sprintf("accounts.csv line %d", i+2),
			Caller: fmt.Sprintf("arn:aws:sts::%012d:assumed-role/OrganizationAccountAccessRole/fcoidc", 100000000001+int64(i)*7001),
		}
	}
	return targets
}

func newScene(n int) *scene {
	targets := sceneTargets(n)
	return &scene{NewBoard(fmt.Sprintf("Setting up %d accounts", n), targets, start), targets, start}
}

func (s *scene) wait(d time.Duration) { s.now = s.now.Add(d) }

func (s *scene) event(i int, e bootstrap.Event) {
	e.At, e.Target = s.now, s.targets[i]
	s.board = s.board.Apply(e)
}

func (s *scene) phase(i int, p bootstrap.Phase, detail string) {
	s.event(i, bootstrap.Event{Type: bootstrap.EventPhase, Phase: p, Detail: detail})
}

func (s *scene) resource(i, done int, id, status, reason string) {
	s.event(i, bootstrap.Event{
		Type: bootstrap.EventResource, Phase: bootstrap.PhaseDeploy, Done: done, Total: 3,
		Resource: &bootstrap.ResourceEvent{LogicalID: id, Type: "AWS::IAM::Role", Status: status, Reason: reason},
	})
}

func (s *scene) throttled(i int) {
	s.event(i, bootstrap.Event{Type: bootstrap.EventThrottled, Detail: "AWS asks to slow down; waiting 1.4s"})
}

func (s *scene) finished(i int, r bootstrap.Result) {
	r.Target = s.targets[i]
	s.event(i, bootstrap.Event{Type: bootstrap.EventFinished, Phase: bootstrap.PhaseDone, Result: &r})
}

// begin takes a target up to where CloudFormation works on it.
func (s *scene) begin(i int) {
	s.phase(i, bootstrap.PhaseChangeSet, "")
	s.phase(i, bootstrap.PhaseDeploy, "adds 3 resources")
}

func (s *scene) succeed(i int, took time.Duration) {
	s.resource(i, 3, "ApplyRole", "CREATE_COMPLETE", "")
	s.finished(i, bootstrap.Result{
		Action: bootstrap.ActionCreate, Status: bootstrap.StatusSucceeded, Elapsed: took,
		Outputs: map[string]string{
			"PlanRoleArn":  "arn:aws:iam::" + s.targets[i].Account + ":role/forgecroft-plan",
			"ApplyRoleArn": "arn:aws:iam::" + s.targets[i].Account + ":role/forgecroft-apply",
		},
	})
}

func (s *scene) fail(i int, took time.Duration) {
	s.resource(i, 1, "PlanRole", "CREATE_FAILED", "forgecroft-plan already exists in stack other")
	s.resource(i, 1, "ApplyRole", "CREATE_FAILED", "Resource creation cancelled")
	s.finished(i, bootstrap.Result{
		Action: bootstrap.ActionCreate, Status: bootstrap.StatusFailed, Elapsed: took,
		Failure: &bootstrap.Failure{
			Code: "AlreadyExists", Resource: "PlanRole",
			Message: "Resource of type 'AWS::IAM::Role' with identifier 'forgecroft-plan' already exists.",
			Fix:     "give the roles other names: fcoidc bootstrap --plan-role-name NAME, or delete the role: aws iam delete-role --role-name forgecroft-plan --region eu-west-1",
		},
	})
}

// busyScene is n targets in the middle of a run: some through, two failed, one blocked,
// one throttled.
func busyScene(n int) *scene {
	s := newScene(n)
	for i := range n {
		s.phase(i, bootstrap.PhaseQueued, "")
	}
	through := n * 3 / 10
	for i := range through {
		s.begin(i)
	}
	for i := range through {
		s.wait(30 * time.Second / time.Duration(max(through, 1)))
		switch i {
		case 2, through - 1:
			s.fail(i, 12*time.Second)
		case 3:
			s.finished(i, bootstrap.Result{Action: bootstrap.ActionNone, Status: bootstrap.StatusSucceeded, Reason: "the stack is already as asked for"})
		case 4:
			s.finished(i, bootstrap.Result{
				Action: bootstrap.ActionBlocked, Status: bootstrap.StatusBlocked, Reason: "another stack owns the provider",
				Failure: &bootstrap.Failure{Code: "provider_exists", Message: "another stack owns the provider", Fix: "--existing-provider reuse"},
			})
		default:
			s.succeed(i, 11*time.Second+time.Duration(i)*300*time.Millisecond)
		}
	}
	running := min(n-through, 8)
	for k := range running {
		i := through + k
		s.begin(i)
		s.wait(time.Second)
		switch k % 4 {
		case 0:
			s.resource(i, 0, "OidcProvider", "CREATE_IN_PROGRESS", "")
		case 1:
			s.resource(i, 1, "OidcProvider", "CREATE_COMPLETE", "")
			s.resource(i, 1, "PlanRole", "CREATE_IN_PROGRESS", "Resource creation Initiated")
		case 2:
			s.throttled(i)
		}
	}
	s.wait(1500 * time.Millisecond)
	return s
}

func (s *scene) render(width, height int) string {
	return s.board.Render(plainStyles(), width, height, s.now)
}

// press is the board after keys, by their names.
func (s *scene) press(keys ...string) *scene {
	for _, k := range keys {
		s.board = s.board.Key(keyPress(k))
	}
	return s
}

func keyPress(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
		"right": tea.KeyRight, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd,
		"backspace": tea.KeyBackspace,
	}
	if code, ok := codes[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	r := []rune(name)[0]
	return tea.KeyPressMsg{Code: r, Text: name}
}
