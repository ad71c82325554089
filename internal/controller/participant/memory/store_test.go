package memory

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/plan"
)

func TestAQuietMemoryIsKeptWhole(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	var s Store
	memory, _ := s.Get(Subject{Name: types.NamespacedName{Name: "caller"}, UID: "1", CallSID: "call"}, now)
	memory.Edit, _ = memory.Edit.Observe(3, "now", false, now)
	memory.Look = memory.Look.VoidBefore(now)
	memory.Updates = plan.History{Synced: true, Beeped: true, AppliedInputs: "digest"}
	memory.Account, _ = memory.Account.TrackSession("session")
	memory.Coachee.Expected, memory.Claim, memory.Managed[plan.FieldHold] = true, claim.Ours, true
	s.Keep(memory)
	if s.entries[memory.Name].busy != nil {
		t.Error("a quiet memory takes the space of a busy one")
	}
	if got, _ := s.Get(memory.Subject, now); got != memory {
		t.Errorf("got %+v, want %+v", got, memory)
	}
	memory.Backlog = memory.Backlog.Plan()
	s.Keep(memory)
	if got, _ := s.Get(memory.Subject, now); got != memory {
		t.Errorf("got %+v, want %+v", got, memory)
	}
}

func TestR14WhatTheCacheHasSeenIsNotKept(t *testing.T) {
	name := types.NamespacedName{Namespace: "ns", Name: "caller"}
	written := func(version string) *v1alpha1.ConferenceParticipant {
		return &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Name: "caller", ResourceVersion: version}}
	}
	overlaid := func(s *Store, cached string) bool {
		memory, _ := s.Get(Subject{Name: name}, time.Time{})
		object := written(cached)
		memory.Stored.Overlay(object, &object.Status)
		return object.ResourceVersion != cached
	}
	for what, c := range map[string]struct {
		seen func(s *Store)
		want bool
	}{
		"nothing was seen":           {func(*Store) {}, true},
		"an older version was seen":  {func(s *Store) { s.Cached(name, "6") }, true},
		"it was seen":                {func(s *Store) { s.Cached(name, "7") }, false},
		"a newer version was seen":   {func(s *Store) { s.Cached(name, "8") }, false},
		"another object was changed": {func(s *Store) { s.Cached(types.NamespacedName{Name: "other"}, "8") }, true},
	} {
		var s Store
		memory := Memory{Subject: Subject{Name: name}}
		s.Keep(memory)
		object := written("7")
		memory.Stored = status.Store(object, &object.Status)
		s.Keep(memory)
		c.seen(&s)
		if got := overlaid(&s, "5"); got != c.want {
			t.Errorf("%s: overlaid is %v, want %v", what, got, c.want)
		}
		// The event of a write may come before the reconcile has ended.
		s.Keep(memory)
		if got := overlaid(&s, "5"); got != c.want {
			t.Errorf("%s before the end of the reconcile: overlaid is %v, want %v", what, got, c.want)
		}
	}
}
