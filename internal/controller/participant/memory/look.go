package memory

import (
	"time"

	"github.com/voiceops/conference-operator/internal/roster"
)

// freshFor is how old an observation may be by which an edit is judged, or
// anything is opened (R2).
const freshFor = time.Second

// Need is which observation is good enough.
type Need uint8

const (
	// Any is any valid observation: what it shows is drift.
	Any Need = iota
	// Fresh is one that is at most a second old: sent so recently, or requested
	// for this and responded to so recently.
	Fresh
	// Requested is a fresh one that was requested for this: a person asked for it.
	Requested
)

// Look is an outstanding request for an observation, and from when on observations
// are valid.
type Look struct {
	requested time.Time
	validFrom time.Time
	firstSeen time.Time
}

// NewLook returns the look of an object that is first seen now.
func NewLook(now time.Time) Look { return Look{firstSeen: now} }

// Since is for how long this process has known the object.
func (l Look) Since(now time.Time) time.Duration { return now.Sub(l.firstSeen) }

// Request notes that an observation was requested. One that is outstanding stays.
func (l Look) Request(now time.Time) Look {
	if l.requested.IsZero() {
		l.requested = now
	}
	return l
}

// Cancel ends the request: it was served, or the subscription has ended.
func (l Look) Cancel() Look {
	l.requested = time.Time{}
	return l
}

// VoidBefore makes every observation void that was sent before a time: that of our
// own update.
func (l Look) VoidBefore(sent time.Time) Look {
	if sent.After(l.validFrom) {
		l.validFrom = sent
	}
	return l
}

// VoidUntil makes every observation void that was sent up to a time, by which a
// request of unknown outcome was given up.
func (l Look) VoidUntil(responded time.Time) Look { return l.VoidBefore(responded.Add(1)) }

// Accepts reports whether an observation may be used. An absence counts only if it
// was observed after the object was first seen (R7).
func (l Look) Accepts(o roster.Observation, need Need, now time.Time) bool {
	switch {
	case o.ObservedAt.IsZero() || o.ObservedAt.Before(l.validFrom):
		return false
	case !o.Present && o.ObservedAt.Before(l.firstSeen):
		return false
	case need == Any:
		return true
	case !l.requested.IsZero() && !o.ObservedAt.Before(l.requested):
		return Current(o, now)
	default:
		return need == Fresh && now.Sub(o.ObservedAt) <= freshFor
	}
}

// Current reports whether an observation is recent enough to open anything by it:
// its response is at most a second old, whatever was waited for since (R2, R17).
func Current(o roster.Observation, now time.Time) bool {
	return now.Sub(o.RespondedAt) <= freshFor
}

// RenewBy is until when the next observation must be there for a request that is
// queued behind this one.
func RenewBy(o roster.Observation) time.Time { return o.ObservedAt.Add(freshFor) }
