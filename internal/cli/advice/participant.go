package advice

import "github.com/voiceops/conference-operator/api/v1alpha1"

// participantMoving is about participants that are as they should be, or get there by
// themselves.
func participantMoving() map[string]Advice {
	return map[string]Advice{
		v1alpha1.ReasonInSync: {Meaning: "Every declared field is as declared.", Actor: None},
		v1alpha1.ReasonObserved: {
			Meaning: "Mode Observe looks and never updates.", Actor: None,
			Do: "To have what is declared enforced, set mode: Enforce.",
		},
		v1alpha1.ReasonDrifted: {
			Meaning: "Something differs from what is declared, and mode Observe leaves it so.", Actor: Author,
			Do:       "If it is to be changed, set mode: Enforce, or edit the spec.",
			Commands: []string{"kubectl conference plan {name} -n {namespace}", editParticipant},
		},
		v1alpha1.ReasonYielded: {
			Meaning: "driftPolicy leaves a difference alone that was made elsewhere.", Actor: Author,
			Do:       "If it is to be changed, edit a declared field: an edit is applied in any case.",
			Commands: []string{editParticipant},
		},
		v1alpha1.ReasonConverging: {
			Meaning: "A change was accepted and was not seen in effect yet.", Actor: None,
			Do: "It takes seconds, half a minute at most.",
		},
		v1alpha1.ReasonWaitingForParticipant: {
			Meaning: "The call is not in the conference yet, or rings.", Actor: None,
			Do: "The declared state is sent within 5 s of the answer, until joinDeadlineSeconds have passed.",
		},
		v1alpha1.ReasonWaitingForAccount: {
			Meaning: "The VoiceAccount is missing, suspended or not ready.", Actor: Owner,
			Do: "See the account's own reason.", Commands: []string{whyAccount, doctor},
		},
		v1alpha1.ReasonWaitingForCoachee: {
			Meaning: "The participant to coach is not there yet, rings, or is on hold; one that is to whisper is kept muted meanwhile.",
			Actor:   None, Do: "Once the coachee is there and not on hold, the coaching begins.",
		},
		v1alpha1.ReasonThrottled: {
			Meaning: "The provider or the account's rateLimit delays a change.", Actor: None,
			Do: "If it lasts, raise rateLimit of VoiceAccount {account}.", Commands: []string{editAccount},
		},
		v1alpha1.ReasonAPIUnavailable: {
			Meaning: "The provider can't be reached, fails, or its answer can't be read, and there is something to send.", Actor: None,
			Do: "It is sent when the provider answers again. If it lasts, see the account.", Commands: []string{whyAccount},
		},
		v1alpha1.ReasonSuspended: {
			Meaning: "spec.suspend of the object, or of the Conference that has made it, is true: no requests are sent.", Actor: Suspender,
			Do: "Set suspend: false, of the Conference if that has made the object.", Commands: []string{resume("cpart")},
		},
	}
}

// participantStuck is about participants that are over, or need a person to change
// something.
func participantStuck() map[string]Advice {
	return map[string]Advice{
		v1alpha1.ReasonParticipantLeft: {
			Meaning: "The call has ended or left the conference.", Actor: Author,
			Do:       "A new call is a new object. If Ready is True nothing is left to do, and the object may go.",
			Commands: []string{deleteParticipant},
		},
		v1alpha1.ReasonRejected: {
			Meaning: "The provider refuses a field, the object or the list of the conference again and again; the rest is applied.", Actor: Author,
			Do:       "Correct the field that the message names, or have the provider's administrator permit it; then an edit or the annotation tries at once.",
			Commands: []string{editParticipant, retryParticipant},
		},
		v1alpha1.ReasonInvalidReference: {
			Meaning: "participantToCoachRef leads to this very call, or to another conference or account.", Actor: Author,
			Do: "Name another participant of the same conference.", Commands: []string{editParticipant},
		},
		v1alpha1.ReasonCoacheeGone: {
			Meaning: "The participant to coach was there and has left; one that was to whisper is muted.", Actor: Author,
			Do:       "Name another participant, or end the coaching. If the coachee comes back it goes on.",
			Commands: []string{"kubectl conference whisper {name} -n {namespace} --to PARTICIPANT", "kubectl conference uncoach {name} -n {namespace}"},
		},
		v1alpha1.ReasonUnauthorized: {
			Meaning: "The provider refuses the account's token.", Actor: Owner,
			Do: "Put a valid token with the scope Voice into the Secret.", Commands: []string{whyAccount, mendAccount},
		},
		v1alpha1.ReasonConflict: {
			Meaning: "Another object names the same participant and goes first; nothing is sent for this one.", Actor: Author,
			Do:       "Delete one of the two. The message names the other, unless it is in another namespace.",
			Commands: []string{"kubectl get cpart -n {namespace} -o wide", deleteParticipant},
		},
		v1alpha1.ReasonNotApplied: {
			Meaning: "A change was accepted three times and never seen to stick; it is tried slowly.", Actor: Author,
			Do:       "Look for another writer of the field, or ask the provider. The annotation starts afresh.",
			Commands: []string{live, retryParticipant},
		},
		v1alpha1.ReasonContested: {
			Meaning: "Another writer keeps changing a field back; what opens is not corrected any more, what closes slowly.", Actor: Author,
			Do:       "Find the other writer: the person at the phone, a program, another operator. The annotation starts afresh.",
			Commands: []string{live, retryParticipant},
		},
	}
}

// participantMissing is about participants that never came.
func participantMissing() map[string]Advice {
	return map[string]Advice{
		v1alpha1.ReasonParticipantNotFound: {
			Meaning: "The join deadline has passed and the call never came.", Actor: Author,
			Do: "Check conferenceSID and callSID against the rooms in progress.", Commands: []string{live, deleteParticipant},
		},
		v1alpha1.ReasonConferenceOver: {
			Meaning: "The conference is completed, and the participant was never seen in it.", Actor: Author,
			Do: "A new conference has a new SID, also under the same name: look for it and write a new object.", Commands: []string{live, deleteParticipant},
		},
		v1alpha1.ReasonConferenceNotFound: {
			Meaning: "The provider does not know the conference.", Actor: Author,
			Do: "Check conferenceSID, and that the account is the right one.", Commands: []string{live, showParticipant},
		},
	}
}
