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
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

const closing = "AnnounceMethod=POST AnnounceUrl=https://media.example.com/closing.xml"

// announce declares an announcement.
func announce(id string) func(*world.Spec) {
	return func(s *world.Spec) {
		s.Announcement = &v1alpha1.Announcement{ID: id, URL: "https://media.example.com/closing.xml", OnUnknown: v1alpha1.UnknownSkip}
	}
}

// events are those that were written since the last call.
func events(w *world.World) (told []string) {
	for len(w.Recorder.Events) > 0 {
		told = append(told, <-w.Recorder.Events)
	}
	return told
}

// wantEvents checks that there is one event for each reason, of those that are
// about announcements and deletions.
func wantEvents(w *world.World, want ...string) {
	w.Helper()
	told := events(w)
	for _, reason := range want {
		if n := len(slices.DeleteFunc(slices.Clone(told), func(e string) bool { return !strings.Contains(e, reason) })); n != 1 {
			w.Errorf("%d events %s among %q", n, reason, told)
		}
	}
}

// wantAnnouncement checks the state of the announcement.
func wantAnnouncement(w *world.World, name, id string, state v1alpha1.AnnouncementState) {
	w.Helper()
	found := w.Get(name).Status.Announcement
	if found == nil || found.ID != id || found.State != state {
		w.Errorf("the announcement is %+v, want %s %s", found, id, state)
	}
}

func TestR10AnAnnouncementIsPlayedOnce(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, func(s *world.Spec) { world.Mute(s); announce("closing")(s) })
	w.Settle()
	w.WantUpdates("Muted=true", closing)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementAccepted)
	wantEvents(w, v1alpha1.EventAnnouncementAccepted)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.WantQuiet(time.Hour)

	w.Edit("agent", world.Hold)
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	w.Demand("agent", "now")
	w.Restart()
	w.Pass(time.Minute)
	for _, update := range w.Updates() {
		if strings.Contains(update, "Announce") {
			t.Error("edit, drift, annotation or restart play it again")
		}
	}
	w.Edit("agent", announce("next"))
	w.Settle()
	w.WantUpdates(closing)
	events(w)
	w.Edit("agent", announce("closing"))
	w.Pass(time.Minute)
	w.WantUpdates()
	wantEvents(w, v1alpha1.EventAnnouncementIgnored)
	w.Edit("agent", func(s *world.Spec) { s.Announcement.URL += "?other" })
	w.Pass(time.Minute)
	w.WantUpdates()
	wantEvents(w, v1alpha1.EventAnnouncementIgnored)
	if handled := w.Get("agent").Status.HandledAnnouncementIDs; !slices.Equal(handled, []string{"next", "closing"}) {
		t.Errorf("handled %q", handled)
	}
}

func TestR10ARevertPastAWithdrawnIDPlaysNothing(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), announce("closing"))
	w.Settle()
	w.WantUpdates(closing)
	w.Edit("agent", func(s *world.Spec) { announce("next")(s); s.Suspend = true })
	w.Settle()
	w.Edit("agent", func(s *world.Spec) { announce("closing")(s); s.Suspend = false })
	w.Pass(time.Minute)
	w.WantUpdates()
}

func TestR10SixtyFourIDsAreRemembered(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), func(*world.Spec) {})
	for i := range 66 {
		w.Edit("agent", announce(strings.Repeat("x", i%60+1)+string(rune('a'+i/60))))
		w.Settle()
	}
	if n, handled := len(w.Updates()), len(w.Get("agent").Status.HandledAnnouncementIDs); n != 66 || handled != 64 {
		t.Errorf("%d played and %d remembered", n, handled)
	}
}

func TestR10TheCoachingPairTravelsWithIt(t *testing.T) {
	w := world.New(t)
	agent, trainer := w.Join(), w.Join()
	w.Sim.Drift(w.Conference, trainer, func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = true, agent })
	w.Declare("trainer", trainer, announce("closing"))
	w.Settle()
	w.WantUpdates(closing + " CallSidToCoach=" + agent + " Coaching=true")
}

func TestR4AnAnnouncementIsSentWithoutAPairThatIsRefused(t *testing.T) {
	w := world.New(t)
	agent := w.Join()
	trainer := w.Join(voicesim.JoinOptions{CallSIDToCoach: agent})
	w.Sim.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 422, Code: 16002,
		Match: func(r voicesim.Request) bool { return r.Form.Has("Coaching") },
	})
	w.Declare("trainer", trainer, announce("closing"))
	w.Pass(time.Minute)
	w.WantUpdates(closing+" CallSidToCoach="+agent+" Coaching=true", closing)
	wantAnnouncement(w, "trainer", "closing", v1alpha1.AnnouncementAccepted)
}

func TestR10TheClaimComesFirst(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), announce("closing"))
	w.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if p, ok := of.(*world.Object); ok && p.Status.Announcement != nil && p.Status.Announcement.State == v1alpha1.AnnouncementClaimed {
			return apierrors.NewConflict(schema.GroupResource{}, p.Name, nil)
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	w.Pass(time.Minute)
	w.WantUpdates()
	w.Intercept.SubResourcePatch = nil
	w.Pass(time.Minute)
	w.WantUpdates(closing)
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
			w := world.New(t)
			c.fault.Operation = voicesim.OpUpdateParticipant
			c.fault.Match = func(r voicesim.Request) bool { return r.Form.Has("AnnounceUrl") }
			w.Sim.Inject(c.fault)
			w.Declare("agent", w.Join(), func(s *world.Spec) {
				announce("closing")(s)
				if c.retry {
					s.Announcement.OnUnknown = v1alpha1.UnknownRetry
				}
			})
			w.Pass(2 * time.Minute)
			if sent := len(w.Updates()); sent != c.sent {
				t.Errorf("%d requests, want %d", sent, c.sent)
			}
			wantAnnouncement(w, "agent", "closing", c.state)
			wantEvents(w, c.event)
			w.WantReady("agent", "True", v1alpha1.ReasonInSync)
			w.WantQuiet(time.Hour)
		})
	}
}

func TestR10ARetryEndsWithinThirtySeconds(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 502, Times: 1})
	w.Declare("agent", w.Join(), func(s *world.Spec) { announce("closing")(s); s.Announcement.OnUnknown = v1alpha1.UnknownRetry })
	w.Settle()
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementPending)
	w.Updates()
	w.Edit("agent", func(s *world.Spec) { s.Suspend = true })
	w.Pass(29 * time.Second)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementPending)
	w.Pass(2 * time.Second)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementUnknown)
	w.Edit("agent", func(s *world.Spec) { s.Suspend = false })
	w.Pass(time.Minute)
	w.WantUpdates()
}

func TestR10WhatMayHaveBeenPlayedIsHandledWhenItIsReplaced(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 502, Times: 1})
	w.Declare("agent", w.Join(), func(s *world.Spec) { announce("closing")(s); s.Announcement.OnUnknown = v1alpha1.UnknownRetry })
	w.Settle()
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementPending)
	w.Edit("agent", announce("next"))
	w.Pass(time.Minute)
	w.WantUpdates(closing, closing)
	wantAnnouncement(w, "agent", "next", v1alpha1.AnnouncementAccepted)
	w.Edit("agent", announce("closing"))
	w.Pass(time.Minute)
	w.WantUpdates()
}

func TestR10ARefusedTokenOnlyPutsItOff(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	w.Sim.RevokeTokens(world.AccountSID)
	w.Edit("agent", announce("closing"))
	w.Pass(time.Minute)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementPending)
	w.Sim.SetTokens(world.AccountSID, "PT-new")
	w.Rotate(world.Namespace, "PT-new")
	w.Sim.ResetJournal()
	w.Pass(time.Minute)
	w.WantUpdates(closing)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementAccepted)
}

func TestR10AnAnswerOutlivesAWriteThatFails(t *testing.T) {
	w := world.New(t)
	failures := 0
	w.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if p, ok := of.(*world.Object); ok && p.Status.Announcement != nil && p.Status.Announcement.FinishTime != nil && failures < 3 {
			failures++
			return apierrors.NewServiceUnavailable("not now")
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	w.Declare("agent", w.Join(), announce("closing"))
	w.Pass(time.Minute)
	w.WantUpdates(closing)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementAccepted)
}

func TestR10ABadHoldURLDoesNotSilenceIt(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 422, Code: 21402,
		Match: func(r voicesim.Request) bool { return r.Form.Has("HoldUrl") },
	})
	w.Declare("agent", w.Join(), func(s *world.Spec) { world.Hold(s); s.HoldURL = world.Music; announce("evacuate")(s) })
	w.Pass(time.Minute)
	w.WantReady("agent", "False", v1alpha1.ReasonRejected)
	wantAnnouncement(w, "agent", "evacuate", v1alpha1.AnnouncementAccepted)
}

func TestR10AWrongReferenceSilencesIt(t *testing.T) {
	w := world.New(t)
	w.Declare("trainee", w.Join(), func(s *world.Spec) { s.ConferenceSID = "11111111-2222-3333-4444-555555555555" })
	w.Declare("supervisor", w.Join(), func(s *world.Spec) {
		announce("closing")(s)
		s.ParticipantToCoachRef = &v1alpha1.LocalReference{Name: "trainee"}
	})
	w.Pass(time.Minute)
	w.WantReady("supervisor", "False", v1alpha1.ReasonInvalidReference)
	wantAnnouncement(w, "supervisor", "closing", v1alpha1.AnnouncementPending)
}

func TestR10ItWaitsForTheStateAWhile(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 422,
		Match: func(r voicesim.Request) bool { return r.Form.Has("Muted") },
	})
	w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); announce("closing")(s) })
	w.Pass(9 * time.Second)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementPending)
	w.Pass(2 * time.Second)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementAccepted)
}

func TestR10WhoIsNotThereHearsNothing(t *testing.T) {
	w := world.New(t)
	nobody := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	w.Declare("nobody", nobody, func(s *world.Spec) {
		announce("closing")(s)
		s.Announcement.NotAfterTime = &metav1.Time{Time: w.Now().Add(time.Minute)}
	})
	w.Declare("suspended", w.Join(), func(s *world.Spec) { announce("closing")(s); s.Suspend = true })
	w.Declare("observing", w.Join(), func(s *world.Spec) { announce("closing")(s); s.Mode = v1alpha1.ModeObserve })
	w.Pass(59 * time.Second)
	for _, name := range []string{"nobody", "suspended", "observing"} {
		wantAnnouncement(w, name, "closing", v1alpha1.AnnouncementPending)
	}
	events(w)
	w.Pass(2 * time.Second)
	wantAnnouncement(w, "nobody", "closing", v1alpha1.AnnouncementExpired)
	wantEvents(w, v1alpha1.EventAnnouncementExpired)
	w.WantUpdates()
	w.Edit("suspended", func(s *world.Spec) { s.Suspend = false })
	w.Settle()
	w.WantUpdates(closing)
}

func TestR10AnIDReplacedBeforeItWasPlayedIsSuperseded(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, func(s *world.Spec) { announce("first")(s); s.Suspend = true })
	w.Settle()
	w.Edit("agent", announce("second"))
	w.Settle()
	wantEvents(w, v1alpha1.EventSuperseded)
	w.Edit("agent", func(s *world.Spec) { s.Suspend = false })
	w.Settle()
	w.WantUpdates(closing)
	wantAnnouncement(w, "agent", "second", v1alpha1.AnnouncementAccepted)
}

func TestR10WhoLeavesBeforeItIsReported(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(time.Minute)
	w.Sim.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 429, Header: http.Header{"Retry-After": {"30"}},
	})
	w.Edit("agent", announce("closing"))
	w.Settle()
	w.Sim.HangUp(call)
	events(w)
	w.Pass(5 * time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	wantEvents(w, v1alpha1.EventAnnouncementMissed)
}

func TestR10AClaimOfADeadProcessIsUnknown(t *testing.T) {
	for name, fate := range map[string]world.Fate{"before the request": world.DiesBefore, "after it": world.DiesAfter} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.Declare("agent", w.Join(), announce("closing"))
			w.Cross = func(crossing world.Crossing) world.Fate {
				if !crossing.Provider || !strings.HasPrefix(crossing.What, "POST") {
					return world.Lives
				}
				w.Cross = nil
				return fate
			}
			w.Pass(time.Minute)
			wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementUnknown)
			wantEvents(w, v1alpha1.EventAnnouncementUnknown)
			if sent := len(w.Updates()); sent > 1 || sent == 1 && fate == world.DiesBefore {
				t.Errorf("%d requests", sent)
			}
			w.WantQuiet(time.Hour)
		})
	}
}

func TestR10AStateThatFailsDoesNotSilenceIt(t *testing.T) {
	for name, fault := range map[string]voicesim.Fault{
		"403": {Status: 403}, "404": {Status: 404}, "409": {Status: 409}, "500": {Status: 500}, "reset": {Reset: voicesim.ResetBefore},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			fault.Operation, fault.Match = voicesim.OpUpdateParticipant, func(r voicesim.Request) bool { return r.Form.Has("Muted") }
			w.Sim.Inject(fault)
			w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); announce("evacuate")(s) })
			w.Pass(30 * time.Second)
			wantAnnouncement(w, "agent", "evacuate", v1alpha1.AnnouncementAccepted)
		})
	}
}

func TestR10ItNeverBlocksTheState(t *testing.T) {
	for _, status := range []int{403, 404, 422, 502} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			w := world.New(t)
			w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: status, Match: func(r voicesim.Request) bool { return r.Form.Has("AnnounceUrl") }})
			call := w.Join()
			w.Declare("agent", call, world.Mute)
			w.Pass(time.Minute)
			w.Edit("agent", announce("closing"))
			w.Pass(5 * time.Minute)
			w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
			w.Pass(35 * time.Second)
			if p, _ := w.Sim.Participant(w.Conference, call); !p.Muted {
				t.Errorf("not repaired: %s", w.Message("agent"))
			}
		})
	}
}

func TestR10TheWaitForTheStateBeginsWhenNothingElseIsWaitedFor(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 422, Times: 1})
	w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); announce("closing")(s); s.Suspend = true })
	w.Pass(time.Minute)
	w.Edit("agent", func(s *world.Spec) { s.Suspend = false })
	w.Pass(8 * time.Second)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementPending)
}

func TestR10EachIDEndsInAnEvent(t *testing.T) {
	dies := func(w *world.World) {
		w.Cross = func(crossing world.Crossing) world.Fate {
			if !crossing.Provider || !strings.HasPrefix(crossing.What, "POST") {
				return world.Lives
			}
			w.Cross = nil
			return world.DiesBefore
		}
	}
	resets := func(w *world.World) {
		w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Reset: voicesim.ResetAfter, Times: 1})
	}
	for name, c := range map[string]struct {
		fails   func(*world.World)
		suspend bool
		retry   v1alpha1.UnknownPolicy
		late    time.Duration
		want    string
	}{
		"claimed by who died":  {dies, false, v1alpha1.UnknownSkip, time.Hour, v1alpha1.EventAnnouncementUnknown},
		"waiting for a retry":  {resets, false, v1alpha1.UnknownRetry, time.Hour, v1alpha1.EventAnnouncementUnknown},
		"replaced by too late": {func(*world.World) {}, true, v1alpha1.UnknownSkip, -time.Hour, v1alpha1.EventSuperseded},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			c.fails(w)
			w.Declare("agent", w.Join(), func(s *world.Spec) {
				announce("first")(s)
				s.Suspend, s.Announcement.OnUnknown = c.suspend, c.retry
			})
			w.Settle()
			w.Edit("agent", func(s *world.Spec) {
				announce("second")(s)
				s.Announcement.NotAfterTime = &metav1.Time{Time: w.Now().Add(c.late)}
			})
			w.Pass(time.Minute)
			told := slices.DeleteFunc(events(w), func(e string) bool { return !strings.Contains(e, "first") })
			if len(told) != 1 || !strings.Contains(told[0], c.want) {
				t.Errorf("of the first: %q, want %s", told, c.want)
			}
		})
	}
}

func TestR10WhatIsDeclaredForWhoHasLeftIsMissed(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(time.Minute)
	w.Sim.HangUp(call)
	w.Pass(5 * time.Minute)
	events(w)
	w.Edit("agent", announce("late"))
	w.Pass(time.Hour)
	wantEvents(w, v1alpha1.EventAnnouncementMissed)
}
