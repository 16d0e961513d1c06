//go:build !linux

package sandbox

import "os"

// exchange makes what is written in next the file at path.
func exchange(next, path string) error { return os.Rename(next, path) }
