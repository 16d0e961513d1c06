package policy

// evaluate judges one condition. The rules for missing keys, set operators and lists
// are those of reference_policies_elements_condition_operators.html and
// reference_policies_condition-single-vs-multi-valued-context-keys.html.
func (c *Condition) evaluate(ctx Context) ConditionTrace {
	t := ConditionTrace{Condition: c, FoundAt: -1, ExpectedAt: -1, ctx: ctx}
	if !c.Key.Present() {
		t.Holds, t.Why, t.Open = true, NoKeys, c.open
		return t
	}
	t.Found, t.Key, _ = ctx.Get(c.Key.Text)
	var v verdict
	switch {
	case c.Operator.Family == NullFamily:
		v = c.null(&t)
	case len(t.Found) == 0:
		t.Why = KeyMissing
		v = c.missing()
	case c.Operator.Set == ForAllValues && allEmpty(t.Found):
		t.Why = NullDataSet
		v.holds = true
		if len(c.Values) == 0 {
			v.open = OpenEmptyValues
		}
	case len(t.Found) > 1 && c.Operator.Set == NoSet:
		t.Why = ManyValues
		v.open = OpenManyValues
	case len(c.Values) == 0:
		t.Why = NoValues
		if c.Operator.Set == NoSet && !c.Operator.IfExists {
			v = verdict{c.Operator.Negated, OpenEmptyValues}
		}
	default:
		v = c.compare(&t)
	}
	t.Holds, t.Open = v.holds, v.open|c.open
	return t
}

// missing judges a key that the request does not have.
func (c *Condition) missing() verdict {
	switch {
	case c.Operator.Set == ForAllValues:
		return verdict{holds: true}
	case c.Operator.Set == ForAnyValue && c.Operator.IfExists:
		return verdict{open: OpenAnyValueIfExists}
	case c.Operator.Set == ForAnyValue:
		return verdict{}
	default:
		return verdict{holds: c.Operator.IfExists || c.Operator.Negated}
	}
}

// allEmpty reports whether the request's values are a null data set.
func allEmpty(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}

// null judges the operator Null, whose values say whether the key must be absent.
func (c *Condition) null(t *ConditionTrace) verdict {
	absent := "true"
	t.Why = KeyMissing
	if len(t.Found) > 0 {
		absent, t.Why = "false", KeyPresent
	}
	v, at, _ := c.test(absent, nil)
	t.ExpectedAt = at
	if len(t.Found) > 0 && allEmpty(t.Found) || len(c.Values) > 1 || c.Operator.Set != NoSet {
		v.open |= OpenNull
	}
	if len(c.Values) == 0 {
		t.Why = NoValues
		v.open = OpenEmptyValues
	}
	return v
}

// compare tests the request's values: each of them for ForAllValues, any for
// ForAnyValue, else the only one.
func (c *Condition) compare(t *ConditionTrace) verdict {
	all := c.Operator.Set == ForAllValues
	sum := verdict{holds: all}
	for i, value := range t.Found {
		v, at, why := c.test(value, t.ctx)
		if decides := v.holds != all; t.FoundAt < 0 && (decides || i == len(t.Found)-1) {
			t.FoundAt, t.ExpectedAt, t.Why = i, at, why
		}
		if all {
			sum = sum.and(v)
		} else {
			sum = sum.or(v)
		}
	}
	return sum
}

// test judges one value of the request against all of the condition: some must match,
// or with a negated operator none. at is the one that matches, or -1.
func (c *Condition) test(value string, ctx Context) (sum verdict, at int, why Why) {
	sum, at, why = verdict{holds: c.Operator.Negated}, -1, NotComparable
	for i, m := range c.matchers {
		result, open := m.match(value, ctx)
		switch {
		case result == matches && at < 0:
			at, why = i, Matches
		case result == differs && at < 0:
			why = Differs
		}
		if !c.Operator.Negated {
			sum = sum.or(verdict{result == matches, open})
			continue
		}
		if result == incomparable {
			open |= c.openNegated()
		}
		sum = sum.and(verdict{result == differs, open})
	}
	return sum, at, why
}

// openNegated marks a negated comparison that fails because there is nothing to compare.
func (c *Condition) openNegated() OpenRules {
	if c.Operator.Family == NumericFamily || c.Operator.Family == DateFamily {
		return OpenNegatedNotComparable
	}
	return 0
}
