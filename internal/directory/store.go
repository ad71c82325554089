package directory

import (
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Store keeps the directories of all accounts. It may be used concurrently. Its methods
// that take over a response return the Conferences that have to know: those with a
// selected room that is new, has started or is over, and all of them once the first
// complete list is there.
type Store struct {
	enqueue func(account types.NamespacedName)

	mu       sync.Mutex
	accounts map[types.NamespacedName]*account
}

// account is the directory of one VoiceAccount.
type account struct {
	// provider names the account at the provider; exists says that the VoiceAccount is
	// known to be there.
	provider string
	exists   bool
	// selectors are the subscriptions, by Conference.
	selectors map[types.NamespacedName]Selector
	awaiting  awaiting

	rooms
	schedule
}

// NewStore returns an empty store. enqueue is called for an account that there is
// something new to ask about; it must not block.
func NewStore(enqueue func(account types.NamespacedName)) *Store {
	return &Store{enqueue: enqueue, accounts: map[types.NamespacedName]*account{}}
}

// Subscribe has an account's conferences listed on behalf of a Conference, and the
// Conference returned when the rooms that it selects change. It may be repeated.
func (s *Store) Subscribe(name, conference types.NamespacedName, selector Selector) {
	s.mu.Lock()
	found := s.account(name)
	before, subscribed := found.selectors[conference]
	found.selectors[conference] = selector
	s.mu.Unlock()
	if !subscribed || before != selector {
		s.enqueue(name)
	}
}

// Unsubscribe ends a subscription. With the last one of an account everything that is
// known of its rooms goes, too.
func (s *Store) Unsubscribe(name, conference types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil {
		return
	}
	delete(found.selectors, conference)
	delete(found.awaiting, conference)
	if len(found.selectors) == 0 {
		found.rooms, found.schedule = newRooms(), newSchedule()
	}
	s.dropUnused(name)
}

// Subscribers are the Conferences with a subscription to an account's rooms.
func (s *Store) Subscribers(name types.NamespacedName) []types.NamespacedName {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil {
		return found.subscribers()
	}
	return nil
}

func (a *account) subscribers() []types.NamespacedName { return slices.Collect(maps.Keys(a.selectors)) }

// Rooms are the rooms of an account that are selected and not over, the oldest first;
// known says that a complete list was read since the account's rooms were wanted.
func (s *Store) Rooms(name types.NamespacedName, selector Selector) (selected []Room, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil {
		return nil, false
	}
	return found.selected(selector), found.known
}

// Request has an account's conferences listed at a time, as after an edit or a hint, if
// any Conference wants its rooms.
func (s *Store) Request(name types.NamespacedName, at time.Time) {
	if s.request(name, at) {
		s.enqueue(name)
	}
}

func (s *Store) request(name types.NamespacedName, at time.Time) (wanted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.of(name)
	if found != nil {
		found.request(at)
	}
	return found != nil
}

// Next decides what to ask about an account now, where its conferences are listed
// regularly at an interval; 0 is never.
func (s *Store) Next(name types.NamespacedName, interval time.Duration, now time.Time) Poll {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil || len(found.selectors) == 0 {
		return Poll{}
	}
	return found.next(interval, now)
}

// SetProvider says which account of the provider a VoiceAccount is. What is known of the
// rooms of another one is forgotten.
func (s *Store) SetProvider(name types.NamespacedName, provider string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.account(name)
	if found.provider != provider {
		found.rooms, found.schedule = newRooms(), newSchedule()
	}
	found.provider, found.exists = provider, true
}

// ForgetAccount says that a VoiceAccount is gone. What is known of its rooms stays as
// long as there are subscriptions.
func (s *Store) ForgetAccount(name types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account(name).exists = false
	s.dropUnused(name)
}

func (s *Store) account(name types.NamespacedName) *account {
	if s.accounts[name] == nil {
		s.accounts[name] = &account{selectors: map[types.NamespacedName]Selector{}, awaiting: awaiting{}, rooms: newRooms(), schedule: newSchedule()}
	}
	return s.accounts[name]
}

// dropUnused drops an account that is gone, and without subscriptions.
func (s *Store) dropUnused(name types.NamespacedName) {
	if found := s.accounts[name]; !found.exists && len(found.selectors) == 0 {
		delete(s.accounts, name)
	}
}

// of returns an account's directory if there are subscriptions; nil if not.
func (s *Store) of(name types.NamespacedName) *account {
	if found := s.accounts[name]; found != nil && len(found.selectors) > 0 {
		return found
	}
	return nil
}
