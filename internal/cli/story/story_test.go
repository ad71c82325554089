package story

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/advice"
	"github.com/voiceops/conference-operator/internal/cli/edit"
	"github.com/voiceops/conference-operator/internal/testkit"
)

const number = "+15555550100"

func conditions(status metav1.ConditionStatus, reason string) []metav1.Condition {
	return []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: status, Reason: reason, Message: "As it is."}}
}

// child is a participant of the role host of the Conference all-hands.
func child() (*v1alpha1.ConferenceParticipant, *v1alpha1.Conference) {
	conference := &v1alpha1.Conference{
		ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: "all-hands"},
		Spec: v1alpha1.ConferenceSpec{
			AccountRef: v1alpha1.LocalReference{Name: "acme"}, FriendlyName: "all-hands",
			Roles: []v1alpha1.Role{
				{Name: "host", Match: []v1alpha1.RoleTerm{{EndConferenceOnExit: new(true)}, {Direction: v1alpha1.CallInbound, Numbers: []v1alpha1.PhoneNumber{number}}}},
				{Name: "panel", Match: []v1alpha1.RoleTerm{{NumbersSecretRef: &v1alpha1.SecretKeySelector{Name: "panel", Key: "numbers"}}, {DialedNumbers: []v1alpha1.PhoneNumber{number}}}},
				{Name: "audience"},
			},
		},
	}
	object := testkit.Participant("support", "all-hands-x", "acme", "0d6a0a7e-3b0a-4a41-8f0f-5c7d2a9b7e21", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31")
	object.Labels = map[string]string{v1alpha1.RoleLabel: "host"}
	object.OwnerReferences = []metav1.OwnerReference{{Kind: "Conference", Name: "all-hands", Controller: new(true)}}
	object.Spec.Muted = new(true)
	object.Status = v1alpha1.ConferenceParticipantStatus{
		Conditions: conditions(metav1.ConditionFalse, v1alpha1.ReasonContested), CallState: v1alpha1.CallLive,
		Participant: &v1alpha1.ParticipantState{EndConferenceOnExit: new(true)},
	}
	return object, conference
}

func text(t *testing.T, s Story) string {
	t.Helper()
	var written strings.Builder
	if err := s.Write(&written); err != nil {
		t.Fatal(err)
	}
	return written.String()
}

func wants(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in\n%s", part, got)
		}
	}
	if strings.Contains(got, number) {
		t.Errorf("a number is in\n%s", got)
	}
}

func TestAParticipantOfAPolicy(t *testing.T) {
	object, conference := child()
	object.Annotations = map[string]string{v1alpha1.PolicyAnnotation: `{"hold":true,"waits":true,"muted":true}`}
	object.Status.Once = []v1alpha1.OnceStatus{{Field: v1alpha1.OnceHold, Value: new(false), State: v1alpha1.OncePending}}
	object.Status.Announcement = &v1alpha1.AnnouncementStatus{ID: "hi", State: v1alpha1.AnnouncementAccepted}
	rival := *testkit.Participant("support", "by-hand", "acme", "c", "d")
	event := corev1.Event{Type: "Warning", Reason: "Contested", Message: "Somebody.", EventTime: metav1.MicroTime{Time: time.Unix(0, 0)}}
	newer := corev1.Event{Type: "Normal", Reason: "InSync", Message: "Later.", LastTimestamp: metav1.Time{Time: time.Unix(9, 0)}}
	got := text(t, OfParticipant(object, Facts{
		Conference: conference, Rivals: []v1alpha1.ConferenceParticipant{*object, rival}, Events: []corev1.Event{event, newer},
	}))
	wants(t, got,
		"It is made by Conference all-hands.", "It has the role host of Conference all-hands: the conference ends when this call leg leaves",
		"Declared: muted: true", "Observed: muted: false, hold: false, coaching: false (call live); the conference ends",
		"The hold is for a while: while the room waits for the role", "The mute is for a while", "Once hold: false is pending.",
		"Announcement hi is accepted.", "ConferenceParticipant by-hand is about the same call, written by hand.",
		"Differs:\n  muted is false, declared true\n", "Ready=False Contested: As it is.",
		"Who must act: the author of the object.", "    kubectl annotate cpart all-hands-x -n support",
		"1970-01-01 00:00:09 Normal InSync: Later.\n  1970-01-01 00:00:00 Warning Contested: Somebody.\n",
	)
}

func TestWhyARole(t *testing.T) {
	object, conference := child()
	object.Status.Participant.EndConferenceOnExit = nil
	for role, want := range map[string]string{
		"host":     "endConferenceOnExit: true, or inbound calls and one of 1 numbers of the far party",
		"panel":    "a number of the far party in Secret panel, key numbers, or one of 1 dialled numbers",
		"audience": "is for everybody that no role before it matches", "old": "the spec has no such role any more", "": "is not known yet",
	} {
		object.Labels[v1alpha1.RoleLabel] = role
		wants(t, text(t, OfParticipant(object, Facts{Conference: conference})), want)
	}
	wants(t, text(t, OfParticipant(object, Facts{})), "Conference all-hands is gone.")
}

func TestAHandWrittenParticipant(t *testing.T) {
	object, _ := child()
	object.OwnerReferences, object.Status = nil, v1alpha1.ConferenceParticipantStatus{}
	object.Spec = v1alpha1.ConferenceParticipantSpec{ParticipantToCoachRef: &v1alpha1.LocalReference{Name: "trainee"}}
	object.ManagedFields = []metav1.ManagedFieldsEntry{
		{Manager: "flux", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{}}`)},
		{Manager: "conference-operator", Subresource: "status", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{}}`)},
	}
	wants(t, text(t, OfParticipant(object, Facts{})), "It is written by hand (flux).", "participantToCoachRef: trainee",
		"Observed: never so far.", "The operator has not looked at this object so far.")
	object.Spec = v1alpha1.ConferenceParticipantSpec{}
	wants(t, text(t, OfParticipant(object, Facts{})), "Declared: nothing, so everything is left as it is.")
}

// What is waited for is told with what waits.
func TestTheAccountIsToBlame(t *testing.T) {
	object, _ := child()
	object.Status.Conditions = conditions(metav1.ConditionFalse, v1alpha1.ReasonWaitingForAccount)
	wants(t, text(t, OfParticipant(object, Facts{})), "The VoiceAccount does not exist.")
	account := testkit.Account("support", "acme", "https://acme.signalwire.com", "6f1c", "acme-voice")
	account.Status.Conditions = conditions(metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	wants(t, text(t, OfParticipant(object, Facts{Account: account})),
		"VoiceAccount acme: Ready=False SecretNotFound", "VoiceAccount acme SecretNotFound: The Secret with the token is missing",
		"kubectl create secret generic acme-voice -n support")
	wants(t, text(t, OfAccount(account, Facts{})), "Its token is in Secret acme-voice, key token.", "SecretNotFound: The Secret")
}

func TestARoom(t *testing.T) {
	object, conference := child()
	conference.Spec.WaitForRole = &v1alpha1.WaitForRole{Role: "host"}
	conference.Status = v1alpha1.ConferenceStatus{
		RoomState: v1alpha1.RoomLive, Counts: &v1alpha1.RoomCounts{Rooms: 1, Participants: 3, Muted: 2},
		Roles: []v1alpha1.RoleCount{{Name: "audience", Participants: 2}},
		Rooms: []v1alpha1.RoomStatus{{ConferenceSID: "0d6a", State: v1alpha1.RoomLive, Waiting: true}},
		Conditions: append(conditions(metav1.ConditionTrue, v1alpha1.ReasonInSync),
			metav1.Condition{Type: v1alpha1.ConditionWaiting, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonWaitingForRole},
			metav1.Condition{Type: v1alpha1.ConditionIdentified, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonLookupFailing}),
	}
	got := text(t, OfConference(conference, Facts{Children: []v1alpha1.ConferenceParticipant{*object}}))
	wants(t, got, `Room "all-hands", through VoiceAccount acme.`, "The room is live.", "3 in 1 rooms: 2 muted",
		"Conference 0d6a is live and waits for the role host.", "Role audience, 2 there: everybody else.",
		"Participant all-hands-x is Contested: As it is.", "WaitingForRole: Nobody of the role", "LookupFailing: More than half")
	conference.Spec.FriendlyName, conference.Spec.FriendlyNamePrefix = "", "case-"
	wants(t, text(t, OfConference(conference, Facts{})), `begins with "case-"`)
}

// For each documented state of each kind there is an answer.
func TestAnAnswerForEachReason(t *testing.T) {
	object, conference := child()
	account := testkit.Account("support", "acme", "https://acme.signalwire.com", "6f1c", "acme-voice")
	tell := map[string]func([]metav1.Condition) Story{
		advice.Participant: func(c []metav1.Condition) Story {
			object.Status.Conditions = c
			return OfParticipant(object, Facts{})
		},
		advice.Conference: func(c []metav1.Condition) Story {
			conference.Status.Conditions = c
			return OfConference(conference, Facts{})
		},
		advice.Account: func(c []metav1.Condition) Story {
			account.Status.Conditions = c
			return OfAccount(account, Facts{})
		},
	}
	for kind, of := range tell {
		for _, reason := range advice.Reasons(kind) {
			s := of(conditions(metav1.ConditionFalse, reason))
			if len(s.Answers) != 1 || s.Answers[0].Reason != reason || s.Answers[0].Acts == "" || len(s.Conditions) != 1 {
				t.Errorf("%s %s: %+v", kind, reason, s.Answers)
			}
		}
	}
	for status, want := range map[metav1.ConditionStatus]advice.Actor{metav1.ConditionTrue: advice.None, metav1.ConditionFalse: advice.Author} {
		if s := tell[advice.Participant](conditions(status, v1alpha1.ReasonParticipantLeft)); s.Answers[0].Acts != string(want) {
			t.Errorf("ParticipantLeft with Ready %s: %s acts", status, s.Answers[0].Acts)
		}
	}
	if s := tell[advice.Account](conditions(metav1.ConditionFalse, "Unheard")); !strings.Contains(s.Answers[0].Meaning, "does not know") {
		t.Errorf("a reason of a later version: %+v", s.Answers)
	}
}

// The policy that an object goes before is named, with the way back for what a verb took.
func TestAParticipantOutOfThePolicy(t *testing.T) {
	object, conference := child()
	object.Labels, object.OwnerReferences, object.Status.Participant = nil, nil, nil
	conference.Status.Participants = []v1alpha1.RoomParticipant{{CallSID: string(object.Spec.CallSID), ConferenceSID: string(object.Spec.ConferenceSID), Role: "audience"}}
	got := text(t, OfParticipant(object, Facts{Conference: conference}))
	wants(t, got, "It goes before the policy of Conference all-hands, in which the call leg has the role audience: it has no match")
	if strings.Contains(got, "kubectl conference release") {
		t.Errorf("an object that no verb has written can be released:\n%s", got)
	}
	object.Annotations = map[string]string{edit.TakenFromAnnotation: "all-hands"}
	conference.Status.Participants = nil
	wants(t, text(t, OfParticipant(object, Facts{Conference: conference})),
		"It goes before the policy of Conference all-hands.", "kubectl conference release all-hands-x -n support")
}

func TestACallLegWithoutAnObject(t *testing.T) {
	_, conference := child()
	seen := v1alpha1.RoomParticipant{CallSID: "leg", ConferenceSID: "room", Muted: true, Role: "panel"}
	conference.Status.Participants = []v1alpha1.RoomParticipant{seen}
	got := text(t, OfLeg(conference, "leg"))
	wants(t, got, "Call leg in namespace support", "in conference room, in a room of Conference all-hands",
		"It has the role panel: it matches a number of the far party in Secret panel", "Observed: muted: true", "kubectl conference why conf/all-hands -n support")
	conference.Status.Participants[0].Role = ""
	wants(t, text(t, OfLeg(conference, "leg")), "No role matches it, or it is not known yet which")
	conference.Spec.Roles = nil
	wants(t, text(t, OfLeg(conference, "leg")), "has no roles, and only looks")
}
