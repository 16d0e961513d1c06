package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// blobs keeps texts that many accounts share, such as the template body, once and under
// their hash, so that an account's state stays small however many stacks hold the same.
type blobs struct {
	dir string // empty: memory only
	mu  sync.Mutex
	all map[string]string
}

// put keeps text and returns the key to get it back with.
func (b *blobs) put(text string) (key string, err error) {
	sum := sha256.Sum256([]byte(text))
	key = hex.EncodeToString(sum[:])
	b.mu.Lock()
	defer b.mu.Unlock()
	_, known := b.all[key]
	b.all[key] = text
	if b.dir == "" {
		return key, nil
	}
	path := filepath.Join(b.dir, key)
	if known {
		if _, err := os.Stat(path); err == nil { // a reset may have removed what we know
			return key, nil
		}
	}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return "", fmt.Errorf("write the sandbox's state: %w", err)
	}
	return key, replaceFile(path, []byte(text))
}

// get returns the text kept under key.
func (b *blobs) get(key string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if text, ok := b.all[key]; ok {
		return text, nil
	}
	if b.dir == "" {
		return "", errors.New("the sandbox's state lost a template body")
	}
	path := filepath.Join(b.dir, key)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", damaged(path, err)
	}
	if err != nil {
		return "", fmt.Errorf("read the sandbox's state: %w", err)
	}
	b.all[key] = string(raw)
	return b.all[key], nil
}
