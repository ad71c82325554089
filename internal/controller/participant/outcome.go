package participant

import (
	"time"

	"github.com/voiceops/conference-operator/internal/controller/conditions"
)

// outcome is what a pass came to: what is reported, and when to look again
// without being woken.
type outcome struct {
	// verdict is what is reported; nil reports nothing, because this process
	// does not know yet, or because what is reported stays true (R13).
	verdict *conditions.Verdict
	// shared says that a whole crowd is told the same: each in its turn, lest the
	// writes hold up what was asked for.
	shared bool
	// next is when the next pass is due; zero is when something happens.
	next time.Time
	// gone says that the object was let go: there is nothing to report on.
	gone bool
	// expire deletes the object: its time to live after the call is over.
	expire bool
}

func conclude(verdict conditions.Verdict) outcome { return outcome{verdict: &verdict} }

// share concludes what everybody is told whose account can't send.
func share(verdict conditions.Verdict) outcome { return outcome{verdict: &verdict, shared: true} }

// silent ends a pass that has nothing to say.
func silent() outcome { return outcome{} }

// at sets when the next pass is due.
func (o outcome) at(next time.Time) outcome {
	o.next = next
	return o
}

// soonerAt sets when the next pass is due if that is sooner; zero is never.
func (o outcome) soonerAt(next time.Time) outcome {
	if o.next.IsZero() || !next.IsZero() && next.Before(o.next) {
		o.next = next
	}
	return o
}
