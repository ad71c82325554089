package conference

import (
	"fmt"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
)

// judge says what the facts mean to a person. Where nothing is known yet it says what is
// waited for, and report is false if this generation was reported on before: what was
// reported stays true (R13). It is pure.
func judge(f *facts) (verdict status.Verdict, report bool) {
	switch {
	case f.object.Spec.Suspend:
		return status.Suspended("spec.suspend is true: no requests are sent for these rooms, and none for their participants."), true
	case f.exists && !f.known:
		return status.Reconciling(v1alpha1.ReasonWaitingForAccount, fmt.Sprintf("VoiceAccount %s was not looked at so far.", f.account.Name)), isEdited(f)
	case f.claim.State == claim.Undecided:
		return status.Reconciling(v1alpha1.ReasonConverging,
			"Another Conference is about rooms of this name, and its account was not looked at so far: it is not decided which of the two governs them."), isEdited(f)
	case f.claim.State == claim.Lost && !f.observes():
		return status.Stalled(v1alpha1.ReasonConflict, conflictMessage(f)), true
	}
	if verdict, found := judgeAccount(f); found {
		return verdict, true
	}
	return judgeSelection(f)
}

// judgeSelection says whether it is known which rooms there are, and the roles in them.
func judgeSelection(f *facts) (verdict status.Verdict, report bool) {
	switch {
	case f.numbers.problem != nil:
		return *f.numbers.problem, true
	case f.refusal.Lasting():
		return status.Stalled(v1alpha1.ReasonRejected, fmt.Sprintf(
			"The provider refuses to list the rooms of the account (%s), although it accepts its token; check the token's scope.", f.refusal.Explanation)), true
	case !f.directoryKnown:
		return judgeUnlisted(f)
	case f.tooMany:
		return status.Stalled(v1alpha1.ReasonTooManyRooms, fmt.Sprintf(
			"More rooms bear the name than the %d that are governed; end some, or choose a longer name.", len(f.governed))), true
	}
	return judgeRequests(f)
}

// conflictMessage names the winner, unless it is in another namespace.
func conflictMessage(f *facts) string {
	if f.claim.To.Namespace != f.object.Namespace {
		return "A Conference in another namespace governs the rooms of this name; this one does nothing."
	}
	return fmt.Sprintf("Conference %s governs the rooms of this name; this one does nothing.", f.claim.To.Name)
}

// judgeAccount says what keeps the account from being used.
func judgeAccount(f *facts) (verdict status.Verdict, found bool) {
	name := f.account.Name
	switch {
	case !f.known:
		return status.Reconciling(v1alpha1.ReasonWaitingForAccount, fmt.Sprintf(
			"VoiceAccount %s does not exist in this namespace; create it, or correct accountRef.", name)), true
	case f.state.Phase == provider.PhaseUnauthorized:
		return status.Stalled(v1alpha1.ReasonUnauthorized, fmt.Sprintf(
			"The provider refuses the token of VoiceAccount %s; mend its Secret.", name)), true
	case f.state.Phase == provider.PhaseSuspended:
		return status.Reconciling(v1alpha1.ReasonWaitingForAccount, fmt.Sprintf("VoiceAccount %s is suspended.", name)), true
	case !f.session || f.state.Phase == provider.PhaseRefused:
		return status.Reconciling(v1alpha1.ReasonWaitingForAccount, fmt.Sprintf(
			"VoiceAccount %s is not ready (%s): %s", name, f.state.Reason, f.state.Message)), true
	}
	return verdict, false
}

// judgeUnlisted says why the rooms are not known.
func judgeUnlisted(f *facts) (verdict status.Verdict, report bool) {
	switch {
	case f.block == provider.Throttled:
		return status.Reconciling(v1alpha1.ReasonThrottled, "The provider asks to wait; the rooms are listed after that."), true
	case f.block == provider.None && !f.failing:
		return status.Reconciling(v1alpha1.ReasonConverging, "The rooms of the account were not listed so far."), isEdited(f)
	default:
		return status.Reconciling(v1alpha1.ReasonAPIUnavailable, "The provider can't be reached or fails; the rooms are listed as soon as it answers."), true
	}
}

// judgeRequests says that a request to a whole room was refused for good, and else what
// the rooms have come to.
func judgeRequests(f *facts) (verdict status.Verdict, report bool) {
	if message := f.refusedRequest(); message != "" {
		return status.Stalled(v1alpha1.ReasonRejected, message), true
	}
	return judgeRooms(f)
}

// judgeRooms says what the rooms have come to.
func judgeRooms(f *facts) (verdict status.Verdict, report bool) {
	converging, observed := 0, policy.Drift{}
	for _, room := range f.governed {
		found := f.results[room.SID]
		switch {
		case room.Waiting:
			continue
		case !found.judged || found.generation != f.object.Generation:
			return status.Reconciling(v1alpha1.ReasonConverging, "A room was not looked at so far, or not since the last change."), isEdited(f)
		}
		if verdict, stalled := found.stalled(); stalled {
			return verdict, true
		}
		converging += found.converging
		observed = observed.Add(found.drift)
	}
	switch {
	case f.observes():
		return status.Observed(explainDrift(observed)), true
	case f.live() == 0:
		return status.Ready(v1alpha1.ReasonNoRoom, noRoomMessage(f)), true
	case converging > 0:
		return status.Reconciling(v1alpha1.ReasonConverging, "What is declared is not applied yet to every call leg that is there."), true
	default:
		return status.Ready(v1alpha1.ReasonInSync, "What is declared was applied to every call leg that was there; those that join follow."), true
	}
}

// stalled says what keeps the children of a room from being as they should be.
func (r roomResult) stalled() (verdict status.Verdict, found bool) {
	switch {
	case r.refusal != "":
		return status.Stalled(v1alpha1.ReasonChildrenRefused, "The API server refuses to store ConferenceParticipants: "+r.refusal), true
	case r.taken != "":
		return status.Stalled(v1alpha1.ReasonConflict, fmt.Sprintf(
			"ConferenceParticipant %s was not made by this Conference, and has the name of one that it would make; delete it.", r.taken)), true
	case r.notApplied:
		return status.Stalled(v1alpha1.ReasonNotApplied,
			"More than half of the participants are Rejected or NotApplied; their own conditions say why."), true
	}
	return verdict, false
}

// live is how many of the governed rooms are in progress.
func (f *facts) live() (count int) {
	for _, room := range f.governed {
		if !room.Waiting {
			count++
		}
	}
	return count
}

// noRoomMessage says of which name no room is in progress.
func noRoomMessage(f *facts) string {
	named := fmt.Sprintf("named %s", f.object.Spec.FriendlyName)
	if f.object.Spec.FriendlyName == "" {
		named = fmt.Sprintf("with a name that begins with %s", f.object.Spec.FriendlyNamePrefix)
	}
	if len(f.governed) > 0 {
		return fmt.Sprintf("A room %s waits to be started; until then no call leg in it is heard.", named)
	}
	return fmt.Sprintf("No room %s is in progress; the policy waits for one.", named)
}

// isEdited reports whether a person waits for this generation.
func isEdited(f *facts) bool { return f.object.Status.ObservedGeneration != f.object.Generation }

// explainDrift says how many call legs differ, by field; "" if none does.
func explainDrift(drift policy.Drift) string {
	if drift.Legs == 0 {
		return ""
	}
	return drift.String() + "."
}
