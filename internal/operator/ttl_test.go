package operator_test

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

func accountTTL(env *sim.Sim, seconds *int32) {
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.TTLSecondsAfterFinished = seconds })
	env.RunUntilIdle()
}

func TestC12TheAccountsTTLIsTheDefault(t *testing.T) {
	for name, finish := range map[string]func(*sim.Sim){
		"a call that has left": func(env *sim.Sim) {
			call := env.Join()
			env.CreateParticipant("default", call, sim.Mute)
			env.CreateParticipant("own", env.Join(), keepFor(3600))
			env.Elapse(time.Minute)
			env.Provider.EndConference(env.Conference)
			env.Elapse(time.Minute)
		},
		"a call that never joined": func(env *sim.Sim) {
			env.Join()
			env.CreateParticipant("default", stranger, joinWithin(30))
			env.CreateParticipant("own", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c32", keepFor(3600, joinWithin(30)))
			env.Elapse(time.Minute)
		},
		"a conference that is over": func(env *sim.Sim) {
			env.Join()
			env.Provider.EndConference(env.Conference)
			env.CreateParticipant("default", stranger, sim.Mute)
			env.CreateParticipant("own", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c32", keepFor(3600))
			env.Elapse(time.Minute)
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			accountTTL(env, new(int32(600)))
			finish(env)
			env.Get("default")
			env.Restart()
			env.Elapse(11 * time.Minute)
			wantGone(t, env, "default")
			env.Get("own")
			env.Elapse(time.Hour)
			wantGone(t, env, "own")
		})
	}
}

func TestC12AChangeOfTheAccountsTTLCounts(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	env.Provider.EndConference(env.Conference)
	env.Elapse(10 * time.Hour)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	accountTTL(env, new(int32(20*3600)))
	env.Elapse(9 * time.Hour)
	accountTTL(env, new(int32(30*3600)))
	env.Elapse(8 * time.Hour)
	accountTTL(env, nil)
	env.Elapse(20 * time.Hour)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	accountTTL(env, new(int32(3600)))
	wantGone(t, env, "agent")
}

func TestC12WithoutItsAccountAnObjectIsKept(t *testing.T) {
	env := sim.New(t)
	accountTTL(env, new(int32(600)))
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	env.Provider.EndConference(env.Conference)
	env.Elapse(time.Minute)
	env.Delete(env.Account("acme"))
	env.Restart()
	env.Elapse(time.Hour)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
}

// leaveCoaching has a participant leave that coaches.
func leaveCoaching(t *testing.T, env *sim.Sim) (call string) {
	t.Helper()
	call, caller := env.Join(), env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.CallSIDToCoach = v1alpha1.SID(caller) })
	env.Elapse(10 * time.Minute)
	env.Provider.Leave(env.Conference, call)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	wantCoaching(t, env, caller)
	return call
}

func wantCoaching(t *testing.T, env *sim.Sim, callSID string) {
	t.Helper()
	if known := env.Get("agent").Status.Participant; known == nil || known.CallSIDToCoach != callSID || known.Coaching != (callSID != "") || known.URI == "" {
		t.Errorf("the API server has %+v", known)
	}
}

func TestC12WhatTheCacheLacksStaysOnTheAPIServer(t *testing.T) {
	env := sim.New(t)
	leaveCoaching(t, env)
	caller := env.Get("agent").Status.Participant.CallSIDToCoach
	for _, edit := range []func(){
		func() { env.Edit("agent", sim.Hold) },
		func() { env.RequestReconcile("agent", "now") },
		func() {
			env.Edit("agent", sim.Unmute)
			catchUp := env.FreezeCache("agent")
			labelled := env.Get("agent")
			labelled.Labels = map[string]string{"team": "support"}
			env.Update(labelled)
			env.RunUntilIdle()
			catchUp()
		},
		func() { env.Restart() },
		func() { env.Edit("agent", func(s *sim.Spec) { s.Suspend = true }) },
	} {
		edit()
		env.Elapse(5 * time.Minute)
		wantCoaching(t, env, caller)
	}
	if labels := env.Get("agent").Labels; labels["team"] != "support" {
		t.Errorf("the labels are %v", labels)
	}
}

func TestC12ACallThatComesBackIsWrittenAsAWhole(t *testing.T) {
	for _, policy := range []v1alpha1.DeletionPolicy{v1alpha1.DeletionRetain, v1alpha1.DeletionReset} {
		t.Run(string(policy), func(t *testing.T) {
			env := sim.New(t)
			call := leaveCoaching(t, env)
			agent := env.Get("agent")
			caller, left := agent.Status.Participant.CallSIDToCoach, agent.Status.Participant.DateUpdated
			agent.Labels = map[string]string{"team": "support"}
			agent.Spec.CallSIDToCoach, agent.Spec.DeletionPolicy = "", policy
			env.Update(agent)
			env.Elapse(10 * time.Second)
			wantCoaching(t, env, caller)
			env.Join(voicesim.JoinOptions{CallSID: call})
			env.AfterBoundary = func(b sim.Boundary) {
				if b.What == "patch status ConferenceParticipant" && env.Get("agent").Status.Participant.DateUpdated != left {
					env.AfterBoundary = nil
					wantCoaching(t, env, "")
				}
			}
			env.Elapse(time.Minute)
			if env.AfterBoundary != nil {
				t.Error("the participant was not written")
			}
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			wantCoaching(t, env, "")
			if labels := env.Get("agent").Labels; labels["team"] != "support" {
				t.Errorf("the labels are %v", labels)
			}
		})
	}
}
