package v1alpha1_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

func (s *apiServer) participantTable(t *testing.T) {
	object := testkit.Participant(s.namespace, "shown", "acme", conferenceSID, callSID)
	object.Spec.Suspend = true
	object.Labels = map[string]string{v1alpha1.RoleLabel: "audience"}
	s.create(t, object)
	object.Status.CallState = v1alpha1.CallLive
	object.Status.Participant = &v1alpha1.ParticipantState{Muted: true, Coaching: true}
	object.Status.Announcement = &v1alpha1.AnnouncementStatus{ID: "closing", State: v1alpha1.AnnouncementAccepted}
	object.Status.Conditions = []metav1.Condition{ready(v1alpha1.ReasonInSync)}
	s.wantRow(t, object, "conferenceparticipants",
		[]string{"Name=shown", "Muted=true", "Hold=false", "Coaching=true", "Ready=True", "Reason=InSync", "Call=Live", "Age"},
		[]string{"Role=audience", "Conference=" + conferenceSID, "Call SID=" + callSID, "Suspended=true", "Announcement=Accepted"})
}

func (s *apiServer) accountTable(t *testing.T) {
	object := testkit.Account(s.namespace, "shown", space, accountSID, "acme-voice")
	object.Spec.Suspend = true
	s.create(t, object)
	object.Status.Conditions = []metav1.Condition{ready(v1alpha1.ReasonTokenAccepted)}
	s.wantRow(t, object, "voiceaccounts",
		[]string{"Name=shown", "Ready=True", "Reason=TokenAccepted", "Age"},
		[]string{"Suspended=true", "Base URL=" + space, "Account=" + accountSID})
}

func (s *apiServer) conferenceTable(t *testing.T) {
	object := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "shown"}, Spec: v1alpha1.ConferenceSpec{
		AccountRef: v1alpha1.LocalReference{Name: "acme"}, FriendlyName: "all-hands",
	}}
	s.create(t, object)
	object.Status.RoomState = v1alpha1.RoomLive
	object.Status.Counts = &v1alpha1.RoomCounts{Rooms: 1, Participants: 214, Managed: 213, Muted: 209, Unidentified: 2}
	object.Status.Conditions = []metav1.Condition{ready(v1alpha1.ReasonInSync)}
	s.wantRow(t, object, "conferences",
		[]string{"Name=shown", "Room=Live", "People=214", "Muted=209", "Ready=True", "Reason=InSync", "Age"},
		[]string{"Friendly Name=all-hands", "Prefix=<nil>", "Unidentified=2"})
}

func ready(reason string) metav1.Condition {
	return metav1.Condition{
		Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: reason, LastTransitionTime: metav1.Now(),
	}
}

// wantRow stores the object's status and checks what kubectl get would show of
// it, and with -o wide besides. Of an age only the column is checked.
func (s *apiServer) wantRow(t *testing.T, object client.Object, resource string, narrow, wide []string) {
	t.Helper()
	if err := s.client.Status().Update(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	raw, err := s.discovery(t).RESTClient().Get().
		AbsPath("apis", v1alpha1.GroupVersion.Group, v1alpha1.GroupVersion.Version).
		Namespace(s.namespace).Resource(resource).Name(object.GetName()).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := &metav1.Table{}
	if err := json.Unmarshal(raw, table); err != nil {
		t.Fatal(err)
	}
	found := map[int32][]string{}
	for i, column := range table.ColumnDefinitions {
		cell := column.Name
		if column.Name != "Age" {
			cell = fmt.Sprintf("%s=%v", column.Name, table.Rows[0].Cells[i])
		}
		found[column.Priority] = append(found[column.Priority], cell)
	}
	if !slices.Equal(found[0], narrow) || !slices.Equal(found[1], wide) {
		t.Errorf("found %q, wide %q\nwant  %q, wide %q", found[0], found[1], narrow, wide)
	}
}

func (s *apiServer) discovery(t *testing.T) *discovery.DiscoveryClient {
	t.Helper()
	made, err := discovery.NewDiscoveryClientForConfig(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (s *apiServer) selectableFields(t *testing.T) {
	namespace, err := s.NewNamespace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.create(t, testkit.Participant(namespace, "one", "acme", conferenceSID, callSID))
	s.create(t, testkit.Participant(namespace, "two", "other", accountSID, otherSID))
	for field, value := range map[string]string{
		"spec.conferenceSID": conferenceSID, "spec.callSID": callSID, "spec.accountRef.name": "acme",
	} {
		found := &v1alpha1.ConferenceParticipantList{}
		err := s.client.List(t.Context(), found, client.InNamespace(namespace), client.MatchingFields{field: value})
		if err != nil || len(found.Items) != 1 || found.Items[0].Name != "one" {
			t.Errorf("%s=%s: found %+v, %v, want one", field, value, found.Items, err)
		}
	}
	for name, spec := range map[string]v1alpha1.ConferenceSpec{
		"one":   {AccountRef: v1alpha1.LocalReference{Name: "acme"}, FriendlyName: "all-hands"},
		"two":   {AccountRef: v1alpha1.LocalReference{Name: "other"}, FriendlyName: "support"},
		"three": {AccountRef: v1alpha1.LocalReference{Name: "other"}, FriendlyNamePrefix: "all-hands"},
	} {
		s.create(t, &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: spec})
	}
	for field, value := range map[string]string{"spec.friendlyName": "all-hands", "spec.accountRef.name": "acme"} {
		found := &v1alpha1.ConferenceList{}
		err := s.client.List(t.Context(), found, client.InNamespace(namespace), client.MatchingFields{field: value})
		if err != nil || len(found.Items) != 1 || found.Items[0].Name != "one" {
			t.Errorf("%s=%s: found %+v, %v, want one", field, value, found.Items, err)
		}
	}
}

func (s *apiServer) namesAndCategories(t *testing.T) {
	served, err := s.discovery(t).ServerResourcesForGroupVersion(v1alpha1.GroupVersion.String())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, resource := range served.APIResources {
		if !resource.Namespaced {
			t.Errorf("%s is not namespaced", resource.Name)
		}
		found[resource.Name] = slices.Concat(resource.ShortNames, resource.Categories)
	}
	want := map[string][]string{
		"conferences": {"conf", "voice"}, "conferences/status": nil,
		"conferenceparticipants": {"cpart", "voice"}, "conferenceparticipants/status": nil,
		"voiceaccounts": {"va", "voice"}, "voiceaccounts/status": nil,
	}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
}
