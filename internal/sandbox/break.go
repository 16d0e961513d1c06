package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/template"
)

// Breakage is a fault that [Sandbox.Break] can make.
type Breakage struct {
	Name    string
	Cause   string // the code by which doctor names it first
	Summary string // what is wrong, one line
	Needs   Needs  // what it takes to see it
}

// Needs says what shows a fault besides the account and the issuer.
type Needs string

// What shows a fault.
const (
	NeedsNothing Needs = ""
	NeedsToken   Needs = "token"   // a token of the issuer, minted after the fault was made
	NeedsOrgID   Needs = "org_id"  // the organization's true id, or a token
	NeedsRegions Needs = "regions" // the Regions that Forgecroft uses
	NeedsTry     Needs = "try"     // a real exchange in the Region of the fault
)

// fault is a breakage and how it is made. Of the three ways a fault has one.
type fault struct {
	Breakage
	account      func(*broken) error
	organization func(*broken) (*controlPolicy, error) // attached to the account
	issuer       func(*identity) error
}

// Breakages are the faults there are, in the order of an exchange.
func Breakages() []Breakage {
	var all []Breakage
	for _, f := range catalogue() {
		all = append(all, f.Breakage)
	}
	return all
}

// Broken is what [Sandbox.Break] did.
type Broken struct {
	Breakage
	Account Account // the zero Account for a fault of the issuer, which every account sees
	Region  string  // that the fault is about; empty: none in particular
	OrgID   string  // the organization that the account was deployed for before the fault; for one of the issuer that of some account
}

// Break makes a fault in an account that holds a stack of Forgecroft's template; empty means the first one
// of them that is not the management account, which no policy of the organisation binds. Several
// faults can be made one after the other.
func (s *Sandbox) Break(name, accountID string) (Broken, error) {
	all := catalogue()
	i := slices.IndexFunc(all, func(f fault) bool { return f.Name == name })
	if i < 0 {
		return Broken{}, fmt.Errorf("no fault is called %q; fcoidc sandbox break --list shows those there are", name)
	}
	f := all[i]
	if f.issuer != nil {
		return Broken{Breakage: f.Breakage, OrgID: s.someOrganization()}, s.changeIssuer(f.issuer)
	}
	acct, region, err := s.deployed(accountID)
	if err != nil {
		return Broken{}, err
	}
	if f.organization != nil && acct.Management {
		return Broken{}, fmt.Errorf("%s: the management account %s is not bound by the organisation's policies; choose another with --account", name, acct.ID)
	}
	done := Broken{Breakage: f.Breakage, Account: acct}
	err = s.open(acct.ID, region, func(a *account) error {
		if st := a.findStack(region); st != nil {
			done.OrgID = st.Now.Parameters[template.ParamOrgID]
		}
		done.Region, err = a.breakBy(f, region)
		return err
	})
	if err != nil {
		return Broken{}, fmt.Errorf("%s in %s: %w", name, acct.ID, err)
	}
	return done, nil
}

// brokenState remembers how an account was before its faults.
type brokenState struct {
	Faults []string        `json:"faults"`
	Before json.RawMessage `json:"before"` // the account's state
	Region string          `json:"region"` // of its stack
	Mark   string          `json:"mark"`   // of its stack once the faults were made; see [account.stackMark]
}

// breakBy makes a fault in an open account whose stack is in a Region. It returns the Region
// that the fault is about.
func (a *account) breakBy(f fault, region string) (about string, err error) {
	st := a.findStack(region)
	if st == nil {
		return "", errors.New("its stack is gone")
	}
	before, err := a.snapshot()
	if err != nil {
		return "", err
	}
	kept := a.state.Broken
	if kept == nil || kept.Region != region || kept.Mark != a.stackMark(region) { // whoever deployed since has mended what was broken
		kept = &brokenState{Before: before, Region: region}
	}
	b := &broken{account: a, stack: st, region: region}
	b.plan, b.apply = b.role(template.ResourcePlanRole), b.role(template.ResourceApplyRole)
	if f.organization != nil {
		err = b.bind(f)
	} else {
		err = f.account(b)
	}
	if err != nil {
		return "", errors.Join(err, a.restore(before)) // what was half done
	}
	kept.Faults, kept.Mark = append(kept.Faults, f.Name), a.stackMark(region)
	a.state.Broken = kept
	a.touch()
	return b.about, nil
}

// snapshot is the account's state without what is remembered of faults.
func (a *account) snapshot() (json.RawMessage, error) {
	st := *a.state
	st.Broken = nil
	return json.Marshal(&st)
}

// restore puts the account back to a snapshot.
func (a *account) restore(before json.RawMessage) error {
	next := a.sandbox.newAccountState(a.Account)
	next.Roles = nil
	if err := json.Unmarshal(before, next); err != nil {
		return err
	}
	// Ids are given out once, and what happened has happened.
	next.Serial, next.WebIdentityCalls, next.Broken = a.state.Serial, a.state.WebIdentityCalls, a.state.Broken
	*a.state = *next
	return nil
}

// stackMark tells the deployments in a Region apart: another one has another mark.
func (a *account) stackMark(region string) string {
	s := a.findStack(region)
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%s %d", s.ID, len(s.Operations))
}

// Unbroken is what [Sandbox.Unbreak] did in an account.
type Unbroken struct {
	Account Account
	Faults  []string
	Left    bool // the account was deployed since its faults were made, and stays as it is
}

// Unbreak takes back every fault of an account, of all accounts if accountID is empty, and those of
// the issuer.
func (s *Sandbox) Unbreak(accountID string) (accounts []Unbroken, issuer bool, err error) {
	if _, ok := s.account(accountID); accountID != "" && !ok {
		return nil, false, s.noSuchAccount(accountID)
	}
	for _, acct := range s.accounts {
		if accountID != "" && acct.ID != accountID {
			continue
		}
		err := s.open(acct.ID, "us-east-1", func(a *account) error {
			u, err := a.mend()
			if len(u.Faults) > 0 {
				accounts = append(accounts, u)
			}
			return err
		})
		if err != nil {
			return accounts, false, fmt.Errorf("undo the faults of %s: %w", acct.ID, err)
		}
	}
	if id, err := s.identity.present(s.options.Dir); id == nil || err != nil {
		return accounts, false, err
	}
	err = s.changeIssuer(func(id *identity) error {
		issuer = id.mend()
		return nil
	})
	return accounts, issuer, err
}

// mend puts an account back to what it was before its faults.
func (a *account) mend() (Unbroken, error) {
	was := a.state.Broken
	if was == nil {
		return Unbroken{}, nil
	}
	if err := a.unbind(); err != nil {
		return Unbroken{}, err
	}
	u := Unbroken{Account: a.Account, Faults: was.Faults, Left: a.stackMark(was.Region) != was.Mark}
	a.state.Broken = nil
	a.touch()
	if u.Left {
		return u, nil
	}
	return u, a.restore(was.Before)
}

func (s *Sandbox) noSuchAccount(id string) error {
	return fmt.Errorf("the sandbox has no account %s; its accounts are %s to %s", id, s.accounts[0].ID, s.accounts[len(s.accounts)-1].ID)
}

// deployed finds the account that is to be broken, and the Region of its stack.
func (s *Sandbox) deployed(accountID string) (Account, string, error) {
	order := slices.Concat(s.accounts[1:], s.accounts[:1])
	if accountID != "" {
		a, ok := s.account(accountID)
		if !ok {
			return Account{}, "", s.noSuchAccount(accountID)
		}
		order = []Account{a}
	}
	for _, acct := range order {
		region := ""
		err := s.open(acct.ID, "us-east-1", func(a *account) error {
			for _, r := range slices.Sorted(maps.Keys(a.state.Stacks)) {
				if region == "" && a.findStack(r) != nil {
					region = r
				}
			}
			return nil
		})
		if err != nil || region != "" {
			return acct, region, err
		}
	}
	if accountID != "" {
		return Account{}, "", fmt.Errorf("the sandbox's account %s holds no stack of Forgecroft's template; deploy it first: fcoidc bootstrap --sandbox --account %s", accountID, accountID)
	}
	return Account{}, "", errors.New("no account of the sandbox holds a stack of Forgecroft's template; deploy it first: fcoidc bootstrap --sandbox")
}

// someOrganization is the organization that the first deployed account was deployed for, whose
// tokens show a fault of the issuer; empty if there is none.
func (s *Sandbox) someOrganization() (org string) {
	acct, region, err := s.deployed("")
	if err != nil {
		return ""
	}
	err = s.open(acct.ID, region, func(a *account) error {
		if st := a.findStack(region); st != nil {
			org = st.Now.Parameters[template.ParamOrgID]
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return org
}

// findStack returns the stack of Forgecroft's template in a Region, nil if there is none.
func (a *account) findStack(region string) *stack {
	r := a.state.Stacks[region]
	if r == nil {
		return nil
	}
	for _, s := range r.Stacks {
		if s.live() && s.resource(template.ResourcePlanRole) != nil && s.resource(template.ResourceApplyRole) != nil {
			return s
		}
	}
	return nil
}

// broken is an account while a fault is made in it.
type broken struct {
	account     *account
	region      string // of the stack
	stack       *stack
	plan, apply *role  // nil if an earlier fault took it away
	about       string // the Region that the fault is about
}

// role finds a role of the stack.
func (b *broken) role(logicalID string) *role {
	return b.account.state.Roles[nameKey(b.stack.resource(logicalID).PhysicalID)]
}

// roles are the plan and the apply role. Both must be there.
func (b *broken) roles() ([]*role, error) {
	if b.plan == nil || b.apply == nil {
		return nil, errors.New("a role of its stack is gone; undo the fault that took it away: fcoidc sandbox break --undo")
	}
	return []*role{b.plan, b.apply}, nil
}

// provider finds the provider that the stack's roles trust.
func (b *broken) provider() (*provider, error) {
	roles, err := b.roles()
	if err != nil {
		return nil, err
	}
	_, key, _ := strings.Cut(trustedProvider(roles[0].Trust), ":oidc-provider/")
	if p := b.account.state.Providers[key]; p != nil {
		return p, nil
	}
	return nil, errors.New("the provider that its plan role trusts is gone; undo the fault that took it away: fcoidc sandbox break --undo")
}
