package preview

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	room        = "room"
	hostNumber  = "+15555550100"
	guestNumber = "+15555550142"
)

// scene has a host and a guest in a room, and nothing declared.
func scene() Scene {
	return Scene{Now: time.Unix(1_800_000_000, 0), Rooms: map[string][]voice.Participant{room: {
		{CallSID: "host", EndConferenceOnExit: new(true)}, {CallSID: "guest", EndConferenceOnExit: new(false)},
	}}}
}

func participant(t *testing.T, spec string) *v1alpha1.ConferenceParticipant {
	t.Helper()
	object := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Name: "agent"}}
	if err := yaml.UnmarshalStrict([]byte("{conferenceSID: room, callSID: guest, "+spec+"}"), &object.Spec); err != nil {
		t.Fatal(err)
	}
	return object
}

func text(t *testing.T, p Preview) string {
	t.Helper()
	var written strings.Builder
	if err := p.Write(&written); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(written.String(), hostNumber) || strings.Contains(written.String(), guestNumber) {
		t.Errorf("a number is in\n%s", written.String())
	}
	return written.String()
}

func TestParticipant(t *testing.T) {
	for _, c := range []struct {
		what, spec string
		change     func(*Scene, *v1alpha1.ConferenceParticipant)
		want       string
	}{
		{"a difference", "muted: true", nil, "send Muted=true: muted is false, declared true"},
		{"no difference", "muted: false", nil, "send nothing: Every declared field is as declared."},
		{"music", "hold: true, holdURL: https://m", nil, "send Hold=true HoldMethod=POST HoldUrl=https://m: hold is false, declared true"},
		{"a whisper is built muted", "muted: false, coaching: true, callSIDToCoach: host", nil, "send CallSidToCoach=host Coaching=true Muted=true"},
		{"a coachee that is on hold", "coaching: true, callSIDToCoach: host", func(s *Scene, _ *v1alpha1.ConferenceParticipant) {
			s.Rooms[room][0].Hold = true
		}, "send nothing: The participant to coach is on hold;"},
		{"a coachee that is not there", "coaching: true, callSIDToCoach: x", nil, "send nothing: The participant to coach is not in the conference yet."},
		{"a coachee that rings", "coaching: true, callSIDToCoach: host", func(s *Scene, _ *v1alpha1.ConferenceParticipant) {
			s.Rooms[room][0].Phase = voice.PhaseRinging
		}, "was not answered yet"},
		{"a coachee by reference", "participantToCoachRef: {name: host}", func(s *Scene, _ *v1alpha1.ConferenceParticipant) {
			s.Participants = []v1alpha1.ConferenceParticipant{{ObjectMeta: metav1.ObjectMeta{Name: "host"}, Spec: v1alpha1.ConferenceParticipantSpec{ConferenceSID: room, CallSID: "host"}}}
		}, "send CallSidToCoach=host Coaching=true"},
		{"a reference to nothing", "participantToCoachRef: {name: host}", nil, "ConferenceParticipant host, the one to coach, does not exist in this namespace yet."},
		{"a reference to itself", "participantToCoachRef: {name: agent}", func(s *Scene, p *v1alpha1.ConferenceParticipant) {
			s.Participants = []v1alpha1.ConferenceParticipant{*p}
		}, "send nothing: participantToCoachRef agent is this very participant"},
		{"a reference to another conference", "participantToCoachRef: {name: host}", func(s *Scene, _ *v1alpha1.ConferenceParticipant) {
			s.Participants = []v1alpha1.ConferenceParticipant{{ObjectMeta: metav1.ObjectMeta{Name: "host"}, Spec: v1alpha1.ConferenceParticipantSpec{ConferenceSID: "x", CallSID: "host"}}}
		}, "send nothing: ConferenceParticipant host is in another conference or account"},
		{"what is done once", "once: {hold: true}", nil, "send Hold=true"},
		{"drift that is left alone", "muted: true, driftPolicy: Report", func(_ *Scene, p *v1alpha1.ConferenceParticipant) {
			p.Status.LastSyncedDigest = digestOf(p)
		}, "send nothing: driftPolicy Report leaves alone"},
		{"not there", "muted: true", func(s *Scene, _ *v1alpha1.ConferenceParticipant) { s.Rooms = nil }, "send nothing: the call is not in the conference"},
		{"rings", "muted: true", func(s *Scene, _ *v1alpha1.ConferenceParticipant) { s.Rooms[room][1].Phase = voice.PhaseRinging }, "not answered yet"},
		{"has ended", "muted: true", func(s *Scene, _ *v1alpha1.ConferenceParticipant) { s.Rooms[room][1].Phase = voice.PhaseEnded }, "has ended"},
		{"mode Observe", "muted: true, mode: Observe", nil, "send nothing: mode Observe only looks; mode Enforce would send Muted=true"},
		{"suspended", "muted: true, suspend: true", nil, "send nothing: spec.suspend is true"},
		{"an older object", "muted: true", func(s *Scene, p *v1alpha1.ConferenceParticipant) {
			older := *p.DeepCopy()
			older.Name, older.CreationTimestamp = "older", metav1.NewTime(s.Now.Add(-time.Hour))
			s.Participants = append(s.Participants, older)
		}, "ConferenceParticipant older is about the same call and goes first"},
		{"an older object that is finished", "muted: true", func(s *Scene, p *v1alpha1.ConferenceParticipant) {
			older := *p.DeepCopy()
			older.Name, older.CreationTimestamp = "older", metav1.NewTime(s.Now.Add(-time.Hour))
			older.Status.FinishTime = new(metav1.NewTime(s.Now))
			s.Participants = append(s.Participants, older)
		}, "send Muted=true"},
		{"a child of a Conference goes after it", "muted: true", func(s *Scene, p *v1alpha1.ConferenceParticipant) {
			child := *p.DeepCopy()
			child.Name, child.OwnerReferences = "child", []metav1.OwnerReference{{Name: "all-hands", Controller: new(true)}}
			s.Participants = append(s.Participants, child)
		}, "send Muted=true"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s, object := scene(), participant(t, c.spec)
			if c.change != nil {
				c.change(&s, object)
			}
			if got := text(t, s.Participant(object)); !strings.Contains(got, c.want) {
				t.Errorf("%q is not in\n%s", c.want, got)
			}
		})
	}
}

func conference(t *testing.T, spec string) *v1alpha1.Conference {
	t.Helper()
	object := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Name: "all-hands"}}
	if err := yaml.UnmarshalStrict([]byte("accountRef: {name: acme}\n"+spec), &object.Spec); err != nil {
		t.Fatal(err)
	}
	return object
}

const policyOf = "friendlyName: all-hands\nroles: [{name: host, match: [{endConferenceOnExit: true}], muted: false}, {name: audience, muted: true}]"

func TestConference(t *testing.T) {
	rooms := []voice.Conference{{SID: room, FriendlyName: "all-hands", Status: voice.ConferenceInProgress}, {SID: "x", FriendlyName: "other"}}
	callers := Callers{Hasher: policy.NewHasher([]byte("key"))}
	host, guest := policy.ChildName("all-hands", room, "host"), policy.ChildName("all-hands", room, "guest")
	s := scene()
	want := `Conference all-hands
  room all-hands (room), 2 in it
    create ` + guest + `, audience of call guest
      send Muted=true: muted is false, declared true
    create ` + host + `, host of call host
      send nothing: Every declared field is as declared.
`
	if got := text(t, s.Conference(conference(t, policyOf), rooms, callers)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for what, c := range map[string]struct{ spec, want string }{
		"observes":  {policyOf + "\nmode: Observe", "mode Enforce would:\n  room all-hands (room), 2 in it\n    create " + guest},
		"suspended": {policyOf + "\nsuspend: true", "spec.suspend is true, so that nothing is made"},
		"no roles":  {"friendlyName: all-hands", "It has no roles, and only looks.\n  room all-hands (room), 2 in it\n    nothing is declared"},
		"no room":   {strings.Replace(policyOf, "friendlyName: all-hands", "friendlyName: none", 1), "No room of that name is in progress"},
	} {
		if got := text(t, s.Conference(conference(t, c.spec), rooms, callers)); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q is not in\n%s", what, c.want, got)
		}
	}
}

func TestConferenceWithNumbers(t *testing.T) {
	rooms := []voice.Conference{{SID: room, FriendlyName: "all-hands", Status: voice.ConferenceInProgress}}
	key := v1alpha1.SecretKeySelector{Name: "hosts", Key: "numbers"}
	callers := Callers{Hasher: policy.NewHasher([]byte("key")), Numbers: map[v1alpha1.SecretKeySelector][]string{key: {hostNumber}}, Calls: map[string]voice.Call{
		"host":  {Direction: voice.Inbound, From: hostNumber, To: guestNumber},
		"guest": {Direction: voice.Outbound, From: hostNumber, To: guestNumber},
	}}
	object := conference(t, "friendlyName: all-hands\nroles: [{name: host, match: [{numbersSecretRef: {name: hosts, key: numbers}}], hold: true}]")
	got := text(t, scene().Conference(object, rooms, callers))
	if strings.Count(got, "create") != 1 || !strings.Contains(got, "host of call host") {
		t.Errorf("got\n%s", got)
	}
	callers.Numbers = nil
	if got := text(t, scene().Conference(object, rooms, callers)); !strings.Contains(got, "call guest: it is not known whether it has the role host") {
		t.Errorf("a Secret that was not read:\n%s", got)
	}
	callers.Calls = nil
	if got := text(t, scene().Conference(object, rooms, callers)); !strings.Contains(got, "nothing is declared for those") {
		t.Errorf("calls that nobody knows:\n%s", got)
	}
}

func TestConferenceBesideOthers(t *testing.T) {
	rooms := []voice.Conference{{SID: room, FriendlyName: "all-hands", Status: voice.ConferenceInProgress}}
	callers := Callers{Hasher: policy.NewHasher([]byte("key"))}
	s, prefix := scene(), conference(t, strings.Replace(policyOf, "friendlyName: all-hands", "friendlyNamePrefix: all", 1))
	exact := *conference(t, policyOf)
	prefix.Name = "every"
	s.Conferences = []v1alpha1.Conference{exact, *prefix}
	if got := text(t, s.Conference(prefix, rooms, callers)); !strings.Contains(got, "Conference all-hands goes first in this room") || strings.Contains(got, "create") {
		t.Errorf("a prefix beside an exact name:\n%s", got)
	}
	twin, oldest := exact, exact
	twin.Name, oldest.Name = "a-twin", "oldest"
	exact.CreationTimestamp = metav1.NewTime(s.Now)
	twin.CreationTimestamp, oldest.CreationTimestamp = exact.CreationTimestamp, metav1.NewTime(s.Now.Add(-time.Hour))
	for want, others := range map[string][]v1alpha1.Conference{"a-twin": {twin}, "oldest": {twin, oldest}} {
		s.Conferences = others
		if got := text(t, s.Conference(&exact, rooms, callers)); !strings.Contains(got, "Conference "+want+" goes first in this room") {
			t.Errorf("beside %s:\n%s", want, got)
		}
	}
	s.Conferences = []v1alpha1.Conference{exact, *prefix}
	byHand := *participant(t, "muted: false")
	child := *byHand.DeepCopy()
	child.Name, child.Spec.CallSID = policy.ChildName("all-hands", room, "host"), "host"
	child.OwnerReferences = []metav1.OwnerReference{{Kind: "Conference", Name: "all-hands", Controller: new(true)}}
	s.Participants = []v1alpha1.ConferenceParticipant{byHand, child}
	got := text(t, s.Conference(&exact, rooms, callers))
	if !strings.Contains(got, "update "+child.Name) || strings.Contains(got, "of call guest") {
		t.Errorf("with a child, and a call leg out of the policy:\n%s", got)
	}
	child.Spec.CallSID = "guest"
	child.Name = policy.ChildName("all-hands", room, "guest")
	s.Participants = []v1alpha1.ConferenceParticipant{byHand, child}
	if got := text(t, s.Conference(&exact, rooms, callers)); !strings.Contains(got, "delete "+child.Name) {
		t.Errorf("a child of a call leg that is out of the policy:\n%s", got)
	}
}

func digestOf(p *v1alpha1.ConferenceParticipant) string { return plan.DesiredOf(&p.Spec).Digest }
