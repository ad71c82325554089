package plan

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Notice is what events and metrics say of an announcement; empty fields say
// nothing.
type Notice struct {
	// Outcome names a state that became final, as metrics do.
	Outcome string
	// Kind, Reason and Message make an event.
	Kind, Reason, Message string
}

// AnnouncementNotices says what a change of the record means: for the
// announcement that was at hand and is not any more, and for the one that is.
func AnnouncementNotices(before, after Record, request *AnnouncementRequest) []Notice {
	var all []Notice
	for _, notice := range []Notice{replacedNotice(before, after), currentNotice(before, after, request)} {
		if notice != (Notice{}) {
			all = append(all, notice)
		}
	}
	return all
}

// replacedNotice is about an announcement that was not done with when another one,
// or none, took its place.
func replacedNotice(before, after Record) Notice {
	was, is := before.Current, after.Current
	switch {
	case !before.Pending() && !before.Intended(), is != nil && is.ID == was.ID:
		return Notice{}
	case slices.Contains(after.Handled, was.ID) && !slices.Contains(before.Handled, was.ID):
		return finalNotice(&v1alpha1.AnnouncementStatus{ID: was.ID, State: v1alpha1.AnnouncementUnknown})
	default:
		return Notice{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventSuperseded, Outcome: "superseded",
			Message: fmt.Sprintf("Announcement %s was replaced or withdrawn before it was played.", was.ID)}
	}
}

func finalNotice(current *v1alpha1.AnnouncementStatus) Notice {
	notice := finalEvent(current)
	notice.Outcome = strings.ToLower(string(current.State))
	return notice
}

func currentNotice(before, after Record, request *AnnouncementRequest) Notice {
	was, is := before.Current, after.Current
	switch {
	case after.final() && (!before.final() || was.ID != is.ID):
		return finalNotice(is)
	case request != nil && after.final() && was.InputsDigest != is.InputsDigest:
		return Notice{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementIgnored,
			Message: fmt.Sprintf("Announcement %s was handled before and plays nothing; use a new id.", request.ID)}
	}
	return Notice{}
}

// final says whether the announcement at hand is done with.
func (r Record) final() bool { return r.Current != nil && !r.Pending() && !r.Intended() }

// finalEvent is the event of a state that became final.
func finalEvent(current *v1alpha1.AnnouncementStatus) Notice {
	switch current.State {
	case v1alpha1.AnnouncementAccepted:
		return Notice{Kind: corev1.EventTypeNormal, Reason: v1alpha1.EventAnnouncementAccepted,
			Message: fmt.Sprintf("The provider accepted announcement %s.", current.ID)}
	case v1alpha1.AnnouncementRejected:
		return Notice{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementRejected,
			Message: fmt.Sprintf("The provider refused announcement %s (%s); it is not played.", current.ID, current.Message)}
	case v1alpha1.AnnouncementExpired:
		return Notice{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementExpired,
			Message: fmt.Sprintf("Announcement %s was not played before its notAfterTime, and is not played any more.", current.ID)}
	default:
		return Notice{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementUnknown,
			Message: fmt.Sprintf("Announcement %s may have been played or not, and is not tried again.", current.ID)}
	}
}
