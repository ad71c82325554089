package participant

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/gateway"
)

// patience is how long something to send may be held back in silence.
const patience = 5 * time.Second

// idle ends the passes of objects that need nothing from the provider: suspended,
// or left and not seen again.
func (r *Reconciler) idle(_ context.Context, p *pass) (outcome, bool, error) {
	if p.before.Spec.Suspend {
		r.standDown(p)
		return conclude(conditions.Suspended("spec.suspend is true: no requests are sent for this participant.")), true, nil
	}
	if p.status.CallState != v1alpha1.CallLeft {
		return outcome{}, false, nil
	}
	sight := r.Registry.Roster(p.key).Sight(p.notes.call)
	if sight.Present && !sight.Observed.Ended() && sight.LookedAt.After(p.status.FinishTime.Time) {
		p.status.CallState, p.status.FinishTime = v1alpha1.CallLive, nil
		return outcome{}, false, nil
	}
	return r.left(p), true, nil
}

// account ends the passes of objects whose account can't be used now.
func (r *Reconciler) account(ctx context.Context, p *pass) (outcome, bool, error) {
	current, standing, known := r.Registry.Lookup(p.key.Account)
	if !standing.Proven {
		r.setClaim(ctx, p, false)
	}
	if !known {
		return r.unknownAccount(ctx, p)
	}
	p.gateway, p.standing = current, standing
	p.notes.reach(current)
	if p.notes.belong(standing.Owner) {
		// What was in sync was somebody else's.
		p.status.LastSyncedDigest = ""
	}
	name := p.key.Account.Name
	switch {
	case standing.Suspended:
		return p.waitForAccount(fmt.Sprintf("VoiceAccount %s is suspended.", name)), true, nil
	case standing.Reason == v1alpha1.ReasonUnauthorized:
		return share(conditions.Stalled(v1alpha1.ReasonUnauthorized,
			fmt.Sprintf("The provider refuses the token of VoiceAccount %s; mend its Secret.", name))), true, nil
	case standing.Reason == v1alpha1.ReasonAPIUnavailable && !standing.Proven:
		return p.waitForAccount(fmt.Sprintf("VoiceAccount %s is not ready: the provider can't be reached.", name)), true, nil
	case current == nil:
		return share(conditions.Reconciling(v1alpha1.ReasonWaitingForAccount,
			fmt.Sprintf("VoiceAccount %s is not ready (%s): %s", name, standing.Reason, standing.Message))), true, nil
	}
	return outcome{}, false, nil
}

// standDown has no request sent for the object any more, and a fresh look
// before the next one.
func (r *Reconciler) standDown(p *pass) {
	p.notes.judged, p.notes.due, p.notes.reported = false, false, false
	r.Registry.Forget(p.key, p.name, p.notes.call)
}

// held ends the passes of objects whose account has to wait.
func (r *Reconciler) held(_ context.Context, p *pass) (outcome, bool, error) {
	if trouble, until := p.gateway.Held(); trouble != gateway.Fine {
		return p.blocked(trouble, until), true, nil
	}
	return outcome{}, false, nil
}

// refused ends the passes of objects whose conference may not be listed, although
// the account's token is accepted. An edit or a demand has it tried once more; who
// has nothing to send hears of it once it is no accident (R8).
func (r *Reconciler) refused(_ context.Context, p *pass) (outcome, bool, error) {
	roster := r.Registry.Roster(p.key)
	refusal := roster.Refusal()
	switch {
	case refusal.Tries == 0:
		return outcome{}, false, nil
	case p.notes.request.at.After(refusal.At):
		roster.Forgive()
		return outcome{}, false, nil
	case !p.pending() && refusal.Tries < gateway.RefusedForGood:
		return silent(), true, nil
	}
	p.meetDemand()
	return conclude(conditions.Stalled(v1alpha1.ReasonRejected, fmt.Sprintf(
		"The provider refuses to list the conference (%s), although it accepts the account's token; check conferenceSID, and the token's scope.",
		refusal.Why))), true, nil
}

// meetDemand answers a demand for a fresh look where there is nothing to be seen.
func (p *pass) meetDemand() { p.status.LastHandledReconcileAt = p.notes.request.requestedAt }

// unknownAccount tells a missing account from one that was not looked at yet.
func (r *Reconciler) unknownAccount(ctx context.Context, p *pass) (outcome, bool, error) {
	err := r.Client.Get(ctx, p.key.Account, &v1alpha1.VoiceAccount{})
	if apierrors.IsNotFound(err) {
		return conclude(conditions.Reconciling(v1alpha1.ReasonWaitingForAccount, fmt.Sprintf(
			"VoiceAccount %s does not exist in this namespace; create it, or correct accountRef.", p.key.Account.Name))), true, nil
	}
	return silent(), true, err
}

// waitForAccount reports a wait that is nobody's fault only where it keeps
// something from being sent.
func (p *pass) waitForAccount(message string) outcome {
	if !p.pending() {
		return silent()
	}
	return share(conditions.Reconciling(v1alpha1.ReasonWaitingForAccount, message))
}

// blocked holds the object back while the account can't send. It is reported
// once something to send has waited for a while; until then, and where there is
// nothing to send, the account alone reports it.
func (p *pass) blocked(trouble gateway.Trouble, until time.Time) outcome {
	if !p.pending() {
		return silent().at(until)
	}
	tell := p.notes.wait(trouble, p.now).Add(patience)
	if p.now.Before(tell) {
		if until.IsZero() || tell.Before(until) {
			until = tell
		}
		return silent().at(until)
	}
	if trouble == gateway.Throttled {
		return share(conditions.Reconciling(v1alpha1.ReasonThrottled,
			"The provider, or the account's rateLimit, asks to wait; the change is sent after that.")).at(until)
	}
	return share(conditions.Reconciling(v1alpha1.ReasonAPIUnavailable,
		"The provider can't be reached or fails; the change is sent as soon as it answers.")).at(until)
}
