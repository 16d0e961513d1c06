package bootstrap

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// pace is what a run has learnt of how long an operation of CloudFormation takes. All
// waiting targets share it: the first to end tells the others when to look.
type pace struct {
	mu      sync.Mutex
	ended   []time.Duration // sorted
	prior   time.Duration
	told    time.Duration // the expectation that those who wait know of
	changed chan struct{} // closed when it has become much shorter
}

// Priors for this template of a provider and two roles, until the run has measured.
const (
	priorDeploy = 20 * time.Second
	priorDelete = 10 * time.Second
)

func newPace(prior time.Duration) *pace {
	return &pace{prior: prior, told: prior, changed: make(chan struct{})}
}

// expectation is how long an operation is believed to take.
type expectation struct {
	time     time.Duration
	measured bool // in this run
}

// expected is the prior, or the lower quartile of what was measured. Not the median: an
// end is seen only when somebody looks, so that what is measured is too long, and looking
// by it would make it longer with every target. changed is closed once it is shorter.
func (p *pace) expected() (e expectation, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.expectation(), p.changed
}

func (p *pace) expectation() expectation {
	if len(p.ended) == 0 {
		return expectation{time: p.prior}
	}
	return expectation{time: p.ended[(len(p.ended)-1)/4], measured: true}
}

// measured adds how long an operation took.
func (p *pace) measured(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, _ := slices.BinarySearch(p.ended, d)
	p.ended = slices.Insert(p.ended, i, d)
	if now := p.expectation().time; now < p.told-p.told/10 {
		p.told = now
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// firstLook is when a stack is looked at for the first time: some endpoints are done at
// once.
const firstLook = 150 * time.Millisecond

// looks says when to look at a stack next. With few targets it looks about every second,
// so that somebody who watches sees things move, less often at what takes minutes, and more
// often around the expected end.
// With many it looks once at the start, once on the way, just after the expected end, and
// then every twentieth of that time.
type looks struct {
	few    bool
	spread float64 // 0 to 1: another for each target, so that they look at different times
	count  int
	last   time.Duration // since the start
	end    time.Duration // the expected end, which is never put off
}

// newLooks begins to look. With many targets, an endpoint that is known to be slow is
// spared the look at the start.
func newLooks(few, slow bool) looks {
	l := looks{few: few, spread: rand.Float64()} //nolint:gosec // spreads load
	if slow && !few {
		l.count = 1
	}
	return l
}

// due is when to look next, measured from the start of the operation.
func (l *looks) due(elapsed time.Duration, e expectation) time.Duration {
	if l.few {
		return l.last + min(firstLook<<min(l.count, 20), l.scale(l.gap(e), 0.9, 0.2))
	}
	if end := l.scale(e.time, 1.02, 0.03); l.end == 0 || end < l.end {
		l.end = end
	}
	switch {
	case l.count == 0:
		return l.scale(firstLook, 1, 1)
	case l.count == 1 && elapsed < l.end:
		return l.onTheWay(e)
	default:
		return max(l.end, l.last+max(e.time/20, firstLook))
	}
}

// gap is about how long to wait between two looks at one of few targets.
func (l *looks) gap(e expectation) time.Duration {
	usual := max(time.Second, l.last/30)
	if l.last < e.time*9/10 || l.last > e.time*6/5 {
		return usual
	}
	return min(usual, max(e.time/50, 2*firstLook))
}

// onTheWay finds out early, by whichever target looks first, that stacks are faster than
// expected: much faster than the prior, or a little faster than was measured.
func (l *looks) onTheWay(e expectation) time.Duration {
	if e.measured {
		return l.scale(e.time, 0.8, 0.2)
	}
	return l.scale(e.time, 0.15, 0.7)
}

func (l *looks) looked(elapsed time.Duration) {
	l.count++
	l.last = elapsed
}

// scale is d times a factor from least to least+width, by the target's spread.
func (l *looks) scale(d time.Duration, least, width float64) time.Duration {
	return time.Duration(float64(d) * (least + width*l.spread))
}

// changeSetPause is how long to wait before look n at a change set, the first being 0.
// Some endpoints have it ready at once; with many targets, those that come later wait as
// long as it took the earlier ones.
func changeSetPause(n int, few bool, e expectation) time.Duration {
	switch {
	case few && n == 0:
		return 0
	case few && n <= 8:
		return 250 * time.Millisecond
	case few:
		return 500 * time.Millisecond
	case n == 0:
		return e.time + e.time/20
	case n == 1 && !e.measured:
		return 1200 * time.Millisecond
	default:
		return min(500*time.Millisecond<<min(n-1, 3), 3*time.Second)
	}
}
