package participant

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/roster"
)

func TestC12WhatIsFinishedIsForgotten(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	ended := func(ago time.Duration, state v1alpha1.CallState) func(*reconciliation) {
		return func(x *reconciliation) {
			finished := metav1.NewTime(now.Add(-ago))
			x.object.Status.CallState, x.object.Status.FinishTime = state, &finished
		}
	}
	with := func(changes ...func(*reconciliation)) func(*reconciliation) {
		return func(x *reconciliation) {
			for _, change := range changes {
				change(x)
			}
		}
	}
	over := func(m *memory.Memory) { m.ConferenceOver = true }
	for name, c := range map[string]struct {
		change    func(*reconciliation)
		forgotten bool
	}{
		"live":                             {func(x *reconciliation) { x.object.Status.CallState = v1alpha1.CallLive }, false},
		"left just now":                    {ended(time.Second, v1alpha1.CallLeft), false},
		"left, and it may come back":       {ended(time.Hour, v1alpha1.CallLeft), false},
		"past its deadline":                {ended(time.Hour, v1alpha1.CallWaiting), false},
		"its conference is over":           {with(ended(time.Hour, v1alpha1.CallWaiting), func(x *reconciliation) { over(&x.memory) }), true},
		"left, and the cache is behind":    {with(ended(time.Hour, v1alpha1.CallLeft), func(x *reconciliation) { x.memory.Stored = storedOf(x.object) }), false},
		"left, and a record is not stored": {with(ended(time.Hour, v1alpha1.CallLeft), func(x *reconciliation) { x.memory.Unsaved = &plan.Record{} }), false},
		"left, and its report has a turn":  {with(ended(time.Hour, v1alpha1.CallLeft), func(x *reconciliation) { x.memory.ReportAt = now }), false},
	} {
		t.Run(name, func(t *testing.T) {
			rosters := roster.NewStore(func(roster.Key) {})
			r := &Reconciler{Config: Config{Rosters: rosters}, reporter: reporter{rosters: rosters}}
			object := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: "agent", UID: types.UID("1")}}
			x, _ := begin(&r.memories, object, now)
			r.memories.Keep(x.memory)
			c.change(x)
			r.end(x)
			if forgotten := r.memories.Forget(x.memory.Name) == nil; forgotten != c.forgotten {
				t.Errorf("forgotten: %v", forgotten)
			}
			if conferences := rosters.Size(); c.forgotten && conferences > 0 {
				t.Errorf("%d conferences are kept", conferences)
			}
		})
	}
}
