package conference

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
)

const (
	// overlayFor is how long the cache may be behind what the API server has answered.
	overlayFor = 10 * time.Second
	// unidentifiedAfter is how long a role has to be in question for a person to be told.
	unidentifiedAfter = 10 * time.Second
	// notReadyAfter is how long a child has to be in trouble to count as not ready.
	notReadyAfter = time.Minute
)

// childReport is what a child reports.
type childReport struct {
	// settled says that what it declares is in effect, or that a person must act.
	settled bool
	// troubledSince is since when it has been Rejected, NotApplied or Contested; zero if
	// it is not. failed says that it is one of the first two.
	troubledSince time.Time
	failed        bool
}

// reportOf reads the conditions of a child.
func reportOf(object *v1alpha1.ConferenceParticipant) (found childReport) {
	ready := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return found
	}
	current := ready.ObservedGeneration == object.Generation
	stalled := meta.IsStatusConditionTrue(object.Status.Conditions, v1alpha1.ConditionStalled)
	found.settled = current && (ready.Status == metav1.ConditionTrue || stalled)
	switch status.Reason(object.Status.Conditions) {
	case v1alpha1.ReasonRejected, v1alpha1.ReasonNotApplied:
		found.troubledSince, found.failed = ready.LastTransitionTime.Time, true
	case v1alpha1.ReasonContested:
		found.troubledSince = ready.LastTransitionTime.Time
	}
	return found
}

// forget drops what was applied of objects that the cache has lost since: one that was
// deleted at once may never be seen there.
func (m *roomMemory) forget(gone []types.UID) {
	for name, newer := range m.children {
		if newer.object != nil && slices.Contains(gone, newer.uid) {
			delete(m.children, name)
		}
	}
}

// overlay are the children as they are known to be stored, where the cache may be behind
// what the API server has answered (R14).
func (m *roomMemory) overlay(cached []v1alpha1.ConferenceParticipant, now time.Time) (children []*v1alpha1.ConferenceParticipant) {
	seen := map[string]bool{}
	m.overlaidUntil = time.Time{}
	for i := range cached {
		seen[cached[i].Name] = true
		if child := m.newest(&cached[i], now); child != nil {
			children = append(children, child)
		}
	}
	for name, newer := range m.children {
		switch {
		case seen[name]:
		case newer.object == nil || !now.Before(newer.at.Add(overlayFor)):
			delete(m.children, name)
		default:
			// It may have been deleted before the cache had it.
			m.overlaidUntil = earlier(m.overlaidUntil, newer.at.Add(overlayFor))
			children = append(children, newer.object)
		}
	}
	return children
}

// newest is a child from the cache as it is known to be stored; nil if it is deleted.
func (m *roomMemory) newest(object *v1alpha1.ConferenceParticipant, now time.Time) *v1alpha1.ConferenceParticipant {
	newer, known := m.children[object.Name]
	switch {
	case known && !newer.shownBy(object, now) && newer.object == nil:
		return nil
	case known && !newer.shownBy(object, now):
		merged := newer.object.DeepCopy()
		merged.Status = object.Status
		return merged
	}
	delete(m.children, object.Name)
	if newer.altered != "" {
		m.children[object.Name] = applied{altered: newer.altered, uid: object.UID, at: now}
	}
	if !object.DeletionTimestamp.IsZero() {
		return nil
	}
	return object
}

// shownBy reports whether the cache shows what the API server has answered, or something
// later.
func (a applied) shownBy(object *v1alpha1.ConferenceParticipant, now time.Time) bool {
	switch {
	case now.Sub(a.at) > overlayFor || a.uid != object.UID:
		return true
	case a.object == nil:
		// It was deleted: the cache has to show that.
		return a.altered != ""
	default:
		return object.ResourceVersion == a.object.ResourceVersion || object.Generation > a.object.Generation ||
			object.Annotations[v1alpha1.PolicyAnnotation] == a.object.Annotations[v1alpha1.PolicyAnnotation] && object.Generation == a.object.Generation
	}
}
