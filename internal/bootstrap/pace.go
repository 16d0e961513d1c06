package bootstrap

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// pace is what a run has learnt of how long a stack operation takes. All waiting targets
// share it: the first to end tells the others when to look.
type pace struct {
	mu      sync.Mutex
	ended   []time.Duration // sorted
	prior   time.Duration
	changed chan struct{} // closed when the expectation changes
}

// Priors for this template of a provider and two roles, until the run has measured.
const (
	priorDeploy = 20 * time.Second
	priorDelete = 10 * time.Second
)

func newPace(prior time.Duration) *pace {
	return &pace{prior: prior, changed: make(chan struct{})}
}

// expected is the median of what was measured, or the prior. changed is closed once it
// is another.
func (p *pace) expected() (d time.Duration, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.ended) == 0 {
		return p.prior, p.changed
	}
	return p.ended[(len(p.ended)-1)/2], p.changed
}

// measured adds how long an operation took.
func (p *pace) measured(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, _ := slices.BinarySearch(p.ended, d)
	p.ended = slices.Insert(p.ended, i, d)
	if n := len(p.ended); n == 1 || n == 8 || n == 64 { // often enough; a wake-up is not free
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// firstLook is when a stack is looked at for the first time: some endpoints are done at
// once.
const firstLook = 150 * time.Millisecond

// looks says when to look at a stack next. With few targets it looks about every second,
// so that somebody who watches sees things move. With many it looks once at the start,
// once on the way, just after the expected end, and then every twentieth of that time.
type looks struct {
	few    bool
	spread float64 // 0 to 1: where this target's look on the way lies, another for each
	count  int
	last   time.Duration // since the start
}

func newLooks(few bool) looks { return looks{few: few, spread: rand.Float64()} } //nolint:gosec // spreads load

// due is when to look next, measured from the start of the operation.
func (l *looks) due(elapsed, expected time.Duration) time.Duration {
	if l.few {
		return l.last + min(firstLook<<min(l.count, 10), l.scale(time.Second, 0.9, 0.2))
	}
	end := l.scale(expected, 1.02, 0.03)
	switch {
	case l.count == 0:
		return l.scale(firstLook, 1, 1)
	case l.count == 1 && elapsed < end:
		// Different targets look at different times, so that a run of stacks that are
		// faster than expected is found out early, by whichever looks first.
		return l.scale(expected, 0.15, 0.7)
	default:
		return max(end, l.last+max(expected/20, firstLook))
	}
}

func (l *looks) looked(elapsed time.Duration) {
	l.count++
	l.last = elapsed
}

// scale is d times a factor from least to least+width, by the target's spread.
func (l *looks) scale(d time.Duration, least, width float64) time.Duration {
	return time.Duration(float64(d) * (least + width*l.spread))
}
