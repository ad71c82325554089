package operator_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

func TestAFreshObjectCostsOneLookOneUpdateOneWrite(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	found := w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	if lists := w.Count(voicesim.OpListParticipants); lists != 1 || w.Count(voicesim.OpGetParticipant) != 0 {
		w.Errorf("%d lists and %d reads, want one list", lists, w.Count(voicesim.OpGetParticipant))
	}
	if w.Writes != 1 {
		w.Errorf("%d status writes, want one", w.Writes)
	}
	w.WantUpdates("Muted=true")
	state := found.Status.Participant
	if state == nil || !state.Muted || state.Status != "in-progress" || state.DateCreated == "" || state.URI == "" ||
		state.AccountSID != world.AccountSID || state.ConferenceSID != w.Conference || state.StartConferenceOnEnter == nil {
		w.Errorf("the status is not what the provider returned: %+v", state)
	}
	w.WantQuiet(10 * time.Minute)
}

func TestR1UnsetIsUnmanaged(t *testing.T) {
	w := world.New(t)
	call := w.Join(voicesim.JoinOptions{Hold: true})
	w.Declare("agent", call, world.Mute)
	w.Settle()
	w.WantUpdates("Muted=true")
	before := w.Get("agent")
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Hold = false })
	w.Pass(time.Minute)
	w.WantUpdates()
	after := w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	if after.Status.Participant.Hold || after.Generation != before.Generation || len(after.Finalizers)+len(after.Labels)+len(after.Annotations) != 0 {
		w.Errorf("what nobody declared was not only observed: %+v", after)
	}
}

func TestR2LookBeforeYouTouch(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(voicesim.JoinOptions{Muted: true}), world.Mute)
	w.Settle()
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.WantUpdates()
}

func TestR2TwentyObjectsCostOneList(t *testing.T) {
	w := world.New(t)
	for i := range 20 {
		w.Declare(fmt.Sprint("agent-", i), w.Join(), world.Mute)
	}
	w.Settle()
	if lists, reads := w.Count(voicesim.OpListParticipants), w.Count(voicesim.OpGetParticipant); lists != 1 || reads != 0 {
		w.Errorf("%d lists and %d reads", lists, reads)
	}
	if sent := w.Updates(); len(sent) != 20 {
		w.Errorf("%d updates", len(sent))
	}
}

func TestR2AnEditIsJudgedByAFreshLook(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(time.Minute)
	w.Updates()
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Hold = true })
	w.Pass(1100 * time.Millisecond)
	w.Edit("agent", world.Hold)
	w.Settle()
	w.WantUpdates()
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR2AnUpdateThatWasHeldBackIsDecidedAnew(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(2 * time.Minute)
	w.Updates()
	w.Sim.Inject(throttled(60))
	toggle(w, call, unmuteThem)
	w.Pass(40 * time.Second)
	w.WantUpdates("Muted=true")
	toggle(w, call, muteThem)
	w.Pass(2 * time.Minute)
	w.WantUpdates()
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

// throttled has one update answered 429, with a wait in seconds.
func throttled(wait int) voicesim.Fault {
	return voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Times: 1, Status: http.StatusTooManyRequests,
		Header: http.Header{"Retry-After": {strconv.Itoa(wait)}},
	}
}

func TestR2InABigConferenceAFewAreRead(t *testing.T) {
	w := world.New(t)
	for range 201 {
		w.Join()
	}
	w.Declare("first", w.Join(), world.Mute)
	w.Pass(time.Minute)
	w.Sim.ResetJournal()
	w.Pass(20 * time.Second)
	lists := w.Count(voicesim.OpListParticipants)
	w.Declare("second", w.Join(), world.Mute)
	w.Settle()
	if w.Count(voicesim.OpGetParticipant) != 1 || w.Count(voicesim.OpListParticipants) != lists {
		w.Errorf("%d reads and %d more lists, want one read", w.Count(voicesim.OpGetParticipant), w.Count(voicesim.OpListParticipants)-lists)
	}
	w.WantUpdates("Muted=true")
}

func TestR3OneUpdateCarriesAllDifferences(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); world.Hold(s); s.HoldURL = world.Music })
	w.Settle()
	w.WantUpdates("Hold=true HoldMethod=POST HoldUrl=" + world.Music + " Muted=true")
}

func TestR4AMuteLeavesACoachingAlone(t *testing.T) {
	w := world.New(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = true })
	agent := w.Join()
	coach := w.Join(voicesim.JoinOptions{CallSIDToCoach: agent})
	w.Declare("coach", coach, world.Mute)
	w.Settle()
	w.WantUpdates("CallSidToCoach=" + agent + " Coaching=true Muted=true")
	if p, _ := w.Sim.Participant(w.Conference, coach); !p.Coaching || !p.Muted {
		w.Errorf("the coaching was ended: %+v", p)
	}
}

func TestR4AResetLeavesACoachingAlone(t *testing.T) {
	w := world.New(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = true })
	agent := w.Join()
	coach := w.Join(voicesim.JoinOptions{CallSIDToCoach: agent})
	w.Declare("coach", coach, func(s *world.Spec) { world.Mute(s); reset(s) })
	w.Pass(time.Minute)
	w.Updates()
	w.Delete(w.Get("coach"))
	w.Settle()
	w.WantUpdates("CallSidToCoach=" + agent + " Coaching=true Muted=false")
}

func TestR5MusicIsAppliedOnceAndWithEachHold(t *testing.T) {
	w := world.New(t)
	call := w.Join(voicesim.JoinOptions{Hold: true})
	w.Declare("caller", call, func(s *world.Spec) { world.Hold(s); s.HoldURL = world.Music })
	w.Settle()
	played := "Hold=true HoldMethod=POST HoldUrl=" + world.Music
	w.WantUpdates(played)
	w.Restart()
	w.WantQuiet(time.Minute)
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Hold = false })
	w.Pass(time.Minute)
	w.WantUpdates(played)
	w.Edit("caller", func(s *world.Spec) { s.HoldMethod = v1alpha1.MethodGet })
	w.Settle()
	w.WantUpdates(strings.Replace(played, "POST", "GET", 1))
}

func TestR5MusicThatWasNeverAppliedIsADifference(t *testing.T) {
	w := world.New(t)
	call := w.Join(voicesim.JoinOptions{Hold: true})
	w.Declare("caller", call, func(s *world.Spec) {
		world.Hold(s)
		s.HoldURL, s.Mode, s.DriftPolicy = world.Music, v1alpha1.ModeObserve, v1alpha1.DriftReport
	})
	w.Pass(time.Minute)
	w.WantUpdates()
	w.WantDrifted("caller", "True", "holdURL is not known to be applied, declared POST "+world.Music)
	w.Edit("caller", func(s *world.Spec) { s.Mode = v1alpha1.ModeEnforce })
	w.Settle()
	w.WantUpdates("Hold=true HoldMethod=POST HoldUrl=" + world.Music)
	w.WantReady("caller", "True", v1alpha1.ReasonInSync)
	w.Edit("caller", func(s *world.Spec) { s.Mode = v1alpha1.ModeObserve })
	w.Settle()
	w.WantDrifted("caller", "False", "Every declared field is as declared.")
}

func TestR6AnEchoThatDoesNotStickIsNotApplied(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true})
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	w.Pass(10 * time.Second)
	w.WantUpdates("Muted=true", "Muted=true", "Muted=true")
	w.WantReady("agent", "False", v1alpha1.ReasonNotApplied)
	w.Pass(time.Hour)
	if sent := w.Updates(); len(sent) < 11 || len(sent) > 16 {
		w.Errorf("%d updates in an hour, want one every five minutes in the end", len(sent))
	}
	w.Restart()
	w.WantQuiet(4 * time.Minute)
	w.Sim.ClearFaults()
	w.Demand("agent", "now")
	w.Pass(time.Second)
	w.WantUpdates("Muted=true")
	w.Pass(10 * time.Second)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR6StaleReadsAreNeitherDriftNorProof(t *testing.T) {
	w := world.New(t)
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, StaleReads: 2900 * time.Millisecond})
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	w.Declare("neighbour", w.Join(), world.Hold) // its look lists the conference
	w.Pass(time.Second)
	w.Declare("another", w.Join(), world.Hold)
	w.Pass(time.Minute)
	w.WantUpdates("Muted=true", "Hold=true", "Hold=true")
	if found := w.WantReady("agent", "True", v1alpha1.ReasonInSync); !found.Status.Participant.Muted {
		w.Error("the status shows the stale value")
	}
}

func TestR6OneCheckAfterAnUpdate(t *testing.T) {
	w := world.New(t)
	w.CreateAccount("quiet", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
	w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); s.AccountRef.Name = "quiet" })
	w.Settle()
	w.Sim.ResetJournal()
	w.Pass(3 * time.Second)
	if lists := w.Count(voicesim.OpListParticipants); lists != 1 {
		w.Errorf("%d lists within the settling time, want one at its end", lists)
	}
	w.Pass(time.Hour)
	if lists := w.Count(voicesim.OpListParticipants); lists != 1 {
		w.Errorf("%d lists with a resync of 0, want no more", lists)
	}
}

func TestDriftIsRepairedAtTheNextLook(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Declare("other", w.Join(), world.Mute)
	w.Pass(10 * time.Minute)
	w.Updates()
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	w.Pass(33 * time.Second)
	w.WantUpdates("Muted=true")
	w.WantQuiet(10 * time.Minute)
}

func TestObserveNeverUpdates(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, func(s *world.Spec) { world.Mute(s); s.Mode = v1alpha1.ModeObserve })
	w.Pass(time.Minute)
	w.WantUpdates()
	w.WantReady("agent", "True", v1alpha1.ReasonObserved)
	w.WantDrifted("agent", "True", "muted is false, declared true")
	w.Notify(w.Get("agent"))
	w.WantQuiet(time.Hour)
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Muted = true })
	w.Pass(time.Minute)
	w.WantDrifted("agent", "False", "Every declared field is as declared.")
	w.Edit("agent", func(s *world.Spec) { s.Mode = v1alpha1.ModeEnforce })
	w.Settle()
	if found := w.WantReady("agent", "True", v1alpha1.ReasonInSync); len(found.Status.Conditions) != 1 {
		w.Errorf("mode Enforce leaves the conditions %+v", found.Status.Conditions)
	}
}

func TestSuspendMakesNoCall(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Settle()
	w.Updates()
	w.Edit("agent", func(s *world.Spec) { s.Suspend, s.Muted = true, new(false) })
	w.Pass(2 * time.Minute)
	if found := w.WantReady("agent", "Unknown", v1alpha1.ReasonSuspended); found.Status.ObservedGeneration != 2 {
		w.Errorf("observedGeneration is %d", found.Status.ObservedGeneration)
	}
	w.Sim.ResetJournal()
	w.Pass(10 * time.Minute)
	if requests := len(w.Sim.Journal()); requests != 0 {
		w.Errorf("%d requests while suspended", requests)
	}
	w.Edit("agent", func(s *world.Spec) { s.Suspend = false })
	w.Settle()
	w.WantUpdates("Muted=false")
}

func TestASuspendedAccountMakesNoRequestAtAll(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	w.SuspendAccount(true)
	w.Settle()
	w.Sim.ResetJournal()
	w.Edit("agent", world.Open)
	w.Pass(10 * time.Minute)
	if requests := len(w.Sim.Journal()); requests != 0 {
		w.Errorf("%d requests while the account is suspended", requests)
	}
	w.WantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	w.SuspendAccount(false)
	w.Settle()
	w.WantUpdates("Muted=false")
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestTheAnnotationAsksForAFreshLook(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(5 * time.Minute)
	w.Updates()
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	w.Demand("agent", "2026-11-23T10:05:00Z")
	w.Pass(time.Second)
	w.WantUpdates("Muted=true")
	if got := w.Get("agent").Status.LastHandledReconcileAt; got != "2026-11-23T10:05:00Z" {
		w.Errorf("lastHandledReconcileAt is %q", got)
	}
}

func TestR2ADemandIsNotAnsweredByALookBeforeIt(t *testing.T) {
	w := world.New(t)
	call := w.Join(voicesim.JoinOptions{Muted: true})
	w.Declare("agent", call, world.Mute)
	w.Settle()
	w.Pass(500 * time.Millisecond)
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	w.Demand("agent", "now")
	w.Settle()
	w.WantUpdates("Muted=true")
}

func TestHeadersAndPaths(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	for _, request := range w.Sim.Journal() {
		if request.UserAgent != "test" || strings.HasSuffix(request.Path, ".json") || request.Status != http.StatusOK {
			w.Errorf("%s %s by %q: %d", request.Method, request.Path, request.UserAgent, request.Status)
		}
	}
}
