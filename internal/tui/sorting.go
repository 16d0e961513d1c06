package tui

import (
	"cmp"
	"strings"
)

// sorting is what the rows of a board are sorted by. Failures come first in all of them.
type sorting int

const (
	sortState   sorting = iota // what runs, waits, is over
	sortGiven                  // as the targets were given
	sortName                   // by name, then account
	sortSlowest                // longest first
	sortings                   // how many there are
)

func (s sorting) String() string {
	switch s {
	case sortGiven:
		return "in the order given"
	case sortName:
		return "sorted by name"
	case sortSlowest:
		return "slowest first"
	default:
		return "sorted by state"
	}
}

// compare orders row a, the i-th that was given, and b, the j-th. It is 0 only if i is j
// and nothing that counts differs.
func (s sorting) compare(a *row, i int, b *row, j int) int {
	order := pinned(b) - pinned(a)
	if order == 0 {
		switch s {
		case sortState:
			order = cmp.Compare(rank(a.state), rank(b.state))
		case sortName:
			order = cmp.Or(strings.Compare(a.target.Name, b.target.Name), strings.Compare(a.target.Account, b.target.Account))
		case sortSlowest:
			order = slower(a, b)
		default:
		}
	}
	return cmp.Or(order, cmp.Compare(i, j))
}

func pinned(r *row) int {
	if r.state == stateFailed {
		return 1
	}
	return 0
}

// rank is where a state stands among the others.
func rank(s state) int {
	switch s {
	case stateFailed:
		return 0
	case stateRunning:
		return 1
	case stateLost:
		return 2
	case stateQueued:
		return 3
	case stateBlocked:
		return 4
	case statePlanned, stateDone:
		return 5
	default:
		return 6
	}
}

// slower compares by time: what runs has its start, what is over its length, and what
// has not begun is last. Neither changes while time passes.
func slower(a, b *row) int {
	kind := func(r *row) int {
		switch {
		case r.state == stateRunning:
			return 0
		case r.state.settled():
			return 1
		default:
			return 2
		}
	}
	if order := kind(a) - kind(b); order != 0 {
		return order
	}
	if a.state == stateRunning {
		return a.started.Compare(b.started)
	}
	return cmp.Compare(b.elapsed, a.elapsed)
}
