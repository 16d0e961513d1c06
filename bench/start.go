//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/creack/pty"
)

const (
	startGoal   = 10 * time.Millisecond
	startTrials = 41
	sizeGoal    = 24_000_000 // bytes
)

func (b bench) size(context.Context) ([]figure, error) {
	info, err := os.Stat(b.fcoidc)
	if err != nil {
		return nil, err
	}
	return []figure{{
		name: "stripped binary", measured: fmt.Sprintf("%.2f MB", float64(info.Size())/1e6),
		goal: fmt.Sprintf("≤ %d MB", sizeGoal/1_000_000), missed: info.Size() > sizeGoal, command: "ls -l bin/fcoidc",
	}}, nil
}

// start measures how long a command takes that has nothing to do, with its output read
// by a pipe and by a terminal that never answers a query.
func (b bench) start(ctx context.Context) ([]figure, error) {
	floor, err := median(startTrials, func() (time.Duration, error) {
		u, err := measure(ctx, b.environment(), "true")
		return u.wall, err
	})
	if err != nil {
		return nil, err
	}
	figures := []figure{{name: "start of a program that does nothing", measured: milliseconds(floor), command: "true"}}
	for _, arg := range []string{"version", "--help"} {
		piped, err := median(startTrials, func() (time.Duration, error) {
			u, err := measure(ctx, b.environment(), b.fcoidc, arg)
			return u.wall, err
		})
		if err != nil {
			return figures, err
		}
		onTerminal, err := median(startTrials, func() (time.Duration, error) { return b.onSilentTerminal(ctx, arg) })
		if err != nil {
			return figures, err
		}
		for _, f := range []struct {
			where string
			took  time.Duration
		}{{"", piped}, {", terminal that never answers", onTerminal}} {
			figures = append(figures, figure{
				name:     fmt.Sprintf("start of %s%s (median of %d)", arg, f.where, startTrials),
				measured: milliseconds(f.took), goal: "≤ " + milliseconds(startGoal), missed: f.took > startGoal,
				command: shown(arg),
			})
		}
	}
	return figures, nil
}

func (b bench) onSilentTerminal(ctx context.Context, arg string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, b.fcoidc, arg)
	cmd.Env = b.environment("TERM=xterm-256color", "COLORTERM=truecolor")
	began := time.Now()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return 0, fmt.Errorf("%s on a pseudo-terminal: %w", cmd, err)
	}
	defer func() { _ = terminal.Close() }()
	// The read ends with an error, EIO on Linux, once the other end is closed.
	_, _ = io.Copy(io.Discard, terminal)
	if err := cmd.Wait(); err != nil {
		return 0, fmt.Errorf("%s on a pseudo-terminal: %w", cmd, err)
	}
	return time.Since(began), nil
}
