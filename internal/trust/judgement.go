package trust

import (
	"maps"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// judgement is what an audit says of one Allow statement for one provider.
type judgement struct {
	*auditor
	*model
	s     *policy.Statement
	entry policy.PrincipalEntry
	draft *draft
	mends []int    // of the report's holes, those that the draft mends
	open  Severity // how grave it is that strangers get in, "" if none do
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
// once these are mended is mended with them. A statement for several principals is left alone:
// what holds off strangers of one provider would shut out another, or let its strangers in.
func (j *judgement) close() {
	if len(j.mends) == 0 || j.s.Principal != nil && len(j.s.Principal.Entries) > 1 {
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
	h.Statement, h.Condition, h.Principal, h.Other = j.s.Index, -1, j.issuer.arn, j.isOther(j.issuer.arn)
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
