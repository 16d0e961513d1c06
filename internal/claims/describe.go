package claims

import (
	"slices"
	"time"
)

// Description is a token explained: what each member means and what AWS makes of it. It holds
// no signature. Texts from the token are as the token has them; escape them before printing.
type Description struct {
	Provider Provider
	// SubjectKind and SubjectParts are the subject split ([SplitSubject]); empty if its format
	// is not known.
	SubjectKind  string
	SubjectParts []Part
	Header       []Row
	Groups       []Group // in the order to show; empty ones are left out
	Times        Times
	Warnings     []Warning // what would trip AWS first, then what is merely odd
}

// GroupID names a group of claims.
type GroupID string

// The groups, in the order of a description.
const (
	GroupWho        GroupID = "who"
	GroupWhatFor    GroupID = "what_for"
	GroupWhen       GroupID = "when"
	GroupForgecroft GroupID = "forgecroft"
	GroupAWS        GroupID = "aws"
	GroupOther      GroupID = "other"
)

// Group is a set of claims that answer one question.
type Group struct {
	ID   GroupID
	Rows []Row
}

// Row is one member of header or payload.
type Row struct {
	Name    string
	Value   Value
	Meaning string // one line, "" if nothing is known of the member
	Instant Instant
	Keys    []ConditionKey // none: AWS makes no condition key of it
	Note    string         // why there is none, or what to know of the key; "" if nothing
}

// Basis returns the strongest basis of the row's condition keys.
func (r Row) Basis() Basis {
	if len(r.Keys) == 0 {
		return BasisNone
	}
	return r.Keys[0].Basis
}

// Times is a token's life as seen at one instant.
type Times struct {
	IssuedAt, NotBefore, ExpiresAt Instant
	State                          TimeState
	Left, Lifetime                 time.Duration // zero where HasLeft, HasLifetime is false
	HasLeft, HasLifetime           bool
	AWSAccepts                     bool      // State is TimesValid or TimesGrace
	AWSAcceptsUntil                time.Time // zero if exp is not in a form that STS reads
}

// Warning is something about a token that its bearer should know.
type Warning struct {
	Code  string // stable snake_case
	Claim string // the member it is about, "" if it is about the token
	Text  string
	AWS   string // what STS answers because of it, "CODE: message"; "" if it takes the token or was not observed
}

// Describe explains t as seen at now.
func Describe(t *Token, keys *KeyTable, now time.Time) Description {
	p := keys.For(t.Issuer())
	d := Description{Provider: p, Times: t.Times(now), Warnings: warnings(t, p, now)}
	d.SubjectKind, d.SubjectParts, _ = SplitSubject(t.Issuer(), t.Subject())
	for _, m := range t.Header.Members {
		d.Header = append(d.Header, Row{Name: m.Name, Value: m.Value, Meaning: headerMeanings[m.Name]})
	}
	d.Groups = groups(t, p)
	return d
}

// Times returns t's life as seen at now.
func (t *Token) Times(now time.Time) Times {
	times := Times{IssuedAt: t.IssuedAt(), NotBefore: t.NotBefore(), ExpiresAt: t.ExpiresAt(), State: t.State(now)}
	if left, ok := t.TimeLeft(now); ok {
		times.Left, times.HasLeft = left, true
	}
	if life, ok := t.Lifetime(); ok {
		times.Lifetime, times.HasLifetime = life, true
	}
	times.AWSAccepts = times.State == TimesValid || times.State == TimesGrace
	if times.ExpiresAt.Accepted() {
		times.AWSAcceptsUntil = times.ExpiresAt.At.Add(Grace)
	}
	return times
}

// leading are the claims that come first in their group, in this order; every other claim
// follows in the token's order.
var leading = []struct {
	id    GroupID
	names []string
}{
	{GroupWho, []string{"iss", "sub"}},
	{GroupWhatFor, []string{"aud", "azp"}},
	{GroupWhen, []string{"iat", "nbf", "exp"}},
	{GroupForgecroft, []string{"org_id", "org_slug", "workspace_id", "workspace_name", "run_id", "phase", "repo", "branch", "actor"}},
	{GroupAWS, nil},
	{GroupOther, nil},
}

func groups(t *Token, p Provider) []Group {
	var all []Group
	for _, l := range leading {
		g := Group{ID: l.id}
		for _, name := range l.names {
			if v, ok := t.Claim(name); ok && groupOf(t, p, name) == l.id {
				g.Rows = append(g.Rows, row(t, p, Member{name, v}))
			}
		}
		for _, m := range t.Claims {
			if groupOf(t, p, m.Name) == l.id && !slices.Contains(l.names, m.Name) {
				g.Rows = append(g.Rows, row(t, p, m))
			}
		}
		if len(g.Rows) > 0 {
			all = append(all, g)
		}
	}
	return all
}

func groupOf(t *Token, p Provider, claim string) GroupID {
	if IsAWSClaim(claim) {
		return GroupAWS
	}
	for _, l := range leading {
		if slices.Contains(l.names, claim) && (l.id != GroupForgecroft || isForgecroft(t, p)) {
			return l.id
		}
	}
	return GroupOther
}

// isForgecroft reports whether the claims are Forgecroft's: by the issuer, or, for one that
// runs elsewhere, by the three claims that no token of another issuer has together.
func isForgecroft(t *Token, p Provider) bool {
	if p.ID == "forgecroft" {
		return true
	}
	for _, name := range []string{"org_id", "workspace_id", "phase"} {
		if _, ok := t.Claim(name); !ok {
			return false
		}
	}
	return true
}

func row(t *Token, p Provider, m Member) Row {
	r := Row{Name: m.Name, Value: m.Value, Meaning: meaning(t, p, m.Name), Keys: t.Keys(p, m.Name), Note: keyNote(t, p, m.Name)}
	switch m.Name {
	case "iat", "nbf", "exp":
		r.Instant = t.instant(m.Name)
	}
	return r
}

// keyNote says what there is to know of a claim's condition key, or of its absence.
func keyNote(t *Token, p Provider, claim string) string {
	keys := t.Keys(p, claim)
	switch {
	case claim == "iss":
		return "no condition key: the provider named as Federated principal fixes it"
	case claim == "aud" && p.fills("azp") && t.AZP() != "":
		return "azp takes its place in the condition key aud and before the provider's client ids"
	case isTagClaim(claim):
		return "the trust policy must also allow sts:TagSession"
	case claim == ClaimSourceIdentity:
		return "the trust policy must also allow sts:SetSourceIdentity"
	case claim == ClaimRoles:
		return "STS refuses every other role before it looks at the trust policy"
	case len(keys) == 0:
		return "AWS makes no condition key of it"
	case keys[0].Basis == BasisIssuer:
		return "the issuer documents it, AWS's tables do not; not proven until a real exchange"
	}
	return ""
}

// fills reports whether a claim feeds one of the provider's keys.
func (p Provider) fills(claim string) bool {
	return slices.ContainsFunc(p.keys, func(e keyEntry) bool { return e.Claim == claim })
}
