package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// A state folder holds
//
//	fcoidc-sandbox.json           the marker: version, number of accounts, seed
//	accounts/<id>/state.json      one account; absent until something in it changed
//	accounts/<id>/state.json.new  room for the next state, holding an earlier one
//	accounts/<id>/lock            held while a process reads or writes the account
//	blobs/<sha256>                texts that many accounts share (template bodies)
//	organization/policies.json    the organisation's policies; absent until something in them changed
//	issuer/                       keys and CA of the issuer; see issuer_identity.go
//
// Accounts have a folder each, because a file system makes and renames the files of one folder
// one at a time. Files are replaced by rename, so that a reader and a killed process never leave
// half of one behind. They are not synced to disk: the state outlives its processes, not a
// power failure.
const (
	markerName  = "fcoidc-sandbox.json"
	accountsDir = "accounts"
	blobsDir    = "blobs"

	organizationDir  = "organization"
	organizationName = "policies.json"

	stateName = "state.json"
	lockName  = "lock"
)

// accountFolder is where a state folder keeps an account.
func accountFolder(dir, id string) string { return filepath.Join(dir, accountsDir, id) }

// marker is the content of the marker file.
type marker struct {
	Version  int    `json:"version"`
	Accounts int    `json:"accounts"` // the most that were ever asked for
	Seed     string `json:"seed"`
}

// openFolder makes dir a state folder, or reads what it is, and returns its marker
// brought up to the number of accounts wanted.
func openFolder(dir string, wanted int, seed string) (marker, error) {
	if err := os.MkdirAll(filepath.Join(dir, accountsDir), 0o700); err != nil {
		return marker{}, fmt.Errorf("create the sandbox's state folder: %w", err)
	}
	unlock, err := lockFile(filepath.Join(dir, accountsDir, "folder.lock"))
	if err != nil {
		return marker{}, fmt.Errorf("lock the sandbox's state folder %s: %w", dir, err)
	}
	defer unlock()

	path := filepath.Join(dir, markerName)
	m, err := readMarker(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := onlyOurs(dir); err != nil {
			return marker{}, err
		}
		m = marker{Version: stateVersion, Seed: seed}
	case err != nil:
		return marker{}, err
	}
	if m.Accounts >= wanted && m.Accounts > 0 {
		return m, nil
	}
	m.Accounts = wanted
	if m.Accounts == 0 {
		m.Accounts = DefaultAccounts
	}
	_, err = writeJSON(path, m, nil)
	return m, err
}

func readMarker(path string) (marker, error) {
	var m marker
	raw, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, damaged(path, err)
	}
	return m, checkVersion(path, m.Version)
}

// onlyOurs refuses a folder without marker that holds something else than an emptied sandbox.
func onlyOurs(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the sandbox's state folder: %w", err)
	}
	for _, e := range entries {
		if e.Name() != accountsDir && e.Name() != blobsDir && e.Name() != issuerDir && e.Name() != organizationDir {
			return fmt.Errorf("%s is no sandbox state folder: it holds %s but no %s", dir, e.Name(), markerName)
		}
	}
	return nil
}

func damaged(path string, cause error) error {
	return fmt.Errorf("the sandbox's state file %s is damaged (%w); start over with: fcoidc sandbox reset", path, cause)
}

func checkVersion(path string, version int) error {
	if version > stateVersion {
		return fmt.Errorf("the sandbox's state file %s has format version %d, this fcoidc knows up to %d; use the newer fcoidc that wrote it, or start over with: fcoidc sandbox reset",
			path, version, stateVersion)
	}
	if version < 1 {
		return damaged(path, errors.New("it has no format version"))
	}
	return nil
}

// lockFile takes an exclusive lock between processes; unlock gives it back.
func lockFile(path string) (unlock func(), err error) {
	l := flock.New(path)
	if err := l.Lock(); err != nil {
		return nil, err
	}
	return func() { _ = l.Close() }, nil // closing the file releases the lock whatever it reports
}

// lockAccount takes the lock of an account's folder, which it makes if need be.
func lockAccount(folder string) (unlock func(), err error) {
	path := filepath.Join(folder, lockName)
	unlock, err = lockFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return unlock, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return lockFile(path)
}

// writeJSON replaces path, whose lock the caller holds, and returns what the file is then.
// before is what it was, nil if unknown: the new one is always younger, by however little.
func writeJSON(path string, v any, before fs.FileInfo) (fs.FileInfo, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write the sandbox's state %s: %w", path, err)
	}
	// Nobody else writes under the lock: what is there by this name was left by a swap
	// or by a killed process. Emptying it first would have ext4 write it to disk at once.
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write the sandbox's state: %w", err)
	}
	info, err := fill(f, raw)
	if err == nil && before != nil && !info.ModTime().After(before.ModTime()) { // the clock of files ticks in milliseconds
		if err = os.Chtimes(next, time.Time{}, before.ModTime().Add(time.Microsecond)); err == nil {
			info, err = os.Stat(next)
		}
	}
	if err == nil {
		err = swapFiles(next, path)
	}
	if err != nil {
		return nil, fmt.Errorf("write the sandbox's state: %w", err)
	}
	return info, nil
}

// fill makes content all that f holds, closes it and returns what it is then.
func fill(f *os.File, content []byte) (info fs.FileInfo, err error) {
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	if _, err := f.Write(content); err != nil {
		return nil, err
	}
	if err := f.Truncate(int64(len(content))); err != nil {
		return nil, err
	}
	return f.Stat()
}

// replaceFile replaces path without a lock: writers may meet, and the last one stays.
func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	if _, err = fill(f, content); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	return nil
}

// slot is where a sandbox keeps one account between requests.
type slot struct {
	state *accountState
	file  fs.FileInfo // of the file that state agrees with; nil: no file existed
}

// fresh says whether the slot still agrees with the file at path, whose info is given.
func (s *slot) fresh(info fs.FileInfo) bool {
	if s.state == nil || (info == nil) != (s.file == nil) {
		return false
	}
	return info == nil || sameFile(info, s.file)
}

// sameFile says whether two looks saw one file, unchanged.
func sameFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// load brings the slot up to date with the account's file, which another process may have
// replaced or removed. The caller holds the account's lock.
func (s *slot) load(path string, create func() *accountState) error {
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the sandbox's state: %w", err)
	}
	if err != nil {
		info = nil
	}
	if s.fresh(info) {
		return nil
	}
	if info == nil {
		s.state, s.file = create(), nil
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the sandbox's state: %w", err)
	}
	st := create()
	st.Version, st.Roles = 0, nil // what a new account has is not to join what the file says
	if err := json.Unmarshal(raw, st); err != nil {
		return damaged(path, err)
	}
	if err := checkVersion(path, st.Version); err != nil {
		return err
	}
	if st.Roles == nil {
		st.Roles = map[string]*role{}
	}
	s.state, s.file = st, info
	return nil
}

// save writes the slot. The caller holds the account's lock.
func (s *slot) save(path string) error {
	info, err := writeJSON(path, s.state, s.file)
	if err != nil {
		s.state = nil // what memory holds is not what the file says: read it again
		return err
	}
	s.file = info
	return nil
}

// Reset empties a state folder: every account is as new afterwards, also for processes that
// use the folder now. There is nothing to do in a folder that does not exist or was reset
// before; one that holds something else is refused.
func Reset(dir string) error {
	path := filepath.Join(dir, markerName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return onlyOurs(dir)
	} else if err != nil {
		return fmt.Errorf("reset the sandbox: %w", err)
	}
	unlock, err := lockFile(filepath.Join(dir, accountsDir, "folder.lock"))
	if err != nil {
		return fmt.Errorf("lock the sandbox's state folder %s: %w", dir, err)
	}
	defer unlock()
	accounts, err := filepath.Glob(filepath.Join(accountFolder(dir, "*"), stateName+"*"))
	if err != nil {
		return fmt.Errorf("reset the sandbox: %w", err)
	}
	for _, file := range accounts {
		if err := removeAccount(file); err != nil {
			return fmt.Errorf("reset the sandbox: %w", err)
		}
	}
	for _, sub := range []string{blobsDir, issuerDir, organizationDir} {
		if err := os.RemoveAll(filepath.Join(dir, sub)); err != nil {
			return fmt.Errorf("reset the sandbox: %w", err)
		}
	}
	// The lock files stay: another process may hold one open, and a lock on a removed file locks nothing.
	return os.Remove(path)
}

func removeAccount(file string) error {
	unlock, err := lockAccount(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) { // a write may have used up the spare file
		return err
	}
	return nil
}
