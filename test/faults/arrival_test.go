package faults

import (
	"net/http"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

const (
	// soon is how soon a whisperer that is audible to all is muted or coaches again,
	// where nothing fails.
	soon = 8 * time.Second
	// trouble is for how long a request that failed may delay that, and probing how
	// long where the account itself was found refused or not to be reached: then it is
	// probed, at the longest wait once a minute.
	trouble = 20 * time.Second
	probing = 75 * time.Second
	// resync is the interval of the lists where nothing asks for shorter ones.
	resync = 33 * time.Second
)

// ears hear which participants are audible. They listen for how long; the openings
// judge each update by itself, also while a fault lasts.
type ears struct {
	// since is when a whisperer was first found audible, by object.
	since map[string]time.Time
	// failedAt is when a request failed last.
	failedAt time.Time
	// refusals are the updates of a call that were refused in a row, and triedAt is
	// when the next one is sent.
	refusals map[string]int
	triedAt  map[string]time.Time
	looks    int
}

func newEars() ears {
	return ears{since: map[string]time.Time{}, refusals: map[string]int{}, triedAt: map[string]time.Time{}}
}

// refused are the waits after refusals in a row (R8); the object is Rejected then.
var refused = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute}

// hear takes over what an update of a call has come to.
func (e *ears) hear(request voicesim.Request) {
	call := request.CallSID
	switch {
	case request.Fault != 0 && (request.Status == http.StatusUnprocessableEntity || request.Status == http.StatusForbidden):
		e.triedAt[call] = request.Time.Add(refused[min(e.refusals[call], len(refused)-1)])
		e.refusals[call]++
	case request.Operation == voicesim.OpUpdateParticipant && request.Status == http.StatusOK:
		e.forgive(call)
	}
}

// forgive ends the refusals of a call's updates, as an edit does.
func (e *ears) forgive(call string) {
	delete(e.refusals, call)
	delete(e.triedAt, call)
}

// calmAt is when nothing that failed delays an object any more that says why it waits.
func (w *walk) calmAt(object *sim.Object) time.Time {
	account := &v1alpha1.VoiceAccount{}
	if err := w.Client.Get(w.t.Context(), client.ObjectKey(sim.AccountName), account); err != nil {
		w.t.Fatal(err)
	}
	byAccount := []string{v1alpha1.ReasonWaitingForAccount, v1alpha1.ReasonUnauthorized, v1alpha1.ReasonAPIUnavailable}
	if slices.Contains(byAccount, reason(object)) || !meta.IsStatusConditionTrue(account.Status.Conditions, v1alpha1.ConditionReady) {
		return w.ears.failedAt.Add(probing)
	}
	calmAt := w.ears.failedAt.Add(trouble)
	if tried := w.ears.triedAt[string(object.Spec.CallSID)]; tried.After(calmAt) {
		return tried
	}
	return calmAt
}

// observe reads the journal and the events, and listens.
func (w *walk) observe() {
	for _, request := range w.Provider.Journal() {
		w.noteRequest(request)
		w.countSent(request)
		w.ears.hear(request)
		w.openings.judge(w.failed, request)
		w.onces.judge(w.failed, request, w.crashedBefore(request.Time))
		if request.Fault != 0 {
			w.ears.failedAt = w.Now()
		}
	}
	w.Provider.ResetJournal()
	for len(w.Recorder.Events) > 0 {
		w.countOutcomes(<-w.Recorder.Events)
	}
	w.noteStates()
	for _, name := range w.names {
		w.listen(name)
		if seen, there := w.Provider.Participant(w.Conference, w.calls[name]); there {
			w.onces.read(w.Get(name), seen.DateCreated)
		}
	}
}

// listen checks that a whisperer is not audible for longer than it takes to see
// that.
func (w *walk) listen(name string) {
	object := w.Get(name)
	seen, there := w.Provider.Participant(w.Conference, w.calls[name])
	audible := there && !seen.Muted && !seen.Hold && !seen.Coaching
	fooled := reason(object) == v1alpha1.ReasonNotApplied
	if !audible || fooled || !plan.DesiredOf(&object.Spec).Whisper() || !w.kept(object) {
		delete(w.ears.since, name)
		return
	}
	w.ears.looks++
	since, known := w.ears.since[name]
	if calmAt := w.calmAt(object); !known || since.Before(calmAt) {
		since = w.Now()
		if calmAt.After(since) {
			since = calmAt
		}
		w.ears.since[name] = since
	}
	limit := soon
	if object.Status.CallState == v1alpha1.CallLeft {
		limit += resync // That it is back shows with the next list of the conference.
	}
	if w.Now().Sub(since) > limit {
		w.failed("everybody has heard %s for %s: %s", name, w.Now().Sub(since), w.Message(name))
	}
}

// kept says whether the operator may act on an object, and a person need not.
func (w *walk) kept(object *sim.Object) bool {
	byAPerson := []string{v1alpha1.ReasonRejected, v1alpha1.ReasonContested}
	return !object.Spec.Suspend && object.Spec.Mode == v1alpha1.ModeEnforce && !slices.Contains(byAPerson, reason(object))
}

// arrive ends the faults, and checks that what is declared is true without
// anybody's doing, that the rest is when a person has acted, and that all is
// silent then.
func (w *walk) arrive() {
	w.mend()
	w.Elapse(16 * time.Minute)
	w.observe()
	for _, name := range w.names {
		object := w.Get(name)
		lax := object.Spec.DriftPolicy == v1alpha1.DriftRestrict || object.Spec.DriftPolicy == v1alpha1.DriftReport
		if w.kept(object) && !lax {
			w.asDeclared(name)
		}
	}
	for _, name := range w.names {
		w.Edit(name, func(s *sim.Spec) {
			s.Suspend, s.Mode, s.DriftPolicy = false, v1alpha1.ModeEnforce, v1alpha1.DriftEnforce
		})
		w.RequestReconcile(name, "at last")
	}
	w.Elapse(2 * time.Minute)
	w.observe()
	for _, name := range w.names {
		w.asDeclared(name)
	}
	for _, name := range w.deleted {
		key := client.ObjectKey{Namespace: sim.Namespace, Name: name}
		if err := w.Client.Get(w.t.Context(), key, &sim.Object{}); !apierrors.IsNotFound(err) {
			w.failed("%s is still there: %v", name, err)
		}
	}
	w.accountForAnnouncements()
	w.accountForOnce()
	w.WantQuiet(time.Hour)
}

func (w *walk) asDeclared(name string) {
	w.t.Helper()
	object := w.Get(name)
	seen, there := w.Provider.Participant(w.Conference, w.calls[name])
	desired := plan.DesiredOf(&object.Spec)
	switch found := reason(object); {
	case !there:
		if found != v1alpha1.ReasonParticipantLeft && (found != v1alpha1.ReasonParticipantNotFound || object.Status.CallState != v1alpha1.CallWaiting) {
			w.failed("%s has left and says %s", name, found)
		}
	case found == v1alpha1.ReasonParticipantLeft && w.rejoined[name] && w.suspended[name]:
		// It came back when it was not observed any more.
	case found == v1alpha1.ReasonCoacheeGone || found == v1alpha1.ReasonWaitingForCoachee:
		w.waitsForGood(object, seen)
	case found != v1alpha1.ReasonInSync || differs(object, desired, seen):
		w.failed("%s says %s (%s), is declared %+v and is %+v", name, found, w.Message(name), desired, seen)
	}
}

// waitsForGood checks that a coachee that is waited for can't be coached, and that
// restrictions are applied meanwhile.
func (w *walk) waitsForGood(object *sim.Object, seen voicesim.Participant) {
	w.t.Helper()
	target := string(object.Spec.CallSIDToCoach)
	if reference := object.Spec.ParticipantToCoachRef; reference != nil && slices.Contains(w.names, reference.Name) {
		target = w.calls[reference.Name]
	}
	if coachee, there := w.Provider.Participant(w.Conference, target); there && !coachee.Hold && !seen.Coaching {
		w.failed("%s waits for a coachee that is there: %s", object.Name, w.Message(object.Name))
	}
	desired := plan.DesiredOf(&object.Spec)
	if closed := plan.DesiredOf(&object.Spec).Restricted(); closed[plan.FieldMute] && !seen.Muted || closed[plan.FieldHold] && !seen.Hold {
		w.failed("%s is declared %+v and is %+v", object.Name, desired, seen)
	}
	if desired.Whisper() && !seen.Muted {
		w.failed("everybody hears %s", object.Name)
	}
}

func differs(object *sim.Object, desired plan.Desired, seen voicesim.Participant) bool {
	differ := func(want *bool, is bool) bool { return want != nil && *want != is }
	return differ(desired.Muted, seen.Muted) || differ(desired.Hold, seen.Hold) || differ(desired.Coaching, seen.Coaching) ||
		seen.Coaching && object.Spec.CallSIDToCoach != "" && seen.CallSIDToCoach != string(object.Spec.CallSIDToCoach)
}
