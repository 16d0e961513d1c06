package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/report"
)

// written is the page of a report.
func written(t testing.TB, r *report.HTMLReport) string {
	t.Helper()
	r.Title, r.When, r.Version = "fcoidc doctor", fixtureNow, "v1.4.0"
	r.Command = "fcoidc doctor --organization --report report.html"
	var out bytes.Buffer
	if err := report.WriteHTML(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// parsed is the page as a browser reads it.
func parsed(t testing.TB, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// elements are those with a name, in the order of the page.
func elements(doc *html.Node, tag string) (list []*html.Node) {
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			list = append(list, n)
		}
	}
	return list
}

// textOf is what a reader sees of a part of the page.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "style" {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func fleetPage(t testing.TB) string {
	t.Helper()
	return written(t, &report.HTMLReport{Look: look(t, len(faults)+2), Deploy: deployment(len(faults) + 2)})
}

func TestTheOutlineOfThePage(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for n := range parsed(t, fleetPage(t)).Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case slices.Contains([]string{"h1", "h2", "h3"}, n.Data):
			fmt.Fprintf(&b, "%s%s %s\n", strings.Repeat("  ", int(n.Data[1]-'1')), n.Data, textOf(n))
		case n.Data == "table":
			fmt.Fprintf(&b, "      table of %d rows: %s\n", len(elements(elements(n, "tbody")[0], "tr")), strings.TrimSpace(textOf(elements(n, "tr")[0])))
		case n.Data == "pre" && attribute(n, "class") == "paste":
			first, _, _ := strings.Cut(textOf(n), "\n")
			fmt.Fprintf(&b, "      paste %s\n", first)
		}
	}
	golden(t, "report-outline.txt", b.String())
}

func TestThePageReadsBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	page := fleetPage(t)
	var again bytes.Buffer
	if err := html.Render(&again, parsed(t, page)); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.TrimSpace(again.String()), strings.TrimSpace(page); got != want {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Errorf("a browser mends the page at\n%s\nto\n%s", want[max(0, at-80):min(len(want), at+80)], got[max(0, at-80):min(len(got), at+80)])
	}
}

func TestEveryLinkLeadsSomewhereAndNothingIsLoaded(t *testing.T) {
	t.Parallel()
	doc := parsed(t, fleetPage(t))
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if id := attribute(n, "id"); id != "" && ids[id] {
			t.Errorf("two elements have the id %s", id)
		} else if id != "" {
			ids[id] = true
		}
		for _, a := range n.Attr {
			if slices.Contains([]string{"src", "srcset", "style", "action", "background", "poster", "data"}, a.Key) || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s %s=%q> loads or runs something", n.Data, a.Key, a.Val)
			}
		}
		if slices.Contains([]string{"script", "link", "img", "iframe", "object", "embed", "base", "form"}, n.Data) && n.Type == html.ElementNode {
			t.Errorf("there is a <%s>", n.Data)
		}
	}
	for _, a := range elements(doc, "a") {
		switch href := attribute(a, "href"); {
		case strings.HasPrefix(href, "#") && ids[href[1:]]:
		case strings.HasPrefix(href, "https://docs.") || strings.HasPrefix(href, "https://aws.amazon.com/"):
		default:
			t.Errorf("%q leads to %q", textOf(a), href)
		}
	}
	for _, l := range elements(doc, "label") {
		if !ids[attribute(l, "for")] {
			t.Errorf("the label %q is of nothing", textOf(l))
		}
	}
	style := elements(doc, "style")[0].FirstChild.Data
	if regexp.MustCompile(`url\(|@import|expression`).MatchString(style) {
		t.Error("the style sheet loads something")
	}
	sum := sha256.Sum256([]byte(style))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	policy := ""
	for _, m := range elements(doc, "meta") {
		if attribute(m, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(m, "content")
		}
	}
	if policy != want {
		t.Errorf("the page's policy is %q, want %q", policy, want)
	}
}

func TestWhatComesFromOutsideStaysText(t *testing.T) {
	t.Parallel()
	page := fleetPage(t)
	text := textOf(parsed(t, page))
	for _, want := range []string{"<script>alert(1)</script>", `\u202etxt.exe "><img src=//evil.example>`, "AccessDenied: <b>no</b>", "Could not connect to OIDC provider <i>"} {
		if !strings.Contains(text, want) {
			t.Errorf("a reader does not see %q", want)
		}
	}
	if strings.ContainsAny(page, "\u202e\u2066\x1b\x00") {
		t.Error("the page holds a control character")
	}
}

func TestEveryHeaderCellSaysWhatItHeads(t *testing.T) {
	t.Parallel()
	for _, page := range []string{fleetPage(t), written(t, &report.HTMLReport{Look: look(t, 3)})} {
		for _, th := range elements(parsed(t, page), "th") {
			if attribute(th, "scope") == "" {
				t.Errorf("the header %q has no scope", textOf(th))
			}
		}
	}
}

func TestTheVerdictIsTheWorstThatIsTrue(t *testing.T) {
	t.Parallel()
	all := lookFor(t, len(faults), "eu-west-1").Targets
	named := func(names ...string) *doctor.Run {
		var list []*doctor.TargetReport
		for i, f := range faults {
			if slices.Contains(names, f.name) {
				list = append(list, all[i])
			}
		}
		if len(list) != len(names) {
			t.Fatalf("not all of %v are known", names)
		}
		return doctor.NewRun(fixtureNow, list)
	}
	succeeded := deployment(1)
	for name, tt := range map[string]struct {
		report report.HTMLReport
		says   string
	}{
		"healthy":                       {report.HTMLReport{Look: named("prod-web")}, "healthy: The account is healthy"},
		"resting on the issuer's word":  {report.HTMLReport{Look: named("prod-web", "prod-data")}, "not proven: 1 of 2 accounts set up as the issuer documents, not proven"},
		"with a warning":                {report.HTMLReport{Look: named("prod-web", "drifted")}, "warning: 1 of 2 accounts with warnings"},
		"out of reach":                  {report.HTMLReport{Look: named("prod-web", "drifted", "locked")}, "could not look: 1 of 3 accounts could not be looked at"},
		"failing":                       {report.HTMLReport{Look: named("prod-web", "locked", "no-provider", "opened")}, "failure: 2 of 4 accounts with failures"},
		"a run alone":                   {report.HTMLReport{Deploy: succeeded}, "ok: 1 of 1 account as asked for"},
		"a run in which some failed":    {report.HTMLReport{Deploy: deployment(5)}, "failure: 3 of 5 accounts as asked for"},
		"a failed run, looked at":       {report.HTMLReport{Deploy: deployment(5), Look: named("prod-web")}, "failure: 3 of 5 accounts as asked for"},
		"a run, then found failing":     {report.HTMLReport{Deploy: succeeded, Look: named("opened")}, "failure: 1 account with failures"},
		"nothing at all":                {report.HTMLReport{}, "could not look: No account was looked at"},
		"a plan":                        {report.HTMLReport{Deploy: &report.HTMLDeploy{Run: report.Run{DryRun: true}, Results: succeeded.Results}}, "info: A plan for 1 account"},
		"a run whose end nobody waited": {report.HTMLReport{Deploy: &report.HTMLDeploy{Results: results()[3:]}}, "warning: 0 of 1 account as asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := textOf(elements(parsed(t, written(t, &tt.report)), "h1")[0]); got != tt.says {
				t.Errorf("the verdict is %q, want %q", got, tt.says)
			}
		})
	}
}

func TestAccountsThatShareACauseShareACard(t *testing.T) {
	t.Parallel()
	run := look(t, len(faults)+2)
	for _, card := range elements(parsed(t, written(t, &report.HTMLReport{Look: run})), "article") {
		if !strings.Contains(textOf(elements(card, "h3")[0]), "Forgecroft uses us-west-2,") || strings.Contains(textOf(card), "af-south-1") {
			continue
		}
		text := textOf(card)
		if !strings.Contains(text, "region_not_allowed · 11 accounts") {
			t.Errorf("the card does not count its accounts:\n%s", text)
		}
		for _, r := range run.Targets {
			isIn := strings.Contains(text, "--account "+r.Snapshot.Account+" ")
			if want := !slices.Contains([]string{"staging", "locked", "africa"}, r.Snapshot.Name); isIn != want {
				t.Errorf("account %s (%q) has its fix in the card: %t, want %t", r.Snapshot.Account, r.Snapshot.Name, isIn, want)
			}
		}
		return
	}
	t.Error("there is no such card")
}

func TestAFixThatNamesItsProfileDoesNotPartACause(t *testing.T) {
	t.Parallel()
	run := lookFor(t, 2, "us-west-2")
	for _, r := range run.Targets {
		for i := range r.Findings {
			r.Findings[i].Fix = strings.ReplaceAll(r.Findings[i].Fix, "--account "+r.Snapshot.Account, "--profile "+r.Snapshot.Name)
		}
	}
	page := parsed(t, written(t, &report.HTMLReport{Look: doctor.NewRun(fixtureNow, run.Targets)}))
	cards := 0
	for _, card := range elements(page, "article") {
		if text := textOf(card); strings.Contains(text, "region_not_allowed · 2 accounts") && strings.Contains(text, "--profile prod-web ") && strings.Contains(text, "--profile prod-data ") {
			cards++
		}
	}
	if cards != 1 {
		t.Errorf("%d cards hold both fixes, want 1", cards)
	}
}

func TestEveryAccountMeetsEveryCheckWithAMark(t *testing.T) {
	t.Parallel()
	run := look(t, len(faults))
	rows := elements(parsed(t, written(t, &report.HTMLReport{Look: run})), "tr")
	seen := 0
	for _, row := range rows {
		if row.Parent.Data != "tbody" || attribute(row.Parent.Parent, "class") != "matrix" {
			continue
		}
		cells := elements(row, "td")
		if len(cells) != len(doctor.Checks()) {
			t.Errorf("%s has %d cells for %d checks", textOf(row), len(cells), len(doctor.Checks()))
		}
		for i, c := range cells {
			if got, want := textOf(c), marksOf(&run.Targets[seen].Results[i]); !strings.Contains(want, got) || got == "" {
				t.Errorf("%s: check %s is %q, want one of %q", run.Targets[seen].Snapshot.Name, run.Targets[seen].Results[i].Check.Name, got, want)
			}
		}
		seen++
	}
	if seen != len(run.Targets) {
		t.Errorf("%d accounts stand in the table, want %d", seen, len(run.Targets))
	}
}

func marksOf(r *doctor.CheckResult) string {
	return map[doctor.Outcome]string{
		doctor.OutcomeOK: "✓", doctor.OutcomeInfo: "i", doctor.OutcomeWarning: "!~", doctor.OutcomeFailure: "✗",
		doctor.OutcomeSkipped: "○", doctor.OutcomeNotLooked: "?",
	}[r.Outcome]
}

func TestARealExchangeIsNamedAsTheProof(t *testing.T) {
	t.Parallel()
	run := look(t, 2)
	proved := run.Targets[1]
	proved.Proved([]doctor.Attempt{{RoleARN: proved.Roles[0].Role.ARN, At: fixtureNow, Granted: true, Agrees: true}})
	text := textOf(parsed(t, written(t, &report.HTMLReport{Look: doctor.NewRun(fixtureNow, run.Targets[1:])})))
	for _, want := range []string{"AWS granted a real exchange", "AWS grants a real exchange"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestTheTimelineLeavesOutThePauseOfAReview(t *testing.T) {
	t.Parallel()
	d := deployment(1)
	row := elements(parsed(t, written(t, &report.HTMLReport{Deploy: d})), "svg")[0]
	var bars []string
	for _, r := range elements(row, "rect") {
		bars = append(bars, attribute(r, "class")+" "+attribute(r, "x")+" "+attribute(r, "width"))
	}
	// One second of reading, a pause of 29, then 4 of a change set and 20 of a deployment.
	if got, want := strings.Join(bars, ", "), "plan 0.0% 4.0%, change_set 4.0% 16.0%, deploy 20.0% 80.0%"; got != want {
		t.Errorf("the bars are %q, want %q", got, want)
	}
}

func TestARunThatStopsSaysWhen(t *testing.T) {
	t.Parallel()
	d := deployment(1)
	d.Timeline.Emit(bootstrap.Event{Type: bootstrap.EventStopping, At: fixtureNow, Detail: "2 accounts failed: nothing new is started"})
	text := textOf(parsed(t, written(t, &report.HTMLReport{Deploy: d})))
	if !strings.Contains(text, "2026-11-20 12:00:00 UTC: 2 accounts failed") {
		t.Error("the page does not say that the run stopped")
	}
}

func TestThePageOfManyAccountsStaysSmall(t *testing.T) {
	t.Parallel()
	const (
		accounts     = 300
		base, apiece = 150_000, 5_000 // bytes
	)
	page := written(t, &report.HTMLReport{Look: look(t, accounts), Deploy: deployment(accounts)})
	if got, most := len(page), base+accounts*apiece; got > most {
		t.Errorf("the page of %d accounts has %d bytes, at most %d are wanted", accounts, got, most)
	}
	if n := strings.Count(page, "<tr"); n < 2*accounts {
		t.Errorf("the page has %d rows: accounts are missing", n)
	}
}

func TestAPageThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	if err := report.WriteHTML(failing{full}, &report.HTMLReport{Look: look(t, 1)}); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

var _ io.Writer = failing{}

func FuzzNoNameTurnsIntoMarkup(f *testing.F) {
	for _, s := range []string{"", "<script>", `"><img onerror=x>`, "\u202e", "]]>", "<!--", "&lt;", "\x00\xff", "</style><script>"} {
		f.Add(s)
	}
	run := look(f, 2)
	f.Fuzz(func(t *testing.T, s string) {
		targets := slices.Clone(run.Targets)
		for i := range targets {
			r := *targets[i]
			snapshot := *r.Snapshot
			snapshot.Name, snapshot.Caller = s, s
			r.Snapshot = &snapshot
			r.Findings = append(slices.Clone(r.Findings), doctor.Finding{Code: s, Severity: doctor.Failure, Subject: s, Summary: s, Expected: s, Found: s, Fix: s})
			targets[i] = &r
		}
		page := written(t, &report.HTMLReport{Look: doctor.NewRun(fixtureNow, targets)})
		doc := parsed(t, page)
		for _, tag := range []string{"script", "img", "iframe", "object", "link"} {
			if n := elements(doc, tag); len(n) > 0 {
				t.Errorf("%q became a <%s>", s, tag)
			}
		}
		if len(elements(doc, "style")) != 1 || len(elements(doc, "h1")) != 1 {
			t.Errorf("%q changed the page", s)
		}
	})
}
