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
	region = "us-east-1"
	orgID  = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"

	stackDuration = 20 * time.Second
	manyAccounts  = 1000

	// What one account may cost beyond its stack's own time, and what a thousand may
	// cost beyond one.
	oneAccountFactor   = 1.10
	manyAccountsFactor = 1.25
	memoryGoal         = 150 << 20 // bytes
	callsGoal          = 12        // API calls an account
)

// results is the part of bootstrap's JSON document that is looked at.
type results struct {
	Targets []struct {
		Account  string `json:"account"`
		Action   string `json:"action"`
		Status   string `json:"status"`
		APICalls int    `json:"api_calls"`
	} `json:"targets"`
}

// created reads bootstrap's document and checks that all stacks were made: a run that
// did less is not a measurement.
func created(document []byte, accounts int) (results, error) {
	var r results
	if err := json.Unmarshal(document, &r); err != nil {
		return r, fmt.Errorf("read bootstrap's JSON: %w", err)
	}
	if len(r.Targets) != accounts {
		return r, fmt.Errorf("bootstrap reports %d targets, not %d", len(r.Targets), accounts)
	}
	for _, t := range r.Targets {
		if t.Action != "create" || t.Status != "succeeded" {
			return r, fmt.Errorf("%s: %s %s, not create succeeded", t.Account, t.Action, t.Status)
		}
	}
	return r, nil
}

// sandbox measures one account, and a thousand at once, on the embedded sandbox with
// AWS-like times.
func (b bench) sandbox(ctx context.Context) ([]figure, error) {
	bootstrap := func(accounts int) []string {
		return []string{
			"bootstrap", "--no-verify", "--sandbox", "--sandbox-accounts", strconv.Itoa(accounts),
			"--stack-duration", stackDuration.String(), "--api-latency", "50ms",
			"--org-id", orgID, "--allowed-regions", "us-east-1,us-west-2", "--concurrency", strconv.Itoa(manyAccounts),
			"--yes", "-o", "json",
		}
	}
	oneState := "FCOIDC_STATE_DIR=" + filepath.Join(b.folder, "one")
	manyState := "FCOIDC_STATE_DIR=" + filepath.Join(b.folder, "many")

	// Planning and the change set, without the stack.
	review, err := measure(ctx, b.environment(oneState), b.fcoidc, append(bootstrap(1), "--dry-run")...)
	if err != nil {
		return nil, err
	}
	one, err := measure(ctx, b.environment(oneState), b.fcoidc, bootstrap(1)...)
	if err != nil {
		return nil, err
	}
	if _, err := created(one.stdout, 1); err != nil {
		return nil, err
	}
	oneGoal := time.Duration(oneAccountFactor*float64(stackDuration)) + review.wall
	figures := []figure{{
		name: "one account, stack of 20 s", measured: seconds(one.wall),
		goal:   fmt.Sprintf("≤ %s (1.10 × 20 s, and %s for the change set)", seconds(oneGoal), seconds(review.wall)),
		missed: one.wall > oneGoal, command: shown(bootstrap(1)...),
	}}

	many, err := measure(ctx, b.environment(manyState), b.fcoidc, bootstrap(manyAccounts)...)
	if err != nil {
		return figures, err
	}
	r, err := created(many.stdout, manyAccounts)
	if err != nil {
		return figures, err
	}
	calls := 0
	for _, t := range r.Targets {
		calls = max(calls, t.APICalls)
	}
	manyGoal := time.Duration(manyAccountsFactor * float64(one.wall))
	command := shown(bootstrap(manyAccounts)...)
	return append(figures,
		figure{
			name: "1,000 accounts at once", measured: seconds(many.wall),
			goal: "≤ " + seconds(manyGoal) + " (1.25 × one account)", missed: many.wall > manyGoal, command: command,
		},
		figure{
			name: "peak memory, the sandbox's included", measured: fmt.Sprintf("%d MiB", many.peakRSS>>20),
			goal: fmt.Sprintf("≤ %d MiB", memoryGoal>>20), missed: many.peakRSS > memoryGoal, command: command,
		},
		figure{
			name: "API calls of the account with most, those to get in included", measured: strconv.Itoa(calls),
			goal: fmt.Sprintf("≤ %d", callsGoal), missed: calls > callsGoal, command: command,
		},
	), nil
}
