package claims_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/forgecroft/fcoidc/internal/claims"
)

func TestADiffNamesEveryMemberThatDiffers(t *testing.T) {
	t.Parallel()
	a := parse(t, encode(`{"alg":"RS256","kid":"k1","typ":"JWT"}`, `{"iss":"i","phase":"plan","exp":1,"aud":["a", "b"],"old":null}`))
	b := parse(t, encode(`{"alg":"RS256","kid":"k2"}`, `{"phase":"apply","iss":"i","exp":2,"aud":["a","b"],"new":{"x":1}}`))
	var got []string
	for _, d := range claims.Diff(a, b) {
		got = append(got, fmt.Sprintf("%s %s %s %s>%s %v", d.Part, d.Name, d.Change, d.A.Raw(), d.B.Raw(), d.Routine))
	}
	want := []string{
		`header kid changed "k1">"k2" false`,
		`header typ removed "JWT"> false`,
		`claims phase changed "plan">"apply" false`,
		`claims exp changed 1>2 true`,
		`claims old removed null> false`,
		`claims new added >{"x":1} false`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if d := claims.Diff(a, a); len(d) != 0 {
		t.Errorf("a token differs from itself: %v", d)
	}
}
