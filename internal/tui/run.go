package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// frameRate is how often a second the screen is redrawn at most. People do not see more.
const frameRate = 30

// Run shows the screens until they are left, and returns what came of them. The error is
// nil however the user left; results are complete even with an error, which is a
// [BrokenError] if it is about the screens and not about the deployment.
//
// Nothing that Run started goes on after it returned. A deployment outlives the screen:
// if the terminal goes away, it winds down first.
func Run(ctx context.Context, o Options) (Outcome, error) {
	if o.Accessible {
		return runAccessible(ctx, o)
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx)) // the screen outlives an interrupt, to say what came of it
	defer cancel()
	j := &jobs{Job: o.Job, accounts: o.Accounts, ctx: work}
	hangup := make(chan struct{})
	model := guarded{app: newApp(o, j, time.Now), fault: &fault{}, send: func(msg tea.Msg) { j.send(msg) }}
	p := tea.NewProgram(model,
		tea.WithContext(work), tea.WithInput(watched(o.In, hangup)), tea.WithOutput(o.Out), tea.WithEnvironment(environ(o)),
		tea.WithFPS(frameRate), tea.WithoutSignalHandler(), // signals come as ctx and Interrupted
	)
	j.send = p.Send

	done := make(chan struct{})
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		watch(ctx, o.Interrupted, hangup, done, p.Send)
	}()
	final, err := p.Run()
	close(done)
	<-watching

	last, _ := final.(guarded)
	m := last.app
	broken := model.fault.broken
	if err != nil && broken == nil {
		broken = &BrokenError{Err: err}
	}
	if broken != nil {
		return brokenOutcome(ctx, o, m, j, cancel), broken
	}
	if !m.deploying() {
		cancel() // what is still being looked up is not needed any more
	}
	out := outcomeOf(m, j)
	out.Interrupted = m.interrupted || m.deploying() // which the screens ended before
	return out, m.err
}

// environ is the environment that decides over colours. The theme has decided already:
// --color always wins over NO_COLOR.
func environ(o Options) []string {
	if !o.Theme.Color {
		return o.Environ
	}
	return slices.DeleteFunc(slices.Clone(o.Environ), func(v string) bool { return strings.HasPrefix(v, "NO_COLOR=") })
}

// watch tells the screen what happens to the process: the first request to end, the
// second, and that there is nobody to press a key any more.
func watch(ctx context.Context, interrupted, hangup, done <-chan struct{}, send func(tea.Msg)) {
	for {
		select {
		case <-interrupted:
			interrupted = nil
			send(interruptMsg{})
		case <-hangup:
			hangup = nil
			send(interruptMsg{})
		case <-ctx.Done():
			send(interruptMsg{all: true})
			return
		case <-done:
			return
		}
	}
}

// outcomeOf waits for what runs and says what came of it.
func outcomeOf(m app, j *jobs) Outcome {
	results := j.wait()
	return Outcome{Answers: m.form.answers, Results: results, Quit: results == nil}
}

// brokenOutcome is the outcome once the screen is gone and what runs is not: nothing new is
// started.
func brokenOutcome(ctx context.Context, o Options, m app, j *jobs, leave context.CancelFunc) Outcome {
	stop := context.AfterFunc(ctx, leave)
	defer stop()
	if j.windDown() {
		fmt.Fprintf(o.Out, "the screen is gone; waiting for what runs\r\n")
	} else {
		leave()
	}
	out := outcomeOf(m, j)
	out.Interrupted = j.cut
	return out
}

// watchedInput is a terminal's input that tells when it is over. Bubble Tea takes the end
// of the input for silence, and would wait for ever.
type watchedInput struct {
	terminal
	over func()
}

// terminal is what Bubble Tea wants of an input to wait for it in a way that can be ended.
type terminal interface {
	io.ReadWriteCloser
	Fd() uintptr
	Name() string
}

func watched(in io.Reader, hangup chan<- struct{}) io.Reader {
	t, ok := in.(terminal)
	if !ok {
		return in
	}
	told := false
	return &watchedInput{t, func() {
		if !told {
			told = true
			close(hangup)
		}
	}}
}

// Read reads, and tells at the end.
func (w *watchedInput) Read(p []byte) (int, error) {
	n, err := w.terminal.Read(p)
	if errors.Is(err, io.EOF) {
		w.over()
	}
	return n, err
}
