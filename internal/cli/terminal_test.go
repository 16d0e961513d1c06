//go:build unix

package cli_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
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

func TestTeardownWantsTheNumberOfAccountsTypedBack(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	if screen, code := onTerminal(t, state, "", "bootstrap", "--sandbox", "--sandbox-accounts", "2", "--yes"); code != 0 {
		t.Fatalf("bootstrap: exit code %d\n%s", code, screen)
	}
	screen, code := onTerminal(t, state, "yes\n", "teardown", "--sandbox")
	if code != 1 || !strings.Contains(screen, "the answer was not 2") {
		t.Errorf("a habitual yes: exit code %d\n%s", code, screen)
	}
	if screen, code = onTerminal(t, state, "2\n", "teardown", "--sandbox"); code != 0 || !strings.Contains(screen, "2 of 2 accounts") {
		t.Errorf("the number: exit code %d\n%s", code, screen)
	}
}
