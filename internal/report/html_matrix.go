package report

import (
	"fmt"
	"slices"

	"github.com/forgecroft/fcoidc/internal/doctor"
)

// matrix sets accounts against checks. Few accounts stand in the columns, so that each check has
// its title in a line of its own; many stand in the rows.
func (p *page) matrix() part {
	if len(p.targets) == 0 || len(p.checks()) == 0 {
		return nil
	}
	if len(p.targets) <= few {
		return p.byCheck()
	}
	return p.byAccount()
}

// checks are those that were made of any account, in the order of an exchange.
func (p *page) checks() []doctor.Check {
	var list []doctor.Check
	seen := map[string]bool{}
	for i := range p.targets {
		for j := range p.targets[i].Results {
			c := p.targets[i].Results[j].Check
			if !seen[c.Name] {
				seen[c.Name] = true
				list = append(list, c)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b doctor.Check) int {
		return slices.Index(categories, a.Category) - slices.Index(categories, b.Category)
	})
	return list
}

// byCategory are the checks of each category.
func byCategory(checks []doctor.Check) [][]doctor.Check {
	var list [][]doctor.Check
	for i, c := range checks {
		if i == 0 || checks[i-1].Category != c.Category {
			list = append(list, nil)
		}
		list[len(list)-1] = append(list[len(list)-1], c)
	}
	return list
}

// byCheck is the table with a check a row.
func (p *page) byCheck() part {
	head := parts{column("Check")}
	for i := range p.targets {
		t := &p.targets[i]
		head = append(head, el("th", attr("scope", "col"), el("a", to(t.place), known(t.Snapshot.Account, t.Snapshot.Name))))
	}
	bodies := parts{}
	for _, checks := range byCategory(p.checks()) {
		rows := parts{el("tr", el("th", attr("scope", "rowgroup"), attr("colspan", fmt.Sprint(len(p.targets)+1)), text(string(checks[0].Category))))}
		for _, c := range checks {
			row := parts{el("th", attr("scope", "row"), text(c.Title))}
			for i := range p.targets {
				row = append(row, p.worded(&p.targets[i], c.Name))
			}
			rows = append(rows, el("tr", row))
		}
		bodies = append(bodies, el("tbody", rows))
	}
	return scrolls("Checks", el("table", class("checks"), el("thead", el("tr", head)), bodies))
}

func (t *lookedAt) result(check string) *doctor.CheckResult {
	for i := range t.Results {
		if t.Results[i].Check.Name == check {
			return &t.Results[i]
		}
	}
	return nil
}

// worded is a cell with room: mark, word, and what was seen.
func (p *page) worded(t *lookedAt, check string) part {
	r := t.result(check)
	if r == nil {
		return el("td", text("–"))
	}
	content := parts{outcomeOf(r).badge()}
	seen := map[*card]bool{}
	for i := range r.Findings {
		if c := p.cards.of(t.Snapshot.Account, &r.Findings[i]); c != nil && !seen[c] {
			seen[c] = true
			content = append(content, el("div", el("a", to(c.place), text(r.Findings[i].Summary))))
		}
	}
	if r.Reason != "" && len(p.targets) <= 2 {
		content = append(content, el("div", class("seen"), text(r.Reason)))
	}
	return el("td", content)
}

// outcomeOf is a result's sign: that a trust rests on the issuer's word alone is no fault, it is
// not proven.
func outcomeOf(r *doctor.CheckResult) sign {
	if r.Outcome == doctor.OutcomeWarning {
		for i := range r.Findings {
			if r.Findings[i].Severity == doctor.Warning && r.Findings[i].Code != undocumented {
				return signWarn
			}
		}
		return signOpen
	}
	return outcomeSign(r.Outcome)
}

// byAccount is the table with an account a row, its columns the checks.
func (p *page) byAccount() part {
	checks := p.checks()
	groups, titles := parts{el("th", attr("scope", "col"), attr("rowspan", "2"), text("Account"))}, parts{}
	for _, list := range byCategory(checks) {
		groups = append(groups, el("th", attr("scope", "colgroup"), attr("colspan", fmt.Sprint(len(list))), text(string(list[0].Category))))
		for _, c := range list {
			titles = append(titles, el("th", attr("scope", "col"), el("span", text(c.Title))))
		}
	}
	rows := parts{}
	for i := range p.targets {
		t := &p.targets[i]
		row := parts{class(t.standing.sign().class), el("th", attr("scope", "row"), t.standing.sign().alone(), text(" "),
			el("a", to(t.place), known(t.Snapshot.Account, t.Snapshot.Name)))}
		for _, c := range checks {
			row = append(row, p.marked(t, c.Name))
		}
		rows = append(rows, el("tr", row))
	}
	return parts{
		p.filter(),
		scrolls("Accounts and checks", el("table", class("matrix"), el("thead", el("tr", groups), el("tr", titles)), el("tbody", rows))),
	}
}

// marked is a cell with room for a mark; one that is not in order leads to its finding.
func (p *page) marked(t *lookedAt, check string) part {
	r := t.result(check)
	if r == nil {
		return el("td")
	}
	s := outcomeOf(r)
	if len(r.Findings) > 0 {
		if c := p.cards.of(t.Snapshot.Account, &r.Findings[0]); c != nil {
			return el("td", class(s.class), el("a", to(c.place), attr("title", s.word+": "+c.Code), text(s.mark)))
		}
	}
	return el("td", class(s.class), text(s.mark))
}

// filter leaves rows out by their standing, without a script: the style sheet looks which of the
// buttons is chosen.
func (p *page) filter() part {
	list := parts{el("legend", text("Show"))}
	button := func(of, label string, chosen bool) {
		input := parts{attr("type", "radio"), attr("name", "show"), id("show-" + of), when(chosen, attr("checked", ""))}
		list = append(list, el("input", input), el("label", attr("for", "show-"+of), text(label)))
	}
	button("all", fmt.Sprintf("all (%d)", len(p.targets)), true)
	for _, s := range []standing{failing, unreached, warned, unproven, healthy} {
		if n := p.count(s); n > 0 {
			button(s.sign().class, fmt.Sprintf("%s (%d)", s.sign().word, n), false)
		}
	}
	return el("fieldset", class("filter"), list)
}
