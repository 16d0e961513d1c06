package trust

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// generator makes trust policies and request contexts out of few pieces, so that they often
// meet.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 5))}
}

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }

const forgecroftKey = "api.forgecroft.com:"

// generatedKeys are the keys that generated conditions test, the likely ones several times.
var generatedKeys = []string{
	forgecroftKey + "aud", forgecroftKey + "sub", forgecroftKey + "sub", forgecroftKey + "phase", forgecroftKey + "phase", forgecroftKey + "phase",
	forgecroftKey + "PHASE", forgecroftKey + "org_id", forgecroftKey + "org_id", forgecroftKey + "repo", forgecroftKey + "amr", forgecroftKey + "iss", forgecroftKey + "team",
	"aws:RequestTag/phase", "aws:RequestTag/org_id", "aws:TagKeys", "sts:RoleSessionName", "sts:SourceIdentity", "aws:SourceIp", "gitlab.com:sub",
}

var generatedValues = []string{
	"plan", "apply", "Plan", "", "acme", "sts.amazonaws.com", "org:acme:phase:plan", "org:acme:phase:apply", "phase", "org_id", "7", "arn:aws:iam::1:role/a", "true",
}

var generatedPatterns = []string{
	"*", "pl*", "*pl?n*", "?", "**", "org:acme:*", "org:*:phase:plan", "*apply", "${api.forgecroft.com:sub}", "${*}", "pl${?}n", "ac*", "arn:aws:*:*:*:role/*", "10.0.0.0/8",
}

func (g generator) values(operator string) any {
	value := func() any {
		if g.IntN(3) == 0 || strings.Contains(operator, "Like") && g.IntN(2) == 0 {
			return pick(g, generatedPatterns...)
		}
		return pick(g, generatedValues...)
	}
	switch g.IntN(6) {
	case 0:
		return []any{value(), value()}
	case 1:
		if g.IntN(6) == 0 {
			return []any{}
		}
		return []any{value(), value(), value()}
	default:
		return value()
	}
}

func (g generator) operator() string {
	op := pick(
		g, "StringEquals", "StringEquals", "StringEquals", "StringLike", "StringLike", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase",
		"StringNotEqualsIgnoreCase", "NumericLessThan", "Bool", "ArnLike", "ArnNotEquals", "IpAddress", "Null", "BinaryEquals",
	)
	if op == "Null" {
		return op
	}
	if g.IntN(5) == 0 {
		op += "IfExists"
	}
	return pick(g, "", "", "", "", "ForAllValues:", "ForAnyValue:") + op
}

func (g generator) statement(effect string) map[string]any {
	s := map[string]any{"Effect": effect, "Principal": map[string]any{"Federated": pick[any](g, fcARN, fcARN, fcARN, fcARN, []any{fcARN, "gitlab.com"}, "*")}}
	s["Action"] = pick[any](g, Action, Action, []any{Action, TagSession}, []any{Action, TagSession, SetSourceIdentity}, TagSession, "sts:*")
	operators := map[string]any{}
	for range g.IntN(4) {
		op := g.operator()
		keys, _ := operators[op].(map[string]any)
		if keys == nil {
			keys = map[string]any{}
		}
		if op == "Null" {
			keys[pick(g, generatedKeys...)] = pick(g, "true", "false")
		} else {
			keys[pick(g, generatedKeys...)] = g.values(op)
		}
		operators[op] = keys
	}
	if len(operators) > 0 {
		s["Condition"] = operators
	}
	return s
}

func (g generator) policy(t testing.TB) *policy.Document {
	t.Helper()
	doc := map[string]any{}
	if g.IntN(6) > 0 {
		doc["Version"] = "2012-10-17"
	}
	statements := []any{g.statement("Allow")}
	for range g.IntN(3) {
		statements = append(statements, g.statement(pick(g, "Allow", "Deny", "Deny")))
	}
	doc["Statement"] = statements
	src, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, string(src))
}

// context returns what AWS could make of some token of Forgecroft under a key mode.
func (g generator) context(keys Keys, docs ...*policy.Document) policy.Context {
	pool := slices.Clone(generatedValues)
	for _, doc := range docs {
		for _, s := range doc.Statements {
			for _, c := range s.Conditions {
				for _, v := range c.Values {
					pool = append(pool, v.Text, strings.NewReplacer("*", "x", "?", "y").Replace(v.Text), strings.ReplaceAll(v.Text, "*", ""))
				}
			}
		}
	}
	value := func() string { return pick(g, pool...) }
	ctx := policy.Context{forgecroftKey + "sub": {value()}}
	for ctx[forgecroftKey+"aud"] == nil || ctx[forgecroftKey+"aud"][0] == "" {
		ctx[forgecroftKey+"aud"] = []string{value()}
	}
	ctx[forgecroftKey+"oaud"] = ctx[forgecroftKey+"aud"]
	if keys != KeysDocumented {
		for _, name := range []string{"phase", "org_id", "repo"} {
			if g.IntN(3) > 0 {
				ctx[forgecroftKey+name] = []string{value()}
			}
		}
	}
	if keys == KeysAll {
		ctx[forgecroftKey+"iss"] = []string{"https://api.forgecroft.com"}
		ctx[forgecroftKey+"team"] = []string{value(), value()}[:1+g.IntN(2)]
	}
	for range g.IntN(3) {
		ctx[forgecroftKey+"amr"] = append(ctx[forgecroftKey+"amr"], value())
	}
	if g.IntN(3) == 0 {
		g.tags(ctx, pool)
	}
	ctx["sts:RoleSessionName"] = []string{pick(g, "plan", "apply", "acme", "session")}
	if g.IntN(6) == 0 {
		ctx["sts:SourceIdentity"] = []string{pick(g, "plan", "apply", "acme")}
	}
	if g.IntN(3) > 0 {
		ctx["aws:SourceIp"] = []string{pick(g, "10.1.2.3", "192.0.2.1")}
	}
	return ctx
}

// tags adds session tags. Their characters are limited.
func (g generator) tags(ctx policy.Context, pool []string) {
	for _, name := range []string{pick(g, "phase", "Phase", "PHASE"), pick(g, "org_id", "org_id", "plan"), pick(g, "acme", "env")} {
		value := pick(g, pool...)
		if g.IntN(2) == 0 || !fits(value, tagText) {
			continue
		}
		ctx["aws:RequestTag/"+name] = []string{value}
		ctx["aws:TagKeys"] = append(ctx["aws:TagKeys"], name)
	}
}

// admittedFor is [admittedOf] for Forgecroft's provider.
func admittedFor(doc *policy.Document, ctx policy.Context) (admitted, sure bool) {
	return admittedOf(doc, fcARN, ctx)
}

// admittedOf reports whether a document admits the context of a provider's token, and whether that
// is so under every reading that AWS leaves open.
func admittedOf(doc *policy.Document, provider string, ctx policy.Context) (admitted, sure bool) {
	_, account, _, _ := SplitProviderARN(provider)
	actions := []string{Action}
	if len(ctx["aws:TagKeys"]) > 0 {
		actions = append(actions, TagSession)
	}
	if len(ctx["sts:SourceIdentity"]) > 0 {
		actions = append(actions, SetSourceIdentity)
	}
	admitted, sure = true, true
	for _, action := range actions {
		result := doc.Evaluate(policy.Request{
			Action: action, Context: ctx, Principal: &policy.Principal{Kind: "Federated", ID: provider, Account: account},
		})
		switch allowed := result.Decision == policy.Allowed; {
		case !allowed && result.Open() == 0:
			return false, true
		case !allowed:
			admitted, sure = false, false
		case result.Open() != 0:
			sure = false
		}
	}
	return admitted, sure
}

// clone copies a context.
func clone(ctx policy.Context) policy.Context { return maps.Clone(ctx) }
