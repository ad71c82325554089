package callers

import (
	"context"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/controller/seat"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Accounts is where the accounts' sessions are.
type Accounts interface {
	// Lookup returns an account's session, nil while no request may be sent, and
	// its state.
	Lookup(name types.NamespacedName) (session *provider.Session, state provider.State, known bool)
}

// session is what the calls need of an account's way to the provider. Each request needs
// a seat. Every error is a *voice.Error.
type session interface {
	seat.Session

	// ReadCall reads a call; one that the provider does not know is an error of the
	// class gone.
	ReadCall(ctx context.Context, callSID string) (voice.Call, voice.Times, error)
	// ListCalls calls page for each page of the calls that a filter selects. After an
	// error the list is incomplete.
	ListCalls(ctx context.Context, filter voice.CallFilter, page func(voice.CallPage, voice.Times)) error
}
