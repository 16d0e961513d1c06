package report

import (
	"slices"
	"time"
)

// axis maps the time of a run to the width of a drawing. Stretches in which no target did anything,
// such as a person reading the review, are cut out.
type axis struct {
	busy  []stretch
	total time.Duration // of busy
	idle  time.Duration // cut out
}

// stretch is a time in which something went on, and how much of the like came before it.
type stretch struct {
	from, to time.Time
	before   time.Duration
}

// idleFrom is the shortest pause that is cut out.
const idleFrom = 3 * time.Second

func newAxis(lanes map[string]*lane) axis {
	var spans []stretch
	for _, l := range lanes {
		for _, s := range l.spans {
			if !s.to.IsZero() {
				spans = append(spans, stretch{from: s.from, to: s.to})
			}
		}
	}
	slices.SortFunc(spans, func(a, b stretch) int { return a.from.Compare(b.from) })
	a := axis{}
	for _, s := range spans {
		n := len(a.busy)
		if n > 0 && s.from.Sub(a.busy[n-1].to) < idleFrom {
			if s.to.After(a.busy[n-1].to) {
				a.busy[n-1].to = s.to
			}
			continue
		}
		if n > 0 {
			a.idle += s.from.Sub(a.busy[n-1].to)
		}
		a.busy = append(a.busy, s)
	}
	for i := range a.busy {
		a.busy[i].before = a.total
		a.total += a.busy[i].to.Sub(a.busy[i].from)
	}
	return a
}

// at is the time of a moment on the axis, from its beginning on.
func (a *axis) at(t time.Time) time.Duration {
	for i := range a.busy {
		b := &a.busy[i]
		switch {
		case t.Before(b.from):
			return b.before
		case !t.After(b.to):
			return b.before + t.Sub(b.from)
		}
	}
	return a.total
}

// share is a time as a part of the whole, from 0 to 100.
func (a *axis) share(d time.Duration) float64 {
	if a.total == 0 {
		return 0
	}
	return 100 * d.Seconds() / a.total.Seconds()
}
