package memory

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/plan"
)

func TestBacklog(t *testing.T) {
	waiting := Backlog{}.Plan().Delay(Unavailable, now)
	throttled := waiting.Delay(Throttled, in(2*time.Second))
	for _, c := range []struct {
		name               string
		backlog            Backlog
		planned, throttled bool
		overdueAt          time.Time
	}{
		{"nothing", Backlog{}, false, false, time.Time{}.Add(patience)},
		{"planned", Backlog{}.Plan(), true, false, time.Time{}.Add(patience)},
		{"an edit that waits, nothing planned", Backlog{}.Delay(Observation, now), false, false, in(patience)},
		{"planned, and waiting", waiting, true, false, in(patience)},
		{"waiting for something else since", throttled, true, true, in(patience)},
		{"waiting still", throttled.Delay(Throttled, in(time.Hour)).Delay(Verifying, in(time.Hour)), true, true, in(patience)},
		{"waiting anew", throttled.Restart(), true, false, time.Time{}.Add(patience)},
		{"over", throttled.Clear(), false, false, time.Time{}.Add(patience)},
	} {
		if c.backlog.Planned() != c.planned || c.backlog.Throttled() != c.throttled || !c.backlog.OverdueAt().Equal(c.overdueAt) {
			t.Errorf("%s: planned %v, throttled %v, overdue at %s", c.name, c.backlog.Planned(), c.backlog.Throttled(), c.backlog.OverdueAt())
		}
	}
	admitted, waited := throttled.Admit(in(5 * time.Second))
	if waited != 3*time.Second || admitted.Throttled() || !admitted.Planned() || !admitted.OverdueAt().Equal(in(patience)) {
		t.Errorf("admitted after %s: %+v", waited, admitted)
	}
	if _, waited = waiting.Admit(in(time.Hour)); waited != 0 {
		t.Errorf("what was not throttled has waited %s for a limit", waited)
	}
}

// session is one with an identity, and credentials that were refused last at a time.
type session struct {
	identity  string
	refusedAt time.Time
}

func (s session) Identity() string                  { return s.identity }
func (s session) RefusedSince(since time.Time) bool { return !s.refusedAt.Before(since) }

func TestR8ADenialIsIndividual(t *testing.T) {
	met, _ := Denial{}.Deny(session{identity: "a"}, now)
	for _, c := range []struct {
		name    string
		denial  Denial
		session session
		want    bool
	}{
		{"no denial", Denial{}, session{identity: ""}, false},
		{"the token was accepted since", met, session{identity: "a"}, true},
		{"the token was refused before", met, session{"a", in(-1)}, true},
		{"the token was refused, too", met, session{"a", now}, false},
		{"the token was refused since", met, session{"a", in(time.Second)}, false},
		{"another session", met, session{identity: "b"}, false},
	} {
		if got := c.denial.individual(c.session); got != c.want {
			t.Errorf("%s: individual %v", c.name, got)
		}
	}
}

func TestAccount(t *testing.T) {
	var account Account
	for _, step := range []struct{ session, provider string }{{"a", "x"}, {"a", "x"}, {"b", "x"}, {"b", "y"}, {"a", "x"}} {
		before := account
		var changed, replaced bool
		account, changed = account.TrackSession(step.session)
		// The first session is none that had refused anything.
		if changed != (before.session != "" && before.session != step.session) {
			t.Errorf("session %s after %q: changed %v", step.session, before.session, changed)
		}
		account, replaced = account.TrackProvider(step.provider)
		// The first one replaces none.
		if replaced != (before.provider != "" && before.provider != step.provider) {
			t.Errorf("provider %s after %q: replaced %v", step.provider, before.provider, replaced)
		}
	}
}

func TestAnAnnouncementIsRememberedByItsID(t *testing.T) {
	known := Announcement{ID: "a", Since: now, Retry: backoff.State{Failures: 3, NotBefore: in(time.Minute)}, Denial: Denial{session: "s", at: now}}
	if got := known.For("a"); got != known {
		t.Errorf("the same id: %+v", got)
	}
	if got := known.For("b"); got != (Announcement{ID: "b"}) {
		t.Errorf("another id: %+v", got)
	}
}

func TestACoacheeIsAwaitedFromTheFirstTime(t *testing.T) {
	if got := (Coachee{Lost: true}).Await(now).Await(in(time.Minute)); got != (Coachee{AwaitedSince: now, Lost: true}) {
		t.Errorf("%+v", got)
	}
}

// used is a memory with something in every part that a transition may end.
func used() Memory {
	m := Memory{Subject: Subject{UID: "a"}, Look: NewLook(now).Request(now).VoidBefore(in(1)), Backlog: Backlog{}.Plan().Delay(Throttled, now)}
	m.Edit, _ = m.Edit.Observe(1, "today", false, now)
	m.Updates = plan.History{Vanished: 1, AppliedInputs: "music"}
	m.Retry, m.Coachee, m.DeadlinePassed = backoff.State{Failures: 1}, Coachee{Lost: true}, true
	return m
}

func TestTransitionsOfTheWhole(t *testing.T) {
	for name, c := range map[string]struct {
		got                              Memory
		phase                            Phase
		requested, planned, waits, knows bool
		retries, coachee, expired        bool
	}{
		"as it was":          {used(), Awaited, true, true, true, true, true, true, true},
		"at a new edit":      {used().ForNewEdit(), Awaited, false, true, false, true, false, false, false},
		"in another account": {used().ForAnotherAccount(), Unjudged, false, false, false, false, true, true, true},
		"unsubscribed":       {used().Unsubscribed(), Unjudged, false, false, false, true, true, true, true},
		"finished":           {used().Finished(), Judged, true, false, false, true, true, true, true},
	} {
		m := c.got
		if m.Edit.phase != c.phase || !m.Look.requested.IsZero() != c.requested || m.Backlog.Planned() != c.planned || m.Backlog.Throttled() != c.waits {
			t.Errorf("%s: phase %v, %+v, %+v", name, m.Edit.phase, m.Look, m.Backlog)
		}
		if (m.Updates != plan.History{}) != c.knows || (m.Retry.Failures > 0) != c.retries ||
			m.Coachee.Lost != c.coachee || m.DeadlinePassed != c.expired {
			t.Errorf("%s: %+v", name, m)
		}
		// What an update has made void stays so, whatever happens.
		if !m.Look.validFrom.Equal(in(1)) || !m.Look.firstSeen.Equal(now) || m.UID != "a" || m.Edit.RequestedAt() != "today" {
			t.Errorf("%s: %+v of %s", name, m.Look, m.UID)
		}
	}
}

func TestStore(t *testing.T) {
	var store Store
	name := types.NamespacedName{Namespace: "ns", Name: "alice"}
	subject := Subject{Name: name, UID: "a", CallSID: "call"}
	if found := store.Forget(name); found != nil {
		t.Errorf("an empty store forgets %+v", found)
	}
	first, stale := store.Get(subject, now)
	if stale != nil || first.Subject != subject || !first.Look.firstSeen.Equal(now) {
		t.Errorf("%+v on first sight, stale %v", first, stale)
	}
	first.DeadlinePassed = true
	if again, _ := store.Get(subject, in(time.Second)); again.DeadlinePassed || !again.Look.firstSeen.Equal(in(time.Second)) {
		t.Errorf("what was not kept is there: %+v", again)
	}
	store.Keep(first)
	first.DeadlinePassed = false
	if kept, stale := store.Get(subject, in(time.Second)); !kept.DeadlinePassed || stale != nil || !kept.Look.firstSeen.Equal(now) {
		t.Errorf("%+v was kept, stale %v", kept, stale)
	}
	other := Subject{Name: name, UID: "b", CallSID: "other"}
	second, stale := store.Get(other, now)
	if stale == nil || *stale != subject || second.DeadlinePassed || second.Subject != other {
		t.Fatalf("%+v of another object, stale %v", second, stale)
	}
	store.Keep(second)
	if *stale != subject {
		t.Errorf("the subject that was stale has become %+v", *stale)
	}
	if forgotten := store.Forget(name); forgotten == nil || *forgotten != other || store.entries != nil {
		t.Errorf("%v was forgotten, and %v are left", forgotten, store.entries)
	}
}
