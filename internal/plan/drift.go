package plan

import (
	"slices"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/backoff"
)

const (
	// A field that is corrected so often within so long is contested (R12).
	contestedAfter  = 3
	contestedWithin = 10 * time.Minute
)

// Repairs are the corrections of one field; the zero value is none.
type Repairs struct {
	// Last are when the latest corrections were accepted, newest first.
	Last [contestedAfter]time.Time
	// Contested is how many corrections there were since another party was found
	// to change the field again and again; 0 if none was.
	Contested int
	// Until is before when a contested field is not corrected.
	Until time.Time
}

// add counts a correction.
func (r Repairs) add(now time.Time) Repairs {
	r.Last = [contestedAfter]time.Time{now, r.Last[0], r.Last[1]}
	oldest := r.Last[contestedAfter-1]
	if r.Contested == 0 && (oldest.IsZero() || now.Sub(oldest) > contestedWithin) {
		return r
	}
	r.Contested++
	wait, _ := backoff.Contest.After(r.Contested)
	r.Until = now.Add(wait)
	return r
}

// repairedLately reports whether a contested field was corrected only just.
func (h History) repairedLately(now time.Time) bool {
	return slices.ContainsFunc(h.Repairs[:], func(repairs Repairs) bool { return repairs.recent(now) })
}

// recent reports whether a contested field was corrected so recently that it
// can't be called in sync.
func (r Repairs) recent(now time.Time) bool {
	return r.Contested > 0 && now.Before(r.Last[0].Add(contestedWithin))
}

// ResumeContested returns the history of a participant that was reported as Contested
// before this process began: the slow schedule goes on.
func (h History) ResumeContested(now time.Time) History {
	for field := range h.Repairs {
		h.Repairs[field] = Repairs{Last: [contestedAfter]time.Time{now}, Contested: contestedAfter, Until: now.Add(backoff.Contest.Longest())}
	}
	return h
}

// drifted reports whether a difference in a field was made by another party: the
// field is declared and was in sync, the difference is no change of ours that was not
// confirmed, and the target is not the mute of a whisperer after the loss of the coaching,
// which no policy puts off (R17).
func (t target) drifted(d Desired, h History, field Field) bool {
	protective := field == FieldMute && t.protects(d)
	return h.Synced && d.Once.declared(field) && h.Unconfirmed[field].Failures == 0 && !protective
}

// protects reports whether the target mutes a participant that is declared unmuted.
func (t target) protects(d Desired) bool {
	return t.value[FieldMute] != nil && t.value[FieldMute].On && isFalse(d.Muted)
}

// yields reports whether a drifted field is left alone by policy: what opens under
// Restrict, everything under Report.
func (d Desired) yields(value Value) bool {
	switch d.DriftPolicy {
	case v1alpha1.DriftReport:
		return true
	case v1alpha1.DriftRestrict:
		return !restricts(value)
	default:
		return false
	}
}

// contested reports whether a drifted field is not corrected now because another
// party keeps changing it: at all if that would open, or not so soon (R12).
func (h History) contested(field Field, value Value, now time.Time) bool {
	repairs := h.Repairs[field]
	return repairs.Contested > 0 && (!restricts(value) || now.Before(repairs.Until))
}
