package policy

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

// naiveDocument is a policy read through encoding/json, which sees no repeated names.
type naiveDocument map[string]any

func naiveRead(t testing.TB, src []byte) naiveDocument {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(src))
	decoder.UseNumber()
	var doc naiveDocument
	if err := decoder.Decode(&doc); err != nil {
		t.Error(err)
	}
	return doc
}

// decide is a second implementation of the rules, written for likeness to their text
// and without regard to speed. It shares nothing with the package but the types of the
// request.
func (doc naiveDocument) decide(r Request) Decision {
	n := naive{Request: r, variables: doc["Version"] == "2012-10-17", keys: map[string][]string{}}
	for key, values := range r.Context {
		if len(values) > 0 {
			n.keys[strings.ToLower(key)] = values
		}
	}
	decision := ImplicitDeny
	for _, s := range naiveList(doc["Statement"]) {
		s := s.(map[string]any)
		switch {
		case !n.statement(s):
		case s["Effect"] == "Deny":
			return ExplicitDeny
		default:
			decision = Allowed
		}
	}
	return decision
}

type naive struct {
	Request
	variables bool
	keys      map[string][]string
}

func naiveList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

func naiveText(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "true"
		}
		return "false"
	case json.Number:
		return v.String()
	default:
		return v.(string)
	}
}

func (n naive) statement(s map[string]any) bool {
	if n.Principal != nil && !n.element(s, "Principal", n.principal) {
		return false
	}
	if !n.element(s, "Action", n.action) {
		return false
	}
	trust := n.Principal != nil && s["Resource"] == nil && s["NotResource"] == nil
	if n.Resource != "" && !trust && !n.element(s, "Resource", n.resource) {
		return false
	}
	operators, _ := s["Condition"].(map[string]any)
	for operator, keys := range operators {
		for key, values := range keys.(map[string]any) {
			if !n.condition(strings.ToLower(operator), key, naiveList(values)) {
				return false
			}
		}
	}
	return true
}

// element judges an element and its negation; some names the values that match.
func (n naive) element(s map[string]any, name string, some func(any) (matched, empty bool)) bool {
	element, has := s[name]
	negated, hasNot := s["Not"+name]
	if !has && !hasNot {
		return false
	}
	if has {
		if matched, _ := some(element); !matched {
			return false
		}
	}
	if hasNot {
		if matched, empty := some(negated); matched || empty {
			return false
		}
	}
	return true
}

func (n naive) principal(v any) (matched, empty bool) {
	if text, ok := v.(string); ok {
		return text == "*" && n.Principal.Kind == "AWS", false
	}
	empty = true
	for kind, ids := range v.(map[string]any) {
		for _, id := range naiveList(ids) {
			empty = false
			if kind != n.Principal.Kind {
				continue
			}
			whole := kind == "AWS" && (id == "*" || id == n.Principal.Account || id == "arn:aws:iam::"+n.Principal.Account+":root")
			matched = matched || id == n.Principal.ID || whole
		}
	}
	return matched, empty
}

func (n naive) action(v any) (matched, empty bool) {
	list := naiveList(v)
	action := strings.ToLower(n.Action)
	for _, item := range list {
		item := strings.ToLower(item.(string))
		service, name, _ := strings.Cut(item, ":")
		askedService, askedName, _ := strings.Cut(action, ":")
		if item == "*" || item == "*:*" || service == askedService && naiveGlob(naivePattern(name), []rune(askedName)) {
			matched = true
		}
	}
	return matched, len(list) == 0
}

func (n naive) resource(v any) (matched, empty bool) {
	list := naiveList(v)
	for _, item := range list {
		tokens, null := n.expand(item.(string), true)
		matched = matched || !null && naiveGlob(tokens, []rune(n.Resource))
	}
	return matched, len(list) == 0
}

// token is one character of a pattern; wild marks a * or ? that is a wildcard.
type token struct {
	char rune
	wild bool
}

func naivePattern(s string) []token {
	var tokens []token
	for _, c := range s {
		tokens = append(tokens, token{c, c == '*' || c == '?'})
	}
	return tokens
}

func naivePlain(s string) []token {
	var tokens []token
	for _, c := range s {
		tokens = append(tokens, token{c, false})
	}
	return tokens
}

func naiveString(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteRune(t.char)
	}
	return b.String()
}

func naiveGlob(pattern []token, s []rune) bool {
	if len(pattern) == 0 {
		return len(s) == 0
	}
	switch p := pattern[0]; {
	case p.wild && p.char == '*':
		return naiveGlob(pattern[1:], s) || len(s) > 0 && naiveGlob(pattern, s[1:])
	case len(s) == 0:
		return false
	default:
		return (p.wild || p.char == s[0]) && naiveGlob(pattern[1:], s[1:])
	}
}

var (
	naiveVariable = regexp.MustCompile(`\$\{[^}]*\}`)
	naiveDefault  = regexp.MustCompile(`^(.*?), '(.*)'$`)
)

// expand replaces the policy variables of a value.
func (n naive) expand(text string, patterns bool) (tokens []token, null bool) {
	plain := naivePlain
	if patterns {
		plain = naivePattern
	}
	if !n.variables {
		return plain(text), false
	}
	for {
		at := naiveVariable.FindStringIndex(text)
		if at == nil {
			return append(tokens, plain(text)...), null
		}
		tokens = append(tokens, plain(text[:at[0]])...)
		inner := text[at[0]+2 : at[1]-1]
		text = text[at[1]:]
		if inner == "*" || inner == "?" || inner == "$" {
			tokens = append(tokens, naivePlain(inner)...)
			continue
		}
		key, fallback := inner, []string(nil)
		if parts := naiveDefault.FindStringSubmatch(inner); parts != nil {
			key, fallback = parts[1], parts[2:]
		}
		value := n.keys[strings.ToLower(key)]
		if len(value) != 1 || value[0] == "" {
			value = fallback
		}
		if value == nil {
			null = true
			continue
		}
		tokens = append(tokens, naivePlain(value[0])...)
	}
}

// condition judges one key of an operator given in lower case.
func (n naive) condition(operator, key string, values []any) bool {
	base, all := strings.CutPrefix(operator, "forallvalues:")
	base, some := strings.CutPrefix(base, "foranyvalue:")
	base, ifExists := strings.CutSuffix(base, "ifexists")
	negated := strings.Contains(base, "not")
	found := n.keys[strings.ToLower(key)]
	if base == "null" {
		return slices.ContainsFunc(values, func(v any) bool {
			want := strings.ToLower(naiveText(v))
			return want == "true" && len(found) == 0 || want == "false" && len(found) > 0
		})
	}
	if len(found) == 0 {
		return all || !some && (ifExists || negated)
	}
	if all && strings.Join(found, "") == "" {
		return true
	}
	if len(found) > 1 && !all && !some {
		return false
	}
	if len(values) == 0 {
		return negated && !all && !some && !ifExists
	}
	holds := func(value string) bool {
		if negated {
			return !slices.ContainsFunc(values, func(v any) bool {
				equal, ok := n.compare(base, value, naiveText(v))
				return equal || !ok
			})
		}
		return slices.ContainsFunc(values, func(v any) bool {
			equal, ok := n.compare(base, value, naiveText(v))
			return equal && ok
		})
	}
	if all {
		return !slices.ContainsFunc(found, func(v string) bool { return !holds(v) })
	}
	return slices.ContainsFunc(found, holds)
}

// compare tests one value against another, without the operator's negation.
func (n naive) compare(base, value, expected string) (holds, ok bool) {
	base = strings.Replace(base, "not", "", 1)
	switch {
	case strings.HasPrefix(base, "numeric"):
		got, want := naiveNumber(value), naiveNumber(expected)
		if got == nil || want == nil {
			return false, false
		}
		return naiveOrder(base, got.Cmp(want)), true
	case strings.HasPrefix(base, "date"):
		got, okGot := naiveDate(value)
		want, okWant := naiveDate(expected)
		return naiveOrder(base, got.Compare(want)), okGot && okWant
	case base == "ipaddress":
		return naiveAddress(value, expected)
	case base == "binaryequals":
		want, err := base64.StdEncoding.DecodeString(expected)
		return string(want) == value, err == nil
	}
	tokens, null := n.expand(expected, base == "stringlike" || strings.HasPrefix(base, "arn"))
	if null {
		return false, true
	}
	switch base {
	case "bool":
		got, want := strings.ToLower(value), strings.ToLower(naiveString(tokens))
		return got == want && (got == "true" || got == "false"), true
	case "stringequals":
		return value == naiveString(tokens), true
	case "stringequalsignorecase":
		return strings.Map(unicode.ToLower, value) == strings.Map(unicode.ToLower, naiveString(tokens)), true
	case "stringlike":
		return naiveGlob(tokens, []rune(value)), true
	default:
		return naiveARN(tokens, value)
	}
}

func naiveOrder(base string, sign int) bool {
	switch {
	case strings.HasSuffix(base, "lessthan"):
		return sign < 0
	case strings.HasSuffix(base, "lessthanequals"):
		return sign <= 0
	case strings.HasSuffix(base, "greaterthan"):
		return sign > 0
	case strings.HasSuffix(base, "greaterthanequals"):
		return sign >= 0
	default:
		return sign == 0
	}
}

var naiveNumberForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

func naiveNumber(s string) *big.Rat {
	if !naiveNumberForm.MatchString(s) {
		return nil
	}
	n, _ := new(big.Rat).SetString(s)
	return n
}

var naiveEpochForm = regexp.MustCompile(`^[0-9]{1,18}$`)

var naiveDateForm = regexp.MustCompile(`^\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?$`)

func naiveDate(s string) (time.Time, bool) {
	if naiveEpochForm.MatchString(s) {
		seconds, _ := new(big.Int).SetString(s, 10)
		return time.Unix(seconds.Int64(), 0), true
	}
	if !naiveDateForm.MatchString(s) {
		return time.Time{}, false
	}
	for _, layout := range []string{
		"2006-01", "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", time.RFC3339,
	} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

func naiveAddress(value, expected string) (holds, ok bool) {
	ip := net.ParseIP(value)
	_, block, err := net.ParseCIDR(expected)
	if single := net.ParseIP(expected); single != nil {
		bits := 8 * len(single)
		if v4 := single.To4(); v4 != nil {
			single, bits = v4, 32
		}
		block, err = &net.IPNet{IP: single, Mask: net.CIDRMask(bits, bits)}, nil
	}
	if ip == nil || err != nil {
		return false, false
	}
	return block.Contains(ip), true
}

func naiveARN(pattern []token, value string) (holds, ok bool) {
	var parts [][]token
	part := []token{}
	for _, t := range pattern {
		if t.char == ':' && len(parts) < 5 {
			parts, part = append(parts, part), []token{}
			continue
		}
		part = append(part, t)
	}
	parts = append(parts, part)
	values := strings.SplitN(value, ":", 6)
	if len(parts) != 6 || len(values) != 6 || values[0] != "arn" {
		return false, false
	}
	for i := range parts {
		if !naiveGlob(parts[i], []rune(values[i])) {
			return false, true
		}
	}
	return true, true
}
