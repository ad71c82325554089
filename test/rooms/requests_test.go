package rooms_test

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// said are the requests to whole rooms that were sent so far, by SID of the room, in
// order.
func said(env *sim.Sim, field string) (rooms []string) {
	for _, request := range env.Provider.Journal() {
		if request.Operation == voicesim.OpUpdateConference && request.Form.Has(field) {
			rooms = append(rooms, request.ConferenceSID)
		}
	}
	return rooms
}

func TestR25AnAnnouncementIsPlayedToTheRoomsInProgressOnce(t *testing.T) {
	env := sim.New(t)
	env.CreateConference("all-hands", allHands)
	_, sid := env.JoinRoom("all-hands")
	env.JoinRoom("all-hands")
	env.Elapse(time.Minute)
	env.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) {
		s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: "https://media.example.com/closing.xml", OnUnknown: v1alpha1.UnknownSkip}
	})
	env.Elapse(time.Minute)
	env.Restart()
	env.Elapse(time.Minute)
	if rooms := said(env, "AnnounceUrl"); !slices.Equal(rooms, []string{sid}) {
		t.Errorf("announced in %q, want %q", rooms, sid)
	}
	env.Provider.EndRoom(sim.AccountSID, "all-hands")
	env.Elapse(time.Minute)
	env.JoinRoom("all-hands")
	env.JoinRoom("all-hands")
	env.Elapse(time.Minute)
	if rooms := said(env, "AnnounceUrl"); len(rooms) != 1 {
		t.Errorf("announced in %q, although the room is another one", rooms)
	}
	if handled := env.GetConference("all-hands").Status.HandledAnnouncementIDs; !slices.Contains(handled, "closing") {
		t.Errorf("handled are %q", handled)
	}
}

// A room is ended once, whenever the process dies, and the one that takes its name is not.
func TestR25ARoomIsEndedOnceAndTheNextOneIsNot(t *testing.T) {
	for _, failure := range []sim.Failure{sim.None, sim.CrashBefore, sim.CrashAfter} {
		for _, what := range []string{"patch status Conference", "POST"} {
			env := sim.New(t)
			env.CreateConference("all-hands", allHands)
			_, sid := env.JoinRoom("all-hands")
			env.JoinRoom("all-hands")
			env.Elapse(time.Minute)
			crash := failure
			env.AtBoundary = func(b sim.Boundary) sim.Failure {
				if b.What == what || b.Provider && what == "POST" && b.What[:4] == "POST" {
					now := crash
					crash = sim.None
					return now
				}
				return sim.None
			}
			env.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) {
				s.End = &v1alpha1.RoomEnd{ID: "over", NotAfterTime: metav1.NewTime(env.Now().Add(5 * time.Minute))}
			})
			env.Elapse(2 * time.Minute)
			env.JoinRoom("all-hands")
			_, next := env.JoinRoom("all-hands")
			env.Elapse(10 * time.Minute)
			if rooms := said(env, "Status"); len(rooms) == 0 || slices.Contains(rooms, next) {
				t.Errorf("%v at %s: ended %q, want %q alone", failure, what, rooms, sid)
			}
			if room, there := env.Provider.Room(sim.AccountSID, "all-hands"); !there || room.SID != next {
				t.Errorf("%v at %s: the room that took the name is %+v, there %v", failure, what, room, there)
			}
		}
	}
}

func TestR25ARoomEndsAfterTheHostHasLeft(t *testing.T) {
	env := sim.New(t)
	env.CreateConference("all-hands", func(s *v1alpha1.ConferenceSpec) {
		allHands(s)
		s.Roles[0].Match = []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{"+15555550100"}}}
		s.EndWhenRoleLeaves = &v1alpha1.EndWhenRoleLeaves{Role: "host", AfterSeconds: 60}
	})
	host, sid := env.JoinRoom("all-hands", voicesim.JoinOptions{From: "+15555550100", Direction: voicesim.DirectionInbound})
	env.JoinRoom("all-hands")
	env.JoinRoom("all-hands")
	env.Elapse(5 * time.Minute)
	if rooms := said(env, "Status"); len(rooms) > 0 {
		t.Errorf("ended %q while the host is there", rooms)
	}
	env.Provider.HangUp(host)
	env.Elapse(50 * time.Second)
	if rooms := said(env, "Status"); len(rooms) > 0 {
		t.Errorf("ended %q too soon", rooms)
	}
	env.Elapse(time.Minute)
	if rooms := said(env, "Status"); !slices.Equal(rooms, []string{sid}) {
		t.Errorf("ended %q, want %q", rooms, sid)
	}
}
