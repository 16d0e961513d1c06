package doctor

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// requestedRegion is the condition key that a Region-bound permission tests.
const requestedRegion = "aws:RequestedRegion"

// allowance is whether permissions let an action be done.
type allowance int

// The allowances. Perhaps: it depends on the resource or on a condition that only the call tells.
const (
	refused allowance = iota
	perhaps
	granted
)

// ruling is an allowance with what decides it.
type ruling struct {
	allowance
	by string // the policy and statement that decide; "" where nothing allows it
	// source is what kind of policy refuses: "identity", "boundary" or "scp".
	source string
}

// permissions are the policies that say together what sessions of a role may do: what some
// identity policy allows, within the boundary and every level of the organisation's policies,
// unless one of them denies it (IAM User Guide, reference_policies_evaluation-logic).
type permissions struct {
	identity []rules
	boundary []rules // nil: none
	levels   [][]rules
	context  policy.Context
	judge    *exchange.Judge
}

// rules are a policy.
type rules struct {
	name string
	doc  *policy.Document // nil if it cannot be read: nobody knows what it says
}

// permissionsOf reads the policies of a role, with a judge that has read most of them before:
// accounts share them.
func permissionsOf(s *Snapshot, r *Role, j *exchange.Judge) *permissions {
	p := &permissions{judge: j, context: policy.Context{
		"aws:PrincipalArn": {r.ARN}, "aws:PrincipalAccount": {s.Account}, "aws:PrincipalType": {"AssumedRole"},
		"aws:SecureTransport": {"true"}, "aws:FederatedProvider": {s.providerARN()},
	}}
	maps.Copy(p.context, trust.NoService())
	p.identity = p.read(slices.Concat(r.Attached, r.Inline))
	if r.Boundary != nil {
		p.boundary = append([]rules{}, p.read([]Policy{*r.Boundary})...)
	}
	if o := s.Organization; o != nil && !o.Management {
		for _, l := range o.ServiceControl {
			level := slices.Clone(l.Policies)
			for i := range level {
				level[i].Name = l.naming(level[i])
			}
			p.levels = append(p.levels, p.read(level))
		}
	}
	return p
}

func (s *Snapshot) providerARN() string {
	if s.Provider != nil {
		return s.Provider.ARN
	}
	return ""
}

func (p *permissions) read(policies []Policy) (list []rules) {
	for _, in := range policies {
		list = append(list, rules{in.Name, p.judge.ReadPolicy([]byte(in.Document)).Document})
	}
	return list
}

// may judges an action in a Region, on any resource. An action whose service does not know the
// Region answers with region as the Region of its endpoint.
func (p *permissions) may(action, region string) ruling {
	ctx := policy.Context{requestedRegion: {region}}
	maps.Copy(ctx, p.context)
	request := policy.Request{Action: action, Context: ctx}
	all := ruling{allowance: granted}
	weigh := func(source string, list []rules) {
		r := judge(list, request)
		r.source = source
		switch {
		case r.allowance < all.allowance:
			all = r
		case all.by == "" && all.allowance == granted:
			all.by = r.by
		}
	}
	weigh("identity", p.identity)
	if p.boundary != nil {
		weigh("boundary", p.boundary)
	}
	for _, level := range p.levels {
		weigh("scp", level)
	}
	return all
}

// judge asks policies of which any may allow and any may deny.
func judge(list []rules, request policy.Request) ruling {
	best := ruling{}
	denied := ruling{allowance: granted}
	for _, r := range list {
		if r.doc == nil {
			if best.allowance == refused {
				best = ruling{allowance: perhaps, by: r.name + ", which cannot be read"}
			}
			continue
		}
		result := r.doc.Evaluate(request)
		for i := range result.Statements {
			t := &result.Statements[i]
			state := applies(t)
			if state == refused {
				continue
			}
			by := r.name + ", " + statementName(t.Statement)
			switch {
			case t.Statement.Effect == policy.Allow && state > best.allowance:
				best = ruling{allowance: state, by: by}
			case t.Statement.Effect == policy.Deny && state == granted:
				denied = ruling{allowance: refused, by: by}
			case t.Statement.Effect == policy.Deny && denied.allowance == granted:
				denied = ruling{allowance: perhaps, by: by}
			}
		}
	}
	if denied.allowance < best.allowance {
		return denied
	}
	return best
}

// withholding names the statement that allows all but some actions, of which this is one; "" if there
// is none.
func withholding(list []rules, action string) string {
	for _, r := range list {
		if r.doc == nil {
			continue
		}
		for i := range r.doc.Statements {
			s := &r.doc.Statements[i]
			if s.Effect == policy.Allow && s.NotAction != nil && !s.MatchesAction(action) {
				return r.name + ", " + statementName(s) + ": all but " + strings.Join(textsOf(s.NotAction.Values), ", ")
			}
		}
	}
	return ""
}

// applies says whether a statement speaks of the request: granted for surely, refused for not.
func applies(t *policy.StatementTrace) allowance {
	if !t.Action.Holds {
		return refused
	}
	state := granted
	if !everyResource(t.Statement) {
		state = perhaps
	}
	for i := range t.Conditions {
		c := &t.Conditions[i]
		switch {
		case c.Key == "" && c.Why != policy.NoKeys && unknowable(c.Condition.Key.Text):
			state = perhaps
		case !c.Holds:
			return refused
		}
	}
	return state
}

// everyResource reports whether a statement is about all resources.
func everyResource(s *policy.Statement) bool {
	if s.NotResource != nil {
		return false
	}
	return s.Resource == nil || slices.ContainsFunc(s.Resource.Values, func(v policy.Value) bool { return strings.Trim(v.Text, "*") == "" && v.Text != "" })
}

// unknowable reports whether a key may be in the context of some call although it is not in ours:
// all but those of which ours knows that sessions of web identities lack them.
func unknowable(key string) bool {
	key = strings.ToLower(key)
	return key != "aws:username" && !strings.HasPrefix(key, "aws:multifactor") && key != "aws:principalservicename"
}

// statementName names a statement as people find it.
func statementName(s *policy.Statement) string {
	if s.Sid.Text != "" {
		return "statement " + strconv.Quote(s.Sid.Text)
	}
	return "statement " + strconv.Itoa(s.Index+1)
}

// AllowedRegions returns the Regions in which the apply role's own policies let it act, as they
// name them, sorted; nil where they name none or could not be read.
func AllowedRegions(s *Snapshot) []string {
	r := s.Role(Apply)
	if r == nil {
		return nil
	}
	var list []string
	for _, p := range slices.Concat(r.Attached, r.Inline) {
		doc, err := policy.Parse([]byte(p.Document))
		if err != nil {
			continue
		}
		for i := range doc.Statements {
			for _, c := range regionConditions(&doc.Statements[i]) {
				list = append(list, textsOf(c.Values)...)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
