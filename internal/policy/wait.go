package policy

import (
	"slices"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// waiting is how far a room waits for a role (R24).
type waiting struct {
	// on says that no call leg of the role is there and that those that wait go on.
	on bool
	// fresh says that further call legs are put on hold. None is while the role can't
	// be told because a Secret was not read.
	fresh bool
	// everyone says that the role was there and has left: not only joiners wait.
	everyone bool
	// since is when the first call leg has joined that waits by the word of its child;
	// zero if there is none.
	since time.Time
	// until is when the grace ends; zero if there is none.
	until time.Time
	// identified is how many call legs, from the first to join on, are known not to be
	// of the role.
	identified int
}

// waiting judges whether the room waits.
func (v *view) waiting() (w waiting) {
	wait := v.spec.WaitForRole
	if wait == nil || v.there(wait.Role) {
		return w
	}
	if since := v.absent[wait.Role]; !since.IsZero() {
		if wait.GraceSeconds == nil {
			return w
		}
		w.until = since.Add(time.Duration(*wait.GraceSeconds) * time.Second)
		if v.now.Before(w.until) {
			v.decideAt(w.until)
			return w
		}
		w.everyone = true
	}
	w.on, w.since = true, v.waitingSince()
	w.fresh = !slices.ContainsFunc(v.parties, func(q party) bool { return q.unread && q.mayBe(wait.Role) })
	w.identified = slices.IndexFunc(v.parties, func(q party) bool { return q.mayBe(wait.Role) })
	if w.identified < 0 {
		w.identified = len(v.parties)
	}
	return w
}

// waitingSince is when the first call leg has joined that waits by the word of its child.
func (v *view) waitingSince() (since time.Time) {
	for i := range v.parties {
		q := &v.parties[i]
		if joined := q.record.Joined; q.record.Waits && !q.gone && (since.IsZero() || joined.Before(since)) {
			since = joined
		}
	}
	return since
}

// comes reports whether a call leg has come to a room that waits: it was not there when
// the room was found, or has joined after one that a process before has put on hold.
func (v *view) comes(q *party) bool {
	return !v.room.Found || q.Joiner || !v.wait.since.IsZero() && q.Joined.After(v.wait.since)
}

// waits reports whether the call leg at a place waits for the role: a joiner, as soon
// as it and all that joined before it are known, and one that waits already.
func (v *view) waits(place int) bool {
	q := &v.parties[place]
	switch {
	case !v.wait.on:
		return false
	case q.record.Waits:
		return true
	case !v.wait.fresh || !v.wait.everyone && !v.comes(q):
		return false
	default:
		return place < v.wait.identified || v.overdue(q)
	}
}

// music is what those hear that wait.
func (v *view) music() v1alpha1.AudioControls {
	wait := v.spec.WaitForRole
	return v1alpha1.AudioControls{HoldURL: wait.HoldURL, HoldMethod: wait.HoldMethod}
}
