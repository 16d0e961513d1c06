package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/doctor"
)

// verdict is what the page says first.
type verdict struct {
	sign     sign
	headline string
	then     string // what it means or what to do, a sentence
	command  string // to paste, "" if there is none
}

// judge comes to the verdict: the worst that is true of any account.
func (p *page) judge() verdict {
	deployed, ok := p.judgeDeploy()
	if len(p.targets) == 0 {
		return deployed
	}
	looked := p.judgeLook()
	if ok && deployed.sign.class == signBad.class && looked.sign.class != signBad.class {
		return deployed
	}
	return looked
}

func (p *page) count(s standing) (n int) {
	for i := range p.targets {
		if p.targets[i].standing == s {
			n++
		}
	}
	return n
}

// those counts the accounts of a standing that are so.
func (p *page) those(s standing, is func(*doctor.TargetReport) bool) (n int) {
	for i := range p.targets {
		if t := &p.targets[i]; t.standing == s && is(t.TargetReport) {
			n++
		}
	}
	return n
}

func (p *page) judgeLook() verdict {
	worst := healthy
	for i := range p.targets {
		worst = max(worst, p.targets[i].standing)
	}
	who := p.some(p.count(worst))
	v := verdict{sign: worst.sign()}
	switch worst {
	case healthy:
		v.headline, v.then = p.all()+" healthy", "Every check that could be made came out well."
	case unproven:
		v.headline = who + " set up as the issuer documents, not proven"
		v.then = "The trust policies test condition keys that the issuer documents and AWS does not list. Only a real exchange proves that AWS fills them:"
		v.command = ProveCommand("")
		switch {
		case p.those(worst, (*doctor.TargetReport).Unasked) == p.count(worst):
			v = verdict{sign: worst.sign(), headline: "Nothing was looked at", then: "No check could be made of what was asked for."}
		case p.those(worst, (*doctor.TargetReport).Assumes) > 0:
			v.headline = who + " set up as far as anybody can tell, not proven"
			v.then = "The trust policies ask for claims of which only a token can tell that your runs have them:"
		}
	case warned:
		v.headline, v.then = who+" with warnings", "It works, and may not go on to; each warning below says what to do."
	case unreached:
		v.headline, v.then = who+" could not be looked at", "Nothing is known of them; below is why."
	case failing:
		causes := 0
		for _, c := range p.cards.list {
			if c.bad() {
				causes++
			}
		}
		v.headline = who + " with failures"
		v.then = plural(causes, "cause", "causes") + " to mend; the first below is the one to begin with."
	}
	return v
}

// some words how many of the accounts it is.
func (p *page) some(n int) string {
	if len(p.targets) == 1 {
		return "1 account"
	}
	if n == len(p.targets) {
		return fmt.Sprintf("All %d accounts", n)
	}
	return fmt.Sprintf("%d of %s", n, CountAccounts(len(p.targets)))
}

func (p *page) all() string {
	if len(p.targets) == 1 {
		return "The account is"
	}
	return fmt.Sprintf("All %d accounts are", len(p.targets))
}

// judgeDeploy is the verdict of a run alone; ok is false if there was none.
func (p *page) judgeDeploy() (v verdict, ok bool) {
	d := p.report.Deploy
	if d == nil {
		return verdict{sign: signUnseen, headline: "No account was looked at"}, false
	}
	s := summarise(d.Results)
	v = verdict{sign: signGood, headline: fmt.Sprintf("%d of %s as asked for", s.Succeeded, CountAccounts(s.Targets))}
	switch {
	case d.Run.DryRun:
		v.sign, v.headline, v.then = signInfo, "A plan for "+CountAccounts(s.Targets), "Nothing was changed."
	case s.Failed+s.Blocked > 0:
		v.sign, v.then = signBad, "Below is why each of the others is not, and what to do."
	case s.Succeeded < s.Targets:
		v.sign, v.then = signWarn, "The others were not finished; the same command goes on where this run ended."
	default:
		v.then = "Every stack is there and its roles can be used."
	}
	return v, true
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (p *page) header() part {
	r, v := p.report, p.verdict
	return el("header",
		el("p", class("product"), text(r.Title)),
		el("div", class("verdict "+v.sign.class),
			el("span", class("seal"), attr("aria-hidden", "true"), text(v.sign.mark)),
			el("div",
				el("h1", screenReader(v.sign.word+": "), text(v.headline)),
				when(v.then != "", el("p", text(v.then))),
				when(v.command != "", paste(v.command)))),
		p.tiles(),
		el("dl", class("facts"),
			pair("When", instant(r.When)),
			when(r.Command != "", pair("Command", code(r.Command))),
			when(p.issuer() != "", pair("Issuer", code(p.issuer()))),
			when(r.Deploy != nil, p.runFacts()),
			when(r.Version != "", pair("fcoidc", text(r.Version)))),
	)
}

func (p *page) runFacts() part {
	d := p.report.Deploy
	if d == nil {
		return parts(nil)
	}
	return parts{pair("Run", code(d.Run.ID)), when(d.Run.TemplateSHA256 != "", pair("Template SHA-256", code(d.Run.TemplateSHA256)))}
}

// issuer is the one that all accounts were looked at for.
func (p *page) issuer() string {
	var seen []string
	for i := range p.targets {
		if url := p.targets[i].Snapshot.IssuerURL; len(seen) == 0 || seen[len(seen)-1] != url {
			seen = append(seen, url)
		}
	}
	return strings.Join(seen, ", ")
}

// tiles are the counts, of the look and of the run. Zeroes are left out, but for those that one
// wants to see.
func (p *page) tiles() part {
	var list parts
	if len(p.targets) > 0 {
		look := parts{tile(len(p.targets), sign{}, "looked at")}
		for _, s := range []struct {
			standing standing
			word     string
			always   bool
		}{
			{failing, "with failures", true},
			{unreached, "could not be looked at", false},
			{warned, "with warnings", true},
			{unproven, "not proven", false},
			{healthy, "healthy", true},
		} {
			if n := p.count(s.standing); n > 0 || s.always {
				look = append(look, tile(n, s.standing.sign(), s.word))
			}
		}
		list = append(list, el("ul", class("tiles"), attr("aria-label", "Accounts that were looked at"), look))
	}
	if d := p.report.Deploy; d != nil {
		list = append(list, el("ul", class("tiles"), attr("aria-label", "Accounts of the run"), runTiles(summarise(d.Results))))
	}
	return list
}

func runTiles(s summaryWire) part {
	list := parts{tile(s.Targets, sign{}, "in the run"), tile(s.Succeeded, signGood, "as asked for")}
	for _, c := range []struct {
		n      int
		status bootstrap.Status
		word   string
	}{
		{s.Failed, bootstrap.StatusFailed, "failed"},
		{s.Blocked, bootstrap.StatusBlocked, "blocked"},
		{s.Skipped, bootstrap.StatusSkipped, "skipped"},
		{s.InProgress, bootstrap.StatusInProgress, "still in progress"},
	} {
		if c.n > 0 {
			list = append(list, tile(c.n, resultSign(c.status), c.word))
		}
	}
	return list
}

func tile(n int, s sign, word string) part {
	return el("li", el("b", text(strconv.Itoa(n))), el("span", when(s.mark != "", s.alone(), text(" ")), text(word)))
}
