package conference

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
)

// Governance decides which Conference governs a room, and how a child stands to its
// own. It reads the cache and writes nothing.
type Governance struct {
	// Reader reads Conferences and accounts from the cache.
	Reader client.Reader
	// Accounts are the accounts at the provider.
	Accounts Accounts
	// Directory has the names of the rooms.
	Directory Directory
}

// Decide compares a Conference with its rivals for the rooms of a name (R19).
func (g Governance) Decide(ctx context.Context, object *v1alpha1.Conference, room string) (claim.Verdict, error) {
	return g.compare(ctx, object, room, func(rival directory.Selector) bool { return rival.Matches(room) })
}

// DecideSelector compares a Conference with those that select the very same name or
// prefix.
func (g Governance) DecideSelector(ctx context.Context, object *v1alpha1.Conference) (claim.Verdict, error) {
	own := selectorOf(object)
	return g.compare(ctx, object, own.Name, func(rival directory.Selector) bool { return rival == own })
}

// compare compares a Conference with its rivals that count, among those for the rooms of
// a name. One that only observes claims nothing, and loses against any of them.
func (g Governance) compare(ctx context.Context, object *v1alpha1.Conference, room string, counts func(directory.Selector) bool) (claim.Verdict, error) {
	rivals, err := g.rivals(ctx, object, room, counts)
	if err != nil {
		return claim.Verdict{}, err
	}
	mine, err := g.candidate(ctx, object)
	if withdrawn(object) {
		mine.Precedence = observer
	}
	return claim.Decide(mine, rivals), err
}

// rivals are the other Conferences with a selector that counts.
func (g Governance) rivals(ctx context.Context, object *v1alpha1.Conference, room string, counts func(directory.Selector) bool) (rivals []claim.Candidate, err error) {
	all, err := index.Selecting(ctx, g.Reader, room)
	if err != nil {
		return nil, err
	}
	for i := range all {
		rival := &all[i]
		if rival.UID == object.UID || withdrawn(rival) || !counts(selectorOf(rival)) {
			continue
		}
		candidate, err := g.candidate(ctx, rival)
		if err != nil {
			return nil, err
		}
		rivals = append(rivals, candidate)
	}
	return rivals, nil
}

// withdrawn reports whether a Conference governs nothing: it is being deleted, or only
// observes. A suspended one goes on governing.
func withdrawn(object *v1alpha1.Conference) bool {
	return !object.DeletionTimestamp.IsZero() || object.Spec.Mode == v1alpha1.ModeObserve
}

// candidate is a Conference as it is compared.
func (g Governance) candidate(ctx context.Context, object *v1alpha1.Conference) (claim.Candidate, error) {
	name := accountOf(object)
	_, account, known := g.Accounts.Lookup(name)
	candidate := claim.Candidate{
		Name: client.ObjectKeyFromObject(object), Account: name, Created: object.CreationTimestamp.Time,
		ProviderAccount: account.ProviderAccount, Known: known, Verified: account.Verified, Precedence: policy.Precedence(&object.Spec),
	}
	if known {
		return candidate, nil
	}
	spec := &v1alpha1.VoiceAccount{}
	switch err := g.Reader.Get(ctx, name, spec); {
	case apierrors.IsNotFound(err):
		candidate.Known = true
	case err != nil:
		return candidate, err
	default:
		candidate.ProviderAccount = provider.AccountName(spec.Spec.BaseURL, string(spec.Spec.AccountSID))
	}
	return candidate, nil
}

// observer is the precedence of a Conference that claims nothing: the lowest.
const observer claim.Precedence = 1 << 20

// Standing is how a participant stands to the Conference that has made it; it must be a
// child. It is unknown while the API server does not serve Conferences.
func (g Governance) Standing(ctx context.Context, child *v1alpha1.ConferenceParticipant) (policy.Standing, error) {
	owner := index.ConferenceOf(child)
	object := &v1alpha1.Conference{}
	switch err := g.Reader.Get(ctx, types.NamespacedName{Namespace: child.Namespace, Name: owner.Name}, object); {
	case apierrors.IsNotFound(err):
		return policy.StandingEnded, nil
	case meta.IsNoMatchError(err):
		return policy.StandingUnknown, nil
	case err != nil:
		return policy.StandingUnknown, err
	}
	if object.UID != owner.UID || !object.DeletionTimestamp.IsZero() || object.Spec.AccountRef.Name != child.Spec.AccountRef.Name {
		return policy.StandingEnded, nil
	}
	return g.standing(ctx, object, string(child.Spec.ConferenceSID))
}

// standing is how the children of a Conference in one room stand to it.
func (g Governance) standing(ctx context.Context, object *v1alpha1.Conference, sid string) (policy.Standing, error) {
	room, known := g.roomName(object, sid)
	if !known {
		// Nothing is sent in any case, and what a person has said is reported.
		return standingOf(object, policy.StandingUnknown), nil
	}
	verdict, err := g.Decide(ctx, object, room)
	switch {
	case err != nil:
		return policy.StandingUnknown, err
	case verdict.State == claim.Undecided:
		return standingOf(object, policy.StandingUnknown), nil
	case verdict.State == claim.Lost:
		return policy.StandingEnded, nil
	default:
		return standingOf(object, policy.StandingGoverned), nil
	}
}

// standingOf is how children stand to a Conference that has not lost their room.
func standingOf(object *v1alpha1.Conference, governs policy.Standing) policy.Standing {
	switch {
	case withdrawn(object):
		return policy.StandingObserved
	case object.Spec.Suspend:
		return policy.StandingSuspended
	default:
		return governs
	}
}

// roomName is the name of a room that a Conference selects; known is false while the
// rooms of a prefix were not listed. Of one that is not known any more it is the prefix
// itself.
func (g Governance) roomName(object *v1alpha1.Conference, sid string) (name string, known bool) {
	selector := selectorOf(object)
	if selector.Name != "" {
		return selector.Name, true
	}
	rooms, known := g.Directory.Rooms(accountOf(object), selector)
	for _, room := range rooms {
		if room.SID == sid {
			return room.Name, true
		}
	}
	return selector.Prefix, known
}

// selectorOf is which rooms a Conference is about.
func selectorOf(object *v1alpha1.Conference) directory.Selector {
	return directory.Selector{Name: string(object.Spec.FriendlyName), Prefix: string(object.Spec.FriendlyNamePrefix)}
}

// accountOf is the VoiceAccount of a Conference.
func accountOf(object *v1alpha1.Conference) types.NamespacedName {
	return types.NamespacedName{Namespace: object.Namespace, Name: object.Spec.AccountRef.Name}
}
