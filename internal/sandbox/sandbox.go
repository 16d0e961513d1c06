package sandbox

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/forgecroft/fcoidc/internal/template"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/regions"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// DefaultAccounts is how many accounts a new sandbox has unless asked otherwise.
const DefaultAccounts = 5

// MaxAccounts is the most a sandbox may have.
const MaxAccounts = 100_000

// Options are what a sandbox is made of. The zero value is a sandbox of
// five accounts in memory that answers at once.
type Options struct {
	// Dir is the state folder, shared by every process that names it. Empty keeps all in memory.
	Dir string

	// Accounts is how many of the accounts show, the management account included. 0 means as many
	// as the state folder has, or DefaultAccounts in a new one. More than it has adds accounts,
	// fewer leaves the rest out of sight, with their state kept.
	Accounts int

	// StackDuration is about how long a stack operation takes; APILatency how long every call does.
	StackDuration, APILatency time.Duration

	// Faults are what goes wrong on purpose; see [ParseFaults].
	Faults []Fault

	// Seed chooses which calls and accounts the faults hit. The same seed hits the same ones.
	// A state folder keeps the seed of the sandbox that made it for its ids.
	Seed string

	// Keys says which claims of a token STS takes as condition keys: AWS's own table and what the
	// issuer documents (trust.KeysIssuer, also if empty), or AWS's table alone (trust.KeysDocumented).
	Keys trust.Keys

	// Intercept, if set, sees every call before it is answered. Tests use it to break one call in one
	// account: an error from [APIError] reaches the client as a service error, any
	// other as a broken connection. It may be called concurrently.
	Intercept func(Call) error
}

// Call is what [Options.Intercept] is told of a request.
type Call struct {
	Service, Action string // "iam", "GetRole"
	Account, Region string
}

// APIError makes the error with which an Intercept lets a call fail as AWS would.
func APIError(status int, code, message string) error {
	return &apiError{Status: status, Code: code, Message: message}
}

// Sandbox is a local AWS. Its methods may be called concurrently.
type Sandbox struct {
	options   Options
	seed      string // of ids
	services  map[string]*service
	accounts  []Account
	slots     []guarded // same index as accounts
	blobs     blobs
	policies  policyCache
	templates templateCache
	calls     counter
	faults    faultPlan
	identity  identityStore // of its issuer
	judge     func() (*exchange.Judge, error)

	organization organizationStore
	lookups      rateLimit // of CloudTrail's event history, by account and Region
}

// guarded is a slot and the lock that makes one goroutine at a time its owner.
type guarded struct {
	mu sync.Mutex
	slot
}

// New makes a sandbox, or opens the one in o.Dir. It fails if the folder is something
// else, was written by a later version, or is damaged.
func New(o Options) (*Sandbox, error) {
	if o.Accounts < 0 || o.Accounts > MaxAccounts {
		return nil, fmt.Errorf("%d sandbox accounts: a sandbox has 1 to %d", o.Accounts, MaxAccounts)
	}
	n, seed := o.Accounts, o.Seed
	if o.Dir != "" {
		m, err := openFolder(o.Dir, o.Accounts, o.Seed)
		if err != nil {
			return nil, err
		}
		seed = m.Seed
		if n == 0 {
			n = m.Accounts
		}
	}
	if n == 0 {
		n = DefaultAccounts
	}
	s := &Sandbox{
		options:  o,
		seed:     seed,
		services: services(),
		accounts: make([]Account, n),
		slots:    make([]guarded, n),
		blobs:    blobs{all: map[string]string{}},
		calls:    counter{byAccount: map[string]*tally{}},
		judge:    sync.OnceValues(func() (*exchange.Judge, error) { return newJudge(o.Keys, template.DefaultIssuer) }),
	}
	if o.Dir != "" {
		s.blobs.dir = filepath.Join(o.Dir, blobsDir)
	}
	for i := range s.accounts {
		s.accounts[i] = accountAt(i)
	}
	s.faults = planFaults(o.Faults, o.Seed, s.accounts)
	s.lookups.second = s.faults.lookups
	return s, nil
}

// Accounts returns the sandbox's accounts, the management account first.
func (s *Sandbox) Accounts() []Account { return append([]Account(nil), s.accounts...) }

// Config returns an SDK configuration that acts as the administrator of the management
// account and whose every call this sandbox answers in process.
func (s *Sandbox) Config(region string) aws.Config {
	return s.ConfigFor(s.accounts[0].ID, region)
}

// ConfigFor is [Sandbox.Config] for the administrator of any account.
func (s *Sandbox) ConfigFor(accountID, region string) aws.Config {
	creds := AdminCredentials(accountID)
	return aws.Config{
		Region:      region,
		HTTPClient:  s.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil }),
	}
}

// account returns the account with the given id.
func (s *Sandbox) account(id string) (Account, bool) {
	i, ok := accountIndex(id)
	if !ok || i >= len(s.accounts) {
		return Account{}, false
	}
	return s.accounts[i], true
}

// errNoAccount is what open says of an id that is no account of this sandbox.
var errNoAccount = errors.New("no such sandbox account")

// open locks an account, between goroutines and between processes, brings it to the
// present, lets use work on it and writes it if it changed.
func (s *Sandbox) open(id, region string, use func(*account) error) error {
	i, ok := accountIndex(id)
	if !ok || i >= len(s.accounts) {
		return fmt.Errorf("%w: %s", errNoAccount, id)
	}
	g := &s.slots[i]
	g.mu.Lock()
	defer g.mu.Unlock()

	create := func() *accountState { return s.newAccountState(s.accounts[i]) }
	path := ""
	if s.options.Dir == "" {
		if g.state == nil {
			g.state = create()
		}
	} else {
		folder := accountFolder(s.options.Dir, id)
		path = filepath.Join(folder, stateName)
		unlock, err := lockAccount(folder)
		if err != nil {
			return fmt.Errorf("lock the sandbox's account %s: %w", id, err)
		}
		defer unlock()
		if err := g.load(path, create); err != nil {
			return err
		}
	}

	a := &account{Account: s.accounts[i], sandbox: s, state: g.state, now: time.Now()}
	for _, svc := range s.services {
		if svc.advance != nil {
			svc.advance(a)
		}
	}
	// What went on by itself follows from the file, the clock and the seed, so that whoever
	// reads the file later finds the same: only what the request changes needs writing.
	a.dirty = false
	a.partition = partitionOf(region)
	err := use(a)
	if a.dirty && path != "" {
		if werr := g.save(path); err == nil && werr != nil {
			err = werr
		}
	}
	return err
}

// partitionOf is the partition of a Region; of one that nobody knows, the commercial one.
func partitionOf(region string) string {
	if p, ok := regions.PartitionOf(region); ok {
		return p.ID
	}
	return "aws"
}

// globalRegion is the Region that calls to a global service count as made in.
func globalRegion(partition string) string {
	if p, ok := regions.PartitionByID(partition); ok {
		return p.GlobalRegion
	}
	return "us-east-1"
}
