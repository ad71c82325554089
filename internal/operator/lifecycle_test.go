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
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

func TestR7AParticipantIsWaitedForAndFound(t *testing.T) {
	env := sim.New(t)
	call := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	env.CreateParticipant("agent", call, sim.Mute)
	env.RunUntilIdle()
	if found := env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant); found.Status.CallState != v1alpha1.CallWaiting {
		t.Errorf("callState is %s", found.Status.CallState)
	}
	env.Elapse(5 * time.Minute)
	env.Join(voicesim.JoinOptions{CallSID: call})
	env.Elapse(15 * time.Second)
	env.WantUpdates("Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7TheJoinDeadlinePassesAndTheParticipantIsStillFound(t *testing.T) {
	env := sim.New(t)
	call := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.JoinDeadlineSeconds = new(int32(60)) })
	env.Elapse(59 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	env.Elapse(2 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
	env.Restart()
	env.WantQuiet(10 * time.Minute)
	env.Join(voicesim.JoinOptions{CallSID: call})
	env.Elapse(7 * time.Minute)
	env.WantUpdates("Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7OneAbsenceIsNotADeparture(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Times: 1, Status: 404})
	env.WantQuiet(2 * time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpGetParticipant, Times: 1, Status: 404})
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Times: 1, Status: 404})
	env.WantQuiet(2 * time.Minute)
}

func TestR7AListThatAnswers404IsAnEmptyRoster(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Status: 404})
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpGetParticipant, Status: 404})
	env.CreateParticipant("nobody", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", sim.Mute)
	env.Elapse(59 * time.Second)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantReady("nobody", "False", v1alpha1.ReasonWaitingForParticipant)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR7AnAbsenceBeforeTheObjectCountsForNothing(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("other", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.Updates()
	env.Elapse(500 * time.Millisecond)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.WantUpdates("Muted=true")
}

func TestR7TwoReadsProveADeparture(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.Provider.Leave(env.Conference, call)
	env.Provider.ResetJournal()
	env.Elapse(33 * time.Second)
	env.Elapse(5 * time.Second)
	found := env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	if found.Status.CallState != v1alpha1.CallLeft || found.Status.FinishTime == nil || env.Count(voicesim.OpGetParticipant) != 2 {
		t.Errorf("callState %s, finished %v, after %d reads", found.Status.CallState, found.Status.FinishTime, env.Count(voicesim.OpGetParticipant))
	}
	env.Elapse(3 * time.Minute)
	env.Provider.ResetJournal()
	env.Elapse(time.Hour)
	if requests := len(env.Provider.Journal()); requests != 0 {
		t.Errorf("%d requests after the call was over", requests)
	}
	env.Edit("agent", sim.Unmute)
	env.Elapse(time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonParticipantLeft)
	env.WantUpdates()
}

func TestR7AWholeRoomIsGivenAMinute(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.CreateParticipant("caller", env.Join(), sim.Hold)
	env.Elapse(2 * time.Minute)
	env.Provider.EndConference(env.Conference)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpGetConference, Status: http.StatusNotFound})
	env.Elapse(59 * time.Second)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.Elapse(36 * time.Second)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	env.WantReady("caller", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR7BadRoutingInAnEditIsNoDeparture(t *testing.T) {
	for _, others := range []int{2, 201} {
		for _, answered := range []int{0, 1, 2} {
			for name, edit := range map[string]func(*sim.Spec){"hold": sim.Hold, "announcement": announce("closing")} {
				t.Run(fmt.Sprintf("%s, %d others, %d requests are answered", name, others, answered), func(t *testing.T) {
					env := sim.New(t)
					call := env.Join()
					for range others {
						env.Join()
					}
					env.CreateParticipant("agent", call, sim.Mute)
					env.Elapse(2 * time.Minute)
					env.Provider.Inject(voicesim.Fault{Status: http.StatusNotFound, ConferenceSID: env.Conference, Skip: answered})
					env.Edit("agent", edit)
					env.Elapse(59 * time.Second)
					if state := env.Get("agent").Status.CallState; state != v1alpha1.CallLive {
						t.Errorf("callState is %s", state)
					}
					env.Provider.ClearFaults()
					env.Elapse(time.Minute)
					env.WantReady("agent", "True", v1alpha1.ReasonInSync)
				})
			}
		}
	}
}

func TestR7ACompletedStatusIsAnEndAtOnce(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.RunUntilIdle()
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Status = "completed" })
	env.Elapse(33 * time.Second)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR7ACallSeenAgainComesBackToLife(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	env.Provider.Leave(env.Conference, call)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	env.Updates()
	env.Join(voicesim.JoinOptions{CallSID: call})
	env.Elapse(time.Minute)
	if found := env.WantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.CallState != v1alpha1.CallLive || found.Status.FinishTime != nil {
		t.Errorf("callState %s, finished %v", found.Status.CallState, found.Status.FinishTime)
	}
	env.WantUpdates("Muted=true")
}

// TestR7ACallComesBackWhateverTheClocks has a process with a clock that is behind take
// over from the one that saw the end.
func TestR7ACallComesBackWhateverTheClocks(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(10 * time.Minute)
	env.Provider.Leave(env.Conference, call)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	env.Advance(-6 * time.Minute)
	env.Restart()
	env.Elapse(10 * time.Second)
	env.Updates()
	env.Join(voicesim.JoinOptions{CallSID: call})
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7ADemandAfterTheEndIsMet(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(10 * time.Second)
	env.Provider.HangUp(call)
	env.Elapse(10 * time.Minute)
	env.Provider.ResetJournal()
	env.RequestReconcile("agent", "now")
	env.RunUntilIdle()
	if handled := env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft).Status.LastHandledReconcileAt; handled != "now" {
		t.Errorf("lastHandledReconcileAt is %q", handled)
	}
	if requests := len(env.Provider.Journal()); requests != 0 {
		t.Errorf("%d requests after the call was over", requests)
	}
}

func TestR7AnUpdateAnswered404IsConfirmed(t *testing.T) {
	env := sim.New(t, func(s *voicesim.Settings) { s.CompletedConference = voicesim.CompletedBadRequest })
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.Updates()
	fault := env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 400, Code: 10000})
	env.Edit("agent", sim.Unmute)
	env.Elapse(20 * time.Second)
	if sent := env.Updates(); len(sent) < 2 || len(sent) > 4 {
		t.Errorf("%d tries in 20 s of an update that is refused as if nobody was there", len(sent))
	}
	env.Provider.ClearFault(fault)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestTTLDeletesAfterTheEnd(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.TTLSecondsAfterFinished = new(int32(600)) })
	env.Elapse(time.Minute)
	env.Provider.HangUp(call)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	env.Elapse(9 * time.Minute)
	env.Get("agent")
	env.Elapse(time.Minute)
	wantGone(t, env, "agent")
}

func TestR14AForeignChangeKeepsNoExpiredObject(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.TTLSecondsAfterFinished = new(int32(60)) })
	env.Elapse(time.Minute)
	env.Provider.HangUp(call)
	env.Elapse(time.Minute)
	labelled := env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	labelled.Labels = map[string]string{"team": "support"}
	env.Update(labelled)
	env.Elapse(time.Minute)
	wantGone(t, env, "agent")
}

func TestTTLSparesAnObjectChangedMeanwhile(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.TTLSecondsAfterFinished = new(int32(60)) })
	env.Elapse(time.Minute)
	env.Provider.HangUp(call)
	env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
		if strings.HasPrefix(boundary.What, "delete") {
			env.AtBoundary = nil
			env.Edit("agent", func(s *sim.Spec) { s.TTLSecondsAfterFinished = nil })
		}
		return sim.None
	}
	env.Elapse(10 * time.Minute)
	if env.AtBoundary != nil {
		t.Fatal("nothing was deleted")
	}
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
}

func TestR9TheOldestObjectWins(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("first", call, sim.Mute)
	env.Elapse(time.Second)
	env.CreateParticipant("second", call, sim.Unmute)
	env.Elapse(time.Minute)
	env.WantReady("first", "True", v1alpha1.ReasonInSync)
	env.WantReady("second", "False", v1alpha1.ReasonConflict)
	if !strings.Contains(env.Message("second"), "first") {
		t.Errorf("the message does not name the winner: %s", env.Message("second"))
	}
	env.WantUpdates("Muted=true")
	env.Restart()
	env.WantQuiet(time.Minute)
	env.Delete(env.Get("first"))
	env.RunUntilIdle()
	env.WantUpdates("Muted=false")
	env.WantReady("second", "True", v1alpha1.ReasonInSync)
}

func TestR9ObserveClaimsNothing(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("first", call, func(s *sim.Spec) { sim.Mute(s); s.Mode = v1alpha1.ModeObserve })
	env.Elapse(time.Second)
	env.CreateParticipant("second", call, sim.Hold)
	env.Elapse(time.Minute)
	env.WantReady("second", "True", v1alpha1.ReasonInSync)
	env.WantUpdates("Hold=true")
}

func TestR9OfTwoOfTheSameTimeTheNameDecides(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("b", call, sim.Hold)
	env.CreateParticipant("a", call, sim.Mute)
	env.Elapse(time.Minute)
	env.WantReady("a", "True", v1alpha1.ReasonInSync)
	env.WantReady("b", "False", v1alpha1.ReasonConflict)
	env.WantUpdates("Muted=true")
}

func TestR9ObserveIsNeverInConflict(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("first", call, sim.Mute)
	env.Elapse(time.Second)
	env.CreateParticipant("second", call, func(s *sim.Spec) { sim.Unmute(s); s.Mode = v1alpha1.ModeObserve })
	env.Elapse(time.Minute)
	env.WantReady("second", "True", v1alpha1.ReasonObserved)
}

func TestR9ADepartedParticipantClaimsNothing(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("first", call, sim.Mute)
	env.Elapse(time.Minute)
	env.Provider.Leave(env.Conference, call)
	env.Elapse(time.Minute)
	env.WantReady("first", "True", v1alpha1.ReasonParticipantLeft)
	env.CreateParticipant("second", call, sim.Unmute)
	env.Elapse(time.Second)
	env.WantReady("second", "False", v1alpha1.ReasonWaitingForParticipant)
}

func TestR9AnUnverifiedAccountBlocksNoOther(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateAccountIn("stranger", "wrong")
	env.CreateParticipantIn("stranger", "earlier", call, sim.Unmute)
	env.Elapse(time.Second)
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantUpdates("Muted=true")
}

func TestR9AWinnerInAnotherNamespaceIsNotNamed(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateAccountIn("elsewhere", sim.Token)
	env.CreateParticipantIn("elsewhere", "secret-name", call, sim.Mute)
	env.Elapse(time.Second)
	env.CreateParticipant("agent", call, sim.Unmute)
	env.Elapse(time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonConflict)
	if message := env.Message("agent"); !strings.Contains(message, "in another namespace") || strings.Contains(message, "secret-name") || strings.Contains(message, "elsewhere") {
		t.Errorf("the message says too much or too little: %s", message)
	}
	env.RotateToken("elsewhere", "wrong")
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR9ARefusedTokenClaimsNothing(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Provider.SetTokens(sim.AccountSID, sim.Token, "PT-elsewhere")
	env.CreateAccountIn("elsewhere", "PT-elsewhere")
	env.CreateParticipantIn("elsewhere", "earlier", call, sim.Mute)
	env.Elapse(time.Second)
	env.CreateParticipant("agent", call, sim.Unmute)
	env.Elapse(time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonConflict)
	env.Provider.SetTokens(sim.AccountSID, sim.Token)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR9AStartCausesNoFlapping(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateAccountIn("elsewhere", sim.Token)
	env.CreateParticipantIn("elsewhere", "earlier", call, sim.Mute)
	env.Elapse(time.Second)
	env.CreateParticipant("agent", call, sim.Unmute)
	env.Elapse(time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonConflict)
	env.InterceptLive.Get = func(ctx context.Context, c client.WithWatch, key client.ObjectKey, of client.Object, options ...client.GetOption) error {
		if _, ok := of.(*corev1.Secret); ok && key.Namespace == "elsewhere" {
			return apierrors.NewServiceUnavailable("not now")
		}
		return c.Get(ctx, key, of, options...)
	}
	env.Restart()
	env.WantQuiet(time.Minute)
	env.CreateParticipantIn("elsewhere", "fresh", env.Join(), sim.Mute)
	// Nothing is said of an account that was not looked at (R13).
	env.WantQuiet(time.Minute)
	env.InterceptLive.Get = nil
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true")
	env.WantQuiet(5 * time.Minute)
}

func TestR9AnOutageCausesNoFlapping(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("first", call, sim.Mute)
	env.Elapse(time.Second)
	env.CreateParticipant("second", call, sim.Unmute)
	env.Elapse(time.Minute)
	env.Provider.Inject(voicesim.Fault{Status: 503})
	env.WantQuiet(10 * time.Minute)
	env.Provider.ClearFaults()
	env.Elapse(2 * time.Minute)
	env.WantReady("first", "True", v1alpha1.ReasonInSync)
	env.WantReady("second", "False", v1alpha1.ReasonConflict)
}
