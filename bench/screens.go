//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
)

const (
	screenGoal   = 100 * time.Millisecond
	screenTrials = 11
	shareGoal    = 10 // percent of one core
	shareSample  = 8 * time.Second
	// shareSettle is far longer than a thousand accounts take to be started (three seconds on
	// two quiet cores, ten on the same two shared with others), and shareStack lasts until well
	// after the sample: what is measured is the waiting, and not the end of the starting.
	shareSettle = 20 * time.Second
	shareStack  = "40s"
)

// screens measures the form's first frame on a terminal that never answers a query, and
// what the live board costs while a thousand accounts are waited for.
func (b bench) screens(ctx context.Context) ([]figure, error) {
	form := []string{"bootstrap", "--no-verify", "--sandbox"}
	first, err := median(screenTrials, func() (time.Duration, error) { return b.firstScreen(ctx, form) })
	if err != nil {
		return nil, err
	}
	figures := []figure{{
		name:     fmt.Sprintf("first screen, terminal that never answers (median of %d)", screenTrials),
		measured: milliseconds(first), goal: "≤ " + milliseconds(screenGoal), missed: first > screenGoal, command: shown(form...),
	}}
	board := []string{
		"bootstrap", "--no-verify", "--sandbox", "--sandbox-accounts", "1000", "--concurrency", "1000", "--stack-duration", shareStack,
		"--org-id", benchOrgID, "--allowed-regions", "us-east-1", "--trust-mode", "claims", "--workspace-id", "",
	}
	share, err := b.boardShare(ctx, board)
	if err != nil {
		return figures, err
	}
	return append(figures, figure{
		name: "live board of 1,000 accounts, while waiting", measured: fmt.Sprintf("%.0f %% of one core", share),
		goal: fmt.Sprintf("≤ %d %%", shareGoal), missed: share > shareGoal, command: shown(board...),
	}), nil
}

// benchOrgID is an organization that nobody has.
const benchOrgID = "11111111-1111-1111-1111-111111111111"

func (b bench) firstScreen(ctx context.Context, args []string) (time.Duration, error) {
	began := time.Now()
	s, err := b.show(ctx, args)
	if err != nil {
		return 0, err
	}
	defer s.end()
	if err := s.wait("Which Forgecroft organization", time.Minute); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

// boardShare is how much of one core the whole program takes between two looks at a run
// that has nothing to do but to wait and to show it.
func (b bench) boardShare(ctx context.Context, args []string) (float64, error) {
	s, err := b.show(ctx, args)
	if err != nil {
		return 0, err
	}
	defer s.end()
	for _, step := range []struct{ wait, keys string }{
		{"Which accounts", "\r"}, {"review", "\r"}, {"Deploy to 1000 accounts", "y"}, {"queued", ""},
	} {
		if err := s.wait(step.wait, time.Minute); err != nil {
			return 0, err
		}
		if _, err := s.terminal.WriteString(step.keys); err != nil {
			return 0, err
		}
	}
	time.Sleep(shareSettle)
	before, err := s.cpu()
	if err != nil {
		return 0, err
	}
	time.Sleep(shareSample)
	after, err := s.cpu()
	return 100 * (after - before).Seconds() / shareSample.Seconds(), err
}

// screen is fcoidc on a pseudo-terminal that answers nothing.
type screen struct {
	cmd      *exec.Cmd
	terminal *os.File
	mu       sync.Mutex
	seen     bytes.Buffer
	closed   chan struct{}
}

func (b bench) show(ctx context.Context, args []string) (*screen, error) {
	state, err := os.MkdirTemp(b.folder, "screen-")
	if err != nil {
		return nil, err
	}
	s := &screen{cmd: exec.CommandContext(ctx, b.fcoidc, args...), closed: make(chan struct{})}
	s.cmd.Env = b.environment("TERM=xterm-256color", "CI=", "FCOIDC_STATE_DIR="+state)
	if s.terminal, err = pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 50, Cols: 200}); err != nil {
		return nil, fmt.Errorf("%s on a pseudo-terminal: %w", s.cmd, err)
	}
	go func() {
		defer close(s.closed)
		buf := make([]byte, 1<<16)
		for {
			n, err := s.terminal.Read(buf)
			s.mu.Lock()
			s.seen.Write(buf[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s, nil
}

// wait returns once text has appeared since the last wait.
func (s *screen) wait(text string, patience time.Duration) error {
	for began := time.Now(); time.Since(began) < patience; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		at := bytes.Index(s.seen.Bytes(), []byte(text))
		if at >= 0 {
			s.seen.Next(at + len(text))
		}
		s.mu.Unlock()
		if at >= 0 {
			return nil
		}
	}
	return fmt.Errorf("%s: %q never appeared", s.cmd, text)
}

// cpu is the processor time that the program took so far.
func (s *screen) cpu() (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("processor time of a running program is read from /proc: %w", err)
	}
	_, rest, _ := strings.Cut(string(raw), ") ") // the name before it may hold blanks
	fields := strings.Fields(rest)
	const user, system, ticks = 11, 12, 100 // fields 14 and 15 of proc(5); USER_HZ is 100 on Linux
	var sum int
	for _, i := range []int{user, system} {
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks, nil
}

func (s *screen) end() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = s.terminal.Close()
	<-s.closed
}
