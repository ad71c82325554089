package conference

import (
	"context"
	"slices"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/voice"
)

// announces declares an announcement, ends an end within a minute of the start.
func announces(id string) func(*v1alpha1.ConferenceSpec) {
	return func(spec *v1alpha1.ConferenceSpec) {
		spec.Announcement = &v1alpha1.Announcement{ID: id, URL: "https://media.example.com/a.xml", OnUnknown: v1alpha1.UnknownSkip}
	}
}

func ends(spec *v1alpha1.ConferenceSpec) {
	spec.End = &v1alpha1.RoomEnd{ID: "e", NotAfterTime: metav1.NewTime(start.Add(time.Minute))}
}

// What is sent for them to the rooms x and y.
const (
	announceX = "x AnnounceMethod=POST&AnnounceUrl=https%3A%2F%2Fmedia.example.com%2Fa.xml"
	announceY = "y AnnounceMethod=POST&AnnounceUrl=https%3A%2F%2Fmedia.example.com%2Fa.xml"
	endX      = "x Status=completed"
	endY      = "y Status=completed"
)

// unknown is the error of a request that may have been carried out.
func unknown() error { return &voice.Error{Class: voice.ClassUnknownOutcome} }

func TestR25EachRoomInProgressIsToldOnce(t *testing.T) {
	s := newStage(t, announces("a"))
	s.begin("x", "y")
	s.want(announceX, announceY)
	s.edit(ends)
	s.now = s.now.Add(time.Second)
	s.begin("x", "y", "z")
	s.want(announceX, announceY, endX, endY, "z Status=completed")
	found := s.object().Status
	if !slices.Equal(found.HandledAnnouncementIDs, []string{"a"}) || !slices.Equal(found.HandledEndIDs, []string{"e"}) {
		t.Errorf("handled %q and %q", found.HandledAnnouncementIDs, found.HandledEndIDs)
	}
	s.wantState("x", "announcement", v1alpha1.AnnouncementAccepted)
	s.wantState("z", "announcement", "")
	s.wantState("z", "end", v1alpha1.AnnouncementAccepted)
	s.wantEvent(v1alpha1.EventAnnouncementAccepted)
	s.wantEvent(v1alpha1.EventRoomEnded)
	if !slices.Equal(s.counted, []string{"accepted", "accepted"}) {
		t.Errorf("counted %q", s.counted)
	}
	// Nothing is said again, by whatever process, nor to a room that comes later.
	patches := s.patches
	s.elapse(time.Hour)
	s.crash()
	s.begin("x", "y", "z")
	if s.patches != patches {
		t.Errorf("%d writes more", s.patches-patches)
	}
	s.begin("later")
	if len(s.session.sent) != 5 {
		t.Errorf("sent %q", s.session.sent)
	}
}

func TestR25AllRoomsAreWrittenDownWithTheFirstClaim(t *testing.T) {
	s := newStage(t, ends)
	s.session.during = func() {
		if len(s.session.sent) != 1 {
			return
		}
		s.wantState("y", "end", v1alpha1.AnnouncementPending)
		if s.patches != 1 {
			t.Errorf("the first request comes after %d writes", s.patches)
		}
	}
	s.begin("x", "y")
	s.want(endX, endY)
}

func TestR25NothingIsJudgedBeforeAListThatIsNewEnough(t *testing.T) {
	s := newStage(t, func(*v1alpha1.ConferenceSpec) {})
	s.begin("x")
	s.now = s.now.Add(time.Second)
	s.edit(ends)
	s.idle()
	s.want()
	if !s.rooms.awaited.Equal(s.now) || len(s.object().Status.HandledEndIDs) != 0 {
		t.Errorf("a list is awaited since %s, handled %q", s.rooms.awaited, s.object().Status.HandledEndIDs)
	}
	s.now = s.now.Add(time.Second)
	s.begin("x", "y")
	s.want(endX, endY)

	s = newStage(t, ends)
	s.idle()
	s.rooms.rooms, s.rooms.known = nil, false
	s.elapse(time.Second)
	s.want()
	if found := s.object().Status; len(found.HandledEndIDs) != 0 {
		t.Errorf("handled %q before there was a list", found.HandledEndIDs)
	}
}

func TestR25WithoutARoomAnIDIsHandled(t *testing.T) {
	s := newStage(t, func(spec *v1alpha1.ConferenceSpec) { announces("a")(spec); ends(spec) })
	s.begin()
	s.wantEvent(v1alpha1.EventAnnouncementMissed)
	s.wantEvent(v1alpha1.EventRoomNotEnded)
	s.elapse(time.Second)
	s.begin("x")
	s.want()
	if found := s.object().Status; !slices.Equal(found.HandledAnnouncementIDs, []string{"a"}) || !slices.Equal(found.HandledEndIDs, []string{"e"}) {
		t.Errorf("handled %q and %q", found.HandledAnnouncementIDs, found.HandledEndIDs)
	}
}

func TestR25ARecycledRoomIsNeverTouched(t *testing.T) {
	s := newStage(t, ends)
	s.session.seats = false
	s.begin("x")
	s.wantState("x", "end", v1alpha1.AnnouncementPending)
	s.session.seats = true
	s.begin("new")
	s.elapse(30 * time.Second)
	s.want()
	if found := s.object().Status; !slices.Equal(found.HandledEndIDs, []string{"e"}) {
		t.Errorf("handled %q", found.HandledEndIDs)
	}
}

func TestR25NothingIsSentAfterNotAfterTime(t *testing.T) {
	t.Run("seen too late", func(t *testing.T) {
		s := newStage(t, ends)
		s.now = start.Add(time.Minute)
		s.begin("x")
		s.want()
		s.wantEvent(v1alpha1.EventRoomNotEnded)
	})
	t.Run("waited too long", func(t *testing.T) {
		s := newStage(t, ends)
		s.session.block, s.session.until = provider.Throttled, start.Add(2*time.Minute)
		s.begin("x")
		result := s.reconcile()
		if result.RequeueAfter != time.Minute {
			t.Errorf("reconciled again after %s", result.RequeueAfter)
		}
		s.session.block = provider.None
		s.elapse(time.Minute)
		s.want()
		s.wantState("x", "end", v1alpha1.AnnouncementExpired)
	})
	t.Run("the write took too long", func(t *testing.T) {
		s := newStage(t, ends)
		s.beforePatch = func() error {
			s.now = start.Add(time.Minute)
			return nil
		}
		s.begin("x")
		s.want()
		s.wantState("x", "end", v1alpha1.AnnouncementExpired)
	})
	t.Run("it may have been carried out", func(t *testing.T) {
		s := newStage(t, ends)
		s.session.reads["x"] = voice.ConferenceInProgress
		s.session.failures = []error{unknown()}
		s.begin("x")
		s.elapse(time.Minute)
		s.want(endX)
		s.wantState("x", "end", v1alpha1.AnnouncementUnknown)
	})
}

func TestR25AnEndIsRepeatedOnlyByAFreshLook(t *testing.T) {
	for _, c := range []struct {
		name, read string
		want       []string
		state      v1alpha1.AnnouncementState
	}{
		{"in progress", voice.ConferenceInProgress, []string{endX, endX}, v1alpha1.AnnouncementAccepted},
		{"over", voice.ConferenceCompleted, []string{endX}, v1alpha1.AnnouncementAccepted},
		{"can't be read", "", []string{endX}, v1alpha1.AnnouncementPending},
		{"a status that says nothing", "melting", []string{endX}, v1alpha1.AnnouncementPending},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, ends)
			s.session.failures = []error{unknown()}
			s.session.reads["x"] = c.read
			s.begin("x")
			s.want(endX)
			s.elapse(700 * time.Millisecond)
			if s.want(endX); s.session.looks != 0 {
				t.Error("the room was looked at before the wait was over")
			}
			s.elapse(300 * time.Millisecond)
			s.want(c.want...)
			s.wantState("x", "end", c.state)
			if s.session.looks != 1 {
				t.Errorf("looked %d times", s.session.looks)
			}
		})
	}
	t.Run("a look that is too old", func(t *testing.T) {
		s := newStage(t, ends)
		s.session.failures = []error{unknown()}
		s.session.reads["x"] = voice.ConferenceInProgress
		s.begin("x")
		slow := 0
		s.beforePatch = func() error {
			if slow++; slow == 1 {
				s.now = s.now.Add(lookFor + time.Second)
			}
			return nil
		}
		s.now = s.now.Add(time.Second)
		s.reconcile()
		s.want(endX)
		s.idle()
		if s.want(endX, endX); s.session.looks != 2 {
			t.Errorf("looked %d times", s.session.looks)
		}
	})
}

func TestR25ACrashBetweenClaimAndAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		declare func(*v1alpha1.ConferenceSpec)
		kind    string
		read    string
		want    []string
		state   v1alpha1.AnnouncementState
		event   string
	}{
		{"announcement", announces("a"), "announcement", voice.ConferenceInProgress, []string{announceX}, v1alpha1.AnnouncementUnknown, v1alpha1.EventAnnouncementUnknown},
		{"announcement with Retry", func(spec *v1alpha1.ConferenceSpec) {
			announces("a")(spec)
			spec.Announcement.OnUnknown = v1alpha1.UnknownRetry
		}, "announcement", voice.ConferenceInProgress, []string{announceX, announceX}, v1alpha1.AnnouncementAccepted, v1alpha1.EventAnnouncementAccepted},
		{"announcement with Retry, room over", func(spec *v1alpha1.ConferenceSpec) {
			announces("a")(spec)
			spec.Announcement.OnUnknown = v1alpha1.UnknownRetry
		}, "announcement", voice.ConferenceCompleted, []string{announceX}, v1alpha1.AnnouncementUnknown, v1alpha1.EventAnnouncementUnknown},
		{"end of a room that goes on", ends, "end", voice.ConferenceInProgress, []string{endX, endX}, v1alpha1.AnnouncementAccepted, v1alpha1.EventRoomEnded},
		{"end of a room that is over", ends, "end", voice.ConferenceCompleted, []string{endX}, v1alpha1.AnnouncementAccepted, v1alpha1.EventRoomEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, c.declare)
			s.session.reads["x"] = c.read
			s.session.during = func() { s.beforePatch = func() error { return errAway } }
			s.list("x")
			s.reconcile()
			s.crash()
			s.session.during, s.beforePatch = nil, func() error { return nil }
			s.wantState("x", c.kind, v1alpha1.AnnouncementClaimed)
			s.now = s.now.Add(time.Second)
			s.begin("x")
			s.elapse(8 * time.Second)
			s.wantState("x", c.kind, v1alpha1.AnnouncementClaimed)
			s.elapse(time.Second)
			s.want(c.want...)
			s.wantState("x", c.kind, c.state)
			s.wantEvent(c.event)
		})
	}
}

func TestR25ACrashBeforeTheClaimLosesNothing(t *testing.T) {
	s := newStage(t, ends)
	s.beforePatch = func() error { return errAway }
	s.list("x")
	s.reconcile()
	s.want()
	s.crash()
	s.beforePatch = func() error { return nil }
	s.begin("x")
	s.want(endX)
}

func TestR25AnOutcomeThatCouldNotBeStoredIsNotForgotten(t *testing.T) {
	s := newStage(t, announces("a"))
	s.session.during = func() { s.beforePatch = func() error { return errAway } }
	s.list("x")
	s.reconcile()
	s.wantState("x", "announcement", v1alpha1.AnnouncementClaimed)
	s.beforePatch = func() error { return nil }
	// It is stored although nothing may be sent any more.
	s.edit(func(spec *v1alpha1.ConferenceSpec) { spec.Suspend = true })
	s.elapse(time.Hour)
	s.want(announceX)
	s.wantState("x", "announcement", v1alpha1.AnnouncementAccepted)
	s.wantEvent(v1alpha1.EventAnnouncementAccepted)
}

func TestR25AWriterThatWasFasterKeepsTheRequestBack(t *testing.T) {
	s := newStage(t, announces("a"))
	s.list("x")
	s.beforePatch = func() error {
		s.beforePatch = func() error { return nil }
		// Another process has claimed the same.
		object := s.object()
		claimed := metav1.NewMicroTime(s.now)
		object.Status.Rooms = []v1alpha1.RoomStatus{{ConferenceSID: "x", Announcement: &v1alpha1.RoomRequestState{
			ID: "a", State: v1alpha1.AnnouncementClaimed, Attempts: 1, ClaimTime: &claimed,
		}}}
		if err := s.client.Status().Update(context.Background(), object); err != nil {
			t.Fatal(err)
		}
		return apierrors.NewConflict(schema.GroupResource{}, "all-hands", nil)
	}
	s.idle()
	s.elapse(5 * time.Second)
	s.want()
	s.wantState("x", "announcement", v1alpha1.AnnouncementClaimed)
	s.elapse(5 * time.Second)
	s.want()
	s.wantState("x", "announcement", v1alpha1.AnnouncementUnknown)
}

func TestR25AConferenceThatGovernsNothingSaysNothing(t *testing.T) {
	for name, change := range map[string]func(s *stage, object *v1alpha1.Conference){
		"suspended": func(_ *stage, object *v1alpha1.Conference) { object.Spec.Suspend = true },
		"observing": func(_ *stage, object *v1alpha1.Conference) { object.Spec.Mode = v1alpha1.ModeObserve },
		"deleted":   func(*stage, *v1alpha1.Conference) {},
		"loser": func(s *stage, object *v1alpha1.Conference) {
			rival := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{
				Namespace: "support", Name: "older", UID: "2", CreationTimestamp: metav1.NewTime(start.Add(-time.Hour)),
			}, Spec: object.Spec}
			object.CreationTimestamp = metav1.NewTime(start)
			if err := s.client.Create(context.Background(), rival); err != nil {
				s.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, func(spec *v1alpha1.ConferenceSpec) { announces("a")(spec); ends(spec) })
			object := s.object()
			object.Finalizers = []string{"example.com/keep"}
			change(s, object)
			if err := s.client.Update(context.Background(), object); err != nil {
				t.Fatal(err)
			}
			if name == "deleted" {
				if err := s.client.Delete(context.Background(), object); err != nil {
					t.Fatal(err)
				}
			}
			s.begin("x")
			s.elapse(2 * time.Minute)
			s.want()
			if found := s.object().Status; len(found.HandledEndIDs)+len(found.HandledAnnouncementIDs) != 0 {
				t.Errorf("handled %q and %q", found.HandledAnnouncementIDs, found.HandledEndIDs)
			}
		})
	}
}

func TestR25AResumedConferenceJudgesAfresh(t *testing.T) {
	s := newStage(t, announces("a"))
	s.session.seats = false
	s.begin("x")
	s.edit(func(spec *v1alpha1.ConferenceSpec) { spec.Suspend = true; ends(spec) })
	s.session.seats = true
	s.elapse(time.Second)
	s.list("x")
	s.elapse(time.Second)
	s.want()
	s.edit(func(spec *v1alpha1.ConferenceSpec) { spec.Suspend = false })
	s.idle()
	// The room that the announcement was judged for is told; the end waits for a list.
	s.want(announceX)
	s.elapse(time.Second)
	s.begin("x", "y")
	s.want(announceX, endX, endY)
}

func TestR25ErrorsHaveAClass(t *testing.T) {
	failure := func(class voice.Class) error { return &voice.Error{Class: class, HTTPStatus: 400, Code: 21475} }
	for _, c := range []struct {
		name    string
		failure error
		state   v1alpha1.AnnouncementState
		// retry is when it is tried again at the latest; 0 is never.
		retry    time.Duration
		requests int
	}{
		{"not executed", failure(voice.ClassNotExecuted), v1alpha1.AnnouncementPending, time.Second, 0},
		{"gone", failure(voice.ClassGone), v1alpha1.AnnouncementPending, time.Second, 1},
		{"unauthorized", failure(voice.ClassUnauthorized), v1alpha1.AnnouncementPending, 10 * time.Second, 0},
		{"refused", failure(voice.ClassRefused), v1alpha1.AnnouncementRejected, 0, 0},
		{"unknown", failure(voice.ClassUnknownOutcome), v1alpha1.AnnouncementUnknown, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, announces("a"))
			s.session.failures = []error{c.failure}
			s.begin("x")
			s.wantState("x", "announcement", c.state)
			before := s.rooms.requests
			if c.requests > 0 && before < 2 {
				t.Error("no list of rooms is requested")
			}
			s.elapse(c.retry * 7 / 10)
			s.want(announceX)
			s.elapse(c.retry * 3 / 10)
			if c.retry == 0 {
				s.elapse(time.Hour)
				s.want(announceX)
				return
			}
			s.want(announceX, announceX)
			s.wantState("x", "announcement", v1alpha1.AnnouncementAccepted)
		})
	}
}

func TestR25WhatIsUnauthorizedThroughoutIsRejected(t *testing.T) {
	s := newStage(t, announces("a"))
	for range 10 {
		s.session.failures = append(s.session.failures, &voice.Error{Class: voice.ClassUnauthorized, HTTPStatus: 403})
	}
	s.begin("x")
	s.elapse(10 * time.Second)
	s.elapse(time.Minute)
	s.elapse(5 * time.Minute)
	s.elapse(time.Hour)
	s.want(announceX, announceX, announceX, announceX)
	s.wantState("x", "announcement", v1alpha1.AnnouncementRejected)
}

func TestR25ARefusedRequestIsReported(t *testing.T) {
	s := newStage(t, announces("a"))
	s.session.failures = []error{&voice.Error{Class: voice.ClassRefused, HTTPStatus: 400, Code: 13221, Permanent: true}}
	s.begin("x")
	const message = "The provider refuses announcement a in room x (HTTP 400, code 13221); it is not tried again. Declare another one with a new id."
	check := func() {
		t.Helper()
		found := s.object().Status.Conditions
		for _, condition := range found {
			if condition.Type == v1alpha1.ConditionReady && condition.Message != message {
				t.Errorf("message %q", condition.Message)
			}
		}
		if status.Reason(found) != v1alpha1.ReasonRejected {
			t.Errorf("Ready is %s", status.Reason(found))
		}
	}
	check()
	s.wantEvent(v1alpha1.EventAnnouncementRejected)
	s.wantEvent(v1alpha1.ReasonRejected)
	s.crash()
	s.elapse(time.Second)
	s.begin("x")
	check()
	s.edit(announces("b"))
	s.elapse(time.Second)
	s.begin("x")
	s.want(announceX, announceX)
	if reason := status.Reason(s.object().Status.Conditions); reason == v1alpha1.ReasonRejected {
		t.Error("it is Rejected still")
	}
}

func TestR25ARequestWaitsForASeat(t *testing.T) {
	s := newStage(t, ends)
	s.session.seats = false
	s.begin("x")
	s.want()
	if n := len(s.session.waiting); n == 0 || !s.session.waiting[0].Write || !s.session.waiting[0].Restricts || s.session.waiting[0].Flow != "x" {
		t.Fatalf("%d requests wait for a seat: %+v", n, s.session.waiting)
	}
	s.session.waiting[0].Wake(0)
	s.session.seats = true
	s.idle()
	if s.want(endX); s.session.held != 0 {
		t.Errorf("%d seats were not given back", s.session.held)
	}

	s = newStage(t, ends)
	session := s.session
	s.session = nil
	s.begin("x")
	s.session = session
	s.idle()
	s.want(endX)
}

func TestR16NothingIsBegunWhileTheManagerShutsDown(t *testing.T) {
	s := newStage(t, ends)
	stopping, stop := context.WithCancel(context.Background())
	stop()
	s.stopping = stopping
	s.list("x")
	s.reconcile()
	s.want()
	// What is judged is written down all the same.
	s.wantState("x", "end", v1alpha1.AnnouncementPending)
}

func TestR25ARoomThatWaitsIsNotInProgress(t *testing.T) {
	s := newStage(t, ends)
	s.list("x", "y")
	s.rooms.rooms[1].Waiting = true
	s.idle()
	s.want(endX)
	s.elapse(time.Second)
	s.begin("x", "y")
	s.want(endX)
}

func TestR25WithoutAListNothingIsForgotten(t *testing.T) {
	s := newStage(t, ends)
	s.session.seats = false
	s.begin("x")
	s.crash()
	s.session.seats = true
	s.rooms.rooms, s.rooms.known, s.rooms.listedAt = nil, false, time.Time{}
	s.elapse(time.Second)
	s.want()
	s.wantState("x", "end", v1alpha1.AnnouncementPending)
	s.begin("x")
	s.want(endX)
}
