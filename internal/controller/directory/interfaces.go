package directory

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/controller/seat"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Accounts is where the accounts' sessions are.
type Accounts interface {
	// Lookup returns an account's session, nil while no request may be sent, and
	// its state.
	Lookup(name types.NamespacedName) (session *provider.Session, state provider.State, known bool)
}

// Rosters is what the conferences' own lists are kept in.
type Rosters interface {
	// Emptied reports whether the last list of a conference was sent at or after a
	// time, and shows that no call leg is in it.
	Emptied(key roster.Key, since time.Time) bool
	// End says that a conference reads as completed, and returns the subscribers that
	// have to know. It may be repeated.
	End(key roster.Key, times voice.Times) []roster.Subscriber
}

// session is what a directory needs of an account's way to the provider. A request
// needs a seat. Every error is a *voice.Error.
type session interface {
	seat.Session

	// ListConferences calls page for each page of the conferences of a status, in
	// order. After an error the list is incomplete and concludes no absence.
	ListConferences(ctx context.Context, status string, page func(voice.ConferencePage, voice.Times)) error
	// ReadConference reads a conference; one that the provider does not know is an
	// error of the class gone.
	ReadConference(ctx context.Context, sid string) (voice.Conference, voice.Times, error)
}
