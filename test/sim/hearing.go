package sim

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/ptr"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// openedWithin is how long a call leg may be on hold after that for which it was held
// is over.
const openedWithin = HeardWithin + 10*time.Second

// hearing is one room at one moment.
type hearing struct {
	*Ear
	room       voicesim.Conference
	conference *Room
	// until is when the moment ends.
	until time.Time
}

// listen judges how long each call leg of the room is heard or held.
func (h hearing) listen() {
	arrived := h.arrived()
	for _, callSID := range h.room.Participants {
		s := h.stayOf(h.room.SID, callSID)
		role := h.roleOf(h.conference, callSID)
		s.coached = s.coached || role.CoachRole != ""
		if h.Lenient || h.room.Status != voicesim.StatusInProgress || s.Status != voicesim.StatusInProgress {
			s.loud, s.held = time.Time{}, time.Time{}
			continue
		}
		heard := !s.Muted && !s.Hold && !s.Coaching
		h.bound(s, &s.loud, heard && s.coached && h.enforced(), span{h.sim.Now(), HeardWithin}, "everybody hears a coach")
		joined := time.Time{}
		h.bound(s, &joined, !s.Muted && !s.unmuted && closes(role) && h.enforced(), span{s.DateCreated, h.closedWithin(callSID)}, "one is heard since the join")
		h.bound(s, &s.held, s.closed["Hold"] && !arrived.IsZero() && h.enforced() && !isTrue(role.Hold), span{arrived, openedWithin}, "one is on hold")
	}
}

// closedWithin is how long a joiner may be heard that a policy closes. A call leg of
// which the role can't be told without its call, which could not be read, is closed
// identifyWithinSeconds after it was first seen (R21).
func (h hearing) closedWithin(callSID string) time.Duration {
	if h.conference == nil || !h.unread[callSID] && !h.unread[""] || !readsCalls(h.conference.Spec.Roles) {
		return HeardWithin
	}
	return HeardWithin + time.Duration(ptr.Deref(h.conference.Spec.IdentifyWithinSeconds, 2))*time.Second
}

// readsCalls reports whether roles match by what only the call tells.
func readsCalls(roles []v1alpha1.Role) bool {
	return slices.ContainsFunc(roles, func(role v1alpha1.Role) bool {
		return slices.ContainsFunc(role.Match, func(term v1alpha1.RoleTerm) bool {
			return term.Direction != "" || len(term.Numbers) > 0 || len(term.DialedNumbers) > 0 || term.NumbersSecretRef != nil
		})
	})
}

// closes reports whether a role mutes those that join.
func closes(role v1alpha1.Role) bool {
	return isTrue(role.MuteOnEntry) || isTrue(role.Muted) || role.CoachRole != "" && !isFalse(role.Muted)
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }

// enforced reports whether the room has a policy that sends something.
func (h hearing) enforced() bool { return h.conference != nil && !h.conference.Spec.Suspend }

// arrived is since when the first call leg is there of the role that is waited for; zero
// if none is, and the beginning of time if nothing is waited for.
func (h hearing) arrived() (at time.Time) {
	if h.conference == nil {
		return at
	}
	wait := h.conference.Spec.WaitForRole
	if wait == nil {
		return h.room.DateCreated
	}
	for _, callSID := range h.room.Participants {
		if h.cast[callSID] != wait.Role {
			continue
		}
		if s := h.stayOf(h.room.SID, callSID); at.IsZero() || s.DateCreated.Before(at) {
			at = s.DateCreated
		}
	}
	return at
}

// span is from when, at the earliest, and how long something may last.
type span struct {
	from  time.Time
	lasts time.Duration
}

// bound checks that something ends in time that goes on since a time at the latest.
func (h hearing) bound(s *stay, since *time.Time, goesOn bool, most span, what string) {
	if !goesOn {
		*since = time.Time{}
		return
	}
	if since.IsZero() {
		*since = most.from
	}
	from := later(later(*since, h.calmAt), later(h.room.DateUpdated, h.known[h.conference.Name].since))
	lasts := h.until.Sub(later(from, s.excused))
	switch {
	case lasts <= most.lasts || s.reported[what]:
	case h.excused(s.CallSID):
		s.excused = h.until
	default:
		s.reported[what] = true
		h.report("%s for %s: %s, %s in room %s: %+v", what, lasts, s.CallSID, h.cast[s.CallSID], h.room.FriendlyName, s.Participant)
	}
}

// excused reports whether a person has to act for a call leg, or wrote an object for it.
func (e *Ear) excused(callSID string) bool {
	return slices.ContainsFunc(e.of(callSID), func(object Object) bool {
		stuck := []string{v1alpha1.ReasonRejected, v1alpha1.ReasonContested, v1alpha1.ReasonNotApplied}
		ready := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady)
		return index.ConferenceOf(&object) == nil || ready != nil && slices.Contains(stuck, ready.Reason)
	})
}

// objects are all participants, in all namespaces.
func (e *Ear) objects() []Object { return e.sim.cached.list() }

// of are the participants for a call leg.
func (e *Ear) of(callSID string) []Object {
	return slices.DeleteFunc(e.objects(), func(object Object) bool { return string(object.Spec.CallSID) != callSID })
}

// written are the objects that people wrote for a call leg.
func (e *Ear) written(callSID string) []Object {
	return slices.DeleteFunc(e.of(callSID), func(object Object) bool { return index.ConferenceOf(&object) != nil })
}

// children are the participants for a call leg that Conferences have made.
func (e *Ear) children(callSID string) []Object {
	return slices.DeleteFunc(e.of(callSID), func(object Object) bool { return index.ConferenceOf(&object) == nil })
}
