package operator_test

import (
	"net/http"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// listsRooms tells the lists of rooms from the verification of the account, which is a
// list of conferences of any status.
func listsRooms(r voicesim.Request) bool {
	return r.Operation == voicesim.OpListConferences && r.Form.Has("Status")
}

// firstReasons creates a Conference that meets a fault, and returns the reasons of its
// Ready: at once, after a time, and after the fault has ended and as much time again.
func firstReasons(t *testing.T, fault voicesim.Fault, after time.Duration, before func(env *sim.Sim)) (reasons [3]string) {
	t.Helper()
	env := sim.New(t)
	before(env)
	id := env.Provider.Inject(fault)
	env.CreateConference("all-hands", func(s *v1alpha1.ConferenceSpec) {
		s.FriendlyName = "all-hands"
		s.Roles = []v1alpha1.Role{{Name: "audience"}}
	})
	look := func() string {
		room := env.GetConference("all-hands")
		if room.Status.ObservedGeneration != room.Generation {
			t.Errorf("generation %d is observed, not %d", room.Status.ObservedGeneration, room.Generation)
		}
		if ready := meta.FindStatusCondition(room.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
			if (ready.Status == metav1.ConditionTrue) != (ready.Reason == v1alpha1.ReasonNoRoom) || ready.Message == "" {
				t.Errorf("Ready is %+v", ready)
			}
			return ready.Reason
		}
		return ""
	}
	// One pass: the Conference's own, before any request.
	env.Step()
	reasons[0] = look()
	env.Elapse(after)
	reasons[1] = look()
	env.Provider.ClearFault(id)
	env.Elapse(after)
	reasons[2] = look()
	return reasons
}

// TestR13AConferenceSaysAtOnceWhatItWaitsFor has what precedes the first list of the rooms
// go wrong.
func TestR13AConferenceSaysAtOnceWhatItWaitsFor(t *testing.T) {
	list := func(status int, retryAfter ...string) voicesim.Fault {
		return voicesim.Fault{Match: listsRooms, Status: status, Header: http.Header{"Retry-After": retryAfter}}
	}
	started := func(*sim.Sim) {}
	for _, c := range []struct {
		name  string
		fault voicesim.Fault
		after time.Duration
		// before is what happens before the Conference is created, and just before the
		// fault begins.
		before      func(*sim.Sim)
		first, then string
	}{
		{"nothing", voicesim.Fault{Operation: voicesim.OpUpdateConference}, time.Second, started, v1alpha1.ReasonConverging, v1alpha1.ReasonNoRoom},
		{"throttled for long", list(http.StatusTooManyRequests, "90"), 2 * time.Minute, started, v1alpha1.ReasonConverging, v1alpha1.ReasonThrottled},
		{"throttled, and it is not said for how long", list(http.StatusTooManyRequests), time.Minute, started, v1alpha1.ReasonConverging, v1alpha1.ReasonThrottled},
		{"lists fail", list(http.StatusServiceUnavailable), time.Minute, started, v1alpha1.ReasonConverging, v1alpha1.ReasonAPIUnavailable},
		{"lists are cut off", voicesim.Fault{Match: listsRooms, Shape: voicesim.ShapeTruncated}, time.Minute, started, v1alpha1.ReasonConverging, v1alpha1.ReasonAPIUnavailable},
		{"lists are refused", list(http.StatusBadRequest), 10 * time.Minute, started, v1alpha1.ReasonConverging, v1alpha1.ReasonRejected},
		{"everything fails", voicesim.Fault{Status: http.StatusServiceUnavailable}, time.Minute, started, v1alpha1.ReasonConverging, v1alpha1.ReasonAPIUnavailable},
		{"the token is refused", voicesim.Fault{Status: http.StatusUnauthorized}, 10 * time.Minute, started, v1alpha1.ReasonConverging, v1alpha1.ReasonUnauthorized},
		{"everything fails from the start", voicesim.Fault{Status: http.StatusServiceUnavailable}, time.Minute, (*sim.Sim).Restart, v1alpha1.ReasonAPIUnavailable, v1alpha1.ReasonAPIUnavailable},
		{"throttled from the start", voicesim.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"90"}}}, 3 * time.Minute, (*sim.Sim).Restart, v1alpha1.ReasonAPIUnavailable, v1alpha1.ReasonAPIUnavailable},
		{"the token is refused from the start", voicesim.Fault{Status: http.StatusUnauthorized}, 10 * time.Minute, (*sim.Sim).Restart, v1alpha1.ReasonUnauthorized, v1alpha1.ReasonUnauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := [3]string{c.first, c.then, v1alpha1.ReasonNoRoom}
			if got := firstReasons(t, c.fault, c.after, c.before); got != want {
				t.Errorf("the reasons are %q, want %q", got, want)
			}
		})
	}
}

// TestR13AConferenceIsToldOfAWaitThatAnotherRequestWasAskedFor has the account throttled
// between the first look at a Conference and the first list of rooms.
func TestR13AConferenceIsToldOfAWaitThatAnotherRequestWasAskedFor(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{
		Operation: voicesim.OpListParticipants, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"90"}},
	})
	env.CreateConference("all-hands", func(s *v1alpha1.ConferenceSpec) {
		s.FriendlyName, s.Roles = "all-hands", []v1alpha1.Role{{Name: "audience"}}
	})
	env.Step()
	env.CreateParticipant("caller", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	if n := env.Count(voicesim.OpListConferences); n != 0 {
		t.Fatalf("the rooms were listed %d times meanwhile", n)
	}
	env.WantConference("all-hands", v1alpha1.ReasonThrottled)
}

// TestR13ARestartThatFindsAListFailingWritesNothing has the first list of a process fail
// once.
func TestR13ARestartThatFindsAListFailingWritesNothing(t *testing.T) {
	env := sim.New(t)
	env.CreateConference("all-hands", func(s *v1alpha1.ConferenceSpec) {
		s.FriendlyName, s.Roles = "all-hands", []v1alpha1.Role{{Name: "audience"}}
	})
	env.Elapse(20 * time.Second)
	before := env.GetConference("all-hands")
	env.Restart()
	env.Provider.Inject(voicesim.Fault{Match: listsRooms, Status: http.StatusServiceUnavailable, Times: 1})
	env.Elapse(time.Minute)
	if after := env.GetConference("all-hands"); after.ResourceVersion != before.ResourceVersion {
		t.Errorf("written: %+v", after.Status)
	}
}
