package main

import (
	"context"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// caches are filled once they are told to be.
type caches struct{ filled chan struct{} }

func (c caches) WaitForCacheSync(ctx context.Context) bool {
	select {
	case <-c.filled:
		return true
	case <-ctx.Done():
		return false
	}
}

func TestReadyMeansThatTheCachesAreFilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := caches{make(chan struct{})}
		check := cachesFilled(c)
		probe := httptest.NewRequestWithContext(t.Context(), "GET", "/readyz", nil)
		began := time.Now()
		if err := check(probe); err == nil || time.Since(began) > 2*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		close(c.filled)
		if err := check(probe); err != nil {
			t.Error(err)
		}
	})
}
