package conference

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
)

// Kind is the kind of the objects as subscribers of rosters.
const Kind = directory.Kind

// Accounts is what Conferences need of the accounts at the provider.
type Accounts interface {
	// Lookup returns an account's session and state. The session is nil while no
	// request may be sent; known is false while the account was not looked at.
	Lookup(name types.NamespacedName) (session *provider.Session, state provider.State, known bool)
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
	// Request has the rooms listed at a time.
	Request(account types.NamespacedName, at time.Time)
	// Refusal is why the rooms can't be listed.
	Refusal(account types.NamespacedName) roster.Refusal
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
