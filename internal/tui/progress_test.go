package tui

import (
	"testing"
	"time"

	"charm.land/lipgloss/v2"
)

func TestARateIsThatOfTheLastMinute(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ends   []int // second of each
		now    int
		rate   float64
		unsure bool
	}{
		"nothing ended":                     {nil, 30, 0, true},
		"too few to tell":                   {[]int{5, 6}, 10, 0, true},
		"too early to tell":                 {[]int{0, 1, 1}, 2, 0, true},
		"one a second":                      {[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 1, false},
		"what was long ago does not count":  {[]int{1, 2, 3, 100, 105, 110}, 120, 3.0 / 60, false},
		"nothing for more than a minute":    {[]int{1, 2, 3}, 100, 0, true},
		"a burst a window ago has expired":  {[]int{1, 1, 1, 1, 61, 61, 61}, 62, 3.0 / 60, false},
		"a clock that jumps back counts on": {[]int{10, 9, 8}, 12, 3.0 / 12, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pace{began: start}
			for _, s := range tt.ends {
				p = p.ended(start.Add(time.Duration(s) * time.Second))
			}
			rate, ok := p.rate(start.Add(time.Duration(tt.now) * time.Second))
			if ok == tt.unsure || rate-tt.rate > 1e-9 || tt.rate-rate > 1e-9 {
				t.Errorf("rate is %g, %v; want %g, %v", rate, ok, tt.rate, !tt.unsure)
			}
		})
	}
}

func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"12/s":               rateWords(12.3),
		"1.5/s":              rateWords(1.5),
		"30/min":             rateWords(0.5),
		"1/min":              rateWords(0.001),
		"a few seconds left": leftWords(4 * time.Second),
		"about 25 s left":    leftWords(21 * time.Second),
		"about 1 min left":   leftWords(56 * time.Second),
		"about 3 min left":   leftWords(121 * time.Second),
		"about 15 min left":  leftWords(11 * time.Minute),
		"about 2.5 h left":   leftWords(150 * time.Minute),
		"0:07":               clock(7900 * time.Millisecond),
		"12:30":              clock(750 * time.Second),
		"1h05m":              clock(65 * time.Minute),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestABarIsFullOnlyAtTheEndAndShowsTheFirstFailure(t *testing.T) {
	t.Parallel()
	s := plainStyles()
	s.full, s.empty = "=", "."
	s.Bad = Ink{on: "<", off: ">"}
	for name, tt := range map[string]struct {
		good, bad, all int
		want           string
	}{
		"nothing yet":              {0, 0, 1000, ".........."},
		"half":                     {500, 0, 1000, "=====....."},
		"all but one":              {999, 0, 1000, "=========."},
		"all":                      {1000, 0, 1000, "=========="},
		"one of a thousand failed": {0, 1, 1000, "<=>........."},
		"half failed":              {500, 500, 1000, "=====<=====>"},
		"nearly all failed":        {1, 999, 1000, "=<=========>"},
		"no accounts":              {0, 0, 0, ".........."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := bar(s, 10, tt.good, tt.bad, tt.all); got != tt.want {
				t.Errorf("bar is %q, want %q", got, tt.want)
			}
		})
	}
	for good := range 50 {
		for bad := range 50 - good {
			if got := lipgloss.Width(bar(plainStyles(), 17, good, bad, 50)); got != 17 {
				t.Fatalf("%d good and %d bad make a bar %d wide", good, bad, got)
			}
		}
	}
}
