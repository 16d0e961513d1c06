package report

import (
	"fmt"
	"strings"

	"github.com/forgecroft/fcoidc/internal/doctor"
)

// refused shows the exchanges that CloudTrail saw refused, by account and cause.
func (p *page) refused() part {
	rows := parts{}
	asked := false
	for i := range p.targets {
		t := &p.targets[i]
		asked = asked || t.Snapshot.History != nil
		for j := range t.Refused {
			rows = append(rows, refusedRow(t, &t.Refused[j]))
		}
	}
	switch {
	case !asked:
		return nil
	case len(rows) == 0:
		return el("p", class("quiet"), signGood.alone(), text(" CloudTrail shows none in the time asked for. Events may be 15 minutes late."))
	}
	return parts{
		el("p", text("From CloudTrail, whose events may be 15 minutes late. It shows neither the phase nor the organisation of a token.")),
		el("table", class("stack"),
			el("thead", el("tr", column("What was refused"), column("Account"), column("Role"), column("Expected"), column("Found"), column("When"))),
			el("tbody", rows)),
	}
}

func refusedRow(t *lookedAt, g *doctor.RefusedGroup) part {
	at := parts{instant(g.First)}
	if !g.Last.Equal(g.First) {
		at = append(at, text(" to "), instant(g.Last))
	}
	found := g.Found
	if found == "" {
		found = strings.TrimSpace(g.Code + " " + g.Message)
	}
	return el("tr",
		el("th", attr("scope", "row"), text(fmt.Sprintf("%d × %s", g.Count, g.Summary)), when(g.Cause != "", text(" "), code(g.Cause))),
		cell("Account", el("a", to(t.place), known(t.Snapshot.Account, t.Snapshot.Name))),
		cell("Role", code(orUnknown(g.RoleARN))),
		cell("Expected", codeOrDash(g.Expected)),
		cell("Found", codeOrDash(found)),
		cell("When", at, text(", in "+strings.Join(g.Regions, ", "))))
}

func orUnknown(s string) string {
	if s == "" {
		return "not in the event"
	}
	return s
}

func codeOrDash(s string) part {
	if s == "" {
		return text("–")
	}
	return code(s)
}
