package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
)

func TestABoardThatLeftTargetsOutSaysInterrupted(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	target := fleet.Target{Account: "010000000001", Region: "us-east-1"}
	render := func(r bootstrap.Result) string {
		r.Target = target
		b := NewBoard("fcoidc bootstrap", []fleet.Target{target}, began).Finished([]bootstrap.Result{r})
		return b.Render(NewStyles(report.Theme{}, true), 80, 24, began)
	}
	left := render(bootstrap.Result{Status: bootstrap.StatusSkipped, Failure: &bootstrap.Failure{Code: "not_started"}})
	if !strings.Contains(left, "interrupted; the same command again goes on") {
		t.Errorf("a target was not started:\n%s", left)
	}
	if done := render(bootstrap.Result{Status: bootstrap.StatusSucceeded}); !strings.Contains(done, "finished") || strings.Contains(done, "interrupted") {
		t.Errorf("all is done:\n%s", done)
	}
}

func TestAPickerListsWhatIsChosenFirst(t *testing.T) {
	t.Parallel()
	p := newPicker([]choice{newChoice("a", "", "a"), newChoice("b", "", "b"), newChoice("c", "", "c")}, []string{"c"})
	if got := p.choices[0].key + p.choices[1].key + p.choices[2].key; got != "cab" {
		t.Errorf("the order is %s, want cab", got)
	}
}
