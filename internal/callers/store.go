package callers

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Store keeps what is known of the calls of all accounts. It may be used concurrently.
// Its methods that take over a response return the rooms that have waited for it.
type Store struct {
	hash    func(voice.Number) policy.Number
	enqueue func(account types.NamespacedName)

	mu       sync.Mutex
	accounts map[types.NamespacedName]*account
}

// account is the calls of one VoiceAccount.
type account struct {
	// provider names the account at the provider.
	provider string
	calls    map[string]*call
	// rooms are the calls by room.
	rooms map[directory.RoomKey]map[string]bool
	// listed are the calls that the last list had and that nothing had requested.
	listed map[string]policy.Caller

	schedule
}

// call is what is known of one call.
type call struct {
	caller policy.Caller
	// rooms are those with a call leg of it; true for one that waits to be told.
	rooms map[directory.RoomKey]bool
	// sought says that a list of the calls in progress is sent for it, and omitted that
	// one did not have it: it is read by itself.
	sought, omitted bool
	// missing is how many reads in a row have found no such call.
	missing int
	retry   backoff.State
}

// NewStore returns an empty store. hash makes of a number what is kept of it. enqueue is
// called for an account that there is something new to ask about; it must not block.
func NewStore(hash func(voice.Number) policy.Number, enqueue func(account types.NamespacedName)) *Store {
	return &Store{hash: hash, enqueue: enqueue, accounts: map[types.NamespacedName]*account{}}
}

// Request has calls read on behalf of a room, which is enqueued when there is a response,
// and keeps what is known of them until Keep or Forget drops it. It may be repeated.
func (s *Store) Request(name types.NamespacedName, room directory.RoomKey, callSIDs ...string) {
	if s.request(name, room, callSIDs) {
		s.enqueue(name)
	}
}

func (s *Store) request(name types.NamespacedName, room directory.RoomKey, callSIDs []string) (unknown bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.account(name)
	for _, callSID := range callSIDs {
		known := found.calls[callSID]
		if known == nil {
			known = &call{rooms: map[directory.RoomKey]bool{}}
			found.calls[callSID] = known
		}
		waits := known.caller.State == policy.CallerUnknown
		unknown = unknown || waits && !known.rooms[room]
		known.rooms[room] = waits
		if found.rooms[room] == nil {
			found.rooms[room] = map[string]bool{}
		}
		found.rooms[room][callSID] = true
	}
	return unknown
}

// Lookup returns what is known of a call.
func (s *Store) Lookup(name types.NamespacedName, callSID string) policy.Caller {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil && found.calls[callSID] != nil {
		return found.calls[callSID].caller
	}
	return policy.Caller{}
}

// Keep forgets, for the sake of a room, all calls but some: their call legs have left. A
// call is forgotten once no room keeps it.
func (s *Store) Keep(name types.NamespacedName, room directory.RoomKey, callSIDs []string) {
	kept := map[string]bool{}
	for _, callSID := range callSIDs {
		kept[callSID] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil {
		return
	}
	for callSID := range found.rooms[room] {
		if !kept[callSID] {
			found.drop(room, callSID)
		}
	}
	if len(found.rooms[room]) == 0 {
		delete(found.rooms, room)
	}
}

// Forget forgets all calls for the sake of a room, which is over.
func (s *Store) Forget(name types.NamespacedName, room directory.RoomKey) { s.Keep(name, room, nil) }

// drop forgets a call for the sake of a room.
func (a *account) drop(room directory.RoomKey, callSID string) {
	delete(a.rooms[room], callSID)
	if known := a.calls[callSID]; known != nil {
		delete(known.rooms, room)
		if len(known.rooms) == 0 {
			delete(a.calls, callSID)
		}
	}
}

// Failing reports whether more than half of an account's look-ups of the last minute have
// failed, and at least two: nothing is concluded then from what is not known (R21).
func (s *Store) Failing(name types.NamespacedName, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	return found != nil && found.outcomes.failing(now)
}

// Next decides what to ask about an account's calls now.
func (s *Store) Next(name types.NamespacedName, now time.Time) Poll {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil {
		return found.next(now)
	}
	return Poll{}
}

// SetProvider says which account of the provider a VoiceAccount is. What is known of the
// calls of another one is forgotten; its rooms request them anew.
func (s *Store) SetProvider(name types.NamespacedName, provider string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.account(name)
	if found.provider != "" && found.provider != provider {
		delete(s.accounts, name)
		found = s.account(name)
	}
	found.provider = provider
}

// ForgetAccount says that a VoiceAccount is gone, and all that is known of its calls.
func (s *Store) ForgetAccount(name types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.accounts, name)
}

func (s *Store) account(name types.NamespacedName) *account {
	if s.accounts[name] == nil {
		s.accounts[name] = &account{calls: map[string]*call{}, rooms: map[directory.RoomKey]map[string]bool{}}
	}
	return s.accounts[name]
}
