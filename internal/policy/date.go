package policy

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// instant is a point in time.
type instant struct {
	seconds int64 // since the UNIX epoch
	nanos   int
}

func (i instant) compare(j instant) int {
	return cmp.Or(cmp.Compare(i.seconds, j.seconds), cmp.Compare(i.nanos, j.nanos))
}

// maxEpochDigits bounds UNIX times to what fits an int64.
const maxEpochDigits = 18

// parseInstant reads UNIX epoch seconds or one of the W3C forms of ISO 8601
// (https://www.w3.org/TR/NOTE-datetime): 2026-03, 2026-03-01, 2026-03-01T10:00Z and
// further with seconds and a fraction, which counts to the nanosecond. A time without
// zone is taken as UTC, four digits alone as epoch seconds.
func parseInstant(s string) (at instant, open OpenRules, ok bool) {
	if isDigits(s) {
		if len(s) > maxEpochDigits {
			return instant{}, 0, false
		}
		at.seconds, _ = strconv.ParseInt(s, 10, 64)
		if len(s) == 4 {
			open = OpenDateNotation
		}
		return at, open, true
	}
	date, clock, hasClock := strings.Cut(s, "T")
	year, month, day, ok := parseDate(date, hasClock)
	if !ok {
		return instant{}, 0, false
	}
	var hms [3]int
	var offset time.Duration
	if hasClock {
		var zoned bool
		if hms, at.nanos, offset, zoned, ok = parseClock(clock); !ok {
			return instant{}, 0, false
		}
		if !zoned {
			open = OpenDateNotation
		}
	}
	t := time.Date(year, time.Month(month), day, hms[0], hms[1], hms[2], 0, time.UTC)
	at.seconds = t.Add(-offset).Unix()
	return at, open, true
}

// parseDate reads 2006-01 or 2006-01-02; the latter only where whole is set.
func parseDate(s string, whole bool) (year, month, day int, ok bool) {
	day = 1
	switch {
	case len(s) == len("2006-01") && !whole && s[4] == '-':
	case len(s) == len("2006-01-02") && s[4] == '-' && s[7] == '-':
		if day, ok = number(s[8:], 1, 31); !ok {
			return 0, 0, 0, false
		}
	default:
		return 0, 0, 0, false
	}
	year, okYear := number(s[:4], 0, 9999)
	month, okMonth := number(s[5:7], 1, 12)
	if !okYear || !okMonth || day > time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return 0, 0, 0, false
	}
	return year, month, day, true
}

// parseClock reads 15:04, 15:04:05 or 15:04:05.9 with Z, an offset such as +01:00, or
// no zone.
func parseClock(s string) (hms [3]int, nanos int, offset time.Duration, zoned, ok bool) {
	if s, offset, zoned, ok = cutZone(s); !ok {
		return hms, 0, 0, false, false
	}
	s, fraction, hasFraction := strings.Cut(s, ".")
	switch {
	case len(s) == len("15:04") && s[2] == ':' && !hasFraction:
	case len(s) == len("15:04:05") && s[2] == ':' && s[5] == ':':
		if hms[2], ok = number(s[6:], 0, 59); !ok {
			return hms, 0, 0, false, false
		}
	default:
		return hms, 0, 0, false, false
	}
	var okHour, okMinute bool
	hms[0], okHour = number(s[:2], 0, 23)
	hms[1], okMinute = number(s[3:5], 0, 59)
	if !okHour || !okMinute || hasFraction && !isDigits(fraction) {
		return hms, 0, 0, false, false
	}
	if hasFraction {
		nanos, _ = strconv.Atoi((fraction + "00000000")[:9])
	}
	return hms, nanos, offset, zoned, true
}

// cutZone takes the zone off the end of a time of day.
func cutZone(s string) (clock string, offset time.Duration, zoned, ok bool) {
	if clock, found := strings.CutSuffix(s, "Z"); found {
		return clock, 0, true, true
	}
	i := strings.LastIndexAny(s, "+-")
	if i < 0 {
		return s, 0, false, true
	}
	zone := s[i+1:]
	if len(zone) != len("07:00") || zone[2] != ':' {
		return "", 0, false, false
	}
	hours, okHours := number(zone[:2], 0, 23)
	minutes, okMinutes := number(zone[3:], 0, 59)
	offset = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[i] == '-' {
		offset = -offset
	}
	return s[:i], offset, true, okHours && okMinutes
}

// number reads digits as a number between low and high.
func number(s string, low, high int) (int, bool) {
	if !isDigits(s) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && low <= n && n <= high
}

type dateMatcher struct {
	compare comparison
	want    instant
	open    OpenRules
}

func newDateMatcher(compare comparison, value string) (matcher, bool) {
	want, open, ok := parseInstant(value)
	if !ok {
		return neverMatcher{}, false
	}
	return dateMatcher{compare, want, open}, true
}

func (m dateMatcher) match(value string, _ Context) (outcome, OpenRules) {
	got, open, ok := parseInstant(value)
	if !ok {
		return incomparable, 0
	}
	return m.compare.ordered(got.compare(m.want)), m.open | open
}
