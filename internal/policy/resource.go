package policy

// traceResource judges the resource. Wildcards reach over colons: IAM lets a * that
// ends a part of the ARN expand beyond it (reference_policies_elements_resource.html).
func (s *Statement) traceResource(resource string, c Context) ElementTrace {
	find := func(e *Element) (verdict, int) {
		sum, at := verdict{}, -1
		for i, p := range e.resources {
			result, open := p.match(resource, c)
			if result == matches && at < 0 {
				at = i
			}
			sum = sum.or(verdict{result == matches, open})
		}
		return sum, at
	}
	return traceElements(resourceElement, resource, s.Resource, s.NotResource, find)
}

// traceElements judges an element and its negation. Where both stand, which IAM does
// not store, both must hold; where neither does, or a list is empty, nothing matches.
// find looks for the value of an element that takes in what was asked.
func traceElements(kind elementKind, asked string, element, negated *Element, find func(*Element) (verdict, int)) ElementTrace {
	t := ElementTrace{Tested: true, At: -1, kind: kind, asked: asked}
	if element == nil && negated == nil {
		return t
	}
	sum := verdict{holds: true}
	if element != nil {
		t.Element = element
		v, at := find(element)
		t.At = at
		sum = sum.and(v)
	}
	if negated != nil {
		v, at := find(negated)
		if t.Element == nil || v.holds && sum.holds { // show the element that decides
			t.Element, t.At = negated, at
		}
		if len(negated.Values) == 0 {
			v = verdict{holds: true} // names nothing to leave out: no effect
		}
		sum = sum.and(v.not())
	}
	t.Holds, t.Open = sum.holds, sum.open
	return t
}
