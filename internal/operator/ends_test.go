package operator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// stranger is a call that joins no conference unless a test has it join.
const stranger = "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"

func keepFor(seconds int32, changes ...func(*sim.Spec)) func(*sim.Spec) {
	return func(s *sim.Spec) {
		sim.Mute(s)
		s.TTLSecondsAfterFinished = &seconds
		for _, change := range changes {
			change(s)
		}
	}
}

func joinWithin(seconds int32) func(*sim.Spec) {
	return func(s *sim.Spec) { s.JoinDeadlineSeconds = &seconds }
}

// wantNoRequests lets an hour go by and checks that the provider is not asked.
func wantNoRequests(t *testing.T, env *sim.Sim) {
	t.Helper()
	env.Provider.ResetJournal()
	env.Elapse(time.Hour)
	for _, request := range env.Provider.Journal() {
		if request.Operation != voicesim.OpListConferences {
			t.Errorf("%s %s at %s", request.Method, request.Path, request.Time)
		}
	}
}

func TestC10AConferenceThatIsOverEndsTheWait(t *testing.T) {
	for _, list := range []string{voicesim.CompletedListEmpty, voicesim.CompletedListNotFound} {
		for _, about := range []string{voicesim.CompletedNotFound, voicesim.CompletedBadRequest} {
			t.Run(list+", "+about, func(t *testing.T) {
				env := sim.New(t, func(s *voicesim.Settings) { s.CompletedList, s.CompletedConference = list, about })
				env.Join()
				env.Provider.EndConference(env.Conference)
				env.CreateParticipant("agent", stranger, sim.Mute)
				writes := env.Writes
				env.Elapse(3 * time.Second)
				found := env.WantReady("agent", "False", v1alpha1.ReasonConferenceOver)
				if found.Status.FinishTime == nil || found.Status.CallState != v1alpha1.CallWaiting || env.Writes-writes != 1 {
					t.Errorf("callState %s, finished %v, %d writes", found.Status.CallState, found.Status.FinishTime, env.Writes-writes)
				}
				if message := env.Message("agent"); !strings.Contains(message, "in progress") {
					t.Errorf("the message does not tell what to do: %s", message)
				}
				if reads := env.Count(voicesim.OpGetConference); reads != 1 {
					t.Errorf("the conference was read %d times", reads)
				}
				wantNoRequests(t, env)
				env.Restart()
				wantNoRequests(t, env)
				env.WantReady("agent", "False", v1alpha1.ReasonConferenceOver)
				env.Edit("agent", sim.Hold)
				env.RequestReconcile("agent", "now")
				wantNoRequests(t, env)
				if handled := env.WantReady("agent", "False", v1alpha1.ReasonConferenceOver).Status.LastHandledReconcileAt; handled != "now" {
					t.Errorf("lastHandledReconcileAt is %q", handled)
				}
			})
		}
	}
}

func TestC10TheTTLRunsFromTheEndOfTheConference(t *testing.T) {
	env := sim.New(t)
	env.Join()
	env.Provider.EndConference(env.Conference)
	env.CreateParticipant("agent", stranger, keepFor(60))
	env.Elapse(59 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonConferenceOver)
	env.Elapse(2 * time.Second)
	wantGone(t, env, "agent")
}

func TestC10AConferenceThatEndsDuringTheWaitEndsIt(t *testing.T) {
	for name, fill := range map[string]func(*sim.Sim){
		"with others in it": func(env *sim.Sim) { env.Join(); env.Join() },
		"with one party":    func(env *sim.Sim) { env.Join() },
		"with nobody":       func(*sim.Sim) {},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			fill(env)
			env.CreateParticipant("agent", stranger, sim.Mute)
			env.Elapse(2 * time.Minute)
			env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
			if reads := env.Count(voicesim.OpGetConference); reads < 1 || reads > 6 {
				t.Errorf("the conference was read %d times in two minutes", reads)
			}
			env.Provider.EndConference(env.Conference)
			env.Elapse(time.Minute)
			env.WantReady("agent", "False", v1alpha1.ReasonConferenceOver)
		})
	}
}

func TestC10AConferenceInProgressIsReadOnce(t *testing.T) {
	env := sim.New(t)
	for range 3 {
		env.Join()
	}
	for i, name := range []string{"first", "second", "third"} {
		env.CreateParticipant(name, strings.Replace(stranger, "9b1f", "9b1"+string(rune('a'+i)), 1), sim.Mute)
		env.Elapse(5 * time.Second)
	}
	env.Elapse(10 * time.Minute)
	if reads := env.Count(voicesim.OpGetConference); reads != 1 {
		t.Errorf("the conference was read %d times", reads)
	}
}

func TestC10AConferenceThatIsNotKnownIsToldAfterHalfAMinute(t *testing.T) {
	env := sim.New(t)
	known := env.Conference
	env.Conference = "0d6a0a7e-3b0a-4a41-8f0f-5c7d2a9b7e21"
	env.CreateParticipant("agent", stranger, joinWithin(300))
	env.Elapse(29 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	if reads := env.Count(voicesim.OpGetConference); reads != 1 {
		t.Errorf("the conference was read %d times within 30 s", reads)
	}
	env.Elapse(3 * time.Second)
	if found := env.WantReady("agent", "False", v1alpha1.ReasonConferenceNotFound); found.Status.FinishTime != nil {
		t.Errorf("finished at %s", found.Status.FinishTime)
	}
	env.Provider.ResetJournal()
	env.Elapse(4 * time.Minute)
	if lists := env.Count(voicesim.OpListParticipants); lists < 2 || lists > 6 {
		t.Errorf("looked for %d times in 4 min", lists)
	}
	env.WantReady("agent", "False", v1alpha1.ReasonConferenceNotFound)
	env.Elapse(time.Minute)
	if found := env.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound); found.Status.FinishTime == nil {
		t.Error("not finished after the deadline")
	}
	env.Conference = known
}

func TestC10AConferenceThatComesLateIsFound(t *testing.T) {
	env := sim.New(t)
	hidden := env.Provider.Inject(voicesim.Fault{ConferenceSID: env.Conference, Status: http.StatusNotFound})
	env.CreateParticipant("agent", stranger, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonConferenceNotFound)
	env.Provider.ClearFault(hidden)
	env.Elapse(90 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	env.Join(voicesim.JoinOptions{CallSID: stranger})
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantUpdates("Muted=true")
}

func TestC10AConferenceThatCannotBeReadEndsNothing(t *testing.T) {
	for name, fault := range map[string]voicesim.Fault{
		"403": {Status: 403}, "422": {Status: 422}, "400 with a code for completed": {Status: 400, Code: 10000},
		"503": {Status: 503}, "reset": {Reset: voicesim.ResetBefore}, "unreadable": {Shape: voicesim.ShapeWrongObject},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			seen := env.Join()
			env.CreateParticipant("seen", seen, sim.Mute)
			env.Elapse(2 * time.Minute)
			fault.Operation = voicesim.OpGetConference
			env.Provider.Inject(fault)
			env.CreateParticipant("agent", stranger, sim.Mute)
			env.Provider.EndConference(env.Conference)
			env.Provider.ResetJournal()
			env.Elapse(50 * time.Second)
			env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
			env.WantReady("seen", "True", v1alpha1.ReasonInSync)
			env.Elapse(9 * time.Minute)
			env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
			env.WantReady("seen", "True", v1alpha1.ReasonParticipantLeft)
			// A GET on a connection that is reset is sent again by net/http itself.
			if reads := env.Count(voicesim.OpGetConference); reads > 2*14 {
				t.Errorf("the conference was read %d times in 10 min", reads)
			}
		})
	}
}

func TestR7AConferenceThatIsOverIsADepartureAtOnce(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.CreateParticipant("caller", env.Join(), sim.Hold)
	env.Elapse(2 * time.Minute)
	env.Provider.EndConference(env.Conference)
	env.Provider.ResetJournal()
	env.Elapse(34 * time.Second)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	env.WantReady("caller", "True", v1alpha1.ReasonParticipantLeft)
	if conference, participants := env.Count(voicesim.OpGetConference), env.Count(voicesim.OpGetParticipant); conference != 1 || participants != 0 {
		t.Errorf("%d reads of the conference and %d of participants", conference, participants)
	}
}

func TestC10OfTwoObjectsInAConferenceThatIsOverNoneWaits(t *testing.T) {
	env := sim.New(t)
	env.Join()
	env.Provider.EndConference(env.Conference)
	env.CreateParticipant("first", stranger, sim.Mute)
	env.Elapse(time.Minute)
	env.CreateParticipant("second", stranger, sim.Mute)
	env.Elapse(time.Minute)
	env.WantReady("first", "False", v1alpha1.ReasonConferenceOver)
	env.WantReady("second", "False", v1alpha1.ReasonConferenceOver)
	env.Restart()
	env.CreateParticipant("third", stranger, sim.Mute)
	env.Elapse(time.Minute)
	env.WantReady("third", "False", v1alpha1.ReasonConferenceOver)
}

func TestC11ACallThatNeverJoinedIsFinished(t *testing.T) {
	env := sim.New(t)
	env.Join()
	env.CreateParticipant("agent", stranger, keepFor(600, joinWithin(60)))
	env.Elapse(62 * time.Second)
	found := env.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
	if found.Status.FinishTime == nil || found.Status.CallState != v1alpha1.CallWaiting {
		t.Errorf("callState %s, finished %v", found.Status.CallState, found.Status.FinishTime)
	}
	env.Restart()
	env.WantQuiet(9 * time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
	env.Elapse(70 * time.Second)
	wantGone(t, env, "agent")
}

func TestC11ACallThatJoinsAfterItsDeadlineIsServed(t *testing.T) {
	env := sim.New(t)
	env.Join()
	env.CreateParticipant("agent", stranger, keepFor(1200, joinWithin(60)))
	env.Elapse(2 * time.Minute)
	env.Join(voicesim.JoinOptions{CallSID: stranger})
	env.Elapse(7 * time.Minute)
	if found := env.WantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.FinishTime != nil || found.Status.CallState != v1alpha1.CallLive {
		t.Errorf("callState %s, finished %v", found.Status.CallState, found.Status.FinishTime)
	}
	env.WantUpdates("Muted=true")
	env.Elapse(time.Hour)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestC11AConferenceOfGhostsIsListedRarely(t *testing.T) {
	for name, before := range map[string]func(*sim.Sim){
		"in the process that waited":         func(*sim.Sim) {},
		"after a restart":                    func(env *sim.Sim) { env.Restart() },
		"after a restart, coaching":          func(env *sim.Sim) { env.Restart() },
		"where conferences are not polled":   func(env *sim.Sim) { poll(env, 0) },
		"where they are polled all the time": func(env *sim.Sim) { poll(env, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.Join()
			env.CreateParticipant("agent", stranger, func(s *sim.Spec) {
				if strings.Contains(name, "coaching") {
					sim.Whisper("9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c32")(s)
				}
				sim.Mute(s)
				joinWithin(60)(s)
			})
			env.Elapse(2 * time.Minute)
			before(env)
			env.Elapse(2 * time.Second)
			env.Provider.ResetJournal()
			env.Elapse(30 * time.Minute)
			if lists := env.Count(voicesim.OpListParticipants); lists < 4 || lists > 6 {
				t.Errorf("%d lists in half an hour", lists)
			}
			env.Provider.EndConference(env.Conference)
			env.Elapse(7 * time.Minute)
			env.WantReady("agent", "False", v1alpha1.ReasonConferenceOver)
			wantNoRequests(t, env)
		})
	}
}

func poll(env *sim.Sim, seconds int32) {
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = &seconds })
}

func TestC11ALaterDeadlineHasTheWaitGoOn(t *testing.T) {
	env := sim.New(t)
	env.Join()
	env.CreateParticipant("agent", stranger, keepFor(60, joinWithin(60)))
	env.Elapse(90 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
	env.Edit("agent", joinWithin(3600))
	env.Elapse(30 * time.Minute)
	if found := env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant); found.Status.FinishTime != nil {
		t.Errorf("finished at %s", found.Status.FinishTime)
	}
}

func TestC11WhatIsFinishedKeepsNoOtherFromWorking(t *testing.T) {
	env := sim.New(t)
	env.Join()
	env.CreateParticipant("ghost", stranger, func(s *sim.Spec) { sim.Mute(s); joinWithin(60)(s) })
	env.Elapse(2 * time.Minute)
	env.CreateParticipant("agent", stranger, sim.Hold)
	env.Elapse(10 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	env.Join(voicesim.JoinOptions{CallSID: stranger})
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantReady("ghost", "False", v1alpha1.ReasonConflict)
	env.WantUpdates("Hold=true")
}

func TestC11AGhostExpiresWhateverItsAccountIs(t *testing.T) {
	for name, change := range map[string]func(*sim.Sim){
		"suspended":    func(env *sim.Sim) { env.SuspendAccount(true) },
		"unauthorized": func(env *sim.Sim) { env.Provider.RevokeTokens(sim.AccountSID) },
		"down":         func(env *sim.Sim) { env.Provider.Inject(voicesim.Fault{Status: 503}) },
		"outlived":     func(env *sim.Sim) { env.Delete(env.Account("acme")) },
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.Join()
			env.CreateParticipant("agent", stranger, keepFor(600, joinWithin(60)))
			env.Elapse(2 * time.Minute)
			change(env)
			env.Elapse(2 * time.Minute)
			env.Restart()
			env.Elapse(8 * time.Minute)
			wantGone(t, env, "agent")
		})
	}
}

func TestC11ATTLOfZeroDeletesAtTheDeadline(t *testing.T) {
	env := sim.New(t)
	env.Join()
	env.CreateParticipant("agent", stranger, keepFor(0, joinWithin(60)))
	env.Elapse(62 * time.Second)
	wantGone(t, env, "agent")
}

func TestC11ACallThatRingsPastItsDeadlineKeepsItsObject(t *testing.T) {
	env := sim.New(t)
	env.Join()
	call := env.Join(voicesim.JoinOptions{Status: "ringing"})
	env.CreateParticipant("agent", call, keepFor(120, joinWithin(60)))
	env.Elapse(90 * time.Second)
	finished := env.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound).Status.FinishTime
	env.WantQuiet(10 * time.Minute)
	if now := env.Get("agent").Status.FinishTime; finished == nil || !now.Equal(finished) {
		t.Errorf("finished at %s, then at %s", finished, now)
	}
	turn(t, env, call, voicesim.StatusInProgress)
	env.Elapse(5 * time.Second)
	env.WantUpdates("Muted=true")
	turn(t, env, call, "ringing")
	env.Provider.Leave(env.Conference, call)
	env.Elapse(10 * time.Minute)
	wantGone(t, env, "agent")
}

func TestC11ACallThatRangInVainExpires(t *testing.T) {
	env := sim.New(t)
	env.Join()
	call := env.Join(voicesim.JoinOptions{Status: "ringing"})
	env.CreateParticipant("agent", call, keepFor(120, joinWithin(60)))
	env.Elapse(5 * time.Minute)
	env.Get("agent")
	env.Provider.Leave(env.Conference, call)
	env.Elapse(30 * time.Second)
	wantGone(t, env, "agent")
}
