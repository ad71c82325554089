package memory

import "time"

const (
	// finalizeTimeout is how long a deletion may take that was tried or can't be.
	finalizeTimeout = 5 * time.Minute
	// finalizeDeadline is how long a deletion may take in any case.
	finalizeDeadline = 15 * time.Minute
)

// Deletion is how far the deletion of an object has come, by this process's own
// clock and requests: an old time stamp says nothing about what was tried (R11).
// The zero value is none.
type Deletion struct {
	firstSeen time.Time
	read      bool
	// owed says that a read has shown something to undo, and updated that a request
	// was sent for that.
	owed, updated bool
}

// Begin notes that the object is being deleted.
func (d Deletion) Begin(now time.Time) Deletion {
	if d.firstSeen.IsZero() {
		d.firstSeen = now
	}
	return d
}

// Read notes that a read was sent, whatever became of it.
func (d Deletion) Read() Deletion {
	d.read = true
	return d
}

// Owe notes that a read has shown something to undo.
func (d Deletion) Owe() Deletion {
	d.owed = true
	return d
}

// Update notes that an update or a removal was sent, whatever became of it.
func (d Deletion) Update() Deletion {
	d.updated = true
	return d
}

// EndsAt is when the finalizer goes, whatever is left to undo. An account through
// which requests can be sent has to be tried before that, within reason.
func (d Deletion) EndsAt(reachable bool) time.Time {
	if reachable && (!d.read || d.owed && !d.updated) {
		return d.firstSeen.Add(finalizeDeadline)
	}
	return d.firstSeen.Add(finalizeTimeout)
}
