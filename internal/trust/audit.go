package trust

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// Audit says who can assume a role by its trust policy, and where strangers get in. It judges
// each Allow statement for each provider that it names: which tokens it admits, and whether
// one of another tenant, or one without the claims that the conditions lean on, is among
// them. Whoever else gets in besides the provider that is asked about is a hole of its own.
// Deny statements count: a hole that they close is none.
func Audit(doc *policy.Document, o Options) Report {
	a := auditor{doc: doc, o: o, models: map[string]*model{}}
	a.report.Holes = RefusalHoles(doc, o.Table)
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if s.Effect != policy.Allow {
			continue
		}
		a.otherPrincipals(s)
		a.accounts(s)
		a.byExclusion(s)
		for _, e := range a.providers(s) {
			a.statement(s, e)
		}
	}
	a.trusted()
	slices.SortStableFunc(a.report.Holes, func(x, y Hole) int {
		return cmp.Or(cmp.Compare(x.Severity.rank(), y.Severity.rank()), cmp.Compare(x.Statement, y.Statement), cmp.Compare(x.Span.Start.Offset, y.Span.Start.Offset))
	})
	return a.report
}

// providers returns the providers whose tokens a statement is to be judged for: those that it
// names, and the one that is asked about where NotPrincipal takes it in.
func (a *auditor) providers(s *policy.Statement) (entries []policy.PrincipalEntry) {
	if !s.MatchesAction(Action) {
		return nil
	}
	named := func(id string) bool {
		return slices.ContainsFunc(entries, func(e policy.PrincipalEntry) bool { return e.ID.Text == id })
	}
	if s.Principal != nil {
		for _, e := range s.Principal.Entries {
			if e.Kind.Text == federated && e.ID.Text != everybody && !isSAML(e) && !named(e.ID.Text) {
				entries = append(entries, e)
			}
		}
	}
	if asked := a.o.ProviderARN; asked != "" && !named(asked) {
		st := a.doc.Evaluate(a.modelOf(asked).request(Action, nil)).Statements[s.Index]
		if st.Principal.Holds {
			entries = append(entries, policy.PrincipalEntry{Kind: policy.Value{Text: federated}, ID: policy.Value{Text: asked, Span: s.Span}})
		}
	}
	return entries
}

func (s Severity) rank() int {
	return slices.Index([]Severity{Critical, Failure, Warning, Info}, s)
}

type auditor struct {
	doc    *policy.Document
	o      Options
	models map[string]*model // by principal
	mends  int               // how often the document has been corrected
	report Report
}

func (a *auditor) hole(h Hole) { a.report.Holes = append(a.report.Holes, h) }

// isOther reports whether a provider is another than the one that is asked about.
func (a *auditor) isOther(provider string) bool {
	return a.o.ProviderARN != "" && provider != a.o.ProviderARN
}

// misspells reports whether a provider is the one that is asked about but for its spelling: another
// letter case, a slash at the end, an address in the place of an ARN. No tokens come from it.
func (a *auditor) misspells(provider string) bool {
	plain := func(principal string) string {
		return strings.TrimRight(strings.TrimPrefix(strings.ToLower(issuerPath(principal)), "https://"), "/")
	}
	return plain(provider) == plain(a.o.ProviderARN)
}

// account is the role's, or else that of the provider which admits to it; "" if neither is known.
func (a *auditor) account() string {
	_, account, _, _ := SplitProviderARN(a.o.ProviderARN)
	return cmp.Or(a.o.RoleAccount, account)
}

// RefusalHoles is the part of an [Audit] that says what IAM would refuse.
func RefusalHoles(doc *policy.Document, table *claims.KeyTable) (holes []Hole) {
	for _, r := range Storable(doc, table) {
		h := Hole{Code: PolicyNotStorable, Severity: Failure, Statement: r.Statement, Condition: -1, Span: r.Span, Summary: r.Summary}
		h.Summary += "; IAM would refuse the policy"
		if r.Observed {
			h.Summary += ": " + r.Code + ": " + escape.Text(r.Message)
		}
		holes = append(holes, h)
	}
	return holes
}

// accounts reports providers of accounts that cannot exist. AWS does not look whether a provider
// does when it stores a trust policy.
func (a *auditor) accounts(s *policy.Statement) {
	if s.Principal == nil {
		return
	}
	for _, e := range s.Principal.Entries {
		_, account, _, ok := SplitProviderARN(e.ID.Text)
		if e.Kind.Text != "Federated" || !ok || accountID.MatchString(account) {
			continue
		}
		what := fmt.Sprintf("%q is no account id", account)
		if account != "" && strings.Trim(account, "0123456789") == "" {
			what = fmt.Sprintf("the account id %s has %d digits", account, len(account))
		}
		a.hole(Hole{
			Code: PrincipalAccountInvalid, Severity: Failure, Statement: s.Index, Condition: -1, Span: e.ID.Span, Principal: e.ID.Text,
			Summary: what + ", and account ids have 12: AWS would find no such provider, and the statement admits nobody",
		})
	}
}

// byExclusion reports a statement that allows the exchange without naming it.
func (a *auditor) byExclusion(s *policy.Statement) {
	if s.NotAction == nil || s.Action != nil || !s.MatchesAction(Action) {
		return
	}
	a.hole(Hole{
		Code: ActionByExclusion, Severity: Warning, Statement: s.Index, Condition: -1, Span: s.NotAction.Name.Span,
		Summary: "NotAction allows " + Action + " without naming it, and every other action that it does not list; a trust policy should name its action",
	})
}

// trusted reports a provider that is asked about and that no statement admits.
func (a *auditor) trusted() {
	if a.o.ProviderARN == "" {
		return
	}
	for _, admission := range a.report.Admissions {
		if admission.Principal == a.o.ProviderARN && admission.Nobody == "" {
			return
		}
	}
	a.hole(Hole{
		Code: ProviderNotTrusted, Severity: Failure, Statement: -1, Condition: -1, Span: whole(a.doc), Principal: a.o.ProviderARN,
		Summary: "no statement admits any token of " + escape.Text(a.o.ProviderARN),
	})
}

// modelOf reads the document for one provider, with the values marked that belong to one tenant.
func (a *auditor) modelOf(principal string) *model {
	if m := a.models[principal]; m != nil {
		return m
	}
	i := issuerOf(principal, a.o)
	primary, further := i.tenancy()
	var values []listing
	for _, s := range a.doc.Statements {
		for j := range s.Conditions {
			c := &s.Conditions[j]
			key := lowerKey(c.Key.Text)
			lets := (s.Effect == policy.Allow) != c.Operator.Negated // a Deny of all others lets in the values that it lists
			if lets && (slices.Contains(primary, key) || slices.Contains(further, key)) {
				values = append(values, ownValues(c, key, a.o.Tenant)...)
			}
		}
	}
	marks := make([]mark, len(values))
	for j := range values {
		marks[j] = values[j].mark
	}
	m := newModel(i, []*policy.Document{a.doc}, marks)
	m.organizations(values, a.o.Tenant)
	a.models[principal] = m
	return m
}

// ownValues are those of a condition that belong to one tenant: ours, since the policy's author
// names them. Of other organizations among them [model.organizations] tells.
func ownValues(c *policy.Condition, key, tenant string) (values []listing) {
	if c.Operator.Family == policy.NullFamily || c.Operator.Family == policy.BoolFamily {
		return nil
	}
	for i := range c.Values {
		if p, ok := c.ValuePattern(i); ok && closesTenant(key, tenant)(p) {
			values = append(values, listing{mark{key, p}, c.Values[i].Text})
		}
	}
	return values
}

// statement judges one Allow statement for one provider.
func (a *auditor) statement(s *policy.Statement, e policy.PrincipalEntry) {
	m := a.modelOf(e.ID.Text)
	admission := m.admission(s, a.account())
	a.report.Admissions = append(a.report.Admissions, admission)
	other := a.isOther(e.ID.Text)
	if other && (admission.Nobody != "" || a.misspells(e.ID.Text)) {
		return // what keeps another provider's tokens out is no fault
	}
	j := &judgement{auditor: a, model: m, s: s, entry: e, draft: newDraft(s, e.ID.Text)}
	defer j.close()
	j.unfilled()
	j.undocumented()
	if admission.Nobody != "" {
		return
	}
	if m.incomplete {
		a.hole(Hole{
			Code: ConditionNotJudged, Severity: Warning, Statement: s.Index, Condition: -1, Span: s.ConditionSpan, Principal: m.issuer.arn,
			Summary: "the conditions are too many or too tangled to be judged as a whole; see which of them can go",
		})
	}
	culprits := j.tenancy()
	if other {
		j.otherProvider(admission)
	}
	if other && j.open != "" {
		return // that another provider's strangers get in is enough to say
	}
	j.otherOrganizations()
	j.audience()
	j.guards(culprits)
}
