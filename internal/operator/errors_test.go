package operator_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

func TestR8ABadHoldURLNeverBlocksAMute(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 422, Code: 21402,
		Match: func(r voicesim.Request) bool { return r.Form.Has("HoldUrl") },
	})
	w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); world.Hold(s); s.HoldURL = world.Music })
	w.Settle()
	played := "Hold=true HoldMethod=POST HoldUrl=" + world.Music
	w.WantUpdates(played+" Muted=true", "Muted=true", played)
	w.WantReady("agent", "False", v1alpha1.ReasonRejected)
	if message := w.Message("agent"); !strings.Contains(message, "hold") || !strings.Contains(message, "21402") {
		w.Errorf("the message names neither field nor code: %s", message)
	}
	w.WantQuiet(time.Hour)
	w.Sim.ClearFaults()
	w.Demand("agent", "now")
	w.Pass(time.Second)
	w.WantUpdates(played)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR8ARefusedListIsRejected(t *testing.T) {
	for _, refused := range []voicesim.Fault{{Status: 403}, {Status: 422, Code: 21481}, {Status: 400, Code: 99999}} {
		t.Run(strconv.Itoa(refused.Status), func(t *testing.T) {
			w := world.New(t)
			refused.Operation, refused.ConferenceSID = voicesim.OpListParticipants, w.Conference
			w.Declare("before", w.Join(), world.Mute)
			w.Pass(time.Minute)
			w.Updates()
			w.Sim.Inject(refused)
			w.Pass(time.Second)
			w.Declare("agent", w.Join(), world.Mute)
			w.Settle()
			w.WantReady("before", "True", v1alpha1.ReasonInSync)
			w.WantReady("agent", "False", v1alpha1.ReasonRejected)
			if message := w.Message("agent"); !strings.Contains(message, "conferenceSID") || !strings.Contains(message, strconv.Itoa(refused.Status)) {
				w.Errorf("the message names neither field nor code: %s", message)
			}
			w.Pass(2 * time.Minute)
			w.WantReady("before", "False", v1alpha1.ReasonRejected)
			if lists, probes := w.Count(voicesim.OpListParticipants), w.Count(voicesim.OpListConferences); lists > 4 || probes > lists {
				w.Errorf("%d lists and %d probes in two minutes", lists, probes)
			}
			w.WantQuiet(time.Hour)
			w.Demand("agent", "now")
			w.Settle()
			if lists := w.Count(voicesim.OpListParticipants); lists > 15 {
				w.Errorf("%d lists in an hour", lists)
			}
			if handled := w.WantReady("agent", "False", v1alpha1.ReasonRejected).Status.LastHandledReconcileAt; handled != "now" {
				w.Errorf("lastHandledReconcileAt is %q", handled)
			}
			w.Pass(time.Second)
			w.Sim.ClearFaults()
			w.Edit("agent", world.Hold)
			w.Settle()
			w.WantUpdates("Hold=true Muted=true")
			for _, name := range []string{"before", "agent"} {
				w.WantReady(name, "True", v1alpha1.ReasonInSync)
			}
		})
	}
}

// TestR8WhoMayNotBeReadIsListed has single reads refused in a conference in which
// a few are read and not listed.
func TestR8WhoMayNotBeReadIsListed(t *testing.T) {
	for _, refused := range []voicesim.Fault{{Status: 403}, {Status: 422, Code: 21481}, {Status: 400, Code: 99999}} {
		for reason, alone := range map[string]bool{v1alpha1.ReasonInSync: true, v1alpha1.ReasonRejected: false} {
			t.Run(fmt.Sprintf("%d %s", refused.Status, reason), func(t *testing.T) {
				w := world.New(t)
				for range 201 {
					w.Join()
				}
				w.Declare("first", w.Join(), world.Mute)
				w.Pass(time.Minute)
				w.Pass(20 * time.Second)
				w.Updates()
				refused.Operation = voicesim.OpGetParticipant
				w.Sim.Inject(refused)
				if !alone {
					refused.Operation = voicesim.OpListParticipants
					w.Sim.Inject(refused)
				}
				w.Declare("agent", w.Join(), world.Mute)
				w.Pass(time.Second)
				if reads := w.Count(voicesim.OpGetParticipant); reads != 1 {
					w.Errorf("%d reads, want one", reads)
				}
				found := w.Get("agent")
				status := "True"
				if !alone {
					status = "False"
				}
				w.WantReady("agent", status, reason)
				if alone != (found.Status.Participant != nil && found.Status.Participant.Muted) {
					w.Errorf("seen as %+v", found.Status.Participant)
				}
			})
		}
	}
}

func TestR8ARefusedListIsTriedSlowlyAndWithOtherCredentials(t *testing.T) {
	for name, mend := range map[string]func(*world.World){
		"by itself": func(w *world.World) { w.Pass(5 * time.Minute) },
		"with another Secret": func(w *world.World) {
			w.Sim.SetTokens(world.AccountSID, "PT-new")
			w.Rotate(world.Namespace, "PT-new")
			w.Pass(30 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Status: 403})
			w.Declare("agent", w.Join(), world.Mute)
			w.Pass(time.Hour)
			w.WantReady("agent", "False", v1alpha1.ReasonRejected)
			w.Sim.ClearFaults()
			mend(w)
			w.WantUpdates("Muted=true")
			w.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

func TestR8ARejectionEndsWhenTheAccountChanges(t *testing.T) {
	for name, refused := range map[string]voicesim.Fault{
		"of a field": {Status: 422, Code: 21402}, "of the object alone": {Status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			refused.Operation = voicesim.OpUpdateParticipant
			w.Sim.Inject(refused)
			w.Declare("agent", w.Join(), world.Mute)
			w.Pass(time.Minute)
			w.WantReady("agent", "False", v1alpha1.ReasonRejected)
			w.WantQuiet(time.Hour)
			w.Sim.ClearFaults()
			w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.RateLimit.Burst++ })
			w.Settle()
			w.WantReady("agent", "True", v1alpha1.ReasonInSync)
			w.WantUpdates("Muted=true")
		})
	}
}

func TestR8AnUnknownOutcomeIsObservedFirst(t *testing.T) {
	for name, fault := range map[string]voicesim.Fault{
		"reset after it was applied": {Reset: voicesim.ResetAfter},
		"HTML and 502":               {Status: 502, Shape: voicesim.ShapeHTML, Apply: true},
		"truncated":                  {Shape: voicesim.ShapeTruncated},
		"no participant":             {Shape: voicesim.ShapeWrongObject},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			fault.Operation, fault.Times = voicesim.OpUpdateParticipant, 1
			w.Sim.Inject(fault)
			w.Declare("agent", w.Join(), world.Mute)
			w.Pass(10 * time.Second)
			w.WantUpdates("Muted=true")
			w.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

func TestR8WhatWasNotExecutedIsSentAgain(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Reset: voicesim.ResetBefore})
	w.Declare("agent", w.Join(), world.Mute)
	w.Pass(10 * time.Second)
	w.WantUpdates("Muted=true", "Muted=true")
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR8R15ARetryAfterIsKept(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Status: 429, Header: http.Header{"Retry-After": {"20"}}})
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	w.WantUpdates("Muted=true")
	w.Pass(4 * time.Second)
	if message := w.Message("agent"); message != "" {
		w.Errorf("reported after 4 s: %s", message)
	}
	for range 14 { // each watch event is another pass
		w.Pass(time.Second)
		w.Notify(w.Get("agent"))
	}
	if requests := len(w.Sim.Journal()); requests != 0 {
		w.Errorf("%d requests before the Retry-After was over", requests)
	}
	w.WantReady("agent", "False", v1alpha1.ReasonThrottled)
	w.Pass(3 * time.Second)
	w.WantUpdates("Muted=true")
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	families, err := w.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "conference_operator_limiter_wait_seconds" {
			continue
		}
		if waits := family.GetMetric()[0].GetHistogram(); waits.GetSampleCount() != 2 || waits.GetSampleSum() != 20 {
			t.Errorf("%d waits of %g s in all, want two: of 0 s and of 20 s", waits.GetSampleCount(), waits.GetSampleSum())
		}
	}
}

// TestR15WhoWasAboutToSendWaitsToo has another request of the account be told to
// wait when an update was decided on and is about to be sent.
func TestR15WhoWasAboutToSendWaitsToo(t *testing.T) {
	w := world.New(t)
	other := w.Join()
	w.Declare("other", other, world.Mute)
	w.Pass(time.Minute)
	w.Updates()
	told := false
	w.Crossed = func(crossing world.Crossing) {
		if told || crossing.Name != "agent" || !strings.HasPrefix(crossing.What, "patch status") {
			return
		}
		told = true
		w.Sim.Inject(throttled(20))
		w.Edit("other", world.Open)
		w.Settle()
		w.WantUpdates("Muted=false")
	}
	w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); reset(s) })
	w.Pass(19 * time.Second)
	w.WantUpdates()
	w.Pass(2 * time.Second)
	if sent := w.Updates(); !told || len(sent) != 2 {
		w.Errorf("%q are sent then, want both", sent)
	}
}

// TestR15ALookWaitsAsLongAsItIsTold has looks answered with a Retry-After again and
// again: no wait of our own is added to it.
func TestR15ALookWaitsAsLongAsItIsTold(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Times: 6, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
	w.Declare("agent", w.Join(), world.Mute)
	w.Pass(7 * time.Second)
	if lists := w.Count(voicesim.OpListParticipants); lists < 7 {
		w.Errorf("%d lists in seven seconds, want one a second", lists)
	}
	w.WantUpdates("Muted=true")
}

func TestR8ARefusedTokenStopsTheAccount(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Declare("other", w.Join(), world.Mute)
	w.Settle()
	w.Sim.RevokeTokens(world.AccountSID)
	w.Edit("agent", world.Open)
	w.Settle()
	w.WantReady("agent", "False", v1alpha1.ReasonUnauthorized)
	w.WantReady("other", "False", v1alpha1.ReasonUnauthorized)
	w.Sim.ResetJournal()
	w.Pass(10 * time.Minute)
	if requests := len(w.Sim.Journal()); requests < 9 || requests > 11 {
		w.Errorf("%d requests in ten minutes, want a probe a minute", requests)
	}
	w.Sim.AddAccount(world.AccountSID, "PT-new")
	w.Rotate(world.Namespace, "PT-new")
	w.Sim.ResetJournal()
	w.Pass(11 * time.Second)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.WantReady("other", "True", v1alpha1.ReasonInSync)
	w.WantUpdates("Muted=false")
}

// TestR8AnOutageOfTheTokensRejectsNobody has the same token be accepted again.
func TestR8AnOutageOfTheTokensRejectsNobody(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Pass(time.Minute)
	w.Updates()
	for _, change := range []func(*world.Spec){world.Open, world.Mute, announce("closing")} {
		// With a look this fresh the change itself is what is refused.
		w.Demand("agent", w.Now().String())
		w.Settle()
		w.Sim.RevokeTokens(world.AccountSID)
		w.Edit("agent", change)
		w.Pass(5 * time.Minute)
		w.WantReady("agent", "False", v1alpha1.ReasonUnauthorized)
		w.Sim.SetTokens(world.AccountSID, world.Token)
		w.Pass(2 * time.Minute)
		w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	}
	w.WantUpdates("Muted=false", "Muted=false", "Muted=true", "Muted=true", closing, closing)
}

func TestR8ARotatedTokenIsReadAtOnce(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	w.Updates()
	w.Sim.SetTokens(world.AccountSID, "PT-new")
	w.Rotate(world.Namespace, "PT-new")
	w.Edit("agent", world.Open)
	w.Settle()
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.WantQuiet(10 * time.Minute)
}

func TestR8AnObjectRefusedAloneIsRejectedAlone(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, CallSID: call, Status: 403})
	w.Declare("agent", call, world.Mute)
	w.Declare("other", w.Join(), world.Mute)
	w.Pass(time.Minute)
	w.WantReady("agent", "False", v1alpha1.ReasonRejected)
	w.WantReady("other", "True", v1alpha1.ReasonInSync)
	w.WantQuiet(10 * time.Minute)
}

func TestR13AnOutageIsReportedByTheAccountAlone(t *testing.T) {
	w := world.New(t)
	w.Declare("idle", w.Join(), world.Mute)
	w.Declare("busy", w.Join(), world.Mute)
	w.Pass(time.Minute)
	w.Sim.Inject(voicesim.Fault{Status: 503, Shape: voicesim.ShapeHTML})
	w.Edit("busy", world.Open)
	w.Pass(10 * time.Minute)
	w.WantReady("idle", "True", v1alpha1.ReasonInSync)
	w.WantReady("busy", "False", v1alpha1.ReasonAPIUnavailable)
	if got := w.Account("acme").Status.Conditions; len(got) != 2 || got[0].Reason != v1alpha1.ReasonAPIUnavailable {
		w.Errorf("the account's conditions are %+v", got)
	}
	w.Sim.ClearFaults()
	w.Pass(2 * time.Minute)
	w.WantReady("busy", "True", v1alpha1.ReasonInSync)
}

func TestR13AStartIsSilent(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Declare("caller", w.Join(), world.Hold)
	w.Declare("nobody", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", world.Mute)
	w.Pass(time.Minute)
	w.Restart()
	w.WantQuiet(0)
	if lists := w.Count(voicesim.OpListParticipants); lists > 1 {
		w.Errorf("%d lists after a start, want one", lists)
	}
	w.WantQuiet(5 * time.Minute)
	w.Sim.Inject(voicesim.Fault{Status: 503})
	w.Restart()
	w.WantQuiet(10 * time.Minute)
}

// TestR13ACrowdIsToldInTurn has an account with many participants be refused: their
// writes leave room for what somebody waits for.
func TestR13ACrowdIsToldInTurn(t *testing.T) {
	const crowd = 45
	w := world.New(t)
	// Nothing is polled, so that the edit finds no look that is fresh by accident.
	w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
	for i := range crowd {
		w.Declare(fmt.Sprintf("caller-%d", i), w.Join(), world.Mute)
	}
	w.Pass(time.Minute)
	before := w.Writes
	w.Sim.RevokeTokens(world.AccountSID)
	w.Edit("caller-7", world.Open)
	w.Settle()
	if told := w.Writes - before; told != 20 {
		w.Errorf("%d are told at once", told)
	}
	w.Pass(time.Second)
	if told := w.Writes - before; told != crowd {
		w.Errorf("%d are told within a second, want all %d", told, crowd)
	}
	w.WantQuiet(time.Hour)
	for i := range crowd {
		w.WantReady(fmt.Sprintf("caller-%d", i), "False", v1alpha1.ReasonUnauthorized)
	}
}

func TestR13EventsOnlyOnTransitions(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(time.Minute)
	for len(w.Recorder.Events) > 0 {
		<-w.Recorder.Events
	}
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	w.Pass(10 * time.Minute)
	if events := len(w.Recorder.Events); events != 0 {
		w.Errorf("%d events without a transition: %s", events, <-w.Recorder.Events)
	}
}

func TestR14NoPassActsOnItsOwnPast(t *testing.T) {
	w := world.New(t)
	w.Declare("caller", w.Join(), func(s *world.Spec) { world.Hold(s); s.HoldURL = world.Music })
	catchUp := w.Lagging("caller")
	w.Settle()
	w.WantUpdates("Hold=true HoldMethod=POST HoldUrl=" + world.Music)
	for range 5 {
		w.Notify(w.Get("caller"))
		w.Settle()
	}
	w.WantUpdates()
	if w.Writes != 1 {
		w.Errorf("%d status writes while the cache lags behind, want one", w.Writes)
	}
	catchUp()
	w.WantQuiet(time.Minute)
}

func TestR14AFinalizerIsStoredOnceThoughTheCacheLags(t *testing.T) {
	w := world.New(t)
	w.Declare("caller", w.Join(), func(s *world.Spec) { world.Mute(s); reset(s) })
	stored := 0
	w.Cross = func(crossing world.Crossing) world.Fate {
		if crossing.What == "patch ConferenceParticipant" {
			stored++
		}
		return world.Lives
	}
	w.Lagging("caller")
	for range 5 {
		w.Notify(w.Get("caller"))
		w.Settle()
	}
	if stored != 1 {
		t.Errorf("the finalizer was stored %d times", stored)
	}
}

func TestR14AConflictIsWrittenOntoTheLiveObject(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	conflicts := 0
	w.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if p, ok := of.(*world.Object); ok && conflicts == 0 {
			conflicts++
			w.Edit("agent", world.Hold)
			return apierrors.NewConflict(schema.GroupResource{}, p.Name, nil)
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	w.Settle()
	w.WantUpdates("Muted=true", "Hold=true")
	if w.Errors != 0 {
		t.Errorf("%d passes failed: the outcome was thrown away", w.Errors)
	}
	if found := w.WantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.ObservedGeneration != 2 {
		w.Errorf("observedGeneration is %d", found.Status.ObservedGeneration)
	}
}

func TestR14EveryWriteMeetsAConflict(t *testing.T) {
	w := world.New(t)
	conflict := false
	w.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if conflict = !conflict; conflict {
			return apierrors.NewConflict(schema.GroupResource{}, of.GetName(), nil)
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	w.Declare("agent", w.Join(), func(s *world.Spec) {
		world.Mute(s)
		reset(s)
		announce("closing")(s)
	})
	w.Pass(time.Minute)
	w.WantUpdates("Muted=true", closing)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	wantAnnouncement(w, "agent", "closing", v1alpha1.AnnouncementAccepted)
	w.Delete(w.Get("agent"))
	w.Pass(time.Minute)
	wantGone(w, "agent")
	w.WantUpdates("Muted=false")
}

func TestR14AnotherObjectOfTheSameNameIsLeftAlone(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Intercept.SubResourcePatch = func(_ context.Context, _ client.Client, _ string, of client.Object, _ client.Patch, _ ...client.SubResourcePatchOption) error {
		w.Intercept.SubResourcePatch = nil
		w.Delete(w.Get("agent"))
		w.Advance(time.Second)
		w.Declare("agent", call, func(s *world.Spec) { s.Suspend = true })
		return apierrors.NewConflict(schema.GroupResource{}, of.GetName(), nil)
	}
	w.Settle()
	w.WantReady("agent", "Unknown", v1alpha1.ReasonSuspended)
	if told := strings.Join(events(w), "\n"); strings.Contains(told, v1alpha1.ReasonInSync) {
		w.Errorf("told of the object that was deleted: %s", told)
	}
	if w.Get("agent").Status.Participant != nil {
		w.Error("the status is that of the object that was deleted")
	}
}

func TestR16WhatWasBegunIsFinished(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	ctx, stop := context.WithCancel(w.Context())
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Match: func(voicesim.Request) bool { stop(); return false }})
	for range 20 {
		if ctx.Err() == nil {
			w.StepUnder(ctx)
		}
	}
	w.WantUpdates("Muted=true")
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.Edit("agent", world.Open)
	for range 20 {
		w.StepUnder(ctx)
	}
	w.WantUpdates()
}

func TestR16WhatHasNotBegunIsLeftToTheNext(t *testing.T) {
	for name, begin := range map[string]func(*world.World){
		"update":       func(w *world.World) { w.Edit("agent", world.Open) },
		"announcement": func(w *world.World) { w.Edit("agent", announce("closing")) },
		"deletion":     func(w *world.World) { w.Delete(w.Get("agent")) },
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); reset(s) })
			w.Settle()
			w.Updates()
			ctx, stop := context.WithCancel(w.Context())
			stop()
			begin(w)
			for range 20 {
				w.StepUnder(ctx)
			}
			w.WantUpdates()
			w.Restart()
			w.Settle()
			if sent := len(w.Updates()); sent != 1 {
				t.Errorf("%d requests of the next process, want 1", sent)
			}
		})
	}
}

func TestR15AnObjectKeepsItsOwnBackOff(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, CallSID: call, Times: 1, Reset: voicesim.ResetBefore})
	w.Declare("agent", call, world.Mute)
	w.Settle()
	w.WantUpdates("Muted=true")
	for range 7 { // each watch event is another pass, and the back-off is 750 ms at least
		w.Pass(100 * time.Millisecond)
		w.Notify(w.Get("agent"))
		w.Settle()
	}
	w.WantUpdates()
	w.Pass(time.Second)
	w.WantUpdates("Muted=true")
}

func TestR15AnAnnouncementKeepsItsBackOff(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Status: 404})
	w.Declare("agent", w.Join(), announce("closing"))
	w.Settle()
	w.WantUpdates(closing)
	for range 7 { // each watch event is another pass, and the back-off is 750 ms at least
		w.Pass(100 * time.Millisecond)
		w.Notify(w.Get("agent"))
		w.Settle()
	}
	w.WantUpdates()
	w.Pass(time.Second)
	w.WantUpdates(closing)
}
