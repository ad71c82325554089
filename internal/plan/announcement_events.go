package plan

import (
	"fmt"
	"slices"
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

// Tell says what a change of the record means: to the announcement that was at
// hand and is not any more, and to the one that is.
func Tell(before, after Record, declared *v1alpha1.Announcement) []Told {
	var all []Told
	for _, told := range []Told{tellReplaced(before, after), tellCurrent(before, after, declared)} {
		if told != (Told{}) {
			all = append(all, told)
		}
	}
	return all
}

// tellReplaced is about an announcement that was not done with when another one,
// or none, took its place.
func tellReplaced(before, after Record) Told {
	was, is := before.Current, after.Current
	switch {
	case !before.Pending() && !before.Claimed(), is != nil && is.ID == was.ID:
		return Told{}
	case slices.Contains(after.Handled, was.ID) && !slices.Contains(before.Handled, was.ID):
		return concluded(&v1alpha1.AnnouncementStatus{ID: was.ID, State: v1alpha1.AnnouncementUnknown})
	default:
		return Told{Kind: corev1.EventTypeWarning, Reason: v1alpha1.EventSuperseded, Outcome: "superseded",
			Message: fmt.Sprintf("Announcement %s was replaced or withdrawn before it was played.", was.ID)}
	}
}

func concluded(current *v1alpha1.AnnouncementStatus) Told {
	told := finalEvent(current)
	told.Outcome = strings.ToLower(string(current.State))
	return told
}

func tellCurrent(before, after Record, declared *v1alpha1.Announcement) Told {
	was, is := before.Current, after.Current
	switch {
	case after.final() && (!before.final() || was.ID != is.ID):
		return concluded(is)
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
