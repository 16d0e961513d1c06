package cli

import (
	"bytes"
	"testing"
)

func TestOnlyATerminalThatCanDrawIsCountedOn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		terminal  bool
		term, ci  string
		wantCount bool
	}{
		{true, "xterm", "", true},
		{true, "dumb", "", false},
		{true, "xterm", "true", false},
		{false, "xterm", "", false},
	} {
		var written bytes.Buffer
		env := map[string]string{"TERM": test.term, "CI": test.ci}
		p := newProgress(&IO{Err: &written, ErrTerminal: test.terminal, Getenv: func(name string) string { return env[name] }}, "entered")
		p.step(2)
		p.hide()
		if got := written.Len() > 0; got != test.wantCount {
			t.Errorf("%+v: wrote %q", test, written.String())
		}
	}
}
