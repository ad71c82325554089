package participant

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// gateWant is what the gate comes to.
type gateWant struct {
	open bool
	// reason is that of the verdict, and says what its message has; "" reports
	// nothing.
	reason, says string
	accountWide  bool
	// requeueIn is when the next reconcile is due; nil is when something happens.
	requeueIn *time.Duration
	expired   bool

	// refreshIn is when each requested refresh is due, and read that the last one
	// reads the participant alone.
	refreshIn                    []time.Duration
	read                         bool
	unsubscribe, forgive, rivals bool

	phase     memory.Phase
	callState v1alpha1.CallState
}

// gateCase is one way in which the gate ends a reconcile, or opens.
type gateCase struct {
	name   string
	object []func(*v1alpha1.ConferenceParticipant)
	facts  []func(*reconciliation)
	want   gateWant
}

type (
	objects = []func(*v1alpha1.ConferenceParticipant)
	read    = []func(*reconciliation)
	times   = []time.Duration
)

func checkGate(t *testing.T, cases []gateCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := prepared(subject(c.object...), c.facts...)
			found, open := gate(x)
			c.want.compare(t, x, found, open)
		})
	}
}

func (want gateWant) compare(t *testing.T, x *reconciliation, found outcome, open bool) {
	t.Helper()
	got := gateWant{
		open: open, accountWide: found.accountWide, expired: found.expired,
		unsubscribe: x.effects.unsubscribe, forgive: x.effects.forgiveRefusal, rivals: x.effects.enqueueRelated,
		phase: phaseOf(x.memory.Edit), callState: x.status.CallState,
	}
	if found.verdict != nil {
		got.reason = found.verdict.Reason
		if strings.Contains(found.verdict.Message, want.says) {
			got.says = want.says
		} else {
			got.says = found.verdict.Message
		}
	}
	if !found.requeueAt.IsZero() {
		got.requeueIn = new(found.requeueAt.Sub(now))
	}
	for _, request := range x.effects.refresh {
		got.refreshIn, got.read = append(got.refreshIn, request.At.Sub(now)), request.Read
	}
	// What a row leaves out is the rule: the call is live.
	switch want.callState {
	case "":
		want.callState = v1alpha1.CallLive
	case none:
		want.callState = ""
	}
	same := got.requeueIn == nil && want.requeueIn == nil || got.requeueIn != nil && want.requeueIn != nil && *got.requeueIn == *want.requeueIn
	if !same || !slices.Equal(got.refreshIn, want.refreshIn) {
		t.Errorf("requeued in %v, refreshed in %v; want %v and %v", value(got.requeueIn), got.refreshIn, value(want.requeueIn), want.refreshIn)
	}
	got.requeueIn, got.refreshIn, want.requeueIn, want.refreshIn = nil, nil, nil, nil
	if gotRest, wantRest := got.rest(), want.rest(); gotRest != wantRest {
		t.Errorf("the gate comes to\n%+v, want\n%+v", gotRest, wantRest)
	}
}

// rest is what of an expectation can be compared.
func (want gateWant) rest() any {
	return struct {
		open, accountWide, expired, read, unsubscribe, forgive, rivals bool
		reason, says                                                   string
		phase                                                          memory.Phase
		callState                                                      v1alpha1.CallState
	}{
		want.open, want.accountWide, want.expired, want.read, want.unsubscribe, want.forgive, want.rivals,
		want.reason, want.says, want.phase, want.callState,
	}
}

func value(d *time.Duration) any {
	if d == nil {
		return "never"
	}
	return *d
}

func TestGateOpens(t *testing.T) {
	checkGate(t, []gateCase{
		{"as reported, on any observation", nil, nil, gateWant{open: true, phase: memory.Inherited}},
		{"decided on before", nil, read{judged}, gateWant{open: true, phase: memory.Judged}},
		{"an edit, on a fresh observation", objects{edited}, read{seeing(present(-time.Second))}, gateWant{open: true, phase: memory.Awaited}},
		{"a claim that begins to stand", nil, read{func(x *reconciliation) { x.memory.Claim = claim.None }},
			gateWant{open: true, rivals: true, phase: memory.Inherited}},
		{"an outage of a verified account is over", nil, read{func(x *reconciliation) { x.account.Phase = provider.PhaseUnavailable }},
			gateWant{open: true, phase: memory.Inherited}},
		{"a refusal that was forgiven", nil, read{refusedList(0, -time.Second)}, gateWant{open: true, phase: memory.Inherited}},
		{"seen for the first time", objects{neverSeen}, read{seeing(present(-time.Second))}, gateWant{open: true, phase: memory.Inherited}},
	})
}

func TestGateEndsWithoutTheProvider(t *testing.T) {
	suspend := func(object *v1alpha1.ConferenceParticipant) { object.Spec.Suspend = true }
	unsynced := func(object *v1alpha1.ConferenceParticipant) { object.Status.LastSyncedDigest = "" }
	ttl := func(seconds int32) func(*v1alpha1.ConferenceParticipant) {
		return func(object *v1alpha1.ConferenceParticipant) { object.Spec.TTLSecondsAfterFinished = &seconds }
	}
	ended := func(x *reconciliation) { x.seen.Phase = voice.PhaseEnded }
	gone := seeing(absent(-30 * time.Second))
	departed := gateWant{reason: v1alpha1.ReasonParticipantLeft, says: "nothing is left to do", phase: memory.Inherited, callState: v1alpha1.CallLeft}
	with := func(change func(*gateWant)) gateWant {
		want := departed
		change(&want)
		return want
	}
	checkGate(t, []gateCase{
		{"suspended", objects{suspend}, nil, gateWant{reason: v1alpha1.ReasonSuspended, unsubscribe: true, rivals: true, phase: memory.Unjudged}},
		{"suspended in an edit", objects{suspend, edited}, nil, gateWant{reason: v1alpha1.ReasonSuspended, unsubscribe: true, rivals: true, phase: memory.Unjudged}},
		{"suspended after the end", objects{suspend, left}, nil,
			gateWant{reason: v1alpha1.ReasonSuspended, unsubscribe: true, rivals: true, phase: memory.Unjudged, callState: v1alpha1.CallLeft}},
		{"left", objects{left}, read{gone}, departed},
		{"left before it was in sync", objects{left, unsynced}, read{gone}, with(func(w *gateWant) { w.says = "a new call is a new object" })},
		{"left, and the account is gone", objects{left}, read{gone, account(provider.PhaseUnknown, false)}, departed},
		{"left, with a time to live", objects{left, ttl(90)}, read{gone}, with(func(w *gateWant) { w.requeueIn = new(30 * time.Second) })},
		{"left, with a time to live of its account", objects{left}, read{gone, func(x *reconciliation) { x.account.TTL = provider.TTLOf(new(int32(90))) }},
			with(func(w *gateWant) { w.requeueIn = new(30 * time.Second) })},
		{"left, and its time to live is over", objects{left, ttl(60)}, read{gone},
			with(func(w *gateWant) { w.requeueIn, w.expired = new(time.Duration(0)), true })},
		{"left, and seen before that", objects{left}, read{seeing(present(-time.Minute)), func(x *reconciliation) {
			x.memory.Look = x.memory.Look.VoidUntil(x.now)
		}}, departed},
		{"left, and seen to have ended since", objects{left}, read{ended}, departed},
		{"left, and seen again", objects{left}, nil, gateWant{open: true, phase: memory.Inherited}},
		{"left, and seen again, in an edit", objects{left, edited}, nil,
			gateWant{refreshIn: times{0}, requeueIn: new(5 * time.Second), phase: memory.Awaited}},
	})
}

func TestGateEndsForTheAccount(t *testing.T) {
	none := func(x *reconciliation) { x.accountExists = false }
	waiting := func(says string, edit memory.Phase, claimEnds bool) gateWant {
		return gateWant{reason: v1alpha1.ReasonWaitingForAccount, says: says, accountWide: true, phase: edit, rivals: claimEnds}
	}
	silent := gateWant{phase: memory.Inherited, rivals: true}
	checkGate(t, []gateCase{
		{"missing", nil, read{account(provider.PhaseUnknown, false), none},
			gateWant{reason: v1alpha1.ReasonWaitingForAccount, says: "does not exist", phase: memory.Inherited, rivals: true}},
		{"not looked at so far", nil, read{account(provider.PhaseUnknown, false)}, silent},
		{"not looked at so far, in an edit", objects{edited}, read{account(provider.PhaseUnknown, false)}, gateWant{phase: memory.Awaited, rivals: true}},
		{"suspended", nil, read{account(provider.PhaseSuspended, true)}, gateWant{phase: memory.Inherited}},
		{"suspended, in an edit", objects{edited}, read{account(provider.PhaseSuspended, true)}, waiting("is suspended", memory.Awaited, false)},
		{"unauthorized", nil, read{account(provider.PhaseUnauthorized, false)},
			gateWant{reason: v1alpha1.ReasonUnauthorized, says: "mend its Secret", accountWide: true, phase: memory.Inherited, rivals: true}},
		{"unavailable before it was verified", nil, read{account(provider.PhaseUnavailable, false)}, silent},
		{"unavailable before it was verified, in an edit", objects{edited}, read{account(provider.PhaseUnavailable, false)},
			waiting("can't be reached", memory.Awaited, true)},
		{"not ready", nil, read{account(provider.PhaseNotReady, false)}, waiting("not ready (Because): why.", memory.Inherited, true)},
		{"ready without a session", nil, read{account(provider.PhaseReady, true)}, waiting("not ready", memory.Inherited, false)},
		{"another account of the provider than before", nil, read{func(x *reconciliation) {
			x.memory.Account, _ = x.memory.Account.TrackProvider("other")
		}, judged}, gateWant{refreshIn: times{0}, phase: memory.Unjudged}},
	})
}

func TestR9GateEndsForTheClaim(t *testing.T) {
	lost := gateWant{reason: v1alpha1.ReasonConflict, unsubscribe: true, phase: memory.Unjudged}
	with := func(says string, rivals bool) gateWant {
		want := lost
		want.says, want.rivals = says, rivals
		return want
	}
	before := func(state claim.State) func(*reconciliation) {
		return func(x *reconciliation) { x.memory.Claim = state }
	}
	checkGate(t, []gateCase{
		{"undecided", nil, read{func(x *reconciliation) { x.claim.State = claim.Undecided }},
			gateWant{requeueIn: new(time.Second), phase: memory.Inherited}},
		{"lost in the same namespace", nil, read{lostTo("ns"), before(claim.None)}, with("ConferenceParticipant bob claims", false)},
		{"lost in another namespace", nil, read{lostTo("secret"), before(claim.None)}, with("in another namespace claims", false)},
		{"lost after it stood", objects{edited}, read{lostTo("ns")}, with("bob", true)},
		{"lost, in an account that is blocked", nil, read{lostTo("ns"), before(claim.Lost), blockedBy(provider.Unavailable, time.Time{})}, with("bob", false)},
		{"lost still", nil, read{lostTo("ns"), before(claim.Lost)}, with("bob", false)},
		{"none, in mode Observe", nil, read{func(x *reconciliation) { x.claim.State = claim.None }, before(claim.None)},
			gateWant{open: true, phase: memory.Inherited}},
	})
}

func TestR8GateEndsForARefusedList(t *testing.T) {
	rejected := gateWant{reason: v1alpha1.ReasonRejected, says: "code 20003", phase: memory.Inherited}
	awaited := rejected
	awaited.phase, awaited.reason = memory.Awaited, v1alpha1.ReasonConverging
	checkGate(t, []gateCase{
		{"the first time, with nothing to send", nil, read{refusedList(1, -time.Second)}, gateWant{phase: memory.Inherited}},
		{"the first time, for something to send", objects{edited}, read{refusedList(1, -time.Second)}, awaited},
		{"once more", nil, read{refusedList(roster.RefusedForGood, -time.Second)}, rejected},
		{"before the edit", objects{edited}, read{refusedList(roster.RefusedForGood, -time.Minute)},
			gateWant{forgive: true, refreshIn: times{0}, requeueIn: new(5 * time.Second), phase: memory.Awaited}},
	})
	x := prepared(subject(func(object *v1alpha1.ConferenceParticipant) {
		object.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "today"}
	}), refusedList(1, -time.Second))
	if gate(x); x.status.LastHandledReconcileAt != "today" {
		t.Errorf("a reconcile request for a refused conference is handled at %q", x.status.LastHandledReconcileAt)
	}
}
