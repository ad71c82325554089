package participant

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/wake"
)

// unsettledClaim is the wait for an account that was not looked at so far, and
// whose object might win.
const unsettledClaim = time.Second

// claim ends the passes of objects whose participant another object claims: the
// oldest wins, among those whose account's token was accepted (R9).
func (r *Reconciler) claim(ctx context.Context, p *pass) (outcome, bool, error) {
	if p.before.Spec.Mode == v1alpha1.ModeObserve {
		return outcome{}, false, nil
	}
	rivals, err := index.OfCall(ctx, r.Client, p.before.Spec.CallSID)
	if err != nil {
		return outcome{}, false, err
	}
	for i := range rivals {
		rival := &rivals[i]
		if rival.UID == p.before.UID || !contends(rival, p.before) {
			continue
		}
		switch same, proven := r.owns(ctx, rival, p.standing.Owner); {
		case same && proven:
			r.setClaim(ctx, p, false)
			r.standDown(p)
			return conclude(conditions.Stalled(v1alpha1.ReasonConflict, conflictMessage(rival, p.before))), true, nil
		case same:
			return silent().at(p.now.Add(unsettledClaim)), true, nil
		}
	}
	r.setClaim(ctx, p, true)
	return outcome{}, false, nil
}

// claims says whether a rival wants the participant of an object, its account
// aside.
func claims(rival, object *v1alpha1.ConferenceParticipant) bool {
	return rival.Spec.ConferenceSID == object.Spec.ConferenceSID && rival.Spec.Mode != v1alpha1.ModeObserve &&
		rival.DeletionTimestamp.IsZero() && rival.Status.CallState != v1alpha1.CallLeft
}

// contends says whether a rival would win over an object, its account aside.
func contends(rival, object *v1alpha1.ConferenceParticipant) bool {
	if !claims(rival, object) {
		return false
	}
	if !rival.CreationTimestamp.Equal(&object.CreationTimestamp) {
		return rival.CreationTimestamp.Before(&object.CreationTimestamp)
	}
	return client.ObjectKeyFromObject(rival).String() < client.ObjectKeyFromObject(object).String()
}

// owns says whether a rival speaks for the same account at the provider, and
// whether its token was accepted. An account that was not looked at so far
// counts as the same without proof, so that a restart makes nobody flap.
func (r *Reconciler) owns(ctx context.Context, rival *v1alpha1.ConferenceParticipant, owner string) (same, proven bool) {
	name := index.KeyOf(rival).Account
	_, standing, known := r.Registry.Lookup(name)
	if known {
		return standing.Owner == owner && standing.Proven, standing.Proven
	}
	object := &v1alpha1.VoiceAccount{}
	if err := r.Client.Get(ctx, name, object); err != nil {
		return false, false
	}
	return gateway.Owner(object.Spec.BaseURL, string(object.Spec.AccountSID)) == owner, false
}

// setClaim notes whether the object claims its participant, and has its rivals
// look again when that has changed.
func (r *Reconciler) setClaim(ctx context.Context, p *pass, claimed bool) {
	if p.notes.claimed == claimed {
		return
	}
	p.notes.claimed = claimed
	r.Queue.Wake(wake.Edit, 0, r.Neighbours(ctx, p.before)...)
}

func conflictMessage(winner, loser *v1alpha1.ConferenceParticipant) string {
	if winner.Namespace != loser.Namespace {
		return "A ConferenceParticipant in another namespace claims the same participant; no requests are sent for this one."
	}
	return fmt.Sprintf("ConferenceParticipant %s claims the same participant; no requests are sent for this one.", winner.Name)
}
