package participant

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Accounts is what participants need of the accounts at the provider.
type Accounts interface {
	// Lookup returns an account's session and state. The session is nil while no
	// request may be sent; known is false while the account was not looked at.
	Lookup(name types.NamespacedName) (session *provider.Session, state provider.State, known bool)
	// ForFinalizer returns the session with the last accepted credentials, also of
	// an account that is gone, nil if there is none.
	ForFinalizer(name types.NamespacedName) (*provider.Session, provider.State)
	// Retains reports whether credentials are kept for deletions alone, and
	// Release drops them; it may be repeated.
	Retains(name types.NamespacedName) bool
	Release(name types.NamespacedName)
}

// Rosters is what participants need of the conferences.
type Rosters interface {
	// Observation is the newest that is known of a call leg, the zero value if
	// nothing is.
	Observation(key roster.Key, callSID string) roster.Observation
	// Refusal is why the conference can't be listed.
	Refusal(key roster.Key) roster.Refusal
	// Roster returns the roster of a conference, to record responses in.
	Roster(key roster.Key) *roster.Roster
	// Note takes over the response of an update by which an object undoes what it
	// declared, so that the one that follows does not judge by an older list.
	Note(key roster.Key, p voice.Participant, times voice.Times)
	// RequestRefresh has a call leg observed no earlier than asked for, after
	// which the subscriber is enqueued. Of two requests the earlier stands.
	RequestRefresh(key roster.Key, request roster.RefreshRequest)
	// ScheduleVerification has an accepted update verified once it has settled.
	ScheduleVerification(key roster.Key, subscriber roster.Subscriber, respondedAt time.Time)
	// Prefetch has the conference listed, so that the response is there by a time;
	// no subscriber is enqueued for it.
	Prefetch(key roster.Key, by time.Time)
	// Subscribe registers an interest, replacing the last one. Unsubscribe ends it
	// with all requests, and forgets the call leg if it is not there. Both may be
	// repeated.
	Subscribe(key roster.Key, subscriber roster.Subscriber, interest roster.Interest)
	Unsubscribe(key roster.Key, subscriber roster.Subscriber, callSID string)
}

// Policies is what participants need of the Conferences that have made them.
type Policies interface {
	// Standing is how a child stands to its Conference, by what is known in memory:
	// it asks for nothing, and does not wait. It is StandingUnknown, without an error,
	// while that can't be told: Conferences were not read so far, their kind is not
	// served, or the account of a rival was not looked at. What it says holds from the
	// next reconcile, before the child itself says so.
	Standing(ctx context.Context, child *v1alpha1.ConferenceParticipant) (policy.Standing, error)
}

// Session is what participants need of an account's way to the provider. A request
// needs a seat, taken with TryAcquire and given back with release. Every error is a
// *voice.Error: its class says whether the request may have had its effect.
type Session interface {
	// Identity tells the session's credentials from others.
	Identity() string
	// Blocked returns why no request may be sent now, and until when; a zero time
	// ends with a verification, after which the account's objects are enqueued.
	Blocked() (provider.Block, time.Time)
	// RefusedSince reports whether the credentials themselves were found refused
	// since a time.
	RefusedSince(since time.Time) bool
	// TryAcquire takes a seat, or queues the request and has it woken.
	TryAcquire(request admission.Request) (release func(), ok bool)
	// Update changes a call leg. Success means accepted, not in effect; the
	// returned participant is the provider's echo.
	Update(ctx context.Context, conferenceSID, callSID string, u voice.Update) (voice.Participant, voice.Times, error)
	// Read reads a call leg; one that is not there is an error of the class gone.
	Read(ctx context.Context, conferenceSID, callSID string) (voice.Participant, voice.Times, error)
	// Remove takes a call leg out of its conference; one that is not there is an
	// error of the class gone, so that it may be repeated.
	Remove(ctx context.Context, conferenceSID, callSID string) (voice.Times, error)
}
