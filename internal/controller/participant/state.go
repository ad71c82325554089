package participant

import (
	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
)

// stateOf and participantOf translate between what the provider returned and
// the status; every field is taken over as it is.
func stateOf(p voice.Participant) *v1alpha1.ParticipantState {
	return &v1alpha1.ParticipantState{
		AccountSID:             p.AccountSID,
		CallSID:                p.CallSID,
		CallSIDToCoach:         p.CallSIDToCoach,
		Coaching:               p.Coaching,
		ConferenceSID:          p.ConferenceSID,
		DateCreated:            p.DateCreated,
		DateUpdated:            p.DateUpdated,
		EndConferenceOnExit:    p.EndConferenceOnExit,
		Hold:                   p.Hold,
		Muted:                  p.Muted,
		StartConferenceOnEnter: p.StartConferenceOnEnter,
		Status:                 p.Status,
		URI:                    p.URI,
	}
}

func participantOf(s *v1alpha1.ParticipantState) voice.Participant {
	return voice.Participant{
		Muted: s.Muted, Hold: s.Hold, Coaching: s.Coaching,
		CallSIDToCoach: s.CallSIDToCoach, Status: s.Status,
	}
}

// stripped reports whether a status from the cache lacks the participant: of an
// object that has left only the date is kept.
func stripped(known *v1alpha1.ParticipantState) bool { return known == nil || known.CallSID == "" }

// recordOf is what a status remembers of announcements.
func recordOf(current v1alpha1.ConferenceParticipantStatus) plan.Record {
	return plan.Record{Current: current.Announcement, Handled: current.HandledAnnouncementIDs}
}

// neverJoined reports whether an object is finished although its call leg was never
// seen: the join deadline has passed, or the conference is over.
func neverJoined(current v1alpha1.ConferenceParticipantStatus) bool {
	return current.FinishTime != nil && current.CallState == v1alpha1.CallWaiting
}
