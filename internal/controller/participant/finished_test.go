package participant

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/roster"
)

func TestC12WhatCanNotComeBackIsForgotten(t *testing.T) {
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
	over := func(x *reconciliation) { x.memory.ConferenceOver = true }
	gone := with(ended(time.Hour, v1alpha1.CallWaiting), over)
	for name, c := range map[string]struct {
		change    func(*reconciliation)
		forgotten bool
	}{
		"live":                             {func(x *reconciliation) { x.object.Status.CallState = v1alpha1.CallLive }, false},
		"left just now":                    {ended(time.Second, v1alpha1.CallLeft), false},
		"left":                             {ended(time.Hour, v1alpha1.CallLeft), false},
		"past its deadline":                {ended(time.Hour, v1alpha1.CallWaiting), false},
		"its conference is over":           {gone, true},
		"its conference is over just now":  {with(ended(time.Second, v1alpha1.CallWaiting), over), false},
		"over, and the cache is behind":    {with(gone, func(x *reconciliation) { x.memory.Stored = storedOf(x.object) }), false},
		"over, and a record is not stored": {with(gone, func(x *reconciliation) { x.memory.Unsaved = &plan.Record{} }), false},
		"over, and its report has a turn":  {with(gone, func(x *reconciliation) { x.memory.ReportAt = now }), false},
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
			if conferences := rosters.Size(); (c.forgotten || name == "left") && conferences > 0 {
				t.Errorf("%d conferences are kept", conferences)
			}
		})
	}
}
