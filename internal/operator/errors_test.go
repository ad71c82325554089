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
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

func TestR8ABadHoldURLNeverBlocksAMute(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 422, Code: 21402,
		Match: func(r voicesim.Request) bool { return r.Form.Has("HoldUrl") },
	})
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); sim.Hold(s); s.HoldURL = sim.Music })
	env.RunUntilIdle()
	played := "Hold=true HoldMethod=POST HoldUrl=" + sim.Music
	env.WantUpdates(played+" Muted=true", "Muted=true", played)
	env.WantReady("agent", "False", v1alpha1.ReasonRejected)
	if message := env.Message("agent"); !strings.Contains(message, "hold") || !strings.Contains(message, "21402") {
		t.Errorf("the message names neither field nor code: %s", message)
	}
	env.WantQuiet(time.Hour)
	env.Provider.ClearFaults()
	env.RequestReconcile("agent", "now")
	env.Elapse(time.Second)
	env.WantUpdates(played)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

// refusals are the answers to a look that a retry will seldom change.
var refusals = []voicesim.Fault{{Status: 403}, {Status: 422, Code: 21481}, {Status: 400, Code: 99999}}

// eachRefusedList has a list be refused in each way after one object, "before",
// was in sync, and creates another one, "agent", then.
func eachRefusedList(t *testing.T, check func(*testing.T, *sim.Sim, voicesim.Fault)) {
	for _, refused := range refusals {
		t.Run(strconv.Itoa(refused.Status), func(t *testing.T) {
			env := sim.New(t)
			refused.Operation, refused.ConferenceSID = voicesim.OpListParticipants, env.Conference
			env.CreateParticipant("before", env.Join(), sim.Mute)
			env.Elapse(time.Minute)
			env.Updates()
			env.Provider.Inject(refused)
			env.Elapse(time.Second)
			env.CreateParticipant("agent", env.Join(), sim.Mute)
			env.RunUntilIdle()
			check(t, env, refused)
		})
	}
}

func TestR8ARefusedListIsRejected(t *testing.T) {
	eachRefusedList(t, func(t *testing.T, env *sim.Sim, refused voicesim.Fault) {
		env.WantReady("before", "True", v1alpha1.ReasonInSync)
		env.WantReady("agent", "False", v1alpha1.ReasonConverging)
		env.Elapse(2 * time.Minute)
		env.WantReady("before", "False", v1alpha1.ReasonRejected)
		env.WantReady("agent", "False", v1alpha1.ReasonRejected)
		if message := env.Message("agent"); !strings.Contains(message, "conferenceSID") || !strings.Contains(message, strconv.Itoa(refused.Status)) {
			t.Errorf("the message names neither field nor code: %s", message)
		}
	})
}

func TestR8ARefusedListIsSeldomRepeated(t *testing.T) {
	eachRefusedList(t, func(t *testing.T, env *sim.Sim, _ voicesim.Fault) {
		env.Elapse(2 * time.Minute)
		if lists, probes := env.Count(voicesim.OpListParticipants), env.Count(voicesim.OpListConferences); lists > 4 || probes > lists {
			t.Errorf("%d lists and %d probes in two minutes", lists, probes)
		}
		env.WantQuiet(time.Hour)
		env.RequestReconcile("agent", "now")
		env.RunUntilIdle()
		if lists := env.Count(voicesim.OpListParticipants); lists > 18 {
			t.Errorf("%d lists in an hour", lists)
		}
	})
}

func TestR8ARefusedListIsTriedAgainOnRequest(t *testing.T) {
	eachRefusedList(t, func(t *testing.T, env *sim.Sim, _ voicesim.Fault) {
		env.Elapse(time.Hour)
		env.RequestReconcile("agent", "now")
		env.RunUntilIdle()
		if handled := env.WantReady("agent", "False", v1alpha1.ReasonConverging).Status.LastHandledReconcileAt; handled != "now" {
			t.Errorf("lastHandledReconcileAt is %q", handled)
		}
		env.Elapse(time.Second)
		env.Provider.ClearFaults()
		env.Edit("agent", sim.Hold)
		env.RunUntilIdle()
		env.WantUpdates("Hold=true Muted=true")
		for _, name := range []string{"before", "agent"} {
			env.WantReady(name, "True", v1alpha1.ReasonInSync)
		}
	})
}

// TestR8RefusedReadFallsBackToList has single reads refused in a conference in which
// a few are read and not listed.
func TestR8RefusedReadFallsBackToList(t *testing.T) {
	for _, refused := range refusals {
		for reason, alone := range map[string]bool{v1alpha1.ReasonInSync: true, v1alpha1.ReasonConverging: false} {
			t.Run(fmt.Sprintf("%d %s", refused.Status, reason), func(t *testing.T) {
				env := sim.New(t)
				for range 201 {
					env.Join()
				}
				env.CreateParticipant("first", env.Join(), sim.Mute)
				env.Elapse(time.Minute)
				env.Elapse(20 * time.Second)
				env.Updates()
				refused.Operation = voicesim.OpGetParticipant
				env.Provider.Inject(refused)
				if !alone {
					refused.Operation = voicesim.OpListParticipants
					env.Provider.Inject(refused)
				}
				env.CreateParticipant("agent", env.Join(), sim.Mute)
				env.Elapse(time.Second)
				if reads := env.Count(voicesim.OpGetParticipant); reads != 1 {
					t.Errorf("%d reads, want one", reads)
				}
				found := env.Get("agent")
				status := "True"
				if !alone {
					status = "False"
				}
				env.WantReady("agent", status, reason)
				if alone != (found.Status.Participant != nil && found.Status.Participant.Muted) {
					t.Errorf("seen as %+v", found.Status.Participant)
				}
			})
		}
	}
}

func TestR8ARefusedListIsTriedSlowlyAndWithOtherCredentials(t *testing.T) {
	for name, mend := range map[string]func(*sim.Sim){
		"by itself": func(env *sim.Sim) { env.Elapse(5 * time.Minute) },
		"with another Secret": func(env *sim.Sim) {
			env.Provider.SetTokens(sim.AccountSID, "PT-new")
			env.RotateToken(sim.Namespace, "PT-new")
			env.Elapse(30 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Status: 403})
			env.CreateParticipant("agent", env.Join(), sim.Mute)
			env.Elapse(time.Hour)
			env.WantReady("agent", "False", v1alpha1.ReasonRejected)
			env.Provider.ClearFaults()
			mend(env)
			env.WantUpdates("Muted=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

func TestR8ARejectionEndsWhenTheAccountChanges(t *testing.T) {
	for name, refused := range map[string]voicesim.Fault{
		"of a field": {Status: 422, Code: 21402}, "of the object alone": {Status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			refused.Operation = voicesim.OpUpdateParticipant
			env.Provider.Inject(refused)
			env.CreateParticipant("agent", env.Join(), sim.Mute)
			env.Elapse(10 * time.Minute)
			env.WantReady("agent", "False", v1alpha1.ReasonRejected)
			env.Updates()
			env.Provider.ClearFaults()
			env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.RateLimit.Burst++ })
			env.RunUntilIdle()
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.WantUpdates("Muted=true")
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
			env := sim.New(t)
			fault.Operation, fault.Times = voicesim.OpUpdateParticipant, 1
			env.Provider.Inject(fault)
			env.CreateParticipant("agent", env.Join(), sim.Mute)
			env.Elapse(10 * time.Second)
			env.WantUpdates("Muted=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

func TestR8WhatWasNotExecutedIsSentAgain(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Reset: voicesim.ResetBefore})
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.Elapse(10 * time.Second)
	env.WantUpdates("Muted=true", "Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR8R15ARetryAfterIsKept(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Status: 429, Header: http.Header{"Retry-After": {"20"}}})
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.WantUpdates("Muted=true")
	env.Elapse(4 * time.Second)
	if message := env.Message("agent"); message != "" {
		t.Errorf("reported after 4 s: %s", message)
	}
	for range 14 { // each watch event is another reconcile
		env.Elapse(time.Second)
		env.EnqueueParticipant("agent")
	}
	if requests := len(env.Provider.Journal()); requests != 0 {
		t.Errorf("%d requests before the Retry-After was over", requests)
	}
	env.WantReady("agent", "False", v1alpha1.ReasonThrottled)
	env.Elapse(3 * time.Second)
	env.WantUpdates("Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	families, err := env.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "conference_operator_limiter_wait_seconds" {
			continue
		}
		if waits := family.GetMetric()[0].GetHistogram(); waits.GetSampleCount() != 2 || waits.GetSampleSum() < 20 || waits.GetSampleSum() > 21 {
			t.Errorf("%d waits of %g s in all, want two: of about 0 s and 20 s", waits.GetSampleCount(), waits.GetSampleSum())
		}
	}
}

// TestR15ARetryAfterHoldsBackPlannedUpdatesToo has another request of the account be told to
// wait when an update was decided on and is about to be sent.
func TestR15ARetryAfterHoldsBackPlannedUpdatesToo(t *testing.T) {
	env := sim.New(t)
	other := env.Join()
	env.CreateParticipant("other", other, sim.Mute)
	env.Elapse(time.Minute)
	env.Updates()
	told := false
	env.AfterBoundary = func(boundary sim.Boundary) {
		if told || boundary.Name != "agent" || !strings.HasPrefix(boundary.What, "patch status") {
			return
		}
		told = true
		env.Provider.Inject(throttled(20))
		env.Edit("other", sim.Unmute)
		env.RunUntilIdle()
		env.WantUpdates("Muted=false")
	}
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.Elapse(19 * time.Second)
	env.WantUpdates()
	env.Elapse(2 * time.Second)
	if sent := env.Updates(); !told || len(sent) != 2 {
		t.Errorf("%q are sent then, want both", sent)
	}
}

// TestR15ALookWaitsAsLongAsItIsTold has looks answered with a Retry-After again and
// again: no wait of our own is added to it.
func TestR15ALookWaitsAsLongAsItIsTold(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Times: 6, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.Elapse(7 * time.Second)
	if lists := env.Count(voicesim.OpListParticipants); lists < 7 {
		t.Errorf("%d lists in seven seconds, want one a second", lists)
	}
	env.WantUpdates("Muted=true")
}

func TestR8ARefusedTokenStopsTheAccount(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.CreateParticipant("other", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.Provider.RevokeTokens(sim.AccountSID)
	env.Edit("agent", sim.Unmute)
	env.RunUntilIdle()
	env.WantReady("agent", "False", v1alpha1.ReasonUnauthorized)
	env.WantReady("other", "False", v1alpha1.ReasonUnauthorized)
	env.Provider.ResetJournal()
	env.Elapse(10 * time.Minute)
	if requests := len(env.Provider.Journal()); requests < 9 || requests > 11 {
		t.Errorf("%d requests in ten minutes, want a probe a minute", requests)
	}
	env.Provider.AddAccount(sim.AccountSID, "PT-new")
	env.RotateToken(sim.Namespace, "PT-new")
	env.Provider.ResetJournal()
	env.Elapse(11 * time.Second)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantReady("other", "True", v1alpha1.ReasonInSync)
	env.WantUpdates("Muted=false")
}

// TestR8ATokenOutageRejectsNoObject has the same token be accepted again.
func TestR8ATokenOutageRejectsNoObject(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	env.Updates()
	for _, change := range []func(*sim.Spec){sim.Unmute, sim.Mute, announce("closing")} {
		// With a look this fresh the change itself is what is refused.
		env.ListNow("agent")
		env.Provider.RevokeTokens(sim.AccountSID)
		env.Edit("agent", change)
		env.Elapse(5 * time.Minute)
		env.WantReady("agent", "False", v1alpha1.ReasonUnauthorized)
		env.Provider.SetTokens(sim.AccountSID, sim.Token)
		env.Elapse(2 * time.Minute)
		env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	}
	env.WantUpdates("Muted=false", "Muted=false", "Muted=true", "Muted=true", closing, closing)
}

func TestR8ARotatedTokenIsReadAtOnce(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.Updates()
	env.Provider.SetTokens(sim.AccountSID, "PT-new")
	env.RotateToken(sim.Namespace, "PT-new")
	env.Edit("agent", sim.Unmute)
	env.RunUntilIdle()
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantQuiet(10 * time.Minute)
}

func TestR8AnObjectRefusedAloneIsRejectedAlone(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, CallSID: call, Status: 403})
	env.CreateParticipant("agent", call, sim.Mute)
	env.CreateParticipant("other", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonConverging)
	env.WantReady("other", "True", v1alpha1.ReasonInSync)
	env.Elapse(6 * time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonRejected)
	env.WantReady("other", "True", v1alpha1.ReasonInSync)
	env.WantQuiet(10 * time.Minute)
}

func TestR13AnOutageIsReportedByTheAccountAlone(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("idle", env.Join(), sim.Mute)
	env.CreateParticipant("busy", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	env.Provider.Inject(voicesim.Fault{Status: 503, Shape: voicesim.ShapeHTML})
	env.Edit("busy", sim.Unmute)
	env.Elapse(10 * time.Minute)
	env.WantReady("idle", "True", v1alpha1.ReasonInSync)
	env.WantReady("busy", "False", v1alpha1.ReasonAPIUnavailable)
	if got := env.Account("acme").Status.Conditions; len(got) != 2 || got[0].Reason != v1alpha1.ReasonAPIUnavailable {
		t.Errorf("the account's conditions are %+v", got)
	}
	env.Provider.ClearFaults()
	env.Elapse(2 * time.Minute)
	env.WantReady("busy", "True", v1alpha1.ReasonInSync)
}

func TestR13AStartIsSilent(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.CreateParticipant("caller", env.Join(), sim.Hold)
	env.CreateParticipant("nobody", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", sim.Mute)
	env.Elapse(time.Minute)
	env.Restart()
	env.WantQuiet(0)
	if lists := env.Count(voicesim.OpListParticipants); lists > 1 {
		t.Errorf("%d lists after a start, want one", lists)
	}
	env.WantQuiet(5 * time.Minute)
	env.Provider.Inject(voicesim.Fault{Status: 503})
	env.Restart()
	env.WantQuiet(10 * time.Minute)
}

// TestR13ACrowdIsToldInTurn has an account with many participants be refused: their
// writes leave workers free for what users wait for.
func TestR13ACrowdIsToldInTurn(t *testing.T) {
	const crowd = 45
	env := sim.New(t)
	// Nothing is polled, so that the edit finds no look that is fresh by accident.
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
	for i := range crowd {
		env.CreateParticipant(fmt.Sprintf("caller-%d", i), env.Join(), sim.Mute)
	}
	env.Elapse(time.Minute)
	before := env.Writes
	env.Provider.RevokeTokens(sim.AccountSID)
	env.Edit("caller-7", sim.Unmute)
	env.RunUntilIdle()
	if written := env.Writes - before; written == 0 || written == crowd {
		t.Errorf("%d of %d statuses are written at once", written, crowd)
	}
	env.Elapse(time.Second)
	if written := env.Writes - before; written != crowd {
		t.Errorf("%d statuses are written within a second, want all %d", written, crowd)
	}
	env.WantQuiet(time.Hour)
	for i := range crowd {
		env.WantReady(fmt.Sprintf("caller-%d", i), "False", v1alpha1.ReasonUnauthorized)
	}
}

func TestR13EventsOnlyOnTransitions(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	env.TakeEvents()
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	env.Elapse(10 * time.Minute)
	if events := len(env.Recorder.Events); events != 0 {
		t.Errorf("%d events without a transition: %s", events, <-env.Recorder.Events)
	}
}

func TestR14NoPassActsOnItsOwnPast(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Hold(s); s.HoldURL = sim.Music })
	catchUp := env.FreezeCache("caller")
	env.RunUntilIdle()
	env.WantUpdates("Hold=true HoldMethod=POST HoldUrl=" + sim.Music)
	for range 5 {
		env.EnqueueParticipant("caller")
		env.RunUntilIdle()
	}
	env.WantUpdates()
	if env.Writes != 1 {
		t.Errorf("%d status writes while the cache lags behind, want one", env.Writes)
	}
	catchUp()
	env.WantQuiet(time.Minute)
}

func TestR14AFinalizerIsStoredOnceThoughTheCacheLags(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Mute(s); reset(s) })
	stored := 0
	env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
		if boundary.What == "patch ConferenceParticipant" {
			stored++
		}
		return sim.None
	}
	env.FreezeCache("caller")
	for range 5 {
		env.EnqueueParticipant("caller")
		env.RunUntilIdle()
	}
	if stored != 1 {
		t.Errorf("the finalizer was stored %d times", stored)
	}
}

func TestR14AConflictIsWrittenOntoTheLiveObject(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	conflicts := 0
	env.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if p, ok := of.(*sim.Object); ok && conflicts == 0 {
			conflicts++
			env.Edit("agent", sim.Hold)
			return apierrors.NewConflict(schema.GroupResource{}, p.Name, nil)
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	env.RunUntilIdle()
	env.WantUpdates("Muted=true", "Hold=true")
	if env.Errors != 0 {
		t.Errorf("%d passes failed: the outcome was thrown away", env.Errors)
	}
	if found := env.WantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.ObservedGeneration != 2 {
		t.Errorf("observedGeneration is %d", found.Status.ObservedGeneration)
	}
}

func TestR14EveryWriteMeetsAConflict(t *testing.T) {
	env := sim.New(t)
	conflict := false
	env.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if conflict = !conflict; conflict {
			return apierrors.NewConflict(schema.GroupResource{}, of.GetName(), nil)
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) {
		sim.Mute(s)
		reset(s)
		announce("closing")(s)
	})
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true", closing)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	wantAnnouncement(t, env, "agent", "closing", v1alpha1.AnnouncementAccepted)
	env.Delete(env.Get("agent"))
	env.Elapse(time.Minute)
	wantGone(t, env, "agent")
	env.WantUpdates("Muted=false")
}

func TestR14AnotherObjectOfTheSameNameIsLeftAlone(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Intercept.SubResourcePatch = func(_ context.Context, _ client.Client, _ string, of client.Object, _ client.Patch, _ ...client.SubResourcePatchOption) error {
		env.Intercept.SubResourcePatch = nil
		env.Delete(env.Get("agent"))
		env.Advance(time.Second)
		env.CreateParticipant("agent", call, func(s *sim.Spec) { s.Suspend = true })
		return apierrors.NewConflict(schema.GroupResource{}, of.GetName(), nil)
	}
	env.RunUntilIdle()
	env.WantSuspended("agent")
	if told := strings.Join(env.TakeEvents(), "\n"); strings.Contains(told, v1alpha1.ReasonInSync) {
		t.Errorf("told of the object that was deleted: %s", told)
	}
	if env.Get("agent").Status.Participant != nil {
		t.Error("the status is that of the object that was deleted")
	}
}

func TestR16WhatWasBegunIsFinished(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	ctx, stop := context.WithCancel(t.Context())
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Match: func(voicesim.Request) bool { stop(); return false }})
	for range 20 {
		if ctx.Err() == nil {
			env.StepWithContext(ctx)
		}
	}
	env.WantUpdates("Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.Edit("agent", sim.Unmute)
	for range 20 {
		env.StepWithContext(ctx)
	}
	env.WantUpdates()
}

func TestR16WhatHasNotBegunIsLeftToTheNext(t *testing.T) {
	for name, begin := range map[string]func(*sim.Sim){
		"update":       func(env *sim.Sim) { env.Edit("agent", sim.Unmute) },
		"announcement": func(env *sim.Sim) { env.Edit("agent", announce("closing")) },
		"deletion":     func(env *sim.Sim) { env.Delete(env.Get("agent")) },
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); reset(s) })
			env.RunUntilIdle()
			env.Updates()
			ctx, stop := context.WithCancel(t.Context())
			stop()
			begin(env)
			for range 20 {
				env.StepWithContext(ctx)
			}
			env.WantUpdates()
			env.Restart()
			env.RunUntilIdle()
			if sent := len(env.Updates()); sent != 1 {
				t.Errorf("%d requests of the next process, want 1", sent)
			}
		})
	}
}

func TestR15AnObjectKeepsItsOwnBackOff(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, CallSID: call, Times: 1, Reset: voicesim.ResetBefore})
	env.CreateParticipant("agent", call, sim.Mute)
	env.RunUntilIdle()
	env.WantUpdates("Muted=true")
	for range 7 { // each watch event is another reconcile, and the back-off is 750 ms at least
		env.Elapse(100 * time.Millisecond)
		env.EnqueueParticipant("agent")
		env.RunUntilIdle()
	}
	env.WantUpdates()
	env.Elapse(time.Second)
	env.WantUpdates("Muted=true")
}

func TestR15AnAnnouncementKeepsItsBackOff(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Status: 404})
	env.CreateParticipant("agent", env.Join(), announce("closing"))
	env.RunUntilIdle()
	env.WantUpdates(closing)
	for range 7 { // each watch event is another reconcile, and the back-off is 750 ms at least
		env.Elapse(100 * time.Millisecond)
		env.EnqueueParticipant("agent")
		env.RunUntilIdle()
	}
	env.WantUpdates()
	env.Elapse(time.Second)
	env.WantUpdates(closing)
}
