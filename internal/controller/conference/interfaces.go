package conference

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/controller/seat"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Kind is the kind of the objects as subscribers of rosters.
const Kind = directory.Kind

// Accounts is what Conferences need of the accounts at the provider.
type Accounts interface {
	// Lookup returns an account's session and state. The session is nil while no
	// request may be sent; known is false while the account was not looked at.
	Lookup(name types.NamespacedName) (session *provider.Session, state provider.State, known bool)
}

// Session is what Conferences need of an account's way to the provider. A request needs
// a seat. Every error is a *voice.Error: its class says whether the request may have had
// its effect.
type Session interface {
	seat.Session

	// Identity tells the session's credentials from others.
	Identity() string
	// RefusedSince reports whether the credentials themselves were found refused
	// since a time.
	RefusedSince(since time.Time) bool
	// UpdateConference ends a conference, or plays an announcement to all of it. Success
	// means accepted, not in effect. To end one twice is harmless; an announcement plays
	// each time. One that is over or unknown is an error of the class gone.
	UpdateConference(ctx context.Context, sid string, u voice.ConferenceUpdate) (voice.Conference, voice.Times, error)
	// ReadConference reads a conference; one that the provider does not know is an error
	// of the class gone.
	ReadConference(ctx context.Context, sid string) (voice.Conference, voice.Times, error)
}

// sessionsOf returns the sessions of accounts, nil while no request may be sent.
func sessionsOf(accounts Accounts) func(account types.NamespacedName) Session {
	return func(account types.NamespacedName) Session {
		if session, _, _ := accounts.Lookup(account); session != nil {
			return session
		}
		return nil
	}
}

// Metrics counts what became of announcements.
type Metrics interface {
	// Announced counts an announcement to a room that has ended. The outcome is accepted,
	// rejected, unknown, expired or superseded.
	Announced(outcome string)
}

// Directory is what Conferences need of the rooms of an account.
type Directory interface {
	// Subscribe has the rooms of an account listed, and the Conference enqueued when
	// the rooms that it selects change; Unsubscribe ends that. Both may be repeated.
	Subscribe(account, conference types.NamespacedName, selector directory.Selector)
	Unsubscribe(account, conference types.NamespacedName)
	// Rooms returns the rooms that are not over, the oldest first; known is false
	// before the first complete list.
	Rooms(account types.NamespacedName, selector directory.Selector) (rooms []directory.Room, known bool)
	// ListedAt is when the last complete list was sent; zero if there was none.
	ListedAt(account types.NamespacedName) time.Time
	// Await has a subscribed Conference enqueued with the first complete list that was
	// sent at a time or later, whatever that shows. It may be repeated.
	Await(account, conference types.NamespacedName, since time.Time)
	// Request has the rooms listed at a time.
	Request(account types.NamespacedName, at time.Time)
	// Refusal is why the rooms can't be listed.
	Refusal(account types.NamespacedName) roster.Refusal
	// Failing reports whether several lists in a row have failed.
	Failing(account types.NamespacedName) bool
}

// Rosters is what Conferences need of the rooms themselves.
type Rosters interface {
	// Subscribe has a room listed and the subscriber enqueued when anything in it
	// changes; Unsubscribe ends that. Both may be repeated.
	Subscribe(key roster.Key, subscriber roster.Subscriber, interest roster.Interest)
	Unsubscribe(key roster.Key, subscriber roster.Subscriber, callSID string)
	// RoomsListedSlowly reports whether an account has more rooms than can be listed
	// every 5 s.
	RoomsListedSlowly(account types.NamespacedName) bool
	// Snapshot returns what is known of a whole room.
	Snapshot(key roster.Key) roster.Snapshot
	// RequestRefresh has a call leg observed no earlier than asked for, after which
	// the subscriber is enqueued.
	RequestRefresh(key roster.Key, request roster.RefreshRequest)
}

// Callers is what Conferences need of the calls behind call legs.
type Callers interface {
	// Request has calls read, and the room enqueued then; Keep forgets those of the
	// room but some.
	Request(account types.NamespacedName, room directory.RoomKey, callSIDs ...string)
	Keep(account types.NamespacedName, room directory.RoomKey, callSIDs []string)
	// Forget forgets all calls of a room.
	Forget(account types.NamespacedName, room directory.RoomKey)
	// Lookup returns what is known of a call.
	Lookup(account types.NamespacedName, callSID string) policy.Caller
	// Failing reports whether more than half of the reads of the last minute failed.
	Failing(account types.NamespacedName, now time.Time) bool
}
