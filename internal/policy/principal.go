package policy

import "strings"

// Principal is who makes a request.
type Principal struct {
	Kind    string // "Federated", "AWS" or "Service"
	ID      string // the provider's ARN or bare name; the ARN of a user, role or root; a service such as "ec2.amazonaws.com"
	Account string // 12 digits; the account of the provider, user or role
}

// The kinds of principals a statement can name (reference_policies_elements_principal.html).
const (
	federatedKind     = "Federated"
	awsKind           = "AWS"
	serviceKind       = "Service"
	canonicalUserKind = "CanonicalUser"
)

var principalKinds = []string{federatedKind, awsKind, serviceKind, canonicalUserKind}

// names judges whether an entry of a statement names p. Principals are compared
// exactly, without wildcards. An account names each of its users and roles; that one
// of these may need an identity policy of its own besides is the caller's concern.
func (e PrincipalEntry) names(p *Principal, effect Effect) verdict {
	kind, id := e.Kind.Text, e.ID.Text
	switch p.Kind {
	case federatedKind:
		return e.namesFederated(p, effect)
	case awsKind:
		bare := !e.Kind.Present() && id == "*" // "Principal": "*" is {"AWS": "*"} to everyone but a web identity
		return verdict{holds: bare || kind == awsKind && (id == "*" || id == p.ID || p.Account != "" && accountNamed(id) == p.Account)}
	default:
		return verdict{holds: kind == p.Kind && id == p.ID}
	}
}

// namesFederated judges a web identity. {"AWS": "*"} does not admit one although the
// page calls it everyone: observed on AWS in 2026, as captured at
// https://github.com/radkawar/stackd .
func (e PrincipalEntry) namesFederated(p *Principal, effect Effect) verdict {
	id := e.ID.Text
	switch {
	case e.Kind.Text == federatedKind && id == p.ID:
		return verdict{holds: true}
	case e.Kind.Text == federatedKind && strings.EqualFold(id, p.ID):
		return verdict{open: OpenPrincipalCase}
	case e.Kind.Text == federatedKind && id == "*", !e.Kind.Present() && id == "*":
		return verdict{open: OpenPrincipalWildcard}
	case e.Kind.Text == awsKind && effect == Deny && (id == "*" || p.Account != "" && accountNamed(id) == p.Account):
		return verdict{open: OpenPrincipalWildcard}
	default:
		return verdict{}
	}
}

// accountNamed returns the account that an AWS principal names as a whole, by its
// number or by the ARN of its root, else "".
func accountNamed(id string) string {
	if len(id) == 12 && isDigits(id) {
		return id
	}
	if parts, ok := arnParts(id); ok && parts[0] == "arn" && parts[2] == "iam" && parts[3] == "" && parts[5] == "root" {
		return parts[4]
	}
	return ""
}

// tracePrincipal judges who asks. A list that names nobody matches nobody, negated or not.
func (s *Statement) tracePrincipal(p *Principal) ElementTrace {
	t := ElementTrace{Tested: true, At: -1, kind: principalElement, asked: p.ID, Principals: s.Principal}
	if s.Principal == nil && s.NotPrincipal == nil {
		return t
	}
	sum := verdict{holds: true}
	if s.Principal != nil {
		var v verdict
		v, t.At = s.Principal.find(p, s.Effect)
		sum = v
	}
	if s.NotPrincipal != nil {
		v, at := s.NotPrincipal.find(p, s.Effect)
		if s.Principal == nil || v.holds && sum.holds { // show the element that decides
			t.Principals, t.At = s.NotPrincipal, at
		}
		if len(s.NotPrincipal.Entries) > 0 {
			v = v.not()
		}
		sum = sum.and(v)
	}
	t.Holds, t.Open = sum.holds, sum.open
	return t
}

// find joins the verdicts on all entries; at is the first that names p, or -1.
func (e *PrincipalElement) find(p *Principal, effect Effect) (sum verdict, at int) {
	at = -1
	for i, entry := range e.Entries {
		v := entry.names(p, effect)
		if v.holds && at < 0 {
			at = i
		}
		sum = sum.or(v)
	}
	return sum, at
}
