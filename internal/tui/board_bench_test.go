package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
)

// storm is all events of a run over targets that begin one after the other: two phases,
// two resources, one throttling and an end each.
func storm(targets []fleet.Target) []bootstrap.Event {
	const together = 50
	var events []bootstrap.Event
	add := func(i int, e bootstrap.Event) {
		e.At, e.Target = start.Add(time.Duration(len(events))*200*time.Microsecond), targets[i]
		events = append(events, e)
	}
	for i := range len(targets) + together {
		if i < len(targets) {
			add(i, bootstrap.Event{Type: bootstrap.EventPhase, Phase: bootstrap.PhaseChangeSet})
			add(i, bootstrap.Event{Type: bootstrap.EventPhase, Phase: bootstrap.PhaseDeploy})
			add(i, bootstrap.Event{Type: bootstrap.EventThrottled})
		}
		if i -= together; i >= 0 {
			for done := range 2 {
				add(i, bootstrap.Event{Type: bootstrap.EventResource, Done: done + 1, Total: 2, Resource: &bootstrap.ResourceEvent{LogicalID: "PlanRole", Status: "CREATE_COMPLETE"}})
			}
			r := &bootstrap.Result{Action: bootstrap.ActionCreate, Status: bootstrap.StatusSucceeded, Elapsed: time.Second}
			if i%100 == 7 {
				r.Status, r.Failure = bootstrap.StatusFailed, &bootstrap.Failure{Code: "AlreadyExists", Message: "it exists"}
			}
			add(i, bootstrap.Event{Type: bootstrap.EventFinished, Phase: bootstrap.PhaseDone, Result: r})
		}
	}
	return events
}

var benchSizes = []int{1_000, 10_000}

// BenchmarkApply is one event by itself.
func BenchmarkApply(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			targets := sceneTargets(n)
			events, board := storm(targets), NewBoard("bench", targets, start)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				board = board.Apply(events[i%len(events)])
			}
		})
	}
}

// BenchmarkApplyAll is one event of a batch, as large as one gets from 5,000 events a
// second at 30 frames a second.
func BenchmarkApplyAll(b *testing.B) {
	const batch = 166
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			targets := sceneTargets(n)
			events, board := storm(targets), NewBoard("bench", targets, start)
			b.ReportAllocs()
			applied := 0
			for b.Loop() {
				at := applied % (len(events) - batch)
				board = board.ApplyAll(events[at : at+batch])
				applied += batch
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(applied), "ns/event")
		})
	}
}

// BenchmarkRender is one frame in the middle of a run.
func BenchmarkRender(b *testing.B) {
	styles := NewStyles(report.Theme{Color: true}, true)
	for _, n := range benchSizes {
		targets := sceneTargets(n)
		events := storm(targets)
		board := NewBoard("bench", targets, start).ApplyAll(events[:len(events)/2])
		now := start.Add(time.Minute)
		for name, board := range map[string]Board{"list": board, "detail": board.Key(keyPress("right"))} {
			for _, size := range [][2]int{{80, 24}, {200, 50}} {
				b.Run(fmt.Sprintf("rows=%d/%s/%dx%d", n, name, size[0], size[1]), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						board.Render(styles, size[0], size[1], now)
					}
				})
			}
		}
	}
}

// BenchmarkFilter is a key in the filter and BenchmarkSort the key that sorts: all rows
// are looked at.
func BenchmarkFilter(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			board := NewBoard("bench", sceneTargets(n), start).Key(keyPress("/"))
			b.ReportAllocs()
			for b.Loop() {
				board.Key(keyPress("p"))
			}
		})
	}
}

func BenchmarkSort(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			board := NewBoard("bench", sceneTargets(n), start)
			b.ReportAllocs()
			for b.Loop() {
				board = board.Key(keyPress("s"))
			}
		})
	}
}
