package provider

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// Registry maps VoiceAccounts to what belongs to them. It may be used
// concurrently.
type Registry struct {
	mu       sync.Mutex
	accounts map[types.NamespacedName]*account
}

type account struct {
	session *Session
	state   State
	// retained is the session with the last accepted credentials, where another
	// one or none has taken its place, and a deletion may need it; nil if not.
	retained *Session
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry {
	return &Registry{accounts: map[types.NamespacedName]*account{}}
}

// Lookup returns an account's session and state. known is false while this
// process has not looked at the account; the session is nil while no request may
// be sent for it at all.
func (r *Registry) Lookup(name types.NamespacedName) (session *Session, state State, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.accounts[name]
	if found == nil || found.state.Phase == PhaseUnknown {
		return nil, State{}, false
	}
	return found.session, found.state, true
}

// Set stores an account's session, nil for none, and state, and returns what they
// were. A session that is replaced is closed, unless its credentials were
// accepted and retain says that a deletion needs them.
func (r *Registry) Set(name types.NamespacedName, session *Session, state State, retain bool) (replaced *Session, before State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.accounts[name] == nil {
		r.accounts[name] = &account{}
	}
	found := r.accounts[name]
	replaced, before = found.session, found.state
	found.replace(session, retain)
	found.state = state
	if state.Verified && session != nil {
		found.release()
	}
	return replaced, before
}

// replace puts another session in place of the present one.
func (a *account) replace(session *Session, retain bool) {
	replaced := a.session
	a.session = session
	if replaced == nil || replaced == session {
		return
	}
	if !retain || !a.state.Verified {
		replaced.Close()
		return
	}
	a.release()
	a.retained = replaced
}

// release closes the session that was retained.
func (a *account) release() {
	if a.retained != nil {
		a.retained.Close()
		a.retained = nil
	}
}

// Delete forgets an account and closes its session, unless retain says that a
// deletion needs its credentials.
func (r *Registry) Delete(name types.NamespacedName, retain bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.accounts[name]
	if found == nil {
		return
	}
	found.replace(nil, retain)
	found.state = State{}
	if !retain {
		found.release()
		delete(r.accounts, name)
	}
}

// Release drops the credentials that were retained for deletions.
func (r *Registry) Release(name types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.accounts[name]
	if found == nil {
		return
	}
	found.release()
	if found.session == nil && found.state.Phase == PhaseUnknown {
		delete(r.accounts, name)
	}
}

// Retains reports whether credentials are retained for deletions.
func (r *Registry) Retains(name types.NamespacedName) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.accounts[name] != nil && r.accounts[name].retained != nil
}

// ForFinalizer returns the session with the last accepted credentials of an
// account which may be gone, nil if there is none, and what is known of the
// account.
func (r *Registry) ForFinalizer(name types.NamespacedName) (*Session, State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.accounts[name]
	switch {
	case found == nil:
		return nil, State{}
	case found.retained != nil && (found.session == nil || !found.state.Verified):
		return found.retained, found.state
	default:
		return found.session, found.state
	}
}

// Tick moves the admission queues of an account.
func (r *Registry) Tick(name types.NamespacedName) {
	r.mu.Lock()
	var sessions []*Session
	if found := r.accounts[name]; found != nil {
		sessions = []*Session{found.session, found.retained}
	}
	r.mu.Unlock()
	for _, session := range sessions {
		if session != nil {
			session.Tick()
		}
	}
}

// Size returns how many accounts are known.
func (r *Registry) Size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.accounts)
}
