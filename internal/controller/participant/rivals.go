package participant

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
)

// rival is another object that wants an object's call leg.
type rival struct {
	claim.Candidate
	// object is the rival itself.
	object *v1alpha1.ConferenceParticipant
}

// claim compares the object with its rivals. One that is suspended or only observes
// neither claims nor loses.
func (g gatherer) claim(ctx context.Context, x *reconciliation) (claim.Verdict, error) {
	if x.abstains() {
		return claim.Verdict{}, nil
	}
	rivals, err := g.rivals(ctx, x.object, x.now)
	return claim.Decide(candidate(x.object, x.account, x.now), candidates(rivals)), err
}

// candidates are rivals as they are compared.
func candidates(rivals []rival) []claim.Candidate {
	compared := make([]claim.Candidate, len(rivals))
	for i := range rivals {
		compared[i] = rivals[i].Candidate
	}
	return compared
}

// rivals are the other objects that want an object's call leg.
func (g gatherer) rivals(ctx context.Context, object *v1alpha1.ConferenceParticipant, now time.Time) (rivals []rival, err error) {
	siblings, err := index.OfCall(ctx, g.reader, object.Spec.CallSID)
	if err != nil {
		return nil, err
	}
	for i := range siblings {
		sibling := &siblings[i]
		if sibling.UID == object.UID || sibling.Spec.ConferenceSID != object.Spec.ConferenceSID || index.Withdrawn(sibling) {
			continue
		}
		found, err := g.candidateOf(ctx, sibling, now)
		switch standing := g.standing(ctx, sibling); {
		case err != nil:
			return nil, err
		case index.ConferenceOf(sibling) == nil, standing == policy.StandingGoverned:
		case standing == policy.StandingUnknown:
			found.Known, found.Verified = false, false
		default:
			// Its Conference has it claim nothing, whatever is stored in it.
			continue
		}
		rivals = append(rivals, rival{Candidate: found, object: sibling})
	}
	return rivals, nil
}

// candidateOf is a sibling as a candidate. The spec of an account that was not looked
// at so far tells which account of the provider it is.
func (g gatherer) candidateOf(ctx context.Context, sibling *v1alpha1.ConferenceParticipant, now time.Time) (claim.Candidate, error) {
	name := index.KeyOf(sibling).Account
	_, account, known := g.accounts.Lookup(name)
	found := candidate(sibling, account, now)
	found.Known = known
	if known {
		return found, nil
	}
	object := &v1alpha1.VoiceAccount{}
	switch err := g.reader.Get(ctx, name, object); {
	case apierrors.IsNotFound(err):
		return found, nil
	case err != nil:
		return found, err
	}
	found.ProviderAccount = provider.AccountName(object.Spec.BaseURL, string(object.Spec.AccountSID))
	return found, nil
}

// candidate is an object of an account as it is compared at a time.
func candidate(p *v1alpha1.ConferenceParticipant, account provider.State, now time.Time) claim.Candidate {
	found := claim.Candidate{
		Name: client.ObjectKeyFromObject(p), Account: index.KeyOf(p).Account, Created: p.CreationTimestamp.Time,
		Finished: neverJoined(p.Status), ProviderAccount: account.ProviderAccount, Known: true, Verified: account.Verified,
	}
	if index.ConferenceOf(p) == nil {
		return found
	}
	found.Precedence = claim.Child
	if until := keepsUntil(p); now.Before(until) {
		found.Precedence, found.Until = claim.Opening, until
	}
	return found
}

// keepsUntil is until when a child keeps its call leg against an object that people
// wrote, to open what it has closed for a while (R22); zero for not at all.
func keepsUntil(p *v1alpha1.ConferenceParticipant) time.Time {
	if index.ConferenceOf(p) == nil {
		return time.Time{}
	}
	made := policy.ChildOf(p)
	return made.KeepsUntil()
}
