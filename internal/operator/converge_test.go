package operator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

func TestAFreshObjectCostsOneLookOneUpdateOneWrite(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), mute)
	w.settle()
	found := w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	if lists := w.count(voicesim.OpListParticipants); lists != 1 || w.count(voicesim.OpGetParticipant) != 0 {
		w.Errorf("%d lists and %d reads, want one list", lists, w.count(voicesim.OpGetParticipant))
	}
	if w.writes != 1 {
		w.Errorf("%d status writes, want one", w.writes)
	}
	w.wantUpdates("Muted=true")
	state := found.Status.Participant
	if state == nil || !state.Muted || state.Status != "in-progress" || state.DateCreated == "" || state.URI == "" ||
		state.AccountSID != accountSID || state.ConferenceSID != w.conference || state.StartConferenceOnEnter == nil {
		w.Errorf("the status is not what the provider returned: %+v", state)
	}
	w.quiet(10 * time.Minute)
}

func TestR1UnsetIsUnmanaged(t *testing.T) {
	w := newWorld(t)
	call := w.join(voicesim.JoinOptions{Hold: true})
	w.declare("agent", call, mute)
	w.settle()
	w.wantUpdates("Muted=true")
	before := w.get("agent")
	w.sim.Drift(w.conference, call, func(p *voicesim.Participant) { p.Hold = false })
	w.pass(time.Minute)
	w.wantUpdates()
	after := w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	if after.Status.Participant.Hold || after.Generation != before.Generation || len(after.Finalizers)+len(after.Labels)+len(after.Annotations) != 0 {
		w.Errorf("what nobody declared was not only observed: %+v", after)
	}
}

func TestR2LookBeforeYouTouch(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(voicesim.JoinOptions{Muted: true}), mute)
	w.settle()
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	w.wantUpdates()
}

func TestR2TwentyObjectsCostOneList(t *testing.T) {
	w := newWorld(t)
	for i := range 20 {
		w.declare(fmt.Sprint("agent-", i), w.join(), mute)
	}
	w.settle()
	if lists, reads := w.count(voicesim.OpListParticipants), w.count(voicesim.OpGetParticipant); lists != 1 || reads != 0 {
		w.Errorf("%d lists and %d reads", lists, reads)
	}
	if sent := w.updates(); len(sent) != 20 {
		w.Errorf("%d updates", len(sent))
	}
}

func TestR2AnEditIsJudgedByAFreshLook(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("agent", call, mute)
	w.pass(time.Minute)
	w.updates()
	w.sim.Drift(w.conference, call, func(p *voicesim.Participant) { p.Hold = true })
	w.pass(1100 * time.Millisecond)
	w.edit("agent", hold)
	w.settle()
	w.wantUpdates()
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR2InABigConferenceAFewAreRead(t *testing.T) {
	w := newWorld(t)
	for range 201 {
		w.join()
	}
	w.declare("first", w.join(), mute)
	w.pass(time.Minute)
	w.sim.ResetJournal()
	w.pass(20 * time.Second)
	lists := w.count(voicesim.OpListParticipants)
	w.declare("second", w.join(), mute)
	w.settle()
	if w.count(voicesim.OpGetParticipant) != 1 || w.count(voicesim.OpListParticipants) != lists {
		w.Errorf("%d reads and %d more lists, want one read", w.count(voicesim.OpGetParticipant), w.count(voicesim.OpListParticipants)-lists)
	}
	w.wantUpdates("Muted=true")
}

func TestR3OneUpdateCarriesAllDifferences(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), func(s *spec) { mute(s); hold(s); s.HoldURL = music })
	w.settle()
	w.wantUpdates("Hold=true HoldMethod=POST HoldUrl=" + music + " Muted=true")
}

func TestR4AMuteLeavesACoachingAlone(t *testing.T) {
	w := newWorld(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = true })
	agent := w.join()
	coach := w.join(voicesim.JoinOptions{CallSIDToCoach: agent})
	w.declare("coach", coach, mute)
	w.settle()
	w.wantUpdates("CallSidToCoach=" + agent + " Coaching=true Muted=true")
	if p, _ := w.sim.Participant(w.conference, coach); !p.Coaching || !p.Muted {
		w.Errorf("the coaching was ended: %+v", p)
	}
}

func TestR5MusicIsAppliedOnceAndWithEachHold(t *testing.T) {
	w := newWorld(t)
	call := w.join(voicesim.JoinOptions{Hold: true})
	w.declare("caller", call, func(s *spec) { hold(s); s.HoldURL = music })
	w.settle()
	music := "Hold=true HoldMethod=POST HoldUrl=" + music
	w.wantUpdates(music)
	w.restart()
	w.quiet(time.Minute)
	w.sim.Drift(w.conference, call, func(p *voicesim.Participant) { p.Hold = false })
	w.pass(time.Minute)
	w.wantUpdates(music)
	w.edit("caller", func(s *spec) { s.HoldMethod = v1alpha1.MethodGet })
	w.settle()
	w.wantUpdates(strings.Replace(music, "POST", "GET", 1))
}

func TestR6AnEchoThatDoesNotStickIsNotApplied(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true})
	w.declare("agent", w.join(), mute)
	w.settle()
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
	w.pass(10 * time.Second)
	w.wantUpdates("Muted=true", "Muted=true", "Muted=true")
	w.wantReady("agent", "False", v1alpha1.ReasonNotApplied)
	w.pass(time.Hour)
	if sent := w.updates(); len(sent) < 11 || len(sent) > 16 {
		w.Errorf("%d updates in an hour, want one every five minutes in the end", len(sent))
	}
	w.restart()
	w.quiet(4 * time.Minute)
	w.sim.ClearFaults()
	w.demand("agent", "now")
	w.settle()
	w.wantUpdates("Muted=true")
	w.pass(10 * time.Second)
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR6StaleReadsAreNeitherDriftNorProof(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, StaleReads: 2900 * time.Millisecond})
	w.declare("agent", w.join(), mute)
	w.settle()
	w.declare("neighbour", w.join(), hold) // its look lists the conference
	w.pass(time.Second)
	w.declare("another", w.join(), hold)
	w.pass(time.Minute)
	w.wantUpdates("Muted=true", "Hold=true", "Hold=true")
	if found := w.wantReady("agent", "True", v1alpha1.ReasonInSync); !found.Status.Participant.Muted {
		w.Error("the status shows the stale value")
	}
}

func TestR6OneCheckAfterAnUpdate(t *testing.T) {
	w := newWorld(t)
	w.createAccount("quiet", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
	w.declare("agent", w.join(), func(s *spec) { mute(s); s.AccountRef.Name = "quiet" })
	w.settle()
	w.sim.ResetJournal()
	w.pass(3 * time.Second)
	if lists := w.count(voicesim.OpListParticipants); lists != 1 {
		w.Errorf("%d lists within the settling time, want one at its end", lists)
	}
	w.pass(time.Hour)
	if lists := w.count(voicesim.OpListParticipants); lists != 1 {
		w.Errorf("%d lists with a resync of 0, want no more", lists)
	}
}

func TestDriftIsRepairedAtTheNextLook(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("agent", call, mute)
	w.declare("other", w.join(), mute)
	w.pass(10 * time.Minute)
	w.updates()
	w.sim.Drift(w.conference, call, func(p *voicesim.Participant) { p.Muted = false })
	w.pass(33 * time.Second)
	w.wantUpdates("Muted=true")
	w.quiet(10 * time.Minute)
}

func TestObserveNeverUpdates(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("agent", call, func(s *spec) { mute(s); s.Mode = v1alpha1.ModeObserve })
	w.pass(time.Minute)
	w.wantUpdates()
	w.wantReady("agent", "True", v1alpha1.ReasonObserved)
	w.wantDrifted("agent", "True", "muted is false, declared true")
	w.notify(w.get("agent"))
	w.quiet(time.Hour)
	w.sim.Drift(w.conference, call, func(p *voicesim.Participant) { p.Muted = true })
	w.pass(time.Minute)
	w.wantDrifted("agent", "False", "Every declared field is as declared.")
	w.edit("agent", func(s *spec) { s.Mode = v1alpha1.ModeEnforce })
	w.settle()
	if found := w.wantReady("agent", "True", v1alpha1.ReasonInSync); len(found.Status.Conditions) != 1 {
		w.Errorf("mode Enforce leaves the conditions %+v", found.Status.Conditions)
	}
}

// wantDrifted checks the condition of mode Observe.
func (w *world) wantDrifted(name, status, message string) {
	w.Helper()
	drifted := meta.FindStatusCondition(w.get(name).Status.Conditions, v1alpha1.ConditionDrifted)
	if drifted == nil || string(drifted.Status) != status || drifted.Message != message {
		w.Errorf("Drifted is %+v, want %s: %s", drifted, status, message)
	}
}

func TestSuspendMakesNoCall(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("agent", call, mute)
	w.settle()
	w.updates()
	w.edit("agent", func(s *spec) { s.Suspend, s.Muted = true, new(false) })
	w.pass(2 * time.Minute)
	if found := w.wantReady("agent", "Unknown", v1alpha1.ReasonSuspended); found.Status.ObservedGeneration != 2 {
		w.Errorf("observedGeneration is %d", found.Status.ObservedGeneration)
	}
	w.sim.ResetJournal()
	w.pass(10 * time.Minute)
	if requests := len(w.sim.Journal()); requests != 0 {
		w.Errorf("%d requests while suspended", requests)
	}
	w.edit("agent", func(s *spec) { s.Suspend = false })
	w.settle()
	w.wantUpdates("Muted=false")
}

func TestASuspendedAccountMakesNoRequestAtAll(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), mute)
	w.settle()
	w.suspendAccount(true)
	w.settle()
	w.sim.ResetJournal()
	w.edit("agent", open)
	w.pass(10 * time.Minute)
	if requests := len(w.sim.Journal()); requests != 0 {
		w.Errorf("%d requests while the account is suspended", requests)
	}
	w.wantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	w.suspendAccount(false)
	w.settle()
	w.wantUpdates("Muted=false")
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func (w *world) suspendAccount(suspend bool) {
	w.Helper()
	w.editAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.Suspend = suspend })
}

func TestTheAnnotationAsksForAFreshLook(t *testing.T) {
	w := newWorld(t)
	call := w.join()
	w.declare("agent", call, mute)
	w.pass(5 * time.Minute)
	w.updates()
	w.sim.Drift(w.conference, call, func(p *voicesim.Participant) { p.Muted = false })
	w.demand("agent", "2026-11-23T10:05:00Z")
	w.settle()
	w.wantUpdates("Muted=true")
	if got := w.get("agent").Status.LastHandledReconcileAt; got != "2026-11-23T10:05:00Z" {
		w.Errorf("lastHandledReconcileAt is %q", got)
	}
}

func TestHeadersAndPaths(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), mute)
	w.settle()
	for _, request := range w.sim.Journal() {
		if request.UserAgent != "test" || strings.HasSuffix(request.Path, ".json") || request.Status != http.StatusOK {
			w.Errorf("%s %s by %q: %d", request.Method, request.Path, request.UserAgent, request.Status)
		}
	}
}
