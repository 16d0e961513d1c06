//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	decodeTrials = 41
	tokenSize    = 1500 // characters, about
)

// decode measures reading a token of about 1.5 kB, and the same by `step` where it is on
// PATH (go install github.com/smallstep/cli/cmd/step@latest).
func (b bench) decode(ctx context.Context) ([]figure, error) {
	token, err := b.mint(ctx)
	if err != nil {
		return nil, err
	}
	ours, err := b.reading(ctx, b.fcoidc, "decode", "--token-file", token)
	if err != nil {
		return nil, err
	}
	figures := []figure{
		{name: fmt.Sprintf("decode (median of %d)", decodeTrials), measured: milliseconds(ours.wall), command: shown("decode", "--token-file", "token")},
		{name: "decode, memory", measured: mebibytes(ours.peakRSS), command: shown("decode", "--token-file", "token")},
	}
	step, lookErr := exec.LookPath("step")
	if lookErr != nil {
		fmt.Fprintln(os.Stderr, "bench: NOT MEASURED: step is not on PATH, so decode has nothing to be compared with")
		return figures, nil //nolint:nilerr // without step there is nothing to compare with, and that was said
	}
	theirs, err := b.reading(ctx, "sh", "-c", `exec "$1" crypto jwt inspect --insecure < "$2"`, "sh", step, token)
	if err != nil {
		return figures, err
	}
	version, err := measure(ctx, b.environment(), step, "version")
	if err != nil {
		return figures, err
	}
	first, _, _ := strings.Cut(string(version.stdout), "\n")
	fmt.Fprintln(os.Stderr, "decode is compared with", first)
	figures[0].goal, figures[0].missed = "≤ half of step's "+milliseconds(theirs.wall), 2*ours.wall > theirs.wall
	figures[1].goal, figures[1].missed = "≤ half of step's "+mebibytes(theirs.peakRSS), 2*ours.peakRSS > theirs.peakRSS
	return figures, nil
}

// mint writes a token of the sandbox's issuer to a file and returns its path.
func (b bench) mint(ctx context.Context) (string, error) {
	args := []string{"sandbox", "token", "--phase", "plan", "--org-id", orgID}
	short, err := measure(ctx, b.environment(), b.fcoidc, args...)
	if err != nil {
		return "", err
	}
	if missing := tokenSize - len(bytes.TrimSpace(short.stdout)); missing > 0 {
		args = append(args, "--claim", "padding="+strings.Repeat("x", missing*3/4)) // base64 adds a third
	}
	long, err := measure(ctx, b.environment(), b.fcoidc, args...)
	if err != nil {
		return "", err
	}
	path := filepath.Join(b.folder, "token")
	return path, os.WriteFile(path, bytes.TrimSpace(long.stdout), 0o600)
}

// reading is the median time of a command, and the most memory of any run.
func (b bench) reading(ctx context.Context, name string, args ...string) (usage, error) {
	var peak int64
	wall, err := median(decodeTrials, func() (time.Duration, error) {
		u, err := measure(ctx, b.environment(), name, args...)
		peak = max(peak, u.peakRSS)
		return u.wall, err
	})
	return usage{wall: wall, peakRSS: peak}, err
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
