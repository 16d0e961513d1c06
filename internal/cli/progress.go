package cli

import (
	"fmt"
	"sync"
)

// progress counts on standard error how far a command has come, where a person sits there.
type progress struct {
	sys   *IO
	total int
	mu    sync.Mutex
	shown bool
}

func newProgress(sys *IO, total int) *progress { return &progress{sys: sys, total: total} }

// show says that n of the total are done. It may be called by several goroutines.
func (p *progress) show(n int) {
	if !p.sys.ErrTerminal || p.total < 2 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = true
	fmt.Fprintf(p.sys.Err, "\r\x1b[Klooked at %d of %d accounts", n, p.total)
}

// end takes the count away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.sys.Err, "\r\x1b[K")
	}
}
