package operator

import (
	"reflect"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/participant"
	"github.com/voiceops/conference-operator/internal/metrics"
)

// conditions are what the controllers write for one condition that is true beside Ready.
func conditions(kind, reason string) []metav1.Condition {
	ready := metav1.Condition{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: reason}
	if kind == v1alpha1.ConditionReady {
		ready.Status = metav1.ConditionTrue
		return []metav1.Condition{ready}
	}
	return []metav1.Condition{ready, {Type: kind, Status: metav1.ConditionTrue, Reason: reason}}
}

// counted returns a client with objects.
func counted(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
}

func TestEachAccountAndConferenceIsCounted(t *testing.T) {
	account := func(name string, generation int64, kind, reason string) *v1alpha1.VoiceAccount {
		found := &v1alpha1.VoiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: name, Generation: generation}}
		found.Status = v1alpha1.VoiceAccountStatus{ObservedGeneration: 2, Conditions: conditions(kind, reason)}
		return found
	}
	room := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: "all-hands", Generation: 2}}
	room.Status = v1alpha1.ConferenceStatus{ObservedGeneration: 2, Conditions: conditions(v1alpha1.ConditionStalled, v1alpha1.ReasonNotApplied)}
	room.Status.Counts = &v1alpha1.RoomCounts{Participants: 7, NotReady: 4}
	reader := counted(t, room,
		account("accepted", 2, v1alpha1.ConditionReady, v1alpha1.ReasonTokenAccepted),
		account("edited", 3, v1alpha1.ConditionReady, v1alpha1.ReasonTokenAccepted),
		account("refused", 2, v1alpha1.ConditionStalled, v1alpha1.ReasonUnauthorized),
		account("suspended", 2, v1alpha1.ConditionSuspended, v1alpha1.ReasonSuspended),
	)
	want := metrics.Objects{
		Accounts: []metrics.Object{
			{Namespace: "support", Name: "accepted", Ready: true, Reason: v1alpha1.ReasonTokenAccepted},
			{Namespace: "support", Name: "refused", Reason: v1alpha1.ReasonUnauthorized},
		},
		Conferences: []metrics.Object{
			{Namespace: "support", Name: "all-hands", Reason: v1alpha1.ReasonNotApplied, Participants: 7, NotReady: 4},
		},
	}
	if found := objectCounter(t.Context(), reader)(); !reflect.DeepEqual(found, want) {
		t.Errorf("%+v", found)
	}
	want.Conferences = nil
	if found := objectCounter(t.Context(), gatedClient{reader, &gate{}})(); !reflect.DeepEqual(found, want) {
		t.Errorf("before Conferences are served: %+v", found)
	}
}

func TestParticipantsAreCountedByWhatTheyReport(t *testing.T) {
	leg := func(name, kind, reason string) *v1alpha1.ConferenceParticipant {
		found := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: name}}
		found.Status.Conditions = conditions(kind, reason)
		return found
	}
	fresh := leg("fresh", v1alpha1.ConditionReady, v1alpha1.ReasonInSync)
	fresh.Status.ObservedGeneration = -1
	count := func(objects ...client.Object) map[metrics.Report]int {
		return participant.Counter(t.Context(), counted(t, objects...))().Reports
	}
	found := count(fresh,
		leg("a", v1alpha1.ConditionReady, v1alpha1.ReasonInSync), leg("b", v1alpha1.ConditionReady, v1alpha1.ReasonInSync),
		leg("c", v1alpha1.ConditionStalled, v1alpha1.ReasonContested), leg("d", v1alpha1.ConditionReconciling, v1alpha1.ReasonConverging))
	want := map[metrics.Report]int{
		{Status: "ready", Reason: "InSync"}: 2, {Status: "stalled", Reason: "Contested"}: 1,
		{Status: "reconciling", Reason: "Converging"}: 1, {Status: "unknown"}: 1,
	}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("%+v", found)
	}
	if found := count(); !reflect.DeepEqual(found, map[metrics.Report]int{{Status: "ready", Reason: "InSync"}: 0}) {
		t.Errorf("without participants: %+v", found)
	}
}
