package doctor

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatARunSharesIsAskedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o once[string, int]
		var asked atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				v, err := o.get(t.Context(), "k", func() (int, error) {
					asked.Add(1)
					time.Sleep(time.Second)
					return 7, nil
				})
				if v != 7 || err != nil {
					t.Errorf("%d, %v", v, err)
				}
			})
		}
		all.Wait()
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestAnErrorOfOneIsNotTheErrorOfAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o once[string, int]
		refused := errors.New("refused")
		var asked atomic.Int32
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				v, err := o.get(t.Context(), "k", func() (int, error) {
					time.Sleep(time.Second)
					if asked.Add(1) < 3 {
						return 0, refused
					}
					return 7, nil
				})
				if err == nil && v != 7 || err != nil && !errors.Is(err, refused) {
					t.Errorf("%d, %v", v, err)
				}
			})
		}
		all.Wait()
		if n := asked.Load(); n != 3 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestWhoeverWaitsForAnotherCanBeInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o once[string, int]
		var first sync.WaitGroup
		first.Go(func() {
			_, _ = o.get(t.Context(), "k", func() (int, error) {
				time.Sleep(time.Hour)
				return 7, nil
			})
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := o.get(ctx, "k", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		first.Wait()
	})
}
