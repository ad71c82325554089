package provider

import (
	"context"
	"iter"

	"github.com/voiceops/conference-operator/internal/voice"
)

// API is what a Session needs of a client of the voice API. Every error is a
// *voice.Error or wraps one; its class says whether the request may have had its
// effect. No method retries.
type API interface {
	// UpdateParticipant changes a call leg and returns the participant as the
	// provider echoes it. Success means accepted, not in effect. Repeating it is
	// harmless save for an announcement, which plays each time.
	UpdateParticipant(ctx context.Context, conferenceSID, callSID string, u voice.Update) (voice.Participant, error)
	// GetParticipant reads one call leg; a leg that is not there is an error of
	// the class gone.
	GetParticipant(ctx context.Context, conferenceSID, callSID string) (voice.Participant, error)
	// GetConference reads a conference itself; one that the provider does not know
	// is an error of the class gone.
	GetConference(ctx context.Context, sid string) (voice.Conference, error)
	// RemoveParticipant takes a call leg out of its conference. A leg that is not
	// there is an error of the class gone, so it may be repeated.
	RemoveParticipant(ctx context.Context, conferenceSID, callSID string) error
	// ParticipantPages lists a conference page by page and ends with the first
	// error. An unknown conference is an error of the class gone. A row that can't
	// be read is no error.
	ParticipantPages(ctx context.Context, conferenceSID string) iter.Seq2[voice.Page, error]
	// ConferencePages lists the account's conferences page by page and ends with the
	// first error: without one the list is complete. A row that can't be read is no
	// error; its page names it. The provider may compare names loosely.
	ConferencePages(ctx context.Context, filter voice.ConferenceFilter) iter.Seq2[voice.ConferencePage, error]
	// UpdateConference ends a conference, or plays an announcement to all of it.
	// Success means accepted, not in effect. To end one twice is harmless, though its
	// error may be of the class gone; an announcement plays each time.
	UpdateConference(ctx context.Context, sid string, u voice.ConferenceUpdate) (voice.Conference, error)
	// GetCall reads one call, whichever conference it is in; one that the provider does
	// not know is an error of the class gone.
	GetCall(ctx context.Context, callSID string) (voice.Call, error)
	// CallPages lists the account's calls, with the contract of ConferencePages.
	CallPages(ctx context.Context, filter voice.CallFilter) iter.Seq2[voice.CallPage, error]
	// VerifyToken proves the credentials with one cheap read.
	VerifyToken(ctx context.Context) error
	// Close gives idle connections back. Requests under way still end.
	Close()
}
