package conference

import (
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/roster"
)

// Store is what this process remembers of Conferences and of the rooms that they
// govern. It may be used concurrently.
type Store struct {
	mu          sync.Mutex
	conferences map[types.NamespacedName]*memory
	// slow are the accounts with rooms that are listed slowly.
	slow map[types.NamespacedName]bool
}

// memory is what is remembered of one Conference. The rooms' own memory is used by one
// reconcile at a time; what both kinds of reconciles use is guarded by the store.
type memory struct {
	object *v1alpha1.Conference
	policy policy.Policy
	basis  basis
	news   news
	// firstSeen is when the Conference was first seen, and looked says that its rooms
	// were listed since.
	firstSeen time.Time
	looked    bool
	// governedAt is when it was last decided which rooms the Conference governs.
	governedAt time.Time
	rooms      map[string]*roomMemory
	// stored is the status that was written last.
	stored status.Stored[v1alpha1.ConferenceStatus]
	// numbers are those of the Secrets, as last read.
	numbers numbers
	// requests are those to whole rooms.
	requests requestMemory
	// report says when the status may be written next.
	report schedule
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{conferences: map[types.NamespacedName]*memory{}, slow: map[types.NamespacedName]bool{}}
}

// get returns what is remembered of a Conference, nothing of another one of its name,
// and the keys of the rooms that such a one has left behind.
func (s *Store) get(name types.NamespacedName, uid types.UID) (m *memory, stale []roster.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m = s.conferences[name]
	if m != nil && m.object != nil && m.object.UID != uid {
		stale, m = m.keys(), nil
	}
	if m == nil {
		m = &memory{rooms: map[string]*roomMemory{}}
		s.conferences[name] = m
	}
	return m, stale
}

// forget drops a Conference, and returns the account and the rooms that it was
// subscribed to.
func (s *Store) forget(name types.NamespacedName) (account types.NamespacedName, rooms []roster.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.conferences[name]
	if m == nil || m.object == nil {
		delete(s.conferences, name)
		return account, nil
	}
	delete(s.conferences, name)
	return accountOf(m.object), m.keys()
}

// keys are the rooms of a Conference as rosters know them.
func (m *memory) keys() (keys []roster.Key) {
	for sid := range m.rooms {
		keys = append(keys, roster.Key{Account: accountOf(m.object), Conference: sid})
	}
	return keys
}

// change is what is new of the rooms that a Conference governs.
type change struct {
	// begun are the rooms that it governs from now on, and over those that it does no
	// more.
	begun, over []directory.Room
	// rooms are those to be judged again.
	rooms []directory.Room
}

// govern takes over the spec and the policy of a Conference and the rooms that it
// governs now.
func (s *Store) govern(m *memory, f *facts, compiled policy.Policy) (found change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, basis := m.look(f), basisOf(f)
	anew := m.object == nil || m.basis != basis || !reflect.DeepEqual(m.policy, compiled)
	m.object, m.policy, m.basis = f.object, compiled, basis
	governed := map[string]bool{}
	for _, room := range f.governed {
		governed[room.SID] = true
		known := m.rooms[room.SID]
		if known == nil {
			known = newRoomMemory(room, first || room.Since.Before(m.governedAt))
			m.rooms[room.SID] = known
			found.begun = append(found.begun, room)
			found.rooms = append(found.rooms, room)
		} else if anew || known.room != room {
			found.rooms = append(found.rooms, room)
		}
		known.room = room
	}
	for sid, known := range m.rooms {
		if !governed[sid] {
			found.over = append(found.over, known.room)
			delete(m.rooms, sid)
		}
	}
	m.governedAt = f.now
	return found
}

// look reports whether the rooms are those of the first look at them: of the first list
// that was sent since the Conference was first seen, or of one before (R24). One that was
// idle, or has selected other rooms, looks for the first time again.
func (m *memory) look(f *facts) (first bool) {
	if f.idle() || m.object != nil && selectorOf(m.object) != selectorOf(f.object) {
		m.firstSeen, m.looked = time.Time{}, false
	}
	if m.firstSeen.IsZero() {
		m.firstSeen = f.now
	}
	first = !m.looked
	m.looked = m.looked || f.directoryKnown && !f.listedAt.Before(m.firstSeen)
	return first
}

// basis is what a room is judged by besides the policy.
type basis struct {
	generation int64
	account    string
	verified   bool
}

func basisOf(f *facts) basis {
	return basis{generation: f.object.Generation, account: f.state.ProviderAccount, verified: f.state.Verified}
}

// room returns what a reconcile of a room needs; ok is false if the Conference does not
// govern it.
func (s *Store) room(key directory.RoomKey) (view view, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.conferences[key.Conference]
	if m == nil || m.rooms[key.SID] == nil {
		return view, false
	}
	known := m.rooms[key.SID]
	view.object, view.policy, view.room, view.memory, view.news = m.object, m.policy, known.room, known, &m.news
	view.gone, known.gone = known.gone, nil
	return view, true
}

// noteGone notes that the cache has lost an object, for the rooms of its conference.
func (s *Store) noteGone(object *v1alpha1.ConferenceParticipant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.conferences {
		if known := m.rooms[string(object.Spec.ConferenceSID)]; known != nil {
			known.gone = append(known.gone, object.UID)
		}
	}
}

// noteSlow notes whether the rooms of an account are listed slowly, and reports whether
// that is new.
func (s *Store) noteSlow(account types.NamespacedName, slow bool) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = s.slow[account] != slow
	if delete(s.slow, account); slow {
		s.slow[account] = true
	}
	return changed
}

// conclude takes over what a room has come to, and reports whether its Conference has
// something new to report.
func (s *Store) conclude(m *roomMemory, found roomResult) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = !m.result.equal(found)
	m.result = found
	return changed
}

// results are what the rooms of a Conference have come to, by SID.
func (s *Store) results(m *memory) map[string]roomResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]roomResult{}
	for sid, known := range m.rooms {
		found[sid] = known.result
	}
	return found
}

// Governing returns the rooms of an SID, one for each Conference that governs it.
func (s *Store) Governing(sid string) (keys []directory.RoomKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, m := range s.conferences {
		if m.rooms[sid] != nil {
			keys = append(keys, directory.RoomKey{Conference: name, SID: sid})
		}
	}
	return keys
}
