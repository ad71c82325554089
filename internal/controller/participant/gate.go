package participant

import (
	"fmt"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
)

// undecidedRetry is the wait for the account of a rival that was not looked at so
// far, and might win a claim.
const undecidedRetry = time.Second

// precondition is a part of the gate; blocked ends the reconcile with an outcome.
type precondition func(x *reconciliation) (found outcome, blocked bool)

// gate decides whether a participant can be converged now: open is false where an
// outcome says what keeps it from that. It is a pure function of the facts, what is
// remembered and the time; what it changes are the reconcile's own state and
// effects.
func gate(x *reconciliation) (found outcome, open bool) {
	for _, check := range []precondition{
		checkStanding, checkSuspended, checkLeft, checkNeverJoined, trackAccount, checkAccount, checkClaim, checkBlocked, attributeDenial,
		checkListRefused, checkPresence,
	} {
		if found, blocked := check(x); blocked {
			if at := x.expiresAt(); at.After(x.now) && !x.suspended() {
				found = found.by(at)
			}
			return found, false
		}
	}
	return outcome{}, true
}

// checkSuspended ends the reconciles of objects that need nothing from the provider.
func checkSuspended(x *reconciliation) (outcome, bool) {
	if !x.suspended() {
		return outcome{}, false
	}
	cause := "spec.suspend is true"
	if x.child.standing == policy.StandingSuspended {
		cause = fmt.Sprintf("Conference %s is suspended", x.child.conference)
	}
	x.setClaim(claim.None)
	x.unsubscribe()
	return report(status.Suspended(cause + ": no requests are sent for this participant.")), true
}

// checkLeft ends the reconciles of objects after the call has left, unless it was
// observed again.
func checkLeft(x *reconciliation) (outcome, bool) {
	if x.status.CallState != v1alpha1.CallLeft {
		return outcome{}, false
	}
	// What this process has observed since it saw the end, or since it began.
	if x.seen.Present && !x.seen.Ended() && x.memory.Look.Accepts(x.seen, memory.Any, x.now) {
		x.status.CallState, x.status.FinishTime = v1alpha1.CallLive, nil
		if x.seen.Ringing() {
			x.status.CallState = v1alpha1.CallWaiting
		}
		return outcome{}, false
	}
	return x.left(), true
}

// trackAccount notes through what the object is reached.
func trackAccount(x *reconciliation) (outcome, bool) {
	if !x.account.Verified {
		x.setClaim(claim.None)
	}
	if x.account.Phase == provider.PhaseUnknown {
		return outcome{}, false
	}
	m := &x.memory
	if x.session != nil {
		var changed bool
		m.Account, changed = m.Account.TrackSession(x.session.Identity())
		if denied := m.Updates.Denial.At; changed || !denied.IsZero() && x.session.RefusedSince(denied) {
			// What was refused to other credentials, or while these were refused, is
			// tried again (R8).
			m.Updates = m.Updates.Forgive()
		}
	}
	var replaced bool
	if m.Account, replaced = m.Account.TrackProvider(x.account.ProviderAccount); replaced {
		*m = m.ForAnotherAccount()
		x.status.LastSyncedDigest = ""
	}
	return outcome{}, false
}

// checkAccount ends the reconciles of objects of an account that can't be used now.
func checkAccount(x *reconciliation) (outcome, bool) {
	name := x.memory.Key.Account.Name
	switch phase := x.account.Phase; {
	case phase == provider.PhaseUnknown && !x.accountExists:
		return report(status.Reconciling(v1alpha1.ReasonWaitingForAccount, fmt.Sprintf(
			"VoiceAccount %s does not exist in this namespace; create it, or correct accountRef.", name))), true
	case phase == provider.PhaseUnknown:
		return noReport(), true
	case phase == provider.PhaseSuspended:
		return x.waitForAccount(fmt.Sprintf("VoiceAccount %s is suspended.", name)), true
	case phase == provider.PhaseUnauthorized:
		return reportAccountWide(status.Stalled(v1alpha1.ReasonUnauthorized,
			fmt.Sprintf("The provider refuses the token of VoiceAccount %s; mend its Secret.", name))), true
	case phase == provider.PhaseRefused:
		return x.waitForAccount(fmt.Sprintf("VoiceAccount %s is not ready (%s): %s", name, x.account.Reason, x.account.Message)), true
	case phase == provider.PhaseUnavailable && !x.account.Verified:
		return x.waitForAccount(fmt.Sprintf("VoiceAccount %s is not ready: the provider can't be reached.", name)), true
	case x.session == nil:
		return reportAccountWide(status.Reconciling(v1alpha1.ReasonWaitingForAccount,
			fmt.Sprintf("VoiceAccount %s is not ready (%s): %s", name, x.account.Reason, x.account.Message))), true
	}
	return outcome{}, false
}

// checkClaim ends the reconciles of objects that have lost their call leg to another
// one (R9).
func checkClaim(x *reconciliation) (outcome, bool) {
	switch x.claim.State {
	case claim.Undecided:
		return noReport().at(x.now.Add(undecidedRetry)), true
	case claim.Deferred:
		x.setClaim(claim.Deferred)
		return report(status.Reconciling(v1alpha1.ReasonConverging, deferredMessage(x.claim, x.memory.Name.Namespace))).at(x.claim.Until), true
	case claim.Lost:
		x.setClaim(claim.Lost)
		x.unsubscribe()
		return report(status.Stalled(v1alpha1.ReasonConflict, conflictMessage(x.claim, x.memory.Name.Namespace))), true
	}
	x.setClaim(x.claim.State)
	return outcome{}, false
}

// conflictMessage names the winner, unless it is in another namespace.
func conflictMessage(lost claim.Verdict, namespace string) string {
	if lost.To.Namespace != namespace {
		return "A ConferenceParticipant in another namespace claims the same participant; no requests are sent for this one."
	}
	return fmt.Sprintf("ConferenceParticipant %s claims the same participant; no requests are sent for this one.", lost.To.Name)
}

// deferredMessage names the child that goes first, unless it is in another namespace.
func deferredMessage(deferred claim.Verdict, namespace string) string {
	name := deferred.To.Name
	if deferred.To.Namespace != namespace {
		name = "of a Conference in another namespace"
	}
	return fmt.Sprintf("ConferenceParticipant %s first opens what its Conference has closed for a while; "+
		"then this one is applied, after half a minute at the latest.", name)
}

// checkBlocked ends the reconciles of objects of an account that has to wait.
func checkBlocked(x *reconciliation) (outcome, bool) {
	if x.block == provider.None {
		return outcome{}, false
	}
	return x.delayed(causeOf(x.block), x.blockedUntil), true
}

// attributeDenial takes over that the account's token was accepted after an update
// was refused as unauthorized, so that the refusal was meant for the update (R8).
func attributeDenial(x *reconciliation) (outcome, bool) {
	x.memory.Updates = x.memory.Updates.Attribute()
	return outcome{}, false
}

// checkListRefused ends the reconciles of objects of a conference that may not be
// listed, although the account's token is accepted. An edit or a reconcile request
// has it tried once more. Rejected it is once it is no accident; until then, and
// where nothing is to be sent, it is not worth a report (R8).
func checkListRefused(x *reconciliation) (outcome, bool) {
	switch {
	case x.refusal.Tries == 0:
		return outcome{}, false
	case x.memory.Edit.FirstSeen().After(x.refusal.At):
		x.effects.forgiveRefusal = true
		return outcome{}, false
	case !x.pending() && !x.refusal.Lasting():
		return noReport(), true
	case !x.refusal.Lasting():
		x.markReconcileHandled()
		return report(status.Reconciling(v1alpha1.ReasonConverging, fmt.Sprintf(
			"The provider refused to list the conference (%s), although it accepts the account's token; it is tried again.", x.refusal.Explanation))), true
	}
	x.markReconcileHandled()
	return report(status.Stalled(v1alpha1.ReasonRejected, fmt.Sprintf(
		"The provider refuses to list the conference (%s), although it accepts the account's token; check conferenceSID, and the token's scope. It is tried again every 5 min.",
		x.refusal.Explanation))), true
}
