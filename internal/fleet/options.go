package fleet

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/forgecroft/fcoidc/internal/regions"
)

// Options say which accounts are meant.
//
// Without Accounts and AccountsFile the targets are the accounts of Profiles or, without
// those either, the account of the current credentials. With accounts, the current
// credentials, or those of the one profile given, assume a role in each.
type Options struct {
	// Load gives the configuration of a profile of the shared config, "" for the SDK's
	// default chain. Nil is [LoadConfig].
	Load func(ctx context.Context, profile string) (aws.Config, error)

	Profiles     []string // names, or globs over the shared config's profiles
	Accounts     []string // 12 digits each
	AccountsFile string   // CSV, or YAML by its ending; see readAccountsFile
	Exclude      []string // accounts to leave out; each must be among those asked for
	Spare        []string // accounts to leave out wherever they turn up
	RoleNames    []string // tried in order in each account, paths allowed; default DefaultRoleNames
	ExternalID   string   // sent with each AssumeRole; empty for none
	Region       string   // of every target; empty for what the configuration says

	// Entered is told of each account once it was entered, or could not be, one at a time in no
	// order; total is how many there are. Nil is told nothing.
	Entered func(t Target, total int)

	// Names are labels by account id, for accounts that got none elsewhere.
	Names map[string]string

	// Concurrency bounds how many accounts are asked at once; 0 and what is above
	// maxConcurrency stand for maxConcurrency.
	Concurrency int
}

// DefaultRoleNames are the roles by which AWS Organizations and AWS Control Tower let the
// management account into the accounts they create.
func DefaultRoleNames() []string {
	return []string{"OrganizationAccountAccessRole", "AWSControlTowerExecution"}
}

// maxConcurrency keeps within STS's 600 requests a second for the caller's account, against
// which every cross-account AssumeRole counts (IAM User Guide, "IAM and STS quotas"), and the
// number of sockets small; at 50 ms a call it is 2,500 calls a second.
const maxConcurrency = 128

// InputError says what is wrong with the options or the accounts file, one sentence each.
// Nothing was changed, and no account was worked on.
type InputError struct{ Problems []string }

func (e *InputError) Error() string { return strings.Join(e.Problems, "\n") }

// problems collects everything that is wrong, so that all of it is told at once.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return &InputError{Problems: p}
}

// wanted is an account that the user named.
type wanted struct {
	account string
	name    string
	role    string // the only role to try there; empty for Options.RoleNames
	source  string
	notes   []string
}

// read checks the options as far as that needs no AWS, reads the accounts file, and returns
// the accounts in the order they were named, each once.
func (o *Options) read() ([]wanted, error) {
	var bad problems
	accounts := make([]wanted, 0, len(o.Accounts))
	at := map[string]int{} // index in accounts
	for _, id := range o.Accounts {
		if problem := CheckAccount(id); problem != "" {
			bad.add("--account %s", problem)
			continue
		}
		if _, twice := at[id]; twice {
			bad.add("--account %s is given twice", id)
			continue
		}
		at[id] = len(accounts)
		accounts = append(accounts, wanted{account: id, source: "--account " + id})
	}
	o.check(&bad)
	if o.AccountsFile == "" {
		return accounts, bad.err()
	}
	listed, err := readAccountsFile(o.AccountsFile)
	if err != nil {
		bad = append(bad, err.Problems...)
	}
	for _, w := range listed {
		i, both := at[w.account]
		if !both {
			accounts = append(accounts, w)
			continue
		}
		// One account, named in two ways: the file knows more of it.
		accounts[i].name, accounts[i].role = w.name, w.role
		accounts[i].notes = append(accounts[i].notes, "It is named by "+w.source+" too.")
	}
	return accounts, bad.err()
}

// check refuses the other options' wrong values.
func (o *Options) check(bad *problems) {
	refuse := func(flag, problem string) {
		if problem != "" {
			bad.add("%s %s", flag, problem)
		}
	}
	for _, id := range slices.Concat(o.Exclude, o.Spare) {
		refuse("--exclude-account", CheckAccount(id))
	}
	for _, name := range o.RoleNames {
		refuse("--role-name", checkRole(name))
	}
	if o.ExternalID != "" {
		refuse("--external-id", checkExternalID(o.ExternalID))
	}
	if o.Region != "" {
		refuse("--region", checkRegion(o.Region))
	}
	for i, p := range o.Profiles {
		if slices.Contains(o.Profiles[:i], p) {
			bad.add("--profile %s is given twice", p)
		}
	}
}

// checkRole returns what is wrong with a role name, starting with it quoted, or "". The rules
// are those of iam:CreateRole, parameters RoleName and Path (here without the leading slash).
func checkRole(name string) string {
	if _, after, ok := strings.Cut(name, ":role/"); ok && strings.HasPrefix(name, "arn:") {
		return fmt.Sprintf("%q is an ARN; give the role's name alone: %s", name, after)
	}
	slash := strings.LastIndexByte(name, '/')
	path, base := name[:slash+1], name[slash+1:]
	if base == "" || len(base) > 64 || !onlyWordsAnd(base, "+=,.@-") || strings.HasPrefix(path, "/") || len(path) > 511 || strings.ContainsFunc(path, notGraphic) {
		return fmt.Sprintf("%q is no role name: letters, digits and +=,.@_-, at most 64; a path goes before it, as in team/Deployer", name)
	}
	return ""
}

// checkExternalID follows sts:AssumeRole, parameter ExternalId. It does not quote the id, which
// some treat as a secret.
func checkExternalID(id string) string {
	if len(id) < 2 || len(id) > 1224 || !onlyWordsAnd(id, "+=,.@:/-") {
		return "takes 2 to 1224 letters, digits and +=,.@:/_-, without blanks"
	}
	return ""
}

// onlyWordsAnd reports whether s has nothing but ASCII letters, digits, _ and the given characters.
func onlyWordsAnd(s, extra string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !isWord(r) && !strings.ContainsRune(extra, r) })
}

func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
}

func notGraphic(r rune) bool { return r < 0x21 || r > 0x7e }

// checkRegion returns what is wrong with a Region's id, starting with it, or "".
func checkRegion(id string) string {
	if _, ok := regions.Lookup(id); ok {
		return ""
	}
	if near := regions.Nearest(id); near != "" {
		return fmt.Sprintf("%s is no AWS Region: did you mean %s?", id, near)
	}
	return id + " is no AWS Region, such as us-east-1 or eu-central-1"
}
