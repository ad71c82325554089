package policy

import (
	"fmt"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Drift counts the call legs that differ from what is declared.
type Drift struct {
	// Legs differ in at least one field.
	Legs int
	// Muted, Hold and Coaching are how many differ in that field.
	Muted, Hold, Coaching int
}

// String is a stable sentence without its end, such as "3 call legs differ: muted of
// 2, hold of 1, coaching of 0".
func (d Drift) String() string {
	return fmt.Sprintf("%d call legs differ: muted of %d, hold of %d, coaching of %d", d.Legs, d.Muted, d.Hold, d.Coaching)
}

// count adds a call leg.
func (d *Drift) count(spec v1alpha1.ConferenceParticipantSpec, q *party) {
	muted, hold := differs(spec.Muted, q.Muted), differs(spec.Hold, q.Hold)
	coaching := differs(spec.Coaching, q.Coaching)
	if isTrue(spec.Coaching) && string(spec.CallSIDToCoach) != q.Coachee {
		coaching = 1
	}
	d.Muted, d.Hold, d.Coaching = d.Muted+muted, d.Hold+hold, d.Coaching+coaching
	d.Legs += max(muted, hold, coaching)
}

// differs is 1 if a field that is declared is seen otherwise, else 0.
func differs(declared *bool, seen bool) int {
	if declared == nil || *declared == seen {
		return 0
	}
	return 1
}

// Add adds up the call legs of several rooms.
func (d Drift) Add(other Drift) Drift {
	return Drift{
		Legs: d.Legs + other.Legs, Muted: d.Muted + other.Muted, Hold: d.Hold + other.Hold, Coaching: d.Coaching + other.Coaching,
	}
}
