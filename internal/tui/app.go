package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

// screen is what the app shows.
type screen int

const (
	screenForm screen = iota
	screenPlanning
	screenReview
	screenBoard
	screenSummary
)

// app is the one model: which screen is open, and what runs behind it.
type app struct {
	options Options
	jobs    *jobs
	now     time.Time // of the last message that had a clock
	clock   func() time.Time

	styles        Styles
	width, height int

	screen   screen
	form     form
	planning planning
	review   review
	board    Board
	summary  summary

	planned  Planned
	asked    Answers // that planned is for
	results  []bootstrap.Result
	err      error              // of a deployment that could not even begin
	attempt  int                // of planning, and of what follows from it
	cancel   context.CancelFunc // of what runs, nil if nothing does
	stopping int                // how often the deployment was asked to stop
	ticking  bool

	interrupted bool // left by ctrl-c or from outside, or not all of the deployment was done
	leaving     bool // the screens end with the deployment
}

// command is what the screens are about.
func (m app) command() string {
	if m.options.Teardown {
		return "fcoidc teardown"
	}
	return "fcoidc bootstrap"
}

func (m app) title() string { return m.styles.Strong.Paint(m.command()) }

func newApp(o Options, j *jobs, clock func() time.Time) app {
	m := app{
		options: o, jobs: j, clock: clock, now: clock(),
		styles: NewStyles(o.Theme, true), width: 80, height: 24,
	}
	if !o.Teardown {
		m.form = newForm(o)
	}
	if o.Teardown || m.form.done { // there is no question to draw before the first message
		m.screen, m.planning = screenPlanning, newPlanning(m.now, 0, !o.Teardown)
	}
	return m
}

// Init opens the first screen. The model cannot be changed here, so a message does it.
func (m app) Init() tea.Cmd {
	cmds := []tea.Cmd{func() tea.Msg { return startMsg{} }}
	if m.options.Theme.Color {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	if m.options.Accounts != nil && m.options.Fixed[QuestionAccounts] == "" && !m.options.Teardown {
		cmds = append(cmds, m.jobs.list())
	}
	return tea.Batch(cmds...)
}

type (
	startMsg     struct{}           // the program runs
	tickMsg      time.Time          // a second has passed
	interruptMsg struct{ all bool } // asked from outside to end; all: at once
)

// Update takes one message.
func (m app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m, cmd := m.update(msg)
	m = m.fitted()
	return m, cmd
}

func (m app) update(msg tea.Msg) (app, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		if msg.Width > 0 && msg.Height > 0 { // a terminal that does not know its size has none
			m.width, m.height = msg.Width, msg.Height
			m.board = m.board.Resize(msg.Width, msg.Height)
		}
	case tea.BackgroundColorMsg:
		m.styles = NewStyles(m.options.Theme, msg.IsDark())
	case startMsg:
		return m.start()
	case tickMsg:
		m.now, m.ticking = time.Time(msg), false
		return m.tick()
	case interruptMsg:
		return m.interrupt(msg.all)
	case tea.KeyPressMsg:
		m.now = m.clock()
		return m.key(msg)
	case tea.PasteMsg:
		return m.paste(msg)
	default:
		return m.heard(msg)
	}
	return m, nil
}

// heard takes what commands and the run report.
func (m app) heard(msg tea.Msg) (app, tea.Cmd) {
	switch msg := msg.(type) {
	case eventsMsg:
		if msg.attempt == m.attempt {
			m.now = m.clock()
			m = m.events(msg.events)
		}
	case accountsMsg:
		m.form = m.form.offer(msg.choices, msg.err)
	case plannedMsg:
		return m.plannedWith(msg)
	case replannedMsg:
		return m.replannedWith(msg)
	case deployedMsg:
		return m.deployedWith(msg)
	case savedMsg:
		if msg.err != nil {
			m.review = m.review.told(errorText(msg.err)+hintAfter(msg.err), true)
		} else {
			m.review = m.review.told("Wrote "+outside(msg.path)+".", false)
		}
	case exportedMsg:
		if msg.err != nil {
			m.summary = m.summary.told(errorText(msg.err), true)
		} else {
			m.summary = m.summary.told("Wrote "+outside(msg.path)+".", false)
			m.summary.saving = false
		}
	}
	return m, nil
}

// fitted lets the open screen know how much room it has.
func (m app) fitted() app {
	switch m.screen {
	case screenForm:
		m.form = m.form.fitted(m.styles, m.width, m.height)
	case screenReview:
		m.review = m.review.fitted(m.styles, m.width, m.height)
	case screenSummary:
		m.summary = m.summary.fitted(m.styles, m.width, m.height)
	case screenPlanning, screenBoard:
	}
	return m
}

// View draws the open screen.
func (m app) View() tea.View {
	v := tea.NewView(m.render())
	v.AltScreen = true
	return v
}

func (m app) render() string {
	if isTooSmall(m.width, m.height) {
		return tooSmall(m.styles, m.width, m.height, m.smallStatus())
	}
	switch m.screen {
	case screenForm:
		return m.form.Render(m.styles, m.title(), m.width, m.height)
	case screenPlanning:
		return m.planning.Render(m.styles, m.title(), m.width, m.height, m.now)
	case screenReview:
		return m.review.Render(m.styles, m.title(), m.width, m.height)
	case screenBoard:
		return m.board.Render(m.styles, m.width, m.height, m.now)
	default:
		return m.summary.Render(m.styles, m.title(), m.width, m.height)
	}
}

// start opens the first screen that has something to ask.
func (m app) start() (app, tea.Cmd) {
	switch {
	case m.options.Planned != nil:
		return m.reviewed(*m.options.Planned), nil
	case m.options.Teardown, m.form.done:
		return m.plan()
	}
	m.screen = screenForm
	return m, nil
}

// tick keeps the clock of a screen that shows one going.
func (m app) tick() (app, tea.Cmd) {
	if m.ticking || m.cancel == nil {
		return m, nil
	}
	m.ticking = true
	return m, tea.Tick(time.Second, func(t time.Time) tea.Msg { return tickMsg(t) })
}

func (m app) events(events []bootstrap.Event) app {
	if m.screen == screenPlanning {
		for i := range events {
			m.planning = m.planning.apply(&events[i])
		}
		return m
	}
	m.board = m.board.ApplyAll(events)
	if m.stopping == 1 {
		m.board = m.board.Stopping(windingDown(m.board.Running()))
	}
	return m
}

// running says that work is under way that cancel ends, and starts the clock.
func (m app) running(cmd tea.Cmd, cancel context.CancelFunc) (app, tea.Cmd) {
	m.cancel, m.now = cancel, m.clock()
	m, tick := m.tick()
	return m, tea.Batch(cmd, tick)
}

// stopped says that the work has ended.
func (m app) stopped() app {
	if m.cancel != nil {
		m.cancel()
		m.cancel = nil
	}
	return m
}

// plan looks at the accounts for the answers of the form.
func (m app) plan() (app, tea.Cmd) {
	m = m.stopped()
	m.attempt++
	m.screen = screenPlanning
	m.planning = newPlanning(m.clock(), len(m.form.answers.Accounts), !m.options.Teardown && len(m.form.editable()) > 0)
	return m.running(m.jobs.plan(m.form.answers, m.attempt))
}

func (m app) plannedWith(msg plannedMsg) (app, tea.Cmd) {
	if msg.attempt != m.attempt || m.screen != screenPlanning {
		return m, nil // of a planning that was left
	}
	m = m.stopped()
	if msg.err != nil {
		m.planning = m.planning.failed(msg.err)
		return m, nil
	}
	return m.reviewed(msg.planned), nil
}

func (m app) reviewed(p Planned) app {
	m.planned, m.asked = p, m.form.answers.clone()
	m.screen, m.review = screenReview, newReview(p, m.options.Teardown)
	if !m.options.Teardown {
		m.review.which = m.form.list()
	}
	return m
}

// deploy does what was reviewed.
func (m app) deploy() (app, tea.Cmd) {
	m.screen = screenBoard
	m.board = NewBoard(m.command(), m.planned.Targets, m.clock()).Resize(m.width, m.height)
	return m.running(m.jobs.deploy(m.planned.Plans, m.attempt))
}

func (m app) deployedWith(msg deployedMsg) (app, tea.Cmd) {
	m = m.stopped()
	m.results = merged(m.results, msg.results)
	m.interrupted = msg.err != nil
	m.board = m.board.Finished(m.results)
	if msg.err != nil && !errors.Is(msg.err, context.Canceled) {
		m.err = msg.err
	}
	switch {
	case m.leaving, m.stopping > 1, m.err != nil:
		return m, tea.Quit
	case m.review.pending == 0 && m.stopping == 0:
		return m.summarised(), nil
	}
	m.stopping = 0
	return m, nil
}

func (m app) summarised() app {
	m.screen, m.summary = screenSummary, newSummary(m.results, m.options.Teardown)
	return m
}

// retry looks again at what failed, and then deploys it. It was agreed to already.
func (m app) retry() (app, tea.Cmd) {
	failed := failedTargets(m.results)
	if len(failed) == 0 {
		return m, nil
	}
	m.stopping, m.interrupted = 0, false
	m.board = m.board.Stopping("")
	return m.running(m.jobs.replan(failed, m.attempt))
}

func (m app) replannedWith(msg replannedMsg) (app, tea.Cmd) {
	m = m.stopped()
	switch {
	case m.leaving, m.stopping > 1:
		m.interrupted = true
		return m, tea.Quit
	case m.stopping > 0:
		m.board, m.interrupted, m.stopping = m.board.Finished(m.results), true, 0
		return m, nil
	case msg.err != nil:
		m.board = m.board.Finished(m.results).Stopping("retry: " + msg.err.Error())
		return m, nil
	}
	return m.running(m.jobs.deploy(msg.plans, m.attempt))
}

// merged is earlier with the newer results in the places of the same targets.
func merged(earlier, newer []bootstrap.Result) []bootstrap.Result {
	if earlier == nil {
		return newer
	}
	all := append([]bootstrap.Result(nil), earlier...)
	place := make(map[targetKey]int, len(all))
	for i := range all {
		place[keyOf(&all[i].Target)] = i
	}
	for i := range newer {
		if at, ok := place[keyOf(&newer[i].Target)]; ok {
			all[at] = newer[i]
		} else {
			all = append(all, newer[i])
		}
	}
	return all
}

// deploying reports whether a deployment or what leads to one is under way.
func (m app) deploying() bool { return m.screen == screenBoard && m.cancel != nil }

// failedTargets are those that a retry is for.
func failedTargets(results []bootstrap.Result) []fleet.Target {
	var failed []fleet.Target
	for i := range results {
		if results[i].Status == bootstrap.StatusFailed {
			failed = append(failed, results[i].Target)
		}
	}
	return failed
}
