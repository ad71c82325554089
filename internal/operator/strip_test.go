package operator

import (
	"maps"
	"reflect"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// foreign is metadata that StripForCache drops.
func foreign() metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: "agent", Finalizers: []string{v1alpha1.Finalizer},
		Labels: map[string]string{
			"shard": "a", "app.kubernetes.io/name": "hotline",
			"conference.voiceops.dev.example.com/role": "agent", "conference.voiceops.dev": "agent",
		},
		Annotations:     map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}"},
		ManagedFields:   []metav1.ManagedFieldsEntry{{}},
		OwnerReferences: []metav1.OwnerReference{{Name: "release"}, {Name: "team", Controller: new(false)}},
	}
}

func TestStripForCacheKeepsWhatIsRead(t *testing.T) {
	annotations := map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now", v1alpha1.AllowEndConferenceAnnotation: "true"}
	labels := map[string]string{"conference.voiceops.dev/role": "agent"}
	owner := metav1.OwnerReference{Kind: "Conference", Name: "hotline", Controller: new(true)}
	object := &v1alpha1.ConferenceParticipant{ObjectMeta: foreign()}
	maps.Copy(object.Annotations, annotations)
	maps.Copy(object.Labels, labels)
	object.OwnerReferences = append(object.OwnerReferences, owner)
	stripped, err := StripForCache(object)
	want := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{
		Name: "agent", Finalizers: []string{v1alpha1.Finalizer}, Annotations: annotations, Labels: labels,
		OwnerReferences: []metav1.OwnerReference{owner},
	}}
	if err != nil || !reflect.DeepEqual(stripped, want) {
		t.Errorf("%+v, %v", stripped, err)
	}
	tombstone := cache.DeletedFinalStateUnknown{Key: "agent", Obj: want}
	if kept, err := StripForCache(tombstone); err != nil || !reflect.DeepEqual(kept, tombstone) {
		t.Errorf("a tombstone becomes %+v, %v", kept, err)
	}
}

func TestStripConferenceKeepsTheLabelsThatChildrenInherit(t *testing.T) {
	object := &v1alpha1.Conference{ObjectMeta: foreign()}
	stripped, err := stripConference(object)
	want := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Name: "agent", Finalizers: []string{v1alpha1.Finalizer}, Labels: foreign().Labels}}
	if err != nil || !reflect.DeepEqual(stripped, want) {
		t.Errorf("%+v, %v", stripped, err)
	}
	tombstone := cache.DeletedFinalStateUnknown{Key: "agent", Obj: want}
	if kept, err := stripConference(tombstone); err != nil || !reflect.DeepEqual(kept, tombstone) {
		t.Errorf("a tombstone becomes %+v, %v", kept, err)
	}
}

func TestC12OfAFinishedObjectOnlyTheEndIsCached(t *testing.T) {
	finished := metav1.Now()
	status := func(change func(*v1alpha1.ConferenceParticipantStatus)) v1alpha1.ConferenceParticipantStatus {
		s := v1alpha1.ConferenceParticipantStatus{
			ObservedGeneration: 3, CallState: v1alpha1.CallLeft, FinishTime: &finished, LastSyncedDigest: "digest",
			Conditions:  []metav1.Condition{{Type: "Ready", Status: "True", Reason: v1alpha1.ReasonParticipantLeft, Message: "It left.", ObservedGeneration: 3}},
			Participant: &v1alpha1.ParticipantState{CallSID: "call", Muted: true, DateCreated: "today"}, HandledAnnouncementIDs: []string{"closing"},
		}
		change(&s)
		return s
	}
	whole := status(func(*v1alpha1.ConferenceParticipantStatus) {}).Participant
	for name, c := range map[string]struct {
		change func(*v1alpha1.ConferenceParticipantStatus)
		kept   *v1alpha1.ParticipantState
	}{
		"left":         {func(*v1alpha1.ConferenceParticipantStatus) {}, &v1alpha1.ParticipantState{DateCreated: "today"}},
		"live":         {func(s *v1alpha1.ConferenceParticipantStatus) { s.CallState, s.FinishTime = v1alpha1.CallLive, nil }, whole},
		"never joined": {func(s *v1alpha1.ConferenceParticipantStatus) { s.CallState = v1alpha1.CallWaiting }, whole},
		"left, undated": {func(s *v1alpha1.ConferenceParticipantStatus) {
			s.Participant = &v1alpha1.ParticipantState{CallSID: "call"}
		}, nil},
	} {
		object, want := &v1alpha1.ConferenceParticipant{Status: status(c.change)}, status(c.change)
		want.Participant = c.kept
		if _, err := StripForCache(object); err != nil || !reflect.DeepEqual(object.Status, want) {
			t.Errorf("%s: %+v, %v", name, object.Status, err)
		}
	}
}

func TestStripForCacheDropsTheRestWithoutAllocating(t *testing.T) {
	object, full := &v1alpha1.ConferenceParticipant{}, foreign()
	allocations := testing.AllocsPerRun(100, func() {
		object.ObjectMeta = full
		if _, err := StripForCache(object); err != nil {
			t.Error(err)
		}
	})
	want := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Name: "agent", Finalizers: []string{v1alpha1.Finalizer}}}
	if !reflect.DeepEqual(object, want) {
		t.Errorf("%+v", object)
	}
	if allocations != 0 {
		t.Errorf("%.0f allocations for an object with nothing to keep", allocations)
	}
}
