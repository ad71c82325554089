package account

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/provider"
)

// Accounts is what the checked accounts are published in.
type Accounts interface {
	// Lookup returns an account's session and state as they were published last.
	Lookup(name types.NamespacedName) (session *provider.Session, state provider.State, known bool)
	// Set publishes an account's session, nil for none, and state, and returns what
	// they replace. With retain the replaced session's accepted credentials are kept
	// for deletions.
	Set(name types.NamespacedName, session *provider.Session, state provider.State, retain bool) (replaced *provider.Session, before provider.State)
	// Delete forgets an account; with retain its accepted credentials are kept for
	// deletions. It may be repeated.
	Delete(name types.NamespacedName, retain bool)
}

// Rosters is what depends on which account of the provider an account is.
type Rosters interface {
	// SetProvider says which account of the provider it is, before the account is
	// published: rosters of another one are forgotten. It may be repeated.
	SetProvider(name types.NamespacedName, providerAccount string)
	// ForgetAccount says that the account is gone. It may be repeated.
	ForgetAccount(name types.NamespacedName)
	// Forgive has conferences listed again that were refused to other credentials.
	Forgive(name types.NamespacedName)
	// RoomsListedSlowly reports whether there are more rooms than can be listed every
	// 5 s.
	RoomsListedSlowly(name types.NamespacedName) bool
}
