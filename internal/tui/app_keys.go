package tui

import (
	"fmt"
	"reflect"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/template"
)

// key takes a key.
func (m app) key(press tea.KeyPressMsg) (app, tea.Cmd) {
	if isTooSmall(m.width, m.height) {
		return m.smallKey(press)
	}
	if press.String() == "ctrl+z" {
		return m, tea.Suspend
	}
	switch m.screen {
	case screenForm:
		return m.formKey(press)
	case screenPlanning:
		return m.planningKey(press)
	case screenReview:
		return m.reviewKey(press)
	case screenBoard:
		return m.boardKey(press)
	default:
		return m.summaryKey(press)
	}
}

// paste gives pasted text to what is being typed.
func (m app) paste(msg tea.PasteMsg) (app, tea.Cmd) {
	switch {
	case isTooSmall(m.width, m.height): // what it is pasted into is not to be seen
	case m.screen == screenForm:
		return m.formTyped(msg)
	case m.screen == screenReview && m.review.ask == askNumber:
		m.review.input = m.review.input.update(msg)
	case m.screen == screenReview && m.review.filter.IsOpen():
		m.review.filter = m.review.filter.Paste(msg.Content)
		m.review = m.review.match()
	case m.screen == screenBoard:
		m.board = m.board.Paste(msg.Content)
	case m.screen == screenSummary && m.summary.saving:
		m.summary.file = m.summary.file.update(msg)
	}
	return m, nil
}

// leave ends the screens before anything was deployed.
func (m app) leave(interrupted bool) (app, tea.Cmd) {
	m.interrupted = interrupted
	return m.stopped(), tea.Quit
}

// interrupt is what is asked from outside. That the process shall end and that there is
// nobody to press a key any more come together when a terminal goes away, and are one request.
func (m app) interrupt(all bool) (app, tea.Cmd) {
	if m.leaving && !all {
		return m, nil
	}
	m.leaving = true
	switch {
	case m.screen == screenSummary:
		return m, tea.Quit
	case m.screen != screenBoard:
		return m.leave(true)
	case m.cancel == nil:
		return m, tea.Quit
	case all:
		m.stopping++
	}
	return m.stop()
}

// stop asks the deployment to start nothing new, then to leave, then leaves it.
func (m app) stop() (app, tea.Cmd) {
	m.stopping++
	switch m.stopping {
	case 1:
		m.jobs.windDown()
		m.board = m.board.Stopping(windingDown(m.board.Running()))
		return m, nil
	case 2:
		m.cancel()
		m.jobs.windDown()
		m.board = m.board.Stopping("leaving")
		return m, nil
	default:
		m.cancel()
		m.interrupted = true
		return m, tea.Quit
	}
}

func windingDown(running int) string {
	return fmt.Sprintf("winding down: %d still running, q again leaves", running)
}

func (m app) formKey(press tea.KeyPressMsg) (app, tea.Cmd) {
	if press.String() == "ctrl+c" {
		return m.leave(true)
	}
	return m.formTyped(press)
}

func (m app) formTyped(msg tea.Msg) (app, tea.Cmd) {
	var reload bool
	m.form, reload = m.form.update(msg)
	switch {
	case reload:
		return m, m.jobs.list()
	case m.form.done && m.form.revising && reflect.DeepEqual(m.form.answers, m.asked):
		m.screen = screenReview // nothing was changed
		return m, nil
	case m.form.done:
		return m.plan()
	}
	return m, nil
}

func (m app) planningKey(press tea.KeyPressMsg) (app, tea.Cmd) {
	k := newPlanningKeys()
	switch {
	case key.Matches(press, k.Leave):
		return m.leave(press.String() == "ctrl+c")
	case key.Matches(press, k.Edit) && m.planning.editable:
		return m.toForm(), nil
	case key.Matches(press, k.Again) && m.planning.problem != "":
		return m.plan()
	}
	return m, nil
}

// toForm goes back to the last question that can be asked.
func (m app) toForm() app {
	m = m.stopped()
	m.attempt++ // the plans of what was cancelled come too late
	questions := m.form.editable()
	m.screen = screenForm
	m.form.revising = false
	m.form = m.form.enter(questions[len(questions)-1])
	return m
}

func (m app) reviewKey(press tea.KeyPressMsg) (app, tea.Cmd) {
	r := &m.review
	switch {
	case r.filter.IsOpen() && press.String() != "ctrl+c":
		m.review = r.typing(press)
		return m, nil
	case r.ask != askNothing:
		return m.answer(press)
	}
	r.notice = ""
	k := newReviewKeys()
	if next, known := r.navigate(k, press); known {
		m.review = next
		return m, nil
	}
	switch {
	case key.Matches(press, k.Leave):
		return m.leave(press.String() == "ctrl+c")
	case r.page != pageOverview:
		return m, nil
	case key.Matches(press, k.Go):
		return m.proceed()
	case key.Matches(press, k.Provider) && len(r.providers) > 0:
		r.ask = askProvider
	case key.Matches(press, k.Trust) && len(r.trusts) > 0:
		r.ask = askTrust
	case m.options.Teardown:
	case key.Matches(press, k.Edit) && len(r.which) > 0:
		r.ask, r.answer = askWhich, 0
	case key.Matches(press, k.Save):
		return m, m.jobs.save(m.form.answers)
	}
	return m, nil
}

// proceed asks whether to deploy, unless there is nothing to do.
func (m app) proceed() (app, tea.Cmd) {
	switch {
	case m.review.pending == 0:
		return m.deploy() // which only says how things are
	case m.options.Teardown:
		m.review.ask, m.review.input = askNumber, line{}
	default:
		m.review.ask = askDeploy
	}
	return m, nil
}

// answer takes a key for the open question.
func (m app) answer(press tea.KeyPressMsg) (app, tea.Cmd) {
	asked, ask := m.review.ask, newAskKeys()
	if asked == askNumber {
		return m.number(press)
	}
	if key.Matches(press, ask.No) {
		m.review.ask = askNothing
		return m, nil
	}
	if asked == askWhich {
		return m.which(press)
	}
	if !key.Matches(press, ask.Yes) {
		return m, nil
	}
	m.review.ask = askNothing
	switch asked {
	case askTrust:
		m.form.answers.AllowTrustChange = true
		return m.plan()
	case askProvider:
		m.form.answers.ReuseProvider = true
		return m.plan()
	default:
		return m.deploy()
	}
}

// number takes the number of accounts that confirms a teardown.
func (m app) number(press tea.KeyPressMsg) (app, tea.Cmd) {
	switch press.String() {
	case "esc", "ctrl+c":
		m.review.ask = askNothing
	case "enter":
		if m.review.confirms() {
			m.review.ask = askNothing
			return m.deploy()
		}
		m.review.ask = askNothing
		m.review = m.review.told(fmt.Sprintf("%q is not the number of accounts. Nothing was deleted.", escape.Text(m.review.input.String())), true)
	default:
		m.review.input = m.review.input.update(press)
	}
	return m, nil
}

// which takes the answer to change: the one that the arrows chose, or that of a digit.
func (m app) which(press tea.KeyPressMsg) (app, tea.Cmd) {
	questions, k := m.form.editable(), newReviewKeys()
	chosen := m.review.answer
	switch {
	case key.Matches(press, k.Up):
		m.review.answer = max(chosen-1, 0)
		return m, nil
	case key.Matches(press, k.Down):
		m.review.answer = min(chosen+1, len(questions)-1)
		return m, nil
	case !key.Matches(press, k.Go):
		if len(press.Text) != 1 {
			return m, nil
		}
		chosen = int(press.Text[0]) - '1'
	}
	if chosen >= 0 && chosen < len(questions) {
		m.screen, m.review.ask = screenForm, askNothing
		m.form = m.form.revise(questions[chosen])
	}
	return m, nil
}

func (m app) boardKey(press tea.KeyPressMsg) (app, tea.Cmd) {
	k := NewBoardKeys()
	switch {
	case m.board.Captures() && press.String() != "ctrl+c":
		m.board = m.board.Key(press)
	case m.cancel != nil && key.Matches(press, k.Stop):
		return m.stop()
	case m.cancel == nil && key.Matches(press, k.Retry):
		return m.retry()
	case m.cancel == nil && (key.Matches(press, k.Summary) || key.Matches(press, k.Stop)):
		return m.summarised(), nil
	default:
		m.board = m.board.Key(press)
	}
	return m, nil
}

func (m app) summaryKey(press tea.KeyPressMsg) (app, tea.Cmd) {
	if m.summary.saving {
		return m.fileKey(press)
	}
	k, r := newSummaryKeys(), m.summary.selected()
	m.summary.notice = ""
	switch {
	case key.Matches(press, k.Leave):
		return m, tea.Quit
	case key.Matches(press, k.Board):
		m.screen = screenBoard
	case r == nil:
		m.summary = m.summary.moved(k, press)
	case key.Matches(press, k.Plan):
		return m.copied("the plan role's ARN of "+r.Target.Account, r.Outputs[template.OutputPlanRoleARN])
	case key.Matches(press, k.Apply):
		return m.copied("the apply role's ARN of "+r.Target.Account, r.Outputs[template.OutputApplyRoleARN])
	case key.Matches(press, k.All):
		return m.copied("the ARNs of "+accountCount(len(m.summary.roles)), copyText(m.results))
	case key.Matches(press, k.Save):
		m.summary.saving, m.summary.file = true, newLine(defaultExport)
	default:
		m.summary = m.summary.moved(k, press)
	}
	return m, nil
}

// copied asks the terminal to put text on its clipboard (OSC 52), also over SSH. Whether
// it did, it does not say.
func (m app) copied(what, text string) (app, tea.Cmd) {
	m.summary = m.summary.told("Asked the terminal to copy "+what+".", false)
	return m, tea.SetClipboard(text)
}

// fileKey takes a key for the name of a file. The prompt stays until the file is written.
func (m app) fileKey(press tea.KeyPressMsg) (app, tea.Cmd) {
	m.summary.notice = ""
	switch press.String() {
	case "esc", "ctrl+c":
		m.summary.saving = false
	case "enter":
		if path := m.summary.file.String(); path != "" {
			return m, export(path, m.results)
		}
	default:
		m.summary.file = m.summary.file.update(press)
	}
	return m, nil
}
