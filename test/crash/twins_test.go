package crash

import (
	"fmt"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

// TestTwoAtOnce has two operators at work at once, without an election: before
// each request of the first, in turn, and between each request and its answer,
// the second one does all that it wants to.
func TestTwoAtOnce(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			for i := range s.count(t) {
				for answered, name := range map[bool]string{false: "before", true: "after"} {
					t.Run(fmt.Sprintf("%02d-%s", i, name), func(t *testing.T) { s.overtakeAt(t, i, answered) })
				}
			}
		})
	}
}

// overtakeAt plays a scenario in which the second operator overtakes the first
// at one boundary, before the request or before its answer.
func (s scenario) overtakeAt(t *testing.T, boundary int, answered bool) {
	w := world.New(t, func(settings *voicesim.Settings) { settings.AbsentCoachingResets = true })
	p := &play{World: w, announced: map[string]int{}}
	p.agent, p.caller, p.supervisor = w.Join(), w.Join(), w.Join()
	s.prepare(p)
	p.Pass(time.Minute)
	p.inspect(s.fields)
	twin := p.Fork()
	p.Settle()
	crossed, overtaking := 0, false
	overtake := func(world.Crossing) {
		if overtaking {
			return
		}
		p.nobodyIsAudible()
		if crossed++; crossed == boundary+1 {
			overtaking = true
			twin.Settle()
			overtaking = false
		}
	}
	if answered {
		p.Crossed = overtake
	} else {
		p.Cross = func(crossing world.Crossing) world.Fate { overtake(crossing); return world.Lives }
	}
	s.act(p)
	p.Pass(2 * time.Minute)
	p.Cross, p.Crossed = nil, nil
	p.Pass(5 * time.Minute)
	p.nobodyIsAudible()
	p.inspect(s.fields)
	s.check(p)
	p.WantQuiet(10 * time.Minute)
}
