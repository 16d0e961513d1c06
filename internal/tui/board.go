package tui

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

// Board is the live view of a run: a row for each target, kept up to date by the run's
// events and moved about in by keys. It is a value: its methods return the board that
// follows and leave the one they are called on as it was.
type Board struct {
	title string
	keys  *BoardKeys
	began time.Time
	last  time.Time // of the newest event

	rows    rowList
	index   map[targetKey]int // never changed once made
	counts  [states]int
	pace    pace
	columns boardColumns

	order    []int32 // the rows that the filter lets through, sorted
	sort     sorting
	filter   Filter
	selected int // the row that keys act on; none: the first in order
	detail   bool
	scroll   int // lines of the detail that were scrolled past
	help     bool

	width, height int // of the screen; what a page of the keys is depends on it

	leftOut     int // rows that were not begun, or go on without us
	slowed      int // rows that wait now because AWS asked to slow down
	throttled   int // how often it did
	stopping    string
	finished    bool
	interrupted bool // targets were left out, or go on without us
}

// none is the row that is selected as long as nobody selected one.
const none = -1

// fewTargets is up to how many rows keep the order they were given in: all are in sight,
// so none needs to move.
const fewTargets = 12

// targetKey tells targets apart. An account may be unknown, and may occur in two Regions.
type targetKey struct{ account, region, name, source string }

func keyOf(t *fleet.Target) targetKey {
	return targetKey{t.Account, t.Region, t.Name, t.Source}
}

// NewBoard is the board of a run over targets that began at now. It keeps targets, which
// must not be changed any more.
func NewBoard(title string, targets []fleet.Target, now time.Time) Board {
	keys := NewBoardKeys()
	b := Board{
		title: escape.Text(title), keys: &keys, began: now, last: now,
		index: make(map[targetKey]int, len(targets)), columns: newBoardColumns(targets),
		selected: none, width: 80, height: 24,
	}
	if len(targets) <= fewTargets {
		b.sort = sortGiven
	}
	rows := make([]row, len(targets))
	for i := range targets {
		rows[i] = row{target: &targets[i], phase: bootstrap.PhaseQueued}
		b.index[keyOf(&targets[i])] = i
	}
	b.rows = newRowList(rows)
	b.counts[stateQueued] = len(rows)
	return b.resorted().ready()
}

// Resize tells b how large the screen is, so that a page of its keys is one of the screen.
// A new board takes it to be 80 columns by 24 lines.
func (b Board) Resize(width, height int) Board {
	b.width, b.height = width, height
	return b
}

// Captures reports whether b takes every key but ctrl+c and ctrl+z for itself: a filter is
// being typed, the page of all keys is open, or a detail is, which q leaves like any
// other page, rather than stop the run.
func (b Board) Captures() bool { return b.filter.IsOpen() || b.help || b.detail }

// Failed is how many targets failed so far.
func (b Board) Failed() int { return b.counts[stateFailed] }

// Running is how many targets are being worked on.
func (b Board) Running() int { return b.counts[stateRunning] }

// Stopping shows how in the title: the run starts nothing new.
func (b Board) Stopping(how string) Board {
	b.stopping = escape.Text(how)
	return b.ready()
}

// Finished is b once the run is over. Targets whose last event did not arrive take their
// state from results, which are kept. An event of a new phase makes the board live again:
// what failed is retried.
func (b Board) Finished(results []bootstrap.Result) Board {
	var missing []bootstrap.Event
	for i := range results {
		r := &results[i]
		at, ok := b.index[keyOf(&r.Target)]
		if ok && b.rows.at(at).result == nil {
			missing = append(missing, bootstrap.Event{
				At: b.last, Type: bootstrap.EventFinished, Phase: bootstrap.PhaseDone, Target: r.Target, Result: r,
			})
		}
	}
	b = b.ApplyAll(missing)
	b.finished, b.stopping = true, ""
	b.interrupted = slices.ContainsFunc(results, func(r bootstrap.Result) bool {
		return r.Status == bootstrap.StatusInProgress || r.Status == bootstrap.StatusSkipped && r.Failure != nil
	})
	return b.ready()
}

// ready enables the keys that do something now.
func (b Board) ready() Board {
	keys := NewBoardKeys()
	keys.Retry.SetEnabled(b.finished && b.Failed() > 0)
	keys.Summary.SetEnabled(b.finished)
	keys.Stop.SetEnabled(!b.finished)
	if b.finished {
		keys.Detail = short(keys.Detail, "→ l", keys.Detail.Help().Desc)
		keys.Detail.SetKeys("right", "l") // enter goes to the summary
	}
	b.keys = &keys
	return b
}

// Key is b after a key. Those it does not know, it ignores.
func (b Board) Key(k tea.KeyPressMsg) Board {
	switch {
	case b.filter.IsOpen():
		return b.filtered(b.filter.Key(k))
	case b.help:
		b.help = false
		return b
	case b.detail && (k.String() == "enter" || k.String() == "q"):
		return b.back() // by the key that led here, or that leaves elsewhere
	case key.Matches(k, b.keys.Up):
		return b.move(-1)
	case key.Matches(k, b.keys.Down):
		return b.move(1)
	case key.Matches(k, b.keys.PageUp):
		return b.turn(-1)
	case key.Matches(k, b.keys.PageDown):
		return b.turn(1)
	case key.Matches(k, b.keys.Top):
		return b.top()
	case key.Matches(k, b.keys.Bottom):
		return b.move(len(b.order))
	case key.Matches(k, b.keys.Detail):
		return b.move(0).showDetail()
	case key.Matches(k, b.keys.Back):
		return b.back()
	case key.Matches(k, b.keys.Filter):
		b.filter, b.detail = b.filter.Open(), false
	case key.Matches(k, b.keys.Sort):
		b.sort = (b.sort + 1) % sortings
		return b.resorted()
	case key.Matches(k, b.keys.Help):
		b.help = true
	}
	return b
}

// Paste puts text into the filter, if one is being typed.
func (b Board) Paste(text string) Board {
	if !b.filter.IsOpen() {
		return b
	}
	return b.filtered(b.filter.Paste(text))
}

// move selects the row that is by rows further down. The selection stays with its account
// when the rows are sorted anew.
func (b Board) move(by int) Board {
	if len(b.order) == 0 {
		return b
	}
	at := min(max(b.cursor()+by, 0), len(b.order)-1)
	b.selected, b.scroll = int(b.order[at]), 0
	return b
}

// top goes to the first row. Without a detail, which is always of a selected row, that is
// whichever comes to stand there.
func (b Board) top() Board {
	if b.detail {
		return b.move(-len(b.order))
	}
	b.selected, b.scroll = none, 0
	return b
}

// turn moves by a page: of the detail if that is open, of the rows if not.
func (b Board) turn(pages int) Board {
	if !b.detail {
		return b.move(pages * max(boardRows(b.height)-1, 1))
	}
	b.scroll = min(max(b.scroll+pages*boardRows(b.height)/2, 0), b.lastScroll())
	return b
}

// showDetail opens the detail of the selected row, unless the filter shows none.
func (b Board) showDetail() Board {
	b.detail = len(b.order) > 0
	return b
}

// back undoes one thing: the detail, else the filter, else the selection.
func (b Board) back() Board {
	switch {
	case b.detail:
		b.detail, b.scroll = false, 0
	case b.filter.Active():
		return b.filtered(Filter{})
	default:
		b.selected = none
	}
	return b
}

func (b Board) filtered(f Filter) Board {
	same := slices.Equal(f.words, b.filter.words)
	b.filter = f
	if same {
		return b
	}
	return b.resorted()
}

// resorted makes the order anew, which events only keep up to date.
func (b Board) resorted() Board {
	b.order = make([]int32, 0, b.rows.n)
	for i := range b.rows.n {
		if b.shows(b.rows.at(i)) {
			b.order = append(b.order, int32(i))
		}
	}
	slices.SortFunc(b.order, func(i, j int32) int {
		return b.sort.compare(b.rows.at(int(i)), int(i), b.rows.at(int(j)), int(j))
	})
	return b
}

// shows reports whether the filter lets r through.
func (b *Board) shows(r *row) bool {
	return !b.filter.Active() || b.filter.Match(r.target.Account, r.target.Name, r.target.Region, r.words())
}

// cursor is where in the order the selected row is, 0 if it is not in it.
func (b *Board) cursor() int {
	if b.selected == none {
		return 0
	}
	at, found := b.find(b.order, b.selected, b.rows.at(b.selected))
	if !found {
		return 0
	}
	return at
}

// find is where in order row i is, or would be, if it were r.
func (b *Board) find(order []int32, i int, r *row) (at int, found bool) {
	return slices.BinarySearchFunc(order, i, func(j int32, i int) int {
		other := r
		if int(j) != i {
			other = b.rows.at(int(j))
		}
		return b.sort.compare(other, int(j), r, i)
	})
}
