package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
)

// shownAccounts is how many accounts of one group a review names before it counts the rest.
const shownAccounts = 20

// group is the plans that say the same of different accounts.
type group struct {
	first *bootstrap.Plan
	plans []*bootstrap.Plan
}

// WriteReview writes what plans would do: what was found to be doubtful before them, a
// warning each, then accounts with the same decision and the same changes together, then
// what one should know before agreeing.
func WriteReview(w io.Writer, theme Theme, keyPrefix string, warnings []string, plans []bootstrap.Plan) error {
	var b strings.Builder
	writeWarnings(&b, theme, warnings)
	for _, g := range groups(plans) {
		g.write(&b, theme)
	}
	b.WriteString(NotesText(theme, Notes(keyPrefix, plans)))
	_, err := io.WriteString(w, b.String())
	return err
}

// writeWarnings sets the further lines of a warning below its first.
func writeWarnings(b *strings.Builder, theme Theme, warnings []string) {
	for _, warning := range warnings {
		before := theme.Mark(MarkWarn) + " "
		for line := range strings.Lines(warning) {
			fmt.Fprintln(b, theme.wrap(before, escape.Text(strings.TrimSpace(line))))
			before = "    "
		}
	}
	if len(warnings) > 0 {
		b.WriteByte('\n')
	}
}

func groups(plans []bootstrap.Plan) []*group {
	var ordered []*group
	byKey := map[string]*group{}
	for i := range plans {
		p := &plans[i]
		key := groupKey(p)
		g, ok := byKey[key]
		if !ok {
			g = &group{first: p}
			byKey[key] = g
			ordered = append(ordered, g)
		}
		g.plans = append(g.plans, p)
	}
	return ordered
}

// groupKey is equal for plans that a reader need not tell apart. Account ids inside
// reasons and changes are taken out, so that "role X in 1111…" and "… 2222…" meet, and so
// is how the AWS CLI gets into the account.
func groupKey(p *bootstrap.Plan) string {
	parts := []string{string(p.Action), p.Code, p.Reason, p.Fix}
	for _, c := range p.Changes {
		parts = append(parts, string(c.Kind), c.Name, c.From, c.To)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		parts = append(parts, name, p.Parameters[name])
	}
	parts = append(parts, p.Notes...)
	key := strings.Join(parts, "\x00")
	if p.Target.AWS != "" {
		key = strings.ReplaceAll(key, p.Target.AWS+" ", "aws ")
	}
	return strings.ReplaceAll(key, p.Target.Account, "")
}

func (g *group) write(b *strings.Builder, theme Theme) {
	p := g.first
	fmt.Fprintf(b, "%s %s  %s\n", theme.Mark(actionMark(p.Action)), theme.Strong(actionWords(p.Action)), CountAccounts(len(g.plans)))
	if p.Reason != "" {
		fmt.Fprintln(b, theme.wrap("  ", escape.Text(p.Reason)))
	}
	if p.Fix != "" {
		fmt.Fprintln(b, theme.wrap("  "+theme.Dim("fix:")+" ", escape.Text(p.Fix)))
	}
	accounts := &table{}
	for _, plan := range g.plans[:min(len(g.plans), shownAccounts)] {
		accounts.row(plan.Target.Account, theme.bounded(escape.Text(plan.Target.Name)), plan.Target.Region)
	}
	_ = accounts.writeTo(b, "    ") // a strings.Builder does not fail
	if more := len(g.plans) - shownAccounts; more > 0 {
		fmt.Fprintf(b, "    and %d more\n", more)
	}
	writeChanges(b, theme, p.Changes)
	for _, note := range p.Notes {
		fmt.Fprintln(b, theme.wrap("  "+theme.Mark(MarkInfo)+" ", escape.Text(note)))
	}
	b.WriteByte('\n')
}

func writeChanges(b *strings.Builder, theme Theme, changes []bootstrap.Change) {
	for _, c := range bootstrap.Told(changes) {
		mark := theme.Text(MarkWarn, "~")
		switch {
		case c.To == "Add", c.From == "" && c.To != "" && c.Kind != bootstrap.ChangeResource:
			mark = theme.Text(MarkGood, "+")
		case c.To == "Remove", c.To == "" && c.From != "":
			mark = theme.Text(MarkBad, "-")
		}
		fmt.Fprintln(b, theme.wrap("  "+mark+" ", escape.Text(c.Summary)))
	}
}

// Notes is what one should know before agreeing to plans: what of the trust is not proven,
// and what the roles can do that one would not guess. Each is said once.
func Notes(keyPrefix string, plans []bootstrap.Plan) []string {
	var notes []string
	for i := range plans {
		if !deploys(plans[i].Action) {
			continue
		}
		for _, note := range trustNotes(keyPrefix, plans[i].Parameters) {
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	return notes
}

// NotesText is the end of a review: notes below their headline, nothing if there are none.
func NotesText(theme Theme, notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintln(&b, theme.Strong("Good to know"))
	for _, note := range notes {
		fmt.Fprintln(&b, theme.wrap("  "+theme.Mark(MarkInfo)+" ", note))
	}
	return b.String()
}

// deploys reports whether a leads to a stack being made or changed.
func deploys(a bootstrap.Action) bool {
	return a == bootstrap.ActionCreate || a == bootstrap.ActionUpdate || a == bootstrap.ActionRecreate
}

// CountAccounts is "1 account", "5 accounts".
func CountAccounts(n int) string {
	if n == 1 {
		return "1 account"
	}
	return fmt.Sprintf("%d accounts", n)
}

func actionWords(a bootstrap.Action) string {
	if a == bootstrap.ActionNone {
		return "nothing to change"
	}
	return string(a)
}

func actionMark(a bootstrap.Action) Mark {
	switch a {
	case bootstrap.ActionCreate, bootstrap.ActionUpdate:
		return MarkInfo
	case bootstrap.ActionRecreate, bootstrap.ActionDelete, bootstrap.ActionBlocked:
		return MarkWarn
	case bootstrap.ActionNone:
		return MarkGood
	case bootstrap.ActionSkipped:
		return MarkSkip
	default:
		return MarkInfo
	}
}
