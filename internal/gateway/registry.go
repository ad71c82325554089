package gateway

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Key names a conference as an account reaches it.
type Key struct {
	// Account is the VoiceAccount.
	Account types.NamespacedName
	// Conference is the conference's SID.
	Conference string
}

// Standing is what is known about an account.
type Standing struct {
	// Reason is one of the reasons of the account's Ready condition.
	Reason string
	// Message explains it.
	Message string
	// Suspended says that the account's spec suspends it.
	Suspended bool
	// Proven says that the provider accepted the token for the present spec and
	// Secret. Mere unavailability does not change it (R9).
	Proven bool
	// ReadySince is when the account first became ready; zero if never.
	ReadySince time.Time
	// Owner tells accounts apart as the provider does: normalised base URL and
	// account SID.
	Owner string
	// ResyncInterval is how often conferences are listed; 0 is never.
	ResyncInterval time.Duration
}

// Registry maps VoiceAccounts to what belongs to them.
type Registry struct {
	now        func() time.Time
	wakeRoster func(Key)

	mu       sync.Mutex
	accounts map[types.NamespacedName]*account
}

type account struct {
	gateway  *Gateway
	standing Standing
	// retained is the gateway with the last accepted credentials, where another
	// one or none has taken its place, and a deletion may need it; nil if not.
	retained *Gateway
	// rosters are of the account at the provider that owner names.
	rosters map[string]*Roster
	owner   string
}

// NewRegistry returns an empty registry. wakeRoster runs a pass of the roster
// controller over a conference; it must not block.
func NewRegistry(now func() time.Time, wakeRoster func(Key)) *Registry {
	return &Registry{now: now, wakeRoster: wakeRoster, accounts: map[types.NamespacedName]*account{}}
}

// Lookup returns an account's gateway and standing. known is false while this
// process has not looked at the account; the gateway is nil while no request
// may be sent for it at all.
func (r *Registry) Lookup(name types.NamespacedName) (gateway *Gateway, standing Standing, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.accounts[name]
	if found == nil || found.standing == (Standing{}) {
		return nil, Standing{}, false
	}
	return found.gateway, found.standing, true
}

// Set writes down an account's gateway, nil for none, and standing, and returns
// what they were. A gateway that is replaced is closed, unless its credentials
// were accepted and retain says that a deletion needs them; rosters stay, without
// what was refused to other credentials, unless the account is another one now.
func (r *Registry) Set(name types.NamespacedName, gateway *Gateway, standing Standing, retain bool) (before Standing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.account(name)
	before = found.standing
	if found.owner != standing.Owner {
		found.rosters, found.owner = map[string]*Roster{}, standing.Owner
	}
	if found.gateway != gateway || !standing.Proven {
		for _, roster := range found.rosters {
			roster.Forgive()
		}
	}
	found.replace(gateway, retain)
	found.standing = standing
	if standing.Proven && gateway != nil {
		found.release()
	}
	return before
}

// replace puts another gateway in place of the present one.
func (a *account) replace(gateway *Gateway, retain bool) {
	replaced := a.gateway
	a.gateway = gateway
	if replaced == nil || replaced == gateway {
		return
	}
	if !retain || !a.standing.Proven {
		replaced.Close()
		return
	}
	a.release()
	a.retained = replaced
}

// release closes the gateway that was retained.
func (a *account) release() {
	if a.retained != nil {
		a.retained.Close()
		a.retained = nil
	}
}

// Delete forgets an account and closes its gateway, unless retain says that a
// deletion needs its credentials.
func (r *Registry) Delete(name types.NamespacedName, retain bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.accounts[name]
	if found == nil {
		return
	}
	found.replace(nil, retain)
	found.standing = Standing{}
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
	if found.gateway == nil && found.standing == (Standing{}) && len(found.rosters) == 0 {
		delete(r.accounts, name)
	}
}

// Retains says whether credentials are retained for deletions.
func (r *Registry) Retains(name types.NamespacedName) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.accounts[name] != nil && r.accounts[name].retained != nil
}

// Farewell returns the gateway with the last accepted credentials of an account
// which may be gone, nil if there is none, and what is known of the account.
func (r *Registry) Farewell(name types.NamespacedName) (*Gateway, Standing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.accounts[name]
	switch {
	case found == nil:
		return nil, Standing{}
	case found.retained != nil && (found.gateway == nil || !found.standing.Proven):
		return found.retained, found.standing
	default:
		return found.gateway, found.standing
	}
}

func (r *Registry) account(name types.NamespacedName) *account {
	if r.accounts[name] == nil {
		r.accounts[name] = &account{rosters: map[string]*Roster{}}
	}
	return r.accounts[name]
}
