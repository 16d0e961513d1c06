package report

import (
	"fmt"
	"time"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
)

// accounts shows, account by account, what the verdict rests on.
func (p *page) accounts() part {
	if len(p.targets) == 0 {
		return nil
	}
	list := make(parts, len(p.targets))
	for i := range p.targets {
		list[i] = p.account(&p.targets[i])
	}
	return list
}

func (p *page) account(t *lookedAt) part {
	s := t.Snapshot
	return el("details", class("account"), id(t.place), when(len(p.targets) == 1, attr("open", "")),
		el("summary", t.standing.sign().badge(), text(" "), known(s.Account, s.Name), text(" "), small(s.Region)),
		el("dl",
			when(s.Caller != "", pair("Looked at as", code(s.Caller))),
			pair("When", instant(s.Taken), text(", "+plural(s.Calls, "request", "requests"))),
			stackPair(s.Stack()),
			providerPair(s.Provider),
			each(t.Roles, t.role)),
		p.links(t),
		when(len(p.targets) > 2, p.evidence(t)))
}

func stackPair(s *doctor.Stack) part {
	if s == nil {
		return parts(nil)
	}
	drift := "not compared with its template"
	if s.Compared {
		drift = "as its template says"
		if len(s.Drift) > 0 {
			drift = plural(len(s.Drift), "property", "properties") + " changed since"
		}
	}
	return pair("Stack", code(s.Name), text(" "+s.Status+", "+drift))
}

func providerPair(p *doctor.Provider) part {
	if p == nil {
		return parts(nil)
	}
	return pair("Provider", code(p.ARN))
}

// role is a role with what a run's token would be answered, and what a real one was.
func (t *lookedAt) role(r doctor.RoleReport) part {
	label := "Role"
	if r.Role.Phase != "" {
		label = string(r.Role.Phase) + " role"
	}
	value := parts{code(r.Role.ARN)}
	if r.Role.Gone {
		value = append(value, text(" "), sign{"bad", "✗", "not there"}.badge())
	}
	if r.Expected != nil {
		value = append(value, text(" "), decisionSign(r.Expected.Verdict).badge())
	}
	if r.Token != nil {
		value = append(value, text(" with the token at hand: "), decisionSign(r.Token.Verdict).badge())
	}
	for i := range t.Attempts {
		if a := &t.Attempts[i]; a.RoleARN == r.Role.ARN {
			value = append(value, attempted(a))
		}
	}
	return pair(label, value, lastUsed(r.Role))
}

// attempted is a real exchange.
func attempted(a *doctor.Attempt) part {
	s := sign{"good", "✓", "AWS granted a real exchange"}
	if !a.Granted {
		s = sign{"bad", "✗", "AWS refused a real exchange"}
	}
	return el("div", s.badge(), text(" "), instant(a.At), when(a.Code != "", text(" "), code(a.Code+": "+a.Message)))
}

func lastUsed(r *doctor.Role) part {
	if r.LastUsed.IsZero() {
		return parts(nil)
	}
	return el("div", class("seen"), text("last used "+r.LastUsed.UTC().Format(time.DateOnly)+" in "+r.LastRegion))
}

// decisionSign never calls proven what rests on the issuer's word alone.
func decisionSign(v *exchange.Verdict) sign {
	switch {
	case v.Decision == exchange.Deny:
		return sign{"bad", "✗", "refuses a run's token"}
	case v.Decision == exchange.Unknown:
		return sign{"unseen", "?", "cannot tell"}
	case v.Basis != exchange.Documented:
		return sign{"open", "~", "admits a run's token, as the issuer documents; not proven"}
	}
	return sign{"good", "✓", "admits a run's token"}
}

// links lead from an account to what was found there.
func (p *page) links(t *lookedAt) part {
	var list parts
	seen := map[*card]bool{}
	for i := range t.Findings {
		c := p.cards.of(t.Snapshot.Account, &t.Findings[i])
		if c == nil || seen[c] {
			continue
		}
		seen[c] = true
		list = append(list, el("li", c.sign().alone(), text(" "), el("a", to(c.place), text(c.Code))))
	}
	if len(list) == 0 {
		return parts(nil)
	}
	return el("ul", class("links"), list)
}

// manyAccounts is from how many accounts on the evidence of checks that came out well is left to
// `-o json`: the page would grow by more than it tells.
const manyAccounts = 100

// evidence is what the checks saw.
func (p *page) evidence(t *lookedAt) part {
	var list parts
	for i := range t.Results {
		r := &t.Results[i]
		if r.Reason == "" || p.large() && r.Outcome != doctor.OutcomeNotLooked {
			continue
		}
		list = append(list, el("li", outcomeOf(r).alone(), text(fmt.Sprintf(" %s: %s", r.Check.Title, r.Reason))))
	}
	if len(list) == 0 {
		return parts(nil)
	}
	return el("ul", class("evidence"), list)
}
