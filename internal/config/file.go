package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// ErrOther is wrapped by [Config.Write] where the file has other answers.
var ErrOther = errors.New("the file is there already, with other answers")

// Load reads the file at path. The error is one sentence, or an [Error].
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
		return nil, fmt.Errorf("%s cannot be read: %w", path, cause(err))
	}
	defer func() { _ = f.Close() }() // read only: nothing is lost
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, not a file", path)
	}
	src, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, cause(err))
	}
	return src, nil
}

// cause is what the system said, without the name of the call and the path once more.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// Write keeps c in the file at path. A reader sees the old file or the new one, never a part. A
// file with the same answers is left as it is, comments and all; one that holds anything else
// is replaced only with overwrite, otherwise the error wraps [ErrOther].
func (c *Config) Write(path string, overwrite bool) error {
	path, err := target(path)
	if err != nil {
		return err
	}
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

// target is the file behind a symbolic link, which a rename would replace.
func target(path string) (string, error) {
	behind, err := filepath.EvalSymlinks(path)
	switch {
	case err == nil:
		return behind, nil
	case errors.Is(err, fs.ErrNotExist):
		return path, nil
	default:
		return "", fmt.Errorf("write %s: %w", path, cause(err))
	}
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

// replace writes a new file beside path and renames it over it.
func replace(path string, content []byte) error {
	fresh := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+strconv.Itoa(os.Getpid())+".new")
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		_ = os.Remove(fresh) // the error that counts is told
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
