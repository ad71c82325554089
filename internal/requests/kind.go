package requests

import (
	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Kind is what is requested of a room.
type Kind int

const (
	// Announcement is a document that is played to everybody in it.
	Announcement Kind = iota
	// End is its end, which hangs up everybody in it.
	End
)

// Kinds are all kinds, in the order in which they are sent: what is said is said before
// the room ends.
func Kinds() [2]Kind { return [...]Kind{Announcement, End} }

// Declared is the request of a kind that a spec declares; nil for none.
func (k Kind) Declared(spec *v1alpha1.ConferenceSpec) *plan.AnnouncementRequest {
	switch {
	case k == Announcement:
		return plan.RequestOf(spec.Announcement)
	case spec.End != nil:
		return &plan.AnnouncementRequest{ID: spec.End.ID, NotAfter: spec.End.NotAfterTime.Time, Harmless: true}
	default:
		return nil
	}
}

// Update is what is sent for a request.
func (k Kind) Update(request *plan.AnnouncementRequest) voice.ConferenceUpdate {
	if k == End {
		return voice.ConferenceUpdate{Complete: true}
	}
	return voice.ConferenceUpdate{AnnounceURL: request.URL, AnnounceMethod: request.Method}
}

// Action is what the operator does, in the words of events.
func (k Kind) Action() string {
	if k == End {
		return "End"
	}
	return "Announce"
}

// state is where the status of a room has a kind of request.
func (k Kind) state(room *v1alpha1.RoomStatus) **v1alpha1.RoomRequestState {
	if k == End {
		return &room.End
	}
	return &room.Announcement
}

// handled is where a status has the ids that are done with.
func (k Kind) handled(status *v1alpha1.ConferenceStatus) *[]string {
	if k == End {
		return &status.HandledEndIDs
	}
	return &status.HandledAnnouncementIDs
}

// String is what a kind is called in a spec.
func (k Kind) String() string {
	if k == End {
		return "end"
	}
	return "announcement"
}
