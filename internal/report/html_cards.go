package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/docs/causes"
	"github.com/forgecroft/fcoidc/internal/doctor"
)

// card is a finding with every account and thing that it is true of.
type card struct {
	doctor.Finding
	place    string          // its id in the page
	subjects []string        // roles, providers, policies: what was looked at
	accounts []string        // sorted, each once
	fixes    []fix           // each line once
	known    map[string]bool // lines of fixes
}

// fix is what to do in one account.
type fix struct{ account, line string }

// unseenCodes are the findings that tell of what could not be looked at.
var unseenCodes = []string{"could_not_look", "org_id_unknown", "regions_unknown", "claim_value_unknown"}

// sameness is what findings of one card have in common: all but the thing looked at, and the fix,
// which names it or the profile that leads to its account.
type sameness struct {
	severity                       doctor.Severity
	code, summary, expected, found string
}

func samenessOf(f *doctor.Finding) sameness {
	return sameness{f.Severity, f.Code, f.Summary, f.Expected, f.Found}
}

// cards are all cards, the worst first.
type cards struct {
	list []*card
	at   map[sameness]*card
}

// newCards puts together what doctor grouped and what differs in the thing looked at or in the fix
// alone: two roles of an account often share a cause.
func newCards(run *doctor.Run) cards {
	all := cards{at: map[sameness]*card{}}
	for i := range run.Groups {
		g := &run.Groups[i]
		key := samenessOf(&g.Finding)
		c := all.at[key]
		if c == nil {
			c = &card{Finding: g.Finding, place: fmt.Sprintf("finding-%d", len(all.list)+1), known: map[string]bool{}}
			all.at[key] = c
			all.list = append(all.list, c)
		}
		if !slices.Contains(c.subjects, g.Subject) {
			c.subjects = append(c.subjects, g.Subject)
		}
		c.accounts = append(c.accounts, g.Accounts...)
	}
	for _, c := range all.list {
		slices.Sort(c.accounts)
		c.accounts = slices.Compact(c.accounts)
	}
	all.fill(run.Targets)
	return all
}

// fill says what to do in each account, with its own id, and words what is true of one account
// alone as doctor did.
func (all *cards) fill(targets []*doctor.TargetReport) {
	for _, t := range targets {
		for i := range t.Findings {
			f := &t.Findings[i]
			c := all.of(t.Snapshot.Account, f)
			if c == nil {
				continue
			}
			if len(c.accounts) == 1 {
				c.Finding = *f
				c.subjects = own(c.subjects, t.Snapshot.Account)
			}
			if f.Fix != "" && !c.known[f.Fix] {
				c.known[f.Fix] = true
				c.fixes = append(c.fixes, fix{t.Snapshot.Account, f.Fix})
			}
		}
	}
}

// anyAccount is what doctor writes for the account in what several share.
const anyAccount = "<account>"

func own(subjects []string, account string) []string {
	for i := range subjects {
		subjects[i] = strings.ReplaceAll(subjects[i], anyAccount, account)
	}
	return subjects
}

// of is the card that tells of an account's finding.
func (all *cards) of(account string, f *doctor.Finding) *card {
	key := samenessOf(f)
	if account != "" {
		for _, s := range []*string{&key.summary, &key.expected, &key.found} {
			*s = strings.ReplaceAll(*s, account, anyAccount)
		}
	}
	return all.at[key]
}

// bad reports whether something does not work, or somebody gets in who should not.
func (c *card) bad() bool { return c.Severity.AtLeast(doctor.Failure) }

func (c *card) unseen() bool { return slices.Contains(unseenCodes, c.Code) }

// findings are the cards: what must be mended, then what to think about, then what is good to know.
func (p *page) findings() part {
	if len(p.targets) == 0 {
		return nil
	}
	var mend, know parts
	for _, c := range p.cards.list {
		switch {
		case c.unseen():
		case c.Severity == doctor.Info:
			know = append(know, p.card(c))
		default:
			mend = append(mend, p.card(c))
		}
	}
	if len(mend) == 0 {
		mend = parts{el("p", class("quiet"), signGood.alone(), text(" Nothing was found that has to be mended."))}
	}
	return parts{mend, when(len(know) > 0, el("details", class("more"), el("summary", text("Good to know ("+fmt.Sprint(len(know))+")")), know))}
}

// sign is how bad it is.
func (c *card) sign() sign {
	switch {
	case c.unseen():
		return signUnseen
	case c.Code == undocumented && !c.bad():
		return signOpen
	}
	return severitySign(c.Severity)
}

func (p *page) card(c *card) part {
	expected, found := "Expected", "Found"
	if c.Compares {
		expected, found = "The policy asks for", "The token says"
	}
	return el("article", class("card "+c.sign().class), id(c.place),
		el("h3", c.sign().badge(), text(" "+c.Summary)),
		el("p", class("by"), code(c.Code), text(" · "+CountAccounts(len(c.accounts)))),
		el("dl",
			pair("Where", each(c.subjects, func(s string) part { return el("div", code(s)) })),
			when(c.Expected != "", pair(expected, code(c.Expected))),
			when(c.Found != "", pair(found, code(c.Found)))),
		when(len(c.fixes) > 0, c.fix()),
		p.who(c.accounts),
		p.explanation(c.Code),
	)
}

// shownFixes is how many fixes stand open; more are a click away, in one piece to copy.
const shownFixes = 3

func (c *card) fix() part {
	var all strings.Builder
	account := ""
	for _, f := range c.fixes {
		if len(c.accounts) > 1 && f.account != account {
			account = f.account
			fmt.Fprintf(&all, "# %s\n", account)
		}
		fmt.Fprintln(&all, f.line)
	}
	if len(c.fixes) <= shownFixes {
		return parts{el("h4", text("Fix")), paste(all.String())}
	}
	return parts{
		el("h4", text("Fix")), paste(c.fixes[0].line),
		el("details", el("summary", text(fmt.Sprintf("All %d fixes, with their accounts", len(c.fixes)))), paste(all.String())),
	}
}

// who names accounts; beyond a few they are folded.
func (p *page) who(accounts []string) part {
	if len(p.targets) == 1 {
		return parts(nil)
	}
	list := el("ul", class("who"), each(accounts, func(account string) part {
		t := p.target(account)
		if t == nil {
			return el("li", code(account))
		}
		return el("li", el("a", to(t.place), known(account, t.Snapshot.Name)))
	}))
	const shown = 6
	if len(accounts) <= shown {
		return list
	}
	return el("details", el("summary", text("The "+CountAccounts(len(accounts)))), list)
}

func (p *page) target(account string) *lookedAt {
	for i := range p.targets {
		if p.targets[i].Snapshot.Account == account {
			return &p.targets[i]
		}
	}
	return nil
}

// explanation is the page of a code, so that the report is read without fcoidc at hand. It stands
// with the first finding of the code; others lead there.
func (p *page) explanation(of string) part {
	page, ok := causes.Text(of)
	if !ok {
		return parts(nil)
	}
	title, place := "Why: "+causes.Title(of), "why-"+of
	if p.explained[of] {
		return el("p", class("why"), el("a", to(place), text(title)))
	}
	p.explained[of] = true
	_, body, _ := strings.Cut(page, "\n")
	return el("details", class("why"), id(place), el("summary", text(title)), prose(body))
}
