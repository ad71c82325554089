package operator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// turn changes the status of a call at the provider.
func turn(t *testing.T, env *sim.Sim, call, status string) {
	t.Helper()
	if !env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Status = status }) {
		t.Fatal("the call is not in the conference")
	}
}

func TestR7ALegThatRingsIsServedWhenItIsAnswered(t *testing.T) {
	for _, status := range []string{"queued", "initiated", "ringing", "connecting"} {
		for _, rung := range []time.Duration{time.Second, 40 * time.Second, 10 * time.Minute} {
			for _, resync := range []int32{30, 0} {
				t.Run(fmt.Sprintf("%s for %s, resync %d", status, rung, resync), func(t *testing.T) {
					env := sim.New(t)
					env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(resync) })
					call := env.Join(voicesim.JoinOptions{Status: status})
					env.Join()
					env.CreateParticipant("agent", call, sim.Mute)
					env.Elapse(rung)
					if found := env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant); found.Status.CallState != v1alpha1.CallWaiting {
						t.Errorf("callState is %s", found.Status.CallState)
					}
					env.WantUpdates()
					turn(t, env, call, voicesim.StatusInProgress)
					env.Elapse(4500 * time.Millisecond)
					env.WantUpdates("Muted=true")
					if found := env.WantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.CallState != v1alpha1.CallLive || found.Status.Participant.Status != voicesim.StatusInProgress {
						t.Errorf("callState %s, %+v", found.Status.CallState, found.Status.Participant)
					}
				})
			}
		}
	}
}

func TestR7OneListServesAllLegsThatRing(t *testing.T) {
	env := sim.New(t)
	for i := range 20 {
		env.CreateParticipant(fmt.Sprint("agent-", i), env.Join(voicesim.JoinOptions{Status: "ringing"}), sim.Mute)
		env.Elapse(200 * time.Millisecond)
	}
	env.WantQuiet(time.Minute)
	env.Provider.ResetJournal()
	env.Elapse(time.Minute)
	if lists, requests := env.Count(voicesim.OpListParticipants), len(env.Provider.Journal()); lists < 14 || lists > 16 || requests != lists {
		t.Errorf("%d lists and %d requests in a minute for 20 legs that ring", lists, requests)
	}
}

func TestR7ALegThatRingsForEverCostsLittle(t *testing.T) {
	env := sim.New(t)
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
	call := env.Join(voicesim.JoinOptions{Status: "queued"})
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(20 * time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
	env.Provider.ResetJournal()
	env.Elapse(time.Hour)
	if lists := env.Count(voicesim.OpListParticipants); lists < 50 || lists > 70 {
		t.Errorf("%d lists in an hour", lists)
	}
	turn(t, env, call, voicesim.StatusInProgress)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7ALegThatRingsAtTheDeadlineIsStillServed(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Status: "ringing"})
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.JoinDeadlineSeconds = new(int32(30)) })
	env.Elapse(29 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	env.Elapse(31 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
	turn(t, env, call, voicesim.StatusInProgress)
	env.Elapse(4500 * time.Millisecond)
	env.WantUpdates("Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7ACallThatIsNeverAnsweredIsAnEnd(t *testing.T) {
	for _, status := range []string{"completed", "complete", "failed", "busy", "no-answer", "canceled"} {
		t.Run(status, func(t *testing.T) {
			env := sim.New(t)
			call := env.Join(voicesim.JoinOptions{Status: "ringing"})
			env.Join()
			env.CreateParticipant("agent", call, sim.Mute)
			env.Elapse(20 * time.Second)
			turn(t, env, call, status)
			env.Elapse(4500 * time.Millisecond)
			if found := env.WantReady("agent", "False", v1alpha1.ReasonParticipantLeft); found.Status.CallState != v1alpha1.CallLeft {
				t.Errorf("callState is %s", found.Status.CallState)
			}
			env.WantUpdates()
		})
	}
}

func TestR7AnUnknownStatusMeansThere(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(voicesim.JoinOptions{Status: "never heard of"}), sim.Mute)
	env.RunUntilIdle()
	env.WantUpdates("Muted=true")
}

func TestR7ALegThatRingsAndVanishesIsWaitedFor(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Status: "ringing"})
	env.Join()
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(20 * time.Second)
	env.Provider.Leave(env.Conference, call)
	env.Elapse(time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	env.Join(voicesim.JoinOptions{CallSID: call})
	env.Elapse(16 * time.Second)
	env.WantUpdates("Muted=true")
}

func TestR7ALegThatRingsAgainIsServedAnew(t *testing.T) {
	for _, policy := range []v1alpha1.DriftPolicy{v1alpha1.DriftEnforce, v1alpha1.DriftReport} {
		for name, restart := range map[string]bool{"one process": false, "two processes": true} {
			t.Run(fmt.Sprintf("%s, %s", policy, name), func(t *testing.T) {
				env := sim.New(t)
				call := env.Join()
				env.Join()
				env.CreateParticipant("agent", call, func(s *sim.Spec) {
					sim.Mute(s)
					s.DriftPolicy, s.JoinDeadlineSeconds = policy, new(int32(30))
				})
				env.Elapse(2 * time.Minute)
				env.WantUpdates("Muted=true")
				env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Status, p.Muted = "queued", false })
				env.Elapse(33 * time.Second)
				if restart {
					env.Restart()
				}
				env.Elapse(30 * time.Second)
				if found := env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant); found.Status.CallState != v1alpha1.CallWaiting || found.Status.Participant.Status != "queued" {
					t.Errorf("callState %s, %+v", found.Status.CallState, found.Status.Participant)
				}
				env.WantUpdates()
				turn(t, env, call, voicesim.StatusInProgress)
				env.Elapse(4500 * time.Millisecond)
				env.WantUpdates("Muted=true")
				if found := env.WantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.Participant.Status != voicesim.StatusInProgress {
					t.Errorf("status.participant is %+v", found.Status.Participant)
				}
				turn(t, env, call, "ringing")
				env.Elapse(33 * time.Second)
				env.Provider.Leave(env.Conference, call)
				env.Elapse(90 * time.Second)
				env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
				env.Join(voicesim.JoinOptions{CallSID: call, Status: "ringing"})
				env.Elapse(33 * time.Second)
				env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
				turn(t, env, call, voicesim.StatusInProgress)
				env.Elapse(4500 * time.Millisecond)
				env.WantUpdates("Muted=true")
			})
		}
	}
}

func TestR7NoRefusalCountsWhileALegRings(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true")
	// The look for the edit is the last before the call rings again.
	refused := 0
	env.AtBoundary = func(b sim.Boundary) sim.Failure {
		if b.Provider && refused == 0 && strings.HasPrefix(b.What, "POST") {
			turn(t, env, call, "ringing")
			refused = env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: http.StatusBadRequest})
		}
		return sim.None
	}
	env.Edit("agent", func(s *sim.Spec) { sim.Unmute(s); sim.Hold(s) })
	env.Elapse(2 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	env.Updates()
	env.Elapse(30 * time.Second)
	env.WantUpdates()
	turn(t, env, call, voicesim.StatusInProgress)
	env.Provider.ClearFault(refused)
	env.Elapse(4500 * time.Millisecond)
	env.WantUpdates("Hold=true Muted=false")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR17ACoacheeThatRingsIsNotThere(t *testing.T) {
	env := sim.New(t, func(s *voicesim.Settings) { s.CoacheeLeaves = voicesim.CoacheeLeavesKeep })
	agent, supervisor := env.Join(voicesim.JoinOptions{Status: "ringing"}), env.Join()
	env.CreateParticipant("supervisor", supervisor, sim.Whisper(agent))
	env.Elapse(2 * time.Minute)
	env.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	env.WantUpdates("Coaching=false Muted=true")
	turn(t, env, agent, voicesim.StatusInProgress)
	env.Elapse(4500 * time.Millisecond)
	pair := "CallSidToCoach=" + agent + " Coaching=true"
	env.WantUpdates(pair, pair+" Muted=false")
	env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
	env.Elapse(2 * time.Minute)
	turn(t, env, agent, "queued")
	env.Elapse(6 * time.Second)
	env.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	env.WantUpdates("Muted=true")
	turn(t, env, agent, voicesim.StatusInProgress)
	env.Elapse(4500 * time.Millisecond)
	env.WantUpdates(pair + " Muted=false")
	env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestR11AResetWaitsForALegThatRings(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.DeletionPolicy = v1alpha1.DeletionReset })
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true")
	turn(t, env, call, "ringing")
	env.Elapse(33 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	env.Delete(env.Get("agent"))
	env.Elapse(20 * time.Second)
	env.WantUpdates()
	turn(t, env, call, voicesim.StatusInProgress)
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=false")
	wantGone(t, env, "agent")
}

func TestR11ALegThatOnlyEverRangIsReleased(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Status: "ringing"})
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.DeletionPolicy = v1alpha1.DeletionRemove })
	env.Elapse(10 * time.Second)
	env.Provider.ResetJournal()
	env.Delete(env.Get("agent"))
	env.RunUntilIdle()
	wantGone(t, env, "agent")
	if requests := len(env.Provider.Journal()); requests != 0 {
		t.Errorf("%d requests for a participant that was never there", requests)
	}
}
