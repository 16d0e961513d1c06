package policy

import "strings"

// template is the text of a policy value in which policy variables may stand
// (reference_policies_variables.html).
type template struct {
	fixed string // the whole text where parts is nil
	parts []part
}

// part is a stretch of plain text or one variable.
type part struct {
	text        string
	key         string // of a variable
	isVariable  bool
	fallback    string // the text of ${key, 'text'}
	hasFallback bool
}

// style says what a template's text is for.
type style uint8

const (
	plainStyle   style = iota // * and ? are plain characters
	patternStyle              // * and ? become anyRun and anyOne
)

// newTemplate compiles text. Without variables (a document whose Version is not
// 2012-10-17, or an operator in which they do not work) ${ is plain text.
func newTemplate(text string, st style, variables bool) template {
	plain := func(s string) string {
		if st == patternStyle {
			return wildcards.Replace(s)
		}
		return s
	}
	if !variables || !strings.Contains(text, "${") {
		return template{fixed: plain(text)}
	}
	var parts []part
	add := func(s string) {
		if n := len(parts); n > 0 && !parts[n-1].isVariable {
			parts[n-1].text += s
		} else if s != "" {
			parts = append(parts, part{text: s})
		}
	}
	for {
		before, after, found := strings.Cut(text, "${")
		inner, rest, closed := strings.Cut(after, "}")
		if !found || !closed { // ${ without } is plain text
			add(plain(text))
			break
		}
		add(plain(before))
		switch inner {
		case "*", "?", "$":
			add(inner)
		default:
			parts = append(parts, newVariable(inner))
		}
		text = rest
	}
	if len(parts) == 0 {
		return template{}
	}
	if len(parts) == 1 && !parts[0].isVariable {
		return template{fixed: parts[0].text}
	}
	return template{parts: parts}
}

// variables reports whether the text depends on the request.
func (t template) variables() bool { return t.parts != nil }

// newVariable reads what stands between the braces: a key, or a key with a default
// written exactly as ${key, 'text'}.
func newVariable(inner string) part {
	if key, quoted, found := strings.Cut(inner, ", '"); found {
		if fallback, ok := strings.CutSuffix(quoted, "'"); ok {
			return part{isVariable: true, key: key, fallback: fallback, hasFallback: true}
		}
	}
	return part{isVariable: true, key: inner}
}

// resolution is a template with its variables replaced.
type resolution struct {
	text string
	null bool // some variable has no value: the text compares with nothing
	open OpenRules
	wild bool // the text of some variable has a * or ? in it
}

// resolve replaces the variables by the context's values. With substitutedWild the *
// and ? in them become wildcards: the reading not taken, for [OpenSubstitutedWildcard].
func (t template) resolve(c Context, st style, substitutedWild bool) resolution {
	if t.parts == nil {
		return resolution{text: t.fixed}
	}
	var r resolution
	var b strings.Builder
	for _, p := range t.parts {
		if !p.isVariable {
			b.WriteString(p.text)
			continue
		}
		value, ok, open := p.value(c)
		r.open |= open
		if !ok {
			r.null = true
			continue
		}
		r.wild = r.wild || strings.ContainsAny(value, "*?")
		if st == patternStyle {
			value = strings.ToValidUTF8(value, "\uFFFD") // no byte of it may pass for a wildcard
			if substitutedWild {
				value = wildcards.Replace(value)
			}
		}
		b.WriteString(value)
	}
	r.text = b.String()
	return r
}

// value returns the text that stands for the variable; ok is false if it is null.
func (p part) value(c Context) (text string, ok bool, open OpenRules) {
	values, _, _ := c.Get(p.key)
	switch {
	case len(values) == 1 && values[0] != "":
		return values[0], true, 0
	case len(values) > 0:
		open = OpenNullVariable
	}
	return p.fallback, p.hasFallback, open
}
