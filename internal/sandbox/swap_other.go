//go:build !linux

package sandbox

import "os"

// swapFiles makes what is written in next the file at path.
func swapFiles(next, path string) error { return os.Rename(next, path) }
