package operator_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/callers"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// conferenceName names a Conference that stands in for the objects: what it wants is said
// to the stores by the tests.
func conferenceName(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: sim.Namespace, Name: name}
}

func directoryOf(env *sim.Sim) *directory.Store { return env.Controllers.Directories.Directories }

func callsOf(env *sim.Sim) *callers.Store { return env.Controllers.Callers.Calls }

// wantConferences checks which Conferences were enqueued since the last time.
func wantConferences(t *testing.T, env *sim.Sim, want ...string) {
	t.Helper()
	if got := env.TakeConferences(); !slices.Equal(got, want) {
		t.Errorf("told are %q, want %q", got, want)
	}
}

// wantRooms checks which rooms were enqueued since the last time.
func wantRooms(t *testing.T, env *sim.Sim, want ...directory.RoomKey) {
	t.Helper()
	if got := env.TakeRooms(); !slices.Equal(got, want) {
		t.Errorf("told are the rooms %v, want %v", got, want)
	}
}

// watch subscribes the Conference all-hands to the rooms of that name.
func watch(env *sim.Sim) {
	directoryOf(env).Subscribe(sim.AccountName, conferenceName("all-hands"), directory.Selector{Name: "all-hands"})
	env.RunUntilIdle()
}

// govern has a room observed on behalf of a Conference.
func govern(env *sim.Sim, conference, sid string) directory.RoomKey {
	key := directory.RoomKey{Conference: conferenceName(conference), SID: sid}
	env.Controllers.Store.Subscribe(key.Roster(sim.AccountName), key.Subscriber(), roster.Interest{Demand: roster.DemandRoom})
	env.RunUntilIdle()
	return key
}

func TestR18TheRoomsOfAnAccountAreListedForAllConferences(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	env.Elapse(time.Minute)
	if n := env.Count(voicesim.OpListConferences); n != 0 {
		t.Errorf("%d lists for no Conference", n)
	}
	sid, _ := env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
	env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
	for i := range 20 {
		directoryOf(env).Subscribe(sim.AccountName, conferenceName(fmt.Sprintf("other-%d", i)), directory.Selector{Name: "other"})
	}
	watch(env)
	if n := env.Count(voicesim.OpListConferences); n != 2 || len(env.TakeConferences()) != 21 {
		t.Errorf("%d lists for the first look, want two for 21 Conferences, all of which are told", n)
	}
	rooms, known := directoryOf(env).Rooms(sim.AccountName, directory.Selector{Name: "all-hands"})
	if !known || len(rooms) != 1 || rooms[0].SID != sid || !rooms[0].Found {
		t.Errorf("known %v, the rooms are %+v", known, rooms)
	}
	env.Provider.ResetJournal()
	env.Elapse(time.Minute)
	if n := env.Count(voicesim.OpListConferences); n < 2*10 || n > 2*14 {
		t.Errorf("%d lists a minute", n)
	}
	wantConferences(t, env)
	wantRooms(t, env)
	for i := range 20 {
		directoryOf(env).Unsubscribe(sim.AccountName, conferenceName(fmt.Sprintf("other-%d", i)))
	}
	directoryOf(env).Unsubscribe(sim.AccountName, conferenceName("all-hands"))
	env.Elapse(10 * time.Second)
	env.Provider.ResetJournal()
	env.Elapse(time.Minute)
	if n := env.Count(voicesim.OpListConferences); n != 0 {
		t.Errorf("%d lists after the last Conference", n)
	}
}

func TestR18AnIntervalOf0ListsOnRequestAlone(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.DiscoveryIntervalSeconds = new(int32) })
	watch(env)
	wantConferences(t, env, "all-hands")
	env.Provider.ResetJournal()
	env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
	env.Elapse(time.Hour)
	wantConferences(t, env)
	if n := env.Count(voicesim.OpListConferences); n != 0 {
		t.Errorf("%d lists without a request", n)
	}
	directoryOf(env).Request(sim.AccountName, env.Now())
	env.RunUntilIdle()
	wantConferences(t, env, "all-hands")
}

func TestR18ARoomThatEndsIsReadOnce(t *testing.T) {
	for name, governed := range map[string]bool{"found by its own list or the directory": true, "found by the directory": false} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.RoomsHeld = true
			sid, call := env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
			env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
			watch(env)
			key := directory.RoomKey{}
			if governed {
				key = govern(env, "all-hands", sid)
			}
			env.Elapse(20 * time.Second)
			env.TakeConferences()
			env.TakeRooms()
			env.Provider.ResetJournal()
			env.Provider.EndRoom(sim.AccountSID, "all-hands")
			env.Elapse(6 * time.Second)
			wantConferences(t, env, "all-hands")
			if n := env.Count(voicesim.OpGetConference); n != 1 {
				t.Errorf("it is read %d times", n)
			}
			if rooms, _ := directoryOf(env).Rooms(sim.AccountName, directory.Selector{Name: "all-hands"}); len(rooms) != 0 {
				t.Errorf("it is not over: %+v", rooms)
			}
			if !governed {
				return
			}
			wantRooms(t, env, key)
			if seen := env.Controllers.Store.Observation(key.Roster(sim.AccountName), call); seen.Present || seen.Conference != roster.ConferenceOver {
				t.Errorf("a call leg is there: %+v", seen)
			}
		})
	}
}

func TestR18ANewSIDUnderTheOldNameIsAnotherRoom(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	watch(env)
	old, _ := env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
	env.Elapse(6 * time.Second)
	env.Provider.EndRoom(sim.AccountSID, "all-hands")
	sid, _ := env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{StartConferenceOnEnter: new(false)})
	env.Elapse(6 * time.Second)
	rooms, _ := directoryOf(env).Rooms(sim.AccountName, directory.Selector{Name: "all-hands"})
	if len(rooms) != 1 || rooms[0].SID != sid || sid == old || !rooms[0].Waiting {
		t.Fatalf("the rooms are %+v", rooms)
	}
	env.TakeConferences()
	env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
	env.Elapse(6 * time.Second)
	wantConferences(t, env, "all-hands")
	if rooms, _ := directoryOf(env).Rooms(sim.AccountName, directory.Selector{Name: "all-hands"}); rooms[0].Waiting || rooms[0].Started.IsZero() || rooms[0].Found {
		t.Errorf("it has not started: %+v", rooms[0])
	}
}

func TestR18NothingIsAskedForASuspendedAccount(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	sid, call := env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
	watch(env)
	key := govern(env, "all-hands", sid)
	env.SuspendAccount(true)
	env.RunUntilIdle()
	env.TakeConferences()
	env.Provider.ResetJournal()
	callsOf(env).Request(sim.AccountName, key, call)
	directoryOf(env).Request(sim.AccountName, env.Now())
	env.Elapse(time.Hour)
	if sent := env.Provider.Journal(); len(sent) != 0 {
		t.Errorf("%d requests, the first %s", len(sent), sent[0].Operation)
	}
	env.SuspendAccount(false)
	env.RunUntilIdle()
	wantConferences(t, env, "all-hands")
	for _, operation := range []string{voicesim.OpListConferences, voicesim.OpListParticipants, voicesim.OpGetCall} {
		if env.Count(operation) == 0 {
			t.Errorf("no %s after it was resumed", operation)
		}
	}
}

func TestR18AnOutageEndsNothing(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	sid, _ := env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
	watch(env)
	govern(env, "all-hands", sid)
	env.TakeConferences()
	env.Provider.Inject(voicesim.Fault{Status: 503})
	env.Elapse(time.Hour)
	if rooms, known := directoryOf(env).Rooms(sim.AccountName, directory.Selector{Name: "all-hands"}); !known || len(rooms) != 1 {
		t.Errorf("known %v, the rooms are %v", known, rooms)
	}
}

func TestR18ARoomIsListedWhateverTheResyncInterval(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32) })
	sid, call := env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{})
	key := govern(env, "all-hands", sid)
	wantRooms(t, env, key)
	env.Provider.ResetJournal()
	env.Elapse(time.Minute)
	if n := env.Count(voicesim.OpListParticipants); n < 10 || n > 14 {
		t.Errorf("%d lists a minute", n)
	}
	wantRooms(t, env)
	env.Provider.Drift(sid, call, func(p *voicesim.Participant) { p.Muted = true })
	env.Elapse(6 * time.Second)
	wantRooms(t, env, key)
}

func TestR18ARoomAndAParticipantOfTheSameNameAreBothTold(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(10 * time.Second)
	key := govern(env, "agent", env.Conference)
	env.TakeRooms()
	env.Updates()
	toggle(t, env, call, unmuteThem)
	env.Elapse(6 * time.Second)
	env.WantUpdates("Muted=true")
	if got := env.TakeRooms(); len(got) != 1 || got[0] != key {
		t.Errorf("told are the rooms %v", got)
	}
}

func TestR20CallsAreReadAndTheRoomIsTold(t *testing.T) {
	for _, c := range []struct{ unknown, reads, lists int }{{3, 3, 0}, {20, 20, 0}, {21, 0, 1}} {
		t.Run(fmt.Sprint(c.unknown), func(t *testing.T) {
			env := sim.New(t)
			env.RoomsHeld = true
			key := directory.RoomKey{Conference: conferenceName("all-hands"), SID: env.Conference}
			var there []string
			for range c.unknown {
				there = append(there, env.Join(voicesim.JoinOptions{From: "+15555550100", To: "+15555550199"}))
			}
			env.Provider.ResetJournal()
			callsOf(env).Request(sim.AccountName, key, there...)
			env.Elapse(10 * time.Millisecond)
			wantRooms(t, env, key)
			if reads, lists := env.Count(voicesim.OpGetCall), env.Count(voicesim.OpListCalls); reads != c.reads || lists != c.lists {
				t.Errorf("%d reads and %d lists, want %d and %d", reads, lists, c.reads, c.lists)
			}
			want := policy.Caller{
				State: policy.CallerKnown, Direction: v1alpha1.CallInbound,
				Far: env.Controllers.Conferences.Hasher.Hash("+15555550100"), Dialed: env.Controllers.Conferences.Hasher.Hash("+15555550199"),
			}
			for _, call := range there {
				if got := callsOf(env).Lookup(sim.AccountName, call); got != want {
					t.Errorf("%+v", got)
				}
			}
			env.Elapse(time.Minute)
			wantRooms(t, env)
			if env.Count(voicesim.OpGetCall) != c.reads {
				t.Error("what is known is read again")
			}
		})
	}
}

func TestR20ACallThatIsUnknownThreeTimesIsMissing(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	key := directory.RoomKey{Conference: conferenceName("all-hands"), SID: env.Conference}
	callsOf(env).Request(sim.AccountName, key, "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31")
	env.Elapse(500 * time.Millisecond)
	wantRooms(t, env)
	env.Elapse(4 * time.Second)
	wantRooms(t, env, key)
	env.Elapse(time.Hour)
	if n := env.Count(voicesim.OpGetCall); n != 3 {
		t.Errorf("read %d times", n)
	}
}

func TestR21FailingLookupsAreToldAndEnd(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	key := directory.RoomKey{Conference: conferenceName("all-hands"), SID: env.Conference}
	call := env.Join()
	fault := env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpGetCall, Status: 500, Times: 2})
	callsOf(env).Request(sim.AccountName, key, call)
	env.Elapse(1100 * time.Millisecond)
	wantRooms(t, env, key)
	if !callsOf(env).Failing(sim.AccountName, env.Now()) || callsOf(env).Lookup(sim.AccountName, call).State != policy.CallerUnknown {
		t.Error("the look-ups do not fail")
	}
	env.Provider.ClearFault(fault)
	env.Elapse(10 * time.Second)
	wantRooms(t, env, key)
	env.Elapse(time.Minute)
	if callsOf(env).Failing(sim.AccountName, env.Now()) {
		t.Error("the look-ups fail for ever")
	}
}

func TestR20RefusedLookupsAreLeftToTheBreaker(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	key := directory.RoomKey{Conference: conferenceName("all-hands"), SID: env.Conference}
	env.Provider.RevokeTokens(sim.AccountSID)
	callsOf(env).Request(sim.AccountName, key, env.Join())
	env.Elapse(time.Minute)
	if got := env.Account("acme").Status.Conditions; len(got) == 0 || got[0].Reason != v1alpha1.ReasonUnauthorized {
		t.Errorf("the account is %+v", got)
	}
	if n := env.Count(voicesim.OpGetCall); n != 1 {
		t.Errorf("%d reads with a token that is refused", n)
	}
	if env.Requests(voice.ClassUnauthorized) == 0 {
		t.Error("no request was refused")
	}
}
