package trust

import (
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// Options say what is known besides the policy. Of the fields only Table is needed.
type Options struct {
	Table       *claims.KeyTable
	Keys        Keys   // which claims count as condition keys; "" is KeysIssuer
	RoleAccount string // account of the role; a provider of another account admits nobody to it

	// ProviderARN is the provider whose tokens are meant to get in: whoever else does is a hole.
	// "" means each provider that the policy names.
	ProviderARN string
	// Provider is what is known of the issuer of ProviderARN, where that is more than Table
	// says: Forgecroft under another URL, for one.
	Provider *claims.Provider

	Audiences []string // the provider's client ids; none: not known, tokens may have any audience
	Tenant    string   // our organization's id at the issuer, which tells others' and fills corrected statements; "" if not known
}

// Severity rates a hole.
type Severity string

// The severities.
const (
	Critical Severity = "critical" // strangers get in
	Failure  Severity = "failure"  // the policy does not do what it was written for
	Warning  Severity = "warning"  // works, on a doubtful footing
	Info     Severity = "info"
)

// The codes of holes; stable, never reused.
const (
	TenancyConditionMissing      = "tenancy_condition_missing"       // nothing tells our tenant's tokens from another's
	SharedIssuerConditionMissing = "shared_issuer_condition_missing" // the same, for an issuer of which IAM demands the condition
	AudienceConditionMissing     = "audience_condition_missing"      // tokens made for another audience get in
	GuardIfExists                = "guard_if_exists"                 // ...IfExists is true of a token without the claim
	GuardForAllValues            = "guard_for_all_values"            // ForAllValues is true of a token without the claim
	GuardNegated                 = "guard_negated"                   // a negated operator is true of a token without the claim, and of all but a few values
	WildcardOverSeparator        = "wildcard_over_separator"         // a wildcard reaches further than the part of the value it stands in
	WildcardMatchesAll           = "wildcard_matches_all"            // a pattern that every value matches
	ConditionKeyNeverFilled      = "condition_key_never_filled"      // AWS never fills the key for this provider
	ConditionKeyUndocumented     = "condition_key_undocumented"      // the key rests on the issuer's documentation alone
	PolicyNotStorable            = "policy_not_storable"             // IAM would refuse the policy
	ConditionNotJudged           = "condition_not_judged"            // what it lets through cannot be told from the policy
	PrincipalEveryone            = "principal_everyone"              // the statement names everybody
	PrincipalAccountInvalid      = "principal_account_invalid"       // the account of a principal's ARN cannot be one
	ActionByExclusion            = "action_by_exclusion"             // the exchange is allowed by NotAction
	OtherPrincipalAdmitted       = "other_principal_admitted"        // somebody gets in who is not of the provider that is asked about
	OtherOrganizationAdmitted    = "other_organization_admitted"     // besides our tenant the policy names another
	ProviderNotTrusted           = "provider_not_trusted"            // no statement admits tokens of the provider
	PhaseSeparationBroken        = "phase_separation_broken"         // a plan token can assume the apply role
	PhaseSeparationUnclear       = "phase_separation_unclear"        // nobody can tell whether it can
)

// Report is what an audit found.
type Report struct {
	Admissions []Admission // one for each Allow statement and provider, in the order of the document
	Holes      []Hole      // the gravest first, then in the order of the document
}

// Admission is whom one Allow statement admits.
type Admission struct {
	Statement   int         // index in the document
	Span        policy.Span // of the statement
	Principal   string      // the provider's ARN or bare name; for other kinds of principals kind and name
	Issuer      string      // URL of the provider's issuer, "" for other kinds of principals
	Nobody      string      // why the statement admits no token at all, "" if it admits some
	Constraints []Constraint
	Text        string // the whole in one sentence
}

// Constraint is what one condition demands of a token.
type Constraint struct {
	Condition int          // index in the statement's conditions
	Key       string       // as written
	Claim     string       // the claim or other source that fills the key, "" if nothing does
	Basis     claims.Basis // whose word it is that the key is filled
	Operator  string
	Values    []string
	IfMissing bool // holds for a token without the key
	Text      string
	Span      policy.Span // of key and values
}

// Hole is one way in that the policy should not leave open, or a footing that does not bear.
type Hole struct {
	Code      string
	Severity  Severity
	Statement int         // index in the document, -1 if it is about the whole
	Condition int         // index in the statement's conditions, -1 if it is about the statement
	Span      policy.Span // the characters at fault
	Principal string      // the provider whose tokens it is about, or kind and name of another principal; "" if it does not matter
	Other     bool        // Principal is not the provider that is asked about
	Admits    string      // who gets in, in words, where that is more than Token tells
	Summary   string      // one line; text from the document is escaped
	Token     *Token      // the smallest token that gets in by it; nil if none does
	Fix       *Fix        // nil if no rewriting of the statement mends it, or if it names several principals
}

// Fix is a statement to put in the place of the one at fault. It mends all holes of the
// statement that can be mended by rewriting it.
type Fix struct {
	Statement    []byte   // indented JSON
	Placeholders []string // texts in it that have to be replaced first; as they stand they admit nobody
}

// Token is a token with the call that uses it.
type Token struct {
	Claims  map[string]any    // the payload as far as it matters, JSON types
	Call    map[string]string // condition keys that caller and network decide, such as sts:RoleSessionName
	Context policy.Context    // the condition keys that AWS makes of both
}
