package plan

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

const (
	// A field that is corrected so often within so long is contested (R12).
	contestedAfter  = 3
	contestedWithin = 10 * time.Minute
	// contestedWait is the first wait between two corrections of a contested
	// field; it doubles up to the slowest.
	contestedWait = 10 * time.Second
)

// Repairs are the corrections of one part; the zero value is none.
type Repairs struct {
	// Last are when the latest corrections were accepted, newest first.
	Last [contestedAfter]time.Time
	// Contested is how many corrections there were since somebody else was
	// found to change the part again and again; 0 if nobody was.
	Contested int
	// Until is before when a contested part is not corrected.
	Until time.Time
}

// after books a correction.
func (r Repairs) after(now time.Time) Repairs {
	r.Last = [contestedAfter]time.Time{now, r.Last[0], r.Last[1]}
	oldest := r.Last[contestedAfter-1]
	if r.Contested == 0 && (oldest.IsZero() || now.Sub(oldest) > contestedWithin) {
		return r
	}
	wait := contestedWait
	for range r.Contested {
		wait = min(2*wait, slowest)
	}
	r.Contested++
	r.Until = now.Add(wait)
	return r
}

// tense says whether a contested part was corrected so recently that it can't
// be called settled.
func (r Repairs) tense(now time.Time) bool {
	return r.Contested > 0 && now.Before(r.Last[0].Add(contestedWithin))
}

// Contest returns the history of a participant that was reported as Contested
// before this process began: the slow schedule goes on.
func (h History) Contest(now time.Time) History {
	for part := range h.Repairs {
		h.Repairs[part] = Repairs{Last: [contestedAfter]time.Time{now}, Contested: contestedAfter, Until: now.Add(slowest)}
	}
	return h
}

// drifted says whether a difference in a part is somebody else's doing: it was
// in sync, it is not a change of ours that did not stick, and it is not the mute
// of a whisperer who lost the coaching, which no policy puts off (R17).
func (g goal) drifted(d Desired, h History, part Part) bool {
	protective := part == PartMute && g.value[part].On && isFalse(d.Muted)
	return h.Synced && h.Slowed[part].Fruitless == 0 && !protective
}

// yields says whether a drifted part is left alone by policy: what opens under
// Restrict, everything under Report.
func (d Desired) yields(goal Value) bool {
	switch d.DriftPolicy {
	case v1alpha1.DriftReport:
		return true
	case v1alpha1.DriftRestrict:
		return !closes(goal)
	default:
		return false
	}
}

// contested says whether a drifted part is not corrected now because somebody
// else keeps changing it: at all if that would open, or not so soon (R12).
func (h History) contested(part Part, goal Value, now time.Time) bool {
	repairs := h.Repairs[part]
	return repairs.Contested > 0 && (!closes(goal) || now.Before(repairs.Until))
}
