package conference

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
)

const (
	// maxRooms is how many rooms of one name are governed, maxPrefixRooms how many of a
	// prefix.
	maxRooms       = 8
	maxPrefixRooms = 1000
	// defaultSecretInterval is how often Secrets are read where nothing is polled.
	defaultSecretInterval = 30 * time.Second
)

// facts are everything that a reconcile of a Conference knows.
type facts struct {
	object  *v1alpha1.Conference
	account types.NamespacedName
	// state is what is known of the VoiceAccount, exists that there is one, and block
	// why nothing may be sent.
	state   provider.State
	known   bool
	exists  bool
	session bool
	block   provider.Block
	// claim is the result of the comparison for the name itself (R19).
	claim   claim.Verdict
	numbers numbers
	// governed are the rooms that the Conference governs; directoryKnown says that
	// there was a complete list, listedAt when it was sent at the latest, tooMany that there
	// are more rooms than are governed, refusal why they can't be listed, and failing that
	// lists fail.
	governed       []directory.Room
	directoryKnown bool
	listedAt       time.Time
	tooMany        bool
	refusal        roster.Refusal
	failing        bool
	// secretInterval is how often the Secrets are read.
	secretInterval time.Duration
	// results are what the rooms have come to, by SID.
	results map[string]roomResult
	// requests are those to whole rooms.
	requests roomRequests
	now      time.Time
}

// name is that of the Conference.
func (f *facts) name() types.NamespacedName { return client.ObjectKeyFromObject(f.object) }

// idle reports whether the Conference needs nothing from the provider. One that only
// observes looks whatever another one governs.
func (f *facts) idle() bool {
	return f.object.Spec.Suspend || f.claim.State == claim.Lost && !f.observes()
}

// observes reports whether the Conference only looks.
func (f *facts) observes() bool { return f.object.Spec.Mode == v1alpha1.ModeObserve }

// gatherer reads what there is to know.
type gatherer struct {
	accounts   Accounts
	directory  Directory
	store      *Store
	governance Governance
	numbers    numberReader
	clock      func() time.Time
}

// gather completes the facts about a Conference.
func (g gatherer) gather(ctx context.Context, object *v1alpha1.Conference, m *memory) (f *facts, err error) {
	f = &facts{object: object, account: accountOf(object), now: g.clock()}
	session, state, known := g.accounts.Lookup(f.account)
	f.state, f.known, f.session = state, known, session != nil
	if session != nil {
		f.block, _ = session.Blocked()
	}
	if f.exists, err = g.accountExists(ctx, f); err != nil {
		return nil, err
	}
	if f.claim, err = g.governance.DecideSelector(ctx, object); err != nil {
		return nil, err
	}
	f.secretInterval = secretInterval(state)
	m.numbers = g.numbers.read(ctx, object, m.numbers, f.secretInterval, f.now)
	f.numbers = m.numbers
	if f.idle() || f.claim.State == claim.Undecided {
		return f, nil
	}
	f.refusal, f.failing = g.directory.Refusal(f.account), g.directory.Failing(f.account)
	return f, g.rooms(ctx, f, m)
}

// accountExists tells a missing account from one that was not looked at yet.
func (g gatherer) accountExists(ctx context.Context, f *facts) (bool, error) {
	if f.known {
		return true, nil
	}
	err := g.governance.Reader.Get(ctx, f.account, &v1alpha1.VoiceAccount{})
	return err == nil, client.IgnoreNotFound(err)
}

// secretInterval is how often the Secrets of roles are read again.
func secretInterval(state provider.State) time.Duration {
	if state.ResyncInterval == 0 {
		return defaultSecretInterval
	}
	return state.ResyncInterval
}

// rooms finds the rooms that the Conference governs: those that it governs already go
// on, then the oldest.
func (g gatherer) rooms(ctx context.Context, f *facts, m *memory) error {
	selector, most := selectorOf(f.object), maxRooms
	if selector.Prefix != "" {
		most = maxPrefixRooms
	}
	f.listedAt = g.directory.ListedAt(f.account)
	rooms, known := g.directory.Rooms(f.account, selector)
	f.directoryKnown = known
	var begun, rest []directory.Room
	for _, room := range rooms {
		verdict, err := g.governance.Decide(ctx, f.object, room.Name)
		if err != nil {
			return err
		}
		switch {
		case verdict.State != claim.Ours && !f.observes():
		case m.rooms[room.SID] != nil:
			begun = append(begun, room)
		default:
			rest = append(rest, room)
		}
	}
	f.governed = append(begun, rest...)
	if f.tooMany = len(f.governed) > most; f.tooMany {
		f.governed = f.governed[:most]
	}
	return nil
}
