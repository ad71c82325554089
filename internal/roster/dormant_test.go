package roster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// left is the interest of an object whose call leg has left.
func left(callSID string, until time.Time) Interest {
	interest := Interest{CallSID: callSID, Presence: Left, Until: until}
	if !until.IsZero() {
		interest.Demand = DemandRegular
	}
	return interest
}

func subscriberNames(subscribers []Subscriber) []string {
	var found []string
	for _, subscriber := range subscribers {
		found = append(found, subscriber.Name.Name)
	}
	slices.Sort(found)
	return found
}

func TestR7AnInterestOutlivesItsDemandAndItsRoster(t *testing.T) {
	c := newClock()
	var enqueued []Key
	s := NewStore(func(key Key) { enqueued = append(enqueued, key) })
	key := Key{Account: types.NamespacedName{Name: "acme"}, Conference: "support"}
	s.SetProvider(key.Account, "provider")
	s.Subscribe(key, subscriber("a"), left("a", c.in(time.Minute)))
	if s.DropIdle(key, c.now) {
		t.Fatal("dropped although it is to be listed")
	}
	c.advance(time.Minute)
	if !s.DropIdle(key, c.now) || s.Size() != 0 {
		t.Fatalf("%d conferences are kept that nothing is to be asked about", s.Size())
	}
	enqueued = nil
	s.Subscribe(key, subscriber("b"), left("b", time.Time{}))
	s.Subscribe(key, subscriber("gone"), left("gone", time.Time{}))
	s.Subscribe(key, subscriber("a"), left("a", time.Time{}))
	s.Unsubscribe(key, subscriber("gone"), "gone")
	if s.Size() != 0 || len(enqueued) != 0 {
		t.Errorf("%d conferences are kept, %d enqueued, for interests that demand nothing", s.Size(), len(enqueued))
	}
	s.RequestRefresh(key, RefreshRequest{Subscriber: subscriber("new"), CallSID: "new", At: c.now})
	r := s.Roster(key)
	merge(r, c, call("a", false), call("gone", false), call("new", false))
	if got := subscriberNames(r.Affected(c.now)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%q are told that a call leg is there again, want a", got)
	}
	if got := subscriberNames(r.Subscribers(c.now)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%q are told of something that concerns all, want those it makes a difference to", got)
	}
	r.CompleteList(c.now, c.now)
	if !s.DropIdle(key, c.now) {
		t.Error("kept for interests that demand nothing")
	}
	for _, name := range []string{"a", "b"} {
		s.Unsubscribe(key, subscriber(name), name)
	}
	s.ForgetAccount(key.Account)
	if len(s.accounts) != 0 {
		t.Error("an account is kept that nothing is left of")
	}
}

func TestDormantInterestsAreFoundByConference(t *testing.T) {
	var d dormants
	for i := range 100 {
		name := fmt.Sprint(i)
		d.put(fmt.Sprint(i%3), subscriber(name), left(name, time.Time{}))
		d.put(fmt.Sprint(i%3), subscriber(name), left("new-"+name, time.Time{}))
	}
	for i := 0; i < 100; i += 2 {
		d.remove(fmt.Sprint(i%3), subscriber(fmt.Sprint(i)))
		d.remove(fmt.Sprint(i%3), subscriber(fmt.Sprint(i)))
	}
	kept := 0
	for conference := range 3 {
		for _, one := range d.take(fmt.Sprint(conference)) {
			var i int
			if _, err := fmt.Sscan(one.subscriber.Name.Name, &i); err != nil || i%2 == 0 || i%3 != conference || one.interest.CallSID != fmt.Sprintf("new-%d", i) {
				t.Errorf("in conference %d: %+v, %v", conference, one, err)
			}
			kept++
		}
	}
	if kept != 50 || !d.empty() || d.byConference != nil {
		t.Errorf("%d were kept, want 50, and nothing is left: %+v", kept, d)
	}
}
