package sandbox

import (
	"sync"
	"time"
)

// rateLimit lets through a number of calls in any second, for each key. The zero value lets
// everything through.
type rateLimit struct {
	mu     sync.Mutex
	second int // calls in a second; 0: no limit
	recent map[string][]time.Time
}

// allow says whether a call at the instant now is within the limit, and counts it if it is.
func (l *rateLimit) allow(key string, now time.Time) bool {
	if l.second == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.recent == nil {
		l.recent = map[string][]time.Time{}
	}
	calls := l.recent[key]
	for len(calls) > 0 && now.Sub(calls[0]) >= time.Second {
		calls = calls[1:]
	}
	within := len(calls) < l.second
	if within {
		calls = append(calls, now)
	}
	l.recent[key] = calls
	return within
}
