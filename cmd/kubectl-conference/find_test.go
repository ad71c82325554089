package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/edit"
	"github.com/voiceops/conference-operator/internal/cli/view"
)

const (
	first  = "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	second = "9b1f6a52-0000-4c7e-b1c9-3f1f5b8a2c31"
	bare   = "1c1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
)

// objects are a Conference with three call legs: two with a child, one of which is
// taken out by hand, and one that nothing is declared for.
func objects() view.Objects {
	participant := func(name, callSID, owner string, age int64) v1alpha1.ConferenceParticipant {
		p := v1alpha1.ConferenceParticipant{
			ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Unix(age, 0))},
			Spec:       v1alpha1.ConferenceParticipantSpec{AccountRef: v1alpha1.LocalReference{Name: "acme"}, ConferenceSID: "room", CallSID: v1alpha1.SID(callSID)},
		}
		if owner != "" {
			p.OwnerReferences = []metav1.OwnerReference{{Name: owner, Controller: new(true)}}
		}
		return p
	}
	gone := participant("gone", second, "", 0)
	gone.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	return view.Objects{
		Conferences: []v1alpha1.Conference{{
			ObjectMeta: metav1.ObjectMeta{Name: "all-hands"}, Spec: v1alpha1.ConferenceSpec{AccountRef: v1alpha1.LocalReference{Name: "acme"}},
			Status: v1alpha1.ConferenceStatus{Participants: []v1alpha1.RoomParticipant{
				{CallSID: first, ConferenceSID: "room"}, {CallSID: second, ConferenceSID: "room"}, {CallSID: bare, ConferenceSID: "room"},
			}},
		}},
		Participants: []v1alpha1.ConferenceParticipant{
			participant("younger", first, "", 9), participant("older", first, "", 5), participant("child", first, "all-hands", 1),
			participant("other", second, "all-hands", 1), gone,
		},
	}
}

func TestSearch(t *testing.T) {
	for name, want := range map[string]string{
		"younger": "older child all-hands", "cpart/child": "older child all-hands", "other": "- other all-hands",
		first: "older child all-hands", strings.ToUpper(first[:13]): "older child all-hands", bare[:8]: "- - all-hands",
		"nothing": "no ConferenceParticipant of this name", "1c1f": "no ConferenceParticipant of this name",
		first[:8]: "may be any of 2 calls", "conf/all-hands": "conf/all-hands is no participant",
	} {
		found, err := search(objects(), "support", name)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			object, child := "-", "-"
			if found.object != nil {
				object = found.object.Name
			}
			if found.leg.Child != nil {
				child = found.leg.Child.Name
			}
			got = strings.Join([]string{object, child, found.leg.Conference}, " ")
			if found.leg.Account != "acme" || found.leg.Namespace != "support" || found.leg.ConferenceSID != "room" {
				t.Errorf("%s: %+v", name, found.leg)
			}
		}
		if !strings.HasPrefix(got, want) && !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// An object that claims nothing is in the way of no other.
func TestSearchBesideAnObserver(t *testing.T) {
	found := objects()
	for i := range found.Participants {
		if name := found.Participants[i].Name; name == "younger" || name == "older" {
			found.Participants[i].Spec.Mode = v1alpha1.ModeObserve
		}
	}
	beside, err := search(found, "support", first)
	if err != nil || beside.object != nil || beside.leg.Child == nil {
		t.Errorf("beside a child: %+v, %v", beside, err)
	}
	alone, err := search(view.Objects{Participants: found.Participants[:1]}, "support", first)
	if err != nil || alone.object == nil || codeOf(sendable(alone)) != exitRefused {
		t.Errorf("alone: %+v, %v", alone, err)
	}
}

func TestSendable(t *testing.T) {
	found, err := search(objects(), "support", "other")
	if err != nil || sendable(found) != nil {
		t.Fatalf("%v, %v", err, sendable(found))
	}
	found.leg.Child.Spec.Suspend = true
	if err := sendable(found); codeOf(err) != exitRefused || !strings.Contains(err.Error(), "So says Conference all-hands.") {
		t.Errorf("suspended: %v", err)
	}
	found.leg.Child.Spec.Suspend, found.leg.Child.Spec.Mode = false, v1alpha1.ModeObserve
	if err := sendable(found); codeOf(err) != exitRefused {
		t.Errorf("observed: %v", err)
	}
	found.leg.Child.Status.CallState = v1alpha1.CallLeft
	if err := sendable(found); !errors.Is(err, errLeft) || codeOf(err) != exitFailed {
		t.Errorf("left: %v", err)
	}
	found.leg.Child = nil
	if err := sendable(found); err != nil {
		t.Errorf("nothing is declared: %v", err)
	}
}

func TestCodes(t *testing.T) {
	if codeOf(fmt.Errorf("wrapped: %w", edit.Refuse("no"))) != 2 || codeOf(errors.New("failed")) != 1 {
		t.Error("the exit codes are not as documented")
	}
	unserved := fmt.Errorf("list: %w", &meta.NoKindMatchError{})
	if got := explain(unserved); !errors.Is(got, unserved) || !strings.Contains(got.Error(), "CRDs are not installed") {
		t.Error(got)
	}
	if failed := errors.New("failed"); !errors.Is(failed, explain(failed)) {
		t.Error("another error is explained")
	}
}

func TestKindOf(t *testing.T) {
	for name, want := range map[string][2]string{
		"x": {"", "x"}, "cpart/x": {"cpart", "x"}, "conf/x": {"conf", "x"}, "Conference/x": {"conf", "x"},
		"conferenceparticipant.conference.voiceops.dev/x": {"cpart", "x"}, "pod/x": {"pod", "x"},
	} {
		if kind, bare := kindOf(name); kind != want[0] || bare != want[1] {
			t.Errorf("%s is %s and %s", name, kind, bare)
		}
	}
}

func TestEnds(t *testing.T) {
	object := &v1alpha1.ConferenceParticipant{}
	for what, c := range map[string]struct {
		seen  *v1alpha1.ParticipantState
		allow bool
		want  bool
	}{
		"not seen":       {nil, false, true},
		"not said":       {&v1alpha1.ParticipantState{}, false, true},
		"it ends":        {&v1alpha1.ParticipantState{EndConferenceOnExit: new(true)}, false, true},
		"it goes on":     {&v1alpha1.ParticipantState{EndConferenceOnExit: new(false)}, false, false},
		"it may end":     {&v1alpha1.ParticipantState{EndConferenceOnExit: new(true)}, true, false},
		"not said, may ": {&v1alpha1.ParticipantState{}, true, false},
	} {
		object.Status.Participant = c.seen
		if err := ends(object, kicking{endConference: c.allow}); (err != nil) != c.want || err != nil && codeOf(err) != exitRefused {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestConfirm(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "": false, "n\n": false, "maybe\n": false} {
		streams, in, _, asked := genericiooptions.NewTestIOStreams()
		in.WriteString(answer)
		desk := &tool{IOStreams: streams}
		err := desk.confirm(target{leg: edit.Leg{CallSID: first, ConferenceSID: "room"}}, kicking{}, &writing{dryRun: dryRunNone})
		if (err == nil) != want || !strings.Contains(asked.String(), first) {
			t.Errorf("%q: %v, asked %q", answer, err, asked.String())
		}
		if err := desk.confirm(target{}, kicking{yes: true}, &writing{dryRun: dryRunNone}); err != nil {
			t.Errorf("without a question: %v", err)
		}
	}
}

// Without a terminal nothing is coloured, and each verb is there with its flags.
func TestCommands(t *testing.T) {
	streams, _, out, _ := genericiooptions.NewTestIOStreams()
	root := newRoot(streams)
	if (&tool{IOStreams: streams}).coloured() {
		t.Error("a buffer is a terminal")
	}
	for _, name := range []string{"mute", "unmute", "hold", "unhold", "listen", "whisper", "barge", "uncoach", "announce", "kick", "release"} {
		c, _, err := root.Find([]string{name})
		if err != nil || c.Flags().Lookup("force") == nil || c.Flags().Lookup("dry-run") == nil || c.Flags().Lookup("output") == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	root.SetArgs([]string{"--help"})
	if err := root.Execute(); err != nil || !strings.Contains(out.String(), "kubectl conference [command]") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// A call leg that was removed may be shown still, by the object of a policy that has taken
// it over.
func TestShownBy(t *testing.T) {
	removed := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{UID: "a"}, Spec: v1alpha1.ConferenceParticipantSpec{ConferenceSID: "room"}}
	for state, want := range map[v1alpha1.CallState]bool{"": true, v1alpha1.CallLive: true, v1alpha1.CallLeft: false, v1alpha1.CallWaiting: false} {
		other := removed.DeepCopy()
		other.UID, other.Status.CallState = "b", state
		if shownBy(other, removed) != want || shownBy(removed, removed) {
			t.Errorf("%q: %t, want %t", state, !want, want)
		}
		other.Spec.ConferenceSID = "elsewhere"
		if shownBy(other, removed) {
			t.Errorf("%q in another conference", state)
		}
	}
}
