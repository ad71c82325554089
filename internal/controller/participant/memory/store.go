package memory

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/plan"
)

// Store keeps the memories of all objects, by name. A workqueue never reconciles
// one name twice at a time, so that a Memory needs no lock of its own. The zero
// value is ready to use.
type Store struct {
	mu      sync.Mutex
	entries map[types.NamespacedName]*entry
}

// entry is a memory as it is kept: most objects are quiet most of the time, and then
// take a fifth of the space.
type entry struct {
	quiet
	// busy is the whole memory where it is more than quiet.
	busy *Memory
	// cached is the newest version that the cache is known to have.
	cached string
}

// quiet is what is remembered of an object that has nothing to send, to retry or to
// verify.
type quiet struct {
	subject        Subject
	edit           Edit
	look           Look
	account        Account
	appliedInputs  string
	synced, beeped bool
	claim          claim.State
	expected       bool
	managed        plan.Restricted
	joined         time.Time
}

// quietOf is the quiet part of a memory, and memory the whole that it stands for.
func quietOf(m Memory) quiet {
	return quiet{
		subject: m.Subject, edit: m.Edit, look: m.Look, account: m.Account,
		appliedInputs: m.Updates.AppliedInputs, synced: m.Updates.Synced, beeped: m.Updates.Beeped,
		claim: m.Claim, expected: m.Coachee.Expected, managed: m.Managed, joined: m.Joined,
	}
}

func (q quiet) memory() Memory {
	return Memory{
		Subject: q.subject, Edit: q.edit, Look: q.look, Account: q.account,
		Updates: plan.History{AppliedInputs: q.appliedInputs, Synced: q.synced, Beeped: q.beeped},
		Claim:   q.claim, Coachee: Coachee{Expected: q.expected}, Managed: q.managed, Joined: q.joined,
	}
}

// memory is the whole memory of an entry.
func (e *entry) memory() Memory {
	if e.busy != nil {
		return *e.busy
	}
	return e.quiet.memory()
}

// keep takes over a memory, without what the cache has seen, in the least space.
func (e *entry) keep(m Memory) {
	m.Stored = m.Stored.Unseen(e.cached)
	e.quiet = quietOf(m)
	switch {
	case e.quiet.memory() == m:
		e.busy = nil
	case e.busy != nil:
		*e.busy = m
	default:
		e.busy = &m
	}
}

// Get returns the memory of an object, a new one on first sight. That of another
// object of the same name is replaced, and its subject returned as stale.
func (s *Store) Get(subject Subject, now time.Time) (memory Memory, stale *Subject) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.entries[subject.Name]
	switch {
	case known == nil:
		return Memory{Subject: subject, Look: NewLook(now)}, nil
	case known.subject.UID != subject.UID:
		stale = new(known.subject)
		return Memory{Subject: subject, Look: NewLook(now)}, stale
	}
	return known.memory(), nil
}

// Keep stores a memory.
func (s *Store) Keep(memory Memory) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == nil {
		s.entries = map[types.NamespacedName]*entry{}
	}
	known := s.entries[memory.Name]
	if known == nil {
		known = &entry{}
		s.entries[memory.Name] = known
	}
	known.keep(memory)
}

// Cached says which version of an object the cache has by now: what was stored up to
// it is dropped, since an idle object may not be reconciled again for long.
func (s *Store) Cached(name types.NamespacedName, resourceVersion string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.entries[name]; known != nil {
		known.cached = resourceVersion
		if known.busy != nil {
			known.keep(*known.busy)
		}
	}
}

// Forget drops the memory of a name and returns its subject, nil if there was
// none.
func (s *Store) Forget(name types.NamespacedName) *Subject {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.entries[name]
	if known == nil {
		return nil
	}
	delete(s.entries, name)
	if len(s.entries) == 0 {
		// A map keeps the space that its largest size took.
		s.entries = nil
	}
	return &known.subject
}
