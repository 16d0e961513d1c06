package tui

import (
	"bytes"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/teatest/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
)

// flow is a whole program on a screen of 100x30 that the test types into.
type flow struct {
	t *testing.T
	*teatest.TestModel
	jobs *jobs
}

func newFlow(t *testing.T, o Options) *flow {
	t.Helper()
	j := &jobs{Job: o.Job, accounts: o.Accounts, ctx: t.Context()}
	f := &flow{t: t, jobs: j}
	ready := make(chan struct{})
	j.send = func(msg tea.Msg) { <-ready; f.Send(msg) }
	f.TestModel = teatest.NewTestModel(t, newApp(o, j, time.Now), teatest.WithInitialTermSize(100, 30))
	close(ready)
	return f
}

// sees waits until the screen shows the words.
func (f *flow) sees(words string) {
	f.t.Helper()
	teatest.WaitFor(f.t, f.Output(), func(screen []byte) bool { return bytes.Contains(screen, []byte(words)) },
		teatest.WithDuration(10*time.Second), teatest.WithCheckInterval(10*time.Millisecond))
}

func (f *flow) press(names ...string) {
	for _, name := range names {
		if k, ok := namedKeys[name]; ok {
			f.Send(k)
		} else {
			f.Type(name)
		}
	}
}

func (f *flow) end() app {
	f.t.Helper()
	final := f.FinalModel(f.t, teatest.WithFinalTimeout(10*time.Second)).(app)
	f.jobs.wait()
	return final
}

func TestAWholeRun(t *testing.T) {
	t.Parallel()
	f := newFlow(t, fakeOptions(&fakeJob{fails: map[string]int{"010000000002": 1}}))
	f.sees("Which Forgecroft organization")
	f.press(exampleOrg, "enter")
	f.sees("In which Regions")
	f.press("us-east-1", "space", "enter")
	f.sees("Which accounts")
	f.press("ctrl+a", "enter", "enter", "enter")
	f.sees("5 accounts of the sandbox")
	f.press("enter")
	f.sees("Deploy to 5 accounts")
	f.press("y")
	f.sees("1 failed")
	f.press("r")
	f.sees("5 done")
	f.press("enter")
	f.sees("Next, in Forgecroft")
	f.press("q")
	final := f.end()
	if final.interrupted || len(final.results) != 5 || final.results[1].Status != bootstrap.StatusSucceeded {
		t.Errorf("interrupted %t, results %+v", final.interrupted, final.results)
	}
}

func reviewed(t *testing.T, j *fakeJob) *flow {
	t.Helper()
	o := fakeOptions(j)
	planned, err := j.Plan(t.Context(), Answers{OrgID: exampleOrg, Accounts: []string{"010000000001", "010000000002"}}, bootstrap.SinkFunc(func(bootstrap.Event) {}))
	if err != nil {
		t.Fatal(err)
	}
	o.Planned = &planned
	f := newFlow(t, o)
	f.sees("2 accounts of the sandbox")
	return f
}

func TestOneInterruptWindsDown(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	f := reviewed(t, &fakeJob{hold: hold})
	f.press("enter", "y")
	f.sees("deploying")
	f.press("ctrl+c")
	f.sees("winding down: 1 still running")
	close(hold)
	f.sees("skipped")
	f.press("enter")
	f.sees("1 of 2 accounts as asked for, 1 skipped")
	f.press("q")
	if final := f.end(); !final.interrupted || final.results[0].Status != bootstrap.StatusSucceeded || final.results[1].Status != bootstrap.StatusSkipped {
		t.Errorf("interrupted %t, results %+v", final.interrupted, final.results)
	}
}

func TestASecondInterruptLeaves(t *testing.T) {
	t.Parallel()
	f := reviewed(t, &fakeJob{hold: make(chan struct{})})
	f.press("enter", "y")
	f.sees("deploying")
	f.press("ctrl+c", "ctrl+c")
	if final := f.end(); !final.interrupted || final.results[0].Status != bootstrap.StatusInProgress {
		t.Errorf("interrupted %t, results %+v", final.interrupted, final.results)
	}
}

func TestOnTheBoardQWindsDownAsAnInterruptDoes(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	f := reviewed(t, &fakeJob{hold: hold})
	f.press("enter", "y")
	f.sees("deploying")
	f.press("q")
	f.sees("winding down: 1 still running, q again leaves")
	close(hold)
	f.sees("skipped")
	f.press("enter")
	f.sees("1 skipped")
	f.press("q")
	if final := f.end(); final.results[0].Status != bootstrap.StatusSucceeded || final.results[1].Status != bootstrap.StatusSkipped {
		t.Errorf("results %+v", final.results)
	}
}

func TestAnInterruptBeforeTheDeploymentLeaves(t *testing.T) {
	t.Parallel()
	j := &fakeJob{}
	f := reviewed(t, j)
	f.press("ctrl+c")
	if final := f.end(); !final.interrupted || final.results != nil || j.deploys != 0 {
		t.Errorf("interrupted %t, results %+v", final.interrupted, final.results)
	}
}

func TestBeingAskedToEndFromOutsideWindsDownAndLeaves(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	f := reviewed(t, &fakeJob{hold: hold})
	f.press("enter", "y")
	f.sees("deploying")
	f.Send(interruptMsg{})
	f.sees("winding down")
	close(hold)
	if final := f.end(); !final.interrupted || final.results[1].Status != bootstrap.StatusSkipped {
		t.Errorf("interrupted %t, results %+v", final.interrupted, final.results)
	}
}

func TestEventsComeInBatchesAndInOrder(t *testing.T) {
	t.Parallel()
	const n = 20_000
	var got []int
	batches := 0
	b := &batch{send: func(msg tea.Msg) {
		batches++
		for _, e := range msg.(eventsMsg).events {
			got = append(got, e.Done)
		}
	}}
	for i := range n {
		b.Emit(bootstrap.Event{Done: i})
	}
	b.flush()
	for i, v := range got {
		if i != v {
			t.Fatalf("event %d came in place %d", v, i)
		}
	}
	if len(got) != n || batches > n/100 {
		t.Errorf("%d events in %d batches", len(got), batches)
	}
}
