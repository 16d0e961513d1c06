//go:build unix

package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
)

// console is a pseudo-terminal that answers no query.
type console struct {
	t        *testing.T
	keyboard *os.File // what one types into, and reads the screen from
	tty      *os.File // what the program has
	mu       sync.Mutex
	screen   strings.Builder
}

func newConsole(t *testing.T) *console {
	t.Helper()
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatal("no pseudo-terminal:", err)
	}
	c := &console{t: t, keyboard: keyboard, tty: tty}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := keyboard.Read(buffer)
			c.mu.Lock()
			c.screen.Write(buffer[:n])
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { _, _ = tty.Close(), keyboard.Close() })
	return c
}

func (c *console) seen() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.screen.String()
}

// sees waits until words were written.
func (c *console) sees(words string) {
	c.t.Helper()
	for until := time.Now().Add(10 * time.Second); !strings.Contains(c.seen(), words); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			c.t.Fatalf("%q was not seen: %q", words, c.seen())
		}
	}
}

func (c *console) types(keys string) {
	c.t.Helper()
	if _, err := io.WriteString(c.keyboard, keys); err != nil {
		c.t.Fatal(err)
	}
}

type ended struct {
	outcome Outcome
	err     error
}

// run runs o on the console, and checks that it gives the terminal back as it was.
func (c *console) run(ctx context.Context, o Options) <-chan ended {
	c.t.Helper()
	before, err := term.GetState(int(c.tty.Fd()))
	if err != nil {
		c.t.Fatal(err)
	}
	o.In, o.Out, o.Environ = c.tty, c.tty, []string{"TERM=xterm-256color", "LANG=C.UTF-8"}
	done := make(chan ended, 1)
	go func() {
		outcome, err := Run(ctx, o)
		after, stateErr := term.GetState(int(c.tty.Fd()))
		if stateErr != nil || *after != *before {
			c.t.Errorf("the terminal is left in another state: %v", stateErr)
		}
		done <- ended{outcome, err}
	}()
	return done
}

func (c *console) wait(done <-chan ended) ended {
	c.t.Helper()
	select {
	case e := <-done:
		for until := time.Now().Add(time.Second); !strings.Contains(c.seen(), "\x1b[?1049l"); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(until) {
				c.t.Errorf("the alternate screen is not left: %q", c.seen())
				break
			}
		}
		return e
	case <-time.After(20 * time.Second):
		c.t.Fatalf("still running: %q", c.seen())
		return ended{}
	}
}

func plannedFor(t *testing.T, j *fakeJob) Options {
	t.Helper()
	o := fakeOptions(j)
	planned, err := j.Plan(t.Context(), Answers{OrgID: exampleOrg, Accounts: []string{"010000000001", "010000000002"}}, bootstrap.SinkFunc(func(bootstrap.Event) {}))
	if err != nil {
		t.Fatal(err)
	}
	o.Planned = &planned
	return o
}

func TestATerminalThatAnswersNothingGetsItsFormAtOnce(t *testing.T) {
	c := newConsole(t)
	start := time.Now()
	done := c.run(t.Context(), fakeOptions(&fakeJob{}))
	c.sees("Which Forgecroft organization")
	if took := time.Since(start); took > 500*time.Millisecond { // 100 ms, on a machine that does nothing else
		t.Errorf("it took %s", took)
	}
	c.types("\x03")
	if e := c.wait(done); e.err != nil || !e.outcome.Quit {
		t.Errorf("%+v", e)
	}
}

func TestARunOnATerminal(t *testing.T) {
	c := newConsole(t)
	done := c.run(t.Context(), plannedFor(t, &fakeJob{}))
	c.sees("2 accounts of the sandbox")
	c.types("\r")
	c.sees("Deploy to 2 accounts")
	c.types("y")
	c.sees("finished")
	c.types("\r")
	c.sees("Next, in Forgecroft")
	c.types("c")
	c.sees("\x1b]52;c;") // the clipboard
	c.types("q")
	if e := c.wait(done); e.err != nil || e.outcome.Quit || len(e.outcome.Results) != 2 {
		t.Errorf("%+v", e)
	}
}

func TestBeingAskedToEndTwiceLeavesTheDeployment(t *testing.T) {
	c := newConsole(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	interrupted := make(chan struct{})
	o := plannedFor(t, &fakeJob{hold: make(chan struct{})})
	o.Interrupted = interrupted
	done := c.run(ctx, o)
	c.sees("2 accounts of the sandbox")
	c.types("\ry")
	c.sees("deploying")
	close(interrupted)
	c.sees("winding down")
	cancel()
	e := c.wait(done)
	if e.err != nil || !e.outcome.Interrupted || len(e.outcome.Results) != 2 || e.outcome.Results[0].Status != bootstrap.StatusInProgress {
		t.Errorf("%+v", e)
	}
}

func TestAfterAPanicTheTerminalIsGivenBackAndTheDeploymentWindsDown(t *testing.T) {
	c := newConsole(t)
	hold := make(chan struct{})
	j := &panicking{fakeJob: fakeJob{hold: hold}}
	done := c.run(t.Context(), plannedFor(t, &j.fakeJob).with(j))
	c.sees("2 accounts of the sandbox")
	c.types("\ry")
	c.sees("waiting for what runs")
	close(hold)
	e := c.wait(done)
	if !errors.Is(e.err, tea.ErrProgramPanic) || !e.outcome.Interrupted || len(e.outcome.Results) != 2 || e.outcome.Results[0].Status != bootstrap.StatusSucceeded || e.outcome.Results[1].Status != bootstrap.StatusSkipped {
		t.Errorf("%+v", e)
	}
}

func TestAPanicAfterTheDeploymentIsOneSentenceBesideWhatWasDone(t *testing.T) {
	c := newConsole(t)
	j := &panicking{late: true}
	done := c.run(t.Context(), plannedFor(t, &j.fakeJob).with(j))
	c.sees("2 accounts of the sandbox")
	c.types("\ry")
	e := c.wait(done)
	if e.outcome.Interrupted || len(e.outcome.Results) != 2 || e.outcome.Results[1].Status != bootstrap.StatusSucceeded {
		t.Errorf("what was done is lost, or said to be interrupted: %+v", e.outcome)
	}
	broken, ok := errors.AsType[*BrokenError](e.err)
	if !ok || strings.Contains(e.err.Error(), "\n") || !strings.HasPrefix(e.err.Error(), "the screens broke down: ") || !strings.Contains(broken.Stack, "row.go") {
		t.Errorf("the error is %v", e.err)
	}
}

// panicking lets the screen panic once a deployment is under way: an event without its
// result is one that the engine never makes.
type panicking struct {
	fakeJob
	late bool // once all is deployed
}

func (o Options) with(j Job) Options {
	o.Job = j
	return o
}

func (j *panicking) Deploy(ctx context.Context, drain <-chan struct{}, plans []bootstrap.Plan, sink bootstrap.Sink) ([]bootstrap.Result, error) {
	impossible := bootstrap.Event{Type: bootstrap.EventFinished, Target: plans[0].Target}
	if !j.late {
		sink.Emit(impossible)
	}
	results, err := j.fakeJob.Deploy(ctx, drain, plans, sink)
	if j.late {
		sink.Emit(impossible)
	}
	return results, err
}

func TestATerminalThatGoesAwayEndsTheScreens(t *testing.T) {
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatal("no pseudo-terminal:", err)
	}
	defer tty.Close() //nolint:errcheck // nothing is written any more
	o, started := fakeOptions(&fakeJob{}), make(chan struct{})
	o.Accounts = func(context.Context) ([]AccountChoice, error) {
		close(started)
		return nil, nil
	}
	o.In, o.Out, o.Environ = tty, tty, []string{"TERM=xterm-256color"}
	done := make(chan ended, 1)
	go func() {
		outcome, err := Run(t.Context(), o)
		done <- ended{outcome, err}
	}()
	<-started
	if err := keyboard.Close(); err != nil { // nobody reads from it, which would keep it open
		t.Fatal(err)
	}
	select {
	case e := <-done:
		if !e.outcome.Quit {
			t.Errorf("%+v", e)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the screens wait for a terminal that is gone")
	}
}
