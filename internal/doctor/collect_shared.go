package doctor

import (
	"context"
	"sync"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/template"
)

// Shared is what the looks of one run have in common, so that a thousand accounts ask once: the
// policies that AWS manages, templates, and the organisation. It may be used by several
// goroutines.
type Shared struct {
	organization OrganizationAPI // nil: nobody can ask

	managed   once[string, Policy]             // policies that AWS manages, by ARN
	templates once[string, *cfn.Template]      // by SHA-256 of their text
	rendered  once[string, *template.Template] // by issuer
	head      once[string, orgHead]            // one, under ""
	levels    once[levelKey, Level]            // policies of roots and units
	parents   once[string, string]             // parent by the id of a unit
	contents  once[string, string]             // documents of the organisation's policies by id
}

// NewShared begins a run. api reads the organisation's policies; nil if nobody can.
func NewShared(api OrganizationAPI) *Shared { return &Shared{organization: api} }

// once keeps what was asked for, and lets everybody who asks meanwhile wait for the first. It
// keeps no error: what one caller may not see another may.
type once[K comparable, V any] struct {
	mu   sync.Mutex
	kept map[K]*answer[V]
}

type answer[V any] struct {
	done  chan struct{}
	value V
	err   error
}

func (o *once[K, V]) get(ctx context.Context, key K, ask func() (V, error)) (V, error) {
	for {
		a, first := o.join(key)
		if first {
			a.value, a.err = ask()
			if a.err != nil {
				o.mu.Lock()
				delete(o.kept, key)
				o.mu.Unlock()
			}
			close(a.done)
			return a.value, a.err
		}
		select {
		case <-a.done:
			if a.err == nil {
				return a.value, nil
			}
		case <-ctx.Done():
			return a.none(), ctx.Err()
		}
	}
}

// join returns the answer for the key, and whether the caller is the first and has to find it.
func (o *once[K, V]) join(key K) (a *answer[V], first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if a, ok := o.kept[key]; ok {
		return a, false
	}
	if o.kept == nil {
		o.kept = map[K]*answer[V]{}
	}
	a = &answer[V]{done: make(chan struct{})}
	o.kept[key] = a
	return a, true
}

func (*answer[V]) none() (v V) { return v }
