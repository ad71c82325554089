package roster

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

// Store keeps the rosters of all accounts. It may be used concurrently.
type Store struct {
	enqueue func(Key)

	mu       sync.Mutex
	accounts map[types.NamespacedName]*account
}

// account is the rosters of one VoiceAccount, all of one account of the
// provider.
type account struct {
	// provider names the account at the provider; known says that the
	// VoiceAccount exists.
	provider string
	known    bool
	rosters  map[string]*Roster
	dormants dormants
	// rooms are the conferences with a demand for DemandRoom.
	rooms map[string]bool
}

// NewStore returns an empty store. enqueue is called for a conference that there
// is something new to ask about; it must not block.
func NewStore(enqueue func(Key)) *Store {
	return &Store{enqueue: enqueue, accounts: map[types.NamespacedName]*account{}}
}

// Roster returns the roster of a conference, an empty one if there was none.
func (s *Store) Roster(key Key) *Roster {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.roster(key)
}

// Observation returns what is known of a call leg.
func (s *Store) Observation(key Key, callSID string) Observation {
	if known := s.lookup(key); known != nil {
		return known.Observation(callSID)
	}
	return Observation{}
}

// Refusal returns why a conference can't be listed.
func (s *Store) Refusal(key Key) Refusal {
	if known := s.lookup(key); known != nil {
		return known.Refusal()
	}
	return Refusal{}
}

// lookup returns the roster of a conference, nil if there is none.
func (s *Store) lookup(key Key) *Roster {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[key.Account]; found != nil {
		return found.rosters[key.Conference]
	}
	return nil
}

// DropIdle forgets a conference that nothing is to be asked about, and reports
// whether it did. Interests that demand nothing outlive it: a later roster of the
// conference has them again.
func (s *Store) DropIdle(key Key, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[key.Account]
	if found == nil || found.rosters[key.Conference] == nil {
		return true
	}
	dropped := found.rosters[key.Conference]
	if !dropped.idle(now) {
		return false
	}
	delete(found.rosters, key.Conference)
	delete(found.rooms, key.Conference)
	for subscriber, interest := range dropped.interests {
		found.dormants.put(key.Conference, subscriber, interest)
	}
	s.dropUnused(key.Account)
	return true
}

// RequestRefresh has a call leg observed, and its subscriber enqueued then.
func (s *Store) RequestRefresh(key Key, request RefreshRequest) {
	s.mu.Lock()
	s.roster(key).requestRefresh(request)
	s.mu.Unlock()
	s.enqueue(key)
}

// ScheduleVerification has an accepted update verified once it must have
// settled, and its subscriber enqueued then (R6).
func (s *Store) ScheduleVerification(key Key, subscriber Subscriber, respondedAt time.Time) {
	s.mu.Lock()
	s.roster(key).scheduleVerification(subscriber, respondedAt)
	s.mu.Unlock()
	s.enqueue(key)
}

// Prefetch has a conference listed again, so that the response is there by a
// time.
func (s *Store) Prefetch(key Key, by time.Time) {
	s.mu.Lock()
	scheduled := s.roster(key).prefetch(by)
	s.mu.Unlock()
	if scheduled {
		s.enqueue(key)
	}
}

// Subscribe registers a subscriber's interest in a conference, or replaces the
// last one. One that demands nothing makes no roster.
func (s *Store) Subscribe(key Key, subscriber Subscriber, interest Interest) {
	if s.subscribe(key, subscriber, interest) {
		s.enqueue(key)
	}
}

func (s *Store) subscribe(key Key, subscriber Subscriber, interest Interest) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.account(key.Account); found.rosters[key.Conference] == nil && interest.Demand == DemandNone {
		found.dormants.put(key.Conference, subscriber, interest)
		return false
	}
	found := s.roster(key)
	found.mu.Lock()
	defer found.mu.Unlock()
	changed = found.subscribe(subscriber, interest)
	s.accounts[key.Account].noteRoom(key.Conference, found.demands[DemandRoom] > 0)
	return changed
}

// Unsubscribe removes everything about a subscriber: its interest and its
// requests, and the call leg, if that is not there.
func (s *Store) Unsubscribe(key Key, subscriber Subscriber, callSID string) {
	if s.unsubscribe(key, subscriber, callSID) {
		s.enqueue(key)
	}
}

func (s *Store) unsubscribe(key Key, subscriber Subscriber, callSID string) (known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[key.Account]
	switch {
	case found == nil:
		return false
	case found.rosters[key.Conference] == nil:
		found.dormants.remove(key.Conference, subscriber)
		s.dropUnused(key.Account)
		return false
	}
	found.rosters[key.Conference].unsubscribe(subscriber, callSID)
	found.noteRoom(key.Conference, found.rosters[key.Conference].isRoom())
	return true
}

// SetProvider says which account of the provider a VoiceAccount is. The rosters
// of another one are forgotten, with their interests: its objects subscribe
// anew.
func (s *Store) SetProvider(name types.NamespacedName, provider string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.account(name)
	if found.provider != provider {
		found.rosters, found.dormants, found.rooms = map[string]*Roster{}, dormants{}, map[string]bool{}
	}
	found.provider, found.known = provider, true
}

// ForgetAccount says that a VoiceAccount is gone. Its rosters go when they are
// idle.
func (s *Store) ForgetAccount(name types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account(name).known = false
	s.dropUnused(name)
}

// Forgive ends the refusals of an account's conferences, as after a change of
// its credentials.
func (s *Store) Forgive(name types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil {
		for _, known := range found.rosters {
			known.Forgive()
		}
	}
}

// Size returns how many conferences are kept.
func (s *Store) Size() (conferences int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.accounts {
		conferences += len(known.rosters)
	}
	return conferences
}

func (s *Store) roster(key Key) *Roster {
	found := s.account(key.Account)
	if found.rosters[key.Conference] == nil {
		made := newRoster()
		for _, woken := range found.dormants.take(key.Conference) {
			made.subscribe(woken.subscriber, woken.interest)
		}
		found.rosters[key.Conference] = made
	}
	return found.rosters[key.Conference]
}

func (s *Store) account(name types.NamespacedName) *account {
	if s.accounts[name] == nil {
		s.accounts[name] = &account{rosters: map[string]*Roster{}, rooms: map[string]bool{}}
	}
	return s.accounts[name]
}

// dropUnused drops an account that is gone, and in which there is no interest.
func (s *Store) dropUnused(name types.NamespacedName) {
	if found := s.accounts[name]; !found.known && len(found.rosters) == 0 && found.dormants.empty() {
		delete(s.accounts, name)
	}
}
