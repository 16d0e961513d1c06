package cli

import (
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/term"

	"github.com/forgecroft/fcoidc/internal/report"
)

// IO is what a command has of the world around it.
type IO struct {
	In       io.Reader
	Out, Err io.Writer

	// InTerminal, OutTerminal and ErrTerminal say which of the three a person sits at.
	InTerminal, OutTerminal, ErrTerminal bool

	// ErrSize is how many columns and lines the terminal behind Err shows, 0 if it is none.
	ErrSize func() (columns, lines int)

	Args    []string // of the command, without the program's name
	Getenv  func(string) string
	Environ []string // the whole environment, "NAME=value"

	// Interrupts delivers the signals that ask the process to end, until stop is called.
	// A command that must tell a second interrupt from the first listens here.
	Interrupts func() (signals <-chan os.Signal, stop func())

	done <-chan struct{} // closed by the first interrupt
}

// System is the process's own input, output and environment.
func System() *IO {
	return &IO{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal:  isTerminal(os.Stdin),
		OutTerminal: isTerminal(os.Stdout),
		ErrTerminal: isTerminal(os.Stderr),
		ErrSize:     func() (columns, lines int) { return size(os.Stderr) },
		Getenv:      os.Getenv,
		Environ:     os.Environ(),
		Interrupts: func() (<-chan os.Signal, func()) {
			c := make(chan os.Signal, 2)
			signal.Notify(c, EndSignals()...)
			return c, func() { signal.Stop(c) }
		},
	}
}

// EndSignals are those that ask the process to end: the key, another program, and the
// terminal that goes away, unless the process was started to outlive it (nohup).
func EndSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

func size(f *os.File) (columns, lines int) {
	columns, lines, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, lines
}

func isTerminal(f *os.File) bool {
	return term.IsTerminal(int(f.Fd()))
}

// colorMode is the value of --color.
type colorMode string

const (
	colorAuto   colorMode = "auto"
	colorAlways colorMode = "always"
	colorNever  colorMode = "never"
)

// theme is how text for a stream looks: --color wins, then NO_COLOR and
// CLICOLOR_FORCE (no-color.org, bixense.com/clicolors), then whether a person reads it.
func (sys *IO) theme(mode colorMode, terminal bool) report.Theme {
	t := report.Theme{ASCII: !sys.unicode()}
	if terminal {
		t.Width, _ = sys.ErrSize()
	}
	switch {
	case mode == colorAlways:
		t.Color = true
	case mode == colorNever, sys.Getenv("NO_COLOR") != "":
		t.Color = false
	case forced(sys.Getenv("CLICOLOR_FORCE")):
		t.Color = true
	default:
		t.Color = terminal && sys.Getenv("TERM") != "dumb"
	}
	return t
}

// live reports whether what stands on standard error can be written anew: a person looks at a
// terminal that can do it. Continuous integration often has a terminal and never a person.
func (sys *IO) live() bool {
	return sys.ErrTerminal && sys.Getenv("TERM") != "dumb" && sys.Getenv("CI") == ""
}

func forced(value string) bool { return value != "" && value != "0" }

// unicode reports whether the locale shows the Unicode marks. Without any locale set,
// as in most containers, it is assumed: the few who cannot see ✓ still have the word.
func (sys *IO) unicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(sys.Getenv(name)); v != "" {
			return v != "c" && v != "posix" && (strings.Contains(v, "utf-8") || strings.Contains(v, "utf8"))
		}
	}
	return true
}

// stateDir is where the sandbox and the journals live: FCOIDC_STATE_DIR, else the
// platform's folder for state that outlives a run and is not configuration.
func (sys *IO) stateDir() (string, error) {
	if dir := sys.Getenv("FCOIDC_STATE_DIR"); dir != "" {
		return dir, nil
	}
	switch runtime.GOOS {
	case "windows":
		if dir := sys.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "fcoidc"), nil
		}
	case "darwin":
		if home := sys.Getenv("HOME"); home != "" {
			return filepath.Join(home, "Library", "Application Support", "fcoidc"), nil
		}
	default:
		if dir := sys.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) { // the specification ignores relative ones
			return filepath.Join(dir, "fcoidc"), nil
		}
		if home := sys.Getenv("HOME"); home != "" {
			return filepath.Join(home, ".local", "state", "fcoidc"), nil
		}
	}
	return "", usagef("set FCOIDC_STATE_DIR", "no folder for state: neither FCOIDC_STATE_DIR nor a home folder is set")
}
