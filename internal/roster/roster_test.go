package roster

import (
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/voice"
)

// clock is a time that tests move by hand.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time               { return c.now }
func (c *clock) advance(d time.Duration)      { c.now = c.now.Add(d) }
func (c *clock) in(d time.Duration) time.Time { return c.now.Add(d) }
func (c *clock) times(sent, took time.Duration) voice.Times {
	return voice.Times{Sent: c.in(sent), Responded: c.in(sent + took)}
}

func call(sid string, muted bool) voice.Participant {
	return voice.Participant{CallSID: sid, Muted: muted, Status: "in-progress"}
}

// merge writes a list down that was sent now.
func merge(r *Roster, c *clock, participants ...voice.Participant) {
	listing := NewListing(c.now)
	listing.Add(voice.Page{Participants: participants}, c.times(0, time.Millisecond))
	r.ApplyList(listing, false, c.now)
}

func TestAListNeverOverwritesANewerAnswer(t *testing.T) {
	c := newClock()
	cases := []struct {
		name      string
		list      voice.Times
		update    voice.Times
		wantMuted bool
	}{
		{"the list was sent before the answer came", c.times(0, 50*time.Millisecond), c.times(-10*time.Millisecond, 20*time.Millisecond), true},
		{"the list was held open across the update", c.times(0, 50*time.Millisecond), c.times(10*time.Millisecond, 20*time.Millisecond), true},
		{"the list was sent after the answer", c.times(30*time.Millisecond, 20*time.Millisecond), c.times(0, 20*time.Millisecond), false},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			r := newRoster()
			merge(r, c, call("a", false))
			r.RecordUpdate(call("a", true), test.update)
			listing := NewListing(test.list.Sent)
			listing.Add(voice.Page{Participants: []voice.Participant{call("a", false)}}, test.list)
			r.ApplyList(listing, false, c.now)
			if got := r.Observation("a"); got.Muted != test.wantMuted || got.Echo != test.wantMuted {
				t.Errorf("muted %v (echo %v), want %v", got.Muted, got.Echo, test.wantMuted)
			}
			r = newRoster()
			r.RecordUpdate(call("a", true), test.update)
			absent := NewListing(test.list.Sent)
			absent.Add(voice.Page{}, test.list)
			r.ApplyList(absent, false, c.now)
			if got := r.Observation("a").Present; got != test.wantMuted {
				t.Errorf("present %v after a list without it, want %v", got, test.wantMuted)
			}
		})
	}
}

func TestAnAnswerOverwritesAReadThatWasUnderWay(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.RecordRead("a", call("a", false), true, c.times(0, 5*time.Millisecond))
	r.RecordUpdate(call("a", true), c.times(3*time.Millisecond, 5*time.Millisecond))
	if got := r.Observation("a"); !got.Muted || !got.ObservedAt.Equal(c.in(3*time.Millisecond)) {
		t.Errorf("muted %v, looked at %s", got.Muted, got.ObservedAt)
	}
}

func TestAReadThatWasUnderWayOverwritesNoAnswer(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.RecordUpdate(call("a", true), c.times(0, 5*time.Millisecond))
	r.RecordRead("a", call("a", false), true, c.times(3*time.Millisecond, 5*time.Millisecond))
	if got := r.Observation("a"); !got.Muted {
		t.Error("a read that was sent before the answer came overwrites it")
	}
}

func TestALaterPageOverwritesNoAnswerEither(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.RecordUpdate(call("a", true), c.times(0, 5*time.Millisecond))
	listing := NewListing(c.in(3 * time.Millisecond))
	listing.Add(voice.Page{}, c.times(3*time.Millisecond, 7*time.Millisecond))
	listing.Add(voice.Page{Participants: []voice.Participant{call("a", false)}}, c.times(10*time.Millisecond, 5*time.Millisecond))
	r.ApplyList(listing, false, c.now)
	if got := r.Observation("a"); !got.Muted {
		t.Error("a list that was begun before the answer came overwrites it")
	}
}

func TestEachEntryIsAsOldAsItsPage(t *testing.T) {
	c := newClock()
	r := newRoster()
	listing := NewListing(c.now)
	listing.Add(voice.Page{Participants: []voice.Participant{call("a", false)}}, c.times(0, time.Second))
	listing.Add(voice.Page{Participants: []voice.Participant{call("b", false)}}, c.times(time.Second, time.Second))
	r.ApplyList(listing, false, c.now)
	if a, b := r.Observation("a").ObservedAt, r.Observation("b").ObservedAt; !a.Equal(c.now) || !b.Equal(c.in(time.Second)) {
		t.Errorf("looked at %s and %s", a, b)
	}
	if got := r.Observation("absent"); got.Present || !got.ObservedAt.Equal(c.now) {
		t.Errorf("an absence counts from %s, want the first page", got.ObservedAt)
	}
}

func TestR7AWholeRoomThatVanishesIsSuspicious(t *testing.T) {
	c := newClock()
	cases := []struct {
		name    string
		left    []voice.Participant
		missing bool
		want    bool
	}{
		{"one of three", []voice.Participant{call("b", false), call("c", false)}, false, false},
		{"two of three", []voice.Participant{call("c", false)}, false, true},
		{"the conference is missing", nil, true, true},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			r := newRoster()
			r.subscribe(subscriber("a"), Interest{CallSID: "a", Presence: Live})
			merge(r, c, call("a", false), call("b", false), call("c", false))
			listing := NewListing(c.in(time.Second))
			listing.Add(voice.Page{Participants: test.left}, c.times(time.Second, 0))
			r.ApplyList(listing, test.missing, c.now)
			got := r.Observation("a")
			if got.Present || !got.SeenBefore || got.Absence.Suspicious != test.want {
				t.Errorf("present %v, was there %v, suspicious %v", got.Present, got.SeenBefore, got.Absence.Suspicious)
			}
		})
	}
}

func TestR7AMissingConferenceIsSuspiciousHoweverFewVanish(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.subscribe(subscriber("a"), Interest{CallSID: "a", Presence: Live})
	merge(r, c, call("a", false), call("b", false), call("c", false))
	listing := NewListing(c.in(time.Second))
	r.RecordUpdate(call("b", true), c.times(time.Second, time.Millisecond))
	r.RecordUpdate(call("c", true), c.times(time.Second, time.Millisecond))
	r.ApplyList(listing, true, c.now)
	if got := r.Observation("a"); got.Present || !got.Absence.Suspicious {
		t.Errorf("present %v, suspicious %v", got.Present, got.Absence.Suspicious)
	}
}

func TestR7ReadsGatherEvidence(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.subscribe(subscriber("a"), Interest{CallSID: "a", Presence: Live})
	merge(r, c, call("a", false), call("b", false))
	c.advance(time.Second)
	merge(r, c, call("b", false))
	r.RecordRead("b", voice.Participant{}, false, c.times(-time.Second, time.Millisecond))
	if !r.Observation("b").Present || r.Next(0, c.now).List {
		t.Fatal("a read sent before the list counts")
	}
	r.RecordRead("a", voice.Participant{}, false, c.times(time.Second, 0))
	r.RecordRead("a", voice.Participant{}, false, c.times(6*time.Second, 0))
	got := r.Observation("a").Absence
	if !got.FirstRead.Equal(c.in(time.Second)) || !got.LastRead.Equal(c.in(6*time.Second)) {
		t.Errorf("read 404 at %s and %s", got.FirstRead, got.LastRead)
	}
	r.RecordRead("a", call("a", true), true, c.times(7*time.Second, 0))
	if sight := r.Observation("a"); !sight.Present || !sight.Absence.FirstRead.IsZero() {
		t.Error("a participant that is seen again keeps the evidence")
	}
	r.RecordRead("never", voice.Participant{}, false, c.times(0, 0))
	if sight := r.Observation("never"); sight.SeenBefore || sight.Absence.FirstRead.IsZero() {
		t.Error("a read of somebody who was never listed leaves no evidence")
	}
}

func TestR7AReadAloneIsNoEvidenceOfAbsence(t *testing.T) {
	for name, missing := range map[string]bool{"somebody left": false, "the conference is missing": true} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			r := newRoster()
			r.size = bigConference + 1
			for _, participant := range []string{"a", "b", "c"} {
				r.see(call(participant, false), c.times(0, 0), time.Time{}, false)
			}
			r.refresh(c, "a", 0)
			if r.RecordRead("a", voice.Participant{}, false, c.times(0, 0)) || !r.Observation("a").Present {
				t.Fatal("missing by the word of one read")
			}
			if poll := r.Next(0, c.now); !poll.List || len(poll.Reads) != 0 {
				t.Fatalf("poll %+v, want a list", poll)
			}
			listing := NewListing(c.now)
			if !missing {
				listing.Add(voice.Page{Participants: []voice.Participant{call("b", false), call("c", false)}}, c.times(0, 0))
			}
			r.ApplyList(listing, missing, c.now)
			if got := names(r.CompleteList(c.now, c.now)); !slices.Equal(got, []string{"a"}) || !r.Next(0, c.now).Empty() {
				t.Errorf("%q are served, want who asked, and nothing left", got)
			}
			if got := r.Observation("a"); got.Present || got.Absence.Suspicious != missing {
				t.Errorf("present %v, suspicious %v", got.Present, got.Absence.Suspicious)
			}
		})
	}
}

func subscriber(name string) Subscriber {
	return Subscriber{Kind: "Participant", Name: types.NamespacedName{Name: name}}
}

func (r *Roster) refresh(c *clock, name string, in time.Duration) {
	r.requestRefresh(RefreshRequest{Subscriber: subscriber(name), CallSID: name, At: c.in(in)})
}

func names(refreshed []RefreshRequest, verified []Subscriber) []string {
	var found []string
	for _, ask := range refreshed {
		found = append(found, ask.Subscriber.Name.Name)
	}
	for _, waiter := range verified {
		found = append(found, waiter.Name.Name)
	}
	slices.Sort(found)
	return found
}

func TestR2OneListServesAllWaiting(t *testing.T) {
	c := newClock()
	r := newRoster()
	for _, name := range []string{"a", "b", "c", "d"} {
		r.refresh(c, name, 0)
	}
	r.refresh(c, "later", time.Minute)
	if poll := r.Next(0, c.now); !poll.List || len(poll.Reads) != 0 || !poll.At.Equal(c.in(time.Minute)) {
		t.Fatalf("poll %+v, want one list, and another in a minute", poll)
	}
	merge(r, c)
	if got := names(r.CompleteList(c.now, c.now)); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("served %q", got)
	}
	if poll := r.Next(0, c.now); poll.List || poll.Empty() {
		t.Errorf("poll %+v, want only the later look left", poll)
	}
}

func TestR2AFewWaitingInABigConferenceAreReadOneByOne(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.size = bigConference + 1
	for i, name := range []string{"a", "b", "c", "d"} {
		r.refresh(c, name, 0)
		poll := r.Next(0, c.now)
		if few := i < fewReads; poll.List == few || few && len(poll.Reads) != i+1 {
			t.Errorf("%d wait: list %v, %d reads", i+1, poll.List, len(poll.Reads))
		}
	}
	r.size = bigConference
	r.CompleteRead(RefreshRequest{Subscriber: subscriber("d")})
	if poll := r.Next(0, c.now); !poll.List {
		t.Error("a conference that is not big is read one by one")
	}
}

func TestR2OneListServesWhatCanWait(t *testing.T) {
	for name, c := range map[string]struct {
		size int
		// list is when another list is sent, 0 for none.
		list time.Duration
		want []string
	}{
		"at the latest":                {1, 0, []string{"a", "b"}},
		"in a big conference":          {500, 0, []string{"a", "b"}},
		"another list serves them":     {1, 500 * time.Millisecond, []string{"a", "b"}},
		"another list serves only one": {1, 200 * time.Millisecond, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newClock()
			r := newRoster()
			r.size = c.size
			start := clock.now
			for name, at := range map[string]time.Duration{"a": 0, "b": 300 * time.Millisecond} {
				r.requestRefresh(RefreshRequest{Subscriber: subscriber(name), CallSID: name, At: clock.in(at), By: clock.in(at + time.Second)})
			}
			if due := r.Next(0, clock.in(999*time.Millisecond)); due.HasWork() || !due.At.Equal(start.Add(time.Second)) {
				t.Errorf("asks %+v before it has to", due)
			}
			if clock.advance(c.list); c.list == 0 {
				clock.advance(time.Second)
			}
			if due := r.Next(0, clock.now); c.list == 0 && (due.List == (c.size > bigConference) || len(due.Reads) != 2 && !due.List) {
				t.Errorf("asks %+v", due)
			}
			// The response comes when every request was made.
			if got := names(r.CompleteList(clock.now, start.Add(2*time.Second))); !slices.Equal(got, c.want) {
				t.Errorf("serves %q, want %q", got, c.want)
			}
		})
	}
}

func TestR6OneCheckForAllUpdatesOfASettlingTime(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.scheduleVerification(subscriber("a"), c.now)
	r.scheduleVerification(subscriber("b"), c.in(time.Second))
	r.scheduleVerification(subscriber("c"), c.in(2*time.Second))
	if poll := r.Next(0, c.now); poll.List || !poll.At.Equal(c.in(3*time.Second)) {
		t.Fatalf("poll %+v, want a list after the settling time", poll)
	}
	c.advance(3 * time.Second)
	if poll := r.Next(0, c.now); !poll.List {
		t.Fatal("the check is not due")
	}
	merge(r, c)
	if got := names(r.CompleteList(c.now, c.now)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%q are proven, want a", got)
	}
	if poll := r.Next(0, c.now); !poll.At.Equal(c.in(2 * time.Second)) {
		t.Errorf("the rest is checked in %s, want one list when the last has settled", poll.At.Sub(c.now))
	}
	c.advance(2 * time.Second)
	if got := names(r.CompleteList(c.now, c.now)); !slices.Equal(got, []string{"b", "c"}) || !r.Next(0, c.now).Empty() {
		t.Errorf("%q are proven then, want b and c, and nothing left", got)
	}
}

func TestR2ALookIsRenewedBeforeItIsTooOld(t *testing.T) {
	c := newClock()
	r := newRoster()
	list := func(took time.Duration) {
		listing := NewListing(c.now)
		c.advance(took)
		r.ApplyList(listing, false, c.now)
		r.CompleteList(listing.Started(), c.now)
	}
	for took, early := range map[time.Duration]time.Duration{
		0: 0, 200 * time.Millisecond: 200 * time.Millisecond,
		// One list after the other would leave the provider no rest.
		2 * time.Second: 500 * time.Millisecond,
	} {
		began := c.now
		list(took)
		if !r.Next(0, c.now).Empty() {
			t.Fatalf("poll %+v, and nobody waits", r.Next(0, c.now))
		}
		if by := began.Add(time.Second); !r.prefetch(by) || r.prefetch(by) {
			t.Error("a list is due, or was not due before")
		}
		if at := began.Add(time.Second - early); !c.now.After(at) {
			if poll := r.Next(0, c.now); poll.List || !poll.At.Equal(at) {
				t.Errorf("poll %+v, want a list at %s, as the last one took %s", poll, at, took)
			}
			c.now = at
		}
		if !r.Next(0, c.now).List {
			t.Errorf("no list is due, as the last one took %s", took)
		}
		c.advance(time.Second)
		list(0)
	}
	r.prefetch(c.in(time.Second))
	r.unsubscribe(subscriber("a"), "a")
	if !r.Next(0, c.now).Empty() {
		t.Error("a list is due when everybody is gone")
	}
}

func TestPollsAreSpread(t *testing.T) {
	c := newClock()
	r := newRoster()
	if poll := r.Next(30*time.Second, c.now); !poll.List {
		t.Fatal("a conference that was never listed is not listed at once")
	}
	merge(r, c)
	r.CompleteList(c.now, c.now)
	poll := r.Next(30*time.Second, c.now)
	if in := poll.At.Sub(c.now); poll.List || in < 27*time.Second || in > 33*time.Second {
		t.Errorf("listed again in %s", in)
	}
	if !r.Next(0, c.now).Empty() {
		t.Error("a resync of 0 polls")
	}
}

func TestR15AFailedListWaits(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.refresh(c, "a", 0)
	for _, longest := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		r.RecordFailure(c.now)
		in := r.Next(0, c.now).At.Sub(c.now)
		if longest *= time.Second; in > longest || in < longest*3/4 {
			t.Errorf("tried again in %s, want up to %s", in, longest)
		}
	}
	r.CompleteList(c.now, c.now)
	r.refresh(c, "a", 0)
	if !r.Next(0, c.now).List {
		t.Error("a success does not end the wait")
	}
}

func TestForget(t *testing.T) {
	c := newClock()
	r := newRoster()
	merge(r, c, call("a", false), call("b", false))
	c.advance(time.Second)
	merge(r, c, call("b", false))
	r.refresh(c, "a", 0)
	r.scheduleVerification(subscriber("a"), c.now)
	r.unsubscribe(subscriber("a"), "a")
	if len(r.refreshes) != 0 || len(r.verifications) != 0 || r.entries["a"] != nil {
		t.Error("something is left of it")
	}
	r.unsubscribe(subscriber("b"), "b")
	if !r.Observation("b").Present {
		t.Error("somebody who is there is forgotten")
	}
}

func TestWhatTheFirstListShowsIsNoChange(t *testing.T) {
	c := newClock()
	r := newRoster()
	before := c.in(-time.Hour)
	for _, step := range []struct {
		what    string
		list    []voice.Participant
		changed bool
	}{
		{"the first list", []voice.Participant{call("a", false)}, false},
		{"the same again", []voice.Participant{call("a", false)}, false},
		{"a newcomer", []voice.Participant{call("a", false), call("b", false)}, true},
	} {
		merge(r, c, step.list...)
		if got := r.ChangedSince(before); got != step.changed {
			t.Errorf("%s: changed %v, want %v", step.what, got, step.changed)
		}
		c.advance(time.Minute)
	}
	answered := newRoster()
	answered.RecordUpdate(call("a", true), c.times(0, time.Millisecond))
	if !answered.ChangedSince(before) {
		t.Error("an accepted update is no change")
	}
}
