package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/forgecroft/fcoidc/internal/wholefile"
)

// ErrOther is wrapped by [Config.Write] where the file has other answers.
var ErrOther = errors.New("the file is there already, with other answers")

// Load reads the file at path. The error is one sentence, or an [Error] beside what could be read.
func Load(path string) (*Config, error) {
	src, err := read(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, src)
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, wholefile.Cause(err))
	}
	defer func() { _ = f.Close() }() // read only: nothing is lost
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, not a file", path)
	}
	src, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, wholefile.Cause(err))
	}
	return src, nil
}

// Write keeps c in the file at path. A reader sees the old file or the new one, never a part. A
// file with the same answers is left as it is, comments and all; one that holds anything else
// is replaced only with overwrite, otherwise the error wraps [ErrOther].
func (c *Config) Write(path string, overwrite bool) error {
	content := c.Marshal()
	old, err := read(path)
	switch {
	case err == nil && same(path, old, content):
		return nil
	case err == nil && !overwrite:
		return fmt.Errorf("write %s: %w", path, ErrOther)
	case err != nil && exists(path):
		return fmt.Errorf("write %s: %w", path, err)
	}
	return replace(path, content)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// same reports whether a file's content gives the same answers as another.
func same(path string, old, content []byte) bool {
	c, err := Parse(path, old)
	return err == nil && bytes.Equal(c.Marshal(), content)
}

// fileMode lets all who share the repository read the file, which holds no secret; the umask may
// take from it.
const fileMode = 0o644

func replace(path string, content []byte) error {
	f, err := wholefile.Create(path, fileMode)
	if err == nil {
		defer f.Drop()
		_, err = f.Write(content)
	}
	if err == nil {
		err = f.Commit()
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, wholefile.Cause(err))
	}
	return nil
}
