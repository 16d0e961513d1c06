package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/report"
)

// reviewPage is one of the ways to look at the plans.
type reviewPage int

const (
	pageOverview reviewPage = iota // accounts with the same plan together, and what one should know
	pageAccounts                   // a row an account
	pageAccount                    // one account in full
)

// review shows what would be done, and asks whether to do it. It is a value.
type review struct {
	planned  Planned
	teardown bool

	order   []int // places in planned.Plans: what one has to look at first
	counts  map[bootstrap.Action]int
	pending int // plans that change something
	trust   int // of these, that alter who may assume the roles
	table   Table

	// The plans that are blocked for what the review can ask.
	providers, trusts []*bootstrap.Plan

	page   reviewPage
	filter Filter
	shown  []int // places in order that the filter lets through
	cursor int   // in shown
	scroll int   // first line of the overview or of the account
	lines  []string
	notes  int     // lines at the end of the overview's that hold what is good to know
	seen   int     // lines of the overview that were on the screen
	made   madeFor // what lines were made for
	height int     // lines of the body that scroll
	room   int     // lines that a question at the lower end may take

	ask    question
	which  []string // the answers that can be changed, a line each
	answer int      // place in which of the one that enter changes
	input  line     // the number typed to confirm a teardown
	notice string   // what came of the last key: a file was written
	bad    bool     // notice is a problem
}

// actionOrder puts first what one has to look at.
var actionOrder = []bootstrap.Action{
	bootstrap.ActionBlocked, bootstrap.ActionRecreate, bootstrap.ActionDelete, bootstrap.ActionUpdate,
	bootstrap.ActionCreate, bootstrap.ActionSkipped, bootstrap.ActionNone,
}

func newReview(p Planned, teardown bool) review {
	r := review{planned: p, teardown: teardown, counts: map[bootstrap.Action]int{}, order: make([]int, len(p.Plans))}
	for i := range p.Plans {
		r.order[i] = i
		a := p.Plans[i].Action
		r.counts[a]++
		if changes(a) {
			r.pending++
			if p.Plans[i].TrustChange {
				r.trust++
			}
		}
	}
	slices.SortStableFunc(r.order, func(a, b int) int {
		return cmp.Compare(slices.Index(actionOrder, p.Plans[a].Action), slices.Index(actionOrder, p.Plans[b].Action))
	})
	r.table = reviewTable(p.Plans)
	r.providers, r.trusts = r.blockedFor(codeProviderExists), r.blockedFor(codeTrustChange)
	return r.match()
}

// blockedFor are the accounts that are blocked with the given code.
func (r review) blockedFor(code string) []*bootstrap.Plan {
	var plans []*bootstrap.Plan
	for i := range r.planned.Plans {
		if p := &r.planned.Plans[i]; p.Action == bootstrap.ActionBlocked && p.Code == code {
			plans = append(plans, p)
		}
	}
	return plans
}

// match applies the filter to the rows.
func (r review) match() review {
	r.shown = make([]int, 0, len(r.order))
	for at, i := range r.order {
		p := &r.planned.Plans[i]
		if r.filter.Match(p.Target.Account, p.Target.Name, p.Target.Region, actionWords(p.Action), p.Reason) {
			r.shown = append(r.shown, at)
		}
	}
	r.cursor = max(0, min(r.cursor, len(r.shown)-1))
	return r
}

// plan is the one under the cursor, nil if no row is shown.
func (r review) plan() *bootstrap.Plan {
	if r.cursor >= len(r.shown) {
		return nil
	}
	return &r.planned.Plans[r.order[r.shown[r.cursor]]]
}

// fitted writes the lines of the page that is open for a screen of the given size.
func (r review) fitted(s Styles, width, height int) review {
	r.room = bodyHeight(height) - len(r.topLines(s, width)) - 1
	r.height = max(1, bodyHeight(height)-len(r.fixedLines(s, width)))
	if made := (madeFor{r.page, width, r.cursor, s.Dim}); r.made != made {
		r = r.written(s, width)
		r.made = made
	}
	r.scroll = max(0, min(r.scroll, len(r.lines)-r.height))
	if r.page == pageOverview && r.ask == askNothing {
		r.seen = max(r.seen, min(r.scroll+r.height, len(r.lines)))
	}
	return r
}

// madeFor is what the lines of a review depend on.
type madeFor struct {
	page   reviewPage
	width  int
	cursor int
	dim    Ink // another background asks for other colours
}

func (r review) written(s Styles, width int) review {
	switch r.page {
	case pageOverview:
		r.lines, r.notes = r.overview(s, width)
		if r.made.width != width {
			r.seen = 0 // other lines than those that were on the screen
		}
	case pageAccount:
		r.lines = r.account(s, width)
	case pageAccounts:
		r.lines = nil
	}
	return r
}

// overview is what the report of a run without a screen says, too. Its last lines, so many
// as notes says, are what is good to know.
func (r review) overview(s Styles, width int) (lines []string, notes int) {
	plans := make([]bootstrap.Plan, len(r.order))
	for i, at := range r.order {
		plans[i] = r.planned.Plans[at]
	}
	theme := s.Theme
	theme.Width = width - 2
	var b strings.Builder
	_ = report.WriteReview(&b, theme, r.planned.KeyPrefix, r.planned.Warnings, plans) // a strings.Builder does not fail
	lines = strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight("  "+lines[i], " ")
	}
	return lines, strings.Count(report.NotesText(theme, report.Notes(r.planned.KeyPrefix, plans)), "\n")
}

// unseen are the lines of what is good to know, if not all of them were on the screen yet,
// cut to room lines.
func (r review) unseen(s Styles, room int) []string {
	if r.notes == 0 || r.seen >= len(r.lines) {
		return nil
	}
	lines := append([]string{""}, r.lines[len(r.lines)-r.notes:]...)
	if len(lines) <= room {
		return lines
	}
	kept := max(room-1, 0)
	return append(lines[:kept:kept], fmt.Sprintf("  %s %d more lines: n, then pgdn", s.Ellipsis, len(lines)-kept))
}

// move scrolls what is shown, or moves the cursor of the rows.
func (r review) move(by int) review {
	if r.page == pageAccounts {
		r.cursor = max(0, min(r.cursor+by, len(r.shown)-1))
		return r
	}
	r.scroll = max(0, min(r.scroll+by, len(r.lines)-r.height))
	return r
}

// reviewKeys are the keys of the review.
type reviewKeys struct {
	Go, Accounts, Open, Back, Filter, Edit, Save, Provider, Trust, Leave key.Binding
	Up, Down, PageUp, PageDown, Top, Bottom                              key.Binding
}

func newReviewKeys() reviewKeys {
	board := NewBoardKeys()
	bind := func(label, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(label, what))
	}
	return reviewKeys{
		Go:       bind("enter", "deploy", "enter"),
		Accounts: bind("tab", "each account", "tab", "a"),
		Open:     bind("enter", "open", "enter", "right", "l"),
		Back:     bind("esc", "back", "esc", "left", "h", "tab"),
		Filter:   board.Filter,
		Edit:     bind("e", "change an answer", "e"),
		Save:     bind("w", "write fcoidc.yaml", "w"),
		Provider: bind("p", "use the provider that is there", "p"),
		Trust:    bind("t", "allow the trust change", "t"),
		Leave:    bind("q", "leave", "q", "ctrl+c"),
		Up:       board.Up, Down: board.Down, PageUp: board.PageUp, PageDown: board.PageDown, Top: board.Top, Bottom: board.Bottom,
	}
}

// navigate takes the keys that only move about. known reports whether k is one.
func (r review) navigate(keys reviewKeys, k tea.KeyPressMsg) (next review, known bool) {
	switch {
	case key.Matches(k, keys.Up):
		return r.move(-1), true
	case key.Matches(k, keys.Down):
		return r.move(+1), true
	case key.Matches(k, keys.PageUp):
		return r.move(-r.height), true
	case key.Matches(k, keys.PageDown):
		return r.move(+r.height), true
	case key.Matches(k, keys.Top):
		return r.move(-len(r.lines) - len(r.shown)), true
	case key.Matches(k, keys.Bottom):
		return r.move(len(r.lines) + len(r.shown)), true
	}
	switch r.page {
	case pageOverview:
		if key.Matches(k, keys.Accounts) {
			return r.open(pageAccounts), true
		}
	case pageAccounts:
		switch {
		case key.Matches(k, keys.Filter):
			r.filter = r.filter.Open()
			return r, true
		case key.Matches(k, keys.Open) && r.plan() != nil:
			return r.open(pageAccount), true
		case key.Matches(k, keys.Back):
			return r.leaveAccounts(), true
		}
	case pageAccount:
		if key.Matches(k, keys.Back) {
			return r.open(pageAccounts), true
		}
	}
	return r, false
}

func (r review) open(p reviewPage) review {
	r.page, r.scroll = p, 0
	return r
}

// leaveAccounts drops the filter first, then the page.
func (r review) leaveAccounts() review {
	if r.filter.Active() {
		r.filter = Filter{}
		return r.match()
	}
	return r.open(pageOverview)
}

// typing gives an open filter its key.
func (r review) typing(k tea.KeyPressMsg) review {
	r.filter = r.filter.Key(k)
	return r.match()
}

// told is r with what came of a key.
func (r review) told(text string, bad bool) review {
	r.notice, r.bad = text, bad
	return r
}
