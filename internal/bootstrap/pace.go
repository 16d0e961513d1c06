package bootstrap

import (
	"slices"
	"sync"
	"time"
)

// pace is what a run has learnt of how long an operation of CloudFormation takes. All
// waiting targets share it: the first to end tells the others when to look.
type pace struct {
	mu        sync.Mutex
	succeeded []time.Duration // sorted
	failed    []time.Duration // sorted
	prior     time.Duration
	told      expectation   // what those who wait know of
	changed   chan struct{} // closed when it has become another
}

// Priors for this template of a provider and two roles, until the run has measured.
const (
	priorChangeSet = 3 * time.Second
	priorDeploy    = 20 * time.Second
	priorDelete    = 10 * time.Second
)

func newPace(prior time.Duration) *pace {
	return &pace{prior: prior, told: expectation{time: prior}, changed: make(chan struct{})}
}

// expectation is how long an operation is believed to take.
type expectation struct {
	time     time.Duration
	measured bool // in this run
}

// expected is the prior, or the lower quartile of what was measured. Not the median: an
// end is seen only when somebody looks, so that what is measured is too long, and looking
// by it would make it longer with every target. changed is closed once it is measured, and
// whenever it has become much shorter.
func (p *pace) expected() (e expectation, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.expectation(), p.changed
}

// failuresThatCount is how many failures tell when to look as long as nothing has
// succeeded. One that failed at once says nothing of the others; several, that all may.
const failuresThatCount = 4

func (p *pace) expectation() expectation {
	for _, ended := range [][]time.Duration{p.succeeded, p.failed} {
		if n := len(ended); n > 0 && (len(p.succeeded) > 0 || n >= failuresThatCount) {
			return expectation{time: ended[(n-1)/4], measured: true}
		}
	}
	return expectation{time: p.prior}
}

// measured adds how long an operation took, which succeeded or failed.
func (p *pace) measured(d time.Duration, succeeded bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ended := &p.succeeded
	if !succeeded {
		ended = &p.failed
	}
	i, _ := slices.BinarySearch(*ended, d)
	*ended = slices.Insert(*ended, i, d)
	if now := p.expectation(); now.measured != p.told.measured || now.time < p.told.time-p.told.time/10 {
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
// the expected end. Of the others the scouts find out how long it takes; followers are
// looked at when it is over by what the scouts have measured.
type looks struct {
	part
	atOnce bool // the first look is due at once
	early  bool // a scout's look before the expected end is still to come

	count int
	last  time.Duration // since the start
	end   expectation   // when it should be over, which is put off once: when it is measured
	late  int           // how many looks in vain came after that
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
	if l.end.time == 0 || e.time < l.end.time || e.measured != l.end.measured {
		l.end, l.late = e, 0
	}
	end := l.expectedEnd()
	switch {
	case l.early && l.role == earlyScout:
		return l.scale(firstLook, 1, 1)
	case l.early && elapsed < end:
		return l.onTheWay(e)
	case l.last < end:
		return end
	default:
		return l.last + l.lateGap(end)
	}
}

// expectedEnd is just after what was measured. A prior is only a guess, after which the
// scouts look; the others wait until one of them has seen an end.
func (l *looks) expectedEnd() time.Duration {
	switch {
	case l.end.measured:
		return l.scale(l.end.time, 1.005, 0.025)
	case l.role == follower:
		return l.scale(l.end.time, 1.5, 1)
	default:
		return l.scale(l.end.time, 1.015, 0.03)
	}
}

// lateGap is how long to wait between two looks at a stack that is not over when it should
// be: the later it is, the longer, so that what takes many times as long costs few calls, but
// never longer than a person would wait for news. As long as nothing is measured, scouts look at different times, so that one of them is
// never far from the end.
func (l *looks) lateGap(end time.Duration) time.Duration {
	late := l.last - end
	var gap time.Duration
	switch {
	case l.end.measured:
		gap = max(l.end.time/20, firstLook, late/3)
	case l.role == follower:
		gap = l.last / 2
	case l.late == 1:
		gap = l.scale(l.end.time/2, 0.05, 0.95)
	default:
		gap = max(l.end.time/2, late)
	}
	return min(gap, longestGap)
}

const longestGap = time.Minute

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
	return l.scale(e.time, 0.15, 0.85)
}

func (l *looks) looked(elapsed time.Duration) {
	l.count++
	l.early = false
	l.last = elapsed
	if l.end.time > 0 && elapsed >= l.expectedEnd() {
		l.late++
	}
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
