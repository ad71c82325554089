package operator

import (
	"crypto/rand"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/callers"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/participant"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// numberKeySize is the size of the key that numbers are hashed with, in bytes. It is made
// anew with each process (R30).
const numberKeySize = 32

// queues are the controllers' workqueues, by which they have each other reconcile.
type queues struct {
	accounts, participants, conferences, ticks enqueue.Queue[reconcile.Request]

	rosters            enqueue.Queue[roster.Key]
	rooms              enqueue.Queue[directory.RoomKey]
	directories, calls enqueue.Queue[types.NamespacedName]
}

// notify has a subscriber of a conference reconciled.
func (q *queues) notify(priority int, conferenceSID string, subscriber roster.Subscriber) {
	switch subscriber.Kind {
	case participant.Kind:
		q.participants.Enqueue(priority, 0, reconcile.Request{NamespacedName: subscriber.Name})
	case directory.Kind:
		q.rooms.Enqueue(priority, 0, directory.RoomKey{Conference: subscriber.Name, SID: conferenceSID})
	}
}

// notifyConferences has Conferences reconciled.
func (q *queues) notifyConferences(names []types.NamespacedName) {
	for _, name := range names {
		q.conferences.Enqueue(enqueue.PriorityDrift, 0, reconcile.Request{NamespacedName: name})
	}
}

// enqueueAccount has an account reconciled.
func (q *queues) enqueueAccount(name types.NamespacedName) {
	q.accounts.Enqueue(enqueue.PriorityDrift, 0, reconcile.Request{NamespacedName: name})
}

// scheduleTick has an account's admission queues moved after a while.
func (q *queues) scheduleTick(name types.NamespacedName, after time.Duration) {
	q.ticks.Enqueue(enqueue.PriorityEdit, after, reconcile.Request{NamespacedName: name})
}

// stores are what the controllers know of the provider's side.
type stores struct {
	*roster.Store

	directories *directory.Store
	calls       *callers.Store
	// hasher makes of numbers what is kept and compared of them.
	hasher policy.Hasher
}

// newStores returns empty stores, which enqueue what there is something new to ask about.
func newStores(q *queues) stores {
	key := make([]byte, numberKeySize)
	// It never returns an error.
	_, _ = rand.Read(key)
	hasher := policy.NewHasher(key)
	return stores{
		hasher:      hasher,
		Store:       roster.NewStore(func(key roster.Key) { q.rosters.Enqueue(enqueue.PriorityEdit, 0, key) }),
		directories: directory.NewStore(func(account types.NamespacedName) { q.directories.Enqueue(enqueue.PriorityEdit, 0, account) }),
		calls: callers.NewStore(
			func(number voice.Number) policy.Number { return hasher.Hash(number.Reveal()) },
			func(account types.NamespacedName) { q.calls.Enqueue(enqueue.PriorityEdit, 0, account) },
		),
	}
}

// SetProvider says which account of the provider a VoiceAccount is: what is known of
// another one is forgotten.
func (s stores) SetProvider(name types.NamespacedName, provider string) {
	s.Store.SetProvider(name, provider)
	s.directories.SetProvider(name, provider)
	s.calls.SetProvider(name, provider)
}

// ForgetAccount says that a VoiceAccount is gone.
func (s stores) ForgetAccount(name types.NamespacedName) {
	s.Store.ForgetAccount(name)
	s.directories.ForgetAccount(name)
	s.calls.ForgetAccount(name)
}

// Forgive has the lists sent again that were refused to other credentials.
func (s stores) Forgive(name types.NamespacedName) {
	s.Store.Forgive(name)
	s.directories.Forgive(name)
}
