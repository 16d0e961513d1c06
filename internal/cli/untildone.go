package cli

import (
	"context"
	"io"
)

// stdin is the process's standard input, which an interrupt ends: a person may be asked for input
// and have none.
func (sys *IO) stdin() io.Reader { return untilDone{sys.In, sys.done} }

// untilDone reads what may keep silent for ever, a terminal or a pipe, until done is closed. From
// then on the error is [context.Canceled].
type untilDone struct {
	from io.Reader
	done <-chan struct{}
}

// Read leaves a read that is in progress to itself once done is closed: nothing can end it. It reads
// into a buffer of its own, since the caller's may be used again by then.
func (u untilDone) Read(p []byte) (int, error) {
	type answer struct {
		part []byte
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		buffer := make([]byte, len(p))
		n, err := u.from.Read(buffer)
		read <- answer{buffer[:n], err}
	}()
	select {
	case a := <-read:
		return copy(p, a.part), a.err
	case <-u.done:
		return 0, context.Canceled
	}
}
