package operator_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

const closing = "AnnounceMethod=POST AnnounceUrl=https://media.example.com/closing.xml"

// announce declares an announcement.
func announce(id string) func(*sim.Spec) {
	return func(s *sim.Spec) {
		s.Announcement = &v1alpha1.Announcement{ID: id, URL: "https://media.example.com/closing.xml", OnUnknown: v1alpha1.UnknownSkip}
	}
}

// wantEvents checks that there is one event for each reason, of those that are
// about announcements and deletions.
func wantEvents(t *testing.T, env *sim.Sim, want ...string) {
	t.Helper()
	told := env.TakeEvents()
	for _, reason := range want {
		if n := len(slices.DeleteFunc(slices.Clone(told), func(e string) bool { return !strings.Contains(e, reason) })); n != 1 {
			t.Errorf("%d events %s among %q", n, reason, told)
		}
	}
}

// wantAnnouncement checks the state of the announcement.
func wantAnnouncement(t *testing.T, env *sim.Sim, name, id string, state v1alpha1.AnnouncementState) {
	t.Helper()
	found := env.Get(name).Status.Announcement
	if found == nil || found.ID != id || found.State != state {
		t.Errorf("the announcement is %+v, want %s %s", found, id, state)
	}
}

func TestR10AnAnnouncementIsPlayedOnce(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); announce("closing")(s) })
	env.RunUntilIdle()
	env.WantUpdates("Muted=true", closing)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementAccepted)
	wantEvents(t, env, v1alpha1.EventAnnouncementAccepted)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantQuiet(time.Hour)

	env.Edit("agent", sim.Hold)
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	env.RequestReconcile("agent", "now")
	env.Restart()
	env.Elapse(time.Minute)
	for _, update := range env.Updates() {
		if strings.Contains(update, "Announce") {
			t.Error("edit, drift, annotation or restart play it again")
		}
	}
	env.Edit("agent", announce("next"))
	env.RunUntilIdle()
	env.WantUpdates(closing)
	env.TakeEvents()
	env.Edit("agent", announce("closing"))
	env.Elapse(time.Minute)
	env.WantUpdates()
	wantEvents(t, env, v1alpha1.EventAnnouncementIgnored)
	env.Edit("agent", func(s *sim.Spec) { s.Announcement.URL += "?other" })
	env.Elapse(time.Minute)
	env.WantUpdates()
	wantEvents(t, env, v1alpha1.EventAnnouncementIgnored)
	if handled := env.Get("agent").Status.HandledAnnouncementIDs; !slices.Equal(handled, []string{"next", "closing"}) {
		t.Errorf("handled %q", handled)
	}
}

func TestR10ARevertPastAWithdrawnIDPlaysNothing(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), announce("closing"))
	env.RunUntilIdle()
	env.WantUpdates(closing)
	env.Edit("agent", func(s *sim.Spec) { announce("next")(s); s.Suspend = true })
	env.RunUntilIdle()
	env.Edit("agent", func(s *sim.Spec) { announce("closing")(s); s.Suspend = false })
	env.Elapse(time.Minute)
	env.WantUpdates()
}

func TestR10SixtyFourIDsAreRemembered(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), func(*sim.Spec) {})
	for i := range 66 {
		env.Edit("agent", announce(strings.Repeat("x", i%60+1)+string(rune('a'+i/60))))
		env.RunUntilIdle()
	}
	if n, handled := len(env.Updates()), len(env.Get("agent").Status.HandledAnnouncementIDs); n != 66 || handled != 64 {
		t.Errorf("%d played and %d remembered", n, handled)
	}
}

func TestR10TheCoachingPairTravelsWithIt(t *testing.T) {
	env := sim.New(t)
	agent, trainer := env.Join(), env.Join()
	env.Provider.Drift(env.Conference, trainer, func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = true, agent })
	env.CreateParticipant("trainer", trainer, announce("closing"))
	env.RunUntilIdle()
	env.WantUpdates(closing + " CallSidToCoach=" + agent + " Coaching=true")
}

func TestR4AnAnnouncementIsSentWithoutAPairThatIsRefused(t *testing.T) {
	env := sim.New(t)
	agent := env.Join()
	trainer := env.Join(voicesim.JoinOptions{CallSIDToCoach: agent})
	env.Provider.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 422, Code: 16002,
		Match: func(r voicesim.Request) bool { return r.Form.Has("Coaching") },
	})
	env.CreateParticipant("trainer", trainer, announce("closing"))
	env.Elapse(time.Minute)
	env.WantUpdates(closing+" CallSidToCoach="+agent+" Coaching=true", closing)
	wantAnnouncement(t, env, "trainer", "closing", v1alpha1.AnnouncementAccepted)
}

func TestR10TheClaimComesFirst(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), announce("closing"))
	env.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if p, ok := of.(*sim.Object); ok && p.Status.Announcement != nil && p.Status.Announcement.State == v1alpha1.AnnouncementClaimed {
			return apierrors.NewConflict(schema.GroupResource{}, p.Name, nil)
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	env.Elapse(time.Minute)
	env.WantUpdates()
	env.Intercept.SubResourcePatch = nil
	env.Elapse(time.Minute)
	env.WantUpdates(closing)
}

func TestR10WhatBecomesOfARequest(t *testing.T) {
	cases := []struct {
		name  string
		fault voicesim.Fault
		retry bool
		state v1alpha1.AnnouncementState
		event string
		sent  int
	}{
		{"throttled", voicesim.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}, Times: 1}, false, v1alpha1.AnnouncementAccepted, v1alpha1.EventAnnouncementAccepted, 2},
		{"refused", voicesim.Fault{Status: 422, Code: 21402}, true, v1alpha1.AnnouncementRejected, v1alpha1.EventAnnouncementRejected, 1},
		{"502", voicesim.Fault{Status: 502, Times: 1}, false, v1alpha1.AnnouncementUnknown, v1alpha1.EventAnnouncementUnknown, 1},
		{"reset after", voicesim.Fault{Reset: voicesim.ResetAfter, Times: 1}, false, v1alpha1.AnnouncementUnknown, v1alpha1.EventAnnouncementUnknown, 1},
		{"502 once, and Retry", voicesim.Fault{Status: 502, Times: 1}, true, v1alpha1.AnnouncementAccepted, v1alpha1.EventAnnouncementAccepted, 2},
		{"502 for ever, and Retry", voicesim.Fault{Status: 502}, true, v1alpha1.AnnouncementUnknown, v1alpha1.EventAnnouncementUnknown, 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			env := sim.New(t)
			c.fault.Operation = voicesim.OpUpdateParticipant
			c.fault.Match = func(r voicesim.Request) bool { return r.Form.Has("AnnounceUrl") }
			env.Provider.Inject(c.fault)
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) {
				announce("closing")(s)
				if c.retry {
					s.Announcement.OnUnknown = v1alpha1.UnknownRetry
				}
			})
			env.Elapse(2 * time.Minute)
			if sent := len(env.Updates()); sent != c.sent {
				t.Errorf("%d requests, want %d", sent, c.sent)
			}
			wantAnnouncement(t, env, "agent", "closing", c.state)
			wantEvents(t, env, c.event)
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.WantQuiet(time.Hour)
		})
	}
}

func TestR10ARetryEndsWithinThirtySeconds(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 502, Times: 1})
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { announce("closing")(s); s.Announcement.OnUnknown = v1alpha1.UnknownRetry })
	env.RunUntilIdle()
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementPending)
	env.Updates()
	env.Edit("agent", func(s *sim.Spec) { s.Suspend = true })
	env.Elapse(29 * time.Second)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementPending)
	env.Elapse(2 * time.Second)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementUnknown)
	env.Edit("agent", func(s *sim.Spec) { s.Suspend = false })
	env.Elapse(time.Minute)
	env.WantUpdates()
}

func TestR10WhatMayHaveBeenPlayedIsHandledWhenItIsReplaced(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 502, Times: 1})
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { announce("closing")(s); s.Announcement.OnUnknown = v1alpha1.UnknownRetry })
	env.RunUntilIdle()
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementPending)
	env.Edit("agent", announce("next"))
	env.Elapse(time.Minute)
	env.WantUpdates(closing, closing)
	wantAnnouncement(t, env, "agent", "next", v1alpha1.AnnouncementAccepted)
	env.Edit("agent", announce("closing"))
	env.Elapse(time.Minute)
	env.WantUpdates()
}

func TestR10ARefusedTokenOnlyPutsItOff(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.Provider.RevokeTokens(sim.AccountSID)
	env.Edit("agent", announce("closing"))
	env.Elapse(time.Minute)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementPending)
	env.Provider.SetTokens(sim.AccountSID, "PT-new")
	env.RotateToken(sim.Namespace, "PT-new")
	env.Provider.ResetJournal()
	env.Elapse(time.Minute)
	env.WantUpdates(closing)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementAccepted)
}

func TestR10AnAnswerOutlivesAWriteThatFails(t *testing.T) {
	env := sim.New(t)
	failures := 0
	env.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if p, ok := of.(*sim.Object); ok && p.Status.Announcement != nil && p.Status.Announcement.FinishTime != nil && failures < 3 {
			failures++
			return apierrors.NewServiceUnavailable("not now")
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	env.CreateParticipant("agent", env.Join(), announce("closing"))
	env.Elapse(time.Minute)
	env.WantUpdates(closing)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementAccepted)
}

func TestR10ABadHoldURLDoesNotSilenceIt(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 422, Code: 21402,
		Match: func(r voicesim.Request) bool { return r.Form.Has("HoldUrl") },
	})
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Hold(s); s.HoldURL = sim.Music; announce("evacuate")(s) })
	env.Elapse(time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonRejected)
	wantAnnouncement(t, env, "agent", "evacuate", v1alpha1.AnnouncementAccepted)
}

func TestR10AWrongReferenceSilencesIt(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("trainee", env.Join(), func(s *sim.Spec) { s.ConferenceSID = "11111111-2222-3333-4444-555555555555" })
	env.CreateParticipant("supervisor", env.Join(), func(s *sim.Spec) {
		announce("closing")(s)
		s.ParticipantToCoachRef = &v1alpha1.LocalReference{Name: "trainee"}
	})
	env.Elapse(time.Minute)
	env.WantReady("supervisor", "False", v1alpha1.ReasonInvalidReference)
	wantAnnouncement(t, env, "supervisor", "closing", v1alpha1.AnnouncementPending)
}

func TestR10ItWaitsForTheStateAWhile(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 422,
		Match: func(r voicesim.Request) bool { return r.Form.Has("Muted") },
	})
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); announce("closing")(s) })
	env.Elapse(9 * time.Second)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementPending)
	env.Elapse(2 * time.Second)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementAccepted)
}

func TestR10AnAbsentParticipantIsSentNoAnnouncement(t *testing.T) {
	env := sim.New(t)
	nobody := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	env.CreateParticipant("nobody", nobody, func(s *sim.Spec) {
		announce("closing")(s)
		s.Announcement.NotAfterTime = &metav1.Time{Time: env.Now().Add(time.Minute)}
	})
	env.CreateParticipant("suspended", env.Join(), func(s *sim.Spec) { announce("closing")(s); s.Suspend = true })
	env.CreateParticipant("observing", env.Join(), func(s *sim.Spec) { announce("closing")(s); s.Mode = v1alpha1.ModeObserve })
	env.Elapse(59 * time.Second)
	for _, name := range []string{"nobody", "suspended", "observing"} {
		wantAnnouncement(t, env, name, "closing", v1alpha1.AnnouncementPending)
	}
	env.TakeEvents()
	env.Elapse(2 * time.Second)
	wantAnnouncement(t, env, "nobody", "closing", v1alpha1.AnnouncementExpired)
	wantEvents(t, env, v1alpha1.EventAnnouncementExpired)
	env.WantUpdates()
	env.Edit("suspended", func(s *sim.Spec) { s.Suspend = false })
	env.RunUntilIdle()
	env.WantUpdates(closing)
}

func TestR10AnIDReplacedBeforeItWasPlayedIsSuperseded(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { announce("first")(s); s.Suspend = true })
	env.RunUntilIdle()
	env.Edit("agent", announce("second"))
	env.RunUntilIdle()
	wantEvents(t, env, v1alpha1.EventSuperseded)
	env.Edit("agent", func(s *sim.Spec) { s.Suspend = false })
	env.RunUntilIdle()
	env.WantUpdates(closing)
	wantAnnouncement(t, env, "agent", "second", v1alpha1.AnnouncementAccepted)
}

func TestR10ADepartureBeforeTheReport(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	env.Provider.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 429, Header: http.Header{"Retry-After": {"30"}},
	})
	env.Edit("agent", announce("closing"))
	env.RunUntilIdle()
	env.Provider.HangUp(call)
	env.TakeEvents()
	env.Elapse(5 * time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	wantEvents(t, env, v1alpha1.EventAnnouncementMissed)
}

func TestR10AClaimOfADeadProcessIsUnknown(t *testing.T) {
	for name, failure := range map[string]sim.Failure{"before the request": sim.CrashBefore, "after it": sim.CrashAfter} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.CreateParticipant("agent", env.Join(), announce("closing"))
			env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
				if !boundary.Provider || !strings.HasPrefix(boundary.What, "POST") {
					return sim.None
				}
				env.AtBoundary = nil
				return failure
			}
			env.Elapse(time.Minute)
			wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementUnknown)
			wantEvents(t, env, v1alpha1.EventAnnouncementUnknown)
			if sent := len(env.Updates()); sent > 1 || sent == 1 && failure == sim.CrashBefore {
				t.Errorf("%d requests", sent)
			}
			env.WantQuiet(time.Hour)
		})
	}
}

func TestR10AStateThatFailsDoesNotSilenceIt(t *testing.T) {
	for name, fault := range map[string]voicesim.Fault{
		"403": {Status: 403}, "404": {Status: 404}, "409": {Status: 409}, "500": {Status: 500}, "reset": {Reset: voicesim.ResetBefore},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			fault.Operation, fault.Match = voicesim.OpUpdateParticipant, func(r voicesim.Request) bool { return r.Form.Has("Muted") }
			env.Provider.Inject(fault)
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); announce("evacuate")(s) })
			env.Elapse(30 * time.Second)
			wantAnnouncement(t, env, "agent", "evacuate", v1alpha1.AnnouncementAccepted)
		})
	}
}

func TestR10ItNeverBlocksTheState(t *testing.T) {
	for _, status := range []int{403, 404, 422, 502} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			env := sim.New(t)
			env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: status, Match: func(r voicesim.Request) bool { return r.Form.Has("AnnounceUrl") }})
			call := env.Join()
			env.CreateParticipant("agent", call, sim.Mute)
			env.Elapse(time.Minute)
			env.Edit("agent", announce("closing"))
			env.Elapse(5 * time.Minute)
			env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
			env.Elapse(35 * time.Second)
			if p, _ := env.Provider.Participant(env.Conference, call); !p.Muted {
				t.Errorf("not repaired: %s", env.Message("agent"))
			}
		})
	}
}

func TestR10TheWaitForTheStateBeginsWhenNothingElseIsWaitedFor(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 422, Times: 1})
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); announce("closing")(s); s.Suspend = true })
	env.Elapse(time.Minute)
	env.Edit("agent", func(s *sim.Spec) { s.Suspend = false })
	env.Elapse(8 * time.Second)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementPending)
}

func TestR10EachIDEndsInAnEvent(t *testing.T) {
	dies := func(env *sim.Sim) {
		env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
			if !boundary.Provider || !strings.HasPrefix(boundary.What, "POST") {
				return sim.None
			}
			env.AtBoundary = nil
			return sim.CrashBefore
		}
	}
	resets := func(env *sim.Sim) {
		env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Reset: voicesim.ResetAfter, Times: 1})
	}
	for name, c := range map[string]struct {
		fails   func(*sim.Sim)
		suspend bool
		retry   v1alpha1.UnknownPolicy
		late    time.Duration
		want    string
	}{
		"claimed by who died":  {dies, false, v1alpha1.UnknownSkip, time.Hour, v1alpha1.EventAnnouncementUnknown},
		"waiting for a retry":  {resets, false, v1alpha1.UnknownRetry, time.Hour, v1alpha1.EventAnnouncementUnknown},
		"replaced by too late": {func(*sim.Sim) {}, true, v1alpha1.UnknownSkip, -time.Hour, v1alpha1.EventSuperseded},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			c.fails(env)
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) {
				announce("first")(s)
				s.Suspend, s.Announcement.OnUnknown = c.suspend, c.retry
			})
			env.RunUntilIdle()
			env.Edit("agent", func(s *sim.Spec) {
				announce("second")(s)
				s.Announcement.NotAfterTime = &metav1.Time{Time: env.Now().Add(c.late)}
			})
			env.Elapse(time.Minute)
			told := slices.DeleteFunc(env.TakeEvents(), func(e string) bool { return !strings.Contains(e, "first") })
			if len(told) != 1 || !strings.Contains(told[0], c.want) {
				t.Errorf("of the first: %q, want %s", told, c.want)
			}
		})
	}
}

func TestR10AnAnnouncementAfterTheDepartureIsMissed(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	env.Provider.HangUp(call)
	env.Elapse(5 * time.Minute)
	env.TakeEvents()
	env.Edit("agent", announce("late"))
	env.Elapse(time.Hour)
	wantEvents(t, env, v1alpha1.EventAnnouncementMissed)
}
