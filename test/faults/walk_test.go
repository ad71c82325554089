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
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

// With these a walk that failed is walked again, or a longer one.
var (
	seed  = flag.Uint64("seed", 0, "seed of the random walk; 0 walks three fixed ones and a new one")
	steps = flag.Int("steps", 500, "steps of each random walk")
)

// walk is somebody who acts at random.
type walk struct {
	*world.World
	*rand.Rand
	// calls are everybody who was ever in the conference, by object.
	calls map[string]string
	names []string
	// announced counts the announcements that were declared.
	announced int
	// played counts the requests for each announcement.
	played map[string]int
}

func TestRandomWalk(t *testing.T) {
	seeds := []uint64{1, 2, 3, uint64(time.Now().UnixNano())}
	if *seed != 0 {
		seeds = []uint64{*seed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { stroll(t, seed) })
	}
}

func stroll(t *testing.T, seed uint64) {
	w := &walk{
		World: world.New(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = true }),
		Rand:  rand.New(rand.NewPCG(seed, seed)), calls: map[string]string{}, played: map[string]int{},
	}
	for range 4 {
		w.newcomer()
	}
	acts := []func(){w.newcomer, w.edit, w.edit, w.edit, w.drift, w.drift, w.leave, w.announce, w.fail, w.mend, w.Restart, w.forget}
	for range *steps {
		acts[w.IntN(len(acts))]()
		w.Pass(time.Duration(w.IntN(5000)) * time.Millisecond)
		w.read()
	}
	w.arrive()
}

// any picks one of the objects, or none.
func (w *walk) any(act func(name string)) {
	if len(w.names) > 0 {
		act(w.names[w.IntN(len(w.names))])
	}
}

func (w *walk) newcomer() {
	name := fmt.Sprintf("caller-%d", len(w.calls))
	if len(w.names) == 8 {
		return
	}
	w.calls[name] = w.Join()
	w.names = append(w.names, name)
	w.Declare(name, w.calls[name], w.wish)
}

// wish declares a random state.
func (w *walk) wish(s *world.Spec) {
	maybe := func() *bool { return []*bool{nil, new(true), new(false)}[w.IntN(3)] }
	s.Muted, s.Hold, s.HoldURL = maybe(), maybe(), ""
	if s.Hold != nil && w.IntN(2) == 0 {
		s.HoldURL = world.Music
	}
	s.Coaching, s.CallSIDToCoach = nil, ""
	if whom := w.names[w.IntN(len(w.names))]; w.IntN(4) == 0 && w.calls[whom] != string(s.CallSID) {
		s.CallSIDToCoach = v1alpha1.SID(w.calls[whom])
	}
}

func (w *walk) edit() { w.any(func(name string) { w.Edit(name, w.wish) }) }

func (w *walk) drift() {
	w.any(func(name string) {
		w.Sim.Drift(w.Conference, w.calls[name], func(p *voicesim.Participant) {
			if w.IntN(2) == 0 {
				p.Muted = !p.Muted
			} else {
				p.Hold = !p.Hold
			}
		})
	})
}

func (w *walk) leave() {
	if w.IntN(4) == 0 {
		w.any(func(name string) { w.Sim.HangUp(w.calls[name]) })
	}
}

// forget deletes an object.
func (w *walk) forget() {
	if w.IntN(4) == 0 {
		w.any(func(name string) {
			w.Delete(w.Get(name))
			w.names = slices.DeleteFunc(w.names, func(other string) bool { return other == name })
		})
	}
}

func (w *walk) announce() {
	w.any(func(name string) {
		w.announced++
		id := fmt.Sprintf("id-%d", w.announced)
		w.Edit(name, func(s *world.Spec) {
			s.Announcement = &v1alpha1.Announcement{ID: id, URL: v1alpha1.DocumentURL("https://media.example.com/" + id), OnUnknown: v1alpha1.UnknownSkip}
		})
	})
}

// fail has a few of the next requests go wrong.
func (w *walk) fail() {
	faults := []voicesim.Fault{
		{Status: 429, Header: http.Header{"Retry-After": {"3"}}}, {Status: 502, Shape: voicesim.ShapeHTML}, {Status: 502, Apply: true},
		{Reset: voicesim.ResetBefore}, {Reset: voicesim.ResetAfter}, {Shape: voicesim.ShapeTruncated}, {Ignore: true},
		{StaleReads: 2 * time.Second}, {Status: 422},
	}
	fault := faults[w.IntN(len(faults))]
	fault.Times = 1 + w.IntN(3)
	if fault.Ignore || fault.StaleReads > 0 || fault.Status == 422 {
		fault.Operation = voicesim.OpUpdateParticipant
	}
	w.Sim.Inject(fault)
}

func (w *walk) mend() { w.Sim.ClearFaults() }

// read counts announcements in the journal.
func (w *walk) read() {
	for _, request := range w.Sim.Journal() {
		if played := request.Form.Get("AnnounceUrl"); played != "" && request.Status != http.StatusTooManyRequests && request.Status != http.StatusUnprocessableEntity {
			w.played[played]++
		}
	}
	w.Sim.ResetJournal()
}

// arrive ends the faults, has everybody look afresh, and checks that what is
// declared is true, and silent.
func (w *walk) arrive() {
	w.mend()
	w.Pass(11 * time.Minute)
	for _, name := range w.names {
		w.Demand(name, "at last")
	}
	w.Pass(2 * time.Minute)
	for _, name := range w.names {
		w.asDeclared(name)
	}
	w.read()
	for played, n := range w.played {
		if n > 1 {
			w.Errorf("%s was sent %d times", played, n)
		}
	}
	w.WantQuiet(time.Hour)
}

func (w *walk) asDeclared(name string) {
	object := w.Get(name)
	seen, there := w.Sim.Participant(w.Conference, w.calls[name])
	desired := plan.DesiredOf(&object.Spec)
	if !there {
		if reason(object) != v1alpha1.ReasonParticipantLeft {
			w.Errorf("%s has left and says %s", name, reason(object))
		}
		return
	}
	whisper := desired.Whisper()
	switch reason(object) {
	case v1alpha1.ReasonCoacheeGone, v1alpha1.ReasonWaitingForCoachee:
		if whisper && !seen.Muted {
			w.Errorf("everybody hears %s", name)
		}
		return
	case v1alpha1.ReasonInSync:
	default:
		w.Errorf("%s says %s: %s", name, reason(object), w.Message(name))
	}
	differs := func(want *bool, is bool) bool { return want != nil && *want != is }
	if differs(desired.Muted, seen.Muted) || differs(desired.Hold, seen.Hold) || differs(desired.Coaching, seen.Coaching) ||
		seen.Coaching && desired.Coaching != nil && seen.CallSIDToCoach != string(object.Spec.CallSIDToCoach) {
		w.Errorf("%s is declared %+v and is %+v", name, desired, seen)
	}
}
