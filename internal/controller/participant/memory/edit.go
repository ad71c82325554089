package memory

import (
	"time"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/roster"
)

// confirmWithin is how long after an edit the observation is sent that decides on it
// again, so that one serves all edits of a burst (R2).
const confirmWithin = 900 * time.Millisecond

// Phase is how far an edit has come.
type Phase uint8

const (
	// Awaited is an edit made while this process runs, or not reported on by the
	// process before: a fresh observation must decide on it, and a person waits.
	Awaited Phase = iota
	// Unjudged is an edit on which a fresh observation must decide and for which
	// nothing waits: a claim was taken over, or the account replaced.
	Unjudged
	// Inherited is an edit that an earlier process reported on: any observation of
	// this process may decide on it.
	Inherited
	// Provisional is an edit that was found carried out by an observation that was
	// sent before the edit was seen: another one decides again.
	Provisional
	// Judged is an edit that was decided on; later observations show drift.
	Judged
)

// Edit is a generation of an object and a value of its reconcile annotation.
type Edit struct {
	generation  int64
	requestedAt string
	firstSeen   time.Time
	phase       Phase
}

// Change says what Observe has found.
type Change struct {
	// New says that the edit is another one, First that it is the first that this
	// process sees of the object, and Edited that the generation has changed.
	New, First, Edited bool
}

// Observe returns the edit that an object is at. reported says that its status
// reports on this very edit already.
func (e Edit) Observe(generation int64, requestedAt string, reported bool, now time.Time) (Edit, Change) {
	if !e.firstSeen.IsZero() && e.generation == generation && e.requestedAt == requestedAt {
		return e, Change{}
	}
	change := Change{New: true, First: e.firstSeen.IsZero(), Edited: e.generation != generation}
	phase := Awaited
	switch {
	case reported && change.First:
		phase = Inherited
	case reported:
		phase = Unjudged
	}
	return Edit{generation: generation, requestedAt: requestedAt, firstSeen: now, phase: phase}, change
}

// Judge says that the edit was decided on.
func (e Edit) Judge() Edit {
	e.phase = Judged
	return e
}

// Find says that the edit was found carried out by an observation, provisionally if
// that was sent before the edit was seen: it can't show what happened between.
func (e Edit) Find(o roster.Observation) Edit {
	if e.Final() || !o.ObservedAt.Before(e.firstSeen) {
		return e.Judge()
	}
	e.phase = Provisional
	return e
}

// Reset says that what was observed before is of no use: a fresh observation must
// decide.
func (e Edit) Reset() Edit {
	e.phase = Unjudged
	return e
}

// Awaited reports whether a person waits for the edit to be judged.
func (e Edit) Awaited() bool { return e.phase == Awaited }

// Settled reports whether any valid observation may be used.
func (e Edit) Settled() bool { return e.Final() || e.phase == Provisional }

// Judged reports whether the edit was decided on.
func (e Edit) Judged() bool { return e.phase == Judged || e.phase == Provisional }

// Provisional reports whether another observation is to decide again.
func (e Edit) Provisional() bool { return e.phase == Provisional }

// Final reports whether what an observation shows is no part of the edit.
func (e Edit) Final() bool { return e.phase == Judged || e.phase == Inherited }

// ConfirmBy is until when the observation has to be sent that decides again.
func (e Edit) ConfirmBy() time.Time { return e.firstSeen.Add(confirmWithin) }

// RequestedAt is the value of the reconcile annotation.
func (e Edit) RequestedAt() string { return e.requestedAt }

// FirstSeen is when this process first saw the edit.
func (e Edit) FirstSeen() time.Time { return e.firstSeen }

// Priority is the one with which the object's requests are served.
func (e Edit) Priority(b Backlog) int {
	switch {
	case e.phase == Awaited || b.Planned():
		return enqueue.PriorityEdit
	case e.phase == Inherited:
		return enqueue.PriorityStartUp
	default:
		return enqueue.PriorityDrift
	}
}
