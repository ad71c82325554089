package conference

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
)

var start = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

// live is a Conference with one room in which everything is as declared.
func live(changes ...func(*facts)) *facts {
	object := &v1alpha1.Conference{
		ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: "all-hands", Generation: 3},
		Spec:       v1alpha1.ConferenceSpec{FriendlyName: "all-hands", AccountRef: v1alpha1.LocalReference{Name: "acme"}},
	}
	f := &facts{
		object: object, account: accountOf(object), known: true, exists: true, session: true, directoryKnown: true, now: start,
		state: provider.State{Phase: provider.PhaseReady}, claim: claim.Verdict{State: claim.Ours},
		governed: []directory.Room{{SID: "room", Name: "all-hands"}},
		results:  map[string]roomResult{"room": {judged: true, generation: 3}},
	}
	for _, change := range changes {
		change(f)
	}
	return f
}

func inRoom(change func(*roomResult)) func(*facts) {
	return func(f *facts) {
		result := f.results["room"]
		change(&result)
		f.results["room"] = result
	}
}

// restarted is a Conference of which this generation was reported on.
func restarted(change func(*facts)) func(*facts) {
	return func(f *facts) {
		f.object.Status.ObservedGeneration = f.object.Generation
		change(f)
	}
}

func TestJudge(t *testing.T) {
	problem := status.Stalled(v1alpha1.ReasonInvalidNumbers, "Line 3.")
	for _, c := range []struct {
		name   string
		change func(*facts)
		reason string
		also   string
	}{
		{"in sync", func(*facts) {}, v1alpha1.ReasonInSync, ""},
		{"suspended", func(f *facts) { f.object.Spec.Suspend = true }, v1alpha1.ReasonSuspended, v1alpha1.ConditionSuspended},
		{"undecided", func(f *facts) { f.claim.State = claim.Undecided }, v1alpha1.ReasonConverging, v1alpha1.ConditionReconciling},
		{"undecided after a restart", restarted(func(f *facts) { f.claim.State = claim.Undecided }), "", ""},
		{"another governs", func(f *facts) { f.claim.State = claim.Lost }, v1alpha1.ReasonConflict, v1alpha1.ConditionStalled},
		{"no account", func(f *facts) { f.known, f.exists = false, false }, v1alpha1.ReasonWaitingForAccount, v1alpha1.ConditionReconciling},
		{"an account not looked at", func(f *facts) { f.known = false }, v1alpha1.ReasonWaitingForAccount, v1alpha1.ConditionReconciling},
		{"an account not looked at after a restart", restarted(func(f *facts) { f.known = false }), "", ""},
		{"a refused token", func(f *facts) { f.state.Phase = provider.PhaseUnauthorized }, v1alpha1.ReasonUnauthorized, v1alpha1.ConditionStalled},
		{"a suspended account", func(f *facts) { f.state.Phase, f.session = provider.PhaseSuspended, false }, v1alpha1.ReasonWaitingForAccount, v1alpha1.ConditionReconciling},
		{"no session", func(f *facts) { f.session = false }, v1alpha1.ReasonWaitingForAccount, v1alpha1.ConditionReconciling},
		{"bad numbers", func(f *facts) { f.numbers.problem = &problem }, v1alpha1.ReasonInvalidNumbers, v1alpha1.ConditionStalled},
		{"lists refused", func(f *facts) { f.refusal = roster.Refusal{Tries: roster.RefusedForGood} }, v1alpha1.ReasonRejected, v1alpha1.ConditionStalled},
		{"not listed so far", func(f *facts) { f.directoryKnown = false }, v1alpha1.ReasonConverging, v1alpha1.ConditionReconciling},
		{"not listed after a restart", restarted(func(f *facts) { f.directoryKnown = false }), "", ""},
		{"not listed, lists fail", restarted(func(f *facts) { f.directoryKnown, f.failing = false, true }), v1alpha1.ReasonAPIUnavailable, v1alpha1.ConditionReconciling},
		{"not listed, provider away", func(f *facts) { f.directoryKnown, f.block = false, provider.Unavailable }, v1alpha1.ReasonAPIUnavailable, v1alpha1.ConditionReconciling},
		{"not listed, throttled", func(f *facts) { f.directoryKnown, f.block = false, provider.Throttled }, v1alpha1.ReasonThrottled, v1alpha1.ConditionReconciling},
		{"too many rooms", func(f *facts) { f.tooMany = true }, v1alpha1.ReasonTooManyRooms, v1alpha1.ConditionStalled},
		{"no room", func(f *facts) { f.governed = nil }, v1alpha1.ReasonNoRoom, ""},
		{"a room that waits", func(f *facts) { f.governed[0].Waiting, f.results = true, nil }, v1alpha1.ReasonNoRoom, ""},
		{"a room not judged, edited", inRoom(func(r *roomResult) { r.judged = false }), v1alpha1.ReasonConverging, v1alpha1.ConditionReconciling},
		{"a room not judged after a restart", restarted(func(f *facts) { f.results = nil }), "", ""},
		{"children refused", inRoom(func(r *roomResult) { r.refusal = "exceeded quota" }), v1alpha1.ReasonChildrenRefused, v1alpha1.ConditionStalled},
		{"most not applied", inRoom(func(r *roomResult) { r.notApplied = true }), v1alpha1.ReasonNotApplied, v1alpha1.ConditionStalled},
		{"converging", inRoom(func(r *roomResult) { r.converging = 2 }), v1alpha1.ReasonConverging, v1alpha1.ConditionReconciling},
		{"observed", func(f *facts) { f.object.Spec.Mode = v1alpha1.ModeObserve }, v1alpha1.ReasonObserved, ""},
		{"observed beside another", func(f *facts) { f.object.Spec.Mode, f.claim.State = v1alpha1.ModeObserve, claim.Lost }, v1alpha1.ReasonObserved, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			verdict, report := judge(live(c.change))
			if report != (c.reason != "") || verdict.Reason != c.reason && report || verdict.Also != c.also && report {
				t.Errorf("found %+v, reported %v; want %s, %s", verdict, report, c.reason, c.also)
			}
		})
	}
}

func TestAConflictAcrossNamespacesNamesNobody(t *testing.T) {
	f := live(func(f *facts) {
		f.claim = claim.Verdict{State: claim.Lost, To: types.NamespacedName{Namespace: "elsewhere", Name: "secret-room"}}
	})
	if verdict, _ := judge(f); verdict.Message != "A Conference in another namespace governs the rooms of this name; this one does nothing." {
		t.Error(verdict.Message)
	}
}

func TestObservedDriftIsCounted(t *testing.T) {
	f := live(func(f *facts) { f.object.Spec.Mode = v1alpha1.ModeObserve }, inRoom(func(r *roomResult) { r.drift = policy.Drift{Legs: 2, Muted: 2} }))
	if verdict, _ := judge(f); verdict.Drift == nil || *verdict.Drift != "2 call legs differ: muted of 2, hold of 0, coaching of 0." {
		t.Errorf("%+v", verdict.Drift)
	}
}

func TestR30ARoleThatCoachesByAForgeableNumber(t *testing.T) {
	numbers := []v1alpha1.PhoneNumber{"+15555550100"}
	for _, c := range []struct {
		name string
		role v1alpha1.Role
		want v1alpha1.RoleName
	}{
		{"by a number of any call", v1alpha1.Role{Name: "r", CoachRole: "agent", Match: []v1alpha1.RoleTerm{{Numbers: numbers}}}, "r"},
		{"by a Secret", v1alpha1.Role{Name: "r", CoachRole: "agent", Match: []v1alpha1.RoleTerm{{NumbersSecretRef: &v1alpha1.SecretKeySelector{}}}}, "r"},
		{"by the number of an outbound call", v1alpha1.Role{Name: "r", CoachRole: "agent", Match: []v1alpha1.RoleTerm{{Numbers: numbers, Direction: v1alpha1.CallOutbound}}}, ""},
		{"by a flag", v1alpha1.Role{Name: "r", CoachRole: "agent", Match: []v1alpha1.RoleTerm{{EndConferenceOnExit: new(true)}}}, ""},
		{"without coaching", v1alpha1.Role{Name: "r", Match: []v1alpha1.RoleTerm{{Numbers: numbers}}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if found := spoofable([]v1alpha1.Role{c.role}); found != c.want {
				t.Errorf("found %q", found)
			}
		})
	}
}
