//go:build unix

package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
)

// onTerminal runs fcoidc with all three streams on a pseudo-terminal that types input and
// answers no query. It returns what appeared there and the exit code.
func onTerminal(t *testing.T, state, input string, args ...string) (screen string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "fcoidc", args...) // on PATH thanks to testscript.Main
	cmd.Env = append(os.Environ(), "FCOIDC_STATE_DIR="+state, "TERM=xterm-256color", "CI=", "NO_COLOR=1")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close() //nolint:errcheck // nothing is written any more
	if _, err := io.WriteString(terminal, input); err != nil {
		t.Fatal(err)
	}
	var seen bytes.Buffer
	if _, err := io.Copy(&seen, terminal); err != nil && !errors.Is(err, syscall.EIO) { // EIO: the other end is closed
		t.Fatal(err)
	}
	err = cmd.Wait()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		code = e.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return seen.String(), code
}

func TestATerminalThatAnswersNothingIsAskedNothing(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"bootstrap", "--help"}, {"template"}, {"sandbox", "reset"}} {
		screen, code := onTerminal(t, t.TempDir(), "", args...)
		if code != 0 || screen == "" {
			t.Errorf("%v: exit code %d, screen %q", args, code, screen)
		}
		if strings.Contains(screen, "\x1b") {
			t.Errorf("%v wrote an escape sequence: %q", args, screen)
		}
	}
}

func TestOnATerminalTheAccountsAreCounted(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	for _, test := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"bootstrap", "--dry-run"}, []string{"entered 5 of 5 accounts", "looked at 5 of 5 accounts"}},
		{[]string{"doctor"}, []string{"entered 5 of 5 accounts", "looked at 5 of 5 accounts"}},
		{[]string{"bootstrap", "--dry-run", "--account", "010000000002"}, nil},
		{[]string{"teardown", "--dry-run"}, []string{"entered 5 of 5 accounts", "looked at 5 of 5 accounts"}},
	} {
		screen, _ := onTerminal(t, state, "", append(test.args, "--sandbox")...)
		rest := screen
		for _, want := range test.wants {
			_, after, found := strings.Cut(rest, want+"\r\x1b[K")
			if !found {
				t.Fatalf("%v: no %q in %q", test.args, want, screen)
			}
			rest = after
		}
		if strings.Contains(rest, " of 5 accounts") || len(test.wants) == 0 && strings.Contains(rest, "\x1b[K") {
			t.Errorf("%v: counted too long: %q", test.args, rest)
		}
	}
}

func TestTheCountIsTakenAwayBeforeARepairIsShown(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	for _, args := range [][]string{
		{"bootstrap", "--sandbox", "--sandbox-accounts", "3", "--yes", "--no-verify"},
		{"sandbox", "break", "trust-no-org", "--account", "010000000002"},
		{"sandbox", "break", "trust-no-org", "--account", "010000000003"},
	} {
		if screen, code := onTerminal(t, state, "", args...); code != 0 {
			t.Fatalf("%v: exit code %d\n%s", args, code, screen)
		}
	}
	screen, _ := onTerminal(t, state, "", "doctor", "--sandbox", "--fix", "--yes")
	if !strings.Contains(screen, "looked at 2 of 2 accounts\r\x1b[Kto mend") {
		t.Errorf("%q", screen)
	}
}

func TestTeardownWantsTheNumberOfAccountsTypedBack(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	if screen, code := onTerminal(t, state, "", "bootstrap", "--sandbox", "--sandbox-accounts", "2", "--yes"); code != 0 {
		t.Fatalf("bootstrap: exit code %d\n%s", code, screen)
	}
	screen, code := onTerminal(t, state, "yes\n", "teardown", "--sandbox", "--accessible")
	if code != 130 || !strings.Contains(screen, "Nothing was deleted") {
		t.Errorf("a habitual yes: exit code %d\n%s", code, screen)
	}
	if screen, code = onTerminal(t, state, "2\n", "teardown", "--sandbox", "--accessible"); code != 0 || !strings.Contains(screen, "2 of 2 accounts") {
		t.Errorf("the number: exit code %d\n%s", code, screen)
	}
}

func TestAfterScreensTheRolesAreToldWhateverBecomesOfTheReport(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no file that takes nothing: " + err.Error())
	}
	bootstrap := func(report string) (string, int) {
		return onTerminal(t, t.TempDir(), strings.Repeat("\n", 5)+"y\n", "bootstrap", "--sandbox", "--sandbox-accounts", "2", "--accessible", "--report", report)
	}
	screen, code := bootstrap("/dev/full")
	if code != 1 || !strings.Contains(screen, "role/forgecroft-runner-plan") || !strings.Contains(screen, "--report /dev/full: no space left on device") {
		t.Errorf("exit code %d\n%s", code, screen)
	}
	screen, code = bootstrap("no/such/page.html")
	if code != 2 || strings.Contains(screen, "organization") {
		t.Errorf("a folder that is not there: exit code %d\n%s", code, screen)
	}
}

// Keys as a terminal sends them.
const (
	enter    = "\r"
	selected = " "
)

// TestTheFormDoesWhatTheFlagsDo types every answer and compares the results file with that
// of a run by flags.
func TestTheFormDoesWhatTheFlagsDo(t *testing.T) {
	t.Parallel()
	byKeys, byFlags := t.TempDir(), t.TempDir()
	const org, region = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff", "eu-west-1"

	p := startScreens(t, byKeys, "bootstrap", "--sandbox", "--sandbox-accounts", "3", "-o", "json")
	p.wait("Which Forgecroft organization")
	p.keys("\x15" + org + enter) // ctrl+u empties the line
	p.wait("In which Regions")
	p.keys("\x01\x01") // ctrl+a twice: all, then none
	p.keys(region)     // typing searches
	p.wait("Europe (Ireland)")
	p.keys(selected + enter)
	p.wait("Which accounts")
	p.keys(selected + enter) // all are chosen: the first is not any more
	p.wait("How shall the roles tell")
	p.keys(enter)
	p.wait("only one workspace")
	p.keys(enter)
	p.wait("review")
	p.keys(enter)
	p.wait("Deploy to 2 accounts")
	p.keys("y")
	p.wait("finished") // after the look at what was deployed
	p.keys(enter)
	p.wait("Next, in Forgecroft")
	p.keys(enter)
	typed := p.results()

	cmd := exec.CommandContext(t.Context(), "fcoidc", "bootstrap", "--sandbox", "--sandbox-accounts", "3",
		"--exclude-account", "010000000001", "--org-id", org, "--allowed-regions", region, "--yes", "-o", "json")
	cmd.Env = append(os.Environ(), "FCOIDC_STATE_DIR="+byFlags)
	flags, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(results(t, flags), results(t, typed)); diff != "" {
		t.Errorf("-flags +keys:\n%s", diff)
	}
}

func TestAHangupWindsDownAndGivesTheTerminalBack(t *testing.T) {
	t.Parallel()
	p := startScreens(t, t.TempDir(), "bootstrap", "--sandbox", "--sandbox-accounts", "3", "--concurrency", "1", "--stack-duration", "3s")
	for _, page := range []string{"Which Forgecroft organization", "In which Regions", "Which accounts", "How shall the roles tell", "only one workspace", "review"} {
		p.wait(page)
		p.keys(enter)
	}
	p.wait("Deploy to 3 accounts")
	p.keys("y")
	p.wait("deploying")
	hangup := func() {
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hangup() // the kernel's
	p.wait("winding down")
	hangup() // the shell's
	p.wait("\x1b[?1049l")
	err := p.cmd.Wait()
	if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.ExitCode() != 130 {
		t.Errorf("it ends with %v", err)
	}
	if got := p.out.String(); !strings.Contains(got, "1 of 3 accounts as asked for") {
		t.Errorf("what ran was not waited for:\n%s", got)
	}
}

// results is a run's document without what differs between any two runs.
func results(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatalf("%v:\n%s", err, raw)
	}
	delete(doc, "run_id")
	forget := func(m any) {
		for _, name := range []string{"seconds", "api_calls", "stack_id"} {
			delete(m.(map[string]any), name)
		}
	}
	forget(doc["summary"])
	for _, target := range doc["targets"].([]any) {
		forget(target)
	}
	return doc
}

// screens is fcoidc with its input and its screens on a pseudo-terminal and its results in
// a file.
type screens struct {
	t        *testing.T
	terminal *os.File
	cmd      *exec.Cmd
	out      bytes.Buffer
	mu       sync.Mutex
	seen     bytes.Buffer
	closed   chan struct{}
}

func startScreens(t *testing.T, state string, args ...string) *screens {
	t.Helper()
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 50, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	p := &screens{t: t, terminal: terminal, closed: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), "fcoidc", args...)
	p.cmd.Env = append(os.Environ(), "FCOIDC_STATE_DIR="+state, "TERM=xterm-256color", "CI=", "NO_COLOR=1")
	p.cmd.Stdin, p.cmd.Stderr, p.cmd.Stdout = tty, tty, &p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = tty.Close() // the child has its own
	go p.read()
	t.Cleanup(func() {
		_ = terminal.Close()
		<-p.closed
	})
	return p
}

// read keeps what appears, as a terminal would.
func (p *screens) read() {
	defer close(p.closed)
	buf := make([]byte, 4096)
	for {
		n, err := p.terminal.Read(buf)
		p.mu.Lock()
		p.seen.Write(buf[:n])
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// wait returns once text has appeared since the last wait.
func (p *screens) wait(text string) {
	p.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		p.mu.Lock()
		at := strings.Index(p.seen.String(), text)
		if at >= 0 {
			p.seen.Next(at + len(text))
		}
		p.mu.Unlock()
		if at >= 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			p.t.Fatalf("%q never appeared; since then: %q", text, p.seen.String())
		}
	}
}

func (p *screens) keys(keys string) {
	p.t.Helper()
	if _, err := io.WriteString(p.terminal, keys); err != nil {
		p.t.Fatal(err)
	}
}

// results waits for the end and returns what went to standard output.
func (p *screens) results() []byte {
	p.t.Helper()
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("%v: %q", err, p.seen.String())
	}
	return p.out.Bytes()
}
