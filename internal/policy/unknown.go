package policy

import "github.com/voiceops/conference-operator/api/v1alpha1"

// causes are the reasons to close the fields of the call leg at a place for a while:
// it waits for a role (R24), or is unknown for too long (R21).
func (v *view) causes(place int) (muted, hold cause) {
	q := &v.parties[place]
	switch {
	case q.known:
	case q.unread:
		muted.closes, hold.closes = q.record.Muted, q.record.Hold && !q.record.Waits
		muted.once, hold.music = mutedOf(q).once != nil, holdOf(q).music
	default:
		muted, hold = v.possiblyClosed(q)
	}
	if v.waits(place) {
		hold = cause{closes: true, music: v.music()}
	}
	return muted, hold
}

// possiblyClosed is what the possible roles of an unknown call leg declare closed: of
// a joiner after identifyWithinSeconds, and of what is closed for that already.
func (v *view) possiblyClosed(q *party) (muted, hold cause) {
	late := q.Joiner && v.overdue(q)
	if r := q.possibly((*role).holds); r != nil && (late || q.record.Hold && !q.record.Waits) {
		hold = cause{closes: true, music: v1alpha1.AudioControls{HoldURL: r.HoldURL, HoldMethod: r.HoldMethod}}
	}
	return q.possiblyMuted(late), hold
}

// possiblyMuted declares muted where a possible role does, and otherwise mutes once where one
// mutes on entry.
func (q *party) possiblyMuted(late bool) cause {
	entry := late && q.entering() || q.record.Muted && isTrue(mutedOf(q).once)
	switch {
	case (late || q.record.Muted) && q.possibly((*role).mutes) != nil:
		return cause{closes: true}
	case entry && q.possibly((*role).mutesOnEntry) != nil:
		return cause{closes: true, once: true}
	default:
		return cause{}
	}
}

// mutes reports whether a role declares muted: true. The mute that comes with
// coachRole is none of its own.
func (r *role) mutes() bool { return isTrue(r.Muted) }

// mutesOnEntry reports whether a role declares muteOnEntry.
func (r *role) mutesOnEntry() bool { return isTrue(r.MuteOnEntry) }

// holds reports whether a role declares hold: true.
func (r *role) holds() bool { return isTrue(r.Hold) }

// declared is what is declared for a call leg: its role, or while that is unknown what
// its child says, without what is closed for a while. A role that is assumed opens
// nothing that the child does not.
func (q *party) declared(muted, hold control) v1alpha1.Role {
	var r v1alpha1.Role
	switch {
	case q.known && q.role != nil:
		r = q.role.Role
	case !q.known:
		r.Beep, r.DriftPolicy = q.stored.Beep, q.stored.DriftPolicy
		r.Muted, r.Hold = muted.kept(), hold.kept()
		r.HoldURL, r.HoldMethod = hold.music.HoldURL, hold.music.HoldMethod
	}
	if q.assumed && isFalse(r.Muted) {
		r.Muted = muted.kept()
	}
	if q.assumed && isFalse(r.Hold) {
		r.Hold = hold.kept()
	}
	if r.Hold == nil {
		r.HoldURL, r.HoldMethod = "", ""
	}
	return r
}
