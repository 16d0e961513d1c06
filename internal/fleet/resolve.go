package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"

	"github.com/forgecroft/fcoidc/internal/awserr"
	"github.com/forgecroft/fcoidc/internal/regions"
)

// Resolve finds the targets that o asks for, in its order, each account once. A target that
// cannot be reached has its Err set and leaves the others alone. The error is an [InputError]
// for wrong options, an [awserr.Error] if no target at all could be reached for want of
// credentials or network, and ctx's error if that ended first.
func Resolve(ctx context.Context, o Options) ([]Target, error) {
	if o.Load == nil {
		o.Load = func(ctx context.Context, profile string) (aws.Config, error) {
			return LoadConfig(ctx, profile, o.Region)
		}
	}
	if len(o.RoleNames) == 0 {
		o.RoleNames = DefaultRoleNames()
	}
	if o.Concurrency < 1 || o.Concurrency > maxConcurrency {
		o.Concurrency = maxConcurrency
	}
	accounts, err := o.read()
	if err != nil {
		return nil, err
	}
	profiles := []string{""}
	if len(o.Profiles) > 0 {
		if profiles, err = expandProfiles(o.Profiles); err != nil {
			return nil, err
		}
	}
	var targets []Target
	if len(accounts) > 0 {
		targets, err = o.fromAccounts(ctx, profiles, accounts)
	} else {
		targets, err = o.fromProfiles(ctx, profiles)
	}
	if err != nil {
		return nil, err
	}
	return o.name(targets), ctx.Err()
}

// name labels the targets that have no name yet.
func (o *Options) name(targets []Target) []Target {
	for i := range targets {
		targets[i] = o.named(targets[i])
	}
	return targets
}

func (o *Options) named(t Target) Target {
	t.Name = cmp.Or(t.Name, o.Names[t.Account])
	return t
}

// fromProfiles makes a target of each profile's own account.
func (o *Options) fromProfiles(ctx context.Context, profiles []string) ([]Target, error) {
	targets := make([]Target, len(profiles))
	var bad problems
	for i, profile := range profiles {
		cfg, err := o.load(ctx, profile)
		targets[i] = Target{Name: profile, Source: sourceOf(profile), Region: cfg.Region, Config: cfg, Err: err}
		if err == nil {
			o.checkConfigRegion(&bad, profile, cfg.Region)
		}
	}
	if err := bad.err(); err != nil {
		return nil, err
	}
	o.each(targets, func(i int) Target { return identify(ctx, targets[i], profiles[i]) })
	if err := allFailed(targets); err != nil {
		return nil, err
	}
	targets = distinct(targets)
	known := func(t Target) string { return t.Account }
	if err := o.excludesOnly(collect(targets, known)); err != nil {
		return nil, err
	}
	targets = slices.DeleteFunc(targets, func(t Target) bool { return slices.Contains(o.leftOut(), t.Account) })
	if len(targets) == 0 {
		return nil, &InputError{Problems: []string{"--exclude-account leaves no account"}}
	}
	return targets, nil
}

func collect[T any](all []T, account func(T) string) []string {
	ids := make([]string, len(all))
	for i, one := range all {
		ids[i] = account(one)
	}
	return ids
}

func (o *Options) leftOut() []string { return slices.Concat(o.Exclude, o.Spare) }

// excludesOnly refuses to exclude an account that is none of those asked for: with a typo
// in the id, the account that was to be spared would be deployed to. Where an account's
// id is not known, nobody can tell.
func (o *Options) excludesOnly(ids []string) error {
	if slices.Contains(ids, "") {
		return nil
	}
	var bad problems
	for _, id := range o.Exclude {
		if !slices.Contains(ids, id) {
			bad.add("--exclude-account %s is none of the accounts asked for; check the id, or leave it out", id)
		}
	}
	return bad.err()
}

// identify asks whose credentials a profile's target has.
func identify(ctx context.Context, t Target, profile string) Target {
	if t.Err == nil {
		var who caller
		var calls atomic.Int64
		if who, t.Err = whoami(CountCalls(ctx, &calls), stsClient(t.Config), nil); t.Err == nil {
			t.Account, t.Partition, t.Caller = who.account, who.partition, who.arn
			t.Err = checkPartition(t.Region, who)
		}
		t.Calls = int(calls.Load())
	}
	if t.Err != nil && t.Account == "" && profile != "" {
		t.Account = accountOfProfile(ctx, profile)
	}
	if failed, ok := errors.AsType[*awserr.Error](t.Err); ok {
		t.Err = awserr.ForProfile(failed, profileOf(t.Config, profile))
	}
	return t
}

// allFailed returns why, if not one profile gave credentials: there is nothing to go on with.
func allFailed(targets []Target) error {
	var errs []error
	for _, t := range targets {
		if t.Err == nil {
			return nil
		}
		if len(targets) == 1 {
			return t.Err
		}
		errs = append(errs, fmt.Errorf("%s: %w", t.Source, t.Err))
	}
	return errors.Join(errs...)
}

// distinct keeps the first of the targets that are the same account. One that could not be
// reached gives way to one that could.
func distinct(targets []Target) []Target {
	var kept []Target
	at := map[string]int{} // index in kept
	for _, t := range targets {
		i, again := at[t.Account]
		switch {
		case t.Account == "" || !again:
			at[t.Account] = len(kept)
			kept = append(kept, t)
		case kept[i].Err != nil && t.Err == nil:
			t.Notes = append(t.Notes, "It is the account of "+kept[i].Source+" too, whose credentials do not work: "+kept[i].Err.Error()+".")
			kept[i] = t
		default:
			note := "It is the account of " + t.Source + " too, which is left out."
			if t.Region != kept[i].Region {
				note = "It is the account of " + t.Source + " (" + t.Region + ") too, which is left out: IAM is the same in all Regions."
			}
			kept[i].Notes = append(kept[i].Notes, note)
		}
	}
	return kept
}

// fromAccounts makes a target of each account, reached by a role from one set of credentials.
func (o *Options) fromAccounts(ctx context.Context, profiles []string, accounts []wanted) ([]Target, error) {
	if len(profiles) != 1 {
		return nil, &InputError{Problems: []string{fmt.Sprintf("with accounts, --profile says whose credentials assume the roles: give one, not %d (%s)", len(profiles), strings.Join(profiles[:min(len(profiles), 5)], ", "))}}
	}
	if err := o.excludesOnly(collect(accounts, func(w wanted) string { return w.account })); err != nil {
		return nil, err
	}
	excluded := map[string]bool{}
	for _, id := range o.leftOut() {
		excluded[id] = true
	}
	accounts = slices.DeleteFunc(accounts, func(w wanted) bool { return excluded[w.account] })
	if len(accounts) == 0 {
		return nil, &InputError{Problems: []string{"--exclude-account leaves no account"}}
	}
	cfg, err := o.load(ctx, profiles[0])
	if err != nil {
		return nil, err
	}
	var bad problems
	o.checkConfigRegion(&bad, profiles[0], cfg.Region)
	if err := bad.err(); err != nil {
		return nil, err
	}
	door, err := openDoor(ctx, o, cfg)
	if err != nil {
		if failed, ok := errors.AsType[*awserr.Error](err); ok {
			return nil, awserr.ForProfile(failed, profileOf(cfg, profiles[0]))
		}
		return nil, err
	}
	targets := make([]Target, len(accounts))
	o.each(targets, func(i int) Target { return door.enter(ctx, accounts[i]) })
	return targets, nil
}

// each fills targets, several at a time. What fails is in the target.
func (o *Options) each(targets []Target, enter func(i int) Target) {
	var g errgroup.Group // not WithContext: one account must not cancel its neighbours
	g.SetLimit(o.Concurrency)
	var telling sync.Mutex
	for i := range targets {
		g.Go(func() error {
			targets[i] = enter(i) // each goroutine owns its slot
			if o.Entered != nil {
				telling.Lock()
				defer telling.Unlock()
				o.Entered(o.named(targets[i]), len(targets))
			}
			return nil
		})
	}
	_ = g.Wait()
}

// load is o.Load with the flag's Region and our patience put in.
func (o *Options) load(ctx context.Context, profile string) (aws.Config, error) {
	cfg, err := o.Load(ctx, profile)
	if err != nil {
		return aws.Config{}, awserr.ForProfile(err, profile)
	}
	cfg.Region = cmp.Or(o.Region, cfg.Region)
	if cfg.Retryer == nil {
		cfg.Retryer = Retryer
	}
	return cfg, nil
}

// checkConfigRegion refuses a configuration without a Region, or with one that AWS does not have.
func (o *Options) checkConfigRegion(bad *problems, profile, region string) {
	if o.Region != "" {
		return // checked with the other flags
	}
	where := "the AWS configuration"
	if profile != "" {
		where = "profile " + profile
	}
	if region == "" {
		bad.add("%s has no Region: give --region, or set AWS_REGION", where)
	} else if problem := checkRegion(region); problem != "" {
		bad.add("the Region of %s: %s", where, problem)
	}
}

// checkPartition refuses a Region of another partition than the credentials.
func checkPartition(region string, who caller) error {
	partition, known := regions.PartitionOf(region)
	if !known || partition.ID == who.partition {
		return nil
	}
	mine, _ := regions.PartitionByID(who.partition)
	return &InputError{Problems: []string{fmt.Sprintf("Region %s is in partition %s, but the credentials (%s) are of %s: give --region, such as %s", region, partition.ID, who.arn, who.partition, cmp.Or(mine.GlobalRegion, "one of that partition"))}}
}

func sourceOf(profile string) string {
	if profile == "" {
		return "current credentials"
	}
	return "--profile " + profile
}
