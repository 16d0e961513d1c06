package bootstrap

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// simulate looks at a stack that takes actual, in a run that expects 20 s, and returns
// when each look happened.
func simulate(l looks, actual time.Duration, measured bool) []time.Duration {
	var at []time.Duration
	now := time.Duration(0)
	for {
		if due := l.due(now, expectation{20 * time.Second, measured}); due > now {
			now = due
			continue
		}
		l.looked(now)
		at = append(at, now)
		if now >= actual {
			return at
		}
	}
}

func TestFollowersLookOnceAndScoutsTwice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		role role
		want int
	}{{follower, 1}, {earlyScout, 2}, {wayScout, 2}} {
		for _, spread := range []float64{0, 0.3, 0.5, 0.99} {
			at := simulate(newLooks(operation{part: part{test.role, spread}}), 20*time.Second, test.role == follower)
			if len(at) != test.want {
				t.Errorf("role %d, spread %v: looked %d times: %v", test.role, spread, len(at), at)
			}
			if end := at[len(at)-1]; end > 21500*time.Millisecond {
				t.Errorf("role %d, spread %v: the end was seen at %v", test.role, spread, end)
			}
		}
	}
}

// waited is what a run of many targets whose operations are begun within two seconds found.
type waited struct {
	most int           // looks at one target
	late time.Duration // from the end of an operation until it was seen, at most
}

// wait lets n targets wait for operations that take what takes says.
func wait(t *testing.T, n int, takes func(i int) (d time.Duration, succeeds bool)) waited {
	t.Helper()
	var found waited
	var mu sync.Mutex
	synctest.Test(t, func(t *testing.T) {
		p, all := newPace(priorDeploy), newParts(n)
		var targets sync.WaitGroup
		for i := range n {
			l := newLooks(operation{part: all.deal()})
			targets.Go(func() {
				time.Sleep(2 * time.Second * time.Duration(i) / time.Duration(n))
				actual, succeeds := takes(i)
				started := time.Now()
				for time.Since(started) < actual {
					if err := pause(t.Context(), started, p, l.due); err != nil {
						t.Error(err)
						return
					}
					l.looked(time.Since(started))
				}
				took := time.Since(started)
				p.measured(took, succeeds)
				mu.Lock()
				defer mu.Unlock()
				found.most, found.late = max(found.most, l.count), max(found.late, took-actual)
			})
		}
		targets.Wait()
	})
	return found
}

func TestAFewLooksSeeTheEndHoweverLongAStackTakes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{21, 100, 1000} {
		for _, test := range []struct {
			actual time.Duration
			most   int
			late   time.Duration
		}{
			{time.Second, 2, 3 * time.Second},
			{3 * time.Second, 2, 3 * time.Second},
			{8 * time.Second, 2, 5 * time.Second}, // with 21 targets eight scouts look at it on its way
			{15 * time.Second, 2, 3 * time.Second},
			{20 * time.Second, 2, 2 * time.Second},
			{22 * time.Second, 4, 3 * time.Second},
			{30 * time.Second, 4, 3 * time.Second},
			{40 * time.Second, 5, 4 * time.Second},
			{90 * time.Second, 7, 9 * time.Second},
			{5 * time.Minute, 11, 30 * time.Second},
		} {
			got := wait(t, n, func(int) (time.Duration, bool) { return test.actual, true })
			if got.most > test.most || got.late > test.late {
				t.Errorf("%d stacks of %v: %d looks, not %d; seen %v late, not %v", n, test.actual, got.most, test.most, got.late, test.late)
			}
		}
	}
}

func TestWhatOtherStacksDoCostsFewLooks(t *testing.T) {
	t.Parallel()
	const usual = 20 * time.Second
	for name, test := range map[string]struct {
		takes func(i int) (time.Duration, bool)
		most  int
		late  time.Duration
	}{
		"one fails at once": {func(i int) (time.Duration, bool) { return min(usual*time.Duration(i), usual), i > 0 }, 2, 2 * time.Second},
		"all fail soon":     {func(int) (time.Duration, bool) { return 3 * time.Second, false }, 2, 3 * time.Second},
		"a fifth fails soon": {func(i int) (time.Duration, bool) {
			if i%5 == 0 {
				return 3 * time.Second, false
			}
			return usual, true
		}, 12, 12 * time.Second},
		"one takes half an hour":  {func(i int) (time.Duration, bool) { return usual + time.Duration(i/999)*30*time.Minute, true }, 50, time.Minute},
		"each takes its own time": {func(i int) (time.Duration, bool) { return usual + time.Duration(i*37%1000)*40*time.Millisecond, true }, 15, 12 * time.Second},
	} {
		if got := wait(t, 1000, test.takes); got.most > test.most || got.late > test.late {
			t.Errorf("%s: %d looks, not %d; seen %v late, not %v", name, got.most, test.most, got.late, test.late)
		}
	}
}

func TestAStackThatIsDoneAtOnceIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		op   operation
		most time.Duration
	}{
		{operation{changeSet: "computed at once"}, 0},
		{operation{changeSet: "took its time", slow: true}, firstLook},
		{operation{}, firstLook},
		{operation{part: part{role: earlyScout}, changeSet: "computed at once"}, 2 * firstLook},
	} {
		if at := simulate(newLooks(test.op), 0, false); len(at) != 1 || at[0] > test.most {
			t.Errorf("%+v: %v", test.op, at)
		}
	}
}

func TestAChangeSetIsLookedAtTwiceByScoutsAndOnceByFollowers(t *testing.T) {
	t.Parallel()
	const actual = time.Second
	for _, test := range []struct {
		role role
		e    expectation
		want []time.Duration
	}{
		{earlyScout, expectation{time: priorChangeSet}, []time.Duration{0, 1200 * time.Millisecond}},
		{earlyScout, expectation{time: actual, measured: true}, []time.Duration{1050 * time.Millisecond}},
		{follower, expectation{time: priorChangeSet}, []time.Duration{3150 * time.Millisecond}},
		{follower, expectation{time: actual, measured: true}, []time.Duration{1050 * time.Millisecond}},
		{watched, expectation{time: priorChangeSet}, []time.Duration{0, 250 * time.Millisecond, 500 * time.Millisecond, 750 * time.Millisecond, actual}},
	} {
		var got []time.Duration
		for last := time.Duration(-1); last < actual; {
			last = changeSetDue(len(got), max(last, 0), test.role, test.e)
			got = append(got, last)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("role %d, %+v: looks at %v, not %v", test.role, test.e, got, test.want)
		}
	}
	// A scout that looked in vain at the start waits by what another one has measured since.
	if due := changeSetDue(1, 0, earlyScout, expectation{time: actual, measured: true}); due != 1050*time.Millisecond {
		t.Errorf("the second look is due at %v", due)
	}
}

func TestOneTargetInSixteenIsAScoutAndAtLeastEight(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ targets, scouts int }{{1, 0}, {20, 0}, {21, 11}, {100, 9}, {160, 10}, {1000, 63}} {
		all, scouts := newParts(test.targets), map[role]int{}
		for range test.targets {
			scouts[all.deal().role]++
		}
		if n := scouts[earlyScout] + scouts[wayScout]; n != test.scouts {
			t.Errorf("%d of %d are scouts, not %d", n, test.targets, test.scouts)
		}
		if early, want := scouts[earlyScout], (test.scouts+3)/4; early != want {
			t.Errorf("of %d targets %d look at once, not %d", test.targets, early, want)
		}
	}
}

func TestAStackIsLookedAtTheMoreSeldomTheLaterItIs(t *testing.T) {
	t.Parallel()
	at := simulate(looks{part: part{follower, 0.5}}, 60*time.Second, true)
	if first := at[1] - at[0]; first != time.Second {
		t.Errorf("the second look comes after %v, not a twentieth of the time", first)
	}
	for i := 2; i < len(at); i++ {
		if gap, late := at[i]-at[i-1], at[i-1]-at[0]; gap != max(time.Second, late/3) {
			t.Errorf("look %d, %v late, came %v after the one before", i, late, gap)
		}
	}
}

func TestFewTargetsAreLookedAtAboutEverySecond(t *testing.T) {
	t.Parallel()
	at := simulate(looks{part: part{watched, 0.99}}, 30*time.Second, false)
	for i := 4; i < len(at); i++ {
		gap := at[i] - at[i-1]
		least, most := 800*time.Millisecond, 1200*time.Millisecond
		if at[i-1] > 18*time.Second && at[i-1] < 24*time.Second { // around the expected end
			least, most = 300*time.Millisecond, 500*time.Millisecond
		}
		if gap < least || gap > most {
			t.Errorf("look %d, at %v, came %v after the one before", i, at[i], gap)
		}
	}
}

func TestTheExpectedEndOfOneOfFewTargetsIsSeenWithinHalfASecond(t *testing.T) {
	t.Parallel()
	for actual := 19 * time.Second; actual <= 23*time.Second; actual += 70 * time.Millisecond {
		for _, spread := range []float64{0, 0.3, 0.5, 0.99} {
			at := simulate(looks{part: part{watched, spread}}, actual, false)
			if late := at[len(at)-1] - actual; late > 500*time.Millisecond {
				t.Errorf("spread %v: the end at %v was seen %v late", spread, actual, late)
			}
			if len(at) > 37 {
				t.Errorf("spread %v: %d looks at a stack of %v", spread, len(at), actual)
			}
		}
	}
}

func TestARunLearnsHowLongAStackTakes(t *testing.T) {
	t.Parallel()
	p := newPace(20 * time.Second)
	if e, _ := p.expected(); e.time != 20*time.Second || e.measured {
		t.Errorf("before anything was measured: %+v", e)
	}
	for _, test := range []struct {
		took time.Duration
		told bool
	}{{19 * time.Second, true}, {18 * time.Second, false}, {5 * time.Second, true}} {
		_, changed := p.expected()
		p.measured(test.took, true)
		told := false
		select {
		case <-changed:
			told = true
		default:
		}
		if told != test.told {
			t.Errorf("after %v: those who wait were told: %v", test.took, told)
		}
	}
	for _, s := range []time.Duration{9, 4} {
		p.measured(s*time.Second, true)
	}
	if e, _ := p.expected(); e.time != 5*time.Second || !e.measured {
		t.Errorf("the lower quartile of 4 5 9 18 19 is not %v", e.time)
	}
}

func TestScoutsOnTheWayLieEvenlyHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	all := newParts(1000)
	var got []float64
	for range 1000 {
		if p := all.deal(); p.role == wayScout {
			got = append(got, p.spread)
		}
	}
	if want := []float64{0, 0.5, 0.25, 0.75, 0.125}; !slices.Equal(got[:5], want) {
		t.Errorf("the first are spread by %v, not %v", got[:5], want)
	}
}

// Targets that wait by what was measured must not make it longer and longer.
func TestGenerationsOfTargetsDoNotSlowDown(t *testing.T) {
	t.Parallel()
	const actual = 20 * time.Second
	p := newPace(actual)
	p.measured(actual*103/100, true)
	var slowest time.Duration
	for range 30 {
		e, _ := p.expected()
		for i := range 32 {
			l := looks{part: part{follower, float64(i) / 32}}
			now := time.Duration(0)
			for {
				if due := l.due(now, e); due > now {
					now = due
					continue
				}
				l.looked(now)
				if now >= actual {
					break
				}
			}
			p.measured(now, true)
			slowest = max(slowest, now)
		}
	}
	if slowest > actual*115/100 {
		t.Errorf("a stack of %v was waited for %v", actual, slowest)
	}
}
