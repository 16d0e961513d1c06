package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// tokenSource is where a token comes from: an argument, standard input, a file, or the
// file that the AWS SDKs use.
type tokenSource struct {
	Argument string // the token itself, or "-" for standard input
	File     string // --token-file; "-" is standard input too
}

// webIdentityTokenFile names the file from which the AWS SDKs take their token.
const webIdentityTokenFile = "AWS_WEB_IDENTITY_TOKEN_FILE" //nolint:gosec // because it is the name of a variable, no credential

const standardInput = "-"

func (s *tokenSource) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.File, "token-file", "", "read the token from this `file` (default: the one that "+webIdentityTokenFile+" names)")
}

// check refuses two sources at once.
func (s *tokenSource) check() error {
	if s.Argument != "" && s.File != "" {
		return usagef("leave one of them out", "a token is given as an argument and by --token-file")
	}
	return nil
}

// readsStdin reports whether the token is standard input's.
func (s *tokenSource) readsStdin(sys *IO) bool {
	switch {
	case s.Argument != "":
		return s.Argument == standardInput
	case s.File != "":
		return s.File == standardInput
	default:
		return sys.Getenv(webIdentityTokenFile) == ""
	}
}

// read returns what the source holds, and the words for the source. No error quotes it.
func (s *tokenSource) read(sys *IO) (pasted []byte, from string, err error) {
	switch {
	case s.readsStdin(sys):
		if sys.InTerminal && s.Argument == "" && s.File == "" {
			return nil, "", usagef("pbpaste | fcoidc decode -", "no token: give it by standard input (-), --token-file or %s", webIdentityTokenFile)
		}
		if sys.InTerminal {
			fmt.Fprintln(sys.Err, "paste the token, then press enter and ctrl-d")
		}
		pasted, err = readPasted(sys.stdin(), "standard input")
		return pasted, "standard input", err
	case s.Argument != "":
		fmt.Fprintln(sys.Err, "warning: a token given as an argument stays in the shell's history, and other processes can read it; use standard input (-) or --token-file")
		return []byte(s.Argument), "the argument", nil
	case s.File != "":
		pasted, err = readPastedFile(s.File)
		return pasted, s.File, err
	default:
		file := sys.Getenv(webIdentityTokenFile)
		fmt.Fprintf(sys.Err, "reading the file that %s names\n", webIdentityTokenFile)
		pasted, err = readPastedFile(file)
		return pasted, file, err
	}
}

func readPastedFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, openError(name, err)
	}
	defer func() { _ = f.Close() }() // opened for reading: nothing is lost
	return readPasted(f, name)
}

// openError is the refusal of a file. What looks like a token in place of a file's name
// is not repeated.
func openError(name string, err error) error {
	if looksLikeToken(name) {
		return usagef("fcoidc decode -", "a token stands where the name of a file is wanted")
	}
	if path, ok := errors.AsType[*os.PathError](err); ok {
		err = path.Err
	}
	return usagef("", "read the token from %s: %w", name, err)
}

// looksLikeToken reports whether s could be a token: "eyJ" begins every JSON object in
// base64url whose first character is a quote.
func looksLikeToken(s string) bool {
	return strings.HasPrefix(s, "eyJ") || len(s) > 100 && !strings.ContainsAny(s, `/\`)
}

// readPasted reads r as far as a token is looked for in it. [claims.Find] refuses what is longer.
func readPasted(r io.Reader, from string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, claims.MaxInputSize+1))
	if errors.Is(err, context.Canceled) {
		return nil, err
	}
	if err != nil {
		if path, ok := errors.AsType[*os.PathError](err); ok {
			err = path.Err
		}
		return nil, usagef("", "read the token from %s: %w", from, err)
	}
	return b, nil
}
