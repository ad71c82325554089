package operator_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

func TestR7AParticipantIsWaitedForAndFound(t *testing.T) {
	w := world.New(t)
	call := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	w.Declare("agent", call, world.Mute)
	w.Settle()
	if found := w.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant); found.Status.CallState != v1alpha1.CallWaiting {
		w.Errorf("callState is %s", found.Status.CallState)
	}
	w.Pass(5 * time.Minute)
	w.Join(voicesim.JoinOptions{CallSID: call})
	w.Pass(15 * time.Second)
	w.WantUpdates("Muted=true")
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7TheJoinDeadlinePassesAndTheParticipantIsStillFound(t *testing.T) {
	w := world.New(t)
	call := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	w.Declare("agent", call, func(s *world.Spec) { world.Mute(s); s.JoinDeadlineSeconds = new(int32(60)) })
	w.Pass(59 * time.Second)
	w.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	w.Pass(2 * time.Second)
	w.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
	w.Restart()
	w.WantQuiet(10 * time.Minute)
	w.Join(voicesim.JoinOptions{CallSID: call})
	w.Pass(33 * time.Second)
	w.WantUpdates("Muted=true")
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7OneAbsenceIsNotADeparture(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(2 * time.Minute)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Times: 1, Status: 404})
	w.WantQuiet(2 * time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpGetParticipant, Times: 1, Status: 404})
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Times: 1, Status: 404})
	w.WantQuiet(2 * time.Minute)
}

func TestR7AListThatAnswers404IsAnEmptyRoster(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(2 * time.Minute)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Status: 404})
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpGetParticipant, Status: 404})
	w.Declare("nobody", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", world.Mute)
	w.Pass(59 * time.Second)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.WantReady("nobody", "False", v1alpha1.ReasonWaitingForParticipant)
	w.Pass(time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR7AnAbsenceBeforeTheObjectCountsForNothing(t *testing.T) {
	w := world.New(t)
	w.Declare("other", w.Join(), world.Mute)
	w.Settle()
	w.Updates()
	w.Pass(500 * time.Millisecond)
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	w.WantUpdates("Muted=true")
}

func TestR7TwoReadsProveADeparture(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(2 * time.Minute)
	w.Sim.Leave(w.Conference, call)
	w.Sim.ResetJournal()
	w.Pass(33 * time.Second)
	w.Pass(5 * time.Second)
	found := w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	if found.Status.CallState != v1alpha1.CallLeft || found.Status.FinishTime == nil || w.Count(voicesim.OpGetParticipant) != 2 {
		w.Errorf("callState %s, finished %v, after %d reads", found.Status.CallState, found.Status.FinishTime, w.Count(voicesim.OpGetParticipant))
	}
	w.Pass(3 * time.Minute)
	w.Sim.ResetJournal()
	w.Pass(time.Hour)
	if requests := len(w.Sim.Journal()); requests != 0 {
		w.Errorf("%d requests after the call was over", requests)
	}
	w.Edit("agent", world.Open)
	w.Pass(time.Minute)
	w.WantReady("agent", "False", v1alpha1.ReasonParticipantLeft)
	w.WantUpdates()
}

func TestR7AWholeRoomIsGivenAMinute(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Declare("caller", w.Join(), world.Hold)
	w.Pass(2 * time.Minute)
	w.Sim.EndConference(w.Conference)
	w.Pass(59 * time.Second)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.Pass(36 * time.Second)
	w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	w.WantReady("caller", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR7BadRoutingInAnEditIsNoDeparture(t *testing.T) {
	for _, others := range []int{2, 201} {
		for _, answered := range []int{0, 1, 2} {
			for name, edit := range map[string]func(*world.Spec){"hold": world.Hold, "announcement": announce("closing")} {
				t.Run(fmt.Sprintf("%s, %d others, %d requests are answered", name, others, answered), func(t *testing.T) {
					w := world.New(t)
					call := w.Join()
					for range others {
						w.Join()
					}
					w.Declare("agent", call, world.Mute)
					w.Pass(2 * time.Minute)
					w.Sim.Inject(voicesim.Fault{Status: http.StatusNotFound, ConferenceSID: w.Conference, Skip: answered})
					w.Edit("agent", edit)
					w.Pass(59 * time.Second)
					if state := w.Get("agent").Status.CallState; state != v1alpha1.CallLive {
						w.Errorf("callState is %s", state)
					}
					w.Sim.ClearFaults()
					w.Pass(time.Minute)
					w.WantReady("agent", "True", v1alpha1.ReasonInSync)
				})
			}
		}
	}
}

func TestR7ACompletedStatusIsAnEndAtOnce(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Settle()
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Status = "completed" })
	w.Pass(33 * time.Second)
	w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR7ACallSeenAgainComesBackToLife(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(time.Minute)
	w.Sim.Leave(w.Conference, call)
	w.Pass(time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	w.Updates()
	w.Join(voicesim.JoinOptions{CallSID: call})
	w.Pass(time.Minute)
	if found := w.WantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.CallState != v1alpha1.CallLive || found.Status.FinishTime != nil {
		w.Errorf("callState %s, finished %v", found.Status.CallState, found.Status.FinishTime)
	}
	w.WantUpdates("Muted=true")
}

func TestR7ADemandAfterTheEndIsMet(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(10 * time.Second)
	w.Sim.HangUp(call)
	w.Pass(10 * time.Minute)
	w.Sim.ResetJournal()
	w.Demand("agent", "now")
	w.Settle()
	if handled := w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft).Status.LastHandledReconcileAt; handled != "now" {
		w.Errorf("lastHandledReconcileAt is %q", handled)
	}
	if requests := len(w.Sim.Journal()); requests != 0 {
		w.Errorf("%d requests after the call was over", requests)
	}
}

func TestR7AnUpdateAnswered404IsConfirmed(t *testing.T) {
	w := world.New(t, func(s *voicesim.Settings) { s.CompletedConference = voicesim.CompletedBadRequest })
	call := w.Join()
	w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(2 * time.Minute)
	w.Updates()
	fault := w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 400, Code: 10000})
	w.Edit("agent", world.Open)
	w.Pass(20 * time.Second)
	if sent := w.Updates(); len(sent) < 2 || len(sent) > 4 {
		w.Errorf("%d tries in 20 s of an update that is refused as if nobody was there", len(sent))
	}
	w.Sim.ClearFault(fault)
	w.Pass(time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestTTLDeletesAfterTheEnd(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Join()
	w.Declare("agent", call, func(s *world.Spec) { world.Mute(s); s.TTLSecondsAfterFinished = new(int32(600)) })
	w.Pass(time.Minute)
	w.Sim.HangUp(call)
	w.Pass(time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	w.Pass(9 * time.Minute)
	w.Get("agent")
	w.Pass(time.Minute)
	wantGone(w, "agent")
}

func TestR14AForeignChangeKeepsNoExpiredObject(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Join()
	w.Declare("agent", call, func(s *world.Spec) { world.Mute(s); s.TTLSecondsAfterFinished = new(int32(60)) })
	w.Pass(time.Minute)
	w.Sim.HangUp(call)
	w.Pass(time.Minute)
	labelled := w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	labelled.Labels = map[string]string{"team": "support"}
	w.Update(labelled)
	w.Pass(time.Minute)
	wantGone(w, "agent")
}

func TestTTLDeletesNobodyWhoWasChangedMeanwhile(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, func(s *world.Spec) { world.Mute(s); s.TTLSecondsAfterFinished = new(int32(60)) })
	w.Pass(time.Minute)
	w.Sim.HangUp(call)
	w.Cross = func(crossing world.Crossing) world.Fate {
		if strings.HasPrefix(crossing.What, "delete") {
			w.Cross = nil
			w.Edit("agent", func(s *world.Spec) { s.TTLSecondsAfterFinished = nil })
		}
		return world.Lives
	}
	w.Pass(10 * time.Minute)
	if w.Cross != nil {
		t.Fatal("nothing was deleted")
	}
	w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR9TheOldestObjectWins(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("first", call, world.Mute)
	w.Pass(time.Second)
	w.Declare("second", call, world.Open)
	w.Pass(time.Minute)
	w.WantReady("first", "True", v1alpha1.ReasonInSync)
	w.WantReady("second", "False", v1alpha1.ReasonConflict)
	if !strings.Contains(w.Message("second"), "first") {
		w.Errorf("the message does not name the winner: %s", w.Message("second"))
	}
	w.WantUpdates("Muted=true")
	w.Restart()
	w.WantQuiet(time.Minute)
	w.Delete(w.Get("first"))
	w.Settle()
	w.WantUpdates("Muted=false")
	w.WantReady("second", "True", v1alpha1.ReasonInSync)
}

func TestR9WhoClaims(t *testing.T) {
	for name, change := range map[string]func(*world.Spec){
		"observe objects do not": func(s *world.Spec) { s.Mode = v1alpha1.ModeObserve },
		"suspended objects do":   func(s *world.Spec) { s.Suspend = true },
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			call := w.Join()
			w.Declare("first", call, func(s *world.Spec) { world.Mute(s); change(s) })
			w.Pass(time.Second)
			w.Declare("second", call, world.Hold)
			w.Pass(time.Minute)
			if suspended := w.Get("first").Spec.Suspend; suspended {
				w.WantReady("second", "False", v1alpha1.ReasonConflict)
				w.WantUpdates()
			} else {
				w.WantReady("second", "True", v1alpha1.ReasonInSync)
				w.WantUpdates("Hold=true")
			}
		})
	}
}

func TestR9OfTwoOfTheSameTimeTheNameDecides(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("b", call, world.Hold)
	w.Declare("a", call, world.Mute)
	w.Pass(time.Minute)
	w.WantReady("a", "True", v1alpha1.ReasonInSync)
	w.WantReady("b", "False", v1alpha1.ReasonConflict)
	w.WantUpdates("Muted=true")
}

func TestR9WhoObservesLosesNothing(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("first", call, world.Mute)
	w.Pass(time.Second)
	w.Declare("second", call, func(s *world.Spec) { world.Open(s); s.Mode = v1alpha1.ModeObserve })
	w.Pass(time.Minute)
	w.WantReady("second", "True", v1alpha1.ReasonObserved)
}

func TestR9WhoLeftClaimsNothing(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Join()
	w.Declare("first", call, world.Mute)
	w.Pass(time.Minute)
	w.Sim.Leave(w.Conference, call)
	w.Pass(time.Minute)
	w.WantReady("first", "True", v1alpha1.ReasonParticipantLeft)
	w.Declare("second", call, world.Open)
	w.Pass(time.Second)
	w.WantReady("second", "False", v1alpha1.ReasonWaitingForParticipant)
}

func TestR9AStrangerWithoutTheTokenBlocksNobody(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.CreateIn("stranger", "wrong")
	w.DeclareIn("stranger", "earlier", call, world.Open)
	w.Pass(time.Second)
	w.Declare("agent", call, world.Mute)
	w.Pass(time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.WantUpdates("Muted=true")
}

func TestR9AWinnerInAnotherNamespaceIsNotNamed(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.CreateIn("elsewhere", world.Token)
	w.DeclareIn("elsewhere", "secret-name", call, world.Mute)
	w.Pass(time.Second)
	w.Declare("agent", call, world.Open)
	w.Pass(time.Second)
	w.WantReady("agent", "False", v1alpha1.ReasonConflict)
	if message := w.Message("agent"); !strings.Contains(message, "in another namespace") || strings.Contains(message, "secret-name") || strings.Contains(message, "elsewhere") {
		w.Errorf("the message says too much or too little: %s", message)
	}
	w.Rotate("elsewhere", "wrong")
	w.Pass(time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR9ARefusedTokenClaimsNothing(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Sim.SetTokens(world.AccountSID, world.Token, "PT-elsewhere")
	w.CreateIn("elsewhere", "PT-elsewhere")
	w.DeclareIn("elsewhere", "earlier", call, world.Mute)
	w.Pass(time.Second)
	w.Declare("agent", call, world.Open)
	w.Pass(time.Second)
	w.WantReady("agent", "False", v1alpha1.ReasonConflict)
	w.Sim.SetTokens(world.AccountSID, world.Token)
	w.Pass(time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR9AStartMakesNobodyFlap(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.CreateIn("elsewhere", world.Token)
	w.DeclareIn("elsewhere", "earlier", call, world.Mute)
	w.Pass(time.Second)
	w.Declare("agent", call, world.Open)
	w.Pass(time.Minute)
	w.WantReady("agent", "False", v1alpha1.ReasonConflict)
	w.InterceptLive.Get = func(ctx context.Context, c client.WithWatch, key client.ObjectKey, of client.Object, options ...client.GetOption) error {
		if _, ok := of.(*corev1.Secret); ok && key.Namespace == "elsewhere" {
			return apierrors.NewServiceUnavailable("not now")
		}
		return c.Get(ctx, key, of, options...)
	}
	w.Restart()
	w.WantQuiet(time.Minute)
	w.DeclareIn("elsewhere", "fresh", w.Join(), world.Mute)
	// Nothing is said of an account that was not looked at (R13).
	w.WantQuiet(time.Minute)
	w.InterceptLive.Get = nil
	w.Pass(time.Minute)
	w.WantUpdates("Muted=true")
	w.WantQuiet(5 * time.Minute)
}

func TestR9AnOutageMakesNobodyFlap(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("first", call, world.Mute)
	w.Pass(time.Second)
	w.Declare("second", call, world.Open)
	w.Pass(time.Minute)
	w.Sim.Inject(voicesim.Fault{Status: 503})
	w.WantQuiet(10 * time.Minute)
	w.Sim.ClearFaults()
	w.Pass(2 * time.Minute)
	w.WantReady("first", "True", v1alpha1.ReasonInSync)
	w.WantReady("second", "False", v1alpha1.ReasonConflict)
}
