package doctor

import (
	"strings"
	"sync"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// What an examiner keeps of each kind; beyond it, it starts anew.
const (
	maxKept     = 1024
	maxKeptText = 4 << 10 // bytes of a symptom
)

// kept is what an examiner keeps, since many cases share a policy or a symptom: why IAM would not
// take the one, and what the words of the other tell of.
type kept struct {
	mu       sync.Mutex
	refusals map[*exchange.Policy][]Finding
	symptoms map[exchange.Symptom]symptom
}

// refusals are the reasons for IAM not to take a trust policy; none means that it would.
func (e *Examiner) refusals(p *exchange.Policy) []Finding {
	e.kept.mu.Lock()
	defer e.kept.mu.Unlock()
	list, known := e.kept.refusals[p]
	if !known {
		if p.Document == nil {
			list = []Finding{unreadable(p)}
		} else {
			list = HoleFindings(p.Document, "trust policy", trust.RefusalHoles(p.Document, e.table))
		}
		if !exchange.Shared(len(p.Source)) {
			return list // no other case has this p
		}
		if e.kept.refusals == nil || len(e.kept.refusals) >= maxKept {
			e.kept.refusals = map[*exchange.Policy][]Finding{}
		}
		e.kept.refusals[p] = list
	}
	return list
}

// symptom is [readSymptom]; equal words are read once.
func (e *Examiner) symptom(told exchange.Symptom) symptom {
	e.kept.mu.Lock()
	defer e.kept.mu.Unlock()
	s, known := e.kept.symptoms[told]
	if !known {
		s = readSymptom(told)
		if len(told.Code)+len(told.Message) > maxKeptText {
			return s
		}
		if e.kept.symptoms == nil || len(e.kept.symptoms) >= maxKept {
			e.kept.symptoms = map[exchange.Symptom]symptom{}
		}
		told = exchange.Symptom{Code: strings.Clone(told.Code), Message: strings.Clone(told.Message)} // not the case that they are parts of
		e.kept.symptoms[told] = s
	}
	return s
}
