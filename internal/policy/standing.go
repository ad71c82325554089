package policy

// Standing is how a child stands to the Conference that has made it (R28).
type Standing int

const (
	// StandingUnknown is a child of which this process does not know that yet: nothing
	// is sent for it, and nothing reported.
	StandingUnknown Standing = iota
	// StandingGoverned is a child of the Conference that governs its room.
	StandingGoverned
	// StandingSuspended is a child of a Conference that is suspended: it sends nothing.
	StandingSuspended
	// StandingObserved is a child of a Conference in mode Observe, as long as no other
	// governs its room: it only observes.
	StandingObserved
	// StandingEnded is a child of a Conference that is gone, is being deleted, or does
	// not govern its room: it claims nothing, and is deleted.
	StandingEnded
)
