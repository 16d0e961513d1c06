package sandbox

import (
	"maps"
	"sync"
)

// counter counts calls by account and action.
type counter struct {
	mu        sync.Mutex
	byAccount map[string]*tally
}

type tally struct {
	total   int
	actions map[string]int
}

// add counts a call and returns how many the account had made before it.
func (c *counter) add(account, action string) (before int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.byAccount[account]
	if t == nil {
		t = &tally{actions: map[string]int{}}
		c.byAccount[account] = t
	}
	t.actions[action]++
	t.total++
	return t.total - 1
}

// Calls returns how many requests arrived since the sandbox was made, by account and by action
// ("iam:GetRole"). The account is the one whose credentials signed, of an unsigned request the one
// of the role that it names, "" if it names none. Requests that a
// fault kept from an answer count too: the client made them.
func (s *Sandbox) Calls() map[string]map[string]int {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	out := make(map[string]map[string]int, len(s.calls.byAccount))
	for account, t := range s.calls.byAccount {
		out[account] = maps.Clone(t.actions)
	}
	return out
}
