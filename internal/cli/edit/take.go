package edit

import (
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/policy"
)

const (
	// joinDeadline is the joinDeadlineSeconds of an object for a call leg that was seen.
	joinDeadline = 60
	// defaultTTL is how long such an object is kept after the call, where no Conference
	// says how long.
	defaultTTL = 180
)

// Leg is a call leg without an object that people have written.
type Leg struct {
	// Namespace and Account are those of the VoiceAccount.
	Namespace, Account string
	// ConferenceSID and CallSID identify it.
	ConferenceSID, CallSID string
	// Conference is the name of the Conference that governs the room; empty for none.
	Conference string
	// Child is that Conference's participant; nil for none.
	Child *v1alpha1.ConferenceParticipant
}

// NameOf is the name of the object by which a call leg is taken: the same each time.
func NameOf(callSID string) string { return "call-" + callSID }

// Take is the object that takes a call leg out of the policy of its Conference: all that
// the child declares, with a change. What the Conference has closed for a while stays
// closed, and is noted so that Release opens it. An announcement of the child is not
// taken: to a new object it would be a new one. Its deletion undoes what it has brought
// about, and leaves a whisperer muted.
func Take(leg Leg, change Change) (*unstructured.Unstructured, error) {
	spec, annotations, labels := inherited(leg)
	object := &unstructured.Unstructured{Object: map[string]any{}}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&spec)
	if err != nil {
		return nil, err
	}
	object.Object["spec"] = fields
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("ConferenceParticipant"))
	object.SetNamespace(leg.Namespace)
	object.SetName(NameOf(leg.CallSID))
	object.SetAnnotations(annotations)
	object.SetLabels(labels)
	for _, field := range slices.Sorted(maps.Keys(change.Set)) {
		if err := unstructured.SetNestedField(object.Object, change.Set[field], pathOf(field)...); err != nil {
			return nil, err
		}
	}
	for _, field := range change.Unset {
		unstructured.RemoveNestedField(object.Object, pathOf(field)...)
		prune(object, pathOf(field))
	}
	return object, nil
}

// inherited is what an object has of the child that it takes the place of.
func inherited(leg Leg) (spec v1alpha1.ConferenceParticipantSpec, annotations, labels map[string]string) {
	if leg.Child != nil {
		leg.Child.Spec.DeepCopyInto(&spec)
		spec.Announcement = nil
		spec.Once = pending(leg.Child)
	}
	spec.AccountRef.Name = leg.Account
	spec.ConferenceSID, spec.CallSID = v1alpha1.SID(leg.ConferenceSID), v1alpha1.SID(leg.CallSID)
	spec.DeletionPolicy = v1alpha1.DeletionReset
	spec.JoinDeadlineSeconds = new(int32(joinDeadline))
	if spec.TTLSecondsAfterFinished == nil {
		spec.TTLSecondsAfterFinished = new(int32(defaultTTL))
	}
	if leg.Conference != "" {
		annotations = map[string]string{TakenFromAnnotation: leg.Conference}
	}
	if leg.Child == nil {
		return spec, annotations, nil
	}
	if fields := forAWhile(leg.Child); len(fields) > 0 && annotations != nil {
		annotations[ForAWhileAnnotation] = strings.Join(fields, ",")
	}
	// The operator may select objects by labels, which the child has for that.
	labels = maps.Clone(leg.Child.Labels)
	delete(labels, v1alpha1.ConferenceLabel)
	delete(labels, v1alpha1.RoleLabel)
	return spec, annotations, labels
}

// forAWhile are the fields that a child has closed for a while.
func forAWhile(child *v1alpha1.ConferenceParticipant) (fields []string) {
	record := policy.ChildOf(child).Record
	if record.Muted && isTrue(child.Spec.Muted) {
		fields = append(fields, "muted")
	}
	if record.Hold && isTrue(child.Spec.Hold) {
		fields = append(fields, "hold")
	}
	return fields
}

func isTrue(b *bool) bool { return b != nil && *b }

// pending is what a child was to do once and has not done so far.
func pending(child *v1alpha1.ConferenceParticipant) *v1alpha1.Once {
	if child.Spec.Once == nil {
		return nil
	}
	asked := plan.DesiredOf(&child.Spec).Once
	left := asked.For(asked.Refresh(child.Status.Once, time.Time{}), time.Time{}).Pending
	once := child.Spec.Once.DeepCopy()
	if !left[plan.FieldMute] {
		once.Muted = nil
	}
	if !left[plan.FieldHold] {
		once.Hold, once.HoldURL, once.HoldMethod = nil, "", ""
	}
	if once.Muted == nil && once.Hold == nil {
		return nil
	}
	return once
}
