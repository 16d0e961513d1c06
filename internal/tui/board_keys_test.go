package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

func TestKeysMoveTheSelection(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		keys []string
		want int // row in order
	}{
		"at first the top":             {nil, 0},
		"down":                         {[]string{"down", "j"}, 2},
		"up again":                     {[]string{"down", "down", "up"}, 1},
		"not above the top":            {[]string{"up", "k"}, 0},
		"to the end":                   {[]string{"G"}, 99},
		"not below the end":            {[]string{"end", "down"}, 99},
		"home":                         {[]string{"end", "g"}, 0},
		"a page of the screen's rows":  {[]string{"pgdown"}, 15},
		"and back":                     {[]string{"pgdown", "pgdown", "pgup"}, 15},
		"a key that nobody knows":      {[]string{"down", "Z"}, 1},
		"escape forgets the selection": {[]string{"down", "esc"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(100).press(tt.keys...)
			if got := s.board.cursor(); got != tt.want {
				t.Errorf("the cursor is at %d, want %d", got, tt.want)
			}
		})
	}
}

func TestAPageIsThatOfTheScreen(t *testing.T) {
	t.Parallel()
	s := newScene(100)
	s.board = s.board.Resize(120, 40)
	if s.press("pgdown"); s.board.cursor() != 31 {
		t.Errorf("a page of a screen of 40 lines moves by %d", s.board.cursor())
	}
	if lines := strings.Split(s.render(120, 40), "\n"); !strings.HasPrefix(lines[5+16], "› ") {
		t.Errorf("the row that is selected is not in the middle:\n%s", strings.Join(lines, "\n"))
	}
}

func TestTheSelectionStaysWithItsAccount(t *testing.T) {
	t.Parallel()
	s := newScene(100).press("down", "down", "down")
	for i := 50; i < 60; i++ {
		s.begin(i)
	}
	if s.board.selected != 3 || s.board.cursor() != 13 {
		t.Errorf("row %d is selected, at %d; want 3 at 13", s.board.selected, s.board.cursor())
	}
}

func TestAFilterLeavesOnlyWhatHoldsItsWords(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		keys []string
		want int
	}{
		"part of a name":                   {[]string{"/", "l", "o", "g"}, 13},
		"in whatever case":                 {[]string{"/", "L", "O", "G"}, 13},
		"two words":                        {[]string{"/", "l", "o", "g", " ", "p", "r", "o", "d"}, 5},
		"a state":                          {[]string{"/", "b", "l", "o", "c", "k"}, 1},
		"an account":                       {[]string{"/", "0", "0", "7", "0", "0", "2"}, 1},
		"nothing":                          {[]string{"/", "z", "z"}, 0},
		"enter keeps it":                   {[]string{"/", "l", "o", "g", "enter"}, 13},
		"escape clears it":                 {[]string{"/", "l", "o", "g", "esc"}, 100},
		"escape clears it later too":       {[]string{"/", "l", "o", "g", "enter", "esc"}, 100},
		"letters of it are not commands":   {[]string{"/", "q"}, 62},
		"what is deleted counts no more":   {[]string{"/", "z", "backspace"}, 100},
		"a movement inside edits inside":   {[]string{"/", "o", "g", "home", "l"}, 13},
		"the selection may be filtered":    {[]string{"end", "/", "l", "o", "g", "enter"}, 13},
		"a key after it is a command":      {[]string{"/", "l", "o", "g", "enter", "s", "down"}, 13},
		"blanks alone leave nothing out":   {[]string{"/", " ", " "}, 100},
		"a filter that is opened and left": {[]string{"/", "enter"}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := busyScene(100).press(tt.keys...)
			if got := len(s.board.order); got != tt.want {
				t.Errorf("%d rows are left, want %d", got, tt.want)
			}
			if got, want := s.board.resorted().order, s.board.order; !slices.Equal(got, want) {
				t.Errorf("the order is not that of sorting anew")
			}
		})
	}
}

func TestTextIsPastedIntoAnOpenFilterOnly(t *testing.T) {
	t.Parallel()
	b := busyScene(100).board
	if got := b.Paste("log"); got.filter.Active() {
		t.Error("pasted into a filter that was not open")
	}
	if got := len(b.Key(keyPress("/")).Paste("log").order); got != 13 {
		t.Errorf("%d rows are left, want 13", got)
	}
}

func TestACopyOfAFilterIsNotTypedInto(t *testing.T) {
	t.Parallel()
	a := Filter{}.Open().Paste("production")
	b := a.Key(keyPress("home")).Key(keyPress("x"))
	c := a.Key(keyPress("backspace")).Key(keyPress("l"))
	if a.Text() != "production" || b.Text() != "xproduction" || c.Text() != "productiol" {
		t.Errorf("texts are %q, %q, %q", a.Text(), b.Text(), c.Text())
	}
}

func TestTheBoardSaysWhetherItTakesEveryKey(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		keys []string
		want bool
	}{
		"the rows":             {nil, false},
		"a filter is typed":    {[]string{"/"}, true},
		"a filter is kept":     {[]string{"/", "a", "enter"}, false},
		"the page of all keys": {[]string{"?"}, true},
		"back from it":         {[]string{"?", "q"}, false},
		"a detail":             {[]string{"right"}, true},
		"back from a detail":   {[]string{"right", "q"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := newScene(20).press(tt.keys...).board.Captures(); got != tt.want {
				t.Errorf("Captures is %v", got)
			}
		})
	}
}

func TestEnterShowsDetailsUntilTheRunIsOver(t *testing.T) {
	t.Parallel()
	s := busyScene(20)
	if s.press("enter"); !s.board.detail {
		t.Error("enter does not show details")
	}
	for _, back := range []string{"left", "esc", "q", "enter"} {
		if s.press("right", back); s.board.detail {
			t.Errorf("%s does not go back", back)
		}
	}
	s.board = s.board.Finished(nil)
	if s.press("enter"); s.board.detail {
		t.Error("enter shows details though it should lead to the summary")
	}
	if s.press("right"); !s.board.detail {
		t.Error("right does not show details")
	}
}

func TestADetailScrollsToItsEndAndBack(t *testing.T) {
	t.Parallel()
	s := newScene(2)
	for range 40 {
		s.wait(time.Second)
		s.resource(1, 1, "PlanRole", "CREATE_IN_PROGRESS", "")
	}
	s.press("down", "enter")
	top := s.render(80, 24)
	if !strings.Contains(top, "\n  … ") || !strings.Contains(top, "more lines below") {
		t.Errorf("it does not say that there is more:\n%s", top)
	}
	for range 20 {
		s.press("pgdown")
	}
	if end := s.render(80, 24); !strings.Contains(end, "09:26:40") || strings.Contains(end, "more lines below") {
		t.Errorf("the end is not in sight:\n%s", end)
	}
	scrolled := s.board.scroll
	if s.press("pgup"); s.board.scroll >= scrolled {
		t.Errorf("one page up stays at line %d", s.board.scroll)
	}
	s.press("pgup", "pgup", "pgup", "pgup", "pgup")
	if s.render(80, 24) != top {
		t.Error("pages up do not lead back to the top")
	}
}

func TestAnEmptyBoardTakesEveryKey(t *testing.T) {
	t.Parallel()
	b := NewBoard("Nothing", nil, start)
	for _, k := range []string{"down", "up", "pgdown", "end", "enter", "right", "pgdown", "left", "s", "/", "x", "enter", "esc", "?", "?"} {
		b = b.Key(keyPress(k))
		if b.Render(plainStyles(), 80, 24, start) == "" {
			t.Fatalf("nothing is drawn after %s", k)
		}
	}
	if b.Key(tea.KeyPressMsg{Code: tea.KeyF5}).Render(plainStyles(), 80, 24, start) == "" {
		t.Error("nothing is drawn")
	}
}

func TestTheBoardSaysThatFailuresComeFirst(t *testing.T) {
	t.Parallel()
	s := newScene(6)
	if got := s.render(80, 24); !strings.Contains(got, "  in the order given\n") {
		t.Errorf("where nothing has failed the order is not said alone:\n%s", got)
	}
	s.begin(3)
	s.fail(3, time.Second)
	for _, want := range []string{
		"failures first, then in the order given", "failures first, then sorted by name",
		"failures first, then slowest first", "  sorted by state\n",
	} {
		if got := s.render(80, 24); !strings.Contains(got, want) {
			t.Errorf("%q is not said:\n%s", want, got)
		}
		s.press("s")
	}
}
