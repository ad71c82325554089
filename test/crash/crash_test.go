// Package crash ends the operator's process at each request that it sends, to
// the Kubernetes API and to the provider, just before and just after the request
// has its effect, and starts another one. Boundaries are enumerated, not sampled;
// the oracle is the simulator's journal.
package crash

import (
	"fmt"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// scenario is something that happens to the operator, and what must be true
// after it, wherever the process died.
type scenario struct {
	name string
	// least is how many boundaries there must be, or the harness counts wrongly.
	least int
	// prepare happens before, act while the process may die.
	prepare, act func(*run)
	// check is what is true in the end.
	check func(*run)
	// fields are those that updates may carry.
	fields string
}

// run is one run of a scenario.
type run struct {
	*sim.Sim
	t *testing.T
	// agent, caller and supervisor are the calls of a conference.
	agent, caller, supervisor string
	// room is the conference that a scenario of rooms has, which the ear hears.
	room string
	ear  *sim.Ear
	// announced are the announcements that reached the provider, by URL.
	announced map[string]int
}

func TestCrash(t *testing.T) {
	for _, s := range append(roomScenarios(), scenarios...) {
		t.Run(s.name, func(t *testing.T) {
			boundaries := s.count(t)
			if boundaries < s.least {
				t.Fatalf("%d boundaries, want %d at least", boundaries, s.least)
			}
			t.Logf("%d boundaries", boundaries)
			for i := range boundaries {
				for failure, name := range map[sim.Failure]string{sim.CrashBefore: "before", sim.CrashAfter: "after"} {
					t.Run(fmt.Sprintf("%02d-%s", i, name), func(t *testing.T) { s.crashAt(t, i, failure) })
				}
			}
		})
	}
}

// count runs the scenario to the end and counts the boundaries.
func (s scenario) count(t *testing.T) (boundaries int) {
	s.run(t, func(sim.Boundary) sim.Failure { boundaries++; return sim.None })
	return boundaries
}

// crashAt runs it with a crash at one of them.
func (s scenario) crashAt(t *testing.T, index int, failure sim.Failure) {
	reached := 0
	s.run(t, func(boundary sim.Boundary) sim.Failure {
		reached++
		if reached != index+1 {
			return sim.None
		}
		t.Logf("crashes at: %s", boundary.What)
		return failure
	})
}

// begin returns a run that is prepared.
func (s scenario) begin(t *testing.T) *run {
	t.Helper()
	env := sim.New(t, func(settings *voicesim.Settings) { settings.AbsentCoachingResets = true })
	p := &run{Sim: env, t: t, announced: map[string]int{}}
	p.agent, p.caller, p.supervisor = p.Join(), p.Join(), p.Join()
	if s.ofRoom() {
		p.ear = p.Listen()
	}
	s.prepare(p)
	p.Elapse(time.Minute)
	p.inspect(s.fields)
	return p
}

// finish acts, lets everything that was set up to happen happen, and checks the
// end.
func (s scenario) finish(p *run) {
	p.t.Helper()
	s.act(p)
	p.Elapse(s.window())
	p.AtBoundary, p.AfterBoundary = nil, nil
	p.Elapse(5 * time.Minute)
	p.wantWhisperUnheard()
	p.inspect(s.fields)
	s.check(p)
	p.WantQuiet(10 * time.Minute)
}

// ofRoom reports whether a scenario is one of rooms.
func (s scenario) ofRoom() bool { return strings.HasPrefix(s.name, "room: ") }

// window is how long after the act the process may die. A room is listed all the time, so
// that what happens to it is cut off once it has happened.
func (s scenario) window() time.Duration {
	if s.ofRoom() {
		return 9 * time.Second
	}
	return 2 * time.Minute
}

func (s scenario) run(t *testing.T, atBoundary func(sim.Boundary) sim.Failure) {
	t.Helper()
	p := s.begin(t)
	p.AtBoundary = func(boundary sim.Boundary) sim.Failure {
		p.wantWhisperUnheard()
		return atBoundary(boundary)
	}
	s.finish(p)
}

// wantWhisperUnheard checks that the supervisor, wherever a scenario declares one
// to be heard by the agent alone, is muted or coaching.
func (p *run) wantWhisperUnheard() {
	p.t.Helper()
	if seen, there := p.Provider.Participant(p.Conference, p.supervisor); there && seen.DateUpdated != seen.DateCreated && !seen.Muted && !seen.Coaching {
		p.t.Errorf("everybody hears the supervisor")
	}
}

// inspect reads the journal: no update has a field that was not declared, and
// announcements are counted.
func (p *run) inspect(fields string) {
	p.t.Helper()
	for _, request := range p.Provider.Journal() {
		if request.Operation != voicesim.OpUpdateParticipant {
			continue
		}
		for field := range request.Form {
			if !strings.Contains(fields+" Coaching CallSidToCoach", field) {
				p.t.Errorf("an update carries %s, which was not declared", field)
			}
		}
		if announcement := request.Form.Get("AnnounceUrl"); announcement != "" {
			p.announced[announcement]++
		}
	}
	p.Provider.ResetJournal()
}

// wantState checks what is true on the phone.
func (p *run) wantState(call string, is func(voicesim.Participant) bool) {
	p.t.Helper()
	if found, there := p.Provider.Participant(p.Conference, call); !there || !is(found) {
		p.t.Errorf("there: %v, %+v", there, found)
	}
}

// wantOnceDone checks that all that was to be done once is done and reported, and is
// not repeated after another party has undone it, by this process or another.
func (p *run) wantOnceDone(name string) {
	p.t.Helper()
	found := p.WantReady(name, "True", v1alpha1.ReasonInSync)
	for _, entry := range found.Status.Once {
		if entry.State != v1alpha1.OnceDone || entry.DateCreated == nil {
			p.t.Errorf("once: %+v", entry)
		}
		p.Provider.Drift(p.Conference, string(found.Spec.CallSID), func(c *voicesim.Participant) {
			if entry.Field == v1alpha1.OnceMuted {
				c.Muted = !*entry.Value
			} else {
				c.Hold = !*entry.Value
			}
		})
	}
	p.Provider.ResetJournal()
	p.Elapse(time.Minute)
	p.WantUpdates()
	p.Restart()
	p.Elapse(time.Minute)
	p.WantUpdates()
}

// wantGone checks that an object is deleted.
func (p *run) wantGone(name string) {
	p.t.Helper()
	key := client.ObjectKey{Namespace: sim.Namespace, Name: name}
	if err := p.Client.Get(p.t.Context(), key, &sim.Object{}); !apierrors.IsNotFound(err) {
		p.t.Errorf("%s is still there: %v", name, err)
	}
}
