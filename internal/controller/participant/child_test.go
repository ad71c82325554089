package participant

import (
	"encoding/json"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
)

func TestR28GateEndsForTheConference(t *testing.T) {
	stored := func(object *v1alpha1.ConferenceParticipant) { object.Spec.Suspend = true }
	noClaim := func(x *reconciliation) { x.claim, x.memory.Claim = claim.Verdict{}, claim.None }
	suspended := gateWant{reason: v1alpha1.ReasonSuspended, says: "Conference all-hands is suspended", unsubscribe: true, rivals: true, phase: memory.Unjudged}
	ended := gateWant{expired: true, unsubscribe: true, rivals: true, phase: memory.Unjudged}
	unknown := gateWant{requeueIn: new(5 * time.Second), phase: memory.Inherited}
	after := func(want gateWant, state v1alpha1.CallState) gateWant {
		want.callState = state
		return want
	}
	checkGate(t, []gateCase{
		{"governed", objects{childOfAllHands}, read{standing(policy.StandingGoverned)}, gateWant{open: true, phase: memory.Inherited}},
		{"only observed", objects{childOfAllHands}, read{standing(policy.StandingObserved), noClaim}, gateWant{open: true, phase: memory.Inherited}},
		{"not known", objects{childOfAllHands}, nil, unknown},
		{"not known, and suspended", objects{childOfAllHands, stored}, nil, unknown},
		{"not known, and left", objects{childOfAllHands, left}, nil, after(unknown, v1alpha1.CallLeft)},
		{"suspended", objects{childOfAllHands}, read{standing(policy.StandingSuspended)}, suspended},
		{"suspended after the end", objects{childOfAllHands, left}, read{standing(policy.StandingSuspended)}, after(suspended, v1alpha1.CallLeft)},
		{"ended", objects{childOfAllHands}, read{standing(policy.StandingEnded)}, ended},
		{"ended, and suspended", objects{childOfAllHands, stored}, read{standing(policy.StandingEnded)}, ended},
		{"ended, and left", objects{childOfAllHands, left}, read{standing(policy.StandingEnded)}, after(ended, v1alpha1.CallLeft)},
		{"ended, and the account is gone", objects{childOfAllHands},
			read{standing(policy.StandingEnded), account(provider.PhaseUnknown, false)}, ended},
	})
}

func TestR28ASuspendedConferenceDeletesNoChild(t *testing.T) {
	expired := func(object *v1alpha1.ConferenceParticipant) { object.Spec.TTLSecondsAfterFinished = new(int32(1)) }
	x := prepared(subject(childOfAllHands, left, expired), standing(policy.StandingSuspended))
	if found, _ := gate(x); found.expired {
		t.Error("a child of a suspended Conference expires")
	}
}

func TestR22GateWaitsForAChildThatOpens(t *testing.T) {
	deferred := func(namespace string) func(*reconciliation) {
		return func(x *reconciliation) {
			to := types.NamespacedName{Namespace: namespace, Name: "all-hands-7q2mz5tk3a"}
			x.claim, x.memory.Claim = claim.Verdict{State: claim.Deferred, To: to, Until: in(20 * time.Second)}, claim.None
		}
	}
	want := gateWant{reason: v1alpha1.ReasonConverging, says: "all-hands-7q2mz5tk3a first opens", requeueIn: new(20 * time.Second), phase: memory.Awaited}
	elsewhere := want
	elsewhere.says = "in another namespace first opens"
	checkGate(t, []gateCase{
		{"in this namespace", objects{edited}, read{deferred("ns")}, want},
		{"in another namespace", objects{edited}, read{deferred("secret")}, elsewhere},
	})
}

// record is what a Conference says of a child.
func record(r policy.Record) func(*v1alpha1.ConferenceParticipant) {
	return func(object *v1alpha1.ConferenceParticipant) {
		text, _ := json.Marshal(r)
		object.Annotations = map[string]string{v1alpha1.PolicyAnnotation: string(text)}
	}
}

// opensOnce has muted opened once, and nothing declared.
func opensOnce(object *v1alpha1.ConferenceParticipant) {
	object.Spec.Muted = nil
	object.Spec.Once = &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Muted: new(false)}}
}

// opened is what was done of it.
func opened(object *v1alpha1.ConferenceParticipant) {
	object.Status.Once = []v1alpha1.OnceStatus{{Field: v1alpha1.OnceMuted, Value: new(false), State: v1alpha1.OnceDone}}
}

func TestR22AChildGoesFirstForHalfAMinute(t *testing.T) {
	released := func(ago time.Duration) func(*v1alpha1.ConferenceParticipant) {
		return record(policy.Record{Released: in(-ago)})
	}
	for name, c := range map[string]struct {
		object objects
		want   claim.Precedence
	}{
		"written by hand":                      {nil, claim.HandWritten},
		"written by hand, with the annotation": {objects{opensOnce, released(time.Second)}, claim.HandWritten},
		"a child":                              {objects{childOfAllHands}, claim.Child},
		"a child that opens":                   {objects{childOfAllHands, opensOnce, released(29 * time.Second)}, claim.Opening},
		"a child that took too long":           {objects{childOfAllHands, opensOnce, released(30 * time.Second)}, claim.Child},
		"a child that is done":                 {objects{childOfAllHands, opensOnce, opened, released(time.Second)}, claim.Child},
		"a child that was not released":        {objects{childOfAllHands, opensOnce, record(policy.Record{})}, claim.Child},
	} {
		got := candidate(subject(c.object...), provider.State{}, now)
		if got.Precedence != c.want || (got.Precedence == claim.Opening) != got.Until.Equal(in(time.Second)) {
			t.Errorf("%s: precedence %d until %s, want %d", name, got.Precedence, got.Until, c.want)
		}
	}
}

func TestR22WhatAChildOpensConcernsItsRivals(t *testing.T) {
	released := record(policy.Record{Released: now})
	for name, c := range map[string]struct {
		before, after objects
		want          bool
	}{
		"released":               {objects{childOfAllHands, opensOnce}, objects{childOfAllHands, opensOnce, released}, true},
		"done":                   {objects{childOfAllHands, opensOnce, released}, objects{childOfAllHands, opensOnce, released, opened}, true},
		"of no child":            {objects{opensOnce}, objects{opensOnce, released}, false},
		"done, and not released": {objects{childOfAllHands, opensOnce}, objects{childOfAllHands, opensOnce, opened}, false},
	} {
		change := event.UpdateEvent{ObjectOld: subject(c.before...), ObjectNew: subject(c.after...)}
		if got := LifecycleChanged().Update(change); got != c.want {
			t.Errorf("%s: concerns others %v, want %v", name, got, c.want)
		}
	}
}

func TestAChildIsReconciledWhenItsConferenceSaysMoreOfIt(t *testing.T) {
	for name, change := range map[string]func(*v1alpha1.ConferenceParticipant){
		"the record": record(policy.Record{Released: now}),
		"the role": func(object *v1alpha1.ConferenceParticipant) {
			object.Labels = map[string]string{v1alpha1.RoleLabel: "host"}
		},
	} {
		before := subject(childOfAllHands)
		if !ReconcileTriggers().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: subject(childOfAllHands, change)}) {
			t.Errorf("%s triggers nothing", name)
		}
	}
}

func TestR23WhatTheDeletionOfAChildUndoes(t *testing.T) {
	whisper := func(object *v1alpha1.ConferenceParticipant) {
		object.Spec.Muted, object.Spec.CallSIDToCoach = new(false), "coachee"
	}
	hold := func(object *v1alpha1.ConferenceParticipant) { object.Spec.Hold = new(true) }
	aWhile := policy.Record{Muted: true, Hold: true}
	late := record(policy.Record{Muted: true, Released: in(-time.Minute)})
	for name, c := range map[string]struct {
		object objects
		taken  takeover
		want   plan.Undo
	}{
		"what was declared":             {objects{hold, record(policy.Record{})}, takeover{}, plan.Undo{}},
		"what was closed for a while":   {objects{hold, record(aWhile)}, takeover{}, plan.Undo{Opens: plan.Restricted{true, true, false}}},
		"save what is taken over":       {objects{hold, record(aWhile)}, takeover{fields: policy.Fields{Hold: true}}, plan.Undo{Opens: plan.Restricted{true, false, false}}},
		"a whisper":                     {objects{whisper}, takeover{}, plan.Undo{Opens: plan.Restricted{false, false, true}, Whisper: true, Mutes: true}},
		"a whisper that is taken over":  {objects{whisper}, takeover{coaching: true}, plan.Undo{}},
		"no mute of one that coached":   {objects{record(policy.Record{Muted: true, Coach: "supervisor"})}, takeover{}, plan.Undo{}},
		"what is late":                  {objects{late}, takeover{}, plan.Undo{Opens: plan.Restricted{true, false, false}}},
		"not what is late and replaced": {objects{late}, takeover{byHand: true}, plan.Undo{}},
	} {
		object := subject(append(objects{childOfAllHands}, c.object...)...)
		made := policy.ChildOf(object)
		if got := undoOfChild(plan.DesiredOf(&object.Spec), &made, c.taken, now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestR23WhatOthersHaveTakenOverOfAChild(t *testing.T) {
	mine := claim.Candidate{Account: types.NamespacedName{Name: "acme"}, ProviderAccount: "p"}
	other := func(account string, precedence claim.Precedence, changes ...func(*v1alpha1.ConferenceParticipant)) []rival {
		return []rival{{claim.Candidate{Account: types.NamespacedName{Name: account}, Precedence: precedence}, subject(changes...)}}
	}
	for name, c := range map[string]struct {
		rivals []rival
		want   takeover
	}{
		"no rival":                    {nil, takeover{}},
		"what one by hand declares":   {other("acme", claim.HandWritten), takeover{fields: policy.Fields{Muted: true}, coaching: true, byHand: true}},
		"what one by hand does once":  {other("acme", claim.HandWritten, opensOnce), takeover{fields: policy.Fields{Muted: true}, coaching: true, byHand: true}},
		"what another child declares": {other("acme", claim.Child), takeover{fields: policy.Fields{Muted: true}}},
		"one of another account":      {other("other", claim.HandWritten), takeover{}},
	} {
		if got := takeoverBy(mine, c.rivals); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestTheMessageOfAChildSaysWhyItIsAsItIs(t *testing.T) {
	unnamed := func(object *v1alpha1.ConferenceParticipant) { object.Labels = nil }
	other := func(object *v1alpha1.ConferenceParticipant) { object.OwnerReferences[0].APIVersion = "apps/v1" }
	for want, c := range map[string]objects{
		"m": nil, "m (audience of all-hands).": {childOfAllHands}, "m (made by all-hands).": {childOfAllHands, unnamed},
	} {
		if got := childOf(subject(c...)).explain("m"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if childOf(subject(childOfAllHands, other)).made() {
		t.Error("an object of another group's Conference is taken for a child")
	}
}

func TestAChildWritesWarningsAlone(t *testing.T) {
	byHand, made := subject(), subject(childOfAllHands)
	for _, c := range []struct {
		object       *v1alpha1.ConferenceParticipant
		kind, reason string
		want         bool
	}{
		{byHand, "Normal", v1alpha1.ReasonInSync, true}, {byHand, "Warning", v1alpha1.ReasonConflict, true},
		{made, "Normal", v1alpha1.ReasonInSync, false}, {made, "Warning", v1alpha1.ReasonContested, true},
		{made, "Warning", v1alpha1.ReasonConflict, false},
	} {
		if got := tells(c.object, c.kind, c.reason); got != c.want {
			t.Errorf("%s %s of %v: %v, want %v", c.kind, c.reason, metav1.GetControllerOf(c.object), got, c.want)
		}
	}
}
