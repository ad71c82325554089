package participant

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	clientevents "k8s.io/client-go/tools/events"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/plan"
)

// notifier writes events for people.
type notifier struct {
	recorder clientevents.EventRecorder
	metrics  *metrics.Metrics
}

// recordEvents writes events for what a person would call a transition.
func (n notifier) recordEvents(before, after *v1alpha1.ConferenceParticipant, found outcome) {
	n.recordTransition(before, after, found)
	request := plan.RequestOf(after.Spec.Announcement)
	for _, notice := range plan.AnnouncementNotices(recordOf(before.Status), recordOf(after.Status), request) {
		if notice.Outcome != "" {
			n.metrics.Announced(notice.Outcome)
		}
		if tells(after, notice.Kind, notice.Reason) {
			n.recorder.Eventf(after, nil, notice.Kind, notice.Reason, "Announce", "%s", notice.Message)
		}
	}
	if missed(after) && (!missed(before) || before.Status.Announcement.ID != after.Status.Announcement.ID) {
		n.warn(after, v1alpha1.EventAnnouncementMissed, fmt.Sprintf(
			"The participant left before announcement %s was played.", after.Status.Announcement.ID))
	}
}

// recordTransition writes the event of what the verdict has changed.
func (n notifier) recordTransition(before, after *v1alpha1.ConferenceParticipant, found outcome) {
	if found.verdict == nil {
		return
	}
	if told, changed := status.Transition(before.Status.Conditions, after.Status.Conditions, *found.verdict); changed && tells(after, told.Type, told.Reason) {
		n.recorder.Eventf(after, nil, told.Type, told.Reason, "Reconcile", "%s", told.Message)
	}
}

// tells reports whether an object writes an event: a child writes warnings alone, and
// none of a conflict that its Conference ends.
func tells(object *v1alpha1.ConferenceParticipant, kind, reason string) bool {
	return index.ConferenceOf(object) == nil || kind == corev1.EventTypeWarning && reason != v1alpha1.ReasonConflict
}

// missed reports whether an announcement is pending for a participant that has left.
func missed(object *v1alpha1.ConferenceParticipant) bool {
	return object.Status.CallState == v1alpha1.CallLeft && recordOf(object.Status).Pending()
}

// warnOfRelease says which fields an edit has left restricted that are not managed
// any more (R11). Of a child its Conference tells, in one event for all.
func (n notifier) warnOfRelease(x *reconciliation) {
	if known := x.status.Participant; known != nil && index.ConferenceOf(x.object) == nil {
		for _, field := range plan.Released(x.memory.Managed, x.desired, participantOf(known)) {
			n.warn(x.object, v1alpha1.EventNoLongerManaged, fmt.Sprintf(
				"%s is no longer managed and is still true; write %s: false to end it.", field, field))
		}
	}
	x.memory.Managed = x.desired.Restricted()
}

// warn writes an event that a person should see.
func (n notifier) warn(object *v1alpha1.ConferenceParticipant, reason, message string) {
	n.recorder.Eventf(object, nil, corev1.EventTypeWarning, reason, "Reconcile", "%s", message)
}
