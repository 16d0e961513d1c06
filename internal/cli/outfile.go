package cli

import (
	"fmt"
	"io"
	"io/fs"

	"github.com/forgecroft/fcoidc/internal/wholefile"
)

// outFile is a file that a command writes beside its results. It is begun before the work: that it
// cannot be written is then known while nothing is done yet. A nil one was not asked for.
type outFile struct {
	*wholefile.File
	flag, name string
}

// createOut begins the file that flag names, nil if it names none.
func createOut(name, flag string, mode fs.FileMode) (*outFile, error) {
	if name == "" {
		return nil, nil
	}
	f, err := wholefile.Create(name, mode)
	if err != nil {
		return nil, fileError(name, flag, err)
	}
	return &outFile{f, flag, name}, nil
}

// drop leaves things as they were unless the file was finished.
func (f *outFile) drop() {
	if f != nil {
		f.Drop()
	}
}

// finish writes the file. By then the work is done, so that its error is none of usage.
func (f *outFile) finish(write func(io.Writer) error) error {
	if f == nil {
		return nil
	}
	defer f.Drop()
	err := write(f)
	if err == nil {
		err = f.Commit()
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", f.flag, f.name, wholefile.Cause(err))
	}
	return nil
}

// besides is how a command ends whose work ended with done, and whose files with unwritten. What
// came of the work says more than what came of a file: its exit code stays, and the file is told of.
func (sys *IO) besides(done, unwritten error) error {
	if done == nil {
		return unwritten
	}
	printError(sys, unwritten)
	return done
}
