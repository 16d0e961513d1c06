package report

import (
	"cmp"
	"fmt"
	"time"

	"github.com/forgecroft/fcoidc/internal/doctor"
)

// page is a report while it is being laid out.
type page struct {
	report  *HTMLReport
	targets []lookedAt
	cards   cards
	verdict verdict

	explained map[string]bool // codes whose page stands somewhere already
}

func newPage(r *HTMLReport) *page {
	p := &page{report: r, explained: map[string]bool{}}
	if r.Look != nil {
		p.cards = newCards(r.Look)
		for i, t := range r.Look.Targets {
			p.targets = append(p.targets, lookedAt{TargetReport: t, place: fmt.Sprintf("account-%d", i+1), standing: standingOf(t)})
		}
	}
	p.verdict = p.judge()
	return p
}

// lookedAt is an account that doctor looked at.
type lookedAt struct {
	*doctor.TargetReport
	place    string // id of its part of the page
	standing standing
}

// few is up to how many accounts the page has room for more words on each.
const few = 5

// standing is doctor's verdict on an account, one with findings being told apart by whether it
// works: the better the smaller.
type standing int

// The standings. Unproven: nothing is wrong, and no exchange has proved that AWS sees it so.
const (
	healthy standing = iota
	unproven
	warned
	unreached
	failing
)

// undocumented is the finding that makes an account unproven.
const undocumented = "condition_key_undocumented"

func standingOf(t *doctor.TargetReport) standing {
	switch t.Health() {
	case doctor.Healthy:
		return healthy
	case doctor.Unproven:
		return unproven
	case doctor.NotLooked:
		return unreached
	case doctor.Unhealthy:
		if !t.Worst().AtLeast(doctor.Failure) {
			return warned
		}
	}
	return failing
}

// sign is a mark with its word; class chooses a colour, which says nothing that the two do not.
type sign struct{ class, mark, word string }

var (
	signGood   = sign{"good", "✓", "ok"}
	signInfo   = sign{"info", "i", "info"}
	signWarn   = sign{"warn", "!", "warning"}
	signBad    = sign{"bad", "✗", "failure"}
	signSkip   = sign{"skipped", "○", "skipped"}
	signUnseen = sign{"unseen", "?", "could not look"}
	signOpen   = sign{"open", "~", "not proven"}
)

func (s standing) sign() sign {
	switch s {
	case healthy:
		return sign{"good", "✓", "healthy"}
	case unproven:
		return signOpen
	case warned:
		return signWarn
	case unreached:
		return signUnseen
	case failing:
		return signBad
	}
	return signInfo
}

func outcomeSign(o doctor.Outcome) sign {
	switch o {
	case doctor.OutcomeOK:
		return signGood
	case doctor.OutcomeInfo:
		return signInfo
	case doctor.OutcomeWarning:
		return signWarn
	case doctor.OutcomeFailure:
		return signBad
	case doctor.OutcomeSkipped:
		return signSkip
	case doctor.OutcomeNotLooked:
		return signUnseen
	}
	return signInfo
}

func severitySign(s doctor.Severity) sign {
	switch s {
	case doctor.Critical, doctor.Failure:
		return sign{"bad", "✗", string(s)}
	case doctor.Warning:
		return signWarn
	case doctor.Info:
		return signInfo
	}
	return signInfo
}

// alone is the mark by itself, where a word beside it says the same.
func (s sign) alone() element {
	return el("span", class("mark "+s.class), attr("aria-hidden", "true"), text(s.mark))
}

// badge is the mark with its word.
func (s sign) badge() element {
	return el("span", class("badge "+s.class), s.alone(), text(" "+s.word))
}

// known is an account for people: its id and, if it has one, its name.
func known(account, called string) part {
	return parts{code(cmp.Or(account, "unknown account")), when(called != "", text(" "), name(called))}
}

// instant is a moment as readers and machines know it.
func instant(t time.Time) element {
	t = t.UTC()
	return el("time", attr("datetime", t.Format(time.RFC3339)), text(t.Format("2006-01-02 15:04:05 UTC")))
}

// pair is a line of a description list.
func pair(label string, value ...part) part {
	return el("div", el("dt", text(label)), el("dd", parts(value)))
}
