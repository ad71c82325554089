package operator_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// onList has a test act when a list has its response, before the operator has it,
// once.
func onList(env *sim.Sim, act func()) {
	env.AfterBoundary = func(boundary sim.Boundary) {
		if strings.HasSuffix(boundary.What, "/Participants") {
			env.AfterBoundary = nil
			act()
		}
	}
}

// TestR2AnEditBehindAThrottledOneIsDecidedAnew has an edit blocked by another
// object's 429 after it was observed for, and made true by another party meanwhile.
func TestR2AnEditBehindAThrottledOneIsDecidedAnew(t *testing.T) {
	env := sim.New(t)
	a, b := env.Join(), env.Join()
	env.CreateParticipant("a", a, sim.Mute)
	env.CreateParticipant("b", b, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.RequestReconcile("a", "a list now, and no other for a while")
	env.Elapse(2 * time.Second)
	env.Updates()
	env.Provider.Inject(throttled(60))
	env.Edit("a", sim.Unmute)
	env.Edit("b", sim.Hold)
	// The list makes b ready before a, which asked for it.
	onList(env, func() { env.Advance(time.Millisecond) })
	env.RunUntilIdle()
	env.WantUpdates("Hold=true")
	toggle(t, env, a, unmuteThem)
	env.Elapse(2 * time.Minute)
	env.WantUpdates("Hold=true")
	env.WantReady("a", "True", v1alpha1.ReasonInSync)
	env.WantReady("b", "True", v1alpha1.ReasonInSync)
}

// TestR17AnUnmuteBehindAThrottledUpdateIsDecidedAnew has the unmute of a whisper
// blocked by another object's 429, and the coaching ended meanwhile.
func TestR17AnUnmuteBehindAThrottledUpdateIsDecidedAnew(t *testing.T) {
	env := sim.New(t)
	agent, supervisor := env.Join(), env.Join()
	env.CreateParticipant("the-caller", env.Join(), sim.Mute)
	env.Elapse(2 * time.Minute)
	env.ListNow("the-caller")
	env.Updates()
	env.CreateParticipant("supervisor", supervisor, sim.Whisper(agent))
	env.RunUntilIdle()
	pair := "CallSidToCoach=" + agent + " Coaching=true"
	env.WantUpdates(pair + " Muted=true")
	onList(env, func() {
		env.Provider.Inject(throttled(60))
		env.Edit("the-caller", sim.Hold)
		env.RunUntilIdle()
	})
	env.Elapse(time.Second)
	env.WantUpdates("Hold=true")
	toggle(t, env, supervisor, func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = false, "" })
	env.Elapse(2 * time.Minute)
	whisper := slices.DeleteFunc(env.Updates(), func(sent string) bool { return sent == "Hold=true" })
	if !slices.Equal(whisper, []string{pair, pair + " Muted=false"}) {
		t.Errorf("the whisper is built again by %q", whisper)
	}
	env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

// aged has the last list of the conference be too old to decide on an edit.
func aged(env *sim.Sim, name string) {
	env.ListNow(name)
	env.Advance(2 * time.Second)
}

// TestR2ALostClaimThatIsTakenOverIsDecidedAnew has an object lose its claim while it
// waits for an observation, and win it back without an edit.
func TestR2ALostClaimThatIsTakenOverIsDecidedAnew(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("other", env.Join(), sim.Mute)
	env.CreateParticipant("first", call, func(s *sim.Spec) { sim.Mute(s); s.Mode = v1alpha1.ModeObserve })
	env.Elapse(time.Second)
	env.CreateParticipant("second", call, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.Updates()
	aged(env, "other")
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Status: 503})
	env.Edit("second", sim.Unmute)
	env.RunUntilIdle()
	env.Edit("first", func(s *sim.Spec) { s.Mode = v1alpha1.ModeEnforce })
	env.RunUntilIdle()
	env.WantReady("second", "False", v1alpha1.ReasonConflict)
	env.Provider.ClearFaults()
	env.Elapse(10 * time.Minute)
	env.WantUpdates()
	aged(env, "other")
	// Since the last list the call was unmuted; no list succeeds now.
	toggle(t, env, call, unmuteThem)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Status: 503})
	env.Delete(env.Get("first"))
	env.Elapse(3 * time.Second)
	env.WantUpdates()
	if found := reasonOf(env, "second"); found == v1alpha1.ReasonThrottled || found == v1alpha1.ReasonAPIUnavailable {
		t.Errorf("a wait of 3 s is reported as %s", found)
	}
	env.Provider.ClearFaults()
	env.Elapse(time.Minute)
	env.WantUpdates()
	env.WantReady("second", "True", v1alpha1.ReasonInSync)
}

// TestR2AnOpeningAfterASlowWriteIsDecidedAnew has the Kubernetes API take five
// seconds for what is written before an update.
func TestR2AnOpeningAfterASlowWriteIsDecidedAnew(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.DriftPolicy = v1alpha1.DriftRestrict })
	env.Elapse(2 * time.Minute)
	env.WantUpdates("Muted=true")
	env.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		env.Intercept.SubResourcePatch = nil
		env.Advance(5 * time.Second)
		toggle(t, env, call, unmuteThem)
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
	env.Edit("agent", sim.Unmute)
	env.Elapse(time.Minute)
	env.WantUpdates()
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

// TestR2AnEditAfterASlowFinalizerIsDecidedAnew has the Kubernetes API take five
// seconds for the finalizer that comes first.
func TestR2AnEditAfterASlowFinalizerIsDecidedAnew(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Muted: true})
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.RequestReconcile("agent", "now")
	env.RunUntilIdle()
	env.Updates()
	env.AfterBoundary = func(boundary sim.Boundary) {
		if boundary.What == "patch ConferenceParticipant" {
			env.AfterBoundary = nil
			env.Advance(5 * time.Second)
			toggle(t, env, call, unmuteThem)
		}
	}
	env.Edit("agent", func(s *sim.Spec) { sim.Unmute(s); reset(s) })
	env.Elapse(time.Minute)
	env.WantUpdates()
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

// TestR4AnAnnouncementRepeatsNoOldPair has an announcement wait for the account, and
// a coaching end meanwhile that no spec declares.
func TestR4AnAnnouncementRepeatsNoOldPair(t *testing.T) {
	env := sim.New(t)
	agent, trainer := env.Join(), env.Join()
	toggle(t, env, trainer, func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = true, agent })
	env.Provider.Inject(throttled(60))
	env.CreateParticipant("trainer", trainer, announce("closing"))
	env.RunUntilIdle()
	env.WantUpdates(closing + " CallSidToCoach=" + agent + " Coaching=true")
	toggle(t, env, trainer, func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = false, "" })
	env.Elapse(2 * time.Minute)
	env.WantUpdates(closing)
	wantAnnouncement(t, env, "trainer", "closing", v1alpha1.AnnouncementAccepted)
}

// reasonOf is the reason of a participant's condition Ready.
func reasonOf(env *sim.Sim, name string) string {
	return status.Reason(env.Get(name).Status.Conditions)
}
