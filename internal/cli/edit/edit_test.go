package edit

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// stored is an object of which managers own fields: a line "manager: fields" for each.
func stored(t *testing.T, spec string, managers map[string]string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{}}
	fields := map[string]any{}
	if err := yaml.Unmarshal([]byte(spec), &fields); err != nil {
		t.Fatal(err)
	}
	object.Object["spec"] = fields
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("ConferenceParticipant"))
	object.SetNamespace("support")
	object.SetName("agent")
	object.SetUID("uid")
	object.SetAnnotations(map[string]string{ForAWhileAnnotation: "hold"})
	var entries []metav1.ManagedFieldsEntry
	for manager, owns := range managers {
		entries = append(entries, metav1.ManagedFieldsEntry{Manager: manager, FieldsV1: metav1.NewFieldsV1(owns)})
	}
	object.SetManagedFields(entries)
	return object
}

// says is the spec of a patch as YAML in one line.
func says(object *unstructured.Unstructured) string {
	if object == nil {
		return "nothing"
	}
	text, _ := yaml.Marshal(object.Object["spec"])
	return strings.TrimSpace(strings.ReplaceAll(string(text), "\n", " "))
}

func change(t *testing.T, verb string) Change {
	t.Helper()
	c, err := Audio(verb)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const ownsMuted = `{"f:spec":{"f:muted":{}}}`

func TestAmend(t *testing.T) {
	flux := map[string]string{"flux": `{"f:spec":{"f:muted":{},"f:callSID":{}}}`}
	ours := map[string]string{Manager: `{"f:metadata":{"f:annotations":{"f:` + ForAWhileAnnotation + `":{}}},"f:spec":{"f:muted":{},"f:once":{".":{},"f:hold":{}}}}`}
	for _, c := range []struct {
		what, spec string
		managers   map[string]string
		change     Change
		force      bool
		want       string
		refused    string
	}{
		{"a free field", "{}", nil, change(t, "mute"), false, "muted: true", ""},
		{"beside another writer", "{muted: false}", flux, change(t, "hold"), false, "hold: true", ""},
		{"as it is already", "{muted: true}", flux, change(t, "mute"), false, "nothing", ""},
		{"of another writer", "{muted: false}", flux, change(t, "mute"), false, "", "spec.muted is owned by flux"},
		{"of another writer, by force", "{muted: false}", flux, change(t, "mute"), true, "muted: true", ""},
		{"what this one has applied stays", "{muted: true, once: {hold: true}}", ours, change(t, "unmute"), false, "muted: false once:   hold: true", ""},
		{"an own field that can't stay", "{muted: true, once: {hold: true}}", ours, change(t, "hold"), false, "hold: true muted: true", ""},
		{"another's field that can't stay", "{once: {muted: true}}", map[string]string{"flux": `{"f:spec":{"f:once":{"f:muted":{}}}}`}, change(t, "unmute"), true, "", "can't stay beside"},
		{"music", "{}", nil, change(t, "hold").Music("https://m", ""), false, "hold: true holdMethod: POST holdURL: https://m", ""},
		{"no music", "{}", nil, change(t, "hold").Music("", "GET"), false, "hold: true", ""},
		{"a whisper", "{}", nil, Coach("c", true), false, "callSIDToCoach: c coaching: true muted: false", ""},
		{"only to listen", "{}", nil, Coach("c", false), false, "callSIDToCoach: c coaching: true muted: true", ""},
		{"a reference of another writer", "{participantToCoachRef: {name: x}}", map[string]string{"flux": `{"f:spec":{"f:participantToCoachRef":{"f:name":{}}}}`}, Coach("c", true), false, "", "spec.participantToCoachRef is owned by flux"},
		{"to speak to all", "{coaching: true, muted: true}", nil, Barge(), false, "coaching: false muted: false", ""},
		{"the end of a coaching mutes", "{coaching: true, muted: false}", nil, Uncoach(), false, "coaching: false muted: true", ""},
		{"another's coachee may stay", "{callSIDToCoach: c, coaching: true}", map[string]string{"flux": `{"f:spec":{"f:callSIDToCoach":{}}}`}, Uncoach(), false, "coaching: false muted: true", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			patch, err := Amend(stored(t, c.spec, c.managers), c.change, c.force)
			refusal, refused := errors.AsType[*RefusedError](err)
			switch {
			case refused != (c.refused != "") || err != nil && !refused:
				t.Fatalf("got %v", err)
			case refused && !strings.Contains(refusal.Why, c.refused):
				t.Errorf("refused with %q", refusal.Why)
			case !refused && says(patch) != c.want:
				t.Errorf("got %q, want %q", says(patch), c.want)
			case patch != nil && patch.GetUID() != "uid":
				t.Error("the patch could make an object anew that is gone")
			}
		})
	}
	patch, err := Amend(stored(t, "{muted: true}", ours), change(t, "unmute"), false)
	if err != nil || patch.GetAnnotations()[ForAWhileAnnotation] != "hold" {
		t.Errorf("the annotations of this manager are dropped: %v, %v", patch, err)
	}
}

func TestAnnounce(t *testing.T) {
	at := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	patch, err := Amend(stored(t, "{}", nil), Announce(Announcement{ID: "a", URL: "https://m", NotAfter: at}), false)
	if want := `announcement:   id: a   method: POST   notAfterTime: "2026-11-23T18:00:00Z"   onUnknown: Skip   url: https://m`; err != nil || says(patch) != want {
		t.Errorf("got %s, %v", says(patch), err)
	}
}

func TestRemove(t *testing.T) {
	for what, managers := range map[string]map[string]string{
		"free": nil, "removed before": {Manager: `{"f:metadata":{"f:annotations":{"f:` + ForAWhileAnnotation + `":{}}},"f:spec":{"f:deletionPolicy":{}}}`},
	} {
		spec := "{deletionPolicy: Retain}"
		if managers != nil {
			spec = "{deletionPolicy: Remove}"
		}
		patch, err := Remove(stored(t, spec, managers), true, false)
		if err != nil || says(patch) != "deletionPolicy: Remove" || patch.GetAnnotations()[v1alpha1.AllowEndConferenceAnnotation] != "true" {
			t.Errorf("%s: %s, %v", what, says(patch), err)
		}
		if kept := patch.GetAnnotations()[ForAWhileAnnotation]; (kept != "") != (managers != nil) {
			t.Errorf("%s: annotations %v", what, patch.GetAnnotations())
		}
		if patch, _ = Remove(stored(t, spec, managers), false, false); patch.GetAnnotations()[v1alpha1.AllowEndConferenceAnnotation] != "" {
			t.Errorf("%s: the conference may end although that was not said", what)
		}
	}
	if _, err := Remove(stored(t, "{deletionPolicy: Retain}", map[string]string{"flux": `{"f:spec":{"f:deletionPolicy":{}}}`}), true, false); err == nil {
		t.Error("the deletionPolicy of another writer is taken")
	}
}

// governed is a call leg that waits for a role, on hold for a while, in a child with all
// that a child may have.
func governed() Leg {
	child := &v1alpha1.ConferenceParticipant{
		ObjectMeta: metav1.ObjectMeta{
			Name: "all-hands-x", Labels: map[string]string{v1alpha1.ConferenceLabel: "all-hands", v1alpha1.RoleLabel: "guest", "shard": "a"},
			Annotations: map[string]string{v1alpha1.PolicyAnnotation: `{"hold":true,"waits":true}`},
		},
		Spec: v1alpha1.ConferenceParticipantSpec{
			AccountRef: v1alpha1.LocalReference{Name: "acme"}, ConferenceSID: "room", CallSID: "leg",
			AudioControls: v1alpha1.AudioControls{Hold: new(true), HoldURL: "https://m", HoldMethod: "GET"},
			Beep:          new(false), DriftPolicy: v1alpha1.DriftRestrict, Mode: v1alpha1.ModeEnforce,
			Announcement: &v1alpha1.Announcement{ID: "welcome"}, DeletionPolicy: v1alpha1.DeletionRetain,
			Once:                    &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Muted: new(true)}},
			TTLSecondsAfterFinished: new(int32(240)),
		},
		Status: v1alpha1.ConferenceParticipantStatus{Once: []v1alpha1.OnceStatus{{Field: v1alpha1.OnceMuted, Value: new(true), State: v1alpha1.OncePending}}},
	}
	return Leg{Namespace: "support", Account: "acme", ConferenceSID: "room", CallSID: "leg", Conference: "all-hands", Child: child}
}

func TestTakeHasAllThatTheChildDeclares(t *testing.T) {
	leg := governed()
	object, err := Take(leg, change(t, "mute"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "accountRef:   name: acme beep: false callSID: leg conferenceSID: room deletionPolicy: Reset driftPolicy: Restrict " +
		"hold: true holdMethod: GET holdURL: https://m joinDeadlineSeconds: 60 mode: Enforce muted: true ttlSecondsAfterFinished: 240"
	if says(object) != want {
		t.Errorf("got  %s\nwant %s", says(object), want)
	}
	if !reflect.DeepEqual(object.GetLabels(), map[string]string{"shard": "a"}) || object.GetName() != "call-leg" || object.GetNamespace() != "support" {
		t.Errorf("got %s with %v", object.GetName(), object.GetLabels())
	}
	if a := object.GetAnnotations(); a[TakenFromAnnotation] != "all-hands" || a[ForAWhileAnnotation] != "hold" {
		t.Errorf("annotations %v", a)
	}
	object, err = Take(leg, change(t, "unhold"))
	if err != nil || !strings.Contains(says(object), "once:   muted: true") || !strings.Contains(says(object), "hold: false") {
		t.Errorf("what is not done so far: %s, %v", says(object), err)
	}
	leg.Child.Status.Once[0] = v1alpha1.OnceStatus{Field: v1alpha1.OnceMuted, Value: new(false), State: v1alpha1.OnceDone}
	if object, err = Take(leg, change(t, "unhold")); err != nil || !strings.Contains(says(object), "once:   muted: true") {
		t.Errorf("what was done before has another value: %s, %v", says(object), err)
	}
	leg.Child.Status.Once[0].Value = new(true)
	if object, err = Take(leg, change(t, "unhold")); err != nil || strings.Contains(says(object), "once") {
		t.Errorf("what is done is done again: %s, %v", says(object), err)
	}
	if leg.Child.Spec.Announcement == nil || leg.Child.Spec.Once == nil {
		t.Error("the child is changed")
	}
}

func TestTakeOfALegThatNothingIsDeclaredFor(t *testing.T) {
	object, err := Take(Leg{Namespace: "support", Account: "acme", ConferenceSID: "room", CallSID: "leg"}, change(t, "mute"))
	const want = "accountRef:   name: acme callSID: leg conferenceSID: room deletionPolicy: Reset joinDeadlineSeconds: 60 muted: true ttlSecondsAfterFinished: 180"
	if err != nil || says(object) != want || len(object.GetAnnotations()) > 0 {
		t.Errorf("got %s, %v, %v", says(object), object.GetAnnotations(), err)
	}
}

func TestReleaseOf(t *testing.T) {
	both := map[string]string{Manager: ownsMuted, "flux": `{"f:spec":{"f:callSID":{}}}`}
	found, err := ReleaseOf(stored(t, "{muted: true}", both))
	if err != nil || found.Delete || says(found.Drop) != "null" || found.Drop.GetUID() != "uid" {
		t.Errorf("an object of two writers: %+v, %v", found, err)
	}
	if _, err = ReleaseOf(stored(t, "{muted: true}", map[string]string{"flux": ownsMuted})); err == nil || !strings.Contains(err.Error(), "flux") {
		t.Errorf("an object of another writer: %v", err)
	}
	ours := map[string]string{Manager: `{"f:spec":{"f:muted":{},"f:hold":{},"f:holdURL":{}}}`}
	found, err = ReleaseOf(stored(t, "{muted: true, hold: true, holdURL: https://m}", ours))
	if err != nil || !found.Delete || says(found.Open) != "muted: true once:   hold: false" {
		t.Errorf("what was closed for a while is opened: %+v %s, %v", found, says(found.Open), err)
	}
	found, err = ReleaseOf(stored(t, "{muted: true, deletionPolicy: Remove}", ours))
	if err != nil || !found.Delete || says(found.Open) != "deletionPolicy: Reset muted: true" {
		t.Errorf("a release removes: %+v %s, %v", found, says(found.Open), err)
	}
	found, err = ReleaseOf(stored(t, "{muted: true, hold: false}", ours))
	if err != nil || !found.Delete || found.Open != nil {
		t.Errorf("what is open already: %+v, %v", found, err)
	}
}

func TestExplain(t *testing.T) {
	conflict := &apierrors.StatusError{ErrStatus: metav1.Status{Reason: metav1.StatusReasonConflict, Code: http.StatusConflict, Details: &metav1.StatusDetails{
		Causes: []metav1.StatusCause{{Type: metav1.CauseTypeFieldManagerConflict, Field: ".spec.muted", Message: `conflict with "flux"`}},
	}}}
	if _, refused := errors.AsType[*RefusedError](Explain(conflict)); !refused || !strings.Contains(Explain(conflict).Error(), `.spec.muted (conflict with "flux")`) {
		t.Errorf("got %v", Explain(conflict))
	}
	conflict.ErrStatus.Details.Causes = nil
	if got := Explain(conflict); !errors.Is(got, error(conflict)) {
		t.Errorf("another conflict: %v", got)
	}
}
