package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// span is a flag's time that may be given in days, which [time.ParseDuration] does not know.
type span time.Duration

func (s *span) Set(text string) error {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		const most = 100_000 // whose nanoseconds a Duration still holds
		n, err := strconv.Atoi(days)
		if err != nil || n > most || n < -most {
			return fmt.Errorf("%q is no number of days", days)
		}
		*s = span(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return err
	}
	*s = span(d)
	return nil
}

func (s *span) String() string {
	if *s == 0 {
		return ""
	}
	return time.Duration(*s).String()
}

// Type implements pflag.Value.
func (*span) Type() string { return "duration" }
