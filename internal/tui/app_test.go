package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/report"
)

// answered drives the form to the review of all five accounts.
func answered(t *testing.T, j *fakeJob) *driver {
	t.Helper()
	d := newDriver(t, fakeOptions(j))
	d.keys(exampleOrg, "enter", "us-east-1", "space", "enter", "ctrl+a", "enter", "enter", "enter")
	if d.app.screen != screenReview {
		t.Fatalf("the form ends on screen %d:\n%s", d.app.screen, d.app.render())
	}
	return d
}

func wants(t *testing.T, d *driver, parts ...string) {
	t.Helper()
	got := d.app.render()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not on the screen:\n%s", part, got)
		}
	}
}

func TestFromTheFormToTheSummary(t *testing.T) {
	t.Parallel()
	d := answered(t, &fakeJob{})
	wants(t, d, "5 accounts of the sandbox", "5 create", "enter deploy to 5 accounts")
	d.keys("enter")
	wants(t, d, "Deploy to 5 accounts of the sandbox?")
	if d.keys("enter"); d.app.screen != screenReview {
		t.Error("a second enter deploys")
	}
	d.keys("n", "enter", "y")
	if d.app.screen != screenBoard || len(d.app.results) != 5 {
		t.Fatalf("screen %d with %d results", d.app.screen, len(d.app.results))
	}
	d.keys("enter")
	wants(t, d, "5 of 5 accounts as asked for", "arn:aws:iam::010000000001:role/forgecroft-runner-plan", "Next, in Forgecroft")
	d.keys("down", "p")
	if got := d.out[len(d.out)-1]; !strings.Contains(fmt.Sprint(got), "010000000002:role/forgecroft-runner-plan") {
		t.Errorf("p copies %v", got)
	}
	d.keys("q")
	if _, ok := d.out[len(d.out)-1].(tea.QuitMsg); !ok {
		t.Error("q does not leave")
	}
}

func TestAnAnswerIsChangedFromTheReview(t *testing.T) {
	t.Parallel()
	j := &fakeJob{}
	d := answered(t, j).keys("e")
	wants(t, d, "Which answer shall be changed?", "2  Regions        us-east-1")
	d.keys("2", "esc")
	if d.app.screen != screenReview || d.app.attempt != 1 {
		t.Errorf("esc without a change leads to screen %d, planned %d times", d.app.screen, d.app.attempt)
	}
	d.keys("e", "2", "eu-west-1", "space", "enter")
	if d.app.screen != screenReview || strings.Join(j.asked.Regions, ",") != "us-east-1,eu-west-1" {
		t.Errorf("screen %d, planned for %v", d.app.screen, j.asked.Regions)
	}
	d.keys("e", "4", "2", "enter")
	if d.app.screen != screenForm || d.app.form.at != QuestionPlanSubject {
		t.Errorf("another trust mode asks %q on screen %d", d.app.form.at, d.app.screen)
	}
}

func TestTheAnswerToChangeIsChosenByArrowsToo(t *testing.T) {
	t.Parallel()
	d := answered(t, &fakeJob{}).keys("e", "up", "down", "down", "down", "down", "down", "down", "up")
	wants(t, d, "› 4  Trust mode")
	d.keys("enter")
	if d.app.screen != screenForm || d.app.form.at != QuestionTrustMode {
		t.Errorf("enter opens %q on screen %d", d.app.form.at, d.app.screen)
	}
	d.keys("esc", "e")
	wants(t, d, "› 1  Organization")
	d.keys("9", "0", "x", "down", "n")
	if d.app.screen != screenReview || d.app.review.ask != askNothing {
		t.Errorf("n leads to screen %d, question %d", d.app.screen, d.app.review.ask)
	}
}

func TestWhatIsGoodToKnowIsSeenBeforeItIsAgreedTo(t *testing.T) {
	t.Parallel()
	d := answered(t, &fakeJob{})
	wants(t, d, "more lines below, with what is good to know: pgdn")
	d.keys("enter")
	wants(t, d, "Deploy to 5 accounts", "the trust is not proven until a real", "names a narrower policy.")
	d.keys("n", "G", "g", "enter")
	wants(t, d, "Deploy to 5 accounts")
	if screen := d.app.render(); strings.Contains(screen, "narrower policy") {
		t.Errorf("what was seen already is shown once more:\n%s", screen)
	}
	d.keys("n")
	d.send(tea.WindowSizeMsg{Width: 60, Height: 16})
	d.keys("enter")
	wants(t, d, "Deploy to 5 accounts", "more lines: n, then pgdn")
}

func TestWarningsStandAboveThePlans(t *testing.T) {
	t.Parallel()
	d := answered(t, &fakeJob{warnings: []string{"the issuer cannot be reached from here\n  going on"}})
	wants(t, d, "! the issuer cannot be reached from here\n      going on\n\n  · create")
}

func TestTheAnswersAreWritten(t *testing.T) {
	t.Parallel()
	j := &fakeJob{}
	d := answered(t, j).keys("w")
	wants(t, d, "Wrote fcoidc.yaml.")
	if len(j.saved) != 1 || j.saved[0].OrgID != exampleOrg {
		t.Errorf("wrote %v", j.saved)
	}
}

func TestAProviderThatIsThereIsAskedAbout(t *testing.T) {
	t.Parallel()
	j := &fakeJob{providers: []string{"010000000004"}}
	d := answered(t, j)
	wants(t, d, "1 blocked", "p lets the roles trust it", "which fcoidc did not make")
	d.keys("p", "n")
	if d.app.form.answers.ReuseProvider {
		t.Error("no was taken for yes")
	}
	d.keys("p", "y")
	if !j.asked.ReuseProvider {
		t.Error("not planned with the provider")
	}
	wants(t, d, "5 create")
}

func TestAChangeOfTrustIsConfirmedByItselfAndForItsAnswersOnly(t *testing.T) {
	t.Parallel()
	j := &fakeJob{trusted: []string{"010000000005"}}
	d := answered(t, j).keys("t")
	wants(t, d, "Change who may assume the roles of 1 account?", "OrgId: 22222222-2222-2222-2222-222222222222 becomes", "010000000005")
	d.keys("y")
	if !j.asked.AllowTrustChange {
		t.Fatal("not planned with the change")
	}
	d.keys("enter")
	wants(t, d, "In 1 of them it changes who may assume the roles.")
	d.keys("n", "e", "1", "backspace", "2", "enter")
	if j.asked.AllowTrustChange {
		t.Error("the change is still allowed after another OrgId was given")
	}
	wants(t, d, "1 blocked")
}

func TestEachAccountCanBeLookedAt(t *testing.T) {
	t.Parallel()
	d := answered(t, &fakeJob{}).keys("tab", "down", "enter")
	wants(t, d, "010000000002 security", "acts as arn:aws:iam::010000000002:user/me", "+ PlanRole: tokens of the plan phase", `"api.forgecroft.com:phase": "plan"`)
	d.keys("esc", "/", "logs", "enter", "enter")
	wants(t, d, "010000000005 logs")
	d.keys("esc", "esc", "esc")
	if d.app.review.page != pageOverview || d.app.review.filter.Active() {
		t.Error("esc does not lead back to the overview")
	}
}

func TestOnlyWhatFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	j := &fakeJob{fails: map[string]int{"010000000002": 1}}
	d := answered(t, j).keys("enter", "y")
	wants(t, d, "1 failed", "retry 1 failed")
	d.keys("r")
	if j.deploys != 2 || len(d.app.results) != 5 || d.app.results[1].Action != bootstrap.ActionRecreate || d.app.results[0].Action != bootstrap.ActionCreate {
		t.Errorf("%d deployments, results %+v", j.deploys, d.app.results)
	}
	d.keys("enter")
	wants(t, d, "5 of 5 accounts as asked for")
}

func TestWhatFailedIsSaidWithItsFix(t *testing.T) {
	t.Parallel()
	d := answered(t, &fakeJob{fails: map[string]int{"010000000002": 9}}).keys("enter", "y", "enter")
	wants(t, d, "4 of 5 accounts as asked for, 1 failed", `iam:CreateRole\x1b[31m`, "fix: let the caller create roles")
}

func TestNothingToDoLeadsToTheSummary(t *testing.T) {
	t.Parallel()
	o := fakeOptions(&fakeJob{})
	o.Planned = &Planned{Where: "AWS", Plans: []bootstrap.Plan{{Action: bootstrap.ActionNone, Reason: "the stack is as asked for"}}}
	d := newDriver(t, o)
	wants(t, d, "enter summary")
	if d.keys("enter"); d.app.screen != screenSummary {
		t.Errorf("screen %d", d.app.screen)
	}
}

type hinted struct{ error }

func (hinted) Hint() string { return "aws sso login" }

func TestPlansThatCannotBeMadeAreTriedAgainOrTheAnswersChanged(t *testing.T) {
	t.Parallel()
	j := &fakeJob{planError: hinted{errors.New("no credentials")}}
	d := newDriver(t, fakeOptions(j)).keys(exampleOrg, "enter", "us-east-1", "space", "enter", "ctrl+a", "enter", "enter", "enter")
	wants(t, d, "no credentials", "aws sso login", "Nothing was changed.")
	d.keys("e")
	if d.app.screen != screenForm || d.app.form.at != QuestionWorkspaceID {
		t.Fatalf("e leads to %q on screen %d", d.app.form.at, d.app.screen)
	}
	j.planError = nil
	if d.keys("enter"); d.app.screen != screenReview {
		t.Errorf("screen %d", d.app.screen)
	}
}

func TestWhatAPlanningThatWasLeftStillTellsIsNotHeard(t *testing.T) {
	t.Parallel()
	d := newDriver(t, fakeOptions(&fakeJob{endless: true})).keys(exampleOrg, "enter", "us-east-1", "space", "enter", "ctrl+a", "enter", "enter", "enter")
	events := []bootstrap.Event{
		{Type: bootstrap.EventPhase, Phase: bootstrap.PhaseQueued},
		{Type: bootstrap.EventPlanned, Plan: &bootstrap.Plan{Action: bootstrap.ActionSkipped}},
	}
	left := d.app.attempt
	d.send(eventsMsg{events, left})
	wants(t, d, "1 of 5 accounts")
	d.keys("e", "enter")
	d.send(eventsMsg{events, left})
	wants(t, d, "0 of 5 accounts")
	d.send(eventsMsg{events, d.app.attempt})
	wants(t, d, "1 of 5 accounts")
}

func TestTheScreensHearWhatTheirJobsTell(t *testing.T) {
	t.Parallel()
	d := answered(t, &fakeJob{})
	if got := d.app.planning.planned; got != 5 {
		t.Errorf("%d of 5 plans were counted", got)
	}
	d.keys("e", "2", "eu-west-1", "space", "enter")
	if got := d.app.planning.planned; got != 5 {
		t.Errorf("of the second planning %d of 5 plans were counted", got)
	}
}

func TestThereIsNoWayBackToAnswersThatAreAllGiven(t *testing.T) {
	t.Parallel()
	j := &fakeJob{planError: errors.New("no credentials")}
	o := fakeOptions(j)
	o.Answers.OrgID, o.Answers.Regions = exampleOrg, []string{"us-east-1"}
	o.Fixed = map[Question]string{
		QuestionOrgID: "--org-id", QuestionRegions: "--allowed-regions", QuestionAccounts: "--account",
		QuestionTrustMode: "--trust-mode", QuestionWorkspaceID: "--workspace-id",
	}
	d := newDriver(t, o)
	if got := d.app.render(); strings.Contains(got, "change an answer") {
		t.Errorf("an answer is offered to change:\n%s", got)
	}
	d.keys("e")
	if d.app.screen != screenPlanning || d.app.attempt != 1 {
		t.Errorf("e leads to screen %d, attempt %d", d.app.screen, d.app.attempt)
	}
	j.planError = nil
	if d.keys("r"); d.app.screen != screenReview {
		t.Errorf("screen %d", d.app.screen)
	}
}

func TestATeardownWantsTheNumberOfAccounts(t *testing.T) {
	t.Parallel()
	j := &fakeJob{deleting: true}
	d := newDriver(t, Options{Job: j, Teardown: true})
	wants(t, d, "fcoidc teardown", "2 delete", "enter delete in 2 accounts")
	d.keys("enter", "y", "enter")
	wants(t, d, `"y" is not the number of accounts. Nothing was deleted.`)
	if j.deploys != 0 {
		t.Fatal("a habitual y deletes")
	}
	d.keys("enter", "2", "enter")
	if j.deploys != 1 || d.app.screen != screenBoard {
		t.Errorf("%d runs, screen %d", j.deploys, d.app.screen)
	}
	d.keys("enter")
	wants(t, d, "2 of 2 accounts as asked for")
	if got := d.app.render(); strings.Contains(got, "Next, in Forgecroft") || strings.Contains(got, "copy") {
		t.Errorf("a teardown talks of roles:\n%s", got)
	}
}

func TestTheRolesAreWrittenToAFileThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	for ext, want := range map[string]string{
		".csv": "010000000001,management", ".json": `"PlanRoleArn"`, ".env": "export FORGECROFT_PLAN_ROLE_ARN", ".txt": "✓ 010000000001 management",
	} {
		path := filepath.Join(t.TempDir(), "roles"+ext)
		d := answered(t, &fakeJob{}).keys("enter", "y", "enter", "s")
		d.app.summary.file = newLine(path)
		d.keys("enter")
		got, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s: %v\n%s", ext, err, got)
		}
		d.keys("s")
		d.app.summary.file = newLine(path)
		d.keys("enter")
		if !d.app.summary.bad || !strings.Contains(d.app.summary.notice, "is there already") {
			t.Errorf("%s is overwritten: %q", ext, d.app.summary.notice)
		}
		wants(t, d, "Write to which file?", "is there already; choose another name")
		d.app.summary.file = newLine(path)
		if d.keys("q", "enter"); d.left() || d.app.summary.saving { // a letter of another name
			t.Errorf("%s: after a name that did not do, keys are commands: %s", ext, d.app.render())
		}
		if _, err := os.Stat(path + "q"); err != nil {
			t.Error(err)
		}
	}
}

func TestNoScreenIsLargerThanTheTerminal(t *testing.T) {
	t.Parallel()
	j := &fakeJob{fails: map[string]int{"010000000002": 9}, providers: []string{"010000000004"}, trusted: []string{"010000000005"}}
	d := newDriver(t, fakeOptions(j))
	check := func(after string) {
		t.Helper()
		for _, size := range [][2]int{{80, 24}, {60, 15}, {40, 12}, {300, 100}, {61, 16}, {1, 1}} {
			d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			lines := strings.Split(d.app.render(), "\n")
			if len(lines) > size[1] {
				t.Errorf("after %q %dx%d has %d lines", after, size[0], size[1], len(lines))
			}
			for _, l := range lines {
				if w := textWidth(l); w > size[0] {
					t.Errorf("after %q %dx%d has a line of %d columns: %q", after, size[0], size[1], w, l)
				}
			}
		}
		d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	}
	check("start")
	for _, k := range []string{
		exampleOrg, "enter", "us-east-1", "space", "enter", "ctrl+a", "enter", "2", "1", "enter", "enter",
		"e", "esc", "tab", "enter", "esc", "esc", "p", "y", "t", "y", "enter", "y", "enter", "s", "esc",
	} {
		d.keys(k)
		check(k)
	}
	if d.app.screen != screenSummary {
		t.Errorf("ends on screen %d", d.app.screen)
	}
}

func TestScreensStandAsTheyAreDrawn(t *testing.T) {
	t.Parallel()
	for _, size := range []struct {
		name          string
		width, height int
		theme         report.Theme
	}{
		{"80x24", 80, 24, report.Theme{}},
		{"120x40", 120, 40, report.Theme{}},
		{"80x24-colour", 80, 24, report.Theme{Color: true}},
		{"80x24-ascii", 80, 24, report.Theme{ASCII: true}},
	} {
		j := &fakeJob{fails: map[string]int{"010000000002": 9}, providers: []string{"010000000004"}, trusted: []string{"010000000005"}}
		o := fakeOptions(j)
		o.Theme = size.theme
		o.Answers.WorkspaceID, o.Fixed = "22222222-2222-2222-2222-222222222222", map[Question]string{QuestionWorkspaceID: "--workspace-id"}
		d := newDriver(t, o)
		d.send(tea.WindowSizeMsg{Width: size.width, Height: size.height})
		for _, scene := range []struct {
			name string
			keys []string
		}{
			{"form-org", []string{"1111AB"}},
			{"form-regions", []string{"backspace", "backspace", exampleOrg[4:], "enter", "ap-", "down", "tab"}},
			{"form-accounts", []string{"enter", "space", "down", "down"}},
			{"form-trust", []string{"ctrl+a", "enter", "2"}},
			{"review", []string{"1", "enter"}},
			{"review-edit", []string{"e"}},
			{"review-accounts", []string{"esc", "tab", "down"}},
			{"review-account", []string{"enter"}},
			{"review-provider", []string{"esc", "esc", "p"}},
			{"review-trust", []string{"y", "t"}},
			{"review-deploy", []string{"y", "enter"}},
			{"summary", []string{"y", "enter", "down", "p"}},
		} {
			d.keys(scene.keys...)
			golden(t, "app-"+scene.name+"-"+size.name, d.app.render())
		}
	}
}

func TestPlanningShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	p := newPlanning(fakeNow, 5, true)
	for range 3 {
		p = p.apply(&bootstrap.Event{Type: bootstrap.EventPhase, Phase: bootstrap.PhaseQueued})
	}
	golden(t, "app-planning-entering-80x24", p.Render(plainStyles(), "fcoidc bootstrap", 80, 24, fakeNow.Add(2e9)))
	j := &fakeJob{providers: []string{"010000000004"}}
	planned, err := j.Plan(t.Context(), Answers{OrgID: exampleOrg, Accounts: []string{"010000000003", "010000000004"}}, bootstrap.SinkFunc(func(e bootstrap.Event) { p = p.apply(&e) }))
	if err != nil || len(planned.Plans) != 2 {
		t.Fatal(err)
	}
	p = p.apply(&bootstrap.Event{Type: bootstrap.EventThrottled})
	golden(t, "app-planning-80x24", p.Render(plainStyles(), "fcoidc bootstrap", 80, 24, fakeNow.Add(12e9)))
	golden(t, "app-planning-failed-80x24", p.failed(hinted{errors.New("profile \"prod\": no credentials\nprofile \"dev\": not found")}).Render(plainStyles(), "fcoidc bootstrap", 80, 24, fakeNow))
}

func TestTheKeysThatChangeAnAnswerAreThoseOfTheAnswers(t *testing.T) {
	t.Parallel()
	for which, want := range map[int]string{1: "1 choose", 4: "1-4 choose"} {
		r := review{ask: askWhich, which: make([]string, which)}
		if got := r.help(plainStyles(), 76); !strings.Contains(got, "   "+want) {
			t.Errorf("%d answers: the help is %q, without %q", which, got, want)
		}
	}
}

func TestLinesOutOfSightAreSaidWithTheirKey(t *testing.T) {
	t.Parallel()
	for height, want := range map[int]string{1: "… 2 more lines below: pgdn", 2: "… 1 more line below: pgdn", 3: ""} {
		r := review{lines: make([]string, 3), height: height}
		if got := r.more(plainStyles()); got != want {
			t.Errorf("of 3 lines %d are in sight: it says %q, want %q", height, got, want)
		}
	}
}

func TestATerminalThatGoesAwayAsksOnceThoughItSaysSoTwice(t *testing.T) {
	t.Parallel()
	d := answered(t, &fakeJob{hold: make(chan struct{})}).keys("enter", "y")
	d.send(interruptMsg{}) // the signal
	d.send(interruptMsg{}) // the end of the input
	if d.app.stopping != 1 {
		t.Errorf("it was asked to stop %d times", d.app.stopping)
	}
	d.send(interruptMsg{all: true})
	if d.app.stopping < 2 {
		t.Error("a second request does not leave")
	}
}
