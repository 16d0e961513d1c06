package template

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// placeholders stand in a resolved template for what Terraform has expressions for.
type placeholders []placeholder

type placeholder struct {
	text string
	expr hcl.Traversal
}

// ref returns the traversal of a dotted name such as var.org_id.
func ref(dotted string) hcl.Traversal {
	names := strings.Split(dotted, ".")
	traversal := hcl.Traversal{hcl.TraverseRoot{Name: names[0]}}
	for _, name := range names[1:] {
		traversal = append(traversal, hcl.TraverseAttr{Name: name})
	}
	return traversal
}

// tokens writes a value of a resolved template as an HCL expression. A list of nothing but a
// placeholder becomes the placeholder's expression, which is a list itself.
func (p placeholders) tokens(v any) hclwrite.Tokens {
	switch v := v.(type) {
	case string:
		return p.text(v)
	case []any:
		if len(v) == 1 && v[0] == regionsPlaceholder {
			return p.tokens(v[0])
		}
		var elems []hclwrite.Tokens
		for _, elem := range v {
			elems = append(elems, p.tokens(elem))
		}
		return hclwrite.TokensForTuple(elems)
	case map[string]any:
		var attrs []hclwrite.ObjectAttrTokens
		for _, key := range slices.SortedFunc(maps.Keys(v), policyOrder) {
			attrs = append(attrs, hclwrite.ObjectAttrTokens{Name: objectKey(key), Value: p.tokens(v[key])})
		}
		return hclwrite.TokensForObject(attrs)
	}
	panic("a policy of the template holds something other than text, lists and maps") // a test resolves all of them
}

// text writes a string, with the placeholders inside it as interpolations.
func (p placeholders) text(s string) hclwrite.Tokens {
	for _, ph := range p {
		if s == ph.text {
			return hclwrite.TokensForTraversal(ph.expr)
		}
	}
	all := hclwrite.Tokens{{Type: hclsyntax.TokenOQuote, Bytes: []byte(`"`)}}
	for s != "" {
		at, next := p.first(s)
		all = append(all, quoted(s[:at])...)
		if next == nil {
			break
		}
		all = append(all, &hclwrite.Token{Type: hclsyntax.TokenTemplateInterp, Bytes: []byte("${")})
		all = append(all, hclwrite.TokensForTraversal(next.expr)...)
		all = append(all, &hclwrite.Token{Type: hclsyntax.TokenTemplateSeqEnd, Bytes: []byte("}")})
		s = s[at+len(next.text):]
	}
	return append(all, &hclwrite.Token{Type: hclsyntax.TokenCQuote, Bytes: []byte(`"`)})
}

// first finds the first placeholder in s; without one, at is the end of s.
func (p placeholders) first(s string) (at int, found *placeholder) {
	at = len(s)
	for i := range p {
		if j := strings.Index(s, p[i].text); j >= 0 && j < at {
			at, found = j, &p[i]
		}
	}
	return at, found
}

// quoted is the inside of a quoted string, escaped.
func quoted(s string) hclwrite.Tokens {
	if s == "" {
		return nil
	}
	whole := hclwrite.TokensForValue(cty.StringVal(s))
	return whole[1 : len(whole)-1]
}

// objectKey quotes the keys that are no identifiers, such as api.forgecroft.com:aud.
func objectKey(key string) hclwrite.Tokens {
	if hclsyntax.ValidIdentifier(key) {
		return hclwrite.TokensForIdentifier(key)
	}
	return hclwrite.TokensForValue(cty.StringVal(key))
}

// policyOrder sorts the elements of a policy as people write them, and other keys by name.
func policyOrder(a, b string) int {
	order := []string{"Version", "Statement", "Effect", "Principal", "Action", "Resource", "Condition"}
	rank := func(key string) int {
		if i := slices.Index(order, key); i >= 0 {
			return i
		}
		return len(order)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}
