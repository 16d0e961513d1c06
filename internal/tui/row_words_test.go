package tui

import (
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
)

func TestEveryStateHasAWordThatFitsItsColumn(t *testing.T) {
	t.Parallel()
	actions := []bootstrap.Action{
		bootstrap.ActionCreate, bootstrap.ActionUpdate, bootstrap.ActionNone, bootstrap.ActionRecreate,
		bootstrap.ActionDelete, bootstrap.ActionBlocked, bootstrap.ActionSkipped,
	}
	phases := []bootstrap.Phase{
		bootstrap.PhaseQueued, bootstrap.PhasePlan, bootstrap.PhaseChangeSet, bootstrap.PhaseDelete,
		bootstrap.PhaseDeploy, bootstrap.PhaseWait, bootstrap.PhaseDone,
	}
	for state := range states {
		for _, action := range actions {
			for _, phase := range phases {
				r := row{state: state, phase: phase, plan: &bootstrap.Plan{Action: action}, result: &bootstrap.Result{Action: action}}
				if words := r.words(); words == "" || len(words) > stateWidth {
					t.Errorf("state %d, phase %s, action %s is %q", state, phase, action, words)
				}
			}
		}
	}
}

func TestAResourceInFewWords(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]bootstrap.ResourceEvent{
		"PlanRole creating":           {LogicalID: "PlanRole", Status: "CREATE_IN_PROGRESS", Reason: "Resource creation Initiated"},
		"PlanRole updated":            {LogicalID: "PlanRole", Status: "UPDATE_COMPLETE"},
		"PlanRole deleting":           {LogicalID: "PlanRole", Status: "DELETE_IN_PROGRESS"},
		"OidcProvider kept":           {LogicalID: "OidcProvider", Status: "DELETE_SKIPPED"},
		"PlanRole import in progress": {LogicalID: "PlanRole", Status: "IMPORT_IN_PROGRESS"},
		"PlanRole create failed":      {LogicalID: "PlanRole", Status: "CREATE_FAILED"},
		"PlanRole: it exists":         {LogicalID: "PlanRole", Status: "CREATE_FAILED", Reason: "it exists"},
		"ApplyRole create failed":     {LogicalID: "ApplyRole", Status: "CREATE_FAILED", Reason: "Resource creation cancelled"},
		"OidcProvider update failed":  {LogicalID: "OidcProvider", Status: "UPDATE_FAILED", Reason: "Resource update cancelled."},
		"PlanRole updating":           {LogicalID: "PlanRole", Status: "UPDATE_IN_PROGRESS"},
		"ApplyRole created":           {LogicalID: "ApplyRole", Status: "CREATE_COMPLETE"},
		"ApplyRole deleted":           {LogicalID: "ApplyRole", Status: "DELETE_COMPLETE"},
	} {
		if got := resourceWords(&e); got != want {
			t.Errorf("%s %s is %q, want %q", e.LogicalID, e.Status, got, want)
		}
	}
}

// TestADetailTellsWhyAndWhatToDo looks at what only the detail says.
func TestADetailTellsWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		play func(*scene)
		want []string
	}{
		"a block in the plan": {
			func(s *scene) {
				s.event(0, bootstrap.Event{Type: bootstrap.EventPlanned, Plan: &bootstrap.Plan{
					Action: bootstrap.ActionBlocked, Reason: "another stack owns it", Fix: "reuse it",
				}})
			},
			[]string{"because     another stack owns it", "fix         reuse it", "planned: blocked"},
		},
		"a failure that is not over": {
			func(s *scene) { s.begin(0); s.resource(0, 0, "PlanRole", "CREATE_FAILED", "it exists") },
			[]string{"cause       PlanRole: it exists", "PlanRole CREATE_FAILED it exists"},
		},
		"throttling": {
			func(s *scene) { s.begin(0); s.throttled(0); s.throttled(0) },
			[]string{"throttled   2 times", "waiting 1.4s (2 times)"},
		},
		"throttling once": {
			func(s *scene) { s.begin(0); s.throttled(0) },
			[]string{"throttled   once", "AWS asks to slow down; waiting 1.4s"},
		},
		"a skip": {
			func(s *scene) {
				s.finished(0, bootstrap.Result{Action: bootstrap.ActionDelete, Status: bootstrap.StatusSkipped, Reason: "the run was interrupted"})
			},
			[]string{"because     the run was interrupted"},
		},
		"the roles": {
			func(s *scene) { s.begin(0); s.succeed(0, 0) },
			[]string{"plan role   arn:aws:iam::100000000001:role/forgecroft-plan", "apply role  arn:aws:iam::100000000001:role/forgecroft-apply"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(1)
			tt.play(s)
			detail := strings.Join(s.board.rows.at(0).detail(plainStyles(), 100), "\n")
			for _, want := range tt.want {
				if !strings.Contains(detail, want) {
					t.Errorf("the detail does not say %q:\n%s", want, detail)
				}
			}
		})
	}
}
