package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/verify"
)

// Token is what is told of one token.
type Token struct {
	Token     *claims.Token
	Described claims.Description // as seen at Now
	Now       time.Time
	Location  *time.Location // in which times are shown beside UTC

	// Verification is nil if nothing was verified. Keys says where the keys come from, and
	// Issuer what was met on the way to them.
	Verification *verify.Verification
	Keys         string
	Issuer       []issuer.Problem

	// Answer is what AWS would say to the token and a trust policy; nil if none was asked about.
	Answer *doctor.Judgement
}

// verified reports whether every check was made and passed.
func (t *Token) verified() bool { return t.Verification != nil && t.Verification.Verified() }

const (
	// proseWidth is where lines wrap where no terminal tells its width, so that a pipe gets
	// the lines that a terminal of the usual width shows.
	proseWidth = 80
	nameColumn = 16 // names beyond it have their value on the next line
)

// tokenView writes a token for people.
type tokenView struct {
	b     strings.Builder
	theme Theme
}

func newTokenView(theme Theme) *tokenView {
	if theme.Width == 0 {
		theme.Width = proseWidth
	}
	return &tokenView{theme: theme}
}

// WriteTokenText writes t in groups: header, who, what for, when, the rest, what is odd, and
// what was verified. The words NOT VERIFIED stand at its top unless every check passed.
func WriteTokenText(w io.Writer, theme Theme, t *Token) error {
	v := newTokenView(theme)
	v.banner(t)
	v.title("Header")
	for _, r := range t.Described.Header {
		v.field(r.Name, shown(r.Value))
		v.dim(r.Meaning)
	}
	for _, g := range t.Described.Groups {
		v.group(t, g)
	}
	v.warnings(t)
	v.verification(t)
	if t.Answer != nil {
		v.title("What the trust policy makes of it")
	}
	if _, err := io.WriteString(w, v.b.String()); err != nil || t.Answer == nil {
		return err
	}
	return WriteAnswerText(w, theme, t.Answer)
}

func (v *tokenView) banner(t *Token) {
	switch {
	case t.verified():
		v.marked("", MarkGood, "verified: AWS would take its signature and times; whether a role trusts it is another question")
	case t.Verification != nil:
		v.marked("", MarkBad, "NOT VERIFIED: "+failures(t.Verification)+"; see the end")
	default:
		v.marked("", MarkWarn, "NOT VERIFIED: this is what the token says of itself, and anybody can write that; --verify checks it")
	}
}

// failures counts what did not pass.
func failures(v *verify.Verification) string {
	var parts []string
	if n := v.Count(verify.Failed); n > 0 {
		parts = append(parts, count(n, "check")+" failed")
	}
	if n := v.Count(verify.Unknown); n > 0 {
		parts = append(parts, count(n, "check")+" could not be made")
	}
	return strings.Join(parts, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

var groupTitles = map[claims.GroupID]string{
	claims.GroupWho:        "Who",
	claims.GroupWhatFor:    "What for",
	claims.GroupWhen:       "When",
	claims.GroupForgecroft: "Forgecroft",
	claims.GroupAWS:        "What AWS reads by itself",
	claims.GroupOther:      "Further claims",
}

func (v *tokenView) group(t *Token, g claims.Group) {
	v.title(groupTitles[g.ID])
	byIssuer := false
	for _, r := range g.Rows {
		if g.ID == claims.GroupWhen && r.Instant.Known() {
			v.instant(r, t.Location)
			continue
		}
		v.field(r.Name, shown(r.Value))
		switch r.Name {
		case "iss":
			v.dim(aboutIssuer(t.Described.Provider))
		case "sub":
			v.subject(&t.Described)
		default:
			v.dim(r.Meaning)
		}
		v.keys(r)
		byIssuer = byIssuer || r.Basis() == claims.BasisIssuer
	}
	if g.ID == claims.GroupWhen {
		v.lifetime(t)
	}
	if byIssuer {
		v.marked("  ", MarkWarn, "the issuer documents these keys, AWS's tables do not list them: not proven until a real exchange")
	}
}

func aboutIssuer(p claims.Provider) string {
	if p.Shared {
		return p.Name + "; all its customers share this issuer, so a trust policy must name yours"
	}
	return p.Name
}

func (v *tokenView) subject(d *claims.Description) {
	width := 0
	for _, p := range d.SubjectParts {
		width = max(width, lipgloss.Width(escape.Text(p.Name)))
	}
	for _, p := range d.SubjectParts {
		name := escape.Text(p.Name)
		v.line(continued + v.theme.Dim(name) + strings.Repeat(" ", width-lipgloss.Width(name)+1) + escape.Text(p.Value))
	}
}

// keys says what AWS makes of a claim.
func (v *tokenView) keys(r claims.Row) {
	arrow := "→ "
	if v.theme.ASCII {
		arrow = "-> "
	}
	for _, k := range r.Keys {
		v.line(v.theme.wrap(continued+arrow, escape.Text(k.Name)+" ("+basisWords(k.Basis)+")"))
	}
	if r.Note != "" && r.Basis() != claims.BasisIssuer {
		v.dim(r.Note)
	}
}

func basisWords(b claims.Basis) string {
	switch b {
	case claims.BasisAWS:
		return "AWS's table"
	case claims.BasisIssuer:
		return "issuer's documentation"
	case claims.BasisNone:
		return "nobody documents it"
	default:
		return string(b)
	}
}

const clock = "2006-01-02 15:04:05 MST"

func (v *tokenView) instant(r claims.Row, zone *time.Location) {
	at := r.Instant.At
	v.field(r.Name, at.UTC().Format(clock)+"  "+v.theme.Dim("("+escape.Text(r.Value.Text())+")"))
	local := at.In(zone)
	if _, offset := local.Zone(); offset != 0 {
		v.line(continued + local.Format(clock))
	}
}

func (v *tokenView) lifetime(t *Token) {
	times := t.Described.Times
	if times.HasLeft {
		if times.Left > 0 {
			v.field("", "expires in "+verify.Span(times.Left))
		} else {
			v.field("", v.theme.Text(MarkBad, "expired "+verify.Span(-times.Left)+" ago"))
		}
	}
	if times.HasLifetime && times.Lifetime > 0 {
		v.field("", "lives "+verify.Span(times.Lifetime))
	}
	switch until := times.AWSAcceptsUntil; {
	case times.AWSAccepts:
		v.field("", "AWS takes it until "+until.UTC().Format(clock)+", five minutes of grace included")
	case times.State == claims.TimesExpired:
		v.field("", "AWS takes it no more: its five minutes of grace ended "+verify.Span(t.Now.Sub(until))+" ago")
	case times.State == claims.TimesEarly:
		v.field("", "AWS does not take it yet")
	default:
		v.field("", "AWS does not take it: its times are missing or not in whole seconds")
	}
}

// warnings are left to the checks where those tell the same.
func (v *tokenView) warnings(t *Token) {
	var told []claims.Warning
	for _, w := range t.Described.Warnings {
		if t.Verification == nil || w.AWS == "" {
			told = append(told, w)
		}
	}
	if len(told) == 0 {
		return
	}
	v.title("To note")
	for _, w := range told {
		mark := MarkWarn
		if w.AWS != "" {
			mark = MarkBad
		}
		v.marked("  ", mark, w.Text)
		v.detail("    ", "AWS answers", w.AWS)
	}
}

func (v *tokenView) verification(t *Token) {
	if t.Verification == nil {
		return
	}
	v.title("Verification")
	if t.Keys != "" {
		v.line("  " + v.theme.Dim("keys of "+escape.Text(t.Keys)))
	}
	for _, c := range t.Verification.Checks {
		name := c.Name + strings.Repeat(" ", max(0, checkColumn-len(c.Name)))
		v.line(v.theme.wrap("  "+v.theme.Mark(outcomeMark(c.Outcome))+" "+name+" ", escape.Text(c.Summary)))
		v.detail(underCheck, "AWS answers", c.AWS)
		v.detail(underCheck, "careful", c.Careful)
		v.detail(underCheck, "fix", c.Fix)
	}
	for _, p := range t.Issuer {
		if p.Severity == issuer.Info {
			continue
		}
		v.marked("  ", severityMark(p.Severity), p.Summary)
		v.detail("    ", "found", p.Found)
		v.detail("    ", "fix", p.Fix)
	}
	v.line("")
	if t.verified() {
		v.marked("", MarkGood, "verified")
	} else {
		v.marked("", MarkBad, "NOT VERIFIED: "+failures(t.Verification))
	}
}

const checkColumn = len("algorithm")

var underCheck = strings.Repeat(" ", 4+checkColumn+1)

func outcomeMark(o verify.Outcome) Mark {
	switch o {
	case verify.Passed:
		return MarkGood
	case verify.Failed:
		return MarkBad
	case verify.Unknown:
		return MarkSkip
	default:
		return MarkInfo
	}
}

func severityMark(s issuer.Severity) Mark {
	switch s {
	case issuer.Critical, issuer.Failure:
		return MarkBad
	case issuer.Warning:
		return MarkWarn
	case issuer.Info:
		return MarkInfo
	default:
		return MarkInfo
	}
}
