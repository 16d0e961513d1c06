package tui

import "slices"

// Answers are what the form asks, the same as the flags of bootstrap. The empty value of
// a field means that it was not given: a stack that is there keeps what it has.
type Answers struct {
	OrgID        string
	Regions      []string // ids, in the order in which they were chosen
	Accounts     []string // keys of [AccountChoice]
	TrustMode    string   // one of the constants TrustMode…
	PlanSubject  string   // with TrustModeSubject
	ApplySubject string   // with TrustModeSubject
	WorkspaceID  string   // without TrustModeSubject; empty lets every workspace apply

	// What the review asks, where plans are blocked for it.
	ReuseProvider    bool // the roles trust a provider for the issuer that is in the account already
	AllowTrustChange bool // an update may alter who may assume the roles
}

// clone is a copy that shares no slice with a.
func (a Answers) clone() Answers {
	a.Regions, a.Accounts = slices.Clone(a.Regions), slices.Clone(a.Accounts)
	return a
}

// The values of [Answers].TrustMode, those of --trust-mode.
const (
	TrustModeClaims      = "claims"
	TrustModeSubject     = "subject"
	TrustModeSessionTags = "session-tags"
)

// Question names one of the [Answers].
type Question string

// The questions, in the order in which they are asked. The last two are asked by the
// review, and only if plans are blocked for them.
const (
	QuestionOrgID            Question = "org_id"
	QuestionRegions          Question = "allowed_regions"
	QuestionAccounts         Question = "accounts"
	QuestionTrustMode        Question = "trust_mode"
	QuestionPlanSubject      Question = "plan_subject"
	QuestionApplySubject     Question = "apply_subject"
	QuestionWorkspaceID      Question = "workspace_id"
	QuestionReuseProvider    Question = "existing_provider"
	QuestionAllowTrustChange Question = "allow_trust_change"
)

// AccountChoice is an account that the form offers.
type AccountChoice struct {
	Key    string // what [Answers].Accounts holds: an account id or the name of a profile
	ID     string // 12 digits, empty if not known before the account is asked
	Name   string // for people; may be empty
	Detail string // where it comes from, or what one should know of it; may be empty
}
