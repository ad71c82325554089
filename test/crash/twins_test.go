package crash

import (
	"fmt"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

// TestTwoAtOnce has two operators at work at once, without an election: at each
// request of the first, in turn, the second one does all that it wants to.
func TestTwoAtOnce(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			for i := range s.count(t) {
				t.Run(fmt.Sprintf("%02d", i), func(t *testing.T) { s.overtakeAt(t, i) })
			}
		})
	}
}

// overtakeAt plays a scenario in which the second operator overtakes the first
// at one boundary.
func (s scenario) overtakeAt(t *testing.T, boundary int) {
	w := world.New(t, func(settings *voicesim.Settings) { settings.AbsentCoachingResets = true })
	p := &play{World: w, announced: map[string]int{}}
	p.agent, p.caller, p.supervisor = w.Join(), w.Join(), w.Join()
	s.prepare(p)
	p.Pass(time.Minute)
	p.inspect(s.fields)
	twin := p.Fork()
	p.Settle()
	crossed, overtaking := 0, false
	p.Cross = func(world.Crossing) world.Fate {
		if overtaking {
			return world.Lives
		}
		p.nobodyIsAudible()
		if crossed++; crossed == boundary+1 {
			overtaking = true
			twin.Settle()
			overtaking = false
		}
		return world.Lives
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
