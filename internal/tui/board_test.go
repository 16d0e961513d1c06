package tui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

func TestARowFollowsTheEventsOfItsTarget(t *testing.T) {
	t.Parallel()
	type shown struct{ State, Resources, Time, Story string }
	for name, tt := range map[string]struct {
		play func(*scene)
		want shown
	}{
		"nothing has happened": {
			func(*scene) {},
			shown{State: "queued"},
		},
		"what is there is read": {
			func(s *scene) { s.phase(0, bootstrap.PhasePlan, ""); s.wait(2 * time.Second) },
			shown{State: "reading", Time: "0:02"},
		},
		"a plan says what will be done": {
			func(s *scene) {
				s.phase(0, bootstrap.PhasePlan, "")
				s.event(0, bootstrap.Event{Type: bootstrap.EventPlanned, Phase: bootstrap.PhasePlan, Plan: &bootstrap.Plan{
					Action: bootstrap.ActionRecreate, Reason: "the stack failed to create",
				}})
			},
			shown{State: "recreate", Time: "0:00", Story: "the stack failed to create"},
		},
		"a planned target is queued again when the run begins": {
			func(s *scene) {
				s.phase(0, bootstrap.PhasePlan, "")
				s.event(0, bootstrap.Event{Type: bootstrap.EventPlanned, Plan: &bootstrap.Plan{Action: bootstrap.ActionCreate}})
				s.phase(0, bootstrap.PhaseQueued, "")
			},
			shown{State: "queued"},
		},
		"a resource is being made": {
			func(s *scene) {
				s.begin(0)
				s.wait(65 * time.Second)
				s.resource(0, 1, "PlanRole", "CREATE_IN_PROGRESS", "Resource creation Initiated")
			},
			shown{"deploying", "1/3", "1:05", "PlanRole creating"},
		},
		"AWS asks to slow down, and then goes on": {
			func(s *scene) {
				s.begin(0)
				s.throttled(0)
				s.throttled(0)
				s.resource(0, 1, "OidcProvider", "CREATE_COMPLETE", "")
			},
			shown{"deploying", "1/3", "0:00", "OidcProvider created"},
		},
		"AWS asks to slow down": {
			func(s *scene) { s.begin(0); s.throttled(0) },
			shown{State: "deploying", Time: "0:00", Story: "slowed down by AWS"},
		},
		"a resource failed and the rest is rolled back": {
			func(s *scene) {
				s.begin(0)
				s.resource(0, 0, "ApplyRole", "CREATE_FAILED", "Resource creation cancelled")
				s.resource(0, 1, "PlanRole", "CREATE_FAILED", "forgecroft-plan already exists")
				s.resource(0, 2, "OidcProvider", "DELETE_COMPLETE", "")
			},
			shown{"failing", "2/3", "0:00", "PlanRole: forgecroft-plan already exists"},
		},
		"the target is done": {
			func(s *scene) { s.begin(0); s.succeed(0, 22*time.Second) },
			shown{State: "created", Resources: "3/3", Time: "0:22"},
		},
		"nothing was to be done": {
			func(s *scene) {
				s.finished(0, bootstrap.Result{Action: bootstrap.ActionNone, Status: bootstrap.StatusSucceeded, Reason: "as asked for"})
			},
			shown{State: "unchanged", Story: "as asked for"},
		},
		"the target failed": {
			func(s *scene) { s.begin(0); s.fail(0, 12*time.Second) },
			shown{"failed", "1/3", "0:12", "PlanRole AlreadyExists: Resource of type 'AWS::IAM::Role' with identifier 'forgecroft-plan' already exists."},
		},
		"a failure without resource or code": {
			func(s *scene) {
				s.begin(0)
				s.finished(0, bootstrap.Result{Status: bootstrap.StatusFailed, Failure: &bootstrap.Failure{Message: "no route to host"}})
			},
			shown{State: "failed", Time: "0:00", Story: "no route to host"},
		},
		"what failed is retried": {
			func(s *scene) {
				s.begin(0)
				s.fail(0, 12*time.Second)
				s.wait(time.Minute)
				s.phase(0, bootstrap.PhaseQueued, "")
				s.phase(0, bootstrap.PhaseDelete, "")
				s.wait(3 * time.Second)
			},
			shown{State: "deleting", Time: "0:03"},
		},
		"it goes on without us": {
			func(s *scene) {
				s.begin(0)
				s.finished(0, bootstrap.Result{Status: bootstrap.StatusInProgress, Reason: "the stack goes on", Elapsed: time.Second})
			},
			shown{State: "goes on", Time: "0:01", Story: "the stack goes on"},
		},
		"the target was left out": {
			func(s *scene) {
				s.finished(0, bootstrap.Result{Status: bootstrap.StatusSkipped, Reason: "not started: the run was interrupted"})
			},
			shown{State: "skipped", Story: "not started: the run was interrupted"},
		},
		"a stack is deleted": {
			func(s *scene) {
				s.phase(0, bootstrap.PhaseDelete, "")
				s.resource(0, 3, "PlanRole", "DELETE_COMPLETE", "")
				s.finished(0, bootstrap.Result{Action: bootstrap.ActionDelete, Status: bootstrap.StatusSucceeded, Elapsed: 9 * time.Second})
			},
			shown{State: "deleted", Resources: "3/3", Time: "0:09"},
		},
		"another target's event changes nothing": {
			func(s *scene) { s.begin(1) },
			shown{State: "queued"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(2)
			tt.play(s)
			r := s.board.rows.at(0)
			got := shown{r.words(), r.resourcesCell(), r.timeCell(s.now), r.story()}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("row differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnEventOfAnUnknownTargetIsIgnored(t *testing.T) {
	t.Parallel()
	s := newScene(2)
	before := s.render(80, 24)
	s.board = s.board.Apply(bootstrap.Event{
		Type: bootstrap.EventPhase, Phase: bootstrap.PhaseDeploy, Target: fleet.Target{Account: "999999999999"},
	})
	if diff := cmp.Diff(before, s.render(80, 24)); diff != "" {
		t.Errorf("the board changed:\n%s", diff)
	}
}

func TestOneAccountInTwoRegionsHasTwoRows(t *testing.T) {
	t.Parallel()
	targets := []fleet.Target{{Account: "123456789012", Region: "eu-west-1"}, {Account: "123456789012", Region: "us-east-1"}}
	b := NewBoard("x", targets, start).Apply(bootstrap.Event{Type: bootstrap.EventPhase, Phase: bootstrap.PhaseDeploy, Target: targets[1]})
	if got := []string{b.rows.at(0).words(), b.rows.at(1).words()}; !slices.Equal(got, []string{"queued", "deploying"}) {
		t.Errorf("states are %q", got)
	}
}

// TestABoardStaysAsItWas plays on from one board in two directions.
func TestABoardStaysAsItWas(t *testing.T) {
	t.Parallel()
	s := busyScene(300).press("/", "p", "r", "enter")
	drawn := func(b Board) string { return b.Render(plainStyles(), 120, 40, s.now) }
	before, original := drawn(s.board), s.board
	for i := range 300 {
		s.begin(i)
		s.fail(i, time.Second)
	}
	s.press("/", "x", "backspace", "backspace", "enter", "s", "down", "right")
	if drawn(s.board) == before {
		t.Fatal("nothing happened")
	}
	if diff := cmp.Diff(before, drawn(original)); diff != "" {
		t.Errorf("the board before the events changed:\n%s", diff)
	}
}

// TestTheOrderIsThatOfSortingAnew: events move single rows; after any of them the order
// and the counts are those that one gets by looking at all rows.
func TestTheOrderIsThatOfSortingAnew(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 14))
	for how := range sortings {
		for _, filter := range []string{"", "prod", "failed", "deploying", "1000"} {
			s := newScene(200)
			s.board.sort = how
			s.board = s.board.filtered(Filter{}.Open().Paste(filter).Close()).resorted()
			for range 600 {
				s.wait(time.Duration(random.IntN(500)) * time.Millisecond)
				step(s, random.IntN(len(s.targets)), random.IntN(7))
			}
			if diff := cmp.Diff(s.board.resorted().order, s.board.order); diff != "" {
				t.Errorf("%s, filter %q: order differs (-anew +kept):\n%s", how, filter, diff)
			}
			var counts [states]int
			slowed := 0
			for i := range s.board.rows.n {
				counts[s.board.rows.at(i).state]++
				if s.board.rows.at(i).isSlowed() {
					slowed++
				}
			}
			if counts != s.board.counts || slowed != s.board.slowed {
				t.Errorf("counts are %v and %d slowed, want %v and %d", s.board.counts, s.board.slowed, counts, slowed)
			}
		}
	}
}

// step is one of the things that happen to a target, in no sensible order.
func step(s *scene, i, what int) {
	switch what {
	case 0:
		s.begin(i)
	case 1:
		s.resource(i, 1, "PlanRole", "CREATE_COMPLETE", "")
	case 2:
		s.throttled(i)
	case 3:
		s.succeed(i, time.Duration(i)*time.Second)
	case 4:
		s.fail(i, time.Duration(i)*time.Second)
	case 5:
		s.phase(i, bootstrap.PhaseQueued, "")
	default:
		s.finished(i, bootstrap.Result{Action: bootstrap.ActionBlocked, Status: bootstrap.StatusBlocked})
	}
}

func TestABatchIsItsEventsOneByOne(t *testing.T) {
	t.Parallel()
	targets := sceneTargets(150)
	var events []bootstrap.Event
	for i := range 900 {
		e := bootstrap.Event{At: start.Add(time.Duration(i) * time.Millisecond), Target: targets[i*7%len(targets)]}
		switch i % 3 {
		case 0:
			e.Type, e.Phase = bootstrap.EventPhase, bootstrap.PhaseDeploy
		case 1:
			e.Type, e.Done, e.Total = bootstrap.EventResource, 1, 3
			e.Resource = &bootstrap.ResourceEvent{LogicalID: "PlanRole", Status: "CREATE_COMPLETE"}
		case 2:
			e.Type = bootstrap.EventFinished
			e.Result = &bootstrap.Result{Status: bootstrap.StatusFailed, Failure: &bootstrap.Failure{Message: "no"}}
		}
		events = append(events, e)
	}
	single, batched := NewBoard("x", targets, start), NewBoard("x", targets, start).ApplyAll(events)
	for _, e := range events {
		single = single.Apply(e)
	}
	draw := func(b Board) string { return b.Render(plainStyles(), 200, 200, start.Add(time.Minute)) }
	if diff := cmp.Diff(draw(single), draw(batched)); diff != "" {
		t.Errorf("a batch differs from its events (-single +batched):\n%s", diff)
	}
}

func TestFailuresStandOnTopHoweverRowsAreSorted(t *testing.T) {
	t.Parallel()
	s := busyScene(100)
	for range sortings {
		s.press("s")
		for at := range 2 {
			if r := s.board.rows.at(int(s.board.order[at])); r.state != stateFailed {
				t.Errorf("%s: row %d is %s", s.board.sort, at, r.words())
			}
		}
	}
}

func TestSlowestFirstHasWhatRunsLongestBeforeWhatIsOver(t *testing.T) {
	t.Parallel()
	s := newScene(5)
	s.begin(1)
	s.wait(time.Second)
	s.begin(0)
	s.begin(2)
	s.succeed(2, 5*time.Second)
	s.begin(3)
	s.succeed(3, 9*time.Second)
	for s.board.sort != sortSlowest {
		s.press("s")
	}
	if want := []int32{1, 0, 3, 2, 4}; !slices.Equal(s.board.order, want) {
		t.Errorf("order is %v, want %v", s.board.order, want)
	}
}

func TestAHistoryKeepsItsNewestEvents(t *testing.T) {
	t.Parallel()
	s := newScene(1)
	s.phase(0, bootstrap.PhaseDeploy, "first")
	for range 1000 {
		s.throttled(0)
	}
	if n := len(s.board.rows.at(0).history()); n != 2 {
		t.Fatalf("a thousand throttlings made %d entries, want one beside the first", n)
	}
	for i := range 1000 {
		s.phase(0, bootstrap.PhaseWait, clock(time.Duration(i)*time.Second))
	}
	history := s.board.rows.at(0).history()
	if n := len(history); n < historyLength || n >= 2*historyLength {
		t.Errorf("history has %d entries, want %d to %d", n, historyLength, 2*historyLength)
	}
	if last := history[len(history)-1].detail; last != "16:39" {
		t.Errorf("the newest entry is %q", last)
	}
}

func TestTheTitleSaysThatTheRunStops(t *testing.T) {
	t.Parallel()
	s := newScene(3)
	s.board = s.board.Apply(bootstrap.Event{Type: bootstrap.EventStopping, Detail: "1 target failed: no further target is started"})
	if title, _, _ := strings.Cut(s.render(120, 24), "\n"); !strings.Contains(title, "no further target is started") {
		t.Errorf("the title is %q", title)
	}
	s.board = s.board.Stopping("winding down").Apply(bootstrap.Event{Type: bootstrap.EventStopping, Detail: "interrupted"})
	if title, _, _ := strings.Cut(s.render(120, 24), "\n"); !strings.Contains(title, "winding down") || strings.Contains(title, "interrupted") {
		t.Errorf("the title is %q", title)
	}
}

func TestFinishedTakesWhatTheEventsDidNotTell(t *testing.T) {
	t.Parallel()
	s := newScene(3)
	s.begin(0)
	s.succeed(0, time.Second)
	s.begin(1)
	results := []bootstrap.Result{
		{Target: s.targets[0], Action: bootstrap.ActionCreate, Status: bootstrap.StatusSucceeded, Elapsed: time.Second},
		{Target: s.targets[1], Action: bootstrap.ActionCreate, Status: bootstrap.StatusFailed, Failure: &bootstrap.Failure{Message: "no"}},
		{Target: s.targets[2], Action: bootstrap.ActionCreate, Status: bootstrap.StatusSkipped, Reason: "not started"},
	}
	b := s.board.Stopping("winding down").Finished(results)
	if b.Failed() != 1 || b.Running() != 0 || b.counts[stateSkipped] != 1 || b.counts[stateDone] != 1 {
		t.Errorf("counts are %v", b.counts)
	}
	if b.stopping != "" || !b.finished || !b.keys.Retry.Enabled() {
		t.Errorf("stopping %q, finished %v, retry %v", b.stopping, b.finished, b.keys.Retry.Enabled())
	}
	retried := b.Apply(bootstrap.Event{At: s.now, Type: bootstrap.EventPhase, Phase: bootstrap.PhaseQueued, Target: s.targets[1]})
	if retried.finished || retried.keys.Retry.Enabled() || retried.Failed() != 0 {
		t.Error("a retried target does not make the board live again")
	}
}

func TestTheTimeBeforeARetryDoesNotCount(t *testing.T) {
	t.Parallel()
	s := newScene(1)
	s.begin(0)
	s.wait(24 * time.Second)
	s.fail(0, 24*time.Second)
	s.board = s.board.Finished(nil)
	s.wait(time.Hour)
	s.begin(0)
	s.wait(2 * time.Second)
	if title, _, _ := strings.Cut(s.render(80, 24), "\n"); !strings.HasSuffix(title, " 0:26") {
		t.Errorf("the title is %q", title)
	}
}
