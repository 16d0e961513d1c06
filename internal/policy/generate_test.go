package policy

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// generator makes policies and requests out of few pieces, so that they often meet.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 0))}
}

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }

// oneOrList returns a single value bare or up to three in a list, at times none.
func (g generator) oneOrList(value func() any) any {
	n := g.IntN(5) - 1
	if n <= 0 && g.IntN(8) > 0 {
		return value()
	}
	list := []any{}
	for range n {
		list = append(list, value())
	}
	return list
}

type generated struct {
	version    string
	statements []map[string]any
}

func (g generator) policy() generated {
	p := generated{version: pick(g, v2012, v2012, v2012, v2008, "")}
	for range 1 + g.IntN(3) {
		p.statements = append(p.statements, g.statement(pick(g, "Allow", "Allow", "Deny")))
	}
	return p
}

func (p generated) source(t testing.TB) []byte {
	t.Helper()
	doc := map[string]any{"Statement": p.statements}
	if len(p.statements) == 1 {
		doc["Statement"] = p.statements[0]
	}
	if p.version != "" {
		doc["Version"] = p.version
	}
	src, err := json.Marshal(doc)
	if err != nil {
		t.Error(err)
	}
	return src
}

func (g generator) statement(effect string) map[string]any {
	s := map[string]any{"Effect": effect}
	s[pick(g, "Principal", "Principal", "Principal", "NotPrincipal")] = g.principal()
	s[pick(g, "Action", "Action", "Action", "NotAction")] = g.oneOrList(func() any {
		return pick(g, "*", "sts:*", "STS:assumerole*", webIdentity, webIdentity, "sts:AssumeRole", "sts:TagSession", "s3:Get?bject", "sts", "s*:AssumeRole*", "*:*")
	})
	if g.IntN(2) == 0 {
		s[pick(g, "Resource", "Resource", "NotResource")] = g.oneOrList(func() any {
			return pick(g, "*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/?", "arn:aws:s3:::${k:a}/*", "arn:aws:s3:::${*}/x", "arn:aws:s3:::${k:z, 'b'}/x")
		})
	}
	if g.IntN(5) > 0 {
		s["Condition"] = g.conditions()
	}
	return s
}

func (g generator) principal() any {
	id := func() any {
		return pick(g, testProvider, testProvider, "arn:aws:iam::111122223333:oidc-provider/*", "*", testAccount, "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/r", "ec2.amazonaws.com")
	}
	if g.IntN(10) == 0 {
		return "*"
	}
	p := map[string]any{}
	for range 1 + g.IntN(2) {
		p[pick(g, "Federated", "Federated", "AWS", "Service")] = g.oneOrList(id)
	}
	return p
}

func (g generator) conditions() map[string]any {
	operators := map[string]any{}
	for range g.IntN(3) {
		op := pick(g, baseOperators...)
		name := pick(g, "", "", "ForAllValues:", "ForAnyValue:") + op.Base
		if op.Family != NullFamily && g.IntN(4) == 0 {
			name += "IfExists"
		}
		keys := map[string]any{}
		for range g.IntN(3) {
			keys[g.key()] = g.oneOrList(func() any { return g.expected(op.Family) })
		}
		operators[name] = keys
	}
	return operators
}

func (g generator) key() string { return pick(g, "k:a", "k:a", "k:b", "K:B", "k:c", "k:missing") }

// values by family, for policies and requests alike.
var generatedValues = map[Family][]string{
	StringFamily:  {"", "a", "A", "ab", "a*", "b", "\u00e4", "\u00c4", "a\U0001f600b", "a/b:c"},
	NumericFamily: {"1", "01.0", "-1", "2.5", "10", "1e3", "+1", ".5", "x", "9007199254740993"},
	DateFamily:    {"2026-03", "2026-03-01", "2026-03-01T00:00Z", "2026-03-01T01:00:00+01:00", "2026-03-01T00:00:00.5Z", "1772323200", "2026", "2026-03-01T00:00:00", "2026-02-30", "soon"},
	BoolFamily:    {"true", "false", "True", "yes"},
	BinaryFamily:  {"YQ==", "YWI=", "a", "ab", "%"},
	IPFamily:      {"10.1.2.3", "10.1.2.4", "2001:db8::1", "2001:DB8:0::1", "x"},
	ARNFamily:     {"arn:aws:svc:r:1:a/b", "arn:aws:svc:r:1:a:b", "arn:aws:svc:r:2:a", "brn:aws:svc:r:1:a", "x"},
	NullFamily:    {"true", "false", "True", "maybe"},
}

// expectedOnly are values that stand in policies only.
var expectedOnly = map[Family][]string{
	StringFamily: {"*", "?", "a*", "?b", "*b*", "${k:b}", "${k:c, 'a'}", "${k:B}*", "${*}", "a${?}", "${", "${k:missing}", "a?b"},
	BoolFamily:   {"${k:a}"},
	IPFamily:     {"10.0.0.0/8", "10.1.2.3/24", "2001:db8::/32", "::/0", "0.0.0.0/0"},
	ARNFamily:    {"arn:aws:*:r:1:a*", "arn:aws:svc:*:*:*", "*:*:*:*:*:*", "*", "arn:aws:svc:r:${k:b}:a", "${k:b}"},
}

func (g generator) expected(family Family) any {
	text := pick(g, slices.Concat(generatedValues[family], expectedOnly[family])...)
	switch {
	case text == "true" || text == "false":
		return pick[any](g, text, text == "true")
	case family == NumericFamily && (text == "1" || text == "2.5"):
		return pick[any](g, text, json.Number(text))
	default:
		return text
	}
}

func (g generator) request() Request {
	r := Request{Context: Context{}, Action: pick(g, webIdentity, webIdentity, "sts:tagsession", "s3:GetObject")}
	r.Principal = pick(
		g,
		&Principal{Kind: "Federated", ID: testProvider, Account: testAccount},
		&Principal{Kind: "Federated", ID: testProvider, Account: testAccount},
		&Principal{Kind: "AWS", ID: "arn:aws:iam::111122223333:role/r", Account: testAccount},
		&Principal{Kind: "Service", ID: "ec2.amazonaws.com"},
		nil,
	)
	r.Resource = pick(g, "", "", "*", "arn:aws:s3:::b/x", "arn:aws:s3:::a/x", "arn:aws:s3:::*/x")
	families := slices.Sorted(maps.Keys(generatedValues))
	for _, key := range []string{"k:a", pick(g, "k:b", "K:b"), "k:c"} {
		if g.IntN(5) == 0 {
			continue
		}
		family := pick(g, families...)
		values := []string{}
		for range pick(g, 1, 1, 1, 1, 2, 3, 0) {
			values = append(values, pick(g, generatedValues[family]...))
		}
		r.Context[key] = values
	}
	return r
}
