package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// With these a walk that failed is walked again, or a longer one.
var (
	seed  = flag.Uint64("seed", 0, "seed of the random walk; 0 walks three fixed ones")
	steps = flag.Int("steps", 500, "steps of each random walk")
)

// walk is a random sequence of acts of users, callers, the provider and the process.
type walk struct {
	*sim.Sim
	t *testing.T
	*rand.Rand
	// calls are all that were ever in the conference, by object.
	calls map[string]string
	names []string
	// deleted are the objects that have to go, rejoined the calls that came back,
	// suspended the objects that ever were.
	deleted             []string
	rejoined, suspended map[string]bool
	announcements       map[string]*announcement
	ears                ears
	openings            openings
	onces               onces
	crashes             []time.Time
	trace               trace
	// states are what the trace has said last of the objects.
	states map[string]string
}

// seeds are those of the walks: the same ones each time, so that a change is to blame for
// a failure. New ones are walked by make walk.
func seeds() []uint64 {
	if *seed != 0 {
		return []uint64{*seed}
	}
	return []uint64{1, 2, 3}
}

func TestRandomWalk(t *testing.T) {
	for _, seed := range seeds() {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			runWalk(t, seed)
		})
	}
}

func runWalk(t *testing.T, seed uint64) {
	w := &walk{
		t: t, Sim: sim.New(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = true }),
		Rand: rand.New(rand.NewPCG(seed, seed)), calls: map[string]string{},
		rejoined: map[string]bool{}, suspended: map[string]bool{}, announcements: map[string]*announcement{},
	}
	w.ears, w.states = newEars(), map[string]string{}
	w.openings, w.onces = newOpenings(), newOnces()
	w.Join() // One call has to stay, or the conference ends.
	for range 4 {
		w.newcomer()
	}
	acts := []func(){
		w.newcomer, w.edit, w.edit, w.edit, w.crowd, w.crowd, w.policies, w.suspend, w.drift, w.drift, w.uncoach, w.leave, w.rejoin,
		w.announce, w.fail, w.mend, w.Restart, w.forget,
	}
	w.AtBoundary = w.crashSometimes(rand.New(rand.NewPCG(seed, 7)))
	w.AfterBoundary = w.takeTime(rand.New(rand.NewPCG(seed, 8)))
	for range *steps {
		acts[w.IntN(len(acts))]()
		w.Elapse(time.Duration(w.IntN(5000)) * time.Millisecond)
		w.observe()
	}
	w.AtBoundary, w.AfterBoundary = nil, nil
	w.arrive()
	t.Logf("%d crashes, %d announcements, %d checks of audibility, %d openings, %d of them stale, %d updates of what is done once",
		len(w.crashes), len(w.announcements), w.ears.looks, w.openings.judged, w.openings.stale, w.onces.judged)
}

// crashSometimes has the process crash now and then, before or after a request.
func (w *walk) crashSometimes(chance *rand.Rand) func(sim.Boundary) sim.Failure {
	return func(boundary sim.Boundary) sim.Failure {
		if chance.IntN(40) != 0 {
			return sim.None
		}
		w.crashes = append(w.crashes, w.Now())
		w.trace.note(w.Now(), "a crash at %s %s", boundary.What, boundary.Name)
		if boundary.What == "post Event" || boundary.What == "patch status ConferenceParticipant" {
			// No other process knows what was about to be reported.
			w.excuse(boundary.Name)
		}
		return []sim.Failure{sim.CrashBefore, sim.CrashAfter}[chance.IntN(2)]
	}
}

// crashedBefore is when the process has crashed last, up to a time.
func (w *walk) crashedBefore(now time.Time) (last time.Time) {
	for _, at := range w.crashes {
		if !at.After(now) {
			last = at
		}
	}
	return last
}

// latency is how long a response of the provider may take.
const latency = 200 * time.Millisecond

// takeTime has responses of the provider take their time.
func (w *walk) takeTime(chance *rand.Rand) func(sim.Boundary) {
	return func(boundary sim.Boundary) {
		if boundary.Provider {
			w.Advance(time.Duration(chance.Int64N(int64(latency))))
			return
		}
		w.trace.note(w.Now(), "  %s %s", boundary.What, boundary.Name)
	}
}

// any picks one of the objects, or none.
func (w *walk) any(act func(name string)) {
	if len(w.names) > 0 {
		act(w.names[w.IntN(len(w.names))])
	}
}

// sometimes acts one time in a few.
func (w *walk) sometimes(act func(name string)) {
	if w.IntN(4) == 0 {
		w.any(act)
	}
}

func (w *walk) newcomer() {
	name := fmt.Sprintf("caller-%d", len(w.calls))
	if len(w.names) == 8 {
		return
	}
	w.calls[name] = w.Join()
	w.names = append(w.names, name)
	w.CreateParticipant(name, w.calls[name], w.wish)
	w.onces.begin(w.calls[name], w.Get(name).Spec.Once)
}

func (w *walk) maybe() *bool { return []*bool{nil, new(true), new(false)}[w.IntN(3)] }

// wish declares a random state.
func (w *walk) wish(s *sim.Spec) {
	s.Muted, s.Hold, s.HoldURL = w.maybe(), w.maybe(), ""
	if s.Hold != nil && w.IntN(2) == 0 {
		s.HoldURL = sim.Music
	}
	s.Coaching, s.CallSIDToCoach, s.ParticipantToCoachRef = nil, "", nil
	w.once(s)
	coachee := w.names[w.IntN(len(w.names))]
	if w.calls[coachee] == string(s.CallSID) {
		return
	}
	switch w.IntN(6) {
	case 0:
		s.CallSIDToCoach = v1alpha1.SID(w.calls[coachee])
	case 1, 2:
		s.Muted, s.Hold, s.HoldURL, s.ParticipantToCoachRef = new(false), nil, "", &v1alpha1.LocalReference{Name: coachee}
		w.once(s)
	case 3:
		s.Coaching = new(false)
	}
}

func (w *walk) edit() { w.any(w.change) }

// change declares another state of an object.
func (w *walk) change(name string) {
	w.Edit(name, w.wish)
	w.onces.begin(w.calls[name], w.Get(name).Spec.Once)
}

// crowd edits several objects at once, while one of the first updates may fail.
func (w *walk) crowd() {
	if w.IntN(2) == 0 {
		w.Provider.Inject(voicesim.Fault{
			Operation: voicesim.OpUpdateParticipant, Status: 429, Header: http.Header{"Retry-After": {"20"}}, Skip: w.IntN(3), Times: 1,
		})
	}
	for _, name := range w.names {
		if w.IntN(3) != 0 {
			w.change(name)
		}
	}
}

// policies changes what is no state.
func (w *walk) policies() {
	w.any(func(name string) {
		w.Edit(name, func(s *sim.Spec) {
			s.DriftPolicy = []v1alpha1.DriftPolicy{v1alpha1.DriftEnforce, v1alpha1.DriftRestrict, v1alpha1.DriftReport}[w.IntN(3)]
			s.DeletionPolicy = []v1alpha1.DeletionPolicy{v1alpha1.DeletionRetain, v1alpha1.DeletionReset, v1alpha1.DeletionRemove}[w.IntN(3)]
			s.Mode = []v1alpha1.Mode{v1alpha1.ModeEnforce, v1alpha1.ModeEnforce, v1alpha1.ModeObserve}[w.IntN(3)]
			s.Beep = w.maybe()
		})
	})
}

func (w *walk) suspend() {
	w.any(func(name string) {
		w.suspended[name] = true
		w.Edit(name, func(s *sim.Spec) { s.Suspend = !s.Suspend && w.IntN(2) == 0 })
	})
}

func (w *walk) drift() {
	w.any(func(name string) {
		w.Provider.Drift(w.Conference, w.calls[name], func(p *voicesim.Participant) {
			if w.IntN(2) == 0 {
				p.Muted = !p.Muted
			} else {
				p.Hold = !p.Hold
			}
		})
	})
}

// uncoach ends coachings, so that whisperers are audible to all.
func (w *walk) uncoach() {
	for _, name := range w.names {
		w.Provider.Drift(w.Conference, w.calls[name], func(p *voicesim.Participant) {
			if w.IntN(2) == 0 {
				p.Coaching, p.CallSIDToCoach = false, ""
			}
		})
	}
}

func (w *walk) leave() { w.sometimes(func(name string) { w.Provider.HangUp(w.calls[name]) }) }

// rejoin lets a call leave and come back soon.
func (w *walk) rejoin() {
	w.sometimes(func(name string) {
		if _, there := w.Provider.Participant(w.Conference, w.calls[name]); !there {
			return
		}
		w.Provider.HangUp(w.calls[name])
		w.Elapse(time.Duration(w.IntN(90)) * time.Second)
		w.observe() // So that what was heard ends with the call's first stay.
		w.rejoined[name] = true
		w.Join(voicesim.JoinOptions{CallSID: w.calls[name]})
		w.onces.begin(w.calls[name], w.Get(name).Spec.Once)
	})
}

// forget deletes an object.
func (w *walk) forget() {
	w.sometimes(func(name string) {
		object := w.Get(name)
		if len(object.Finalizers) == 0 {
			// Without a finalizer the object is gone before anything is reported.
			w.excuse(name)
		}
		w.Delete(object)
		w.deleted = append(w.deleted, name)
		w.names = slices.DeleteFunc(w.names, func(other string) bool { return other == name })
	})
}

// fail has a few of the next requests go wrong.
func (w *walk) fail() {
	faults := []voicesim.Fault{
		{Status: 429, Header: http.Header{"Retry-After": {"3"}}}, {Status: 502, Shape: voicesim.ShapeHTML}, {Status: 502, Apply: true},
		{Reset: voicesim.ResetBefore}, {Reset: voicesim.ResetAfter}, {Shape: voicesim.ShapeTruncated}, {Status: 409}, {Status: 404},
		{Ignore: true}, {StaleReads: 2 * time.Second}, {Status: 422}, {Status: 403},
	}
	fault := faults[w.IntN(len(faults))]
	fault.Times = 1 + w.IntN(3)
	if fault.Ignore || fault.StaleReads > 0 || fault.Status == 422 || fault.Status == 403 {
		fault.Operation = voicesim.OpUpdateParticipant
	}
	w.Provider.Inject(fault)
	w.trace.note(w.Now(), "%d times %s: %+v", fault.Times, fault.Operation, fault)
}

func (w *walk) mend() { w.Provider.ClearFaults() }
