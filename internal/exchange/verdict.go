package exchange

import (
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// Decision is what AWS would answer.
type Decision string

// The decisions. Unknown: the trust policy cannot be read, or what decides is not in the case.
const (
	Allow   Decision = "allow"
	Deny    Decision = "deny"
	Unknown Decision = "unknown"
)

// Basis is whose word a decision rests on.
type Basis string

// The bases. A decision that would be another one by AWS's table alone rests on the issuer's
// documentation; one that AWS documents nowhere, or in two ways, is open.
const (
	Documented Basis = "documented"
	ByIssuer   Basis = "issuer"
	Open       Basis = "open"
)

// Stage is a step of the exchange.
type Stage string

// The stages in STS's order. Which of two failures at different stages AWS names first is
// observed for some pairs and inferred for others.
const (
	StageRequest      Stage = "request"
	StageToken        Stage = "token"
	StageClaims       Stage = "claims"
	StageTimes        Stage = "times"
	StageProvider     Stage = "provider"
	StageKeys         Stage = "keys"
	StageAudience     Stage = "audience"
	StageRolesClaim   Stage = "roles_claim"
	StageSessionTags  Stage = "session_tags"
	StageTrustPolicy  Stage = "trust_policy"
	StageOrganization Stage = "organization"
	StageDuration     Stage = "duration"
	StageGranted      Stage = "granted"
)

// Kind names what is wrong. Where a cause of a failed exchange is meant by it, it is that
// cause's code.
type Kind string

// The kinds of problems.
const (
	SessionNameInvalid  Kind = "session_name_invalid"
	RoleARNInvalid      Kind = "role_arn_invalid"
	DurationExceedsMax  Kind = "duration_exceeds_max"
	ProviderIDGiven     Kind = "provider_id_given"
	WrongToken          Kind = "wrong_token"
	AlgUnsupported      Kind = "token_alg_unsupported"
	ClaimMissing        Kind = "token_claim_missing"
	ClaimMalformed      Kind = "token_claim_malformed"
	TokenExpired        Kind = "token_expired"
	TokenTooOld         Kind = "token_too_old"
	TokenNotYetValid    Kind = "token_not_yet_valid" //nolint:gosec // because it is a cause, no credential
	ProviderMissing     Kind = "provider_missing"
	IssuerURLMismatch   Kind = "issuer_url_mismatch"
	DiscoveryBad        Kind = "discovery_unreachable"
	ThumbprintMismatch  Kind = "thumbprint_mismatch"
	KeyMissing          Kind = "jwks_key_missing"
	SignatureInvalid    Kind = "signature_invalid"
	AudNotInProvider    Kind = "aud_not_in_provider"
	AudienceMultiple    Kind = "audience_multiple"
	RolesClaim          Kind = "roles_claim_excludes_role"
	SessionTagsBad      Kind = "session_tags_malformed"
	RoleMissing         Kind = "role_missing"
	NotTrusted          Kind = "not_trusted" // the trust policy does not admit the token
	TagSessionMissing   Kind = "tag_session_missing"
	SourceIdentityNotOK Kind = "source_identity_not_allowed"
	OrgPolicyDeny       Kind = "org_policy_deny"
)

// Problem is one thing for which STS would refuse the call.
type Problem struct {
	Stage Stage
	Kind  Kind
	Answer
	Subject         string // what it is about: a claim, a parameter, a provider
	Expected, Found string
	Detail          string // one clause more, "" if there is nothing to add
}

// Verdict is what AWS would answer to a case, and why.
type Verdict struct {
	Decision           Decision
	DecisionDocumented Decision // by AWS's published condition keys alone
	Basis              Basis
	Answer                       // where the decision is deny
	Stage              Stage     // the one that the call reaches
	Problems           []Problem // everything that stands in the way, in the order of the stages

	Provider    claims.Provider // what is known of the issuer
	ProviderARN string          // of the provider that must vouch for the token
	// AccountAssumed says that nothing tells the account of ProviderARN, which is [ExampleAccount].
	AccountAssumed bool
	Context        policy.Context // in which the trust policy was evaluated, as far as a policy of the case asks for it
	Policy         *Policy        // the trust policy; nil if the case holds none
	Trace          policy.Result  // of sts:AssumeRoleWithWebIdentity
	Open           policy.OpenRules
	Unknown        []string // condition keys that decide and that only the call could tell
	Grant          Grant    // where the decision is allow

	contexts trust.ContextBuilder // of Context
}

// Grant is what STS answers to a call that it grants.
type Grant struct {
	Subject, Audience, Provider, SourceIdentity string
	AssumedRoleARN                              string // "" if the case does not know role and session
	SessionSeconds                              int
	Tags                                        []claims.Tag
}

// Has reports whether some problem is of the kind.
func (v *Verdict) Has(kind Kind) bool {
	for i := range v.Problems {
		if v.Problems[i].Kind == kind {
			return true
		}
	}
	return false
}
