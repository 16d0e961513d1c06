package doctor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// unreadable says why a trust policy cannot be read. IAM would refuse it; where it was stored
// all the same, the tool that wrote it has dropped a part of it.
func (d *diagnoser) unreadable(err *policy.ParseError) {
	for i, p := range err.Problems {
		x := Diagnosis{
			Cause: "policy_unreadable", Summary: "the trust policy cannot be read: " + p.String(),
			Expected: "a policy document", Found: p.Message, Fix: "mend the document at " + p.Span.Start.String(),
			Place: d.source(p.Span, "here"),
		}
		if p.Code == policy.DuplicateMember {
			x.Cause, x.Summary = "condition_keys_collapsed", "a name stands twice in one object of the trust policy: IAM refuses it, and other tools keep the last one only"
			x.Expected, x.Fix = "each operator and each key once", "write the operator once, and its values as a list:\n"+`"StringEquals": {"<key>": ["<first value>", "<second value>"]}`
		}
		d.show(x, i)
	}
}

// notTrusted looks for what stands between the token and the statement that comes closest.
func (d *diagnoser) notTrusted(rank int) {
	if d.denies(rank) {
		return
	}
	s := d.closest()
	if s == nil {
		d.show(Diagnosis{
			Cause: "principal_wrong", Summary: "no statement of the trust policy allows anything",
			Expected: "an Allow statement for " + d.providerARN(), Found: "none", Fix: allowStatement(d.providerARN()),
		}, rank)
		return
	}
	if !s.Principal.Holds {
		d.principal(s, rank)
	}
	if !s.Action.Holds {
		d.action(s, rank+2)
	}
	d.conditions(s, rank+3)
}

// denies names the Deny statements that match.
func (d *diagnoser) denies(rank int) (found bool) {
	for i := range d.v.Trace.Statements {
		s := &d.v.Trace.Statements[i]
		if s.Statement.Effect != policy.Deny || !s.Matched {
			continue
		}
		found = true
		x := Diagnosis{
			Cause: "explicit_deny", Summary: fmt.Sprintf("statement %d of the trust policy denies the token", s.Statement.Index+1),
			Expected: "no Deny that matches", Found: "a Deny that does", Fix: "narrow or remove that statement",
			Place: d.place(s, s.Statement.EffectSpan, "this Deny matches"),
		}
		if d.closest() == nil {
			x.Summary += ", and no statement allows anything: Allow was meant, most likely"
			x.Expected, x.Found, x.Fix = `"Effect": "Allow"`, `"Effect": "Deny"`, `"Effect": "Allow"`
		}
		for j := range s.Conditions {
			x.Evidence = append(x.Evidence, s.Conditions[j].Reason())
		}
		d.show(x, rank)
	}
	return found
}

// closest returns the Allow statement with the least that stands in the way.
func (d *diagnoser) closest() *policy.StatementTrace {
	var best *policy.StatementTrace
	least := 0
	for i := range d.v.Trace.Statements {
		s := &d.v.Trace.Statements[i]
		if s.Statement.Effect != policy.Allow {
			continue
		}
		if n := d.distance(s); best == nil || n < least {
			best, least = s, n
		}
	}
	return best
}

// distance weighs what stands in the way: a principal of another kind most, a value that
// differs in little least.
func (d *diagnoser) distance(s *policy.StatementTrace) int {
	n := 0
	if !s.Principal.Holds {
		n += 100
		if s.Statement.Principal != nil && slices.ContainsFunc(s.Statement.Principal.Entries, func(e policy.PrincipalEntry) bool { return e.Kind.Text == "Federated" }) {
			n -= 40
		}
	}
	if !s.Action.Holds {
		n += 30
	}
	for i := range s.Conditions {
		if c := &s.Conditions[i]; !c.Holds {
			n += 5 + d.farness(c)
		}
	}
	return n
}

func (d *diagnoser) principal(s *policy.StatementTrace, rank int) {
	wanted := d.providerARN()
	x := Diagnosis{
		Cause: "principal_wrong", Expected: wanted, Found: principals(s.Statement.Principal),
		Fix: `"Principal": {"Federated": "` + wanted + `"}`,
	}
	if s.Statement.Principal == nil {
		x.Summary = "the statement names no principal"
		x.Place = d.place(s, s.Statement.EffectSpan, "no Principal beside it")
		d.show(x, rank)
		return
	}
	entry := nearest(s.Statement.Principal.Entries, wanted)
	x.Place = d.place(s, entry.ID.Span, "not the provider that vouches for the token")
	_, account, path, isProvider := trust.SplitProviderARN(entry.ID.Text)
	_, wantedAccount, wantedPath, _ := trust.SplitProviderARN(wanted)
	switch {
	case entry.Kind.Text != "Federated":
		x.Summary = "the statement trusts another kind of principal than an identity provider"
	case !isProvider && strings.Contains(wanted, entry.ID.Text):
		x.Summary = "the principal is the provider's URL, where its ARN is wanted"
	case !isProvider:
		x.Summary = "the principal is not the ARN of an OIDC identity provider"
	case path == wantedPath && account != wantedAccount:
		x.Summary = fmt.Sprintf("the principal is the provider of account %s, but the role is in %s", account, wantedAccount)
	case path != wantedPath && d.otherIssuer(s, path):
		x.Cause = "issuer_url_mismatch"
		x.Summary = "the trust policy is made for another issuer than the token's: " + nearMiss(wantedPath, path)
		x.Expected, x.Found = "https://"+wantedPath, "https://"+path
		if d.joins(x) {
			return
		}
		x.Fix = d.createProvider() + nameIt + x.Fix
	case path != wantedPath:
		x.Summary = "the principal names another provider than the token's issuer: " + nearMiss(wantedPath, path)
	default:
		x.Summary = "the principal differs from the provider's ARN: " + nearMiss(wanted, entry.ID.Text)
	}
	d.show(x, rank)
}

const nameIt = "\nand name it in the trust policy: "

// joins adds what the trust policy needs to a cause that the provider has shown already.
func (d *diagnoser) joins(x Diagnosis) bool {
	i := slices.IndexFunc(d.found, func(f candidate) bool { return f.Shown && f.Cause == x.Cause })
	if i < 0 {
		return false
	}
	d.found[i].Fix += nameIt + x.Fix
	d.found[i].Place = x.Place
	return true
}

// otherIssuer reports whether provider, principal and conditions agree on another issuer than
// the token's, so that it is not the principal that is misspelt. An AccessDenied speaks against
// it: STS would not have come to the trust policy without a provider for the token's issuer.
func (d *diagnoser) otherIssuer(s *policy.StatementTrace, path string) bool {
	if p := d.c.Provider; p != nil && p.URL != "" {
		return withoutScheme(p.URL) == path
	}
	if d.symptom.class == classSTS && slices.Contains(d.symptom.causes, "principal_wrong") && !slices.Contains(d.symptom.causes, "issuer_url_mismatch") {
		return false
	}
	for i := range s.Conditions {
		if prefix, _, _ := d.splitKey(s.Conditions[i].Condition.Key.Text); strings.EqualFold(prefix, d.v.Provider.KeyPrefix) {
			return false
		}
	}
	return true
}

func principals(p *policy.PrincipalElement) string {
	if p == nil || len(p.Entries) == 0 {
		return "nobody"
	}
	list := make([]string, len(p.Entries))
	for i, e := range p.Entries {
		list[i] = strings.TrimPrefix(e.Kind.Text+" "+e.ID.Text, " ")
	}
	return strings.Join(list, ", ")
}

// nearest returns the entry that has most in common with the wanted principal.
func nearest(entries []policy.PrincipalEntry, wanted string) (best policy.PrincipalEntry) {
	most := -1
	for _, e := range entries {
		n := firstDifference(e.ID.Text, wanted)
		if e.Kind.Text == "Federated" {
			n += 1000
		}
		if n > most {
			best, most = e, n
		}
	}
	return best
}

func (d *diagnoser) action(s *policy.StatementTrace, rank int) {
	x := Diagnosis{
		Cause: "action_wrong", Summary: "the statement does not allow " + trust.Action,
		Expected: trust.Action, Found: "no action", Fix: `"Action": "` + trust.Action + `"`,
	}
	e := s.Statement.Action
	if e == nil {
		e = s.Statement.NotAction
	}
	if e != nil {
		names := elementTexts(e)
		if s.Statement.Action != nil {
			x.Fix = actionFix(append([]string{trust.Action}, sessionActions(names)...))
		}
		x.Found = e.Name.Text + " " + strings.Join(names, ", ")
		at := e.Span
		if len(e.Values) > 0 {
			at = e.Values[0].Span
		}
		x.Place = d.place(s, at, "not "+trust.Action)
	}
	d.show(x, rank)
}

func elementTexts(e *policy.Element) []string {
	names := make([]string, len(e.Values))
	for i, v := range e.Values {
		names[i] = v.Text
	}
	return names
}

// sessionActions are those of some actions that go with an exchange.
func sessionActions(names []string) (kept []string) {
	for _, name := range names {
		if strings.EqualFold(name, trust.TagSession) || strings.EqualFold(name, trust.SetSourceIdentity) {
			kept = append(kept, name)
		}
	}
	return kept
}

func actionFix(names []string) string {
	for i, name := range names {
		names[i] = quoted(name)
	}
	if len(names) == 1 {
		return `"Action": ` + names[0]
	}
	return `"Action": [` + strings.Join(names, ", ") + "]"
}

func allowStatement(arn string) string {
	return `{"Effect": "Allow", "Principal": {"Federated": "` + arn + `"}, "Action": "` + trust.Action + `", "Condition": {…}}`
}

// providerARN is the ARN of the provider that must vouch for the token, as it is shown: without the
// account where nothing tells it.
func (d *diagnoser) providerARN() string {
	if d.v.AccountAssumed {
		return strings.Replace(d.v.ProviderARN, exchange.ExampleAccount, anyAccount, 1)
	}
	return d.v.ProviderARN
}

// place is where in the document a statement goes wrong.
func (d *diagnoser) place(s *policy.StatementTrace, at policy.Span, note string) *Place {
	p := d.source(at, note)
	if p != nil {
		p.Statement = s.Statement.Index + 1
	}
	return p
}

// source is the line of the trust policy at a span, nil for one that the document does not hold.
func (d *diagnoser) source(at policy.Span, note string) *Place {
	if at.Start.Line == 0 || d.v.Policy == nil {
		return nil
	}
	line := lineOf(d.v.Policy.Source, at.Start.Line)
	width := at.End.Column - at.Start.Column
	if at.End.Line != at.Start.Line {
		width = len([]rune(line)) - at.Start.Column + 1
	}
	return &Place{Line: at.Start.Line, Column: at.Start.Column, Width: max(width, 1), Text: line, Note: note}
}

func lineOf(rest string, n int) string {
	for ; n > 1; n-- {
		_, after, ok := strings.Cut(rest, "\n")
		if !ok {
			return ""
		}
		rest = after
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(line, "\r")
}

// servicePolicies asks the organisation's service control policies. Whether one can deny a call
// whose caller is no principal of the organisation AWS leaves open.
func (d *diagnoser) servicePolicies() {
	if d.c.Token == nil {
		return
	}
	for i, own := range d.c.Organization.ServiceControl {
		doc, err := policy.Parse(own.Document)
		if err != nil {
			continue
		}
		r := doc.Evaluate(policy.Request{Action: trust.Action, Resource: orElse(d.c.RoleARN(), "*"), Context: d.v.Context})
		if r.Decision != policy.ExplicitDeny {
			continue
		}
		d.show(Diagnosis{
			Cause: "org_policy_deny", Summary: "a service control policy of the organisation denies the call",
			Expected: "no Deny for " + trust.Action, Found: "a Deny in service control policy " + orElse(own.Name, strconv.Itoa(i+1)),
			Evidence: []string{"AWS documents service control policies for principals of the organisation; that one binds a federated caller is not proven"},
			Fix:      "take " + trust.Action + " out of the Deny",
		}, 8)
	}
}

// quoted is text from outside as it stands between quotes in JSON.
func quoted(s string) string { return `"` + escape.Text(quotes.Replace(s)) + `"` }

var quotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
