package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A state folder's issuer lives beside its accounts:
//
//	issuer/identity.json   keys that sign tokens, and the CA of its TLS certificate
//	issuer/ca.pem          the CA's certificate, for other clients
const (
	issuerDir    = "issuer"
	identityName = "identity.json"
	caName       = "ca.pem"
)

// identity is what makes a sandbox's issuer: its keys and its certificate authority. It is
// never changed, only replaced.
type identity struct {
	Version int          `json:"version"`
	Serial  int          `json:"serial"` // of the generation of keys; part of their ids
	Keys    []signingKey `json:"keys"`
	CA      authority    `json:"ca"`

	// What is wrong with the issuer on purpose; see [Sandbox.Break].
	Answer    issuerAnswer `json:"answer,omitempty"`
	Published []signingKey `json:"published,omitempty"` // instead of Keys
	Tags      bool         `json:"tags,omitempty"`      // its tokens carry session tags
}

// identityStore holds the identity of a sandbox without state folder.
type identityStore struct {
	mu     sync.Mutex
	memory *identity
}

// read returns the identity in the state folder dir (memory, if dir is empty), and makes it
// if there is none. It reads the file each time: other processes rotate keys too.
func (st *identityStore) read(dir string) (*identity, error) {
	id, err := st.present(dir)
	if id != nil || err != nil {
		return id, err
	}
	err = st.change(dir, func(was *identity) (*identity, error) {
		if id = was; id == nil {
			id, err = newIdentity(time.Now())
		}
		return id, err
	})
	return id, err
}

// present returns the identity, nil if there is none.
func (st *identityStore) present(dir string) (*identity, error) {
	if dir == "" {
		st.mu.Lock()
		defer st.mu.Unlock()
		return st.memory, nil
	}
	return readIdentity(dir)
}

func readIdentity(dir string) (*identity, error) {
	path := filepath.Join(dir, issuerDir, identityName)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the sandbox's issuer: %w", err)
	}
	id := new(identity)
	if err := json.Unmarshal(raw, id); err != nil {
		return nil, damaged(path, err)
	}
	if err := checkVersion(path, id.Version); err != nil {
		return nil, err
	}
	return id, nil
}

// change replaces the identity by what next makes of it, one change at a time. next gets nil
// if there is none, and changes nothing by returning what it got.
func (st *identityStore) change(dir string, next func(*identity) (*identity, error)) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if dir == "" {
		id, err := next(st.memory)
		if err == nil {
			st.memory = id
		}
		return err
	}
	unlock, err := lockFile(filepath.Join(dir, accountsDir, "folder.lock"))
	if err != nil {
		return fmt.Errorf("lock the sandbox's state folder %s: %w", dir, err)
	}
	defer unlock()
	was, err := readIdentity(dir)
	if err != nil {
		return err
	}
	id, err := next(was)
	if err != nil || id == was {
		return err
	}
	return writeIdentity(dir, id)
}

// writeIdentity is for holders of the folder's lock.
func writeIdentity(dir string, id *identity) error {
	folder := filepath.Join(dir, issuerDir)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("write the sandbox's issuer: %w", err)
	}
	raw, err := json.Marshal(id)
	if err != nil {
		return fmt.Errorf("write the sandbox's issuer: %w", err)
	}
	if err := replaceFile(filepath.Join(folder, caName), []byte(id.CA.Root)); err != nil {
		return err
	}
	return replaceFile(filepath.Join(folder, identityName), raw)
}

// newIdentity makes keys and a CA. It takes a few tenths of a second, for the RSA key.
func newIdentity(now time.Time) (*identity, error) {
	keys, err := newKeys(1)
	if err != nil {
		return nil, err
	}
	ca, err := newAuthority(now)
	if err != nil {
		return nil, err
	}
	return &identity{Version: stateVersion, Serial: 1, Keys: keys, CA: ca}, nil
}
