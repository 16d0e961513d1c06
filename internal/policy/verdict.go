package policy

// verdict is an outcome together with the open rules it rests on: with none it is
// certain, else AWS may come to the opposite one.
type verdict struct {
	holds bool
	open  OpenRules
}

// not turns the outcome round; it rests on the same rules.
func (v verdict) not() verdict { return verdict{!v.holds, v.open} }

// or joins alternatives. One certain alternative that holds makes the whole certain;
// if none holds, each must be certain.
func (v verdict) or(w verdict) verdict {
	switch {
	case v.holds == w.holds && !v.holds:
		return verdict{false, v.open | w.open}
	case !v.holds:
		return w
	case !w.holds:
		return v
	case v.open == 0 || w.open == 0:
		return verdict{holds: true}
	default:
		return verdict{true, v.open | w.open}
	}
}

// and joins requirements, as or joins alternatives.
func (v verdict) and(w verdict) verdict { return v.not().or(w.not()).not() }
