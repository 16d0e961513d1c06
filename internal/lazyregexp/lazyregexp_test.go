package lazyregexp_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

func TestAPatternMatchesAsTheCompiledOneDoes(t *testing.T) {
	t.Parallel()
	pattern := lazyregexp.New(`^([a-z]+)-(\d+)$`)
	if pattern.String() != `^([a-z]+)-(\d+)$` {
		t.Errorf("the pattern reads %s", pattern)
	}
	var g sync.WaitGroup
	for range 4 {
		g.Go(func() {
			if !pattern.MatchString("prod-12") || pattern.MatchString("prod-") {
				t.Error("matches something else")
			}
			if m := pattern.FindStringSubmatch("prod-12"); !slices.Equal(m, []string{"prod-12", "prod", "12"}) {
				t.Errorf("found %q", m)
			}
		})
	}
	g.Wait()
}

func TestAPatternThatDoesNotCompilePanicsOnlyWhenItIsUsed(t *testing.T) {
	t.Parallel()
	pattern := lazyregexp.New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("matching did not panic")
		}
	}()
	pattern.MatchString("x")
}
