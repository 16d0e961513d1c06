package tui

import (
	"fmt"
	"runtime/debug"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// guarded ends the program in order when the app panics: the terminal is given back and
// the input's reader is waited for, which Bubble Tea's own way out of a panic does not do.
type guarded struct {
	app
	fault *fault
	send  func(tea.Msg)
}

// fault is the first panic. Only the program's own loop writes it, and Run reads it after.
type fault struct{ broken *BrokenError }

func (f *fault) caught(r any) {
	if f.broken == nil {
		f.broken = &BrokenError{Err: fmt.Errorf("%w: %v", tea.ErrProgramPanic, r), Stack: string(debug.Stack())}
	}
}

// BrokenError says that the screens ended by themselves, with the terminal or by a mistake
// of their own. What ran behind them was brought to its end without them.
type BrokenError struct {
	Err   error
	Stack string // where the mistake is; empty if it was none
}

func (e *BrokenError) Error() string {
	first, _, _ := strings.Cut(e.Err.Error(), "\n")
	return "the screens broke down: " + first
}

// Unwrap is why.
func (e *BrokenError) Unwrap() error { return e.Err }

// Update takes one message. After a panic there is only the way out.
func (g guarded) Update(msg tea.Msg) (model tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			g.fault.caught(r)
			model, cmd = g, tea.Quit
		}
	}()
	next, cmd := g.app.Update(msg)
	g.app = next.(app)
	return g, cmd
}

// View draws the open screen.
func (g guarded) View() (v tea.View) {
	defer func() {
		if r := recover(); r != nil {
			g.fault.caught(r)
			go g.send(tea.QuitMsg{}) // from the loop itself it would wait for the loop
		}
	}()
	return g.app.View()
}
