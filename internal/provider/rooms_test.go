package provider

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

func (a *api) ConferencePages(_ context.Context, filter voice.ConferenceFilter) iter.Seq2[voice.ConferencePage, error] {
	return twoPages(a, filter, []voice.Conference{{SID: "a"}, {SID: "b"}})
}

func (a *api) UpdateConference(_ context.Context, sid string, u voice.ConferenceUpdate) (voice.Conference, error) {
	a.requests++
	a.asked = append(a.asked, sid, u)
	return voice.Conference{SID: sid}, a.err
}

func (a *api) GetCall(_ context.Context, callSID string) (voice.Call, error) {
	a.requests++
	a.asked = append(a.asked, callSID)
	return voice.Call{SID: callSID}, a.err
}

func (a *api) CallPages(_ context.Context, filter voice.CallFilter) iter.Seq2[voice.CallPage, error] {
	return twoPages(a, filter, []voice.Call{{SID: "a"}, {SID: "b"}})
}

// twoPages is a list with an item on each of two pages, the second of which fails with
// the client's error.
func twoPages[T any](a *api, filter any, items []T) iter.Seq2[voice.ListPage[T], error] {
	return func(yield func(voice.ListPage[T], error) bool) {
		a.requests++
		a.asked = append(a.asked, filter)
		a.between()
		if yield(voice.ListPage[T]{Items: items[:1]}, nil) {
			a.between()
			yield(voice.ListPage[T]{Items: items[1:]}, a.err)
		}
	}
}

func (a *api) between() {
	if a.tick != nil {
		a.tick()
	}
}

// Each page has the times of its own request, and what is on it arrives.
func TestPagesOfRoomsAndCallsHaveTheirTimes(t *testing.T) {
	for name, list := range map[string]func(s *Session, page func(sid string, times voice.Times)) error{
		"conferences": func(s *Session, page func(string, voice.Times)) error {
			return s.ListConferences(t.Context(), voice.ConferenceInit, func(p voice.ConferencePage, times voice.Times) { page(p.Items[0].SID, times) })
		},
		"calls": func(s *Session, page func(string, voice.Times)) error {
			filter := voice.CallFilter{Status: voice.CallInProgress}
			return s.ListCalls(t.Context(), filter, func(p voice.CallPage, times voice.Times) { page(p.Items[0].SID, times) })
		},
	} {
		for end, failed := range map[string]error{"whole": nil, "cut": failure(voice.ClassUnknownOutcome, 503, 0)} {
			t.Run(name+", "+end, func(t *testing.T) {
				c, client := newClock(), &api{err: failed}
				began := c.now
				client.tick = func() { c.now = c.in(time.Second) }
				var got []string
				err := list(sessionOf(client, c, new(int)), func(sid string, times voice.Times) {
					got = append(got, fmt.Sprint(sid, " ", times.Sent.Sub(began), " ", times.Responded.Sub(began)))
				})
				want := map[string]string{"whole": "[a 0s 1s b 1s 2s]", "cut": "[a 0s 1s]"}[end]
				if fmt.Sprint(got) != want || (err == nil) != (failed == nil) {
					t.Errorf("got %s, %v; want %s", got, err, want)
				}
			})
		}
	}
}

func TestWhatIsAskedForIsSent(t *testing.T) {
	client := &api{}
	s := sessionOf(client, newClock(), new(int))
	ended, _, err := s.UpdateConference(t.Context(), "room", voice.ConferenceUpdate{Complete: true})
	call, _, failed := s.ReadCall(t.Context(), "call")
	if err != nil || failed != nil || ended.SID != "room" || call.SID != "call" {
		t.Errorf("got %+v, %v and %s, %v", ended, err, call.SID, failed)
	}
	_ = s.ListConferences(t.Context(), voice.ConferenceInit, func(voice.ConferencePage, voice.Times) {})
	_ = s.ListCalls(t.Context(), voice.CallFilter{ParentCallSID: "call"}, func(voice.CallPage, voice.Times) {})
	want := []any{
		"room", voice.ConferenceUpdate{Complete: true}, "call", voice.ConferenceFilter{Status: "init"}, voice.CallFilter{ParentCallSID: "call"},
	}
	if fmt.Sprint(client.asked) != fmt.Sprint(want) {
		t.Errorf("asked for %v, want %v", client.asked, want)
	}
}
