package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

func TestAStartWaitsForAnAPIServerThatIsAway(t *testing.T) {
	away := errors.New("connection refused")
	for name, c := range map[string]struct {
		responses []error
		tries     int
	}{
		"it is there":      {nil, 1},
		"it comes back":    {[]error{away, away, apierrors.NewServiceUnavailable("starting"), apierrors.NewInternalError(away)}, 5},
		"it knows us not":  {[]error{apierrors.NewUnauthorized("no")}, 1},
		"it lets us not":   {[]error{away, apierrors.NewForbidden(schema.GroupResource{}, "", away)}, 2},
		"it is no cluster": {[]error{apierrors.NewNotFound(schema.GroupResource{}, "")}, 1},
	} {
		tries := 0
		err := await(t.Context(), time.Millisecond, func(context.Context) error {
			if tries++; tries <= len(c.responses) {
				return c.responses[tries-1]
			}
			return nil
		})
		if err != nil || tries != c.tries {
			t.Errorf("%s: %v after %d tries, want %d", name, err, tries, c.tries)
		}
	}
}

func TestAStartThatIsStoppedSaysWhatItWaitedFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := await(ctx, time.Millisecond, func(context.Context) error {
		cancel()
		return errors.New("connection refused")
	})
	if err == nil || !strings.Contains(err.Error(), "reach the API server") || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("%v", err)
	}
}

func TestTheAPIServerIsReached(t *testing.T) {
	asked := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.Error(w, "no", http.StatusForbidden)
	}))
	defer server.Close()
	if err := reach(t.Context(), &rest.Config{Host: server.URL}); err != nil {
		t.Error(err)
	}
	if path := <-asked; path != "/version" {
		t.Errorf("asked for %s", path)
	}
}
