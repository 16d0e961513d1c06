package report

import (
	"strings"
)

// unseen lists what could not be looked at, what that takes, and where.
func (p *page) unseen() part {
	var rows parts
	for _, c := range p.cards.list {
		if c.unseen() {
			rows = append(rows, p.unseenRow(c))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return parts{
		el("p", text("What stands here was not judged: it may be in order or not.")),
		el("table", class("stack"),
			el("thead", el("tr", column("What"), column("Needs"), column("Why not"), column("To look"), column("Where"))),
			el("tbody", rows)),
	}
}

func (p *page) unseenRow(c *card) part {
	fixes := make([]string, len(c.fixes))
	for i, f := range c.fixes {
		fixes[i] = f.line
	}
	where := part(text(CountAccounts(len(c.accounts))))
	if len(p.targets) > 1 {
		where = p.who(c.accounts)
	}
	way := part(text("–"))
	if len(fixes) > 0 {
		way = paste(strings.Join(fixes[:min(len(fixes), shownFixes)], "\n"))
	}
	return el("tr", id(c.place),
		el("th", attr("scope", "row"), signUnseen.alone(), text(" "+c.Summary)),
		cell("Needs", orDash(c.Expected)),
		cell("Why not", orDash(c.Found)),
		cell("To look", way),
		cell("Where", where))
}

func column(title string) element { return el("th", attr("scope", "col"), text(title)) }

// cell is a table's cell that names its column where the table is laid out for a narrow screen.
func cell(label string, p ...part) element {
	return el("td", attr("data-label", label), parts(p))
}

func orDash(s string) part {
	if s == "" {
		return text("–")
	}
	return text(s)
}
