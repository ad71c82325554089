package conference

import (
	"context"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/audit"
	"github.com/voiceops/conference-operator/internal/requests"
	"github.com/voiceops/conference-operator/internal/voice"
)

// audited is the context for sending a request to a whole room.
func audited(ctx context.Context, object *v1alpha1.Conference, request audit.Request) context.Context {
	request.Object.Kind, request.Object.Namespace, request.Object.Name = Kind, object.Namespace, object.Name
	request.Object.UID, request.Object.Generation = string(object.UID), object.Generation
	request.Account = object.Spec.AccountRef.Name
	return audit.With(ctx, request)
}

// audited is the context for sending the request with an update.
func (x *exchange) audited(ctx context.Context, update voice.ConferenceUpdate) context.Context {
	cause := audit.CauseAnnouncement
	if x.kind == requests.End {
		cause = audit.CauseRoom
	}
	return audited(ctx, x.object, audit.Request{ConferenceSID: x.sid, ID: x.id, Cause: cause, Changes: audit.RoomUpdateOf(update)})
}

// audited is the context for ending the room, which a role has left.
func (s *scope) audited(ctx context.Context, update voice.ConferenceUpdate) context.Context {
	return audited(ctx, s.object, audit.Request{
		Object:        audit.Object{Role: string(s.object.Spec.EndWhenRoleLeaves.Role)},
		ConferenceSID: s.key.SID, Cause: audit.CauseRoom, Changes: audit.RoomUpdateOf(update),
	})
}
