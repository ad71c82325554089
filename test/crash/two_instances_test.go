package crash

import (
	"fmt"
	"testing"

	"github.com/voiceops/conference-operator/test/sim"
)

// TestTwoAtOnce has two operators at work at once, without an election: before
// each request of the first, in turn, and between each request and its response,
// the second one does all that it has to do.
func TestTwoAtOnce(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			for i := range s.count(t) {
				for after, name := range map[bool]string{false: "before", true: "after"} {
					t.Run(fmt.Sprintf("%02d-%s", i, name), func(t *testing.T) { s.overtakeAt(t, i, after) })
				}
			}
		})
	}
}

// overtakeAt runs a scenario in which the second operator overtakes the first
// at one boundary, before the request or before its response.
func (s scenario) overtakeAt(t *testing.T, index int, after bool) {
	p := s.begin(t)
	second := p.SecondInstance()
	p.RunUntilIdle()
	reached, overtaking := 0, false
	overtake := func(sim.Boundary) {
		if overtaking {
			return
		}
		p.wantWhisperUnheard()
		if reached++; reached == index+1 {
			overtaking = true
			second.RunUntilIdle()
			overtaking = false
		}
	}
	if after {
		p.AfterBoundary = overtake
	} else {
		p.AtBoundary = func(boundary sim.Boundary) sim.Failure { overtake(boundary); return sim.None }
	}
	s.finish(p)
}
