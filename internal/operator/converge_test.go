package operator_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

func TestAFreshObjectCostsOneLookOneUpdateOneWrite(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	found := env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	if lists := env.Count(voicesim.OpListParticipants); lists != 1 || env.Count(voicesim.OpGetParticipant) != 0 {
		t.Errorf("%d lists and %d reads, want one list", lists, env.Count(voicesim.OpGetParticipant))
	}
	if env.Writes != 1 {
		t.Errorf("%d status writes, want one", env.Writes)
	}
	env.WantUpdates("Muted=true")
	state := found.Status.Participant
	if state == nil || !state.Muted || state.Status != "in-progress" || state.DateCreated == "" || state.URI == "" ||
		state.AccountSID != sim.AccountSID || state.ConferenceSID != env.Conference || state.StartConferenceOnEnter == nil {
		t.Errorf("the status is not what the provider returned: %+v", state)
	}
	env.WantQuiet(10 * time.Minute)
}

func TestR1UnsetIsUnmanaged(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Hold: true})
	env.CreateParticipant("agent", call, sim.Mute)
	env.RunUntilIdle()
	env.WantUpdates("Muted=true")
	before := env.Get("agent")
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Hold = false })
	env.Elapse(time.Minute)
	env.WantUpdates()
	after := env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	if after.Status.Participant.Hold || after.Generation != before.Generation || len(after.Finalizers)+len(after.Labels)+len(after.Annotations) != 0 {
		t.Errorf("what nobody declared was not only observed: %+v", after)
	}
}

func TestR2LookBeforeYouTouch(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(voicesim.JoinOptions{Muted: true}), sim.Mute)
	env.RunUntilIdle()
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantUpdates()
}

func TestR2TwentyObjectsCostOneList(t *testing.T) {
	env := sim.New(t)
	for i := range 20 {
		env.CreateParticipant(fmt.Sprint("agent-", i), env.Join(), sim.Mute)
	}
	env.RunUntilIdle()
	if lists, reads := env.Count(voicesim.OpListParticipants), env.Count(voicesim.OpGetParticipant); lists != 1 || reads != 0 {
		t.Errorf("%d lists and %d reads", lists, reads)
	}
	if sent := env.Updates(); len(sent) != 20 {
		t.Errorf("%d updates", len(sent))
	}
}

func TestR2AnEditIsJudgedByAFreshLook(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	env.Updates()
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Hold = true })
	env.Elapse(1100 * time.Millisecond)
	env.Edit("agent", sim.Hold)
	env.RunUntilIdle()
	env.WantUpdates()
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR2AnUpdateThatWasHeldBackIsDecidedAnew(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(2 * time.Minute)
	env.Updates()
	env.Provider.Inject(throttled(60))
	toggle(t, env, call, unmuteThem)
	env.Elapse(40 * time.Second)
	env.WantUpdates("Muted=true")
	toggle(t, env, call, muteThem)
	env.Elapse(2 * time.Minute)
	env.WantUpdates()
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

// throttled has one update answered 429, with a wait in seconds.
func throttled(wait int) voicesim.Fault {
	return voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Times: 1, Status: http.StatusTooManyRequests,
		Header: http.Header{"Retry-After": {strconv.Itoa(wait)}},
	}
}

func TestR2InABigConferenceAFewAreRead(t *testing.T) {
	env := sim.New(t)
	for range 201 {
		env.Join()
	}
	env.CreateParticipant("first", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	env.Provider.ResetJournal()
	env.Elapse(20 * time.Second)
	lists := env.Count(voicesim.OpListParticipants)
	env.CreateParticipant("second", env.Join(), sim.Mute)
	env.RunUntilIdle()
	if env.Count(voicesim.OpGetParticipant) != 1 || env.Count(voicesim.OpListParticipants) != lists {
		t.Errorf("%d reads and %d more lists, want one read", env.Count(voicesim.OpGetParticipant), env.Count(voicesim.OpListParticipants)-lists)
	}
	env.WantUpdates("Muted=true")
}

func TestR3OneUpdateCarriesAllDifferences(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); sim.Hold(s); s.HoldURL = sim.Music })
	env.RunUntilIdle()
	env.WantUpdates("Hold=true HoldMethod=POST HoldUrl=" + sim.Music + " Muted=true")
}

func TestR4AMuteLeavesACoachingAlone(t *testing.T) {
	env := sim.New(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = true })
	agent := env.Join()
	coach := env.Join(voicesim.JoinOptions{CallSIDToCoach: agent})
	env.CreateParticipant("coach", coach, sim.Mute)
	env.RunUntilIdle()
	env.WantUpdates("CallSidToCoach=" + agent + " Coaching=true Muted=true")
	if p, _ := env.Provider.Participant(env.Conference, coach); !p.Coaching || !p.Muted {
		t.Errorf("the coaching was ended: %+v", p)
	}
}

func TestR4AResetLeavesACoachingAlone(t *testing.T) {
	env := sim.New(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = true })
	agent := env.Join()
	coach := env.Join(voicesim.JoinOptions{CallSIDToCoach: agent})
	env.CreateParticipant("coach", coach, func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.Elapse(time.Minute)
	env.Updates()
	env.Delete(env.Get("coach"))
	env.RunUntilIdle()
	env.WantUpdates("CallSidToCoach=" + agent + " Coaching=true Muted=false")
}

func TestR5MusicIsAppliedOnceAndWithEachHold(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Hold: true})
	env.CreateParticipant("caller", call, func(s *sim.Spec) { sim.Hold(s); s.HoldURL = sim.Music })
	env.RunUntilIdle()
	played := "Hold=true HoldMethod=POST HoldUrl=" + sim.Music
	env.WantUpdates(played)
	env.Restart()
	env.WantQuiet(time.Minute)
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Hold = false })
	env.Elapse(time.Minute)
	env.WantUpdates(played)
	env.Edit("caller", func(s *sim.Spec) { s.HoldMethod = v1alpha1.MethodGet })
	env.RunUntilIdle()
	env.WantUpdates(strings.Replace(played, "POST", "GET", 1))
}

// The provider has no way to ask for its own music during a hold, so that goes on
// as it is until the next one; see the comment of the field.
func TestR5MusicThatIsTakenAwayGoesOnUntilTheHoldEnds(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("caller", call, func(s *sim.Spec) { sim.Hold(s); s.HoldURL = sim.Music })
	env.RunUntilIdle()
	played := "Hold=true HoldMethod=POST HoldUrl=" + sim.Music
	env.WantUpdates(played)
	env.Edit("caller", func(s *sim.Spec) { s.HoldURL = "" })
	env.Elapse(time.Minute)
	env.WantUpdates()
	env.WantReady("caller", "True", v1alpha1.ReasonInSync)
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Hold = false })
	env.Elapse(time.Minute)
	env.WantUpdates("Hold=true")
	env.Edit("caller", func(s *sim.Spec) { s.HoldURL = sim.Music })
	env.RunUntilIdle()
	env.WantUpdates(played)
	env.Edit("caller", func(s *sim.Spec) { s.HoldURL = "" })
	env.Elapse(time.Minute)
	env.Edit("caller", func(s *sim.Spec) { s.HoldURL = sim.Music })
	env.Elapse(time.Minute)
	env.WantUpdates()
}

func TestR5MusicThatWasNeverAppliedIsADifference(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Hold: true})
	env.CreateParticipant("caller", call, func(s *sim.Spec) {
		sim.Hold(s)
		s.HoldURL, s.Mode, s.DriftPolicy = sim.Music, v1alpha1.ModeObserve, v1alpha1.DriftReport
	})
	env.Elapse(time.Minute)
	env.WantUpdates()
	env.WantDrifted("caller", "True", "holdURL is not known to be applied, declared POST "+sim.Music)
	env.Edit("caller", func(s *sim.Spec) { s.Mode = v1alpha1.ModeEnforce })
	env.RunUntilIdle()
	env.WantUpdates("Hold=true HoldMethod=POST HoldUrl=" + sim.Music)
	env.WantReady("caller", "True", v1alpha1.ReasonInSync)
	env.Edit("caller", func(s *sim.Spec) { s.Mode = v1alpha1.ModeObserve })
	env.RunUntilIdle()
	env.WantDrifted("caller", "False", "Every declared field is as declared.")
}

func TestR6AnEchoThatDoesNotStickIsNotApplied(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true})
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.Elapse(10 * time.Second)
	env.WantUpdates("Muted=true", "Muted=true", "Muted=true")
	env.WantReady("agent", "False", v1alpha1.ReasonNotApplied)
	env.Elapse(time.Hour)
	if sent := env.Updates(); len(sent) < 11 || len(sent) > 16 {
		t.Errorf("%d updates in an hour, want one every five minutes in the end", len(sent))
	}
	env.Restart()
	env.WantQuiet(4 * time.Minute)
	env.Provider.ClearFaults()
	env.RequestReconcile("agent", "now")
	env.Elapse(time.Second)
	env.WantUpdates("Muted=true")
	env.Elapse(10 * time.Second)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR6StaleReadsAreNeitherDriftNorProof(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, StaleReads: 2900 * time.Millisecond})
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.CreateParticipant("neighbour", env.Join(), sim.Hold) // its look lists the conference
	env.Elapse(time.Second)
	env.CreateParticipant("another", env.Join(), sim.Hold)
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true", "Hold=true", "Hold=true")
	if found := env.WantReady("agent", "True", v1alpha1.ReasonInSync); !found.Status.Participant.Muted {
		t.Error("the status shows the stale value")
	}
}

func TestR6OneCheckAfterAnUpdate(t *testing.T) {
	env := sim.New(t)
	env.CreateAccount("quiet", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); s.AccountRef.Name = "quiet" })
	env.RunUntilIdle()
	env.Provider.ResetJournal()
	env.Elapse(3 * time.Second)
	if lists := env.Count(voicesim.OpListParticipants); lists != 1 {
		t.Errorf("%d lists within the settling time, want one at its end", lists)
	}
	env.Elapse(time.Hour)
	if lists := env.Count(voicesim.OpListParticipants); lists != 1 {
		t.Errorf("%d lists with a resync of 0, want no more", lists)
	}
}

func TestDriftIsRepairedAtTheNextLook(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.CreateParticipant("other", env.Join(), sim.Mute)
	env.Elapse(10 * time.Minute)
	env.Updates()
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	env.Elapse(33 * time.Second)
	env.WantUpdates("Muted=true")
	env.WantQuiet(10 * time.Minute)
}

func TestObserveNeverUpdates(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.Mode = v1alpha1.ModeObserve })
	env.Elapse(time.Minute)
	env.WantUpdates()
	env.WantReady("agent", "True", v1alpha1.ReasonObserved)
	env.WantDrifted("agent", "True", "muted is false, declared true")
	env.EnqueueParticipant("agent")
	env.WantQuiet(time.Hour)
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = true })
	env.Elapse(time.Minute)
	env.WantDrifted("agent", "False", "Every declared field is as declared.")
	env.Edit("agent", func(s *sim.Spec) { s.Mode = v1alpha1.ModeEnforce })
	env.RunUntilIdle()
	if found := env.WantReady("agent", "True", v1alpha1.ReasonInSync); len(found.Status.Conditions) != 1 {
		t.Errorf("mode Enforce leaves the conditions %+v", found.Status.Conditions)
	}
}

func TestSuspendMakesNoCall(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.RunUntilIdle()
	env.Updates()
	env.Edit("agent", func(s *sim.Spec) { s.Suspend, s.Muted = true, new(false) })
	env.Elapse(2 * time.Minute)
	env.WantSuspended("agent")
	env.Provider.ResetJournal()
	env.Elapse(10 * time.Minute)
	if requests := len(env.Provider.Journal()); requests != 0 {
		t.Errorf("%d requests while suspended", requests)
	}
	env.Edit("agent", func(s *sim.Spec) { s.Suspend = false })
	env.RunUntilIdle()
	env.WantUpdates("Muted=false")
}

func TestASuspendedAccountMakesNoRequestAtAll(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.SuspendAccount(true)
	env.RunUntilIdle()
	env.Provider.ResetJournal()
	env.Edit("agent", sim.Unmute)
	env.Elapse(10 * time.Minute)
	if requests := len(env.Provider.Journal()); requests != 0 {
		t.Errorf("%d requests while the account is suspended", requests)
	}
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	env.SuspendAccount(false)
	env.RunUntilIdle()
	env.WantUpdates("Muted=false")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestTheAnnotationAsksForAFreshLook(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(5 * time.Minute)
	env.Updates()
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	env.RequestReconcile("agent", "2026-11-23T10:05:00Z")
	env.Elapse(time.Second)
	env.WantUpdates("Muted=true")
	if got := env.Get("agent").Status.LastHandledReconcileAt; got != "2026-11-23T10:05:00Z" {
		t.Errorf("lastHandledReconcileAt is %q", got)
	}
}

func TestR2ADemandIsNotAnsweredByALookBeforeIt(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Muted: true})
	env.CreateParticipant("agent", call, sim.Mute)
	env.RunUntilIdle()
	env.Elapse(500 * time.Millisecond)
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	env.RequestReconcile("agent", "now")
	env.RunUntilIdle()
	env.WantUpdates("Muted=true")
}

func TestHeadersAndPaths(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	for _, request := range env.Provider.Journal() {
		if request.UserAgent != "test" || strings.HasSuffix(request.Path, ".json") || request.Status != http.StatusOK {
			t.Errorf("%s %s by %q: %d", request.Method, request.Path, request.UserAgent, request.Status)
		}
	}
}
