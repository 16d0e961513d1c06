package bootstrap

import (
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

func TestManyTargetsAreLookedAtThreeTimesEach(t *testing.T) {
	t.Parallel()
	for _, spread := range []float64{0, 0.3, 0.5, 0.99} {
		at := simulate(looks{spread: spread}, 20*time.Second)
		if len(at) != 3 {
			t.Errorf("spread %v: looked %d times: %v", spread, len(at), at)
		}
		if end := at[len(at)-1]; end > 21500*time.Millisecond {
			t.Errorf("spread %v: the end was seen at %v", spread, end)
		}
	}
}

func TestAStackThatIsDoneAtOnceIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	for _, few := range []bool{true, false} {
		if at := simulate(looks{spread: 0.5, few: few}, 0); len(at) != 1 || at[0] > 300*time.Millisecond {
			t.Errorf("few=%v: %v", few, at)
		}
	}
}

func TestALateStackIsLookedAtEveryTwentiethOfTheTime(t *testing.T) {
	t.Parallel()
	at := simulate(looks{spread: 0.5}, 30*time.Second)
	for i := 3; i < len(at); i++ {
		if gap := at[i] - at[i-1]; gap < 900*time.Millisecond || gap > 1100*time.Millisecond {
			t.Errorf("look %d came %v after the one before", i, gap)
		}
	}
}

func TestFewTargetsAreLookedAtAboutEverySecond(t *testing.T) {
	t.Parallel()
	at := simulate(looks{spread: 0.99, few: true}, 30*time.Second)
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
			at := simulate(looks{spread: spread, few: true}, actual)
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

// Targets that wait by what was measured must not make it longer and longer.
func TestGenerationsOfTargetsDoNotSlowDown(t *testing.T) {
	t.Parallel()
	const actual = 20 * time.Second
	p := newPace(actual)
	var slowest time.Duration
	for range 30 {
		e, _ := p.expected()
		for i := range 32 {
			l := looks{spread: float64(i) / 32, count: 1}
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
