package audit

import (
	"context"
	"slices"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Cause is why a request is sent. The set is closed, and documented in docs/audit.md.
type Cause string

// The causes.
const (
	// CauseSpec is what an object that people wrote declares, and was not so before.
	CauseSpec Cause = "spec"
	// CauseRoom is what a Conference says: what it has a child declare, close for a while
	// or open again, or the end of a room.
	CauseRoom Cause = "room"
	// CauseDrift is the repair of what was in sync and another party has changed.
	CauseDrift Cause = "drift"
	// CauseOnce is what is done one time for each join, such as a mute on entry.
	CauseOnce Cause = "once"
	// CauseAnnouncement is an announcement, to a participant or to a room.
	CauseAnnouncement Cause = "announcement"
	// CauseDeletion is what the deletion of an object undoes or removes.
	CauseDeletion Cause = "deletion"
)

// Object is the object that a request is sent for.
type Object struct {
	// Kind, Namespace and Name identify it.
	Kind, Namespace, Name string
	// UID tells it from another one of the same name.
	UID string
	// Generation is that of the spec that the request was decided by.
	Generation int64
	// Conference is the Conference that has made it, and Role the role that it has there,
	// or that has caused the request; "" for none.
	Conference, Role string
}

// Request is what a controller says of a request that it is about to send.
type Request struct {
	// Object that it is sent for.
	Object Object
	// Account is the VoiceAccount, in the namespace of the object.
	Account string
	// ConferenceSID and CallSID are the room and the call leg; CallSID is "" for a whole room.
	ConferenceSID, CallSID string
	// ID is the id of an announcement or an end in the spec; "" for none.
	ID string
	// Cause of the request, if its changes have none.
	Cause Cause
	// Changes are what the request says, in the order of the fields in the spec.
	Changes []Change
}

// cause is that of the whole request: what is declared before what is done once, and that
// before the repair of what another party has changed.
func (r *Request) cause() Cause {
	if r.Cause != "" {
		return r.Cause
	}
	for _, cause := range []Cause{CauseSpec, CauseRoom, CauseOnce, CauseDrift} {
		if slices.ContainsFunc(r.Changes, func(change Change) bool { return change.Cause == cause }) {
			return cause
		}
	}
	return ""
}

// key is the key of a Request in a context.
type key struct{}

// With returns a context for sending a request that changes something.
func With(ctx context.Context, request Request) context.Context {
	return context.WithValue(ctx, key{}, &request)
}

// UpdateOf is what an update of a participant says, of one that was seen as it was before.
func UpdateOf(update voice.Update, before voice.Participant) (changes []Change) {
	add := func(field string, is bool, was, will any) {
		if is {
			changes = append(changes, Change{Field: field, Before: was, After: will})
		}
	}
	flag := func(field string, was any, will *bool) {
		if will != nil {
			add(field, true, was, *will)
		}
	}
	flag(FieldMuted, before.Muted, update.Muted)
	flag(FieldHold, before.Hold, update.Hold)
	add(FieldHoldURL, update.HoldURL != "", nil, origin(update.HoldURL))
	flag(FieldCoaching, before.Coaching, update.Coaching)
	add(FieldCallSIDToCoach, update.CallSIDToCoach != "", before.CallSIDToCoach, update.CallSIDToCoach)
	flag(FieldBeep, nil, update.Beep)
	add(FieldAnnouncementURL, update.AnnounceURL != "", nil, origin(update.AnnounceURL))
	return changes
}

// RoomUpdateOf is what an update of a room says.
func RoomUpdateOf(update voice.ConferenceUpdate) (changes []Change) {
	if update.AnnounceURL != "" {
		changes = append(changes, Change{Field: FieldAnnouncementURL, After: origin(update.AnnounceURL)})
	}
	if update.Complete {
		changes = append(changes, Change{Field: FieldStatus, Before: voice.ConferenceInProgress, After: voice.ConferenceCompleted})
	}
	return changes
}

// Removal is what the removal of a participant from its conference says.
func Removal() []Change {
	return []Change{{Field: FieldInConference, Before: true, After: false}}
}
