package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
)

func TestTheBoardAtAllSizesAndColours(t *testing.T) {
	t.Parallel()
	s := busyScene(1000)
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 50}} {
		for look, theme := range map[string]report.Theme{"plain": {}, "colour": {Color: true}} {
			golden(t, fmt.Sprintf("board-%dx%d-%s", size[0], size[1], look), s.board.Render(NewStyles(theme, true), size[0], size[1], s.now))
			golden(t, fmt.Sprintf("board-detail-%dx%d-%s", size[0], size[1], look),
				s.board.Key(keyPress("right")).Render(NewStyles(theme, true), size[0], size[1], s.now))
		}
	}
	golden(t, "board-80x24-light", s.board.Render(NewStyles(report.Theme{Color: true}, false), 80, 24, s.now))
	golden(t, "board-80x24-ascii", s.board.Render(NewStyles(report.Theme{ASCII: true}, true), 80, 24, s.now))
	golden(t, "board-60x15", s.render(60, 15))
	golden(t, "board-40x12", s.render(40, 12))
}

func TestTheBoardInAllItsStates(t *testing.T) {
	t.Parallel()
	few := busyScene(5)
	golden(t, "board-few", few.render(80, 24))
	golden(t, "board-keys", few.press("?").render(80, 24))
	golden(t, "board-filter", busyScene(100).press("/", "p", "r", "o", "d").render(80, 24))
	golden(t, "board-filtered", busyScene(100).press("/", "p", "r", "o", "d", "enter", "down", "s").render(80, 24))
	golden(t, "board-no-match", busyScene(100).press("/", "z", "z", "enter").render(80, 24))

	stopping := busyScene(100)
	stopping.board = stopping.board.Stopping("winding down: 8 still running, ctrl-c again leaves")
	golden(t, "board-stopping", stopping.render(80, 24))

	over := newScene(6)
	for i := range 6 {
		over.begin(i)
		over.wait(4 * time.Second)
		if i == 3 {
			over.fail(i, 4*time.Second)
		} else {
			over.succeed(i, 4*time.Second)
		}
	}
	over.board = over.board.Finished(nil)
	over.wait(time.Hour) // which nobody counts any more
	golden(t, "board-finished", over.render(80, 24))
	golden(t, "board-detail-done", over.press("down", "right").render(80, 24))
}

func TestTheBoardOfAPlanAndOfATeardown(t *testing.T) {
	t.Parallel()
	s := newScene(6)
	for i, p := range []bootstrap.Plan{
		{Action: bootstrap.ActionCreate, Reason: "there is no stack yet"},
		{Action: bootstrap.ActionUpdate, Reason: "AllowedRegions changes"},
		{Action: bootstrap.ActionBlocked, Reason: "the provider belongs to another stack", Fix: "fcoidc bootstrap --existing-provider reuse"},
		{Action: bootstrap.ActionNone, Reason: "the stack is already as asked for"},
	} {
		s.phase(i, bootstrap.PhasePlan, "")
		s.wait(700 * time.Millisecond)
		p.Target = s.targets[i]
		s.event(i, bootstrap.Event{Type: bootstrap.EventPlanned, Phase: bootstrap.PhasePlan, Plan: &p})
	}
	s.phase(4, bootstrap.PhasePlan, "")
	s.wait(time.Second)
	golden(t, "board-planning", s.render(80, 24))

	down := newScene(4)
	down.board = NewBoard("Deleting the stacks of 4 accounts", down.targets, start)
	for i := range 3 {
		down.phase(i, bootstrap.PhaseDelete, "")
	}
	down.wait(5 * time.Second)
	down.resource(0, 3, "PlanRole", "DELETE_COMPLETE", "")
	down.finished(0, bootstrap.Result{Action: bootstrap.ActionDelete, Status: bootstrap.StatusSucceeded, Elapsed: 5 * time.Second})
	down.resource(1, 1, "ApplyRole", "DELETE_IN_PROGRESS", "")
	down.phase(2, bootstrap.PhaseDelete, "the provider for api.forgecroft.com")
	down.finished(3, bootstrap.Result{Action: bootstrap.ActionSkipped, Status: bootstrap.StatusSkipped, Reason: "there is no stack"})
	golden(t, "board-teardown", down.render(80, 24))
}

// hostileNames are what an account may be called, or an attacker may call it.
var hostileNames = []string{
	strings.Repeat("a", 128),
	strings.Repeat("東京", 64),
	"👩‍💻👨‍👩‍👧‍👦🏳️‍🌈🇨🇭 team",
	strings.Repeat("👩‍💻", 40),
	"חשבון ראשי של החברה",
	"حساب الإنتاج ١٢٣",
	"\u202egnp.tnuocca\u2066x",
	"\x1b[31mred\x1b[2J\x1b]0;title\x07",
	"line\r\nbreak\ttab\x00nul",
	"\u0301\u0302\u0303 combining first",
	"\u200d\ufe0fjoiner first",
	"z" + strings.Repeat("\u0335", 100) + "algo",
	"\ufe0f\u20e3",
	"\xff\xfe broken",
	"", " ", "　",
}

func hostileScene() *scene {
	targets := sceneTargets(len(hostileNames))
	for i, name := range hostileNames {
		targets[i].Name, targets[i].Source = name, name
		if i%5 == 4 {
			targets[i].Account = "" // not known
		}
	}
	s := &scene{NewBoard("Setting up \x1b[31m"+hostileNames[2], targets, start), targets, start}
	for i, name := range hostileNames {
		s.begin(i)
		switch i % 3 {
		case 0:
			s.finished(i, bootstrap.Result{
				Status:  bootstrap.StatusFailed,
				Failure: &bootstrap.Failure{Code: name, Resource: name, Message: name + " " + name, Fix: name},
			})
		case 1:
			s.resource(i, 1, name, name, name)
		case 2:
			s.phase(i, bootstrap.PhaseWait, name)
		}
	}
	return s
}

// TestNoNameBreaksAColumn looks at the lines as a terminal does: none is too wide, none
// holds a control character, and what stands in the columns after a name stands where it
// does in every other row.
func TestNoNameBreaksAColumn(t *testing.T) {
	t.Parallel()
	s := hostileScene()
	for _, press := range [][]string{nil, {"end"}, {"right"}, {"end", "right"}, {"/", "é"}, {"?"}} {
		board := (&scene{s.board, s.targets, s.now}).press(press...).board
		for width := 60; width <= 300; width += 7 {
			for _, height := range []int{15, 24, 60} {
				checkScreen(t, board.Render(plainStyles(), width, height, s.now), width, height)
			}
		}
	}
	rows := strings.Split(s.board.Render(plainStyles(), 120, 40, s.now), "\n")[5 : 5+len(hostileNames)]
	for _, line := range rows {
		at := -1
		for _, word := range []string{"failed", "deploying", "waiting"} {
			if before, _, found := strings.Cut(line, " "+word+" "); found {
				at = lipgloss.Width(before)
			}
		}
		if want := lipgloss.Width(strings.Split(rows[0], " failed ")[0]); at != want {
			t.Errorf("the state is at column %d, not at %d:\n%s", at, want, line)
		}
	}
	golden(t, "board-hostile", s.render(120, 30))
}

// checkScreen reports lines that are too wide, too many or too few, and characters that
// act on a terminal.
func checkScreen(t *testing.T, screen string, width, height int) {
	t.Helper()
	lines := strings.Split(screen, "\n")
	if len(lines) != height {
		t.Errorf("%dx%d: %d lines", width, height, len(lines))
	}
	for _, line := range lines {
		if w := lipgloss.Width(line); w > width {
			t.Errorf("%dx%d: a line is %d wide:\n%s", width, height, w, line)
		}
		for _, r := range line {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Errorf("%dx%d: a line holds %U:\n%q", width, height, r, line)
			}
		}
	}
}

func TestAScreenHasAllItsLinesAtEverySize(t *testing.T) {
	t.Parallel()
	s := busyScene(1000)
	for width := MinWidth; width <= 300; width += 11 {
		for height := MinHeight; height <= 100; height += 17 {
			checkScreen(t, s.render(width, height), width, height)
		}
	}
	for _, size := range [][2]int{{40, 12}, {59, 24}, {80, 14}, {10, 3}, {1, 1}, {0, 0}} {
		if screen := s.render(size[0], size[1]); size[0] > 0 && lipgloss.Width(screen) > size[0] || size[1] > 0 && lipgloss.Height(screen) > size[1] {
			t.Errorf("%v: too small a terminal is written over:\n%s", size, screen)
		}
	}
}

func FuzzNoTextBreaksALine(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name, uint8(80))
	}
	f.Fuzz(func(t *testing.T, name string, more uint8) {
		targets := []fleet.Target{{Account: "123456789012", Name: name, Region: name, Source: name}, {Account: name, Region: "eu-west-1"}}
		b := NewBoard(name, targets, start)
		for i := range targets {
			b = b.Apply(bootstrap.Event{Type: bootstrap.EventFinished, Target: targets[i], Result: &bootstrap.Result{
				Status: bootstrap.StatusFailed, Failure: &bootstrap.Failure{Code: name, Message: name, Fix: name},
			}})
		}
		width := MinWidth + int(more)
		checkScreen(t, b.Render(plainStyles(), width, 20, start), width, 20)
		b = b.Stopping(name).Key(keyPress("enter"))
		checkScreen(t, b.Render(plainStyles(), width, 20, start), width, 20)
		b = b.Key(keyPress("/")).Paste(name)
		checkScreen(t, b.Render(plainStyles(), width, 20, start), width, 20)
	})
}
