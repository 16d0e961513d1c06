package trust

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// judgement is what an audit says of one Allow statement for one provider.
type judgement struct {
	*auditor
	*model
	s     *policy.Statement
	entry policy.PrincipalEntry
	draft *draft
	mends []int // of the report's holes, those that the draft mends
}

func lowerKey(key string) string { return strings.ToLower(key) }

// mended reports a hole that the draft mends.
func (j *judgement) mended(h Hole, c *policy.Condition) {
	j.mends = append(j.mends, len(j.report.Holes))
	j.hole(h, c)
}

// maxMends bounds how often a corrected statement is corrected again.
const maxMends = 3

// close gives the corrected statement to all holes that it mends. What comes to light only
// once these are mended is mended with them.
func (j *judgement) close() {
	if len(j.mends) == 0 {
		return
	}
	fix := j.draft.fix()
	if next := j.mendedDocument(fix); next != nil {
		again := auditor{doc: next, o: j.o, models: map[string]*model{}, mends: j.auditor.mends + 1}
		again.statement(&next.Statements[j.s.Index], j.entry)
		for _, h := range again.report.Holes {
			if h.Fix != nil {
				fix = h.Fix
			}
		}
	}
	for _, i := range j.mends {
		j.report.Holes[i].Fix = fix
	}
}

// mendedDocument is the document with the corrected statement in its place, nil where it has
// been corrected often enough.
func (j *judgement) mendedDocument(fix *Fix) *policy.Document {
	if j.auditor.mends >= maxMends {
		return nil
	}
	src := slices.Concat(j.doc.Source[:j.s.Span.Start.Offset], fix.Statement, j.doc.Source[j.s.Span.End.Offset:])
	doc, err := policy.Parse(src)
	if err != nil || len(doc.Statements) <= j.s.Index {
		return nil
	}
	return doc
}

// hole reports a hole of the statement; c is the condition at fault, nil for all of it.
func (j *judgement) hole(h Hole, c *policy.Condition) {
	h.Statement, h.Condition, h.Principal = j.s.Index, -1, j.issuer.arn
	switch {
	case c != nil:
		h.Condition = slices.IndexFunc(j.s.Conditions, func(other policy.Condition) bool { return other.Key.Span == c.Key.Span })
		h.Span = policy.Span{Start: c.Key.Span.Start, End: c.ValuesSpan.End}
	case len(j.s.Conditions) > 0:
		h.Span = j.s.ConditionSpan
	default:
		h.Span = j.entry.ID.Span
	}
	j.auditor.hole(h)
}

// find returns a token that the statement admits, the surest there is, and the keys beyond
// everybody's knowledge on whose values that rests.
func (j *judgement) find(accept func(*variable, *class) bool) (t *Token, unknown []string) {
	q := query{goals: []goal{{0, j.s.Index}}, accept: accept}
	for _, l := range []level{certain, asRead, possible} {
		found := j.solve(q, l)
		if found == nil {
			continue
		}
		token := j.token(found.context)
		if !j.lets(token.Context) {
			continue // it rests on what could not be worked out
		}
		return token, j.unknown(found.context)
	}
	return nil, nil
}

// lets reports whether the statement lets the request in, and no Deny forbids it.
func (j *judgement) lets(context policy.Context) bool {
	ok, _ := j.admitted(0, context)
	return ok && j.docs[0].Evaluate(j.request(Action, context)).Statements[j.s.Index].Matched
}

// unknown returns the keys of the context that nobody can know.
func (m *model) unknown(context policy.Context) (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(context)) {
		if m.issuer.source(key).unknowable() {
			keys = append(keys, key)
		}
	}
	return keys
}

// strangers accepts what tokens of other tenants hold: nothing that one of the keys marks as
// ours.
func strangers(keys []string, more func(*variable, *class) bool) func(*variable, *class) bool {
	return func(v *variable, c *class) bool {
		for _, key := range keys {
			if v.markedBy(c, key) {
				return false
			}
		}
		return more == nil || more(v, c)
	}
}

// named refuses classes in which one of the keys holds nothing but an empty text.
func named(keys []string) func(*variable, *class) bool {
	return func(_ *variable, c *class) bool {
		for _, key := range keys {
			if values, _, ok := c.context.Get(key); ok && !slices.ContainsFunc(values, func(s string) bool { return s != "" }) {
				return false
			}
		}
		return true
	}
}

// tenancy looks for a token of another tenant that gets in, and reports each condition that
// should have held it off. It returns these.
func (j *judgement) tenancy() (culprits []*policy.Condition) {
	primary, further := j.issuer.tenancy()
	token, unknown := j.find(strangers(primary, nil))
	if token == nil {
		j.unjudged(primary)
		return nil
	}
	severity, rest := j.gravity(primary, further, unknown)
	j.mendTenancy(primary)
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		key := lowerKey(c.Key.Text)
		if !slices.Contains(primary, key) && !slices.Contains(further, key) {
			continue
		}
		w := weaknessOf(c, closesTenant(key, j.o.Tenant))
		if w == strong {
			continue
		}
		culprits = append(culprits, c)
		j.mended(Hole{Code: w.code(), Severity: severity, Summary: j.culpritText(c, w) + rest, Token: token}, c)
	}
	if len(culprits) == 0 {
		code := TenancyConditionMissing
		if _, controlled := controlOf(j.issuer.arn, j.o.Table); controlled {
			code = SharedIssuerConditionMissing
		}
		j.mended(Hole{Code: code, Severity: severity, Summary: j.missingText() + rest, Token: token}, nil)
	}
	return culprits
}

// gravity rates strangers that get in, and says in words what still holds some off.
func (j *judgement) gravity(primary, further, unknown []string) (Severity, string) {
	switch {
	case len(unknown) > 0:
		return Warning, "; only " + listed(unknown) + " holds them off"
	case !j.gets(strangers(slices.Concat(primary, further), nil)):
		return Warning, "; other claims that belong to one tenant hold them off for now"
	case !j.gets(strangers(primary, named(primary))):
		return Failure, "; it takes a token with an empty claim"
	case !j.issuer.Shared:
		return Failure, ""
	}
	return Critical, ""
}

func (j *judgement) gets(accept func(*variable, *class) bool) bool {
	token, _ := j.find(accept)
	return token != nil
}

// unjudged reports that strangers may get in by what could not be worked out: a text with
// policy variables, here or in a Deny statement, or numbers, dates and addresses.
func (j *judgement) unjudged(primary []string) {
	found := j.solve(query{goals: []goal{{0, j.s.Index}}, accept: strangers(primary, nil)}, possible)
	if found == nil || !found.vague && !slices.Contains(j.dependent, true) {
		return
	}
	var at *policy.Condition
	for i, index := range j.conditionsOf(0, j.s.Index) {
		if _, exact := j.s.Conditions[i].Patterns(); at == nil && (j.dependent[index] || !exact) {
			at = &j.s.Conditions[i]
		}
	}
	what := "this condition holds"
	if at == nil {
		what = "the Deny statements hold"
	}
	j.hole(Hole{
		Code: ConditionNotJudged, Severity: Warning,
		Summary: "whether " + what + " off tokens of other tenants cannot be told from the policy alone; compare with fixed texts instead",
	}, at)
}

func (j *judgement) culpritText(c *policy.Condition, w weakness) string {
	key, everybody := quote(c.Key.Text), "every tenant of "+escape.Text(j.issuer.KeyPrefix)
	if !j.issuer.Shared {
		everybody = "every identity of " + escape.Text(j.issuer.KeyPrefix)
	}
	switch w {
	case ifExists:
		return fmt.Sprintf("IfExists is true of a token without %s, so the condition lets in %s", key, everybody)
	case forAll:
		return fmt.Sprintf("ForAllValues is true of a token without %s, so the condition lets in %s", key, everybody)
	case negated:
		return fmt.Sprintf("%s is true of a token without %s and of all values but those listed, so the condition lets in %s", escape.Text(c.OperatorName.Text), key, everybody)
	case matchesAll:
		return fmt.Sprintf("the pattern matches every value of %s, so the condition lets in %s", key, everybody)
	default:
		return fmt.Sprintf("the wildcard reaches out of the part of %s that names the tenant, so the condition lets in others, too", key)
	}
}

func (j *judgement) missingText() string {
	if j.issuer.Shared {
		return fmt.Sprintf("%s signs for many tenants, and no condition holds the others off", escape.Text(j.issuer.KeyPrefix))
	}
	return fmt.Sprintf("no condition says which of the identities of %s may come in", escape.Text(j.issuer.KeyPrefix))
}

// mendTenancy corrects the draft so that only our tenant's tokens get in.
func (j *judgement) mendTenancy(primary []string) {
	bound := false
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		key, s := lowerKey(c.Key.Text), j.issuer.source(c.Key.Text)
		closed := closesTenant(key, j.o.Tenant)
		if !slices.Contains(primary, key) {
			continue
		}
		j.draft.strengthen(c, s.many, closed)
		compares := c.Operator.Family == policy.StringFamily || c.Operator.Family == policy.ARNFamily
		bound = bound || s.origin != never && compares && !c.Operator.Negated && namesValues(c) && !j.dependent[j.first[0][j.s.Index]+i]
	}
	j.draft.dropUnfilled(j.issuer)
	if !bound {
		key, value := j.tenantDemand()
		j.draft.demand(key, value)
	}
}

// namesValues reports whether some value of the condition can be equal to anything.
func namesValues(c *policy.Condition) bool {
	for i := range c.Values {
		if _, ok := c.ValuePattern(i); ok {
			return true
		}
	}
	return false
}

// dropUnfilled leaves out conditions on keys that are never filled: they are no guard.
func (d *draft) dropUnfilled(i issuer) {
	d.conds = slices.DeleteFunc(d.conds, func(c draftCondition) bool {
		return c.key != "" && i.source(c.key).origin == never
	})
}

// tenantDemand is the condition to add where none tells tenants apart.
func (j *judgement) tenantDemand() (key, value string) {
	org := j.o.Tenant
	if org == "" {
		org = placeholderOrg
	}
	for i := range j.s.Conditions {
		if strings.HasPrefix(lowerKey(j.s.Conditions[i].Key.Text), requestTag) && j.issuer.isForgecroft() {
			return "aws:RequestTag/org_id", org
		}
	}
	switch {
	case j.issuer.isForgecroft() && j.issuer.keys != KeysDocumented:
		return j.issuer.key("org_id"), org
	case len(j.issuer.RequiredAnyOf) > 0 && j.issuer.RequiredAnyOf[0] != "sub":
		return j.issuer.key(j.issuer.RequiredAnyOf[0]), placeholderValue
	}
	return j.issuer.key("sub"), placeholderSubject
}

// unfilled reports conditions on keys that no token of the provider fills.
func (j *judgement) unfilled() {
	primary, _ := j.issuer.tenancy()
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		s := j.issuer.source(c.Key.Text)
		if s.origin != never || !c.Key.Present() {
			continue
		}
		h := Hole{Code: ConditionKeyNeverFilled, Severity: Failure}
		why := "AWS has no such condition key for " + escape.Text(j.issuer.KeyPrefix)
		if s.basis == claims.BasisIssuer {
			why = "by AWS's own tables there is no such condition key"
		}
		h.Summary = fmt.Sprintf("%s: %s, so the condition is never true", quote(c.Key.Text), why)
		if c.Judge(policy.Context{}).Holds {
			h.Severity, h.Summary = Warning, fmt.Sprintf("%s: %s, so the condition is always true and guards nothing", quote(c.Key.Text), why)
		}
		j.mendTenancy(primary)
		j.mended(h, c)
	}
}

// undocumented reports once what rests on the issuer's word alone.
func (j *judgement) undocumented() {
	var keys []string
	var first *policy.Condition
	promised := true
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		s := j.issuer.source(c.Key.Text)
		if s.origin != fromToken || s.basis == claims.BasisAWS {
			continue
		}
		promised = promised && s.basis == claims.BasisIssuer
		if first == nil {
			first = c
		}
		if key := quote(c.Key.Text); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if first == nil {
		return
	}
	whose := "the issuer documents them"
	if !promised {
		whose = "nobody documents them"
	}
	j.hole(Hole{
		Code: ConditionKeyUndocumented, Severity: Warning,
		Summary: fmt.Sprintf("AWS's tables do not list %s as condition keys, %s; if AWS does not fill them the conditions are never true, and only a real exchange proves them", listed(keys), whose),
	}, first)
}
