//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"time"
)

const (
	lookConcurrency = 32 // doctor's default
	lookLatency     = 50 * time.Millisecond
	// slowLatency is so long that the calls are all that a run's time is made of.
	slowLatency = 500 * time.Millisecond
	slowBatches = 5 // of as many accounts as are looked at at once

	lookFactor     = 1.5       // of the time of the calls themselves
	lookMemoryGoal = 200 << 20 // bytes
	lookCallsGoal  = 14        // API calls an account
)

// look is the part of doctor's JSON document that is looked at.
type look struct {
	Summary struct {
		Targets  int `json:"targets"`
		Unproven int `json:"unproven"`
		APICalls int `json:"api_calls"`
	} `json:"summary"`
}

// doctor measures a look at a thousand accounts of the sandbox. What the calls themselves take is
// measured too: how much longer several batches of as many accounts as are looked at at once take
// than one of them, where calls are so slow that nothing else counts.
func (b bench) doctor(ctx context.Context) ([]figure, error) {
	state := "FCOIDC_STATE_DIR=" + filepath.Join(b.folder, "doctor")
	deploy := []string{
		"bootstrap", "--no-verify", "--sandbox", "--sandbox-accounts", strconv.Itoa(manyAccounts),
		"--org-id", orgID, "--allowed-regions", "us-east-1,us-west-2", "--concurrency", strconv.Itoa(manyAccounts), "--yes", "-o", "json",
	}
	u, err := measure(ctx, b.environment(state), b.fcoidc, deploy...)
	if err != nil {
		return nil, err
	}
	if _, err := created(u.stdout, manyAccounts); err != nil {
		return nil, err
	}
	one, err := b.lookAt(ctx, state, lookConcurrency, slowLatency)
	if err != nil {
		return nil, err
	}
	several, err := b.lookAt(ctx, state, slowBatches*lookConcurrency, slowLatency)
	if err != nil {
		return nil, err
	}
	batch := float64(several.wall-one.wall) / (slowBatches - 1) * float64(lookLatency) / float64(slowLatency)
	calls := batch * manyAccounts / lookConcurrency
	all, err := b.lookAt(ctx, state, manyAccounts, lookLatency)
	if err != nil {
		return nil, err
	}
	goal := time.Duration(lookFactor * calls)
	perAccount := float64(all.Summary.APICalls) / manyAccounts
	command := shown(lookArguments(manyAccounts, lookLatency)...)
	return []figure{
		{
			name: "doctor, 1,000 accounts", measured: seconds(all.wall), command: command, missed: all.wall > goal,
			goal: fmt.Sprintf("≤ %s (1.5 × the calls, %d accounts at once)", seconds(goal), lookConcurrency),
		},
		{
			name: "peak memory, the sandbox's included", measured: mebibytes(all.peakRSS), command: command,
			goal: "≤ " + mebibytes(lookMemoryGoal), missed: all.peakRSS > lookMemoryGoal,
		},
		{
			name: "API calls an account, those of the whole run included", measured: fmt.Sprintf("%.1f", perAccount), command: command,
			goal: fmt.Sprintf("≤ %d", lookCallsGoal), missed: perAccount > lookCallsGoal,
		},
	}, nil
}

func lookArguments(accounts int, latency time.Duration) []string {
	return []string{
		"doctor", "--sandbox", "--sandbox-accounts", strconv.Itoa(accounts), "--api-latency", latency.String(),
		"--org-id", orgID, "--regions", "us-east-1,us-west-2", "--concurrency", strconv.Itoa(lookConcurrency), "-o", "json",
	}
}

// looked is a run of doctor and what it says of itself.
type looked struct {
	usage
	look
}

// lookAt runs doctor over accounts, and checks that it found them as they are: a run that saw less
// is no measurement.
func (b bench) lookAt(ctx context.Context, state string, accounts int, latency time.Duration) (looked, error) {
	u, err := measure(ctx, b.environment(state), b.fcoidc, lookArguments(accounts, latency)...)
	if err != nil {
		return looked{}, err
	}
	l := looked{usage: u}
	if err := json.Unmarshal(u.stdout, &l.look); err != nil {
		return l, fmt.Errorf("read doctor's JSON: %w", err)
	}
	if l.Summary.Targets != accounts || l.Summary.Unproven != accounts {
		return l, fmt.Errorf("doctor finds %d of %d accounts as Forgecroft documents it, not %d", l.Summary.Unproven, l.Summary.Targets, accounts)
	}
	return l, nil
}
