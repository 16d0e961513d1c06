package claims

import (
	"fmt"
	"testing"
)

func TestANameThatComesTwiceIsFoundAmongAnyNumber(t *testing.T) {
	t.Parallel()
	const all = 3 * len(names{}.few)
	for first := range all {
		var seen names
		for i := range all {
			if !seen.add(fmt.Sprint("claim", i)) {
				t.Fatalf("name %d is taken for one before it", i)
			}
		}
		if seen.add(fmt.Sprint("claim", first)) {
			t.Errorf("name %d is not known again", first)
		}
	}
}
