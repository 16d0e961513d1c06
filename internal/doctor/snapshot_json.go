package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// SnapshotKind is the member "kind" of a saved snapshot, by which it is told from a case.
const SnapshotKind = "snapshot"

// snapshotVersion is the only version of the format so far.
const snapshotVersion = 1

// MaxSnapshot is the longest saved snapshot that [ReadSnapshot] reads, in bytes.
const MaxSnapshot = 16 << 20

// ErrNotSnapshot is in the chain of every error of [ReadSnapshot].
var ErrNotSnapshot = errors.New("not a saved snapshot")

type snapshotHead struct {
	Version int    `json:"version"`
	Kind    string `json:"kind"`
}

// JSON returns the snapshot as it is saved: indented, with version and kind.
func (s *Snapshot) JSON() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	type plain Snapshot
	if err := encoder.Encode(struct {
		snapshotHead
		*plain
	}{snapshotHead{snapshotVersion, SnapshotKind}, (*plain)(s)}); err != nil {
		return nil, fmt.Errorf("encode the snapshot of %s: %w", s.Account, err)
	}
	return []byte(claims.WithoutSignatures(out.String())), nil // one in a tag or a policy is not ours to keep
}

// IsSnapshot reports whether src is a saved snapshot, as against a case.
func IsSnapshot(src []byte) bool {
	var head snapshotHead
	return json.Unmarshal(src, &head) == nil && head.Kind == SnapshotKind
}

// ReadSnapshot reads a saved snapshot. Members that it does not know are left aside.
func ReadSnapshot(src []byte) (*Snapshot, error) {
	if len(src) > MaxSnapshot {
		return nil, fmt.Errorf("%w: it has %d bytes, more than %d are not read", ErrNotSnapshot, len(src), MaxSnapshot)
	}
	var head snapshotHead
	if err := json.Unmarshal(src, &head); err != nil || head.Kind != SnapshotKind {
		return nil, fmt.Errorf(`%w: it is no JSON object with "kind": %q`, ErrNotSnapshot, SnapshotKind)
	}
	if head.Version != snapshotVersion {
		return nil, fmt.Errorf("%w of version %d, but of %d; a newer fcoidc may read it", ErrNotSnapshot, snapshotVersion, head.Version)
	}
	type plain Snapshot
	var s plain
	if err := json.Unmarshal(src, &s); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return nil, fmt.Errorf("%w: %s must not be a %s", ErrNotSnapshot, wrong.Field, wrong.Value)
		}
		return nil, fmt.Errorf("%w: it holds a value of the wrong form", ErrNotSnapshot)
	}
	return (*Snapshot)(&s), nil
}
