package operator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// denials are the answers of a proxy or a replica that refuses an update although
// the account's token is accepted.
var denials = map[string]voicesim.Fault{
	"401":           {Status: http.StatusUnauthorized},
	"401 with HTML": {Status: http.StatusUnauthorized, Shape: voicesim.ShapeHTML},
	"403":           {Status: http.StatusForbidden},
	"403 with HTML": {Status: http.StatusForbidden, Shape: voicesim.ShapeHTML},
}

// agentCall is the call of the object "agent".
func agentCall(env *sim.Sim) string { return string(env.Get("agent").Spec.CallSID) }

// eachDenial runs a check with an object that is in sync and each kind of denial
// of its updates, which is not in force yet.
func eachDenial(t *testing.T, check func(*testing.T, *sim.Sim, voicesim.Fault)) {
	for name, denied := range denials {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.CreateParticipant("agent", env.Join(), sim.Unmute)
			env.Elapse(time.Minute)
			env.Updates()
			denied.Operation = voicesim.OpUpdateParticipant
			check(t, env, denied)
		})
	}
}

// TestR8APassingDenialEndsNoMute has so many updates be refused, and the next one
// be accepted.
func TestR8APassingDenialEndsNoMute(t *testing.T) {
	for times, after := range map[int]time.Duration{
		1: 10 * time.Second, 2: 70 * time.Second, 3: 370 * time.Second, 4: 370*time.Second + 15*time.Minute,
	} {
		t.Run(fmt.Sprint(times), func(t *testing.T) {
			eachDenial(t, func(t *testing.T, env *sim.Sim, denied voicesim.Fault) {
				denied.Times = times
				env.Provider.Inject(denied)
				env.Edit("agent", sim.Mute)
				env.Elapse(after - time.Second)
				if sent := env.Updates(); len(sent) != times {
					t.Errorf("%d updates were sent, want %d", len(sent), times)
				}
				reason := v1alpha1.ReasonConverging
				if times > 3 {
					reason = v1alpha1.ReasonRejected
				}
				env.WantReady("agent", "False", reason)
				if message := env.Message("agent"); !strings.Contains(message, "muted") || !strings.Contains(message, fmt.Sprint(denied.Status)) {
					t.Errorf("the message names neither field nor status: %s", message)
				}
				env.Elapse(2 * time.Second)
				env.WantUpdates("Muted=true")
				env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			})
		})
	}
}

// TestR8EveryOtherUpdateDeniedIsNoRejection has a replica that refuses the token
// answer every other update for 20 s.
func TestR8EveryOtherUpdateDeniedIsNoRejection(t *testing.T) {
	eachDenial(t, func(t *testing.T, env *sim.Sim, denied voicesim.Fault) {
		denied.Every = 2
		env.Provider.Inject(denied)
		for i := range 4 {
			name := fmt.Sprintf("caller-%d", i)
			env.CreateParticipant(name, env.Join(), func(s *sim.Spec) { sim.Mute(s); sim.Hold(s) })
		}
		env.Edit("agent", sim.Mute)
		env.Elapse(20 * time.Second)
		env.Provider.ClearFaults()
		env.Elapse(time.Minute)
		for _, name := range []string{"agent", "caller-0", "caller-1", "caller-2", "caller-3"} {
			env.WantReady(name, "True", v1alpha1.ReasonInSync)
		}
		for _, event := range env.TakeEvents() {
			if strings.Contains(event, v1alpha1.ReasonRejected) {
				t.Errorf("told of %s", event)
			}
		}
	})
}

// TestR8ADeniedCrowdKeepsNothingElseBack has every update of a crowd be refused,
// while the token is accepted: that is found out once, not once for each of them.
func TestR8ADeniedCrowdKeepsNothingElseBack(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 403})
	const crowd = 45
	for i := range crowd {
		env.CreateParticipant(fmt.Sprintf("caller-%d", i), env.Join(), sim.Mute)
	}
	env.Elapse(time.Minute)
	env.Provider.ResetJournal()
	env.Elapse(40 * time.Minute)
	if sent := env.Count(voicesim.OpUpdateParticipant); sent > 4*crowd {
		t.Errorf("%d updates in 40 min, want %d at most", sent, 4*crowd)
	}
	if verified := env.Count(voicesim.OpListConferences); verified > 12 {
		t.Errorf("the token is verified %d times in 40 min", verified)
	}
	env.Provider.ClearFaults()
	env.Elapse(15 * time.Minute)
	for i := range crowd {
		env.WantReady(fmt.Sprintf("caller-%d", i), "True", v1alpha1.ReasonInSync)
	}
}

// TestR8WhatIsDeniedThroughoutIsTriedForEver has updates be refused for hours.
func TestR8WhatIsDeniedThroughoutIsTriedForEver(t *testing.T) {
	eachDenial(t, func(t *testing.T, env *sim.Sim, denied voicesim.Fault) {
		env.Provider.Inject(denied)
		env.Edit("agent", sim.Mute)
		env.Elapse(380 * time.Second)
		env.WantUpdates("Muted=true", "Muted=true", "Muted=true", "Muted=true")
		env.WantReady("agent", "False", v1alpha1.ReasonRejected)
		written := env.Writes
		env.Elapse(time.Hour)
		env.WantUpdates("Muted=true", "Muted=true", "Muted=true", "Muted=true")
		if env.Writes != written {
			t.Errorf("%d statuses are written for tries that change nothing", env.Writes-written)
		}
		env.Provider.ClearFaults()
		env.Elapse(15 * time.Minute)
		env.WantUpdates("Muted=true")
		env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	})
}

// TestR8WhatIsRefusedThroughoutIsTriedForEver has an update be refused for hours,
// with a code that says nothing, or that a person at the provider can mend.
func TestR8WhatIsRefusedThroughoutIsTriedForEver(t *testing.T) {
	for name, refused := range map[string]voicesim.Fault{
		"400": {Status: 400}, "422": {Status: 422, Code: 99999}, "not enabled": {Status: 422, Code: 10001}, "disabled": {Status: 400, Code: 20010},
		"410 with a code": {Status: 410, Code: 99999},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			refused.Operation = voicesim.OpUpdateParticipant
			env.Provider.Inject(refused)
			env.CreateParticipant("agent", env.Join(), sim.Mute)
			env.Elapse(time.Hour)
			env.WantReady("agent", "False", v1alpha1.ReasonRejected)
			env.Updates()
			written := env.Writes
			env.Elapse(time.Hour)
			if sent := env.Updates(); len(sent) != 4 || env.Writes != written {
				t.Errorf("%d updates and %d writes in an hour, want 4 and none", len(sent), env.Writes-written)
			}
			env.Provider.ClearFaults()
			env.Elapse(15 * time.Minute)
			env.WantUpdates("Muted=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

// TestR8ABadRequestIsNotRepeated has a code say that only the spec can help.
func TestR8ABadRequestIsNotRepeated(t *testing.T) {
	for _, code := range []int{13221, 21402, 21456} {
		env := sim.New(t)
		env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 422, Code: code})
		env.CreateParticipant("agent", env.Join(), sim.Mute)
		env.RunUntilIdle()
		env.WantUpdates("Muted=true")
		env.WantReady("agent", "False", v1alpha1.ReasonRejected)
		env.WantQuiet(time.Hour)
	}
}

// TestR8AStatusOfItsOwnEndsNothing has updates be answered with what is neither
// success nor a refusal that is known, for two hours.
func TestR8AStatusOfItsOwnEndsNothing(t *testing.T) {
	for _, status := range []int{301, 308, 402, 404, 405, 408, 409, 410, 412, 418, 451, 501} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			env := sim.New(t)
			env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: status, Shape: voicesim.ShapeHTML})
			env.CreateParticipant("agent", env.Join(), sim.Mute)
			env.Elapse(2 * time.Hour)
			env.WantReady("agent", "False", v1alpha1.ReasonAPIUnavailable)
			env.Provider.ClearFaults()
			env.Elapse(61 * time.Second)
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

// TestR8ADeniedFieldHoldsNoOtherBack has a proxy refuse what it finds in a URL.
func TestR8ADeniedFieldHoldsNoOtherBack(t *testing.T) {
	eachDenial(t, func(t *testing.T, env *sim.Sim, denied voicesim.Fault) {
		denied.Match = func(r voicesim.Request) bool { return r.Form.Has("HoldUrl") }
		env.Provider.Inject(denied)
		played := "Hold=true HoldMethod=POST HoldUrl=" + sim.Music
		env.Edit("agent", func(s *sim.Spec) { sim.Mute(s); sim.Hold(s); s.HoldURL = sim.Music })
		env.RunUntilIdle()
		if message := env.Message("agent"); !strings.Contains(message, "muted, hold") {
			t.Errorf("the message does not name both fields: %s", message)
		}
		env.Elapse(11 * time.Second)
		env.WantUpdates(played+" Muted=true", "Muted=true", played)
		env.Elapse(time.Hour)
		env.Updates()
		env.WantReady("agent", "False", v1alpha1.ReasonRejected)
		env.Provider.Drift(env.Conference, agentCall(env), func(p *voicesim.Participant) { p.Muted = false })
		env.Elapse(35 * time.Second)
		env.WantUpdates("Muted=true")
	})
}

// TestR4ADenialDropsNoPair has an update be refused that repeats a coaching which
// was not declared.
func TestR4ADenialDropsNoPair(t *testing.T) {
	env := sim.New(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = true })
	coachee := env.Join()
	call := env.Join(voicesim.JoinOptions{CallSIDToCoach: coachee})
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 403, Times: 2})
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	for _, sent := range env.Updates() {
		if !strings.Contains(sent, "CallSidToCoach="+coachee) {
			t.Errorf("an update ends the coaching: %s", sent)
		}
	}
}

// TestR2ARetryAfterARefusalIsJudgedByAFreshLook has somebody else do what was
// refused while it waits to be tried again.
func TestR2ARetryAfterARefusalIsJudgedByAFreshLook(t *testing.T) {
	for name, refused := range map[string]voicesim.Fault{"403": {Status: 403}, "422": {Status: 422, Code: 99999}} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
			call := env.Join()
			refused.Operation, refused.Times = voicesim.OpUpdateParticipant, 1
			env.Provider.Inject(refused)
			env.CreateParticipant("agent", call, sim.Mute)
			env.Elapse(5 * time.Second)
			env.WantUpdates("Muted=true")
			env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = true })
			env.Elapse(time.Minute)
			env.WantUpdates()
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

// TestR8ARejectionOutlivesTheProcess restarts the operator while an object is
// rejected.
func TestR8ARejectionOutlivesTheProcess(t *testing.T) {
	for name, refused := range map[string]voicesim.Fault{"403": {Status: 403}, "422": {Status: 422, Code: 99999}} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			refused.Operation = voicesim.OpUpdateParticipant
			refused.Match = func(r voicesim.Request) bool { return r.Form.Has("Hold") }
			env.Provider.Inject(refused)
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); sim.Hold(s) })
			env.Elapse(time.Hour)
			env.WantReady("agent", "False", v1alpha1.ReasonRejected)
			env.Updates()
			written := env.Writes
			env.Restart()
			env.Elapse(14 * time.Minute)
			if sent := env.Updates(); len(sent) > 1 || env.Writes != written {
				t.Errorf("%q are sent and %d statuses written after a start", sent, env.Writes-written)
			}
			// What was in sync before the start is repaired as ever.
			env.Provider.ClearFaults()
			refused.Times, refused.Match = 1, func(r voicesim.Request) bool { return r.Form.Has("Muted") }
			env.Provider.Inject(refused)
			env.Provider.Drift(env.Conference, agentCall(env), func(p *voicesim.Participant) { p.Muted = false })
			env.Elapse(45 * time.Second)
			if found, _ := env.Provider.Participant(env.Conference, agentCall(env)); !found.Muted {
				t.Error("a mute waits for what was refused before the start")
			}
			env.Elapse(2 * time.Minute)
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			// A start sends nothing where nothing differs.
			env.Restart()
			env.Updates()
			env.Elapse(time.Minute)
			env.WantUpdates()
		})
	}
}

// TestR10ADeniedAnnouncementIsTriedThreeTimesMore has an announcement be refused
// as unauthorized while the account's token is accepted.
func TestR10ADeniedAnnouncementIsTriedThreeTimesMore(t *testing.T) {
	eachDenial(t, func(t *testing.T, env *sim.Sim, denied voicesim.Fault) {
		env.Provider.Inject(denied)
		env.Edit("agent", announce("closing"))
		env.RunUntilIdle()
		env.WantUpdates(closing)
		for _, wait := range []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute} {
			wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementPending)
			env.Elapse(wait - time.Second)
			env.WantUpdates()
			env.Elapse(time.Second)
			env.WantUpdates(closing)
		}
		wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementRejected)
		env.Provider.ClearFaults()
		env.Elapse(time.Hour)
		env.WantUpdates()
	})
}

func TestR10ADeniedAnnouncementIsPlayedWhenItPasses(t *testing.T) {
	eachDenial(t, func(t *testing.T, env *sim.Sim, denied voicesim.Fault) {
		denied.Times = 3
		env.Provider.Inject(denied)
		env.Edit("agent", announce("closing"))
		env.Elapse(7 * time.Minute)
		env.WantUpdates(closing, closing, closing, closing)
		wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementAccepted)
	})
}

func TestR10ADeniedAnnouncementIsNeverTooLate(t *testing.T) {
	eachDenial(t, func(t *testing.T, env *sim.Sim, denied voicesim.Fault) {
		env.Provider.Inject(denied)
		env.Edit("agent", func(s *sim.Spec) {
			announce("closing")(s)
			s.Announcement.NotAfterTime = &metav1.Time{Time: env.Now().Add(30 * time.Second)}
		})
		env.Elapse(31 * time.Second)
		env.WantUpdates(closing, closing)
		wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementExpired)
		env.Provider.ClearFaults()
		env.Elapse(time.Hour)
		env.WantUpdates()
	})
}

// TestR8APassingRefusalOfAListRejectsNothing has the list of a conference be
// refused once or twice.
func TestR8APassingRefusalOfAListRejectsNothing(t *testing.T) {
	for times, after := range map[int]time.Duration{1: 11 * time.Second, 2: 72 * time.Second} {
		eachRefusedList(t, func(t *testing.T, env *sim.Sim, refused voicesim.Fault) {
			env.Provider.ClearFaults()
			env.Elapse(time.Hour)
			env.Updates()
			env.TakeEvents()
			refused.Times = times
			env.Provider.Inject(refused)
			env.CreateParticipant("late", env.Join(), sim.Mute)
			env.Elapse(time.Second)
			env.WantReady("late", "False", v1alpha1.ReasonConverging)
			if message := env.Message("late"); !strings.Contains(message, fmt.Sprint(refused.Status)) {
				t.Errorf("the message does not say what is wrong: %s", message)
			}
			env.Elapse(after)
			env.WantUpdates("Muted=true")
			env.WantReady("late", "True", v1alpha1.ReasonInSync)
			if told := strings.Join(env.TakeEvents(), "\n"); strings.Contains(told, v1alpha1.ReasonRejected) {
				t.Errorf("told of %s", told)
			}
		})
	}
}

// TestR11APassingRefusalHindersNoReset has the requests of a deletion be refused
// twice.
func TestR11APassingRefusalHindersNoReset(t *testing.T) {
	for _, operation := range []string{voicesim.OpGetParticipant, voicesim.OpUpdateParticipant} {
		for _, status := range []int{400, 401, 402, 403, 405, 409, 422} {
			t.Run(fmt.Sprintf("%s %d", operation, status), func(t *testing.T) {
				env := sim.New(t)
				env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); reset(s) })
				env.Elapse(time.Minute)
				env.Provider.Inject(voicesim.Fault{Operation: operation, Status: status, Times: 2})
				call := agentCall(env)
				env.Delete(env.Get("agent"))
				env.Elapse(25 * time.Second)
				wantGone(t, env, "agent")
				if found, _ := env.Provider.Participant(env.Conference, call); found.Muted {
					t.Error("the participant is muted still")
				}
			})
		}
	}
}

// TestR8ARefusalStopsNoCoaching has a coachee come, or come off hold, while another
// field is refused.
func TestR8ARefusalStopsNoCoaching(t *testing.T) {
	for name, refused := range map[string]voicesim.Fault{"422": {Status: 422, Code: 21402}, "403": {Status: 403}} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			refused.Operation = voicesim.OpUpdateParticipant
			refused.Match = func(r voicesim.Request) bool { return r.Form.Has("Hold") }
			env.Provider.Inject(refused)
			coachee := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Hold(s); s.CallSIDToCoach = v1alpha1.SID(coachee) })
			env.Elapse(time.Hour)
			env.WantReady("agent", "False", v1alpha1.ReasonRejected)
			env.Updates()
			env.Join(voicesim.JoinOptions{CallSID: coachee})
			env.Elapse(16 * time.Second)
			env.WantUpdates("CallSidToCoach=" + coachee + " Coaching=true")
		})
	}
}
