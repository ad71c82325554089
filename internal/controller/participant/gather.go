package participant

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/provider"
)

// gatherer reads what there is to know: the cache, the accounts and the rosters.
type gatherer struct {
	reader   client.Reader
	accounts Accounts
	rosters  Rosters
	coachees coachees
}

// gather completes the facts about an object.
func (g gatherer) gather(ctx context.Context, x *reconciliation) (err error) {
	key := x.memory.Key
	session, account, known := g.accounts.Lookup(key.Account)
	x.account, x.accountExists = account, known
	if session != nil {
		x.session = session
		x.block, x.blockedUntil = session.Blocked()
	}
	if !known {
		if x.accountExists, err = g.accountExists(ctx, key.Account); err != nil {
			return err
		}
	}
	x.refusal = g.rosters.Refusal(key)
	x.seen = g.rosters.Observation(key, x.memory.CallSID)
	if x.claim, err = g.claim(ctx, x); err != nil {
		return err
	}
	if x.coaches() {
		x.desired.Coachee, err = g.coachees.resolve(ctx, x)
	}
	return err
}

// accountExists tells a missing account from one that was not looked at yet.
func (g gatherer) accountExists(ctx context.Context, name types.NamespacedName) (bool, error) {
	err := g.reader.Get(ctx, name, &v1alpha1.VoiceAccount{})
	return err == nil, client.IgnoreNotFound(err)
}

// claim compares the object with its rivals. One that is suspended or only observes
// neither claims nor loses.
func (g gatherer) claim(ctx context.Context, x *reconciliation) (claim.Verdict, error) {
	if index.Abstains(x.object) {
		return claim.Verdict{}, nil
	}
	rivals, err := g.rivals(ctx, x.object)
	return claim.Decide(g.candidate(x.object, x.account), rivals), err
}

// rivals are the other objects that want an object's call leg.
func (g gatherer) rivals(ctx context.Context, object *v1alpha1.ConferenceParticipant) (rivals []claim.Candidate, err error) {
	siblings, err := index.OfCall(ctx, g.reader, object.Spec.CallSID)
	if err != nil {
		return nil, err
	}
	for i := range siblings {
		sibling := &siblings[i]
		if sibling.UID == object.UID || sibling.Spec.ConferenceSID != object.Spec.ConferenceSID || index.Withdrawn(sibling) {
			continue
		}
		candidate, err := g.rival(ctx, sibling)
		if err != nil {
			return nil, err
		}
		rivals = append(rivals, candidate)
	}
	return rivals, nil
}

// rival is a sibling as a candidate. The spec of an account that was not looked at
// so far tells which account of the provider it is.
func (g gatherer) rival(ctx context.Context, sibling *v1alpha1.ConferenceParticipant) (claim.Candidate, error) {
	name := index.KeyOf(sibling).Account
	_, account, known := g.accounts.Lookup(name)
	candidate := g.candidate(sibling, account)
	candidate.Known = known
	if known {
		return candidate, nil
	}
	object := &v1alpha1.VoiceAccount{}
	switch err := g.reader.Get(ctx, name, object); {
	case apierrors.IsNotFound(err):
		return candidate, nil
	case err != nil:
		return candidate, err
	}
	candidate.ProviderAccount = provider.AccountName(object.Spec.BaseURL, string(object.Spec.AccountSID))
	return candidate, nil
}

func (g gatherer) candidate(p *v1alpha1.ConferenceParticipant, account provider.State) claim.Candidate {
	return claim.Candidate{
		Name: client.ObjectKeyFromObject(p), Account: index.KeyOf(p).Account, Created: p.CreationTimestamp.Time,
		Finished: neverJoined(p.Status), ProviderAccount: account.ProviderAccount, Known: true, Verified: account.Verified,
	}
}
