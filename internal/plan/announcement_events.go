package plan

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Told is what people and metrics are told of an announcement; empty fields are
// nothing to tell.
type Told struct {
	// Outcome names a state that became final, as metrics do.
	Outcome string
	// Kind, Reason and Message make an event.
	Kind, Reason, Message string
}

// Tell says what a change of the record means.
func Tell(before, after Record, declared *v1alpha1.Announcement) Told {
	was, is := before.Current, after.Current
	switch {
	case after.final() && (!before.final() || was.ID != is.ID):
		told := finalEvent(is)
		told.Outcome = strings.ToLower(string(is.State))
		return told
	case before.Pending() && (is == nil || is.ID != was.ID):
		return Told{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventSuperseded, Outcome: "superseded",
			Message: fmt.Sprintf("Announcement %s was replaced or withdrawn before it was played.", was.ID)}
	case declared != nil && after.final() && was.InputsDigest != is.InputsDigest:
		return Told{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementIgnored,
			Message: fmt.Sprintf("Announcement %s was handled before and plays nothing; use a new id.", declared.ID)}
	}
	return Told{}
}

// final says whether the announcement at hand is done with.
func (r Record) final() bool { return r.Current != nil && r.Current.FinishTime != nil }

// finalEvent is the event of a state that became final.
func finalEvent(current *v1alpha1.AnnouncementStatus) Told {
	switch current.State {
	case v1alpha1.AnnouncementAccepted:
		return Told{Kind: corev1.EventTypeNormal, Reason: v1alpha1.EventAnnouncementAccepted,
			Message: fmt.Sprintf("The provider accepted announcement %s.", current.ID)}
	case v1alpha1.AnnouncementRejected:
		return Told{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementRejected,
			Message: fmt.Sprintf("The provider refused announcement %s (%s); it is not played.", current.ID, current.Message)}
	case v1alpha1.AnnouncementExpired:
		return Told{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementExpired,
			Message: fmt.Sprintf("Announcement %s was not played before its notAfterTime, and is not played any more.", current.ID)}
	default:
		return Told{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventAnnouncementUnknown,
			Message: fmt.Sprintf("Announcement %s may have been played or not, and is not tried again.", current.ID)}
	}
}
