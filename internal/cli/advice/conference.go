package advice

import "github.com/voiceops/conference-operator/api/v1alpha1"

// conferenceMoving is about Conferences that are as they should be, or get there by
// themselves.
func conferenceMoving() map[string]Advice {
	return map[string]Advice{
		v1alpha1.ReasonInSync: {Meaning: "What is declared was applied to everybody that was there.", Actor: None},
		v1alpha1.ReasonNoRoom: {
			Meaning: "No room of that name is in progress; the policy waits for one.", Actor: None,
			Do:       "If you expect one, compare the name byte by byte with the rooms in progress.",
			Commands: []string{live},
		},
		v1alpha1.ReasonObserved: {
			Meaning: "Mode Observe looks, makes no participants and never updates.", Actor: None,
			Do: "To have it enforced, set mode: Enforce.",
		},
		v1alpha1.ReasonDrifted: {
			Meaning: "So many call legs differ from what is declared, and mode Observe leaves them so.", Actor: Author,
			Do: "If they are to be changed, set mode: Enforce.", Commands: []string{"kubectl conference plan conf/{name} -n {namespace}", editConference},
		},
		v1alpha1.ReasonConverging: {
			Meaning: "This generation is not applied yet to everybody that was there.", Actor: None,
			Do: "It takes seconds. If it lasts, see the participants.", Commands: []string{listChildren},
		},
		v1alpha1.ReasonWaitingForAccount: {
			Meaning: "The VoiceAccount is missing, suspended or not ready.", Actor: Owner,
			Do: "See the account's own reason.", Commands: []string{whyAccount, doctor},
		},
		v1alpha1.ReasonThrottled: {
			Meaning: "The provider or the account's rateLimit delays changes.", Actor: None,
			Do: "If it lasts, raise rateLimit of VoiceAccount {account}.", Commands: []string{editAccount},
		},
		v1alpha1.ReasonAPIUnavailable: {
			Meaning: "The provider can't be reached or fails.", Actor: None,
			Do: "It goes on when the provider answers again. If it lasts, see the account.", Commands: []string{whyAccount},
		},
		v1alpha1.ReasonSuspended: {
			Meaning: "spec.suspend is true: no requests are sent, and no other Conference takes the name.", Actor: Suspender,
			Do:       "Set suspend: false.",
			Commands: []string{resume("conf")},
		},
		v1alpha1.ReasonUnidentified: {
			Meaning: "It is not known yet which role a call leg has.", Actor: None,
			Do: "Its call is being read; until then it gets what its possible roles close.",
		},
		v1alpha1.ReasonWaitingForRole: {
			Meaning: "Nobody of the role of waitForRole is in a room, so everybody else in it is on hold.", Actor: None,
			Do: "They are taken off hold when the role joins.",
		},
	}
}

// conferenceStuck is about Conferences that need a person.
func conferenceStuck() map[string]Advice {
	return map[string]Advice{
		v1alpha1.ReasonConflict: {
			Meaning: "Another Conference governs this very name or prefix, or an object of a participant's name is in the way.", Actor: Author,
			Do: "Delete one of the two. The message names the other, unless it is in another namespace.",
			Commands: []string{
				"kubectl get conf -n {namespace} -o wide", "kubectl delete conf {name} -n {namespace}",
			},
		},
		v1alpha1.ReasonNotApplied: {
			Meaning: "More than half of the participants have been Rejected or NotApplied for over a minute.", Actor: Author,
			Do: "Read the messages of the participants.", Commands: []string{listChildren, "kubectl conference why PARTICIPANT -n {namespace}"},
		},
		v1alpha1.ReasonChildrenRefused: {
			Meaning: "The API server refuses to create participants: a quota, or an admission.", Actor: NamespaceOwner,
			Do: "Raise the quota, or permit what the message names.", Commands: []string{"kubectl describe quota -n {namespace}"},
		},
		v1alpha1.ReasonSecretNotFound: {
			Meaning: "A Secret with numbers is missing; the numbers last read stay in force.", Actor: Author,
			Do:       "Create it in this namespace, with one number a line.",
			Commands: []string{"kubectl create secret generic {secret} -n {namespace} --from-file=numbers=/dev/stdin"},
		},
		v1alpha1.ReasonSecretKeyMissing: {
			Meaning: "The Secret with numbers has no such key, or it is empty.", Actor: Author,
			Do: "Put the numbers there, one a line.", Commands: []string{"kubectl edit secret {secret} -n {namespace}"},
		},
		v1alpha1.ReasonInvalidNumbers: {
			Meaning: "A line of the Secret with numbers is no number, or there are more than 1,000.", Actor: Author,
			Do: "Correct the line that the message counts.", Commands: []string{"kubectl edit secret {secret} -n {namespace}"},
		},
		v1alpha1.ReasonUnauthorized: {
			Meaning: "The provider refuses the account's token.", Actor: Owner,
			Do: "Put a valid token with the scope Voice into the Secret.", Commands: []string{whyAccount},
		},
		v1alpha1.ReasonRejected: {
			Meaning: "The provider refuses a request to the whole room, an announcement or its end, for good.", Actor: Author,
			Do: "Correct it, under a new id.", Commands: []string{editConference},
		},
		v1alpha1.ReasonTooManyRooms: {
			Meaning: "More rooms bear the name or prefix than are governed; those governed already go on.", Actor: Author,
			Do: "Use a longer prefix, or several Conferences.", Commands: []string{live},
		},
		v1alpha1.ReasonLookupFailing: {
			Meaning: "More than half of the reads of calls fail, so that roles stay as they are.", Actor: Author,
			Do:       "Match by endConferenceOnExit where you can, or write an object for the call leg; see the account.",
			Commands: []string{whyAccount, editConference},
		},
	}
}
