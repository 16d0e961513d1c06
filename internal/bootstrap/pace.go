package bootstrap

import (
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
	priorChangeSet = 3 * time.Second
	priorDeploy    = 20 * time.Second
	priorDelete    = 10 * time.Second
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

// looks says when to look at a stack next, by the part of its target. One that is watched
// is looked at about every second, less often at what takes minutes, and more often around
// the expected end. The others are looked at just after the expected end and then every
// twentieth of that time; scouts once before that.
type looks struct {
	part
	atOnce bool // the first look is due at once
	early  bool // a scout's look before the expected end is still to come

	count int
	last  time.Duration // since the start
	end   time.Duration // the expected end, which is never put off
}

// newLooks begins to look at what op started. An endpoint that is known to be slow is
// spared the scouts' look at the start; one that computed the change set at once may be
// done at once.
func newLooks(op operation) looks {
	return looks{
		part: op.part, atOnce: op.changeSet != "" && !op.slow,
		early: op.part.role == wayScout || op.part.role == earlyScout && !op.slow,
	}
}

// due is when to look next, measured from the start of the operation.
func (l *looks) due(elapsed time.Duration, e expectation) time.Duration {
	if l.role == watched {
		if l.count == 0 && l.atOnce {
			return 0
		}
		return l.last + min(firstLook<<min(l.count, 20), l.scale(l.gap(e), 0.9, 0.2))
	}
	if end := l.scale(e.time, 1.02, 0.03); l.end == 0 || end < l.end {
		l.end = end
	}
	switch {
	case l.early && l.role == earlyScout:
		return l.scale(firstLook, 1, 1)
	case l.early && elapsed < l.end:
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
	l.early = false
	l.last = elapsed
}

// scale is d times a factor from least to least+width, by the target's spread.
func (l *looks) scale(d time.Duration, least, width float64) time.Duration {
	return time.Duration(float64(d) * (least + width*l.spread))
}

// changeSetDue is when look n at a change set is due, the first being 0, both it and last
// measured from when it was made. Scouts look at once, as long as nobody has measured;
// followers wait as long as it took the scouts.
func changeSetDue(n int, last time.Duration, own role, e expectation) time.Duration {
	usual := e.time + e.time/20
	switch {
	case own == watched && n == 0:
		return 0
	case own == watched && n <= 8:
		return last + 250*time.Millisecond
	case own == watched:
		return last + 500*time.Millisecond
	case own == earlyScout && n == 0 && !e.measured:
		return 0
	case n == 0:
		return usual
	case n == 1 && !e.measured:
		return last + 1200*time.Millisecond
	case !e.measured:
		usual = 0
	}
	return max(usual, last+min(500*time.Millisecond<<min(n-1, 3), 3*time.Second))
}
