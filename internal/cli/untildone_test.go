package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAnInterruptEndsACommandThatWaitsForStandardInput(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"decode -", "doctor --case -", "doctor --batch -", "doctor --token-file - --sandbox", "doctor --offline --trust-policy - --claims untildone_test.go",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			silent, never := io.Pipe()
			t.Cleanup(func() { _ = never.Close() }) // lets the read that was left to itself end
			ctx, interrupt := context.WithCancel(t.Context())
			interrupt()
			var out, errs bytes.Buffer
			sys := &IO{In: silent, Out: &out, Err: &errs, Getenv: func(string) string { return t.TempDir() }}
			if code := Main(ctx, strings.Fields(args), sys); code != exitInterrupted {
				t.Errorf("exit code %d: %s", code, &errs)
			}
			if out.Len() > 0 || !strings.Contains(errs.String(), "fcoidc: interrupted") {
				t.Errorf("says %q, %q", &out, &errs)
			}
		})
	}
}

func TestWhatIsReadUntilDoneIsWhatCame(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("0123456789", 1000)
	got, err := io.ReadAll(untilDone{strings.NewReader(text), nil})
	if err != nil || string(got) != text {
		t.Errorf("%d of %d bytes, %v", len(got), len(text), err)
	}
	broken := errors.New("cable cut")
	if _, err := io.ReadAll(untilDone{io.MultiReader(strings.NewReader("x"), failing{broken}), nil}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// failing is a stream that is broken.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }
