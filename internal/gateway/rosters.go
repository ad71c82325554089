package gateway

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Roster returns the roster of a conference, an empty one if there was none.
func (r *Registry) Roster(key Key) *Roster {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.roster(key)
}

// DropIdle forgets a conference that nobody waits for, and says whether it did.
func (r *Registry) DropIdle(key Key) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.roster(key).Next(0).Idle() {
		return false
	}
	found := r.accounts[key.Account]
	delete(found.rosters, key.Conference)
	if found.standing == (Standing{}) && len(found.rosters) == 0 && found.retained == nil {
		delete(r.accounts, key.Account)
	}
	return true
}

// Ask has a call leg looked at, and its waiter woken then.
func (r *Registry) Ask(key Key, ask Ask) {
	r.mu.Lock()
	r.roster(key).ask(ask)
	r.mu.Unlock()
	r.wakeRoster(key)
}

// Check has an accepted update checked once it must have settled, and its
// waiter woken then (R6).
func (r *Registry) Check(key Key, waiter types.NamespacedName, answeredAt time.Time) {
	r.mu.Lock()
	r.roster(key).check(waiter, answeredAt)
	r.mu.Unlock()
	r.wakeRoster(key)
}

// Renew has a conference listed again, so that the answer is there by a time.
func (r *Registry) Renew(key Key, by time.Time) {
	r.mu.Lock()
	news := r.roster(key).renew(by)
	r.mu.Unlock()
	if news {
		r.wakeRoster(key)
	}
}

// Forget takes a waiter off the books of a conference, and a call leg that is
// not there. If it was the last one the conference is dropped soon.
func (r *Registry) Forget(key Key, waiter types.NamespacedName, callSID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := r.accounts[key.Account]; found != nil && found.rosters[key.Conference] != nil {
		found.rosters[key.Conference].forget(waiter, callSID)
		r.wakeRoster(key)
	}
}

// Size says how many accounts and conferences are known.
func (r *Registry) Size() (accounts, conferences int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, known := range r.accounts {
		conferences += len(known.rosters)
	}
	return len(r.accounts), conferences
}

func (r *Registry) roster(key Key) *Roster {
	rosters := r.account(key.Account).rosters
	if rosters[key.Conference] == nil {
		rosters[key.Conference] = newRoster(r.now)
	}
	return rosters[key.Conference]
}
