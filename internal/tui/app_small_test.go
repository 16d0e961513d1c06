package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func (d *driver) shrink() *driver {
	d.send(tea.WindowSizeMsg{Width: 40, Height: 12})
	return d
}

func (d *driver) left() bool {
	if len(d.out) == 0 {
		return false
	}
	_, left := d.out[len(d.out)-1].(tea.QuitMsg)
	return left
}

// words is the screen as one line, however it is wrapped.
func (d *driver) words() string { return strings.Join(strings.Fields(d.app.render()), " ") }

func TestOnATooSmallScreenNoKeyWorksButTheOneThatLeaves(t *testing.T) {
	t.Parallel()
	j := &fakeJob{}
	d := answered(t, j).keys("enter").shrink()
	if got := d.words(); !strings.Contains(got, "Nothing was changed. ctrl-c leaves.") || !strings.Contains(got, "needs 60 columns and 15 lines") || !strings.Contains(got, "Make it larger") {
		t.Errorf("it says %q", got)
	}
	if d.keys("y", "enter", "q", "ctrl+z"); d.app.screen != screenReview || j.deploys != 0 || len(d.out) != 0 {
		t.Errorf("keys work on a screen that does not show what they do: screen %d, %d deployments, %v", d.app.screen, j.deploys, d.out)
	}
	if d.keys("ctrl+c"); !d.left() || !d.app.interrupted {
		t.Error("ctrl-c does not leave")
	}
}

func TestOnATooSmallScreenNothingIsTyped(t *testing.T) {
	t.Parallel()
	d := newDriver(t, fakeOptions(&fakeJob{})).keys("11").shrink().keys("22")
	d.send(tea.PasteMsg{Content: "33"})
	if got := d.app.form.answers.OrgID; got != "11" {
		t.Errorf("the OrgId is %q", got)
	}
}

func TestOnATooSmallScreenADeploymentWindsDownVisibly(t *testing.T) {
	t.Parallel()
	j := &fakeJob{hold: make(chan struct{})}
	d := answered(t, j).keys("enter", "y").shrink()
	if got := d.words(); !strings.Contains(got, "What runs goes on meanwhile. ctrl-c stops it.") {
		t.Errorf("while it runs: %q", got)
	}
	if d.keys("q"); d.app.stopping != 0 {
		t.Error("q stops it")
	}
	if d.keys("ctrl+c"); !strings.Contains(d.words(), "Winding down: ") || !strings.Contains(d.words(), "ctrl-c again leaves") {
		t.Errorf("winding down: %q", d.words())
	}
	if d.keys("ctrl+c"); !strings.Contains(d.words(), "Leaving.") {
		t.Errorf("leaving: %q", d.words())
	}
	d.send(deployedMsg{})
	if !d.left() {
		t.Error("it does not leave")
	}
}

func TestOnATooSmallScreenARunThatIsOverIsLeft(t *testing.T) {
	t.Parallel()
	d := answered(t, &fakeJob{}).keys("enter", "y").shrink()
	if got := d.words(); !strings.Contains(got, "The run is over. ctrl-c leaves.") || strings.Contains(got, "goes on") {
		t.Errorf("it says %q", got)
	}
	if d.keys("ctrl+c"); !d.left() {
		t.Error("ctrl-c does not leave")
	}
}

func TestATerminalWithoutASizeIsTakenForAnOrdinaryOne(t *testing.T) {
	t.Parallel()
	d := newDriver(t, fakeOptions(&fakeJob{}))
	d.send(tea.WindowSizeMsg{})
	wants(t, d, "Which Forgecroft organization")
}
