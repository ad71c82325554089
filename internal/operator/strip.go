package operator

import (
	"strings"
	"unique"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// stripConference is a transform of a cache. It keeps the labels of a Conference, of which
// children inherit some, and strips the rest of its metadata as StripForCache does.
func stripConference(object any) (any, error) {
	kept, err := meta.Accessor(object)
	if err != nil {
		return object, nil
	}
	all := kept.GetLabels()
	_, err = StripForCache(object)
	kept.SetLabels(all)
	return object, err
}

// StripForCache is a transform of a cache. It drops metadata that the operator
// does not read: managed fields, owner references but the controlling one, and
// labels and annotations of other domains than ours, among them the copy of the
// whole object that kubectl apply makes. Of a participant that has left it drops
// what the provider said of it, too, but for the date of the join. It changes the
// object in place and returns it; there is never an error. The operator writes patches
// of what differs, so that nothing stripped is lost on the API server.
func StripForCache(object any) (any, error) {
	kept, err := meta.Accessor(object)
	if err != nil {
		// A tombstone: its object was stripped when it was cached.
		return object, nil
	}
	kept.SetManagedFields(nil)
	kept.SetLabels(ours(kept.GetLabels()))
	kept.SetAnnotations(ours(kept.GetAnnotations()))
	kept.SetOwnerReferences(controllingOwner(kept))
	if participant, ok := object.(*v1alpha1.ConferenceParticipant); ok {
		stripStatus(&participant.Status)
	}
	return object, nil
}

// stripStatus makes a status smaller. What many objects say in the same words is kept
// in memory once.
func stripStatus(status *v1alpha1.ConferenceParticipantStatus) {
	if status.CallState == v1alpha1.CallLeft && status.FinishTime != nil {
		status.Participant = joined(status.Participant)
	}
	for i := range status.Conditions {
		condition := &status.Conditions[i]
		condition.Type = shared(condition.Type)
		condition.Reason = shared(condition.Reason)
		condition.Message = shared(condition.Message)
	}
}

// joined is what is kept of a participant that has left: whether one that is seen
// again has joined since.
func joined(left *v1alpha1.ParticipantState) *v1alpha1.ParticipantState {
	if left == nil || left.DateCreated == "" {
		return nil
	}
	return &v1alpha1.ParticipantState{DateCreated: left.DateCreated}
}

// shared returns the one copy of a text that there is for all objects.
func shared(text string) string { return unique.Make(text).Value() }

// ours returns the labels or annotations with our API group as their domain; nil
// if there are none. It does not change the map that it is given.
func ours(all map[string]string) map[string]string {
	var kept map[string]string
	for name, value := range all {
		if domain, _, qualified := strings.Cut(name, "/"); !qualified || domain != v1alpha1.GroupVersion.Group {
			continue
		}
		if kept == nil {
			kept = map[string]string{}
		}
		kept[name] = value
	}
	return kept
}

// controllingOwner returns the owner reference with controller: true alone; nil
// if there is none. The API server admits one at most.
func controllingOwner(object metav1.Object) []metav1.OwnerReference {
	controller := metav1.GetControllerOfNoCopy(object)
	if controller == nil {
		return nil
	}
	return []metav1.OwnerReference{*controller}
}
