package bootstrap

import (
	"slices"
	"testing"
	"time"
)

// simulate looks at a stack that takes actual, in a run that expects 20 s, and returns
// when each look happened.
func simulate(l looks, actual time.Duration) []time.Duration {
	var at []time.Duration
	now := time.Duration(0)
	for {
		if due := l.due(now, expectation{time: 20 * time.Second}); due > now {
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
			at := simulate(newLooks(operation{part: part{test.role, spread}}), 20*time.Second)
			if len(at) != test.want {
				t.Errorf("role %d, spread %v: looked %d times: %v", test.role, spread, len(at), at)
			}
			if end := at[len(at)-1]; end > 21500*time.Millisecond {
				t.Errorf("role %d, spread %v: the end was seen at %v", test.role, spread, end)
			}
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
		if at := simulate(newLooks(test.op), 0); len(at) != 1 || at[0] > test.most {
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
		if early, way := scouts[earlyScout], scouts[wayScout]; early-way > 1 || way > early {
			t.Errorf("of %d targets %d look at once and %d on the way", test.targets, early, way)
		}
	}
}

func TestALateStackIsLookedAtEveryTwentiethOfTheTime(t *testing.T) {
	t.Parallel()
	at := simulate(looks{part: part{follower, 0.5}}, 30*time.Second)
	for i := 1; i < len(at); i++ {
		if gap := at[i] - at[i-1]; gap < 900*time.Millisecond || gap > 1100*time.Millisecond {
			t.Errorf("look %d came %v after the one before", i, gap)
		}
	}
}

func TestFewTargetsAreLookedAtAboutEverySecond(t *testing.T) {
	t.Parallel()
	at := simulate(looks{part: part{watched, 0.99}}, 30*time.Second)
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
			at := simulate(looks{part: part{watched, spread}}, actual)
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
	e, changed := p.expected()
	if e.time != 20*time.Second || e.measured {
		t.Errorf("before anything was measured: %+v", e)
	}
	p.measured(19 * time.Second)
	select {
	case <-changed:
		t.Error("those who wait were woken for nothing")
	default:
	}
	p.measured(5 * time.Second)
	select {
	case <-changed:
	default:
		t.Error("those who wait were not told")
	}
	for _, s := range []time.Duration{9, 4, 6} {
		p.measured(s * time.Second)
	}
	if e, _ := p.expected(); e.time != 5*time.Second || !e.measured {
		t.Errorf("the lower quartile of 4 5 6 9 19 is not %v", e.time)
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
			p.measured(now)
			slowest = max(slowest, now)
		}
	}
	if slowest > actual*115/100 {
		t.Errorf("a stack of %v was waited for %v", actual, slowest)
	}
}
