package doctor_test

import (
	"testing"

	"github.com/forgecroft/fcoidc/docs/causes"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// FuzzDiagnose: whatever Read takes can be diagnosed, and each diagnosis can be read, followed
// and looked up.
func FuzzDiagnose(f *testing.F) {
	for folder, count := range map[string]int{"cases": 56, "more": 226} {
		for _, l := range labelledCases(f, folder, count) {
			f.Add(l.source)
		}
	}
	judges := []*exchange.Judge{newJudge(f, trust.KeysIssuer), newJudge(f, trust.KeysDocumented), newJudge(f, trust.KeysAll)}
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := exchange.Read(src)
		if err != nil {
			return
		}
		for _, judge := range judges {
			seen := map[string]bool{}
			diagnoses := doctor.Diagnose(c, judge.Verdict(c))
			if len(diagnoses) > doctor.MaxDiagnoses {
				t.Errorf("%d diagnoses", len(diagnoses))
			}
			for _, x := range diagnoses {
				if x.Cause == "" || x.Summary == "" || x.Fix == "" || seen[x.Cause] {
					t.Errorf("not whole, or twice: %+v", x)
				}
				if _, ok := causes.Text(x.Cause); !ok {
					t.Errorf("%q has no page", x.Cause)
				}
				if p := x.Place; p != nil && (p.Line < 1 || p.Column < 1 || p.Width < 1 || p.Statement < 0) {
					t.Errorf("%s is nowhere: %+v", x.Cause, *p)
				}
				seen[x.Cause] = true
			}
		}
	})
}
