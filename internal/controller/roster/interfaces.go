package roster

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/controller/seat"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Accounts is what the conferences need of the accounts at the provider.
type Accounts interface {
	// Lookup returns an account's session, nil while no request may be sent, and
	// its state.
	Lookup(name types.NamespacedName) (session *provider.Session, state provider.State, known bool)
}

// Rosters is what the conferences are kept in.
type Rosters interface {
	// Roster returns the roster of a conference, an empty one if there was none.
	Roster(key roster.Key) *roster.Roster
	// DropIdle forgets a conference that nothing is to be asked about, and reports
	// whether it did. It may be repeated.
	DropIdle(key roster.Key, now time.Time) bool
	// RoomInterval is how often a room of an account is to be listed, and the least
	// time between two regular lists of it.
	RoomInterval(account types.NamespacedName) (interval, least time.Duration)
}

// session is what a conference needs of an account's way to the provider. A request
// needs a seat. Every error is a *voice.Error.
type session interface {
	seat.Session

	// Read reads a call leg; one that is not there is an error of the class gone.
	Read(ctx context.Context, conferenceSID, callSID string) (voice.Participant, voice.Times, error)
	// ReadConference reads a conference itself; one that the provider does not know
	// is an error of the class gone.
	ReadConference(ctx context.Context, sid string) (voice.Conference, voice.Times, error)
	// List calls page for each page of a conference, in order, with the times of
	// its request. After an error the list is incomplete and concludes no absence;
	// an unknown conference is an error of the class gone.
	List(ctx context.Context, conferenceSID string, page func(voice.Page, voice.Times)) error
}
