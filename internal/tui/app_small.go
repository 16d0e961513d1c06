package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
)

// smallKey takes a key on a screen that is too small to show what it would do: only the
// one that leaves.
func (m app) smallKey(press tea.KeyPressMsg) (app, tea.Cmd) {
	switch {
	case press.String() != "ctrl+c":
		return m, nil
	case m.deploying():
		return m.stop()
	case m.screen == screenBoard, m.screen == screenSummary:
		return m, tea.Quit
	default:
		return m.leave(true)
	}
}

// smallStatus is how what runs stands, on a screen that is too small to show it, and what
// ctrl-c does there.
func (m app) smallStatus() string {
	switch {
	case m.deploying() && m.stopping == 0:
		return "What runs goes on meanwhile. ctrl-c stops it."
	case m.deploying() && m.stopping == 1:
		return fmt.Sprintf("Winding down: %d still running. ctrl-c again leaves.", m.board.Running())
	case m.deploying():
		return "Leaving."
	case m.screen == screenBoard, m.screen == screenSummary:
		return "The run is over. ctrl-c leaves."
	default:
		return "Nothing was changed. ctrl-c leaves."
	}
}
