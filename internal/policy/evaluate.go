package policy

import (
	"slices"
	"strings"
)

// Request is what a policy is asked about.
type Request struct {
	Action    string     // "sts:AssumeRoleWithWebIdentity"; letter case is ignored
	Resource  string     // an ARN, or "*" where the action has none; "" leaves Resource and NotResource untested, as for a trust policy
	Principal *Principal // nil leaves Principal and NotPrincipal untested, as for an identity policy
	Context   Context
}

// Decision is what a policy, all by itself, says to a request.
type Decision uint8

// The decisions (reference_policies_evaluation-logic.html). The zero value denies.
const (
	ImplicitDeny Decision = iota // no statement allows it
	ExplicitDeny                 // a Deny matches
	Allowed                      // an Allow matches and no Deny does
)

// String returns "allowed", "explicitDeny" or "implicitDeny", as IAM's simulator does.
func (d Decision) String() string {
	switch d {
	case Allowed:
		return "allowed"
	case ExplicitDeny:
		return "explicitDeny"
	default:
		return "implicitDeny"
	}
}

// Evaluate answers the request and says how it came to the answer. Every statement
// and every condition is judged, also where the decision is clear before, so that a
// diagnosis sees all that stands in the way. The result refers to the document and to
// the request's context; neither may be changed while it is in use. Words are made
// only when asked for.
func (d *Document) Evaluate(r Request) Result {
	var result Result
	d.EvaluateInto(&result, r)
	return result
}

// EvaluateInto is [Document.Evaluate] into the memory of a result that is no longer needed.
func (d *Document) EvaluateInto(result *Result, r Request) {
	if result.action != r.Action {
		result.action, result.lower = r.Action, strings.ToLower(r.Action)
	}
	result.Decision = ImplicitDeny
	result.Statements = slices.Grow(result.Statements[:0], len(d.Statements))[:len(d.Statements)]
	conditions := slices.Grow(result.conditions[:0], d.conditions)
	for i := range d.Statements {
		s := &d.Statements[i]
		t := &result.Statements[i]
		t.Statement = s
		t.Principal, t.Action, t.Resource = s.traceElements(&r, result.lower)
		t.Matched = t.Principal.Holds && t.Action.Holds && t.Resource.Holds
		start := len(conditions)
		for j := range s.Conditions {
			c := s.Conditions[j].evaluate(r.Context)
			t.Matched = t.Matched && c.Holds
			conditions = append(conditions, c)
		}
		t.Conditions = conditions[start:len(conditions):len(conditions)]
		if t.Matched {
			result.Decision = result.Decision.with(s.Effect)
		}
	}
	result.conditions = conditions
}

// Decide answers the request as Evaluate does, without a trace.
func (d *Document) Decide(r Request) Decision {
	lower := strings.ToLower(r.Action)
	decision := ImplicitDeny
	for i := range d.Statements {
		s := &d.Statements[i]
		if decision == Allowed && s.Effect == Allow || !s.matches(&r, lower) {
			continue
		}
		if decision = decision.with(s.Effect); decision == ExplicitDeny {
			break
		}
	}
	return decision
}

// with returns the decision once a further statement of this effect matches.
func (d Decision) with(e Effect) Decision {
	if e == Deny || d == ExplicitDeny {
		return ExplicitDeny
	}
	return Allowed
}

// matches reports whether all of the statement holds.
func (s *Statement) matches(r *Request, lower string) bool {
	principal, action, resource := s.traceElements(r, lower)
	if !principal.Holds || !action.Holds || !resource.Holds {
		return false
	}
	for i := range s.Conditions {
		if t := s.Conditions[i].evaluate(r.Context); !t.Holds {
			return false
		}
	}
	return true
}

func (s *Statement) traceElements(r *Request, lower string) (principal, action, resource ElementTrace) {
	principal = ElementTrace{Holds: true, At: -1, kind: principalElement}
	if r.Principal != nil {
		principal = s.tracePrincipal(r.Principal)
	}
	action = s.traceAction(r.Action, lower)
	resource = ElementTrace{Holds: true, At: -1, kind: resourceElement}
	switch {
	case r.Resource == "":
	case s.Resource == nil && s.NotResource == nil && r.Principal != nil:
		// A trust policy names no resource: it is the role it belongs to.
	default:
		resource = s.traceResource(r.Resource, r.Context)
	}
	return principal, action, resource
}
