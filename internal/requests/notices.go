package requests

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
)

// note adds what people have to be told of a record that has changed.
func (l *Ledger) note(sid string, before, after plan.Record) {
	for _, notice := range plan.AnnouncementNotices(before, after, nil) {
		l.notices = append(l.notices, l.kind.notice(sid, before, after, notice))
	}
}

// notice says of a room what is said of a participant.
func (k Kind) notice(sid string, before, after plan.Record, notice plan.Notice) plan.Notice {
	if k == Announcement {
		notice.Message = fmt.Sprintf("Room %s: %s", sid, notice.Message)
		return notice
	}
	if after.Current == nil {
		return notEnded("End %s was replaced or withdrawn before room %s was ended.", before.Current.ID, sid)
	}
	id, refusal := after.Current.ID, after.Current.Message
	switch after.Current.State {
	case v1alpha1.AnnouncementAccepted:
		return plan.Notice{Kind: corev1.EventTypeNormal, Reason: v1alpha1.EventRoomEnded,
			Message: fmt.Sprintf("Room %s was ended by end %s.", sid, id)}
	case v1alpha1.AnnouncementRejected:
		return notEnded("The provider refused to end room %s by end %s (%s).", sid, id, refusal)
	case v1alpha1.AnnouncementExpired:
		return notEnded("Room %s was not ended before the notAfterTime of end %s, and is not ended any more.", sid, id)
	default:
		return notEnded("Room %s may have been ended by end %s or not, and it is not tried again.", sid, id)
	}
}

// noteOver adds what people have to be told of a request to a room that is over. One that
// was to be ended is as it was to be.
func (l *Ledger) noteOver(sid string, record plan.Record) {
	switch open := record.Pending() || record.Intended(); {
	case !open || l.kind == End:
	case record.Current.ClaimTime != nil:
		unknown := *record.Current
		unknown.State = v1alpha1.AnnouncementUnknown
		l.note(sid, record, plan.Record{Current: &unknown})
	default:
		l.notices = append(l.notices, missed("Room %s was over before announcement %s was played.", sid, record.Current.ID))
	}
}

// late is what people are told of a request that came too late to be judged.
func (k Kind) late(id string) plan.Notice {
	if k == End {
		return notEnded("The notAfterTime of end %s had passed before it was seen; nothing is ended.", id)
	}
	return plan.Notice{
		Outcome: "expired", Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementExpired,
		Message: fmt.Sprintf("The notAfterTime of announcement %s had passed before the rooms were known; it is not played.", id),
	}
}

// nowhere is what people are told of a request while no room is in progress.
func (k Kind) nowhere(id string) plan.Notice {
	if k == End {
		return notEnded("No room is in progress, so that end %s has nothing to end; it is done with.", id)
	}
	return missed("No room is in progress, so that announcement %s is played to nobody; it is done with.", id)
}

// notEnded is a notice about a room that was not ended.
func notEnded(format string, arguments ...any) plan.Notice {
	return plan.Notice{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventRoomNotEnded, Message: fmt.Sprintf(format, arguments...)}
}

// missed is a notice about an announcement that found no room.
func missed(format string, arguments ...any) plan.Notice {
	return plan.Notice{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementMissed, Message: fmt.Sprintf(format, arguments...)}
}
