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

// Read notes whether a read was sent, whatever became of it: it may have been held
// back, as the provider has asked to wait.
func (d Deletion) Read(sent bool) Deletion {
	d.read = d.read || sent
	return d
}

// Owe notes that a read has shown something to undo, and whether an update or a
// removal was sent for that, whatever became of it.
func (d Deletion) Owe(sent bool) Deletion {
	d.owed, d.updated = true, d.updated || sent
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
