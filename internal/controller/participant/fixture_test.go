package participant

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// in is a time so long after now.
func in(d time.Duration) time.Time { return now.Add(d) }

// remembered is for how long this process has known the object of the tables.
const remembered = 10 * time.Second

// stubSession has an identity, and panics if anything is sent through it.
type stubSession struct {
	Session
	identity string
}

func (s stubSession) Identity() string { return s.identity }

// subject is an object that was created a minute ago, is muted as declared, and was
// reported to be so.
func subject(changes ...func(*v1alpha1.ConferenceParticipant)) *v1alpha1.ConferenceParticipant {
	object := &v1alpha1.ConferenceParticipant{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "ns", Name: "alice", UID: "alice", Generation: 1, CreationTimestamp: metav1.NewTime(in(-time.Minute)),
		},
		Spec: v1alpha1.ConferenceParticipantSpec{
			AccountRef: v1alpha1.LocalReference{Name: "acme"}, ConferenceSID: "conference", CallSID: "call",
			AudioControls: v1alpha1.AudioControls{Muted: new(true)},
			Mode:          v1alpha1.ModeEnforce, DriftPolicy: v1alpha1.DriftEnforce, JoinDeadlineSeconds: new(int32(900)),
		},
		Status: v1alpha1.ConferenceParticipantStatus{
			ObservedGeneration: 1, CallState: v1alpha1.CallLive,
			Participant: &v1alpha1.ParticipantState{CallSID: "call", Muted: true, Status: "in-progress"},
			Conditions:  status.Apply(nil, status.Ready(v1alpha1.ReasonInSync, "m"), 1, in(-time.Minute)),
		},
	}
	object.Status.LastSyncedDigest = plan.DesiredOf(&object.Spec).Digest
	for _, change := range changes {
		change(object)
	}
	return object
}

// prepared is a reconcile of an object that was first seen remembered ago: its
// account is ready, and the participant was observed half a minute ago as declared.
func prepared(object *v1alpha1.ConferenceParticipant, changes ...func(*reconciliation)) *reconciliation {
	x, _ := begin(&memory.Store{}, object, in(-remembered))
	x.now = now
	x.session, x.accountExists = stubSession{identity: "token"}, true
	x.account = provider.State{
		Phase: provider.PhaseReady, Verified: true, ReadySince: in(-time.Hour), ProviderAccount: "acme", ResyncInterval: 30 * time.Second,
	}
	x.claim, x.memory.Claim = claim.Verdict{State: claim.Ours}, claim.Ours
	x.seen = present(-30 * time.Second)
	for _, change := range changes {
		change(x)
	}
	return x
}

// present is an observation of the participant as declared, requested so long after
// now, with a response 100 ms later.
func present(sent time.Duration) roster.Observation {
	return roster.Observation{
		Participant: voice.Participant{CallSID: "call", Muted: true, Status: "in-progress"},
		Present:     true, ObservedAt: in(sent), RespondedAt: in(sent + 100*time.Millisecond),
	}
}

// absent is an observation that the participant is not there.
func absent(sent time.Duration) roster.Observation {
	return roster.Observation{ObservedAt: in(sent), RespondedAt: in(sent + 100*time.Millisecond)}
}

// childOfAllHands is a participant that the Conference all-hands has made in a role.
func childOfAllHands(object *v1alpha1.ConferenceParticipant) {
	object.Labels = map[string]string{v1alpha1.RoleLabel: "audience"}
	object.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Conference", Name: "all-hands", UID: "all-hands", Controller: new(true),
	}}
}

// standing has a child stand so to its Conference.
func standing(as policy.Standing) func(*reconciliation) {
	return func(x *reconciliation) { x.child.standing = as }
}

// edited is a change of the spec that was not reported on.
func edited(object *v1alpha1.ConferenceParticipant) { object.Generation = 2 }

// left is a participant that was reported to have left a minute ago.
func left(object *v1alpha1.ConferenceParticipant) {
	finished := metav1.NewTime(in(-time.Minute))
	object.Status.CallState, object.Status.FinishTime = v1alpha1.CallLeft, &finished
}

// neverSeen is a participant that was not reported so far.
func neverSeen(object *v1alpha1.ConferenceParticipant) {
	object.Status.CallState, object.Status.Participant, object.Status.LastSyncedDigest = "", nil, ""
}

// seeing has the participant observed like this.
func seeing(seen roster.Observation) func(*reconciliation) {
	return func(x *reconciliation) { x.seen = seen }
}

// account has the account in a phase, without a session.
func account(phase provider.Phase, verified bool) func(*reconciliation) {
	return func(x *reconciliation) {
		x.session, x.account.Phase, x.account.Verified, x.account.Reason, x.account.Message = nil, phase, verified, "Because", "why."
	}
}

// blockedBy has the session blocked.
func blockedBy(block provider.Block, until time.Time) func(*reconciliation) {
	return func(x *reconciliation) { x.block, x.blockedUntil = block, until }
}

// waitingFor has something to send that has waited so long.
func waitingFor(d time.Duration) func(*reconciliation) {
	return func(x *reconciliation) {
		x.memory.Backlog = x.memory.Backlog.Plan().Delay(memory.Unavailable, in(-d))
	}
}

// judged has the edit decided on.
func judged(x *reconciliation) { x.memory.Edit = x.memory.Edit.Judge() }

// lostTo has a rival win the call leg.
func lostTo(namespace string) func(*reconciliation) {
	return func(x *reconciliation) {
		x.claim = claim.Verdict{State: claim.Lost, To: types.NamespacedName{Namespace: namespace, Name: "bob"}}
	}
}

// refusedList has the conference's list refused so often, the last time so long
// after now.
func refusedList(tries int, at time.Duration) func(*reconciliation) {
	return func(x *reconciliation) {
		x.refusal = roster.Refusal{Tries: tries, At: in(at), Explanation: "code 20003"}
	}
}

// phaseOf names how far an edit has come.
func phaseOf(edit memory.Edit) memory.Phase {
	switch {
	case edit.Awaited():
		return memory.Awaited
	case edit.Judged():
		return memory.Judged
	case edit.Settled():
		return memory.Inherited
	default:
		return memory.Unjudged
	}
}
