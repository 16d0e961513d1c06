package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
)

// question is one that the review has open at its lower end.
type question int

const (
	askNothing  question = iota
	askDeploy            // whether to deploy
	askNumber            // teardown: how many accounts
	askTrust             // whether an update may alter who may assume the roles
	askProvider          // whether the roles may trust a provider that is in the account already
	askWhich             // which answer to change
)

// The codes of plans that the review can ask about.
const (
	codeTrustChange    = "trust_change"
	codeProviderExists = "provider_exists"
)

// askKeys answer a question with yes or no.
type askKeys struct{ Yes, No key.Binding }

func newAskKeys() askKeys {
	return askKeys{
		Yes: key.NewBinding(key.WithKeys("y"), key.WithHelp("y", "yes")),
		No:  key.NewBinding(key.WithKeys("n", "esc", "q", "ctrl+c"), key.WithHelp("n", "no")),
	}
}

// askLines is the open question, and what one has to know to answer it.
func (r review) askLines(s Styles, width int) []string {
	text, more := r.askWords()
	if text == "" {
		return nil
	}
	lines := []string{""}
	for _, l := range wrapTo(text, width-4) {
		lines = append(lines, "  "+s.Strong.Paint(l))
	}
	for _, m := range more {
		lines = append(lines, indented(s, "  ", m, width-2, false)...)
	}
	if r.ask == askDeploy {
		lines = append(lines, r.unseen(s, r.room-len(lines))...)
	}
	if r.ask == askWhich {
		for i, answer := range r.which {
			line := "  " + pointer(s, i == r.answer) + s.Accent.Paint(strconv.Itoa(i+1)) + "  " + strong(s, i == r.answer, answer)
			lines = append(lines, cutTo(line, width-2, s.Ellipsis))
		}
	}
	if r.ask == askNumber {
		lines = append(lines, "  "+s.Accent.Paint("> ")+r.input.render(s, "", width-6))
	}
	return lines
}

func (r review) askWords() (question string, more []string) {
	switch r.ask {
	case askDeploy:
		question = fmt.Sprintf("Deploy to %s of %s?", accountCount(r.pending), r.planned.Where)
		if r.trust > 0 {
			more = append(more, fmt.Sprintf("In %d of them it changes who may assume the roles.", r.trust))
		}
	case askNumber:
		question = fmt.Sprintf("This deletes the trust in %s of %s. Type the number of accounts to go on.", accountCount(r.pending), r.planned.Where)
		more = []string{"Forgecroft can do nothing more in these accounts afterwards."}
	case askTrust:
		plans := r.trusts
		question = fmt.Sprintf("Change who may assume the roles of %s?", accountCount(len(plans)))
		more = append(trustWords(plans), "Tokens that get in today may be refused afterwards, and others let in. "+named(plans))
	case askProvider:
		plans := r.providers
		question = fmt.Sprintf("Let the roles of %s trust the provider that is there already?", accountCount(len(plans)))
		more = []string{"fcoidc did not make it, and will neither change nor delete it. " + named(plans)}
	case askWhich:
		question = "Which answer shall be changed?"
	case askNothing:
	}
	return question, more
}

// trustWords is what the plans change in the parameters, each change once.
func trustWords(plans []*bootstrap.Plan) []string {
	const most = 4
	var lines []string
	for _, p := range plans {
		for _, c := range p.Changes {
			if text := escape.Text(c.Summary); c.Kind == bootstrap.ChangeParameter && !slices.Contains(lines, text) {
				lines = append(lines, text)
			}
			if len(lines) > most {
				return append(lines[:most], "and more")
			}
		}
	}
	return lines
}

// named is the accounts of plans, as many as a line can name.
func named(plans []*bootstrap.Plan) string {
	const most = 5
	var names []string
	for _, p := range plans[:min(len(plans), most)] {
		names = append(names, strings.TrimSpace(p.Target.Account+" "+escape.Text(p.Target.Name)))
	}
	text := "It is about " + strings.Join(names, ", ")
	if more := len(plans) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + "."
}

// confirms reports whether the number typed is that of the accounts.
func (r review) confirms() bool {
	return strings.TrimSpace(r.input.String()) == strconv.Itoa(r.pending)
}

// countsLine is what would be done, in numbers.
func (r review) countsLine(s Styles) string {
	var parts []string
	for _, a := range actionOrder {
		if n := r.counts[a]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s %s", s.Mark(actionMark(a)), s.Strong.Paint(strconv.Itoa(n)), actionWords(a)))
		}
	}
	return accountCount(len(r.planned.Plans)) + " of " + escape.Text(r.planned.Where) + "   " + strings.Join(parts, "   ")
}

// ways are the keys that lead out of a block, in words.
func (r review) ways(s Styles, width int) []string {
	var lines []string
	for _, w := range []struct {
		n    int
		text string
	}{
		{len(r.providers), "%s with a provider already: p lets the roles trust it."},
		{len(r.trusts), "%s where the update changes who may assume the roles: t allows it."},
	} {
		if w.n > 0 {
			lines = append(lines, prose("  "+s.Mark(report.MarkWarn)+" ", fmt.Sprintf(w.text, accountCount(w.n)), width)...)
		}
	}
	return lines
}
