package sim

import (
	"maps"
	"slices"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// queued are the participants that have to be reconciled now, by priority.
func (s *Sim) queued() map[string]int {
	found := map[string]int{}
	for key, queued := range s.queues.participants.items {
		if !queued.at.After(s.Now()) {
			found[key.Name] = queued.priority
		}
	}
	return found
}

func wantQueued(t *testing.T, s *Sim, want map[string]int) {
	t.Helper()
	if got := s.queued(); !maps.Equal(got, want) {
		t.Errorf("queued are %v, want %v", got, want)
	}
}

// TestWatchEventsPassThePredicates has things happen to one of two objects of the
// same call leg.
func TestWatchEventsPassThePredicates(t *testing.T) {
	write := func(change func(*Object)) func(*Sim) {
		return func(s *Sim) {
			object := s.Get("second")
			change(object)
			s.Update(object)
		}
	}
	for name, c := range map[string]struct {
		act  func(*Sim)
		want []string
	}{
		"a spec":       {func(s *Sim) { s.Edit("second", Unmute) }, []string{"second"}},
		"the same":     {func(s *Sim) { s.Edit("second", Mute) }, nil},
		"a demand":     {func(s *Sim) { s.RequestReconcile("second", "now") }, []string{"second"}},
		"a label":      {write(func(p *Object) { p.Labels = map[string]string{"a": "b"} }), nil},
		"a finalizer":  {write(func(p *Object) { p.Finalizers = []string{v1alpha1.Finalizer} }), nil},
		"a mode":       {func(s *Sim) { s.Edit("second", func(p *Spec) { p.Mode = v1alpha1.ModeObserve }) }, []string{"first", "second"}},
		"a deletion":   {func(s *Sim) { s.Delete(s.Get("second")) }, []string{"first", "second"}},
		"a call state": {patchStatus("second", func(p *Object) { p.Status.CallState = v1alpha1.CallLeft }), []string{"first"}},
		"a condition":  {patchStatus("second", func(p *Object) { p.Status.Conditions[0].Message = "other" }), nil},
		"a creation":   {func(s *Sim) { s.CreateParticipant("third", string(s.Get("second").Spec.CallSID), Mute) }, []string{"first", "second", "third"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(t)
			call := s.Join()
			s.CreateParticipant("first", call, Mute)
			s.RunUntilIdle()
			s.CreateParticipant("second", call, Mute)
			s.RunUntilIdle()
			c.act(s)
			if got := slices.Sorted(maps.Keys(s.queued())); !slices.Equal(got, c.want) {
				t.Errorf("queued are %q, want %q", got, c.want)
			}
		})
	}
}

// patchStatus writes a status as the operator does.
func patchStatus(name string, change func(*Object)) func(*Sim) {
	return func(s *Sim) {
		object := s.Get(name)
		base := client.MergeFrom(object.DeepCopy())
		change(object)
		if err := s.Client.Status().Patch(s.t.Context(), object, base); err != nil {
			s.t.Fatal(err)
		}
	}
}

// TestAStartHasLowPriority has a new process see what was there before it, and an
// edit of one of the objects.
func TestAStartHasLowPriority(t *testing.T) {
	s := New(t)
	s.CreateParticipant("a", s.Join(), Mute)
	s.CreateParticipant("b", s.Join(), Mute)
	wantQueued(t, s, map[string]int{"a": 0, "b": 0})
	s.RunUntilIdle()
	s.Restart()
	wantQueued(t, s, map[string]int{"a": handler.LowPriority, "b": handler.LowPriority})
	s.Edit("b", Unmute)
	wantQueued(t, s, map[string]int{"a": handler.LowPriority, "b": 0})
	if key, _, _ := s.queues.participants.GetWithPriority(); key.Name != "b" {
		t.Errorf("%s is reconciled first", key.Name)
	}
}

func TestBothInstancesSeeEachWrite(t *testing.T) {
	s := New(t)
	second := s.SecondInstance()
	s.CreateParticipant("a", s.Join(), Mute)
	wantQueued(t, s, map[string]int{"a": 0})
	wantQueued(t, second, map[string]int{"a": 0})
}

func TestObjectsHaveTheDefaultsOfTheirDefinition(t *testing.T) {
	s := New(t)
	s.CreateParticipant("a", s.Join(), func(p *Spec) { p.Announcement = &v1alpha1.Announcement{ID: "a", URL: "https://media.example.com/a"} })
	object := s.Get("a")
	if spec := object.Spec; spec.Mode != v1alpha1.ModeEnforce || spec.DriftPolicy != v1alpha1.DriftEnforce ||
		spec.DeletionPolicy != v1alpha1.DeletionRetain || *spec.JoinDeadlineSeconds != 900 || spec.Announcement.OnUnknown != v1alpha1.UnknownSkip {
		t.Errorf("the spec is %+v", spec)
	}
	if object.Status.ObservedGeneration != -1 || object.Generation != 1 {
		t.Errorf("generation %d, observed %d", object.Generation, object.Status.ObservedGeneration)
	}
	s.Edit("a", func(p *Spec) { p.DriftPolicy = "" })
	if object = s.Get("a"); object.Spec.DriftPolicy != v1alpha1.DriftEnforce || object.Generation != 1 {
		t.Errorf("after an update that takes a default away: %q, generation %d", object.Spec.DriftPolicy, object.Generation)
	}
	if spec := s.Account("acme").Spec; *spec.ResyncIntervalSeconds != 30 || spec.RateLimit.Burst != 400 || spec.TokenSecretRef.Key != v1alpha1.DefaultTokenKey {
		t.Errorf("the account is %+v", spec)
	}
}

func TestGenerations(t *testing.T) {
	s := New(t)
	s.CreateParticipant("a", s.Join(), func(p *Spec) { Mute(p); p.DeletionPolicy = v1alpha1.DeletionReset })
	s.RunUntilIdle()
	generation := func() int64 { return s.Get("a").Generation }
	if n := generation(); n != 1 {
		t.Errorf("generation %d after writes of the operator", n)
	}
	s.Edit("a", Unmute)
	if n := generation(); n != 2 {
		t.Errorf("generation %d after an edit", n)
	}
	s.Advance(time.Minute)
	s.Delete(s.Get("a"))
	if n := generation(); n != 3 {
		t.Errorf("generation %d after a deletion", n)
	}
	if at := s.Get("a").DeletionTimestamp; !at.Time.Equal(s.Now()) {
		t.Errorf("deleted at %s, want %s", at, s.Now())
	}
	s.Delete(s.Get("a"))
	if n := generation(); n != 3 {
		t.Errorf("generation %d after a second deletion", n)
	}
	s.RunUntilIdle()
	err := s.Client.Get(t.Context(), client.ObjectKey{Namespace: Namespace, Name: "a"}, &Object{})
	if !apierrors.IsNotFound(err) {
		t.Errorf("in the end: %v", err)
	}
}
