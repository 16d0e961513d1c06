package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/regions"
)

// form asks the questions that are not answered yet, one a page.
type form struct {
	answers  Answers
	fixed    map[Question]string
	validate func(Answers) map[Question]string
	problems map[Question]string

	at       Question
	insisted bool // enter was pressed on an answer that is missing: say so
	revising bool // an answer is changed from the review: the next page is the review again
	done     bool

	input    line // of a question answered by text
	regions  picker
	accounts picker
	mode     int // place of the trust mode in trustModes

	askAccounts bool // there is something to choose from
	loading     bool // the accounts are not known yet
	loadProblem string
	loadHint    string

	keys     formKeys
	pickKeys pickKeys
}

func newForm(o Options) form {
	f := form{
		answers: o.Answers.clone(), fixed: o.Fixed, validate: o.Job.Validate,
		askAccounts: o.Accounts != nil, loading: o.Accounts != nil,
		keys: newFormKeys(), pickKeys: newPickKeys(),
	}
	if f.answers.TrustMode == "" {
		f.answers.TrustMode = TrustModeClaims
	}
	f.regions = newPicker(regionChoices(), f.answers.Regions)
	f = f.judge()
	return f.enter(f.following(""))
}

// questions are those that the answers so far make sense of, in the order of asking.
func (f form) questions() []Question {
	all := []Question{QuestionOrgID, QuestionRegions}
	if f.askAccounts || f.fixed[QuestionAccounts] != "" {
		all = append(all, QuestionAccounts)
	}
	all = append(all, QuestionTrustMode)
	if f.answers.TrustMode == TrustModeSubject {
		return append(all, QuestionPlanSubject, QuestionApplySubject)
	}
	return append(all, QuestionWorkspaceID)
}

// following is the first question to ask after q; "" if there is none.
func (f form) following(q Question) Question {
	all := f.questions()
	for _, next := range all[slices.Index(all, q)+1:] {
		if f.fixed[next] == "" {
			return next
		}
	}
	return ""
}

// preceding is the last question to ask before q; "" if there is none.
func (f form) preceding(q Question) Question {
	all := f.questions()
	for _, previous := range slices.Backward(all[:max(0, slices.Index(all, q))]) {
		if f.fixed[previous] == "" {
			return previous
		}
	}
	return ""
}

// enter opens the page of q; "" ends the form.
func (f form) enter(q Question) form {
	f.at, f.insisted, f.done = q, false, q == ""
	switch q {
	case QuestionOrgID, QuestionPlanSubject, QuestionApplySubject, QuestionWorkspaceID:
		f.input = newLine(*f.answers.text(q))
	case QuestionRegions:
		f.regions = f.regions.clear()
	case QuestionAccounts:
		f.accounts = f.accounts.clear()
	case QuestionTrustMode:
		f.mode = max(0, slices.IndexFunc(trustModes, func(m trustMode) bool { return m.value == f.answers.TrustMode }))
	default: // asked by the review
	}
	return f
}

// revise opens the page of q from the review. A change of trust was allowed for the
// answers as they were.
func (f form) revise(q Question) form {
	f.revising = true
	if f.fixed[QuestionAllowTrustChange] == "" {
		f.answers.AllowTrustChange = false
	}
	return f.enter(q)
}

// text is the answer to a question that is answered by text.
func (a *Answers) text(q Question) *string {
	switch q {
	case QuestionOrgID:
		return &a.OrgID
	case QuestionPlanSubject:
		return &a.PlanSubject
	case QuestionApplySubject:
		return &a.ApplySubject
	case QuestionWorkspaceID:
		return &a.WorkspaceID
	default:
		return nil
	}
}

// offer takes the accounts to choose from, or why there are none.
func (f form) offer(choices []AccountChoice, err error) form {
	f.loading, f.loadProblem, f.loadHint = false, "", ""
	if err != nil {
		f.loadProblem, f.loadHint = errorText(err), hintOf(err)
		return f
	}
	listed := make([]choice, len(choices))
	for i, c := range choices {
		listed[i] = newChoice(c.Key, c.Detail, accountCells(c)...)
	}
	chosen := f.answers.Accounts
	if len(choices) == 1 {
		chosen = []string{choices[0].Key}
	}
	f.accounts = newPicker(listed, chosen)
	f.answers.Accounts = f.accounts.order
	return f.judge()
}

func accountCells(c AccountChoice) []string {
	if c.Key == c.ID || c.ID == "" {
		return []string{c.Key, c.Name}
	}
	return []string{c.ID, c.Name, c.Key}
}

func regionChoices() []choice {
	var choices []choice
	for _, r := range regions.All() {
		var remarks []string
		if r.OptIn {
			remarks = append(remarks, "opt-in")
		}
		if r.Partition != "aws" {
			remarks = append(remarks, "partition "+r.Partition)
		}
		c := newChoice(r.ID, strings.Join(remarks, ", "), r.ID, r.Name)
		c.group = r.Partition // a list of Regions of several is never right
		choices = append(choices, c)
	}
	return choices
}

// update takes a key or a paste. reload reports whether the accounts must be asked for again.
func (f form) update(msg tea.Msg) (next form, reload bool) {
	press, _ := msg.(tea.KeyPressMsg)
	switch {
	case key.Matches(press, f.keys.Next) && !key.Matches(press, f.toggleKey()):
		return f.next()
	case key.Matches(press, f.keys.Back), key.Matches(press, f.keys.Clear) && !f.clearable():
		return f.back(), false
	}
	f = f.edit(msg, press)
	f.insisted = false
	return f.judge(), false
}

// edit changes the answer of the page that is open.
func (f form) edit(msg tea.Msg, press tea.KeyPressMsg) form {
	switch f.at {
	case QuestionRegions:
		f.regions = f.pick(f.regions, msg, press)
		f.answers.Regions = f.regions.order
	case QuestionAccounts:
		if !f.loading && f.loadProblem == "" {
			f.accounts = f.pick(f.accounts, msg, press)
			f.answers.Accounts = f.accounts.order
		}
	case QuestionTrustMode:
		f = f.chooseMode(press)
	default:
		f = f.write(msg, press)
	}
	return f
}

// toggleKey chooses from the list that is open; it has no keys if none is.
func (f form) toggleKey() key.Binding {
	switch f.at {
	case QuestionRegions:
		return f.regions.toggleKey(f.pickKeys)
	case QuestionAccounts:
		return f.accounts.toggleKey(f.pickKeys)
	default:
		return key.Binding{}
	}
}

func (f form) pick(p picker, msg tea.Msg, press tea.KeyPressMsg) picker {
	if key.Matches(press, f.keys.Clear) {
		return p.clear()
	}
	return p.update(f.pickKeys, msg)
}

func (f form) write(msg tea.Msg, press tea.KeyPressMsg) form {
	switch {
	case key.Matches(press, f.keys.Clear):
		f.input = line{}
	case key.Matches(press, f.keys.Lower):
		f.input = newLine(strings.ToLower(f.input.String()))
	default:
		f.input = f.input.update(msg)
	}
	// What one copies often brings a blank or a line end along.
	*f.answers.text(f.at) = strings.TrimSpace(f.input.String())
	return f
}

func (f form) chooseMode(press tea.KeyPressMsg) form {
	switch {
	case key.Matches(press, f.pickKeys.Up):
		f.mode = max(0, f.mode-1)
	case key.Matches(press, f.pickKeys.Down):
		f.mode = min(len(trustModes)-1, f.mode+1)
	case len(press.Text) == 1 && press.Text >= "1" && press.Text <= "3":
		f.mode = int(press.Text[0] - '1')
	}
	f.answers = f.answers.withMode(trustModes[f.mode].value)
	return f
}

// withMode sets the trust mode, and drops what has no effect with it.
func (a Answers) withMode(mode string) Answers {
	a.TrustMode = mode
	if mode == TrustModeSubject {
		a.WorkspaceID = ""
	} else {
		a.PlanSubject, a.ApplySubject = "", ""
	}
	return a
}

// clearable reports whether esc has something to clear on this page. An answer that is
// right stays.
func (f form) clearable() bool {
	switch f.at {
	case QuestionRegions:
		return f.regions.search.String() != ""
	case QuestionAccounts:
		return f.accounts.search.String() != ""
	case QuestionTrustMode:
		return false
	default:
		return f.input.String() != "" && f.problem(f.at) != ""
	}
}

// next goes on, unless the answer is wrong.
func (f form) next() (next form, reload bool) {
	switch {
	case f.at == QuestionAccounts && f.loading:
		return f, false
	case f.at == QuestionAccounts && f.loadProblem != "":
		f.loading, f.loadProblem = true, ""
		return f, true
	case f.problem(f.at) != "":
		f.insisted = true
		return f, false
	case f.revising:
		return f.enter(f.unanswered()), false
	}
	return f.enter(f.following(f.at)), false
}

// unanswered is the first question whose answer is missing or wrong, after one was
// changed: another trust mode asks for other answers.
func (f form) unanswered() Question {
	for _, q := range f.questions() {
		if f.fixed[q] == "" && f.problem(q) != "" {
			return q
		}
	}
	return ""
}

// back opens the page before, or ends a revision.
func (f form) back() form {
	if f.revising && f.unanswered() == "" {
		return f.enter("")
	}
	if q := f.preceding(f.at); q != "" {
		return f.enter(q)
	}
	return f
}

func (f form) judge() form {
	f.problems = f.validate(f.answers)
	return f
}

// problem is what is wrong with the answer to q, empty if nothing is.
func (f form) problem(q Question) string {
	if q == QuestionAccounts && f.askAccounts && len(f.answers.Accounts) == 0 && f.fixed[q] == "" {
		return "No account is chosen; choose at least one."
	}
	return f.problems[q]
}

// editable are the questions that were not fixed, in the order of asking.
func (f form) editable() []Question {
	return slices.DeleteFunc(f.questions(), func(q Question) bool { return f.fixed[q] != "" })
}
