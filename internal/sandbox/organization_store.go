package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// organizationState is what can change of the organisation: its policies and whom they bind.
type organizationState struct {
	Version  int                 `json:"version"`
	Serial   uint64              `json:"serial"`             // number of the latest policy ever made
	Types    []string            `json:"types"`              // policy types in force
	Policies []*controlPolicy    `json:"policies,omitempty"` // the customer's, in order of creation
	Attached map[string][]string `json:"attached,omitempty"` // ids of the customer's policies by root, unit or account
	Closed   map[string]struct{} `json:"closed,omitempty"`   // where FullAWSAccess was detached
}

// newOrganization is an organisation with all features, as its creation leaves it: service control
// policies are in force, and the only one is FullAWSAccess (Organizations API Reference,
// CreateOrganization).
func newOrganization() *organizationState {
	return &organizationState{Version: stateVersion, Types: []string{serviceControl}}
}

// clone is a copy that may be changed: a state that was read is shared.
func (o *organizationState) clone() *organizationState {
	next := &organizationState{
		Version: o.Version, Serial: o.Serial, Types: slices.Clone(o.Types),
		Attached: map[string][]string{}, Closed: map[string]struct{}{},
	}
	for _, p := range o.Policies {
		kept := *p
		next.Policies = append(next.Policies, &kept)
	}
	for target, ids := range o.Attached {
		next.Attached[target] = slices.Clone(ids)
	}
	for target := range o.Closed {
		next.Closed[target] = struct{}{}
	}
	return next
}

// organizationStore holds the organisation between requests, and what file it agrees with.
type organizationStore struct {
	mu    sync.Mutex
	state *organizationState
	file  fs.FileInfo // nil: no file existed
}

// read returns the organisation in the state folder dir (memory, if dir is empty). It is not to be changed.
// Decisions ask often, so the file is read only if another process replaced it.
func (st *organizationStore) read(dir string) (*organizationState, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.load(dir)
}

// load is read for holders of st.mu.
func (st *organizationStore) load(dir string) (*organizationState, error) {
	if dir == "" {
		if st.state == nil {
			st.state = newOrganization()
		}
		return st.state, nil
	}
	path := filepath.Join(dir, organizationDir, organizationName)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if st.state == nil || st.file != nil {
			st.state, st.file = newOrganization(), nil
		}
		return st.state, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the sandbox's organisation: %w", err)
	}
	if st.state != nil && st.file != nil && sameFile(info, st.file) {
		return st.state, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the sandbox's organisation: %w", err)
	}
	next := new(organizationState)
	if err := json.Unmarshal(raw, next); err != nil {
		return nil, damaged(path, err)
	}
	if err := checkVersion(path, next.Version); err != nil {
		return nil, err
	}
	st.state, st.file = next, info
	return next, nil
}

// change lets use work on a copy of the organisation, and keeps it if use returns no error. One
// change goes on at a time, between processes too.
func (st *organizationStore) change(dir string, use func(*organizationState) error) error {
	if dir != "" {
		unlock, err := lockFile(filepath.Join(dir, accountsDir, "folder.lock"))
		if err != nil {
			return fmt.Errorf("lock the sandbox's state folder %s: %w", dir, err)
		}
		defer unlock()
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	was, err := st.load(dir)
	if err != nil {
		return err
	}
	next := was.clone()
	if err := use(next); err != nil {
		return err
	}
	if dir == "" {
		st.state = next
		return nil
	}
	folder := filepath.Join(dir, organizationDir)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("write the sandbox's organisation: %w", err)
	}
	info, err := writeJSON(filepath.Join(folder, organizationName), next, st.file)
	if err != nil {
		return err
	}
	st.state, st.file = next, info
	return nil
}

// organisation returns the sandbox's organisation. It is not to be changed.
func (s *Sandbox) organisation() (*organizationState, error) {
	return s.organization.read(s.options.Dir)
}
