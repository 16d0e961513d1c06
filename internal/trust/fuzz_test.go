package trust

import (
	"errors"
	"slices"
	"testing"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// Whatever the policy, every answer points into it, every token that is shown gets in, and
// every corrected statement can be read.
func FuzzAudit(f *testing.F) {
	keys := table(f)
	for seed := range uint64(8) {
		f.Add(newGenerator(seed).policy(f).Source)
	}
	f.Add([]byte(document(fcAllow)))
	f.Add([]byte(`{"Statement": []}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		doc, err := policy.Parse(src)
		if unreadable, ok := errors.AsType[*policy.ParseError](err); ok {
			for _, r := range Unreadable(src, unreadable) {
				checkSpan(t, src, r.Span)
			}
			return
		}
		for _, r := range Storable(doc, keys) {
			checkSpan(t, src, r.Span)
		}
		for _, mode := range keyModes {
			o := Options{Table: keys, Keys: mode, ProviderARN: fcARN}
			for _, h := range Audit(doc, o).Holes {
				checkSpan(t, src, h.Span)
				if h.Token != nil {
					if admitted, _ := admittedOf(doc, h.Principal, h.Token.Context); !admitted {
						t.Errorf("%s: %v does not get in", h.Code, h.Token.Context)
					}
				}
				if h.Fix != nil {
					if _, err := policy.Parse(slices.Concat([]byte(`{"Statement":`), h.Fix.Statement, []byte(`}`))); err != nil {
						t.Errorf("%s: %v\n%s", h.Code, err, h.Fix.Statement)
					}
				}
			}
			if s := Separate(doc, doc, o); s.Verdict == Refuted {
				if admitted, _ := admittedFor(doc, s.Counter.Context); !admitted {
					t.Errorf("%v does not get in", s.Counter.Context)
				}
			}
		}
	})
}

func checkSpan(t *testing.T, src []byte, span policy.Span) {
	t.Helper()
	if span.Start.Offset > span.End.Offset || span.End.Offset > len(src) {
		t.Errorf("span %v lies outside the %d bytes", span, len(src))
	}
}
