package cli

import (
	"fmt"
	"sync"
)

// progress counts on standard error how far a command has come, where a person looks at it. Its
// methods may be called by several goroutines.
type progress struct {
	sys   *IO
	done  string // what was done to each account: "looked at"
	mu    sync.Mutex
	count int
	shown bool
}

func newProgress(sys *IO, done string) *progress { return &progress{sys: sys, done: done} }

// step says that one more account of total is done.
func (p *progress) step(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count++; !p.sys.live() || total < 2 {
		return
	}
	p.shown = true
	fmt.Fprintf(p.sys.Err, "\r\x1b[K%s %d of %d accounts", p.done, p.count, total)
}

// hide takes the count away, for something else to be written or for good.
func (p *progress) hide() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.shown = false
		fmt.Fprint(p.sys.Err, "\r\x1b[K")
	}
}
