package participant

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

func TestR15GateEndsWhileTheAccountIsBlocked(t *testing.T) {
	for _, block := range []provider.Block{provider.Verifying, provider.Unauthorized, provider.Unavailable, provider.Throttled} {
		t.Run(string(block), func(t *testing.T) {
			// Only a throttled account says until when; the others end with a verification.
			until, reason, requeueIn := time.Time{}, v1alpha1.ReasonAPIUnavailable, (*time.Duration)(nil)
			if block == provider.Throttled {
				until, reason, requeueIn = in(time.Minute), v1alpha1.ReasonThrottled, new(time.Minute)
			}
			blocked := blockedBy(block, until)
			checkGate(t, []gateCase{
				{"nothing to send", nil, read{blocked}, gateWant{requeueIn: requeueIn, phase: memory.Inherited}},
				{"an edit, at first", objects{edited}, read{blocked}, gateWant{requeueIn: new(5 * time.Second), phase: memory.Awaited}},
				{"an edit, just before it is reported", objects{edited}, read{blocked, waitingFor(5*time.Second - 1)},
					gateWant{requeueIn: new(time.Duration(1)), phase: memory.Awaited}},
				{"an edit, after a while", objects{edited}, read{blocked, waitingFor(5 * time.Second)},
					gateWant{reason: reason, accountWide: true, requeueIn: requeueIn, phase: memory.Awaited}},
				{"a planned update, after a while", nil, read{blocked, judged, waitingFor(5 * time.Second)},
					gateWant{reason: reason, accountWide: true, requeueIn: requeueIn, phase: memory.Judged}},
			})
		})
	}
	checkGate(t, []gateCase{
		{"a wait that ends before it is reported", objects{edited}, read{blockedBy(provider.Throttled, in(2*time.Second))},
			gateWant{requeueIn: new(2 * time.Second), phase: memory.Awaited}},
	})
}

func TestR2GateWaitsForAnObservation(t *testing.T) {
	unseen := seeing(roster.Observation{})
	request := func(object *v1alpha1.ConferenceParticipant) {
		object.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "today"}
	}
	requestedAt := func(before time.Duration) func(*reconciliation) {
		return func(x *reconciliation) { x.memory.Look = x.memory.Look.Request(in(-before)) }
	}
	silent := gateWant{refreshIn: times{0}, phase: memory.Inherited}
	edit := gateWant{refreshIn: times{0}, requeueIn: new(5 * time.Second), phase: memory.Awaited}
	open := gateWant{open: true, phase: memory.Awaited}
	checkGate(t, []gateCase{
		{"none so far", nil, read{unseen}, silent},
		{"none so far, in an edit", objects{edited}, read{unseen}, edit},
		{"too old for an edit", objects{edited}, read{seeing(present(-time.Second - 1))}, edit},
		{"too old for a planned update", nil, read{judged, func(x *reconciliation) { x.memory.Backlog = x.memory.Backlog.Plan() }},
			gateWant{refreshIn: times{0}, requeueIn: new(5 * time.Second), phase: memory.Judged}},
		{"too old for a coachee", nil, read{judged, func(x *reconciliation) { x.memory.Coachee = x.memory.Coachee.Await(in(-time.Second)) }},
			gateWant{refreshIn: times{0}, phase: memory.Judged}},
		{"made void by our own update", nil, read{func(x *reconciliation) { x.memory.Look = x.memory.Look.VoidBefore(in(-time.Second)) }}, silent},
		{"fresh, but not requested for a reconcile request", objects{request}, read{seeing(present(-time.Second / 2))}, edit},
		{"as a reconcile request has asked for", objects{request}, read{requestedAt(time.Second), seeing(present(-time.Second / 2))}, open},
		{"as requested, and slow to come", objects{edited}, read{requestedAt(4 * time.Second), func(x *reconciliation) {
			x.seen = present(-3 * time.Second)
			x.seen.RespondedAt = in(-time.Second)
		}}, open},
		{"as requested, and kept waiting since", objects{edited}, read{requestedAt(4 * time.Second), seeing(present(-3 * time.Second))}, edit},
		{"not there before the object was first seen", objects{neverSeen}, read{seeing(absent(-remembered - 1))},
			gateWant{refreshIn: times{0}, phase: memory.Inherited, callState: none}},
		{"an edit that has waited for long", objects{edited}, read{unseen, waitingFor(5 * time.Second)},
			gateWant{reason: v1alpha1.ReasonAPIUnavailable, accountWide: true, refreshIn: times{0}, phase: memory.Awaited}},
	})
}

// none is a call state that is not set, in rows where that is no omission.
const none v1alpha1.CallState = "none"

func TestR7GateDecidesOnPresence(t *testing.T) {
	seen := func(read, last time.Duration) func(*reconciliation) {
		return func(x *reconciliation) {
			x.seen = absent(last)
			x.seen.SeenBefore, x.seen.Absence = true, roster.Absence{FirstRead: in(read), LastRead: in(last)}
		}
	}
	gone := seeing(absent(-time.Second / 2))
	over := gateWant{reason: v1alpha1.ReasonParticipantLeft, phase: memory.Judged, callState: v1alpha1.CallLeft}
	completed := func(x *reconciliation) { x.seen.Conference = roster.ConferenceOver }
	checkGate(t, []gateCase{
		{"the call has ended", nil, read{func(x *reconciliation) { x.seen.Phase = voice.PhaseEnded }}, over},
		{"the call has ended, in an edit", objects{edited}, read{seeing(present(0)), func(x *reconciliation) { x.seen.Phase = voice.PhaseEnded }}, over},
		{"missing", nil, read{gone}, gateWant{refreshIn: times{0}, read: true, phase: memory.Inherited}},
		{"missing, in an edit", objects{edited}, read{gone},
			gateWant{reason: v1alpha1.ReasonConverging, says: "confirmed", refreshIn: times{0}, read: true, phase: memory.Awaited}},
		{"missing, and read once", nil, read{seen(-2*time.Second, -2*time.Second)},
			gateWant{refreshIn: times{3 * time.Second}, read: true, phase: memory.Inherited}},
		{"missing, and read once a while ago", nil, read{seen(-9*time.Second, -9*time.Second)},
			gateWant{refreshIn: times{0}, read: true, phase: memory.Inherited}},
		{"missing, and the conference is over", nil, read{gone, completed}, over},
		{"missing, and the conference is over, in an edit", objects{edited}, read{gone, completed}, over},
		{"missing, and read twice", nil, read{seen(-7*time.Second, -2*time.Second)}, over},
	})
}

func TestR7GateWaitsForAParticipant(t *testing.T) {
	deadline := func(seconds int32) func(*v1alpha1.ConferenceParticipant) {
		return func(object *v1alpha1.ConferenceParticipant) { object.Spec.JoinDeadlineSeconds = &seconds }
	}
	unpolled := func(x *reconciliation) { x.account.ResyncInterval = 0 }
	gone := seeing(absent(-time.Second / 2))
	// A participant that was waited for a minute is looked for every 15 s.
	waiting := gateWant{
		reason: v1alpha1.ReasonWaitingForParticipant, refreshIn: times{2500 * time.Millisecond}, phase: memory.Judged, callState: v1alpha1.CallWaiting,
	}
	until := func(d time.Duration) gateWant {
		want := waiting
		want.requeueIn = new(d)
		return want
	}
	over := gateWant{reason: v1alpha1.ReasonParticipantNotFound, phase: memory.Judged, callState: v1alpha1.CallWaiting}
	slow := over
	slow.refreshIn = times{6 * time.Minute}
	conference := func(is roster.ConferenceStatus) func(*reconciliation) {
		return func(x *reconciliation) { x.seen.Conference = is }
	}
	ended := gateWant{
		reason: v1alpha1.ReasonConferenceOver, says: "a new conference has a new SID", requeueIn: new(2 * time.Minute),
		rivals: true, phase: memory.Judged, callState: v1alpha1.CallWaiting,
	}
	unknown := until(14 * time.Minute)
	unknown.reason, unknown.refreshIn = v1alpha1.ReasonConferenceNotFound, times{time.Minute}
	checkGate(t, []gateCase{
		{"before the deadline", objects{neverSeen}, read{gone}, until(14 * time.Minute)},
		{"before the deadline, in an edit", objects{neverSeen, edited}, read{gone}, until(14 * time.Minute)},
		{"before the deadline, not polled", objects{neverSeen}, read{gone, unpolled}, until(14 * time.Minute)},
		{"the account became ready later", objects{neverSeen}, read{gone, func(x *reconciliation) { x.account.ReadySince = in(-time.Second) }},
			until(15*time.Minute - time.Second)},
		{"the conference is over", objects{neverSeen}, read{gone, conference(roster.ConferenceOver)}, ended},
		{"the conference is over, after the deadline", objects{neverSeen, deadline(60)}, read{gone, conference(roster.ConferenceOver)}, ended},
		{"the conference goes on", objects{neverSeen}, read{gone, conference(roster.ConferenceOpen)}, until(14 * time.Minute)},
		{"the conference is not known", objects{neverSeen}, read{gone, conference(roster.ConferenceMissing)}, unknown},
		{"the conference is not known, after the deadline", objects{neverSeen, deadline(60)}, read{gone, conference(roster.ConferenceMissing)}, over},
		{"without a deadline", objects{neverSeen, deadline(0)}, read{gone}, waiting},
		{"just before the deadline", objects{neverSeen, deadline(61)}, read{gone}, until(time.Second)},
		{"at the deadline", objects{neverSeen, deadline(60)}, read{gone}, over},
		{"after the deadline, not polled", objects{neverSeen, deadline(60)}, read{gone, unpolled}, slow},
		{"a deadline that was found to have passed", objects{neverSeen}, read{gone, func(x *reconciliation) { x.memory.DeadlinePassed = true }}, over},
	})
}

func TestGateKeepsWhatWasFirstSeen(t *testing.T) {
	reset := func(object *v1alpha1.ConferenceParticipant) { object.Spec.DeletionPolicy = v1alpha1.DeletionReset }
	recorded := func(object *v1alpha1.ConferenceParticipant) {
		object.Status.Initial = &v1alpha1.InitialState{Hold: true}
	}
	for name, c := range map[string]struct {
		object objects
		want   *v1alpha1.InitialState
	}{
		"nothing, without the policy Reset":   {nil, nil},
		"the first observation":               {objects{reset}, &v1alpha1.InitialState{Muted: true}},
		"no later one":                        {objects{reset, recorded}, &v1alpha1.InitialState{Hold: true}},
		"nothing, once the policy is removed": {objects{recorded}, nil},
	} {
		x := prepared(subject(c.object...))
		if _, open := gate(x); !open || (x.status.Initial == nil) != (c.want == nil) || c.want != nil && *x.status.Initial != *c.want {
			t.Errorf("%s: %+v, want %+v", name, x.status.Initial, c.want)
		}
	}
}

func TestR2GateTakesOverWhatDiffers(t *testing.T) {
	held := func(x *reconciliation) { x.seen.Hold = true }
	renamed := func(x *reconciliation) { x.seen.DateUpdated = "later" }
	// An update was accepted that takes the participant off hold; the observation
	// may be older than it.
	accepted := func(x *reconciliation) {
		decision := plan.Decision{Fields: []plan.Field{plan.FieldHold}, Update: voice.Update{Hold: new(false)}}
		x.memory.Updates = x.memory.Updates.Accept(decision, voice.Participant{Muted: true}, in(-30*time.Second))
	}
	for name, c := range map[string]struct {
		object objects
		facts  read
		want   string
	}{
		"as reported":                         {nil, nil, ""},
		"what can't be compared":              {nil, read{renamed}, ""},
		"another state":                       {nil, read{held}, "hold"},
		"a state that an update has replaced": {nil, read{accepted, held}, ""},
		"after it had left":                   {objects{left}, read{renamed}, "later"},
		"for the first time":                  {objects{neverSeen}, read{seeing(present(-time.Second)), renamed}, "later"},
	} {
		t.Run(name, func(t *testing.T) {
			x := prepared(subject(c.object...), c.facts...)
			if _, open := gate(x); !open {
				t.Fatal("the gate is not open")
			}
			got := x.status.Participant.DateUpdated
			if x.status.Participant.Hold {
				got = "hold"
			}
			if got != c.want {
				t.Errorf("reported %q, want %q", got, c.want)
			}
		})
	}
}

func TestGateRemembers(t *testing.T) {
	requested := func(x *reconciliation) { x.memory.Look = x.memory.Look.Request(in(-time.Second)) }
	fresh := seeing(present(-time.Second / 2))
	x := prepared(subject(edited), requested, fresh)
	if _, open := gate(x); !open || x.memory.Look.Accepts(x.seen, memory.Requested, now) {
		t.Errorf("open %v, and a request that was served goes on", open)
	}
	for name, facts := range map[string]read{"missing": {seeing(absent(0))}, "never seen": {seeing(absent(0)), func(x *reconciliation) { x.status.CallState = "" }}} {
		x := prepared(subject(edited), append(facts, waitingFor(time.Hour))...)
		gate(x)
		if overdue := x.memory.Backlog.Delay(memory.Unavailable, now).OverdueAt(); !overdue.Equal(in(5 * time.Second)) {
			t.Errorf("%s: a later wait is reported %s after it begins", name, overdue.Sub(now))
		}
	}
	decision := plan.Decision{Fields: []plan.Field{plan.FieldMute}, Update: voice.Update{Muted: new(true)}}
	x = prepared(subject(), func(x *reconciliation) {
		x.memory.Updates = x.memory.Updates.Accept(decision, voice.Participant{Muted: true}, in(-40*time.Second))
	})
	if gate(x); x.memory.Updates.Unproven() {
		t.Error("an update that an observation proves is not confirmed")
	}
}
