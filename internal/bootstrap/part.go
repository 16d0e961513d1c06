package bootstrap

import (
	"math/bits"
	"math/rand/v2"
	"sync/atomic"
)

// role is what a target does so that its run learns how long CloudFormation takes.
type role int

const (
	// watched is the role of each of few targets: it is looked at about every second, so
	// that somebody who watches sees things move.
	watched role = iota
	// follower is looked at only when its end is expected, which costs fewest calls.
	follower
	// earlyScout looks at once: some endpoints are done at once.
	earlyScout
	// wayScout looks while its stack is on the way, which may be done much earlier than
	// expected.
	wayScout
)

// part is a target's role in its run.
type part struct {
	role   role
	spread float64 // 0 to 1: another for each target, so that they look at different times
}

func watchedPart() part {
	return part{watched, rand.Float64()} //nolint:gosec // spreads load
}

// How scouts are spread among many targets: one in so many, but not fewer in all.
const (
	followersAScout = 16
	scoutsAtLeast   = 8
)

// parts deals the targets of a run their parts.
type parts struct {
	apart uint64 // from one scout to the next; 0: few targets, all of them watched
	dealt atomic.Uint64
}

// newParts is for a run that works on so many targets at a time.
func newParts(atATime int) *parts {
	if atATime <= fewTargets {
		return &parts{}
	}
	return &parts{apart: uint64(min(atATime/scoutsAtLeast, followersAScout))}
}

// deal gives the next target that is started its part. Of four scouts one
// is early.
func (p *parts) deal() part {
	if p.apart == 0 {
		return watchedPart()
	}
	n := p.dealt.Add(1) - 1
	scout := n / p.apart
	switch early := scout / 4; {
	case n%p.apart != 0:
		return part{follower, watchedPart().spread}
	case scout%4 == 0:
		return part{earlyScout, halving(early)}
	default:
		return part{wayScout, halving(scout - early - 1)}
	}
}

// halving is the n-th of 0, 1/2, 1/4, 3/4, 1/8, 5/8, ...: however many there are, they lie
// evenly between 0 and 1.
func halving(n uint64) float64 {
	return float64(bits.Reverse64(n)>>11) / (1 << 53)
}
