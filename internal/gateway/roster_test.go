package gateway

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

func (c *clock) Now() time.Time                       { return c.now }
func (c *clock) pass(d time.Duration)                 { c.now = c.now.Add(d) }
func (c *clock) in(d time.Duration) time.Time         { return c.now.Add(d) }
func (c *clock) times(sent, took time.Duration) Times { return Times{c.in(sent), c.in(sent + took)} }

func call(sid string, muted bool) voice.Participant {
	return voice.Participant{CallSID: sid, Muted: muted, Status: "in-progress"}
}

// merge writes a list down that was sent now.
func merge(r *Roster, c *clock, participants ...voice.Participant) {
	listing := NewListing(c.now)
	listing.Add(participants, c.times(0, time.Millisecond))
	r.Merge(listing, false)
}

func TestAListNeverOverwritesANewerAnswer(t *testing.T) {
	c := newClock()
	cases := []struct {
		name      string
		list      Times
		update    Times
		wantMuted bool
	}{
		{"the list was sent before the answer came", c.times(0, 50*time.Millisecond), c.times(-10*time.Millisecond, 20*time.Millisecond), true},
		{"the list was held open across the update", c.times(0, 50*time.Millisecond), c.times(10*time.Millisecond, 20*time.Millisecond), true},
		{"the list was sent after the answer", c.times(30*time.Millisecond, 20*time.Millisecond), c.times(0, 20*time.Millisecond), false},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			r := newRoster(c.Now)
			merge(r, c, call("a", false))
			r.RecordUpdate(call("a", true), test.update)
			listing := NewListing(test.list.Sent)
			listing.Add([]voice.Participant{call("a", false)}, test.list)
			r.Merge(listing, false)
			if got := r.Sight("a"); got.Observed.Muted != test.wantMuted || got.Observed.Echo != test.wantMuted {
				t.Errorf("muted %v (echo %v), want %v", got.Observed.Muted, got.Observed.Echo, test.wantMuted)
			}
			r = newRoster(c.Now)
			r.RecordUpdate(call("a", true), test.update)
			absent := NewListing(test.list.Sent)
			absent.Add(nil, test.list)
			r.Merge(absent, false)
			if got := r.Sight("a").Present; got != test.wantMuted {
				t.Errorf("present %v after a list without it, want %v", got, test.wantMuted)
			}
		})
	}
}

func TestAnAnswerOverwritesAReadThatWasUnderWay(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	r.RecordRead("a", call("a", false), true, c.times(0, 5*time.Millisecond))
	r.RecordUpdate(call("a", true), c.times(3*time.Millisecond, 5*time.Millisecond))
	if got := r.Sight("a"); !got.Observed.Muted || !got.LookedAt.Equal(c.in(3*time.Millisecond)) {
		t.Errorf("muted %v, looked at %s", got.Observed.Muted, got.LookedAt)
	}
}

func TestAReadThatWasUnderWayOverwritesNoAnswer(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	r.RecordUpdate(call("a", true), c.times(0, 5*time.Millisecond))
	r.RecordRead("a", call("a", false), true, c.times(3*time.Millisecond, 5*time.Millisecond))
	if got := r.Sight("a"); !got.Observed.Muted {
		t.Error("a read that was sent before the answer came overwrites it")
	}
}

func TestALaterPageOverwritesNoAnswerEither(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	r.RecordUpdate(call("a", true), c.times(0, 5*time.Millisecond))
	listing := NewListing(c.in(3 * time.Millisecond))
	listing.Add(nil, c.times(3*time.Millisecond, 7*time.Millisecond))
	listing.Add([]voice.Participant{call("a", false)}, c.times(10*time.Millisecond, 5*time.Millisecond))
	r.Merge(listing, false)
	if got := r.Sight("a"); !got.Observed.Muted {
		t.Error("a list that was begun before the answer came overwrites it")
	}
}

func TestEachEntryIsAsOldAsItsPage(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	listing := NewListing(c.now)
	listing.Add([]voice.Participant{call("a", false)}, c.times(0, time.Second))
	listing.Add([]voice.Participant{call("b", false)}, c.times(time.Second, time.Second))
	r.Merge(listing, false)
	if a, b := r.Sight("a").LookedAt, r.Sight("b").LookedAt; !a.Equal(c.now) || !b.Equal(c.in(time.Second)) {
		t.Errorf("looked at %s and %s", a, b)
	}
	if got := r.Sight("absent"); got.Present || !got.LookedAt.Equal(c.now) {
		t.Errorf("an absence counts from %s, want the first page", got.LookedAt)
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
			r := newRoster(c.Now)
			merge(r, c, call("a", false), call("b", false), call("c", false))
			listing := NewListing(c.in(time.Second))
			listing.Add(test.left, c.times(time.Second, 0))
			r.Merge(listing, test.missing)
			got := r.Sight("a")
			if got.Present || !got.WasThere || got.Absence.Suspicious != test.want {
				t.Errorf("present %v, was there %v, suspicious %v", got.Present, got.WasThere, got.Absence.Suspicious)
			}
		})
	}
}

func TestR7AMissingConferenceIsSuspiciousHoweverFewVanish(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	merge(r, c, call("a", false), call("b", false), call("c", false))
	listing := NewListing(c.in(time.Second))
	r.RecordUpdate(call("b", true), c.times(time.Second, time.Millisecond))
	r.RecordUpdate(call("c", true), c.times(time.Second, time.Millisecond))
	r.Merge(listing, true)
	if got := r.Sight("a"); got.Present || !got.Absence.Suspicious {
		t.Errorf("present %v, suspicious %v", got.Present, got.Absence.Suspicious)
	}
}

func TestR7ReadsGatherEvidence(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	merge(r, c, call("a", false), call("b", false))
	c.pass(time.Second)
	merge(r, c, call("b", false))
	r.RecordRead("b", voice.Participant{}, false, c.times(-time.Second, time.Millisecond))
	if !r.Sight("b").Present || r.Next(0).List {
		t.Fatal("a read sent before the list counts")
	}
	r.RecordRead("a", voice.Participant{}, false, c.times(time.Second, 0))
	r.RecordRead("a", voice.Participant{}, false, c.times(6*time.Second, 0))
	got := r.Sight("a").Absence
	if !got.FirstRead.Equal(c.in(time.Second)) || !got.LastRead.Equal(c.in(6*time.Second)) {
		t.Errorf("read 404 at %s and %s", got.FirstRead, got.LastRead)
	}
	r.RecordRead("a", call("a", true), true, c.times(7*time.Second, 0))
	if sight := r.Sight("a"); !sight.Present || !sight.Absence.FirstRead.IsZero() {
		t.Error("a participant that is seen again keeps the evidence")
	}
	r.RecordRead("never", voice.Participant{}, false, c.times(0, 0))
	if sight := r.Sight("never"); sight.WasThere || sight.Absence.FirstRead.IsZero() {
		t.Error("a read of somebody who was never listed leaves no evidence")
	}
}

func TestR7AReadAloneIsNoEvidenceOfAbsence(t *testing.T) {
	for name, missing := range map[string]bool{"somebody left": false, "the conference is missing": true} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			r := newRoster(c.Now)
			r.size = bigConference + 1
			for _, participant := range []string{"a", "b", "c"} {
				r.see(call(participant, false), c.times(0, 0), false)
			}
			r.look(c, "a", 0)
			if r.RecordRead("a", voice.Participant{}, false, c.times(0, 0)) || !r.Sight("a").Present {
				t.Fatal("missing by the word of one read")
			}
			if round := r.Next(0); !round.List || len(round.Reads) != 0 {
				t.Fatalf("round %+v, want a list", round)
			}
			listing := NewListing(c.now)
			if !missing {
				listing.Add([]voice.Participant{call("b", false), call("c", false)}, c.times(0, 0))
			}
			r.Merge(listing, missing)
			if got := names(r.Listed(c.now)); !slices.Equal(got, []string{"a"}) || !r.Next(0).Idle() {
				t.Errorf("%q are served, want who asked, and nothing left", got)
			}
			if got := r.Sight("a"); got.Present || got.Absence.Suspicious != missing {
				t.Errorf("present %v, suspicious %v", got.Present, got.Absence.Suspicious)
			}
		})
	}
}

func waiter(name string) types.NamespacedName { return types.NamespacedName{Name: name} }

func (r *Roster) look(c *clock, name string, in time.Duration) {
	r.ask(Ask{Waiter: waiter(name), CallSID: name, At: c.in(in)})
}

func names(asked []Ask, checked []types.NamespacedName) []string {
	var found []string
	for _, ask := range asked {
		found = append(found, ask.Waiter.Name)
	}
	for _, waiter := range checked {
		found = append(found, waiter.Name)
	}
	slices.Sort(found)
	return found
}

func TestR2OneListServesAllWaiting(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	for _, name := range []string{"a", "b", "c", "d"} {
		r.look(c, name, 0)
	}
	r.look(c, "later", time.Minute)
	if round := r.Next(0); !round.List || len(round.Reads) != 0 || !round.At.Equal(c.in(time.Minute)) {
		t.Fatalf("round %+v, want one list, and another in a minute", round)
	}
	merge(r, c)
	if got := names(r.Listed(c.now)); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("served %q", got)
	}
	if round := r.Next(0); round.List || round.Idle() {
		t.Errorf("round %+v, want only the later look left", round)
	}
}

func TestR2AFewWaitingInABigConferenceAreReadOneByOne(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	r.size = bigConference + 1
	for i, name := range []string{"a", "b", "c", "d"} {
		r.look(c, name, 0)
		round := r.Next(0)
		if few := i < fewReads; round.List == few || few && len(round.Reads) != i+1 {
			t.Errorf("%d wait: list %v, %d reads", i+1, round.List, len(round.Reads))
		}
	}
	r.size = bigConference
	r.Read(Ask{Waiter: waiter("d")})
	if round := r.Next(0); !round.List {
		t.Error("a conference that is not big is read one by one")
	}
}

func TestR6OneCheckForAllUpdatesOfASettlingTime(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	r.check(waiter("a"), c.now)
	r.check(waiter("b"), c.in(time.Second))
	r.check(waiter("c"), c.in(2*time.Second))
	if round := r.Next(0); round.List || !round.At.Equal(c.in(3*time.Second)) {
		t.Fatalf("round %+v, want a list after the settling time", round)
	}
	c.pass(3 * time.Second)
	if round := r.Next(0); !round.List {
		t.Fatal("the check is not due")
	}
	merge(r, c)
	if got := names(r.Listed(c.now)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%q are proven, want a", got)
	}
	if round := r.Next(0); !round.At.Equal(c.in(2 * time.Second)) {
		t.Errorf("the rest is checked in %s, want one list when the last has settled", round.At.Sub(c.now))
	}
	c.pass(2 * time.Second)
	if got := names(r.Listed(c.now)); !slices.Equal(got, []string{"b", "c"}) || !r.Next(0).Idle() {
		t.Errorf("%q are proven then, want b and c, and nothing left", got)
	}
}

func TestR2ALookIsRenewedBeforeItIsTooOld(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	list := func(took time.Duration) {
		listing := NewListing(c.now)
		c.pass(took)
		r.Merge(listing, false)
		r.Listed(listing.Started())
	}
	for took, early := range map[time.Duration]time.Duration{
		0: 0, 200 * time.Millisecond: 200 * time.Millisecond,
		// One list after the other would leave the provider no rest.
		2 * time.Second: 500 * time.Millisecond,
	} {
		began := c.now
		list(took)
		if !r.Next(0).Idle() {
			t.Fatalf("round %+v, and nobody waits", r.Next(0))
		}
		if by := began.Add(time.Second); !r.renew(by) || r.renew(by) {
			t.Error("a list is due, or was not due before")
		}
		if at := began.Add(time.Second - early); !c.now.After(at) {
			if round := r.Next(0); round.List || !round.At.Equal(at) {
				t.Errorf("round %+v, want a list at %s, as the last one took %s", round, at, took)
			}
			c.now = at
		}
		if !r.Next(0).List {
			t.Errorf("no list is due, as the last one took %s", took)
		}
		c.pass(time.Second)
		list(0)
	}
	r.renew(c.in(time.Second))
	r.forget(waiter("a"), "a")
	c.pass(crewFor)
	if !r.Next(0).Idle() {
		t.Error("a list is due when everybody is gone")
	}
}

func TestPollsAreSpread(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	if round := r.Next(30 * time.Second); !round.List {
		t.Fatal("a conference that was never listed is not listed at once")
	}
	merge(r, c)
	r.Listed(c.now)
	round := r.Next(30 * time.Second)
	if in := round.At.Sub(c.now); round.List || in < 27*time.Second || in > 33*time.Second {
		t.Errorf("listed again in %s", in)
	}
	if !r.Next(0).Idle() {
		t.Error("a resync of 0 polls")
	}
}

func TestR15AFailedListWaits(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	r.look(c, "a", 0)
	for _, longest := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		r.Failed()
		in := r.Next(0).At.Sub(c.now)
		if longest *= time.Second; in > longest || in < longest*3/4 {
			t.Errorf("tried again in %s, want up to %s", in, longest)
		}
	}
	r.Listed(c.now)
	r.look(c, "a", 0)
	if !r.Next(0).List {
		t.Error("a success does not end the wait")
	}
}

func TestForget(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	merge(r, c, call("a", false), call("b", false))
	c.pass(time.Second)
	merge(r, c, call("b", false))
	r.look(c, "a", 0)
	r.check(waiter("a"), c.now)
	r.forget(waiter("a"), "a")
	if len(r.asks) != 0 || len(r.checks) != 0 || r.entries["a"] != nil {
		t.Error("something is left of it")
	}
	r.forget(waiter("b"), "b")
	if !r.Sight("b").Present {
		t.Error("somebody who is there is forgotten")
	}
}

func TestADepartureDuringACountIsCountedAgain(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
	began := c.now
	c.pass(time.Millisecond)
	r.forget(waiter("a"), "a")
	c.pass(time.Millisecond)
	r.SetCrew(Crew{Live: true}, began)
	if round := r.Next(0); !round.At.Equal(began.Add(crewFor)) {
		t.Errorf("round %+v, want a look at who is left %s after the count began", round, crewFor)
	}
	c.pass(crewFor)
	r.SetCrew(Crew{}, c.now)
	if !r.Next(0).Idle() {
		t.Error("it is counted for ever")
	}
}

func TestWhatTheFirstListShowsIsNoChange(t *testing.T) {
	c := newClock()
	r := newRoster(c.Now)
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
		c.pass(time.Minute)
	}
	answered := newRoster(c.Now)
	answered.RecordUpdate(call("a", true), c.times(0, time.Millisecond))
	if !answered.ChangedSince(before) {
		t.Error("an accepted update is no change")
	}
}
