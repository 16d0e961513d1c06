package sandbox

import (
	"os"

	"golang.org/x/sys/unix"
)

// swapFiles makes what is written in next the file at path. Where both exist they trade
// names, so that next is a file to write to again: ext4 does not give out an inode within
// seconds of its removal, and with thousands of writes a minute spends most of its time on
// passing over those.
func swapFiles(next, path string) error {
	if unix.Renameat2(unix.AT_FDCWD, next, unix.AT_FDCWD, path, unix.RENAME_EXCHANGE) == nil {
		return nil
	}
	return os.Rename(next, path) // path is new, or the file system cannot exchange
}
