package doctor

import "time"

// Snapshot is one target as it was found: what stands between the issuer and the roles. It is
// plain data, holds no secret and no signature, and can be saved and judged elsewhere.
//
// A fact that could not be looked at is among Missing; what is empty without being there was
// looked at and is not there.
type Snapshot struct {
	Taken     time.Time `json:"taken"`
	Account   string    `json:"account"` // 12 digits
	Name      string    `json:"name,omitempty"`
	Region    string    `json:"region"` // where the stack is looked for
	Partition string    `json:"partition"`
	Caller    string    `json:"caller,omitempty"` // ARN of who looked

	IssuerURL string     `json:"issuer_url"`
	Issuer    *Issuer    `json:"issuer,omitempty"` // nil: nobody looked
	Stacks    []Stack    `json:"stacks,omitempty"`
	Providers []string   `json:"providers,omitempty"` // ARNs of all OIDC providers of the account; read only where Provider is not the token's
	Provider  *Provider  `json:"provider,omitempty"`  // the issuer's; nil: there is none
	Roles     []Role     `json:"roles,omitempty"`     // plan first, then apply, then others that trust the provider
	Regions   []RegionIn `json:"regions,omitempty"`   // all of the partition that AWS told of

	Organization *Organization `json:"organization,omitempty"` // nil: nobody could look, or there is none
	Simulated    []Simulated   `json:"simulated,omitempty"`    // IAM's own word on the apply role, where the organisation's policies could not be read
	History      *History      `json:"history,omitempty"`      // nil: nobody asked
	Token        *Token        `json:"token,omitempty"`        // nil: none was given
	Attempts     []Attempt     `json:"attempts,omitempty"`     // real exchanges of the token

	Asked   Asked    `json:"asked,omitzero"`
	Reach   Reach    `json:"reach,omitzero"`
	Calls   int      `json:"api_calls"` // requests that the look took, repeated ones included
	Missing []Looked `json:"missing,omitempty"`
}

// Asked is what the user knew and asked beside the account, so that a saved snapshot is judged as
// the look was.
type Asked struct {
	OrgID     string   `json:"org_id,omitempty"`
	Regions   []string `json:"regions,omitempty"`    // that Forgecroft uses
	TokenFile string   `json:"token_file,omitempty"` // that holds the token, by name
}

// Reach is how the account was reached, for fixes to reach it again.
type Reach struct {
	Target string `json:"target,omitempty"` // flags of this program, such as "--profile prod"
	AWS    string `json:"aws,omitempty"`    // how the AWS CLI is called, such as "aws --profile prod"
	Run    string `json:"run,omitempty"`    // flags of this program that choose all accounts of the run
}

// Fact names what a check needs of a snapshot.
type Fact string

// The facts.
const (
	FactIdentity     Fact = "identity"     // who looks, and where
	FactIssuer       Fact = "issuer"       // Issuer
	FactStack        Fact = "stack"        // Stacks
	FactProvider     Fact = "provider"     // Providers, Provider
	FactRoles        Fact = "roles"        // that the roles exist, and their trust
	FactPermissions  Fact = "permissions"  // the roles' policies and boundaries
	FactRegions      Fact = "regions"      // Regions
	FactOrganization Fact = "organization" // Organization
	FactHistory      Fact = "history"      // History
	FactToken        Fact = "token"        // Token
)

// Looked is something that could not be looked at.
type Looked struct {
	Fact   Fact   `json:"fact"`
	What   string `json:"what"`             // the thing, such as "role forgecroft-runner-plan"
	Action string `json:"action,omitempty"` // the IAM action that it needs; "" if no permission would help
	Reason string `json:"reason"`           // in words
	Fix    string `json:"fix,omitempty"`
}

// Stack is a stack that made the roles, or was to.
type Stack struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Status     string            `json:"status"`
	Reason     string            `json:"reason,omitempty"`     // of the status, AWS's text
	Ours       bool              `json:"ours"`                 // fcoidc deployed it, or it was made from our template by hand
	Parameters map[string]string `json:"parameters,omitempty"` // those of the template alone
	Outputs    map[string]string `json:"outputs,omitempty"`    // those of the template alone
	SHA256     string            `json:"template_sha256,omitempty"`
	Drift      []Drift           `json:"drift,omitempty"`
	// Compared says that Drift is the outcome of a comparison.
	Compared bool      `json:"compared"`
	Changed  time.Time `json:"changed,omitzero"` // last update, or creation
	// Failure is what CloudFormation says of the first resource that failed; "" if the stack is well.
	Failure string `json:"failure,omitempty"`
}

// Drift is a property of a resource that is not as the stack made it.
type Drift struct {
	Resource string `json:"resource"` // logical id
	Name     string `json:"name"`     // of the role, ARN of the provider
	Property string `json:"property"` // "" if the resource is gone
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
}

// Provider is the account's IAM OIDC provider for the issuer.
type Provider struct {
	ARN         string    `json:"arn"`
	URL         string    `json:"url"` // as IAM keeps it, without https://
	ClientIDs   []string  `json:"client_ids"`
	Thumbprints []string  `json:"thumbprints"`
	ManagedBy   string    `json:"managed_by,omitempty"` // the tag forgecroft:managed-by
	StackID     string    `json:"stack_id,omitempty"`   // the tag forgecroft:stack-id
	Created     time.Time `json:"created,omitzero"`
	// Read says that more than the ARN is known.
	Read bool `json:"read"`
}

// Phase is which of Forgecroft's two phases a role is for.
type Phase string

// The phases; a role may be for neither.
const (
	Plan  Phase = "plan"
	Apply Phase = "apply"
)

// Role is one of the roles that a token is exchanged for.
type Role struct {
	ARN        string `json:"arn"`
	Name       string `json:"name"`
	Path       string `json:"path,omitempty"`
	Phase      Phase  `json:"phase,omitempty"`
	Gone       bool   `json:"gone,omitempty"` // it was looked for and does not exist
	Read       bool   `json:"read"`           // what follows is known
	Trust      string `json:"trust_policy,omitempty"`
	MaxSession int    `json:"max_session_duration,omitempty"` // seconds

	Attached []Policy `json:"attached,omitempty"`
	Inline   []Policy `json:"inline,omitempty"`
	Boundary *Policy  `json:"boundary,omitempty"`
	// PoliciesRead says that Attached, Inline and Boundary are all there is, each with its document.
	PoliciesRead bool `json:"policies_read"`

	ManagedBy  string    `json:"managed_by,omitempty"`
	StackID    string    `json:"stack_id,omitempty"`
	Created    time.Time `json:"created,omitzero"`
	LastUsed   time.Time `json:"last_used,omitzero"`
	LastRegion string    `json:"last_used_region,omitempty"`

	description string // compared with the stack's, and not kept
}

// Policy is a policy with its document, "" if it could not be read.
type Policy struct {
	ARN      string `json:"arn,omitempty"` // "" for an inline policy
	Name     string `json:"name"`
	Document string `json:"document,omitempty"`
}

// RegionIn is a Region's state in the account: ENABLED, ENABLED_BY_DEFAULT, ENABLING, DISABLING
// or DISABLED (Account Management, ListRegions).
type RegionIn struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

// Usable reports whether the account can be used in the Region now.
func (r RegionIn) Usable() bool { return r.Status == "ENABLED" || r.Status == "ENABLED_BY_DEFAULT" }

// Organization holds the policies of the organisation that bind the account.
type Organization struct {
	// Management says that the account is the organisation's management account, which no such
	// policy binds.
	Management bool `json:"management,omitempty"`
	// A request must be allowed by some policy of every level, and denied by none.
	ServiceControl  []Level `json:"scp,omitempty"`
	ResourceControl []Level `json:"rcp,omitempty"`
}

// Level holds the policies of one type that are attached to a root, unit or account.
type Level struct {
	Target   string   `json:"target"` // its id
	Policies []Policy `json:"policies,omitempty"`
}

// naming is how a person finds one of its policies.
func (l Level) naming(p Policy) string {
	if p.ARN == "" {
		return p.Name
	}
	return p.Name + " (" + nameOf(p.ARN) + ", attached to " + l.Target + ")"
}

// Simulated is what IAM's simulator says of one action of the apply role in one Region.
type Simulated struct {
	Role    string `json:"role"`
	Region  string `json:"region"`
	Action  string `json:"action"`
	Allowed bool   `json:"allowed"`
	// ByOrganization is false where a policy of the organisation stands in the way.
	ByOrganization bool `json:"by_organization"`
}

// Role returns the role for a phase, nil if there is none.
func (s *Snapshot) Role(p Phase) *Role {
	for i := range s.Roles {
		if s.Roles[i].Phase == p {
			return &s.Roles[i]
		}
	}
	return nil
}

// Stack returns the stack that made the roles, nil if there is none: the first that is ours.
func (s *Snapshot) Stack() *Stack {
	for i := range s.Stacks {
		if s.Stacks[i].Ours {
			return &s.Stacks[i]
		}
	}
	if len(s.Stacks) > 0 {
		return &s.Stacks[0]
	}
	return nil
}

// Unseen returns what could not be looked at of a fact.
func (s *Snapshot) Unseen(f Fact) (list []Looked) {
	for _, l := range s.Missing {
		if l.Fact == f {
			list = append(list, l)
		}
	}
	return list
}
