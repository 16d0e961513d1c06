package tui

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// paceWindow is over how long the rate is taken: long enough to smooth the waves in which
// stacks finish, short enough to follow a run that gets slower.
const paceWindow = 60 // seconds

// pace counts what came to an end in each of the last seconds. It is a value.
type pace struct {
	began  time.Time // when the first work began
	second int64     // Unix time of the newest count
	counts [paceWindow]uint16
	total  int
}

// at is p with its newest count at t.
func (p pace) at(t time.Time) pace {
	second := t.Unix()
	if second-p.second >= paceWindow {
		p.counts = [paceWindow]uint16{}
	} else {
		for s := p.second + 1; s <= second; s++ {
			p.counts[s%paceWindow] = 0
		}
	}
	p.second = max(p.second, second)
	return p
}

// ended counts one that came to an end at t.
func (p pace) ended(t time.Time) pace {
	if t.Unix() < 0 {
		return p // no clock: a zero time
	}
	p = p.at(t)
	i := p.second % paceWindow
	p.counts[i] = min(p.counts[i], math.MaxUint16-1) + 1
	p.total++
	return p
}

// Bounds below which a rate says more than is known.
const (
	paceAtLeast = 3
	paceAfter   = 3 * time.Second
)

// rate is how many come to an end in a second; ok is false as long as nobody can tell.
func (p pace) rate(now time.Time) (perSecond float64, ok bool) {
	took := since(p.began, now)
	if p.total < paceAtLeast || took < paceAfter {
		return 0, false
	}
	p = p.at(now)
	n := 0
	for _, c := range p.counts {
		n += int(c)
	}
	return float64(n) / min(took.Seconds(), paceWindow), n > 0
}

// rateWords is a rate in the unit that gives it a sensible size.
func rateWords(perSecond float64) string {
	switch {
	case perSecond >= 9.95:
		return fmt.Sprintf("%.0f/s", perSecond)
	case perSecond >= 1:
		return fmt.Sprintf("%.1f/s", perSecond)
	default:
		return fmt.Sprintf("%.0f/min", max(perSecond*60, 1))
	}
}

// leftWords is an estimate, coarser the longer it is, so that it does not flicker.
func leftWords(left time.Duration) string {
	switch s := left.Seconds(); {
	case s < 10:
		return "a few seconds left"
	case s < 55:
		return fmt.Sprintf("about %.0f s left", math.Ceil(s/5)*5)
	case s < 600:
		return fmt.Sprintf("about %.0f min left", math.Ceil(s/60))
	case s < 3600:
		return fmt.Sprintf("about %.0f min left", math.Ceil(s/300)*5)
	default:
		return fmt.Sprintf("about %.1f h left", s/3600)
	}
}

// clock is a time that has passed: "0:07", "12:30", "1h05m".
func clock(d time.Duration) string {
	s := int(d.Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// bar is a bar of room columns: good of all, then bad of all, then what is missing. It is
// full only if nothing is missing, and shows the first that failed.
func bar(s Styles, room, good, bad, all int) string {
	cells := func(n int) int { return n * room / max(all, 1) }
	red := cells(bad)
	if bad > 0 {
		red = max(red, 1)
	}
	green := min(max(cells(good+bad)-red, 0), room-red)
	return s.Good.Paint(strings.Repeat(s.full, green)) +
		s.Bad.Paint(strings.Repeat(s.full, red)) +
		s.Dim.Paint(strings.Repeat(s.empty, room-green-red))
}
