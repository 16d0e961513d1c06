// Package wholefile writes files that are there whole or not at all: who reads one meanwhile, or
// after a crash, finds what it held before or all that it holds now.
package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// File is a file that is being written. It takes its name with [File.Commit].
type File struct {
	*os.File
	path  string // that it takes; behind symbolic links, which a rename would replace
	fresh string // that it has until then; "" if it is written under its own
	ended bool
}

// Create begins a file. That it can be written is known from here on, save for what happens to its
// folder in the meantime. A file that is there keeps its content until [File.Commit], and its
// permissions; mode is for a new one, and the umask may take from it. What is no regular file, such
// as a terminal, a pipe or /dev/null, is written itself.
func Create(path string, mode fs.FileMode) (*File, error) {
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return beside(path, mode)
	}
	if err != nil {
		return nil, err
	}
	info, err := old.Stat()
	if err == nil && !info.Mode().IsRegular() {
		return &File{File: old}, nil
	}
	if err = errors.Join(err, old.Close()); err != nil {
		return nil, err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	f, err := beside(path, info.Mode().Perm())
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(f.fresh, info.Mode().Perm()); err != nil { // of which the umask took
		f.Drop()
		return nil, err
	}
	return f, nil
}

// beside makes the new file in the folder of path: a rename does not leave a file system.
func beside(path string, mode fs.FileMode) (*File, error) {
	fresh := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+strconv.Itoa(os.Getpid())+".new")
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	return &File{File: f, path: path, fresh: fresh}, nil
}

// Commit ends the file and gives it its name. If that fails, nothing is left of it.
func (f *File) Commit() error {
	f.ended = true
	if f.fresh == "" {
		return f.Close()
	}
	err := errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.fresh, f.path)
	}
	if err != nil {
		_ = os.Remove(f.fresh) // the error that counts is told
	}
	return err
}

// Drop leaves what was there as it is, unless the file has its name already.
func (f *File) Drop() {
	if f.ended {
		return
	}
	f.ended = true
	_ = f.Close() // nobody wants what it holds
	if f.fresh != "" {
		_ = os.Remove(f.fresh)
	}
}

// Cause is what the system said in err, without the call and the paths.
func Cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
