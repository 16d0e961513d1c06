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

func TestAfterAnInterruptTheBarShowsWhatWasDone(t *testing.T) {
	t.Parallel()
	s := newScene(60)
	for i := range 60 {
		switch {
		case i < 32:
			s.begin(i)
			s.succeed(i, time.Second)
		case i == 32:
			s.begin(i)
			s.finished(i, bootstrap.Result{Status: bootstrap.StatusInProgress})
		default:
			s.finished(i, bootstrap.Result{Status: bootstrap.StatusSkipped, Failure: &bootstrap.Failure{Code: "not_started"}})
		}
	}
	if got := s.render(80, 24); !strings.Contains(got, " 32 of 60\n") || strings.Count(got, "━") != 14 {
		t.Errorf("the bar is not that of 32 of 60:\n%s", got)
	}
	for i := 32; i < 60; i++ {
		s.phase(i, bootstrap.PhaseQueued, "")
		s.succeed(i, time.Second)
	}
	if got := s.render(80, 24); !strings.Contains(got, " 60 of 60\n") {
		t.Errorf("the bar is not full once all is done:\n%s", got)
	}
}

func TestALongNameLeavesTheRegionInSight(t *testing.T) {
	t.Parallel()
	target := fleet.Target{Account: "010000000001", Name: strings.Repeat("platform-", 12), Region: "eu-central-1"}
	b := NewBoard("fcoidc bootstrap", []fleet.Target{target}, start)
	if got := b.Key(keyPress("right")).Render(plainStyles(), 80, 24, start); !strings.Contains(got, "…  eu-central-1\n") {
		t.Errorf("the detail:\n%s", got)
	}
	r := newReview(Planned{Plans: []bootstrap.Plan{{Target: target, Action: bootstrap.ActionCreate}}}, false).open(pageAccount)
	if got := r.fitted(plainStyles(), 80, 24).Render(plainStyles(), "fcoidc", 80, 24); !strings.Contains(got, "…  eu-central-1\n") {
		t.Errorf("the account of the review:\n%s", got)
	}
}
