package exchange

import (
	"fmt"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/trust"
)

// A batch reads policies of others: what a judge keeps of them must not grow with the batch.
func TestAJudgeKeepsOnlySoMuchOfPolicies(t *testing.T) {
	t.Parallel()
	sized := func(name string, size int) []byte {
		text := `{"Statement":[],"Id":"` + name + `"}`
		return []byte(text + strings.Repeat(" ", size-len(text)))
	}
	j := NewJudge(nil, trust.KeysIssuer)
	small := sized("small", 4000)
	if p := j.ReadPolicy(small); p != j.ReadPolicy(append([]byte(nil), small...)) {
		t.Error("a policy of usual size is read twice")
	}
	for i := range 100 {
		j.ReadPolicy(sized(fmt.Sprint(i), 30_000))
		j.ReadPolicy(sized(fmt.Sprint(i), 700_000))
	}
	kept := 0
	for source := range j.policies {
		kept += len(source)
	}
	if kept > maxKeptSize || kept < maxKeptSize/4 || kept != j.size {
		t.Errorf("%d bytes of policies are kept, %d by its own count", kept, j.size)
	}
}
