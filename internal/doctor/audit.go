package doctor

import (
	"sync"

	"github.com/forgecroft/fcoidc/internal/exchange"
)

// maxKept bounds what an examiner keeps of policies it has audited.
const maxKept = 4096

// policyCache keeps whether IAM would take a policy, since many cases share one.
type policyCache struct {
	mu       sync.Mutex
	storable map[*exchange.Policy]*bool
}

func (e *Examiner) storable(p *exchange.Policy) *bool { return nil }

func (e *Examiner) audit(c *exchange.Case, v *exchange.Verdict) []Finding { return nil }
