package provider

import (
	"context"
	"iter"

	"github.com/voiceops/conference-operator/internal/voice"
)

// ListConferences lists the account's conferences of a status, of all if it is empty,
// and calls page for each page with the times of its request. The list is complete if
// there is no error. The caller must hold a seat for a read.
func (s *Session) ListConferences(ctx context.Context, status string, page func(voice.ConferencePage, voice.Times)) error {
	filter := voice.ConferenceFilter{Status: status}
	return list(s, voice.OpListConferences, s.config.API.ConferencePages(ctx, filter), page)
}

// UpdateConference changes a conference. Success means accepted, not in effect. The
// caller must hold a seat for a write.
func (s *Session) UpdateConference(ctx context.Context, sid string, u voice.ConferenceUpdate) (voice.Conference, voice.Times, error) {
	return one(s, voice.OpUpdateConference, func() (voice.Conference, error) {
		return s.config.API.UpdateConference(ctx, sid, u)
	})
}

// ReadCall reads one call. The caller must hold a seat for a read.
func (s *Session) ReadCall(ctx context.Context, callSID string) (voice.Call, voice.Times, error) {
	return one(s, voice.OpGetCall, func() (voice.Call, error) { return s.config.API.GetCall(ctx, callSID) })
}

// ListCalls lists the account's calls and calls page for each page with the times of
// its request. The list is complete if there is no error. The caller must hold a seat
// for a read.
func (s *Session) ListCalls(ctx context.Context, filter voice.CallFilter, page func(voice.CallPage, voice.Times)) error {
	return list(s, voice.OpListCalls, s.config.API.CallPages(ctx, filter), page)
}

// one sends a request about one thing and returns what the response shows of it.
func one[T any](s *Session, operation voice.Operation, request func() (T, error)) (seen T, times voice.Times, err error) {
	times, err = s.send(operation, func() (err error) {
		seen, err = request()
		return err
	})
	return seen, times, err
}

// list calls page for each page of a list with the times of its request, up to the
// first error.
func list[P any](s *Session, operation voice.Operation, pages iter.Seq2[P, error], page func(P, voice.Times)) error {
	if err := s.wait(operation); err != nil {
		return err
	}
	sent := s.config.Now()
	for listed, err := range pages {
		responded := s.config.Now()
		s.record(err)
		if err != nil {
			return err
		}
		page(listed, voice.Times{Sent: sent, Responded: responded})
		sent = s.config.Now()
	}
	return nil
}
