package tui

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// allKeys are those that any screen knows, and a few that none does.
var allKeys = []string{
	"up", "down", "pgup", "pgdown", "home", "end", "g", "G", "enter", "right", "left", "esc", "q", "/", "x", "1", "backspace", "s", "?", "h", "l", "Z",
}

func TestNoKeysBreakTheBoard(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, seed))
			s := busyScene(int(seed % 20))
			pressed := []string{}
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%v after %v", r, pressed)
				}
			}()
			for range 60 {
				k := allKeys[random.IntN(len(allKeys))]
				pressed = append(pressed, k)
				if s.press(k); len(s.targets) > 0 && random.IntN(4) == 0 {
					s.succeed(random.IntN(len(s.targets)), time.Second) // which the filter may leave out
				}
				if random.IntN(20) == 0 {
					s.board = s.board.Finished(nil)
				}
				s.board = s.board.Resize(60+random.IntN(80), 15+random.IntN(20))
				if s.render(s.board.width, s.board.height) == "" {
					t.Fatalf("nothing is drawn after %v", pressed)
				}
			}
		})
	}
}

func TestNoKeysBreakTheOtherScreens(t *testing.T) {
	t.Parallel()
	keys := map[string]tea.KeyPressMsg{}
	for _, name := range allKeys {
		keys[name] = keyPress(name)
	}
	for name, k := range namedKeys {
		if name != "ctrl+z" {
			keys[name] = k
		}
	}
	for _, typed := range []string{"a", "b", "c", "e", "n", "p", "t", "w", "y", "2", "3"} {
		keys[typed] = keyPress(typed)
	}
	names := slices.Sorted(maps.Keys(keys))
	for screen, reach := range map[string][]string{
		"the form": {}, "the Regions": {exampleOrg, "enter"}, "the review": nil, "the summary": {"enter", "y", "enter"},
	} {
		for seed := range uint64(8) {
			t.Run(fmt.Sprint(screen, seed), func(t *testing.T) {
				t.Parallel()
				var d *driver
				if screen == "the form" || screen == "the Regions" {
					d = newDriver(t, fakeOptions(&fakeJob{}))
				} else {
					d = answered(t, &fakeJob{providers: []string{"010000000002"}})
				}
				d.keys(reach...)
				at, pressed := d.app.screen, []string{}
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("%v after %v", r, pressed)
					}
				}()
				random := rand.New(rand.NewPCG(seed, seed))
				for range 60 {
					name := names[random.IntN(len(names))]
					pressed = append(pressed, name)
					next, _ := d.app.Update(keys[name]) // what it leads to is not run
					if next := next.(app); next.screen == at {
						d.app = next
					}
					next, _ = d.app.Update(tea.WindowSizeMsg{Width: 60 + random.IntN(80), Height: 15 + random.IntN(20)})
					d.app = next.(app)
					if d.app.render() == "" {
						t.Fatalf("nothing is drawn after %v", pressed)
					}
				}
			})
		}
	}
}

func TestTheTopOfABoardWithADetailIsAnAccount(t *testing.T) {
	t.Parallel()
	for _, k := range []string{"g", "home"} {
		s := busyScene(20).press("down", "down", "enter", k)
		if s.render(80, 24); !s.board.detail || s.board.selected != int(s.board.order[0]) {
			t.Errorf("%s selects %d", k, s.board.selected)
		}
	}
}

func TestADetailIsNotOpenedWhereTheFilterShowsNothing(t *testing.T) {
	t.Parallel()
	if s := busyScene(20).press("down", "/", "Z", "enter", "right"); s.board.detail {
		t.Errorf("a detail of an account that is not shown:\n%s", s.render(80, 24))
	}
}
