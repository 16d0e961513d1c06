package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/report"
)

func TestTheFormSaysWhatIsWrongWithAnOrgIdAsOneTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed string
		mark  report.Mark
		says  string
	}{
		{"", report.MarkInfo, ""},
		{"1111", report.MarkInfo, "4 of 36 characters so far"},
		{"11111111-11", report.MarkInfo, "11 of 36"},
		{"1111AB", report.MarkBad, "upper case"},
		{strings.ToUpper("abcdef01-1111-1111-1111-111111111111"), report.MarkBad, "upper case"},
		{"11111111-1111-1111-1111-1111111111112", report.MarkBad, "has 37 characters and a UUID has 36"},
		{"acme", report.MarkBad, "not a UUID"},
		{exampleOrg, report.MarkGood, "looks right"},
	} {
		d := newDriver(t, fakeOptions(&fakeJob{})).keys(c.typed)
		if mark, text := d.app.form.verdict(); mark != c.mark || !strings.Contains(text, c.says) {
			t.Errorf("%q: mark %d, %q; want %d, %q", c.typed, mark, text, c.mark, c.says)
		}
	}
}

func TestTheFormDoesNotGoOnFromAWrongAnswer(t *testing.T) {
	t.Parallel()
	d := newDriver(t, fakeOptions(&fakeJob{})).keys("enter")
	if d.app.form.at != QuestionOrgID || !strings.Contains(d.app.render(), "is missing") {
		t.Errorf("an empty OrgId passed:\n%s", d.app.render())
	}
	d.keys(strings.ToUpper("abcdef01-1111-1111-1111-111111111111"), "enter")
	if d.app.form.at != QuestionOrgID {
		t.Error("an OrgId in upper case passed")
	}
	d.keys("ctrl+l", "enter", "enter")
	if d.app.form.at != QuestionRegions || !strings.Contains(d.app.render(), "The list of Regions is missing") {
		t.Errorf("no Region passed, or the lower case did not:\n%s", d.app.render())
	}
	d.keys("us-east-1", "space", "esc", "cn-north-1", "space")
	if got := d.app.render(); !strings.Contains(got, "partition aws-cn") {
		t.Errorf("Regions of two partitions are not refused:\n%s", got)
	}
}

func TestAPastedAnswerLosesTheBlanksAroundIt(t *testing.T) {
	t.Parallel()
	d := newDriver(t, fakeOptions(&fakeJob{}))
	d.send(tea.PasteMsg{Content: "  " + exampleOrg + "\n"})
	if got := d.app.form.answers.OrgID; got != exampleOrg {
		t.Errorf("OrgId is %q", got)
	}
}

func TestTheFormAsksForWhatTheTrustModeNeeds(t *testing.T) {
	t.Parallel()
	d := newDriver(t, fakeOptions(&fakeJob{}))
	d.keys(exampleOrg, "enter", "us-east-1", "space", "enter", "space", "enter", "2", "enter")
	if d.app.form.at != QuestionPlanSubject {
		t.Fatalf("asks %s after trust mode subject", d.app.form.at)
	}
	d.keys("org:other", "enter")
	if d.app.form.at != QuestionPlanSubject || !strings.Contains(d.app.render(), "does not contain the OrgId") {
		t.Errorf("a subject without the OrgId passed:\n%s", d.app.render())
	}
	d.keys("esc", "org:"+exampleOrg+":plan", "enter", "org:"+exampleOrg+":apply", "shift+tab", "shift+tab", "1")
	want := Answers{OrgID: exampleOrg, Regions: []string{"us-east-1"}, Accounts: []string{"010000000001"}, TrustMode: TrustModeClaims}
	if diff := cmp.Diff(want, d.app.form.answers); diff != "" {
		t.Errorf("another mode does not drop the subjects (-want +got):\n%s", diff)
	}
	if d.keys("enter"); d.app.form.at != QuestionWorkspaceID {
		t.Errorf("asks %s after trust mode claims", d.app.form.at)
	}
}

func TestWhatIsFixedIsShownWithItsSourceAndNotAsked(t *testing.T) {
	t.Parallel()
	o := fakeOptions(&fakeJob{})
	o.Answers = Answers{OrgID: exampleOrg, Accounts: []string{"010000000001"}, TrustMode: TrustModeClaims}
	o.Fixed = map[Question]string{QuestionOrgID: "--org-id", QuestionAccounts: "fcoidc.yaml line 3", QuestionTrustMode: "--trust-mode"}
	d := newDriver(t, o)
	if got := d.app.render(); d.app.form.at != QuestionRegions || !strings.Contains(got, exampleOrg) || !strings.Contains(got, "--org-id") {
		t.Errorf("asks %s:\n%s", d.app.form.at, got)
	}
	d.keys("us-east-1", "space", "enter")
	if d.app.form.at != QuestionWorkspaceID {
		t.Errorf("asks %s after the Regions", d.app.form.at)
	}
	if d.keys("shift+tab"); d.app.form.at != QuestionRegions {
		t.Errorf("goes back to %s", d.app.form.at)
	}
}

func TestWhereAllIsFixedThePlansComeFirst(t *testing.T) {
	t.Parallel()
	o := fakeOptions(&fakeJob{})
	o.Answers = Answers{OrgID: exampleOrg, Regions: []string{"us-east-1"}, Accounts: []string{"010000000001"}, TrustMode: TrustModeClaims}
	o.Fixed = map[Question]string{}
	for _, q := range []Question{QuestionOrgID, QuestionRegions, QuestionAccounts, QuestionTrustMode, QuestionWorkspaceID} {
		o.Fixed[q] = "fcoidc.yaml"
	}
	first := newApp(o, &jobs{Job: o.Job, ctx: t.Context()}, func() time.Time { return fakeNow })
	if got := first.render(); !strings.Contains(got, "Looking at what is there") {
		t.Errorf("before the first message:\n%s", got)
	}
	if d := newDriver(t, o); d.app.screen != screenReview {
		t.Errorf("screen %d:\n%s", d.app.screen, d.app.render())
	}
}

func TestAccountsThatCannotBeListedCanBeAskedForAgain(t *testing.T) {
	t.Parallel()
	o, asked := fakeOptions(&fakeJob{}), 0
	o.Accounts = func(context.Context) ([]AccountChoice, error) {
		if asked++; asked == 1 {
			return nil, errors.New("the SSO session\x1b[2J has ended")
		}
		return fakeAccounts(2), nil
	}
	d := newDriver(t, o).keys(exampleOrg, "enter", "us-east-1", "space", "enter")
	if got := d.app.render(); !strings.Contains(got, `the SSO session\x1b[2J has ended`) || !strings.Contains(got, "tries again") {
		t.Errorf("the error is not told, or not escaped:\n%s", got)
	}
	if d.keys("enter"); !strings.Contains(d.app.render(), "0 of 2 chosen") {
		t.Errorf("not asked again:\n%s", d.app.render())
	}
}

func TestAPickerFindsChoosesAndDrops(t *testing.T) {
	t.Parallel()
	var choices []choice
	for _, a := range fakeAccounts(60) {
		choices = append(choices, newChoice(a.Key, a.Detail, accountCells(a)...))
	}
	keys := newPickKeys()
	for _, c := range []struct {
		name  string
		start []string
		press []string
		want  []string
	}{
		{"the current one", nil, []string{"space"}, []string{"010000000001"}},
		{"in the order of choosing", nil, []string{"down", "space", "up", "space"}, []string{"010000000002", "010000000001"}},
		{"twice is not", nil, []string{"space", "space"}, nil},
		{"the last", nil, []string{"end", "space"}, []string{"010000000060"}},
		{"all that match", nil, []string{"00001", "ctrl+a"}, []string{"010000000001", "010000000010", "010000000011", "010000000012", "010000000013", "010000000014", "010000000015", "010000000016", "010000000017", "010000000018", "010000000019"}},
		{"none of those that match", []string{"010000000010", "010000000002"}, []string{"000010", "ctrl+a"}, []string{"010000000002"}},
		{"by a name in other letters", nil, []string{"MANAG", "tab"}, []string{"010000000001"}},
		{"a space is part of the search", nil, []string{"management", "space", "06", "space"}, []string{"010000000006"}},
		{"a slash before the search is none of it", nil, []string{"/", "000060", "space"}, []string{"010000000060"}},
		{"nothing where nothing matches", nil, []string{"nowhere", "space", "down", "ctrl+a"}, nil},
		{"what is not on the list is dropped", []string{"999999999999", "010000000003", "010000000003"}, nil, []string{"010000000003"}},
	} {
		p := newPicker(choices, c.start).sized(5)
		for _, name := range c.press {
			if k, ok := namedKeys[name]; ok {
				p = p.update(keys, k)
				continue
			}
			for _, r := range name {
				p = p.update(keys, tea.KeyPressMsg{Code: r, Text: string(r)})
			}
		}
		if len(p.order) != len(c.want) || len(c.want) > 0 && !cmp.Equal(p.order, c.want) {
			t.Errorf("%s: %v, want %v", c.name, p.order, c.want)
		}
	}
}

func TestInASearchTheHelpLineNamesTheKeyThatChooses(t *testing.T) {
	t.Parallel()
	d := newDriver(t, fakeOptions(&fakeJob{})).keys(exampleOrg, "enter")
	wants(t, d, "space choose")
	d.keys("us", "space", "west")
	wants(t, d, "/ us west", "tab choose", "esc clear", "0 of ")
	if d.keys("down", "tab"); len(d.app.form.answers.Regions) != 1 || d.app.form.at != QuestionRegions {
		t.Errorf("tab chooses %v, at %s", d.app.form.answers.Regions, d.app.form.at)
	}
	d.keys("esc", "us-west-2")
	wants(t, d, "space choose", "/ us-west-2")
	if d.keys("esc", "tab"); d.app.form.at != QuestionAccounts {
		t.Errorf("without a search tab leads to %s", d.app.form.at)
	}
}

func TestAllRegionsAreThoseOfOnePartition(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{
		"nothing is chosen":      {"ctrl+a"},
		"one of aws-cn is":       {"cn-north-1", "space", "esc", "ctrl+a"},
		"others are looked at":   {"gov", "ctrl+a"},
		"others than the chosen": {"cn-north-1", "space", "esc", "us", "ctrl+a"},
	} {
		d := newDriver(t, fakeOptions(&fakeJob{})).keys(exampleOrg, "enter").keys(keys...)
		if f := d.app.form; len(f.answers.Regions) == 0 || f.problem(QuestionRegions) != "" {
			t.Errorf("%s: %v: %s", name, f.answers.Regions, f.problem(QuestionRegions))
		}
		if d.keys("ctrl+a"); len(keys) == 1 && len(d.app.form.answers.Regions) != 0 {
			t.Errorf("%s: none chooses %v", name, d.app.form.answers.Regions)
		}
	}
}

func TestEscapeClearsNoAnswerThatIsRight(t *testing.T) {
	t.Parallel()
	d := newDriver(t, fakeOptions(&fakeJob{})).keys(exampleOrg, "esc")
	if f := d.app.form; f.answers.OrgID != exampleOrg || f.at != QuestionOrgID {
		t.Errorf("the OrgId is %q at %s", f.answers.OrgID, f.at)
	}
	wants(t, d, "ctrl+u clear")
	if d.keys("x", "esc"); d.app.form.answers.OrgID != "" {
		t.Errorf("what is wrong stays: %q", d.app.form.answers.OrgID)
	}
}

func TestAPickerKeepsItsCursorInSight(t *testing.T) {
	t.Parallel()
	var choices []choice
	for _, a := range fakeAccounts(60) {
		choices = append(choices, newChoice(a.Key, "", accountCells(a)...))
	}
	keys, p := newPickKeys(), newPicker(choices, nil).sized(5)
	for _, name := range []string{"down", "pgdown", "end", "up", "up", "up", "up", "up", "up", "pgdown", "down"} {
		p = p.update(keys, namedKeys[name])
		lines := p.render(plainStyles(), 60)
		if len(lines) != 6 || !strings.Contains(strings.Join(lines, "\n"), "› [ ]  "+p.choices[p.shown[p.cursor]].key) {
			t.Errorf("after %s the cursor at %d is not in sight:\n%s", name, p.cursor, strings.Join(lines, "\n"))
		}
	}
}
