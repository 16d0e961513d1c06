package tui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
)

// listedAtOnce is up to how many accounts are listed without being asked for.
const listedAtOnce = 20

// askQuestion asks q until the answer is right.
func (p *plain) askQuestion(ctx context.Context, q Question) error {
	p.sayf("")
	p.explain(q)
	if err := p.introduce(ctx, q); err != nil {
		return err
	}
	for {
		answer, err := p.ask(ctx, p.prompt(q))
		if err != nil {
			return err
		}
		if word, isHelp := strings.CutPrefix(answer, "?"); isHelp {
			p.help(q, word)
			continue
		}
		problem := p.take(q, answer)
		if problem == "" {
			return nil
		}
		p.sayf("%s", escape.Text(problem))
	}
}

// explain says what is asked.
func (p *plain) explain(q Question) {
	p.sayf("%s", pages[q].ask)
	if pages[q].help != "" {
		p.sayf("%s", spelled(p.styles, pages[q].help))
	}
	if q == QuestionTrustMode {
		for i, m := range trustModes {
			p.sayf("%d  %s, %s. %s It needs: %s", i+1, m.title, m.gloss, m.tests, m.needs)
		}
	}
}

// help answers a question mark: with the choices that hold word, or else with the question.
func (p *plain) help(q Question, word string) {
	if q == QuestionRegions || q == QuestionAccounts {
		p.listChoices(q, word)
		return
	}
	p.explain(q)
}

// introduce says what there is to choose from.
func (p *plain) introduce(ctx context.Context, q Question) error {
	switch q {
	case QuestionAccounts:
		if p.form.loading {
			choices, err := p.options.Accounts(ctx)
			if err != nil {
				return err
			}
			p.form = p.form.offer(choices, nil)
		}
		if len(p.form.accounts.choices) <= listedAtOnce {
			p.listChoices(q, "")
		}
	default:
	}
	return nil
}

func (p *plain) prompt(q Question) string {
	label := pages[q].label
	switch q {
	case QuestionRegions:
		label += " (separated by commas; ? lists them, ? europe searches)"
	case QuestionAccounts:
		label += fmt.Sprintf(" (numbers, ids or names separated by commas, or all of the %d; ? lists them)", len(p.form.accounts.choices))
	case QuestionTrustMode:
		label += " (1 to 3)"
	default:
	}
	if present := p.form.answerText(q); present != "" {
		label += "; enter takes " + present
		if q == QuestionWorkspaceID {
			label += ", " + noWorkspace + " lets every workspace apply"
		}
	}
	return label + ": "
}

// listChoices lists what holds word.
func (p *plain) listChoices(q Question, word string) {
	list := p.form.regions
	if q == QuestionAccounts {
		list = p.form.accounts
	}
	list.search = newLine(word)
	list = list.match()
	for _, i := range list.shown {
		c := list.choices[i]
		line := strings.TrimSpace(strings.Join(c.cells, "  ") + "  " + c.remark)
		if q == QuestionAccounts {
			line = fmt.Sprintf("%d  %s", i+1, line)
		}
		p.sayf("%s", line)
	}
	if len(list.shown) == 0 {
		p.sayf("Nothing matches.")
	}
}

// noWorkspace is the answer that names no workspace.
const noWorkspace = "none"

// take makes answer the answer to q, unless something is wrong with it, which it returns.
func (p *plain) take(q Question, answer string) string {
	before := p.form
	before.answers = before.answers.clone()
	problem := p.answer(q, answer)
	if problem != "" {
		p.form = before
	}
	return problem
}

// answer makes answer the answer to q, and returns what is wrong with it.
func (p *plain) answer(q Question, answer string) string {
	f := &p.form
	switch {
	case answer == "" && f.answerText(q) != "": // stays as it is
	case q == QuestionRegions:
		f.answers.Regions = items(answer)
	case q == QuestionAccounts:
		keys, unknown := p.accountKeys(answer)
		if unknown != "" {
			return fmt.Sprintf("%q is none of the accounts; ? lists them.", unknown)
		}
		f.answers.Accounts = keys
	case q == QuestionTrustMode:
		n, err := strconv.Atoi(answer)
		if err != nil || n < 1 || n > len(trustModes) {
			return fmt.Sprintf("%q is not a number from 1 to %d.", answer, len(trustModes))
		}
		f.answers = f.answers.withMode(trustModes[n-1].value)
	case q == QuestionWorkspaceID && strings.EqualFold(answer, noWorkspace):
		f.answers.WorkspaceID = ""
	default:
		*f.answers.text(q) = answer
	}
	*f = f.judge()
	return f.problem(q)
}

// items are the parts of a list that is separated by commas or blanks.
func items(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// accountKeys are the keys of the accounts that a list names by place, id, name or key.
func (p *plain) accountKeys(list string) (keys []string, unknown string) {
	choices := p.form.accounts.choices
	if strings.EqualFold(list, "all") {
		for _, c := range choices {
			keys = append(keys, c.key)
		}
		return keys, ""
	}
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		at := slices.IndexFunc(choices, func(c choice) bool { return c.key == item || slices.Contains(c.cells, item) })
		if n, err := strconv.Atoi(item); at < 0 && err == nil && n >= 1 && n <= len(choices) {
			at = n - 1
		}
		if at < 0 {
			return nil, item
		}
		if !slices.Contains(keys, choices[at].key) {
			keys = append(keys, choices[at].key)
		}
	}
	return keys, ""
}
