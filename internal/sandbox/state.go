package sandbox

import (
	"time"
)

// stateVersion is the version of the account files and of the marker file. A program
// refuses files of a later version, since it would lose what it does not know.
const stateVersion = 1

// accountState is all that one account holds. It is what an account file contains.
type accountState struct {
	Version int    `json:"version"`
	Account string `json:"account"`
	Serial  uint64 `json:"serial"` // how many unique ids were handed out; the next id follows from it

	Providers map[string]*provider      `json:"providers"` // by URL without scheme
	Roles     map[string]*role          `json:"roles"`     // by name in lower case: IAM names differ by more than case
	Policies  map[string]*managedPolicy `json:"policies"`  // customer-managed, by name in lower case

	// EnabledRegions are those of the Regions to opt in to that the account uses; STSOff are the Regions
	// in which its STS is deactivated.
	EnabledRegions []string `json:"enabled_regions,omitempty"`
	STSOff         []string `json:"sts_off,omitempty"`

	// WebIdentityCalls are the latest, oldest first; see [account.recordWebIdentity].
	WebIdentityCalls []webIdentityCall `json:"web_identity_calls,omitempty"`

	// Stacks holds what CloudFormation keeps, by Region.
	Stacks map[string]*regionStacks `json:"stacks,omitempty"`

	// Broken is what [Sandbox.Break] did to the account; nil: nothing.
	Broken *brokenState `json:"broken,omitempty"`

	// StackFailures counts the stack failures injected so far; see [Fault].
	StackFailures int `json:"stack_failures,omitempty"`
}

// account is an account's state while its lock is held, with what a request on it needs to know.
// Whoever changes the state calls touch, else the change is not written.
type account struct {
	Account
	sandbox   *Sandbox
	state     *accountState
	partition string // that ARNs are written with: the one of the Region in the request
	now       time.Time
	dirty     bool
}

// touch marks the account as changed, so that it is written once the request is answered.
func (a *account) touch() { a.dirty = true }

// arn returns an ARN of a service in this account; region is empty for global services.
func (a *account) arn(service, region, resource string) string {
	return "arn:" + a.partition + ":" + service + ":" + region + ":" + a.ID + ":" + resource
}

// uniqueID returns a new id such as IAM gives to its entities: a prefix that tells the kind
// (AROA for a role, ANPA for a policy) and 17 characters. Ids follow from the sandbox's seed,
// the account and how many were given out before.
func (a *account) uniqueID(prefix string) string {
	a.state.Serial++
	a.touch()
	return prefix + idText(a.sandbox.seed, a.ID, prefix, a.state.Serial)
}

// newAccountState is the account as its creation leaves it: with the role by which
// the management account gets in, unless it is the management account itself.
func (s *Sandbox) newAccountState(info Account) *accountState {
	st := &accountState{
		Version:   stateVersion,
		Account:   info.ID,
		Providers: map[string]*provider{},
		Roles:     map[string]*role{},
		Policies:  map[string]*managedPolicy{},
		Stacks:    map[string]*regionStacks{},
	}
	if !info.Management {
		r := s.accessRole(info)
		st.Roles[nameKey(r.Name)] = r
	}
	return st
}
