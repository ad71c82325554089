package roster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// roomKey is the conference of the tests of rooms, and governor its subscriber.
var (
	roomKey  = keyOf("acme", "room")
	governor = Subscriber{Kind: "Conference", Name: roomKey.Account}
)

const joinedFirst, joinedLater = "Mon, 23 Nov 2026 09:59:50 +0000", "Mon, 23 Nov 2026 09:59:55 +0000"

// roomStore is a store with one room that was listed with some participants.
func roomStore(c *clock, there ...voice.Participant) (*Store, *Roster) {
	s, _ := watchedStore()
	s.Subscribe(roomKey, governor, Interest{Demand: DemandRoom})
	merge(s.Roster(roomKey), c, there...)
	s.Roster(roomKey).TakeNews(c.now)
	c.advance(5 * time.Second)
	return s, s.Roster(roomKey)
}

func as(change func(*voice.Participant)) voice.Participant {
	p := call("a", false)
	p.DateCreated = joinedFirst
	change(&p)
	return p
}

func TestR18ARoomIsToldWhatItSees(t *testing.T) {
	same := as(func(*voice.Participant) {})
	for _, c := range []struct {
		name string
		then []voice.Participant
		want bool
	}{
		{"nothing has changed", []voice.Participant{same}, false},
		{"only what is not seen", []voice.Participant{as(func(p *voice.Participant) { p.DateUpdated, p.URI, p.Status = joinedLater, "x", "odd" })}, false},
		{"another has come", []voice.Participant{same, call("b", false)}, true},
		{"one is missing", nil, true},
		{"muted", []voice.Participant{as(func(p *voice.Participant) { p.Muted = true })}, true},
		{"on hold", []voice.Participant{as(func(p *voice.Participant) { p.Hold = true })}, true},
		{"coaching", []voice.Participant{as(func(p *voice.Participant) { p.Coaching = true })}, true},
		{"another coachee", []voice.Participant{as(func(p *voice.Participant) { p.CallSIDToCoach = "b" })}, true},
		{"a flag that was never said", []voice.Participant{as(func(p *voice.Participant) { p.EndConferenceOnExit = new(false) })}, true},
		{"another flag", []voice.Participant{as(func(p *voice.Participant) { p.StartConferenceOnEnter = new(true) })}, true},
		{"ended", []voice.Participant{as(func(p *voice.Participant) { p.Phase = voice.PhaseEnded })}, true},
		{"joined anew", []voice.Participant{as(func(p *voice.Participant) { p.DateCreated = joinedLater })}, true},
		{"a join that can't be read", []voice.Participant{as(func(p *voice.Participant) { p.DateCreated = "?" })}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := newClock()
			_, r := roomStore(clock, same)
			merge(r, clock, c.then...)
			if got := r.TakeNews(clock.now); (len(got) == 1 && got[0] == governor) != c.want || len(r.TakeNews(clock.now)) != 0 {
				t.Errorf("told are %v", got)
			}
			if len(r.Affected(clock.now)) != 0 {
				t.Error("it is told twice")
			}
		})
	}
}

func TestR18ARoomIsToldOfItsFirstList(t *testing.T) {
	c := newClock()
	s, _ := watchedStore()
	s.Subscribe(roomKey, governor, Interest{Demand: DemandRoom})
	merge(s.Roster(roomKey), c)
	if got := s.Roster(roomKey).TakeNews(c.now); !slices.Equal(got, []Subscriber{governor}) {
		t.Errorf("told are %v", got)
	}
	second := Subscriber{Kind: "Conference", Name: keyOf("second", "").Account}
	s.Subscribe(roomKey, second, Interest{Demand: DemandRoom})
	s.Subscribe(roomKey, governor, Interest{Demand: DemandRoom})
	merge(s.Roster(roomKey), c)
	if got := s.Roster(roomKey).TakeNews(c.now); !slices.Equal(got, []Subscriber{second}) {
		t.Errorf("after a second subscription told are %v", got)
	}
	s.Unsubscribe(roomKey, second, "")
	merge(s.Roster(roomKey), c, call("a", false))
	if got := s.Roster(roomKey).TakeNews(c.now); !slices.Equal(got, []Subscriber{governor}) {
		t.Errorf("after its end told are %v", got)
	}
}

func TestR18ARoomIsToldOfUpdatesAndReads(t *testing.T) {
	c := newClock()
	_, r := roomStore(c, call("a", false))
	r.RecordUpdate(call("a", true), c.times(0, 0))
	if len(r.TakeNews(c.now)) != 1 {
		t.Error("the response of an update is not told")
	}
	r.RecordRead("a", call("a", false), true, c.times(time.Second, 0))
	if len(r.TakeNews(c.now)) != 1 {
		t.Error("a read is not told")
	}
	r.RecordRead("a", call("a", false), true, c.times(2*time.Second, 0))
	if len(r.TakeNews(c.now)) != 0 {
		t.Error("a read with nothing new is told")
	}
}

func TestR18ACompletedConferenceEndsAllAtOnce(t *testing.T) {
	c := newClock()
	s, r := roomStore(c, call("a", false), call("b", false))
	participant, interest := waiting(Live, DemandRegular)
	interest.CallSID = "a"
	s.Subscribe(roomKey, participant, interest)
	under := NewListing(c.now)
	under.Add(voice.Page{Participants: []voice.Participant{call("a", false)}}, c.times(0, 0))
	c.advance(time.Second)
	told := s.End(roomKey, c.times(0, 0))
	if len(told) != 2 || !slices.Contains(told, governor) || !slices.Contains(told, participant) {
		t.Errorf("told are %v", told)
	}
	lagging := NewListing(c.in(2 * time.Second))
	lagging.Add(voice.Page{Participants: []voice.Participant{call("b", false), call("c", false)}}, c.times(2*time.Second, 0))
	for name, listing := range map[string]*Listing{"under way": under, "that lags": lagging} {
		r.ApplyList(listing, false, c.in(3*time.Second))
		snapshot := r.Snapshot()
		for _, leg := range snapshot.Legs {
			if departed, _ := leg.Departed(c.now); !departed || leg.Present || snapshot.Conference != ConferenceOver {
				t.Errorf("after a list %s %s is there: %+v", name, leg.CallSID, leg)
			}
		}
	}
	if len(s.End(roomKey, c.times(0, 0))) != 0 || s.End(keyOf("acme", "other"), c.times(0, 0)) != nil {
		t.Error("an end without news is told")
	}
	c.advance(time.Minute)
	merge(r, c, call("a", false))
	if got := r.Observation("a"); !got.Present || got.Conference == ConferenceOver {
		t.Errorf("a list refutes nothing: %+v", got)
	}
}

func TestR18AnEmptiedRoomIsReadByItself(t *testing.T) {
	for _, test := range []struct {
		name          string
		before, there []voice.Participant
		missing, want bool
	}{
		{"the last has left", []voice.Participant{call("a", false)}, nil, false, true},
		{"the provider does not know it", nil, nil, true, true},
		{"nobody came so far", nil, nil, false, false},
		{"one is there", []voice.Participant{call("a", false), call("b", false)}, []voice.Participant{call("b", false)}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClock()
			_, r := roomStore(c, test.before...)
			listing := NewListing(c.now)
			listing.Add(voice.Page{Participants: test.there}, c.times(0, 0))
			r.ApplyList(listing, test.missing, c.now)
			if got := r.ConferenceDue(c.now); got != test.want {
				t.Errorf("read: %v", got)
			}
		})
	}
}

func TestR18WhetherARoomIsEmptied(t *testing.T) {
	c := newClock()
	s, r := roomStore(c, call("a", false))
	listed := func(change func(*Listing), missing bool, there ...voice.Participant) bool {
		listing := NewListing(c.now)
		listing.Add(voice.Page{Participants: there}, c.times(0, 0))
		change(listing)
		r.ApplyList(listing, missing, c.now)
		return s.Emptied(roomKey, c.now)
	}
	whole := func(*Listing) {}
	gone := call("a", false)
	gone.Phase = voice.PhaseEnded
	if listed(whole, false, call("a", false)) || listed((*Listing).endEarly, false) || s.Emptied(keyOf("acme", "other"), time.Time{}) {
		t.Error("it is empty although one is there, or nothing is known")
	}
	if !listed(whole, false, gone) || !listed(whole, false) || !listed(whole, true) || s.Emptied(roomKey, c.in(1)) {
		t.Error("it is not empty, or a list from before counts")
	}
}

func (l *Listing) endEarly() { l.EndEarly("") }

func TestR18RoomsOfAnAccountAreListedSlowlyIfThereAreTooMany(t *testing.T) {
	s, _ := watchedStore()
	keys := make([]Key, 1000)
	for i := range keys {
		keys[i] = keyOf("acme", fmt.Sprintf("room-%d", i))
		s.Subscribe(keys[i], governor, Interest{Demand: DemandRoom})
		s.Subscribe(keyOf("acme", fmt.Sprintf("other-%d", i)), governor, Interest{CallSID: "a", Demand: DemandRegular})
		s.Subscribe(keyOf("other", fmt.Sprintf("room-%d", i)), governor, Interest{Demand: DemandRoom})
	}
	want := func(interval, least time.Duration, slowly bool) {
		t.Helper()
		if i, l := s.RoomInterval(roomKey.Account); i != interval || l != least || s.RoomsListedSlowly(roomKey.Account) != slowly {
			t.Errorf("listed every %s, at the least %s", i, l)
		}
	}
	want(10*time.Second, 10*time.Second, true)
	for _, key := range keys[500:] {
		s.Unsubscribe(key, governor, "")
	}
	want(5*time.Second, 5*time.Second, false)
	for _, key := range keys[100:500] {
		s.Subscribe(key, governor, Interest{Demand: DemandRegular})
	}
	want(5*time.Second, time.Second, false)
	s.SetProvider(roomKey.Account, "another")
	want(5*time.Second, 0, false)
}

func TestR18ARoomIsListedRegularlyHoweverMuchChanges(t *testing.T) {
	c := newClock()
	_, r := roomStore(c, call("a", false))
	r.RecordUpdate(call("a", true), c.times(0, 0))
	c.advance(time.Second)
	if !r.Next(roomInterval, c.now).List {
		t.Error("an update puts the list off")
	}
}

func TestR18ARoomMayRequestAListOfAll(t *testing.T) {
	c := newClock()
	s, r := roomStore(c, call("a", false))
	r.size = bigConference + 1
	s.RequestRefresh(roomKey, RefreshRequest{Subscriber: governor, At: c.now})
	if poll := r.Next(0, c.now); !poll.List || len(poll.Reads) != 0 {
		t.Errorf("%+v is asked", poll)
	}
	merge(r, c, call("a", false))
	if refreshed, _ := r.CompleteList(c.now, c.now); len(refreshed) != 1 {
		t.Error("a list does not serve it")
	}
}
