package fleet

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/forgecroft/fcoidc/internal/awserr"
)

const (
	// sessionDuration is what every role grants, however it is reached: a role's own maximum is
	// at least an hour, and role chaining allows no more (IAM User Guide, "Role chaining").
	sessionDuration = time.Hour
	// expiryWindow is how long before their end credentials are renewed.
	expiryWindow = 2 * time.Minute
)

// caller is who credentials belong to.
type caller struct{ arn, account, partition string }

// stsClient makes a client of cfg's STS.
func stsClient(cfg aws.Config) *sts.Client {
	return sts.NewFromConfig(cfg, func(o *sts.Options) { o.APIOptions = append(o.APIOptions, CountAttempts) })
}

// whoami asks STS whose the credentials are: those given, or else the client's own. An error is
// an [awserr.Error].
func whoami(ctx context.Context, client *sts.Client, credentials aws.CredentialsProvider) (caller, error) {
	out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
		if credentials != nil {
			o.Credentials = credentials
		}
	})
	if err != nil {
		return caller{}, awserr.Classify(err)
	}
	who := caller{arn: aws.ToString(out.Arn), account: aws.ToString(out.Account)}
	parsed, err := arn.Parse(who.arn)
	if err != nil || !isAccount(who.account) {
		return caller{}, fmt.Errorf("STS answered GetCallerIdentity with account %q and ARN %q, which are not AWS's", who.account, who.arn)
	}
	who.partition = parsed.Partition
	return who, nil
}

// door leads from one set of credentials into other accounts. All accounts share its client, and
// with it connections and memory.
type door struct {
	options *Options
	cfg     aws.Config
	client  *sts.Client
	who     caller
	session string
}

// openDoor finds out whose the credentials are.
func openDoor(ctx context.Context, o *Options, cfg aws.Config) (*door, error) {
	d := &door{options: o, cfg: cfg, client: stsClient(cfg)}
	var err error
	if d.who, err = whoami(ctx, d.client, nil); err != nil {
		return nil, err
	}
	d.session = sessionName(d.who.arn)
	return d, checkPartition(cfg.Region, d.who)
}

// enter makes the target of an account: two calls, or none for the caller's own.
func (d *door) enter(ctx context.Context, w wanted) (t Target) {
	var calls atomic.Int64
	ctx = CountCalls(ctx, &calls)
	defer func() { t.Calls = int(calls.Load()) }()
	t = Target{
		Account: w.account, Name: w.name, Region: d.cfg.Region, Partition: d.who.partition,
		Source: w.source, Notes: w.notes, Config: d.cfg.Copy(),
	}
	if w.account == d.who.account {
		t.Caller = d.who.arn
		if w.role != "" {
			t.Notes = append(t.Notes, "The current credentials are of this account: role "+w.role+" is not assumed.")
		}
		return t
	}
	roles := d.options.RoleNames
	if w.role != "" {
		roles = []string{w.role}
	}
	credentials, err := d.assume(ctx, w.account, roles)
	if err != nil {
		t.Err = err
		return t
	}
	t.Config.Credentials = credentials
	who, err := whoami(ctx, d.client, credentials)
	switch {
	case err != nil:
		t.Err = err
	case who.account != w.account:
		t.Err = &WrongAccountError{Want: w.account, Caller: who.arn, Got: who.account}
	default:
		t.Caller = who.arn
	}
	return t
}

// assume returns credentials of the first role that lets the caller in. The next one is tried
// only where STS denies, which is also its answer for a role that does not exist.
func (d *door) assume(ctx context.Context, account string, roles []string) (aws.CredentialsProvider, error) {
	failed := &AssumeError{Account: account, Caller: d.who.arn}
	for _, role := range roles {
		arn := fmt.Sprintf("arn:%s:iam::%s:role/%s", d.who.partition, account, role)
		provider := stscreds.NewAssumeRoleProvider(d.client, arn, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = d.session
			o.Duration = sessionDuration
			if d.options.ExternalID != "" {
				o.ExternalID = &d.options.ExternalID
			}
		})
		// Not through the cache, which would go on asking after ctx is cancelled.
		credentials, err := provider.Retrieve(ctx)
		if err == nil {
			return aws.NewCredentialsCache(
				&startingWith{first: &credentials, CredentialsProvider: provider},
				func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = expiryWindow },
			), nil
		}
		e := awserr.Classify(err)
		failed.Attempts = append(failed.Attempts, Attempt{Role: role, Err: e})
		if e.Kind != awserr.KindDenied || e.Operation != "AssumeRole" {
			break
		}
	}
	return nil, failed
}

// startingWith gives the credentials that are there already, and asks for new ones after that.
// Its cache never calls it concurrently.
type startingWith struct {
	first *aws.Credentials
	aws.CredentialsProvider
}

// Retrieve returns the first credentials once.
func (s *startingWith) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if s.first == nil {
		return s.CredentialsProvider.Retrieve(ctx)
	}
	credentials := *s.first
	s.first = nil
	return credentials, nil
}

// sessionName is what CloudTrail of the target shows: "fcoidc-" and the last part of the caller's
// ARN, a user or session name. sts:AssumeRole takes 2 to 64 of [\w+=,.@-].
func sessionName(callerARN string) string {
	name := callerARN[strings.LastIndexAny(callerARN, "/:")+1:]
	name = strings.Map(func(r rune) rune {
		if isWord(r) || strings.ContainsRune("+=,.@-", r) {
			return r
		}
		return '-'
	}, name)
	name = "fcoidc-" + name
	return name[:min(len(name), 64)]
}

// Attempt is one role that could not be assumed.
type Attempt struct {
	Role string // name, with its path
	Err  *awserr.Error
}

// AssumeError says that no role lets the caller into an account. Attempts are in the order tried.
type AssumeError struct {
	Account  string
	Caller   string
	Attempts []Attempt
}

func (e *AssumeError) Error() string {
	var tried []string
	for _, a := range e.Attempts {
		tried = append(tried, fmt.Sprintf("role %s: %v", a.Role, a.Err))
	}
	return "no way into account " + e.Account + ": " + strings.Join(tried, "; ")
}

// Unwrap gives the attempts' errors.
func (e *AssumeError) Unwrap() []error {
	errs := make([]error, 0, len(e.Attempts))
	for _, a := range e.Attempts {
		errs = append(errs, a.Err)
	}
	return errs
}

// Hint says what a role needs to let the caller in, or what stopped the last attempt.
func (e *AssumeError) Hint() string {
	if len(e.Attempts) == 0 {
		return ""
	}
	if last := e.Attempts[len(e.Attempts)-1].Err; last.Kind != awserr.KindDenied {
		return last.Hint()
	}
	return "name a role of account " + e.Account + " that trusts " + e.Caller + " with --role-name (and --external-id if it wants one)"
}

// WrongAccountError says that credentials are of another account than the one asked for.
type WrongAccountError struct {
	Want, Got string
	Caller    string // the ARN that STS gave
}

func (e *WrongAccountError) Error() string {
	return fmt.Sprintf("account %s was asked for, but the credentials are of account %s (%s)", e.Want, e.Got, e.Caller)
}

// Hint says where to look.
func (e *WrongAccountError) Hint() string {
	return "check AWS_ENDPOINT_URL and whatever stands between fcoidc and STS: nothing was done in either account"
}
