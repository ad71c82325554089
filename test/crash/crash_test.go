// Package crash kills the operator at each request that it sends, to the
// Kubernetes API and to the provider, just before and just after the request has
// its effect, and starts another one. Boundaries are enumerated, not sampled; the
// oracle is the simulator's journal.
package crash

import (
	"fmt"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

// scenario is something that happens to the operator, and what must be true
// after it, wherever the process died.
type scenario struct {
	name string
	// least is how many boundaries there must be, or the harness counts wrongly.
	least int
	// prepare happens before, act while the process may die.
	prepare, act func(*play)
	// check is what is true in the end.
	check func(*play)
	// fields are those that updates may carry.
	fields string
}

// play is one run of a scenario.
type play struct {
	*world.World
	// agent, caller and supervisor are the calls of a conference.
	agent, caller, supervisor string
	// announced are the announcements that reached the provider, by URL.
	announced map[string]int
}

func TestCrash(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			boundaries := s.count(t)
			if boundaries < s.least {
				t.Fatalf("%d boundaries, want %d at least", boundaries, s.least)
			}
			t.Logf("%d boundaries", boundaries)
			for i := range boundaries {
				for fate, name := range map[world.Fate]string{world.DiesBefore: "before", world.DiesAfter: "after"} {
					t.Run(fmt.Sprintf("%02d-%s", i, name), func(t *testing.T) { s.dieAt(t, i, fate) })
				}
			}
		})
	}
}

// count plays the scenario to the end and counts the boundaries.
func (s scenario) count(t *testing.T) (boundaries int) {
	s.run(t, func(world.Crossing) world.Fate { boundaries++; return world.Lives })
	return boundaries
}

// dieAt plays it with a death at one of them.
func (s scenario) dieAt(t *testing.T, boundary int, fate world.Fate) {
	crossed := 0
	s.run(t, func(crossing world.Crossing) world.Fate {
		crossed++
		if crossed != boundary+1 {
			return world.Lives
		}
		t.Logf("dies at: %s", crossing.What)
		return fate
	})
}

func (s scenario) run(t *testing.T, cross func(world.Crossing) world.Fate) {
	t.Helper()
	w := world.New(t, func(settings *voicesim.Settings) { settings.AbsentCoachingResets = true })
	p := &play{World: w, announced: map[string]int{}}
	p.agent, p.caller, p.supervisor = w.Join(), w.Join(), w.Join()
	s.prepare(p)
	p.Pass(time.Minute)
	p.inspect(s.fields)
	p.Cross = func(crossing world.Crossing) world.Fate {
		p.nobodyIsAudible()
		return cross(crossing)
	}
	s.act(p)
	p.Pass(2 * time.Minute)
	p.Cross = nil
	p.Pass(5 * time.Minute)
	p.nobodyIsAudible()
	p.inspect(s.fields)
	s.check(p)
	p.WantQuiet(10 * time.Minute)
}

// nobodyIsAudible checks that the supervisor, who is to be heard by the agent
// alone wherever a scenario declares them, is muted or coaching.
func (p *play) nobodyIsAudible() {
	p.Helper()
	if seen, there := p.Sim.Participant(p.Conference, p.supervisor); there && seen.DateUpdated != seen.DateCreated && !seen.Muted && !seen.Coaching {
		p.Errorf("everybody hears the supervisor")
	}
}

// inspect reads the journal: no update has a field that nobody declared, and
// announcements are counted.
func (p *play) inspect(fields string) {
	p.Helper()
	for _, request := range p.Sim.Journal() {
		if request.Operation != voicesim.OpUpdateParticipant {
			continue
		}
		for field := range request.Form {
			if !strings.Contains(fields+" Coaching CallSidToCoach", field) {
				p.Errorf("an update carries %s, which nobody declared", field)
			}
		}
		if announcement := request.Form.Get("AnnounceUrl"); announcement != "" {
			p.announced[announcement]++
		}
	}
	p.Sim.ResetJournal()
}

// wantState checks what is true on the phone.
func (p *play) wantState(call string, is func(voicesim.Participant) bool) {
	p.Helper()
	if found, there := p.Sim.Participant(p.Conference, call); !there || !is(found) {
		p.Errorf("there: %v, %+v", there, found)
	}
}

// wantGone checks that an object is deleted.
func (p *play) wantGone(name string) {
	p.Helper()
	key := client.ObjectKey{Namespace: world.Namespace, Name: name}
	if err := p.Client.Get(p.Context(), key, &world.Object{}); !apierrors.IsNotFound(err) {
		p.Errorf("%s is still there: %v", name, err)
	}
}
