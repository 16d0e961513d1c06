package claims

import "errors"

// ErrMalformed is in the chain of every error of [Find] and [Parse].
var ErrMalformed = errors.New("not a JSON Web Token")

// FormatError says which part of a token cannot be read, and why. It never quotes the
// input, which may be a live credential.
type FormatError struct {
	Part   string // "input", "token", "header", "payload" or "signature"
	Reason string
	hint   string
}

func (e *FormatError) Error() string {
	return ErrMalformed.Error() + ": the " + e.Part + " " + e.Reason
}

// Unwrap returns [ErrMalformed].
func (e *FormatError) Unwrap() error { return ErrMalformed }

// Hint returns what to try next, "" if there is nothing worth trying.
func (e *FormatError) Hint() string { return e.hint }
