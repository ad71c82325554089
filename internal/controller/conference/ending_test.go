package conference

import (
	"context"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// endStage is a room that a role has left a minute before the start.
type endStage struct {
	*stage
	ender   ender
	rosters *fakeRosters
	scope   *scope
}

func newEndStage(t *testing.T) *endStage {
	t.Helper()
	s := &endStage{rosters: &fakeRosters{}, stage: newStage(t, func(spec *v1alpha1.ConferenceSpec) {
		spec.EndWhenRoleLeaves = &v1alpha1.EndWhenRoleLeaves{Role: "host", AfterSeconds: 60}
	})}
	s.session.unclaimed = true
	s.ender = ender{
		reader: s.client, rosters: s.rosters, queue: &enqueue.Queue[directory.RoomKey]{}, recorder: s.stage, clock: func() time.Time { return s.now },
		sessions: func(types.NamespacedName) Session { return s.session },
	}
	s.scope = &scope{
		view: view{object: s.object(), memory: newRoomMemory(directory.Room{SID: "x"}, false)},
		key:  directory.RoomKey{Conference: types.NamespacedName{Namespace: "support", Name: "all-hands"}, SID: "x"},
	}
	return s
}

// end is the room's own pass, with a list that was sent so long before.
func (s *endStage) end(endAt time.Time, age time.Duration) time.Time {
	s.t.Helper()
	s.scope.now, s.scope.snapshot.ListedAt = s.now, s.now.Add(-age)
	next, err := s.ender.end(context.Background(), s.scope, endAt)
	if err != nil {
		s.t.Fatal(err)
	}
	return next
}

func TestR25ARoomEndsWhenARoleHasLeft(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*endStage)
		endAt  time.Time
		age    time.Duration
		sent   bool
		// looks says that a list is requested.
		looks bool
	}{
		{"it is time", func(*endStage) {}, start, time.Second, true, false},
		{"it is not time", func(*endStage) {}, start.Add(time.Second), 0, false, false},
		{"the role is back, or was never seen", func(*endStage) {}, time.Time{}, 0, false, false},
		{"a list that is too old", func(*endStage) {}, start, 3 * time.Second, false, true},
		{"a list that is not complete", func(s *endStage) { s.scope.snapshot.Incomplete = true }, start, 0, false, true},
		{"a room that is over", func(s *endStage) { s.scope.snapshot.Conference = roster.ConferenceOver }, start, 0, false, false},
		{"no seat", func(s *endStage) { s.session.seats = false }, start, 0, false, false},
		{"an edit that was not judged", func(s *endStage) { s.edit(func(spec *v1alpha1.ConferenceSpec) { spec.EndWhenRoleLeaves = nil }) }, start, 0, false, false},
		{"the Conference is gone", func(s *endStage) {
			if err := s.client.Delete(context.Background(), s.object()); err != nil {
				s.t.Fatal(err)
			}
		}, start, 0, false, false},
		{"the Conference goes", func(s *endStage) {
			object := s.object()
			object.Finalizers = []string{"example.com/keep"}
			if err := s.client.Update(context.Background(), object); err != nil {
				s.t.Fatal(err)
			}
			if err := s.client.Delete(context.Background(), object); err != nil {
				s.t.Fatal(err)
			}
		}, start, 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newEndStage(t)
			c.change(s)
			s.end(c.endAt, c.age)
			if want := map[bool][]string{true: {endX}}[c.sent]; !slices.Equal(s.session.sent, want) {
				t.Errorf("sent %q, want %q", s.session.sent, want)
			}
			if looked := len(s.rosters.requests) > 0; looked != c.looks {
				t.Errorf("lists requested: %+v", s.rosters.requests)
			}
			if c.looks && (s.rosters.requests[0].CallSID != "" || !s.rosters.requests[0].At.Equal(s.now) || s.rosters.requests[0].Read) {
				t.Errorf("requested %+v, want a list of the whole room", s.rosters.requests[0])
			}
			if ended := slices.Contains(s.events, v1alpha1.EventRoomEnded); ended != c.sent {
				t.Errorf("events %q", s.events)
			}
		})
	}
}

func TestR25AnEndIsRepeatedUntilTheRoomIsOver(t *testing.T) {
	s := newEndStage(t)
	next := s.end(start, 0)
	if next != start.Add(5*time.Second) || s.session.held != 0 {
		t.Errorf("the room is looked at again at %s, %d seats are taken", next, s.session.held)
	}
	s.now = start.Add(time.Second)
	if s.end(start, 0); len(s.session.sent) != 1 {
		t.Error("it is ended again at once")
	}
	s.now = next
	s.end(start, 0)
	if s.want(endX, endX); !slices.Equal(s.events, []string{v1alpha1.EventRoomEnded}) {
		t.Errorf("events %q", s.events)
	}
	// The role is back, and leaves again.
	s.end(time.Time{}, 0)
	s.end(s.now, 0)
	if s.want(endX, endX, endX); len(s.events) != 2 {
		t.Errorf("events %q", s.events)
	}
}

func TestR25AnEndThatIsRefusedIsTriedSlowly(t *testing.T) {
	for _, c := range []struct {
		name    string
		failure voice.Error
		// waits are those after each try; the last one is for ever if it is 0.
		waits   []time.Duration
		refused int
	}{
		{"refused", voice.Error{Class: voice.ClassRefused}, []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}, 4},
		{"refused for good", voice.Error{Class: voice.ClassRefused, Permanent: true}, []time.Duration{0}, 1},
		{"unauthorized", voice.Error{Class: voice.ClassUnauthorized}, []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute}, 4},
		{"gone", voice.Error{Class: voice.ClassGone}, []time.Duration{5 * time.Second, 10 * time.Second}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newEndStage(t)
			for i, wait := range c.waits {
				s.session.failures = []error{&c.failure}
				next := s.end(start, 0)
				if refused := s.scope.memory.ending.refused() != ""; refused != (c.refused > 0 && i+1 >= c.refused) {
					t.Errorf("after %d tries: refused %v", i+1, refused)
				}
				if len(s.session.sent) != i+1 {
					t.Fatalf("%d tries, want %d", len(s.session.sent), i+1)
				}
				if wait > 0 && next != s.now.Add(wait) {
					t.Errorf("after %d tries the next one is due at %s, want %s later", i+1, next, wait)
				}
				s.now = s.now.Add(max(wait, time.Hour))
			}
			if slices.Contains(s.events, v1alpha1.EventRoomEnded) {
				t.Error("a room that was not ended is said to be")
			}
			sent := len(s.session.sent)
			if s.end(start, 0); c.failure.Permanent && len(s.session.sent) != sent {
				t.Error("what is always refused is tried again")
			}
			s.scope.object.Generation++
			if s.end(time.Time{}, 0); s.scope.memory.ending.refused() != "" {
				t.Error("an edit does not forget the refusal")
			}
		})
	}
}

func TestR25ARefusedEndIsReported(t *testing.T) {
	verdict, _ := judge(live(inRoom(func(r *roomResult) { r.endRefusal = "HTTP 400, code 21475" })))
	if want := "The provider refuses to end room room, as endWhenRoleLeaves asks for (HTTP 400, code 21475)."; verdict.Message != want ||
		verdict.Reason != v1alpha1.ReasonRejected || verdict.Also != v1alpha1.ConditionStalled {
		t.Errorf("%+v", verdict)
	}
}

// TestR25TheRoomsOwnReconcileEndsIt goes from the assignment to the request.
func TestR25TheRoomsOwnReconcileEndsIt(t *testing.T) {
	s := newEndStage(t)
	s.edit(func(spec *v1alpha1.ConferenceSpec) {
		yes := true
		spec.Roles = []v1alpha1.Role{{Name: "host", Match: []v1alpha1.RoleTerm{{EndConferenceOnExit: &yes}}}}
	})
	config := s.process.Config
	config.Rosters = s.rosters
	rooms := NewRooms(config)
	rooms.ender.sessions = s.ender.sessions
	s.list("x")
	s.idle()
	view, governed := config.Store.room(s.scope.key)
	if !governed {
		t.Fatal("the room is not governed")
	}
	pass := func() time.Duration {
		t.Helper()
		s.rosters.snapshot = roster.Snapshot{ListedAt: s.now}
		result, err := rooms.Reconcile(context.Background(), s.scope.key)
		if err != nil {
			t.Fatal(err)
		}
		return result.RequeueAfter
	}
	pass()
	s.want()
	view.memory.absent = map[v1alpha1.RoleName]time.Time{"host": start}
	s.now = start.Add(50 * time.Second)
	if after := pass(); after != 10*time.Second {
		t.Errorf("reconciled again after %s, want to when it is time", after)
	}
	s.want()
	s.now = start.Add(time.Minute)
	s.session.failures = []error{&voice.Error{Class: voice.ClassRefused, HTTPStatus: 400, Permanent: true}}
	if after := pass(); after != 10*time.Second {
		t.Errorf("reconciled again after %s, want to when it is tried again", after)
	}
	s.want(endX)
	s.idle()
	s.wantEvent(v1alpha1.ReasonRejected)
}
