package view

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	roomSID = "0d6a0a7e-3b0a-4a41-8f0f-5c7d2a9b7e21"
	host    = "11111111-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	guest   = "22222222-7d1e-4c7e-b1c9-3f1f5b8a2c31"
)

func ready(reason string) []metav1.Condition {
	return []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: reason}}
}

// allHands is a room with a host, and a guest that a hand-written object is about.
func allHands() Objects {
	conference := v1alpha1.Conference{
		ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: "all-hands"},
		Spec:       v1alpha1.ConferenceSpec{AccountRef: v1alpha1.LocalReference{Name: "acme"}, FriendlyName: "all-hands"},
		Status: v1alpha1.ConferenceStatus{
			Conditions: ready(v1alpha1.ReasonInSync), RoomState: v1alpha1.RoomLive,
			Counts: &v1alpha1.RoomCounts{Participants: 7},
			Rooms:  []v1alpha1.RoomStatus{{ConferenceSID: roomSID, State: v1alpha1.RoomLive}},
			Participants: []v1alpha1.RoomParticipant{
				{CallSID: host, ConferenceSID: roomSID, Role: "host"},
				{CallSID: guest, ConferenceSID: roomSID, Role: "audience", Muted: true},
			},
		},
	}
	participant := func(name, role string, owner bool) v1alpha1.ConferenceParticipant {
		p := v1alpha1.ConferenceParticipant{
			ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: name, Labels: map[string]string{v1alpha1.RoleLabel: role}},
			Spec:       v1alpha1.ConferenceParticipantSpec{AccountRef: conference.Spec.AccountRef, ConferenceSID: roomSID, CallSID: guest},
			Status: v1alpha1.ConferenceParticipantStatus{
				Conditions: ready(v1alpha1.ReasonInSync), CallState: v1alpha1.CallLive, Participant: &v1alpha1.ParticipantState{Hold: true},
			},
		}
		if owner {
			p.OwnerReferences = []metav1.OwnerReference{{Kind: "Conference", Name: "all-hands", Controller: new(true)}}
		}
		return p
	}
	return Objects{
		Conferences:  []v1alpha1.Conference{conference},
		Participants: []v1alpha1.ConferenceParticipant{participant("call-22", "", false), participant("all-hands-x", "audience", true)},
	}
}

func written(t *testing.T, list List, style Style) string {
	t.Helper()
	var text strings.Builder
	if err := Write(&text, list, style); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestAHandWrittenObjectGoesBeforeAChild(t *testing.T) {
	const want = `all-hands  live  7 in it  conf/all-hands InSync
  ROLE       CALL       AUDIO           REASON   OBJECT
  audience   22222222   open, on hold   InSync   call-22 (by hand)
  host       11111111   open            -        -
`
	objects := allHands()
	if got := written(t, Of(objects), Style{}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	slices.Reverse(objects.Participants)
	if got := written(t, Of(objects), Style{}); got != want {
		t.Errorf("in the other order\n%s", got)
	}
}

func TestColourIsOnlyColour(t *testing.T) {
	list := Of(allHands())
	coloured := written(t, list, Style{Colour: true})
	bare := coloured
	for _, code := range []string{"0", bold, green, yellow, red, faint} {
		bare = strings.ReplaceAll(bare, "\x1b["+code+"m", "")
	}
	if bare != written(t, list, Style{}) || bare == coloured {
		t.Errorf("got %q", coloured)
	}
	if wide := written(t, list, Style{Wide: true, Namespaces: true}); !strings.Contains(wide, guest) || !strings.Contains(wide, roomSID) || !strings.Contains(wide, "namespace support") {
		t.Errorf("wide has no SIDs:\n%s", wide)
	}
}

func TestAConferenceWithoutARoomAndAParticipantWithoutAConference(t *testing.T) {
	objects := allHands()
	objects.Conferences[0].Status = v1alpha1.ConferenceStatus{RoomState: v1alpha1.RoomNone, Conditions: ready(v1alpha1.ReasonNoRoom)}
	objects.Participants = objects.Participants[:1]
	got := written(t, Of(objects), Style{})
	for _, want := range []string{"all-hands  none  0 in it  conf/all-hands NoRoom", roomSID + "  unknown  1 in it  no Conference"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	objects.Conferences[0].Spec.FriendlyName, objects.Conferences[0].Spec.FriendlyNamePrefix = "", "case-"
	objects.Participants[0].Labels[v1alpha1.ConferenceLabel] = "all-hands"
	if got := written(t, Of(objects), Style{}); !strings.Contains(got, "case-*  unknown  1 in it  conf/all-hands NoRoom") {
		t.Errorf("with a prefix:\n%s", got)
	}
	if got := written(t, List{}, Style{}); !strings.HasPrefix(got, "No Conference") {
		t.Errorf("nothing: %s", got)
	}
}

func TestWhatTheProviderShows(t *testing.T) {
	seen := Observed{
		Namespace: "support", Account: "acme",
		Room:         voice.Conference{SID: roomSID, FriendlyName: "all-hands", Status: voice.ConferenceInProgress},
		Participants: []voice.Participant{{CallSID: guest, Muted: true}, {CallSID: "33333333", Phase: voice.PhaseRinging}},
		Numbers:      map[string]string{guest: "+15555550100"},
	}
	other := seen
	other.Room = voice.Conference{SID: "9", FriendlyName: "elsewhere", Status: voice.ConferenceInit}
	other.Participants, other.Numbers = nil, nil
	const want = `all-hands  live  2 in it  conf/all-hands InSync
  ROLE       CALL       AUDIO           REASON   OBJECT              NUMBER
  -          33333333   not there yet   -        -                   withheld
  audience   22222222   muted           InSync   call-22 (by hand)   +15555550100

elsewhere  waiting  0 in it  no Conference
`
	if got := written(t, Observe(Of(allHands()), []Observed{seen, other}), Style{}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	other.Room.FriendlyName = "\x1b[2Jcleared"
	if got := written(t, Observe(List{}, []Observed{other}), Style{}); strings.Contains(got, "\x1b") || strings.Contains(strings.Join(Changes(List{}, Observe(List{}, []Observed{other})), ""), "\x1b") {
		t.Errorf("a name rewrites the terminal: %q", got)
	}
	if got := written(t, Observe(Of(allHands()), nil), Style{}); !strings.HasPrefix(got, "all-hands  none  0 in it  conf/all-hands") {
		t.Errorf("without a room:\n%s", got)
	}
	next := seen
	next.Room.SID = "another"
	if got := Observe(Of(allHands()), []Observed{next}); len(got.Rooms) != 1 || got.Rooms[0].Legs[0].Object != "" || got.Rooms[0].Conference == "" {
		t.Errorf("a new room of the name: %+v", got)
	}
}

func TestChanges(t *testing.T) {
	before := Of(allHands())
	objects := allHands()
	objects.Participants[0].Status.Participant.Muted = true
	objects.Conferences[0].Status.Participants = objects.Conferences[0].Status.Participants[1:]
	objects.Conferences[0].Status.Conditions = ready(v1alpha1.ReasonConverging)
	want := []string{
		"all-hands audience 22222222: muted, on hold, was open, on hold (InSync)",
		"all-hands host 11111111 is gone",
		"conf/all-hands: Converging, was InSync",
	}
	if got := Changes(before, Of(objects)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := Changes(before, before); len(got) > 0 {
		t.Errorf("nothing has changed: %q", got)
	}
	if got := Changes(List{}, before); len(got) != 3 || got[1] != "all-hands host 11111111 is there: open" {
		t.Errorf("from nothing: %q", got)
	}
	objects = allHands()
	objects.Participants[0].Status.Conditions = ready(v1alpha1.ReasonYielded)
	if got := Changes(before, Of(objects)); !slices.Equal(got, []string{"all-hands audience 22222222: Yielded, was InSync"}) {
		t.Errorf("a reason: %q", got)
	}
}

func TestAudio(t *testing.T) {
	for want, leg := range map[string]Leg{
		"whispers to 11111111": {Coaching: true, Coachee: host}, "listens to 11111111": {Coaching: true, Muted: true, Coachee: host},
		"has left": {Call: "Left", Muted: true}, "muted": {Muted: true, Call: "Live"},
	} {
		if got := leg.Audio(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
