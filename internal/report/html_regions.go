package report

import (
	"fmt"
	"strings"

	"github.com/forgecroft/fcoidc/internal/doctor"
)

// regions shows where the apply roles may do what. Accounts of which the same is true share a
// table.
func (p *page) regions() part {
	type sharing struct {
		matrix   *doctor.Matrix
		accounts []string
	}
	at := map[string]*sharing{}
	var order []*sharing
	for i := range p.targets {
		m := p.targets[i].Matrix
		if m == nil {
			continue
		}
		account := p.targets[i].Snapshot.Account
		key := masked(fmt.Sprintf("%+v", *m), account)
		if at[key] == nil {
			at[key] = &sharing{matrix: m}
			order = append(order, at[key])
		}
		at[key].accounts = append(at[key].accounts, account)
	}
	if len(order) == 0 {
		return nil
	}
	list := parts{el("p", text("Where the apply role may act, by its policies, its boundary and the organisation's policies. IAM and other global services count as one Region, whichever a run works in."))}
	for i, s := range order {
		list = append(list, p.rehearsed(s.matrix, s.accounts, len(order) > 1, i < few))
	}
	return list
}

func masked(s, account string) string {
	if account == "" {
		return s
	}
	return strings.ReplaceAll(s, account, anyAccount)
}

func (p *page) rehearsed(m *doctor.Matrix, accounts []string, several, open bool) part {
	rows := parts{}
	for i := range m.Rows {
		rows = append(rows, regionRow(&m.Rows[i]))
	}
	tables := parts{
		p.who(accounts),
		when(m.Anywhere, el("p", signWarn.badge(), text(" No Region binds the role: it may act in those that are not listed too."))),
		when(len(rows) > 0, el("table", class("stack regions"),
			el("thead", el("tr", column("Region"), column("Forgecroft uses it"), column("In AllowedRegions"), column("In the account"),
				column("Regional services"), column("IAM and other global services"), column("STS of the Region"))),
			el("tbody", rows))),
		el("table", class("stack regions"),
			el("thead", el("tr", column("Service with one endpoint"), column("Counts as"), column("Apply may use it"))),
			el("tbody", each(m.Services, func(s doctor.Service) part {
				return el("tr", el("th", attr("scope", "row"), text(s.Name)), cell("Counts as", code(s.Endpoint)), cell("Apply may use it", answer(&s.Cell)))
			}))),
	}
	if !several {
		return tables
	}
	attrs := parts{class("group"), when(open, attr("open", ""))}
	return el("details", attrs, el("summary", text(CountAccounts(len(accounts))+": "+regionNames(m))), tables)
}

func regionNames(m *doctor.Matrix) string {
	names := make([]string, len(m.Rows))
	bad := 0
	for i := range m.Rows {
		names[i] = m.Rows[i].Region
		if m.Rows[i].Regional.Answer == doctor.No {
			bad++
		}
	}
	s := strings.Join(names, ", ")
	if bad > 0 {
		s += fmt.Sprintf(" (apply may not act in %d)", bad)
	}
	return s
}

func regionRow(r *doctor.Row) part {
	return el("tr",
		el("th", attr("scope", "row"), code(r.Region), when(r.Name != "", text(" "), small(r.Name))),
		cell("Forgecroft uses it", yesNo(r.Asked, "yes", "not said")),
		cell("In AllowedRegions", yesNo(r.Allowed, "yes", "no")),
		cell("In the account", text(regionState(r.Status))),
		cell("Regional services", answer(&r.Regional)),
		cell("IAM and other global services", answer(&r.Global)),
		cell("STS of the Region", answer(&r.STS)))
}

func yesNo(is bool, yes, no string) part {
	if is {
		return parts{signGood.alone(), text(" " + yes)}
	}
	return parts{signSkip.alone(), text(" " + no)}
}

// regionState words what Account Management says.
func regionState(status string) string {
	switch status {
	case "":
		return "not known"
	case "ENABLED", "ENABLED_BY_DEFAULT":
		return "enabled"
	}
	return strings.ToLower(status)
}

// answer is a cell of the rehearsal: mark and word, what decides, and what Terraform shows of it.
func answer(c *doctor.Cell) part {
	s := answerSign(c.Answer)
	return parts{
		s.badge(),
		when(c.Answer != doctor.Yes && c.Why != "", el("div", class("seen"), text(c.Why))),
		when(c.Notice != "", el("div", class("seen"), text(c.Notice))),
	}
}

func answerSign(a doctor.Answer) sign {
	switch a {
	case doctor.Yes:
		return sign{"good", "✓", "yes"}
	case doctor.No:
		return sign{"bad", "✗", "no"}
	case doctor.Perhaps:
		return sign{"warn", "~", "perhaps"}
	case doctor.Unknown:
		return sign{"unseen", "?", "unknown"}
	}
	return signUnseen
}
