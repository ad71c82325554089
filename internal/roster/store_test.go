package roster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/voice"
)

func keyOf(account, conference string) Key {
	return Key{Account: types.NamespacedName{Namespace: "ns", Name: account}, Conference: conference}
}

// watchedStore is a store, and the conferences that it has enqueued since it was
// last asked.
func watchedStore() (s *Store, enqueued func() []string) {
	var found []string
	s = NewStore(func(key Key) { found = append(found, key.Account.Name+"/"+key.Conference) })
	return s, func() []string {
		last := found
		found = nil
		return last
	}
}

func TestAStoreEnqueuesWhatHasSomethingNewToAsk(t *testing.T) {
	c := newClock()
	s, enqueued := watchedStore()
	key, alice := keyOf("acme", "room"), subscriber("alice")
	regular, coaching := Interest{CallSID: "a", Demand: DemandRegular}, Interest{CallSID: "a", Demand: DemandCoaching}
	for _, step := range []struct {
		name string
		do   func()
		want bool
	}{
		{"nothing is known", func() { s.Observation(key, "a"); s.Refusal(key) }, false},
		{"nothing is there to unsubscribe", func() { s.Unsubscribe(key, alice, "a") }, false},
		{"the first interest", func() { s.Subscribe(key, alice, regular) }, true},
		{"the same again", func() { s.Subscribe(key, alice, regular) }, false},
		{"another of the same demand", func() { s.Subscribe(key, subscriber("bob"), regular) }, false},
		{"one reports something else", func() { s.Subscribe(key, alice, Interest{CallSID: "a", Demand: DemandRegular, Presence: Live}) }, false},
		{"one coaches", func() { s.Subscribe(key, alice, coaching) }, true},
		{"none coaches any more", func() { s.Subscribe(key, alice, regular) }, true},
		{"a refresh", func() { s.RequestRefresh(key, RefreshRequest{Subscriber: alice, CallSID: "a", At: c.now}) }, true},
		{"a verification", func() { s.ScheduleVerification(key, alice, c.now) }, true},
		{"a list for the admission queue", func() { s.Prefetch(key, c.in(time.Second)) }, true},
		{"one that is scheduled", func() { s.Prefetch(key, c.in(2*time.Second)) }, false},
		{"the end of an interest", func() { s.Unsubscribe(key, alice, "a") }, true},
		{"a change of the account", func() { s.Forgive(key.Account); s.SetProvider(key.Account, "p") }, false},
	} {
		step.do()
		want := []string(nil)
		if step.want {
			want = []string{"acme/room"}
		}
		if got := enqueued(); !slices.Equal(got, want) {
			t.Errorf("%s: %q are enqueued", step.name, got)
		}
	}
}

func TestRostersAreOfOneAccountOfTheProvider(t *testing.T) {
	c := newClock()
	s, _ := watchedStore()
	key, other := keyOf("acme", "room"), keyOf("other", "room")
	for _, k := range []Key{key, other} {
		s.SetProvider(k.Account, "p")
		s.Subscribe(k, subscriber("alice"), Interest{CallSID: "a", Demand: DemandRegular})
		merge(s.Roster(k), c, call("a", true))
	}
	s.SetProvider(key.Account, "p")
	if !s.Observation(key, "a").Present || s.Size() != 2 {
		t.Error("the same account of the provider is forgotten")
	}
	s.SetProvider(key.Account, "q")
	if s.Observation(key, "a") != (Observation{}) || len(s.Roster(key).Subscribers(c.now)) != 0 {
		t.Error("what was seen in another account of the provider is kept")
	}
	if !s.Observation(other, "a").Present {
		t.Error("another VoiceAccount's roster is forgotten, too")
	}
}

func TestIdleRostersAreDropped(t *testing.T) {
	c := newClock()
	alice := subscriber("alice")
	for _, test := range []struct {
		name string
		busy func(s *Store, key Key)
		// idleIn is when it is idle by itself; never if negative.
		idleIn time.Duration
	}{
		{"nothing is asked", func(s *Store, key Key) { s.Roster(key) }, 0},
		{"an interest", func(s *Store, key Key) { s.Subscribe(key, alice, Interest{Demand: DemandRegular}) }, -1},
		{"an interest in nothing regular", func(s *Store, key Key) { s.Subscribe(key, alice, Interest{}) }, 0},
		{"an interest that ends", func(s *Store, key Key) {
			s.Subscribe(key, alice, Interest{Demand: DemandCoaching, Until: c.in(time.Minute)})
		}, time.Minute},
		{"a refresh", func(s *Store, key Key) { s.RequestRefresh(key, RefreshRequest{Subscriber: alice, At: c.in(time.Hour)}) }, -1},
		{"a verification", func(s *Store, key Key) { s.ScheduleVerification(key, alice, c.now) }, -1},
		{"doubt, and nothing that waits for a list", func(s *Store, key Key) { s.Roster(key).Invalidate() }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := watchedStore()
			key := keyOf("acme", "room")
			test.busy(s, key)
			if s.DropIdle(key, c.now) != (test.idleIn == 0) || s.Size() != map[bool]int{true: 0, false: 1}[test.idleIn == 0] {
				t.Errorf("%d are left at once", s.Size())
			}
			if test.idleIn > 0 && (s.DropIdle(key, c.in(test.idleIn-1)) || !s.DropIdle(key, c.in(test.idleIn))) {
				t.Errorf("it is not dropped after %s", test.idleIn)
			}
			if s.Unsubscribe(key, alice, ""); !s.DropIdle(key, c.now) {
				t.Error("it is not dropped once nothing is asked")
			}
		})
	}
	s, _ := watchedStore()
	if !s.DropIdle(keyOf("none", "room"), c.now) {
		t.Error("what is not there is not dropped")
	}
}

func TestAnAccountThatIsGoneGoesWithItsLastRoster(t *testing.T) {
	c := newClock()
	s, _ := watchedStore()
	key := keyOf("acme", "room")
	s.SetProvider(key.Account, "p")
	s.Roster(key)
	s.DropIdle(key, c.now)
	if len(s.accounts) != 1 {
		t.Error("an account is forgotten that is there")
	}
	s.Subscribe(key, subscriber("alice"), Interest{Demand: DemandRegular})
	s.ForgetAccount(key.Account)
	if s.Size() != 1 {
		t.Error("a roster goes with its account, although an object has an interest in it")
	}
	s.Unsubscribe(key, subscriber("alice"), "")
	if !s.DropIdle(key, c.now) || len(s.accounts) != 0 {
		t.Errorf("%d accounts are left", len(s.accounts))
	}
	s.ForgetAccount(key.Account)
	if len(s.accounts) != 0 {
		t.Error("an account that was never there is kept")
	}
}

func TestR8AChangeOfTheAccountForgivesItsConferences(t *testing.T) {
	c := newClock()
	s, _ := watchedStore()
	key, other := keyOf("acme", "room"), keyOf("other", "room")
	for _, k := range []Key{key, other} {
		s.Roster(k).RecordRefusal(&voice.Error{Class: voice.ClassRefused, HTTPStatus: 403}, c.now)
	}
	s.Forgive(key.Account)
	s.Forgive(keyOf("none", "").Account)
	if got := s.Refusal(key); got.Tries != 0 || !got.At.Equal(c.now) {
		t.Errorf("%+v after a change, want no tries, and when it was", got)
	}
	if s.Refusal(other).Tries != 1 || (s.Refusal(keyOf("none", "room")) != Refusal{}) {
		t.Error("another account's refusal is forgiven, too")
	}
}

func TestDemandIsCounted(t *testing.T) {
	c := newClock()
	r := newRoster()
	check := func(what string, at time.Duration, want Demand) {
		t.Helper()
		if got := r.Demand(c.in(at)); got != want {
			t.Errorf("%s: demand %v, want %v", what, got, want)
		}
	}
	check("at first", 0, DemandNone)
	r.subscribe(subscriber("a"), Interest{Demand: DemandRegular})
	r.subscribe(subscriber("b"), Interest{Demand: DemandRegular, Until: c.in(time.Minute)})
	r.subscribe(subscriber("c"), Interest{Demand: DemandCoaching, Until: c.in(2 * time.Minute)})
	r.subscribe(subscriber("d"), Interest{Demand: DemandNone})
	check("with a coach", 0, DemandCoaching)
	check("a moment before the coach's interest ends", 2*time.Minute-1, DemandCoaching)
	// Those that demand nothing are told what affects them only.
	if got := len(r.Subscribers(c.in(2*time.Minute - 1))); got != 2 {
		t.Errorf("%d demand observations, want 2", got)
	}
	check("at the end of it", 2*time.Minute, DemandRegular)
	r.subscribe(subscriber("a"), Interest{Demand: DemandCoaching})
	r.subscribe(subscriber("a"), Interest{Demand: DemandRegular})
	check("an interest that was replaced counts once", 2*time.Minute, DemandRegular)
	r.remove(subscriber("a"))
	r.remove(subscriber("a"))
	check("removed, twice", 2*time.Minute, DemandNone)
	if r.demands != [DemandRoom + 1]int{DemandNone: 3} || !r.expiresAt.IsZero() {
		t.Errorf("%v are counted, the next ends at %s", r.demands, r.expiresAt)
	}
}

func TestAffected(t *testing.T) {
	ended := call("a", true)
	ended.Phase = voice.PhaseEnded
	coaching := call("a", true)
	coaching.Coaching, coaching.CallSIDToCoach = true, "coachee"
	coachee := call("coachee", false)
	over := coachee
	over.Phase = voice.PhaseEnded
	reported := func(p voice.Participant) *State { return new(StateOf(p)) }
	for _, test := range []struct {
		name     string
		seen     []voice.Participant
		interest Interest
		want     bool
	}{
		{"absent, and never reported", nil, Interest{}, false},
		{"absent, and reported to be there", nil, Interest{Presence: Live}, true},
		{"absent, and reported to have left", nil, Interest{Presence: Left}, false},
		{"there, and reported to have left", []voice.Participant{call("a", true)}, Interest{Presence: Left, Reported: reported(call("a", true))}, true},
		{"ended, and reported to have left", []voice.Participant{ended}, Interest{Presence: Left, Reported: reported(call("a", true))}, false},
		{"ended, and reported to be there", []voice.Participant{ended}, Interest{Presence: Live, Reported: reported(call("a", true))}, true},
		{"there, and nothing was reported", []voice.Participant{call("a", true)}, Interest{}, true},
		{"as reported", []voice.Participant{call("a", true)}, Interest{Presence: Live, Reported: reported(call("a", true))}, false},
		{"not as reported", []voice.Participant{call("a", false)}, Interest{Presence: Live, Reported: reported(call("a", true))}, true},
		{"coaching, its coachee there", []voice.Participant{coaching, coachee},
			Interest{Presence: Live, Reported: reported(coaching), CoacheeExpected: true}, false},
		{"coaching, its coachee missing", []voice.Participant{coaching}, Interest{Presence: Live, Reported: reported(coaching), CoacheeExpected: true}, true},
		{"coaching, its coachee ended", []voice.Participant{coaching, over},
			Interest{Presence: Live, Reported: reported(coaching), CoacheeExpected: true}, true},
		{"coaching, its coachee known to be missing", []voice.Participant{coaching}, Interest{Presence: Live, Reported: reported(coaching)}, false},
		{"not coaching", []voice.Participant{call("a", true)},
			Interest{Presence: Live, Reported: reported(call("a", true)), CoacheeExpected: true}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClock()
			r := newRoster()
			merge(r, c, test.seen...)
			test.interest.CallSID, test.interest.Until = "a", c.in(time.Minute)
			r.subscribe(subscriber("alice"), test.interest)
			if got := len(r.Affected(c.now)) == 1; got != test.want {
				t.Errorf("affected: %v", got)
			}
			if got := len(r.Affected(c.in(time.Minute))) == 1; got != test.want || r.Demand(c.in(time.Minute)) != DemandNone {
				t.Errorf("after the end of the demand it is affected: %v", got)
			}
		})
	}
}

func TestSnapshot(t *testing.T) {
	c := newClock()
	r := newRoster()
	if got := r.Snapshot(); len(got.Legs) != 0 || !got.ListedAt.IsZero() || got.Missing {
		t.Errorf("an empty roster is %+v", got)
	}
	merge(r, c, call("a", false), call("b", true), call("c", false))
	c.advance(time.Second)
	listed := c.now
	merge(r, c, call("b", true), call("c", false))
	r.RecordUpdate(call("c", true), c.times(time.Second, 0))
	got := r.Snapshot()
	var seen []string
	for _, o := range got.Legs {
		seen = append(seen, fmt.Sprintf("%s muted %v echo %v", o.CallSID, o.Muted, o.Echo))
	}
	slices.Sort(seen)
	if !slices.Equal(seen, []string{"b muted true echo false", "c muted true echo true"}) || !got.ListedAt.Equal(listed) || got.Missing {
		t.Errorf("%q, listed at %s", seen, got.ListedAt)
	}
	c.advance(time.Minute)
	r.ApplyList(NewListing(c.now), true, c.now)
	if got := r.Snapshot(); len(got.Legs) != 0 || !got.Missing || !got.ListedAt.Equal(c.now) {
		t.Errorf("a conference that is unknown is %+v", got)
	}
}
