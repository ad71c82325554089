package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/healthz"
)

// fillWithin is how long a probe waits for the caches; shorter than the timeout of the
// readiness probe in config/manager.
const fillWithin = time.Second

// syncer waits until the caches are filled, and reports whether they are.
type syncer interface {
	WaitForCacheSync(ctx context.Context) bool
}

// cachesFilled returns a check that succeeds once every cache was filled from the API
// server, on a standby as on the leader: the kinds are served and may be read. A replica
// that misses a right or a CRD never gets ready, so that a roll-out stops there.
func cachesFilled(caches syncer) healthz.Checker {
	return func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), fillWithin)
		defer cancel()
		if !caches.WaitForCacheSync(ctx) {
			return errors.New("the caches are not filled: see the log for what the API server refuses")
		}
		return nil
	}
}
