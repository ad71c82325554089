package participant

import (
	"time"

	"github.com/voiceops/conference-operator/internal/controller/status"
)

// retryAfterResponse is the wait between two observations of what a response
// promised, and before what another writer has prevented is tried again.
const retryAfterResponse = time.Second

// outcome is what a reconcile came to: what is reported, and when to reconcile
// again without being enqueued.
type outcome struct {
	// verdict is what is reported; nil reports nothing, because this process
	// does not know yet, or because what is reported stays true (R13).
	verdict *status.Verdict
	// accountWide says that all objects of an account have the same to report: each
	// does so in its turn, so that the writes don't delay edits.
	accountWide bool
	// requeueAt is when the next reconcile is due, and requeueNow says that it is due
	// at once; zero is when something happens.
	requeueAt  time.Time
	requeueNow bool
	// finalized says that the finalizer is gone: there is nothing to report on.
	finalized bool
	// expired deletes the object: its time to live after the call is over, or it is a
	// child that its Conference has no use for any more.
	expired bool
}

// report is an outcome that is reported.
func report(verdict status.Verdict) outcome { return outcome{verdict: &verdict} }

// reportAccountWide is an outcome that all objects of an account have to report.
func reportAccountWide(verdict status.Verdict) outcome {
	return outcome{verdict: &verdict, accountWide: true}
}

// noReport is an outcome that has nothing to say.
func noReport() outcome { return outcome{} }

// at sets when the next reconcile is due.
func (o outcome) at(next time.Time) outcome {
	o.requeueAt = next
	return o
}

// by sets when the next reconcile is due if that is sooner; zero is never.
func (o outcome) by(next time.Time) outcome {
	if o.requeueAt.IsZero() || !next.IsZero() && next.Before(o.requeueAt) {
		o.requeueAt = next
	}
	return o
}

// now has the next reconcile follow at once.
func (o outcome) now() outcome {
	o.requeueNow = true
	return o
}
