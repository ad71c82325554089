package operator

import (
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

func TestR7AParticipantIsWaitedForAndFound(t *testing.T) {
	w := newWorld(t)
	call := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	w.declare("agent", call, mute)
	w.settle()
	if found := w.wantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant); found.Status.CallState != v1alpha1.CallWaiting {
		w.Errorf("callState is %s", found.Status.CallState)
	}
	w.pass(5 * time.Minute)
	w.join(voicesim.JoinOptions{CallSID: call})
	w.pass(15 * time.Second)
	w.wantUpdates("Muted=true")
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7TheJoinDeadlinePassesAndTheParticipantIsStillFound(t *testing.T) {
	w := newWorld(t)
	call := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	w.declare("agent", call, func(s *spec) { mute(s); s.JoinDeadlineSeconds = new(int32(60)) })
	w.pass(59 * time.Second)
	w.wantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	w.pass(2 * time.Second)
	w.wantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
	w.restart()
	w.quiet(10 * time.Minute)
	w.join(voicesim.JoinOptions{CallSID: call})
	w.pass(33 * time.Second)
	w.wantUpdates("Muted=true")
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7OneAbsenceIsNotADeparture(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.join()
	w.declare("agent", call, mute)
	w.pass(2 * time.Minute)
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Times: 1, Status: 404})
	w.quiet(2 * time.Minute)
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpGetParticipant, Times: 1, Status: 404})
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Times: 1, Status: 404})
	w.quiet(2 * time.Minute)
}

func TestR7TwoReadsProveADeparture(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.join()
	w.declare("agent", call, mute)
	w.pass(2 * time.Minute)
	w.sim.Leave(w.conference, call)
	w.sim.ResetJournal()
	w.pass(33 * time.Second)
	w.pass(5 * time.Second)
	found := w.wantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	if found.Status.CallState != v1alpha1.CallLeft || found.Status.FinishTime == nil || w.count(voicesim.OpGetParticipant) != 2 {
		w.Errorf("callState %s, finished %v, after %d reads", found.Status.CallState, found.Status.FinishTime, w.count(voicesim.OpGetParticipant))
	}
	w.pass(3 * time.Minute)
	w.sim.ResetJournal()
	w.pass(time.Hour)
	if requests := len(w.sim.Journal()); requests != 0 {
		w.Errorf("%d requests after the call was over", requests)
	}
	w.edit("agent", open)
	w.pass(time.Minute)
	w.wantReady("agent", "False", v1alpha1.ReasonParticipantLeft)
	w.wantUpdates()
}

func TestR7AWholeRoomIsGivenAMinute(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), mute)
	w.declare("caller", w.join(), hold)
	w.pass(2 * time.Minute)
	w.sim.EndConference(w.conference)
	w.pass(59 * time.Second)
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	w.pass(36 * time.Second)
	w.wantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	w.wantReady("caller", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR7ACompletedStatusIsAnEndAtOnce(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("agent", call, mute)
	w.settle()
	w.sim.Drift(w.conference, call, func(p *voicesim.Participant) { p.Status = "completed" })
	w.pass(33 * time.Second)
	w.wantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR7ACallSeenAgainComesBackToLife(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.join()
	w.declare("agent", call, mute)
	w.pass(time.Minute)
	w.sim.Leave(w.conference, call)
	w.pass(time.Minute)
	w.wantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	w.updates()
	w.join(voicesim.JoinOptions{CallSID: call})
	w.pass(time.Minute)
	if found := w.wantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.CallState != v1alpha1.CallLive || found.Status.FinishTime != nil {
		w.Errorf("callState %s, finished %v", found.Status.CallState, found.Status.FinishTime)
	}
	w.wantUpdates("Muted=true")
}

func TestR7AnUpdateAnswered404IsConfirmed(t *testing.T) {
	w := newWorld(t, func(s *voicesim.Settings) { s.CompletedConference = voicesim.CompletedBadRequest })
	call := w.join()
	w.join()
	w.declare("agent", call, mute)
	w.pass(2 * time.Minute)
	w.updates()
	fault := w.sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 400, Code: 10000})
	w.edit("agent", open)
	w.pass(20 * time.Second)
	if sent := w.updates(); len(sent) < 2 || len(sent) > 4 {
		w.Errorf("%d tries in 20 s of an update that is refused as if nobody was there", len(sent))
	}
	w.sim.ClearFault(fault)
	w.pass(time.Minute)
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestTTLDeletesAfterTheEnd(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.join()
	w.declare("agent", call, func(s *spec) { mute(s); s.TTLSecondsAfterFinished = new(int32(600)) })
	w.pass(time.Minute)
	w.sim.HangUp(call)
	w.pass(time.Minute)
	w.wantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	w.pass(9 * time.Minute)
	w.get("agent")
	w.pass(time.Minute)
	if err := w.client.Get(w.Context(), client.ObjectKey{Namespace: namespace, Name: "agent"}, &object{}); !apierrors.IsNotFound(err) {
		w.Errorf("the object is still there: %v", err)
	}
}

func TestR9TheOldestObjectWins(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("first", call, mute)
	w.pass(time.Second)
	w.declare("second", call, open)
	w.pass(time.Minute)
	w.wantReady("first", "True", v1alpha1.ReasonInSync)
	w.wantReady("second", "False", v1alpha1.ReasonConflict)
	if !strings.Contains(w.message("second"), "first") {
		w.Errorf("the message does not name the winner: %s", w.message("second"))
	}
	w.wantUpdates("Muted=true")
	w.restart()
	w.quiet(time.Minute)
	w.delete(w.get("first"))
	w.settle()
	w.wantUpdates("Muted=false")
	w.wantReady("second", "True", v1alpha1.ReasonInSync)
}

func TestR9WhoClaims(t *testing.T) {
	for name, change := range map[string]func(*spec){
		"observe objects do not": func(s *spec) { s.Mode = v1alpha1.ModeObserve },
		"suspended objects do":   func(s *spec) { s.Suspend = true },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			call := w.join()
			w.declare("first", call, func(s *spec) { mute(s); change(s) })
			w.pass(time.Second)
			w.declare("second", call, hold)
			w.pass(time.Minute)
			if suspended := w.get("first").Spec.Suspend; suspended {
				w.wantReady("second", "False", v1alpha1.ReasonConflict)
				w.wantUpdates()
			} else {
				w.wantReady("second", "True", v1alpha1.ReasonInSync)
				w.wantUpdates("Hold=true")
			}
		})
	}
}

func TestR9AStrangerWithoutTheTokenBlocksNobody(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.createIn("stranger", "wrong")
	w.declareIn("stranger", "earlier", call, open)
	w.pass(time.Second)
	w.declare("agent", call, mute)
	w.pass(time.Minute)
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	w.wantUpdates("Muted=true")
}

func TestR9AWinnerInAnotherNamespaceIsNotNamed(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.createIn("elsewhere", token)
	w.declareIn("elsewhere", "secret-name", call, mute)
	w.pass(time.Second)
	w.declare("agent", call, open)
	w.pass(time.Second)
	w.wantReady("agent", "False", v1alpha1.ReasonConflict)
	if message := w.message("agent"); !strings.Contains(message, "in another namespace") || strings.Contains(message, "secret-name") || strings.Contains(message, "elsewhere") {
		w.Errorf("the message says too much or too little: %s", message)
	}
	w.rotate("elsewhere", "wrong")
	w.pass(time.Minute)
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR9AnOutageMakesNobodyFlap(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("first", call, mute)
	w.pass(time.Second)
	w.declare("second", call, open)
	w.pass(time.Minute)
	w.sim.Inject(voicesim.Fault{Status: 503})
	w.quiet(10 * time.Minute)
	w.sim.ClearFaults()
	w.pass(2 * time.Minute)
	w.wantReady("first", "True", v1alpha1.ReasonInSync)
	w.wantReady("second", "False", v1alpha1.ReasonConflict)
}
