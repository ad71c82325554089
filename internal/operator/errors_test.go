package operator

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

func TestR8ABadHoldURLNeverBlocksAMute(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Status: 422, Code: 21402,
		Match: func(r voicesim.Request) bool { return r.Form.Has("HoldUrl") },
	})
	w.declare("agent", w.join(), func(s *spec) { mute(s); hold(s); s.HoldURL = music })
	w.pass(time.Minute)
	music := "Hold=true HoldMethod=POST HoldUrl=" + music
	w.wantUpdates(music+" Muted=true", "Muted=true", music)
	w.wantReady("agent", "False", v1alpha1.ReasonRejected)
	if message := w.message("agent"); !strings.Contains(message, "hold") || !strings.Contains(message, "21402") {
		w.Errorf("the message names neither field nor code: %s", message)
	}
	w.quiet(time.Hour)
	w.sim.ClearFaults()
	w.demand("agent", "now")
	w.settle()
	w.wantUpdates(music)
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR8ARejectionEndsWhenTheAccountChanges(t *testing.T) {
	for name, refused := range map[string]voicesim.Fault{
		"of a field": {Status: 422, Code: 21402}, "of the object alone": {Status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			refused.Operation = voicesim.OpUpdateParticipant
			w.sim.Inject(refused)
			w.declare("agent", w.join(), mute)
			w.pass(time.Minute)
			w.wantReady("agent", "False", v1alpha1.ReasonRejected)
			w.quiet(time.Hour)
			w.sim.ClearFaults()
			w.editAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.RateLimit.Burst++ })
			w.settle()
			w.wantReady("agent", "True", v1alpha1.ReasonInSync)
			w.wantUpdates("Muted=true")
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
			w := newWorld(t)
			fault.Operation, fault.Times = voicesim.OpUpdateParticipant, 1
			w.sim.Inject(fault)
			w.declare("agent", w.join(), mute)
			w.pass(10 * time.Second)
			w.wantUpdates("Muted=true")
			w.wantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

func TestR8WhatWasNotExecutedIsSentAgain(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Reset: voicesim.ResetBefore})
	w.declare("agent", w.join(), mute)
	w.pass(10 * time.Second)
	w.wantUpdates("Muted=true", "Muted=true")
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR8R15ARetryAfterIsKept(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Status: 429, Header: http.Header{"Retry-After": {"20"}}})
	w.declare("agent", w.join(), mute)
	w.settle()
	w.wantUpdates("Muted=true")
	w.pass(4 * time.Second)
	if message := w.message("agent"); message != "" {
		w.Errorf("reported after 4 s: %s", message)
	}
	for range 14 { // each watch event is another pass
		w.pass(time.Second)
		w.notify(w.get("agent"))
	}
	if requests := len(w.sim.Journal()); requests != 0 {
		w.Errorf("%d requests before the Retry-After was over", requests)
	}
	w.wantReady("agent", "False", v1alpha1.ReasonThrottled)
	w.pass(3 * time.Second)
	w.wantUpdates("Muted=true")
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	families, err := w.metrics.Gather()
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

func TestR8ARefusedTokenStopsTheAccount(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), mute)
	w.declare("other", w.join(), mute)
	w.settle()
	w.sim.RevokeTokens(accountSID)
	w.edit("agent", open)
	w.settle()
	w.wantReady("agent", "False", v1alpha1.ReasonUnauthorized)
	w.wantReady("other", "False", v1alpha1.ReasonUnauthorized)
	w.sim.ResetJournal()
	w.pass(10 * time.Minute)
	if requests := len(w.sim.Journal()); requests < 9 || requests > 11 {
		w.Errorf("%d requests in ten minutes, want a probe a minute", requests)
	}
	w.sim.AddAccount(accountSID, "PT-new")
	w.rotate(namespace, "PT-new")
	w.sim.ResetJournal()
	w.pass(11 * time.Second)
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	w.wantReady("other", "True", v1alpha1.ReasonInSync)
	w.wantUpdates("Muted=false")
}

func TestR8ARotatedTokenIsReadAtOnce(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), mute)
	w.settle()
	w.updates()
	w.sim.SetTokens(accountSID, "PT-new")
	w.rotate(namespace, "PT-new")
	w.edit("agent", open)
	w.settle()
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	w.quiet(10 * time.Minute)
}

func TestR8AnObjectRefusedAloneIsRejectedAlone(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, CallSID: call, Status: 403})
	w.declare("agent", call, mute)
	w.declare("other", w.join(), mute)
	w.pass(time.Minute)
	w.wantReady("agent", "False", v1alpha1.ReasonRejected)
	w.wantReady("other", "True", v1alpha1.ReasonInSync)
	w.quiet(10 * time.Minute)
}

func TestR13AnOutageIsReportedByTheAccountAlone(t *testing.T) {
	w := newWorld(t)
	w.declare("idle", w.join(), mute)
	w.declare("busy", w.join(), mute)
	w.pass(time.Minute)
	w.sim.Inject(voicesim.Fault{Status: 503, Shape: voicesim.ShapeHTML})
	w.edit("busy", open)
	w.pass(10 * time.Minute)
	w.wantReady("idle", "True", v1alpha1.ReasonInSync)
	w.wantReady("busy", "False", v1alpha1.ReasonAPIUnavailable)
	if got := w.account("acme").Status.Conditions; len(got) != 2 || got[0].Reason != v1alpha1.ReasonAPIUnavailable {
		w.Errorf("the account's conditions are %+v", got)
	}
	w.sim.ClearFaults()
	w.pass(2 * time.Minute)
	w.wantReady("busy", "True", v1alpha1.ReasonInSync)
}

func TestR13AStartIsSilent(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), mute)
	w.declare("caller", w.join(), hold)
	w.declare("nobody", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", mute)
	w.pass(time.Minute)
	w.restart()
	w.quiet(0)
	if lists := w.count(voicesim.OpListParticipants); lists > 1 {
		w.Errorf("%d lists after a start, want one", lists)
	}
	w.quiet(5 * time.Minute)
	w.sim.Inject(voicesim.Fault{Status: 503})
	w.restart()
	w.quiet(10 * time.Minute)
}

func TestR13EventsOnlyOnTransitions(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("agent", call, mute)
	w.pass(time.Minute)
	for len(w.recorder.Events) > 0 {
		<-w.recorder.Events
	}
	w.sim.Drift(w.conference, call, func(p *voicesim.Participant) { p.Muted = false })
	w.pass(10 * time.Minute)
	if events := len(w.recorder.Events); events != 0 {
		w.Errorf("%d events without a transition: %s", events, <-w.recorder.Events)
	}
}

// lagging lets the operator see an object only as it was.
func (w *world) lagging(name string) (catchUp func()) {
	old := w.get(name)
	w.intercept.Get = func(ctx context.Context, c client.WithWatch, key client.ObjectKey, of client.Object, options ...client.GetOption) error {
		if p, ok := of.(*object); ok && key.Name == name {
			old.DeepCopyInto(p)
			return nil
		}
		return c.Get(ctx, key, of, options...)
	}
	return func() { w.intercept.Get = nil }
}

func TestR14NoPassActsOnItsOwnPast(t *testing.T) {
	w := newWorld(t)
	w.declare("caller", w.join(), func(s *spec) { hold(s); s.HoldURL = music })
	catchUp := w.lagging("caller")
	w.settle()
	w.wantUpdates("Hold=true HoldMethod=POST HoldUrl=" + music)
	for range 5 {
		w.notify(w.get("caller"))
		w.settle()
	}
	w.wantUpdates()
	if w.writes != 1 {
		w.Errorf("%d status writes while the cache lags behind, want one", w.writes)
	}
	catchUp()
	w.quiet(time.Minute)
}

func TestR14AConflictIsWrittenOntoTheLiveObject(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), mute)
	conflicts := 0
	w.intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if p, ok := of.(*object); ok && conflicts == 0 {
			conflicts++
			w.edit("agent", hold)
			return apierrors.NewConflict(schema.GroupResource{}, p.Name, nil)
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	w.settle()
	w.wantUpdates("Muted=true", "Hold=true")
	if found := w.wantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.ObservedGeneration != 2 {
		w.Errorf("observedGeneration is %d", found.Status.ObservedGeneration)
	}
}

func TestR14AnotherObjectOfTheSameNameIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("agent", call, mute)
	w.intercept.SubResourcePatch = func(_ context.Context, _ client.Client, _ string, of client.Object, _ client.Patch, _ ...client.SubResourcePatchOption) error {
		w.intercept.SubResourcePatch = nil
		w.delete(w.get("agent"))
		w.mu.Lock()
		w.now = w.now.Add(time.Second)
		w.mu.Unlock()
		w.declare("agent", call, func(s *spec) { s.Suspend = true })
		return apierrors.NewConflict(schema.GroupResource{}, of.GetName(), nil)
	}
	w.settle()
	w.wantReady("agent", "Unknown", v1alpha1.ReasonSuspended)
	if w.get("agent").Status.Participant != nil {
		w.Error("the status is that of the object that was deleted")
	}
}

func TestR16WhatWasBegunIsFinished(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), mute)
	ctx, stop := context.WithCancel(w.Context())
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Match: func(voicesim.Request) bool { stop(); return false }})
	reconcile := w.parts.Participants.Reconcile
	for range 20 {
		run(w, w.queues.participants, func(_ context.Context, r request) (result, error) { return reconcile(ctx, r) })
		run(w, w.queues.rosters, w.parts.Rosters.Reconcile)
	}
	if ctx.Err() == nil {
		t.Fatal("nothing was sent")
	}
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	w.edit("agent", open)
	for range 20 {
		run(w, w.queues.participants, func(_ context.Context, r request) (result, error) { return reconcile(ctx, r) })
		run(w, w.queues.rosters, w.parts.Rosters.Reconcile)
	}
	w.wantUpdates("Muted=true")
}
