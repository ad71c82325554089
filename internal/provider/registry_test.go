package provider

import (
	"context"
	"iter"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/voice"
)

// api is a client that responds with one error and counts.
type api struct {
	err             error
	requests        int
	closed, waiting int
	// asked are the arguments of requests about rooms and calls.
	asked []any
	// tick is called between the pages of lists of rooms and calls; nil for nothing.
	tick func()
}

func (a *api) UpdateParticipant(context.Context, string, string, voice.Update) (voice.Participant, error) {
	a.requests++
	return voice.Participant{CallSID: "call"}, a.err
}

func (a *api) GetParticipant(context.Context, string, string) (voice.Participant, error) {
	a.requests++
	return voice.Participant{CallSID: "call"}, a.err
}

func (a *api) GetConference(context.Context, string) (voice.Conference, error) {
	a.requests++
	return voice.Conference{}, a.err
}

func (a *api) RemoveParticipant(context.Context, string, string) error {
	a.requests++
	return a.err
}

func (a *api) ParticipantPages(context.Context, string) iter.Seq2[voice.Page, error] {
	return func(yield func(voice.Page, error) bool) {
		a.requests++
		_ = yield(voice.Page{Participants: []voice.Participant{{CallSID: "a"}}}, nil) && yield(voice.Page{Participants: []voice.Participant{{CallSID: "b"}}}, a.err)
	}
}

func (a *api) VerifyToken(context.Context) error {
	a.requests++
	return a.err
}

func (a *api) Close() { a.closed++ }

// sessionOf is a session on a client, with a clock.
func sessionOf(a *api, c *clock, opened *int) *Session {
	return NewSession(Config{
		API: a, Identity: "token", PerSecond: 10, Burst: 1, Concurrency: 2, ScheduleTick: func(time.Duration) {}, OnOpen: func() { *opened++ }, Now: func() time.Time { return c.now },
	})
}

var acme = types.NamespacedName{Namespace: "ns", Name: "acme"}

// step is one change of a registry: a session takes the place of the last one.
type step struct {
	session          int
	verified, retain bool
	// gone says that the account is deleted, released that its retained
	// credentials are dropped.
	gone, released bool
}

func TestR11RegistryRetainsTheLastAcceptedCredentials(t *testing.T) {
	const none = -1
	for _, c := range []struct {
		name  string
		steps []step
		// finalizer is the session for deletions; closed are those that are closed.
		finalizer int
		closed    []int
		retains   bool
		size      int
	}{
		{"verified", []step{{session: 0, verified: true}}, 0, nil, false, 1},
		{"not verified", []step{{session: 0}}, 0, nil, false, 1},
		{"replaced by a verified one", []step{{session: 0, verified: true}, {session: 1, verified: true, retain: true}}, 1, []int{0}, false, 1},
		{"replaced by one that is refused, and needed", []step{{session: 0, verified: true}, {session: 1, retain: true}}, 0, nil, true, 1},
		{"replaced by one that is refused, not needed", []step{{session: 0, verified: true}, {session: 1}}, 1, []int{0}, false, 1},
		{"never verified, and replaced", []step{{session: 0}, {session: 1, retain: true}}, 1, []int{0}, false, 1},
		{"replaced by one that is accepted later", []step{{session: 0, verified: true}, {session: 1, retain: true}, {session: 1, verified: true, retain: true}},
			1, []int{0}, false, 1},
		{"replaced twice, the first was accepted", []step{{session: 0, verified: true}, {session: 1, retain: true}, {session: 2, retain: true}},
			0, []int{1}, true, 1},
		{"its Secret is gone, and needed", []step{{session: 0, verified: true}, {session: none, retain: true}}, 0, nil, true, 1},
		{"its Secret is gone, not needed", []step{{session: 0, verified: true}, {session: none}}, none, []int{0}, false, 1},
		{"deleted, and needed", []step{{session: 0, verified: true}, {gone: true, retain: true}}, 0, nil, true, 1},
		{"deleted, not needed", []step{{session: 0, verified: true}, {gone: true}}, none, []int{0}, false, 0},
		{"deleted and released", []step{{session: 0, verified: true}, {gone: true, retain: true}, {released: true}}, none, []int{0}, false, 0},
		{"released while it is there", []step{{session: 0, verified: true}, {session: 1, retain: true}, {released: true}}, 1, []int{0}, false, 1},
		{"never there", []step{{gone: true, retain: true}, {released: true}}, none, nil, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, clients, sessions := NewRegistry(), []*api{{}, {}, {}}, map[int]*Session{}
			for i, client := range clients {
				sessions[i] = sessionOf(client, newClock(), new(int))
			}
			for _, s := range c.steps {
				switch {
				case s.gone:
					r.Delete(acme, s.retain)
				case s.released:
					r.Release(acme)
				default:
					r.Set(acme, sessions[s.session], State{Phase: PhaseReady, Verified: s.verified}, s.retain)
				}
			}
			if got, _ := r.ForFinalizer(acme); got != sessions[c.finalizer] || r.Retains(acme) != c.retains || r.Size() != c.size {
				t.Errorf("session %v for deletions, retained %v, of %d accounts", got, r.Retains(acme), r.Size())
			}
			closed := map[int]int{}
			for _, i := range c.closed {
				closed[i] = 1
			}
			for i, client := range clients {
				if client.closed != closed[i] {
					t.Errorf("session %d was closed %d times, want %d", i, client.closed, closed[i])
				}
			}
		})
	}
}

func TestLookup(t *testing.T) {
	r, session := NewRegistry(), sessionOf(&api{}, newClock(), new(int))
	if _, _, known := r.Lookup(acme); known {
		t.Error("an account is known that was never looked at")
	}
	ready := State{Phase: PhaseReady, Verified: true, ProviderAccount: "p"}
	if replaced, before := r.Set(acme, session, ready, false); replaced != nil || before != (State{}) {
		t.Errorf("%v, %+v were there before", replaced, before)
	}
	if got, state, known := r.Lookup(acme); got != session || state != ready || !known {
		t.Errorf("%v, %+v, known %v", got, state, known)
	}
	if replaced, before := r.Set(acme, nil, State{Phase: PhaseNotReady}, false); replaced != session || before != ready {
		t.Errorf("%v, %+v were there before", replaced, before)
	}
	if got, state, known := r.Lookup(acme); got != nil || state.Phase != PhaseNotReady || !known {
		t.Errorf("%v, %+v, known %v after the session is gone", got, state, known)
	}
	r.Set(acme, session, ready, false)
	r.Delete(acme, true)
	if got, _, known := r.Lookup(acme); got != nil || known {
		t.Errorf("%v, known %v, of an account that is gone", got, known)
	}
}

func TestStateBlocked(t *testing.T) {
	for phase, want := range map[Phase]bool{
		PhaseUnknown: false, PhaseSuspended: false, PhaseNotReady: false, PhaseUnauthorized: true, PhaseUnavailable: true, PhaseReady: false,
	} {
		if got := (State{Phase: phase}).Blocked(); got != want {
			t.Errorf("phase %v: blocked %v", phase, got)
		}
	}
}

// requests are the ways to send something through a session.
func requests(s *Session) map[string]func() (voice.Times, error) {
	ctx := context.Background()
	return map[string]func() (voice.Times, error){
		"update": func() (voice.Times, error) {
			_, times, err := s.Update(ctx, "room", "call", voice.Update{})
			return times, err
		},
		"read":   func() (voice.Times, error) { _, times, err := s.Read(ctx, "room", "call"); return times, err },
		"remove": func() (voice.Times, error) { return s.Remove(ctx, "room", "call") },
		"list": func() (times voice.Times, err error) {
			err = s.List(ctx, "room", func(_ voice.Page, page voice.Times) { times = page })
			return times, err
		},
		"update conference": func() (voice.Times, error) {
			_, times, err := s.UpdateConference(ctx, "room", voice.ConferenceUpdate{Complete: true})
			return times, err
		},
		"read conference": func() (voice.Times, error) { _, times, err := s.ReadConference(ctx, "room"); return times, err },
		"read call":       func() (voice.Times, error) { _, times, err := s.ReadCall(ctx, "call"); return times, err },
		"list conferences": func() (times voice.Times, err error) {
			err = s.ListConferences(ctx, voice.ConferenceInit, func(_ voice.ConferencePage, page voice.Times) { times = page })
			return times, err
		},
		"list calls": func() (times voice.Times, err error) {
			err = s.ListCalls(ctx, voice.CallFilter{}, func(_ voice.CallPage, page voice.Times) { times = page })
			return times, err
		},
	}
}

func TestR15NothingIsSentWhileTheProviderAsksToWait(t *testing.T) {
	for name := range requests(nil) {
		t.Run(name, func(t *testing.T) {
			c, client, opened := newClock(), &api{}, 0
			s := sessionOf(client, c, &opened)
			s.record(failure(voice.ClassNotExecuted, 429, 7*time.Second))
			c.now = c.in(2 * time.Second)
			times, err := requests(s)[name]()
			refused := voice.AsError(err)
			if client.requests != 0 || refused.Class != voice.ClassNotExecuted || refused.RetryAfter != 5*time.Second {
				t.Errorf("%d requests: %v, again after %s", client.requests, err, refused.RetryAfter)
			}
			if times.WasSent() {
				t.Errorf("what was not sent was sent at %s", times.Sent)
			}
			c.now = c.in(5 * time.Second)
			if times, err := requests(s)[name](); err != nil || client.requests != 1 || !times.Sent.Equal(c.now) {
				t.Errorf("%d requests after the wait: %v", client.requests, err)
			}
		})
	}
}

func TestSessionFeedsTheBreaker(t *testing.T) {
	for name := range requests(nil) {
		t.Run(name, func(t *testing.T) {
			c, client, opened := newClock(), &api{err: failure(voice.ClassUnauthorized, 401, 0)}, 0
			s := sessionOf(client, c, &opened)
			if _, err := requests(s)[name](); voice.ClassOf(err) != voice.ClassUnauthorized || opened != 1 {
				t.Errorf("%v, opened %d times", err, opened)
			}
			if block, _ := s.Blocked(); block != Verifying || s.RefusedSince(c.now) {
				t.Errorf("blocked by %q, refused %v", block, s.RefusedSince(c.now))
			}
			if err := s.Verify(t.Context()); err == nil || !s.RefusedSince(c.now) || s.RefusedSince(c.in(1)) {
				t.Errorf("verified with %v, refused since %v", err, s.RefusedSince(c.now))
			}
			if found := s.Standing(); found.Block != Unauthorized || !found.VerifiedAt.IsZero() {
				t.Errorf("%q, verified at %s", found.Block, found.VerifiedAt)
			}
			client.err = nil
			if err := s.Verify(t.Context()); err != nil {
				t.Error(err)
			}
			if found := s.Standing(); found.Block != None || !found.VerifiedAt.Equal(c.now) || opened != 1 {
				t.Errorf("%q, verified at %s, opened %d times", found.Block, found.VerifiedAt, opened)
			}
		})
	}
}

func TestSessionAdmitsByItsLimiter(t *testing.T) {
	client := &api{}
	s := sessionOf(client, newClock(), new(int))
	read := func(key string) admission.Request {
		return admission.Request{Key: key, Flow: "room", Wake: func(int) { client.waiting-- }}
	}
	first, ok := s.TryAcquire(read("a"))
	if second, too := s.TryAcquire(read("b")); !ok || !too || second == nil {
		t.Fatal("two seats are not taken by two requests")
	}
	client.waiting = 1
	if _, ok := s.TryAcquire(read("c")); ok {
		t.Fatal("a third request has a seat")
	}
	if first(); client.waiting != 0 {
		t.Error("the third request is not woken when a seat is free")
	}
	if s.Close(); client.closed != 1 || s.Identity() != "token" {
		t.Errorf("closed %d times", client.closed)
	}
}
