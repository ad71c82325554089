package conference

import (
	"context"
	"time"

	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/roster"
)

// enteredWithin is how long after its join a call leg may be seen for the first time for
// what is done on entry to be due (R26).
const enteredWithin = 15 * time.Second

// observe is the room as the policy sees it.
func (r *RoomReconciler) observe(ctx context.Context, s *scope) (room policy.Room, err error) {
	room = policy.Room{
		ConferenceSID: s.key.SID, Found: s.memory.found, Started: s.room.Started, Absent: s.memory.absent,
		LookupFailing: r.Callers.Failing(s.roster.Account, s.now),
	}
	s.memory.begin(s.snapshot, s.now)
	there, kept := map[string]bool{}, []string{}
	for _, seen := range s.snapshot.Legs {
		departed, readAt := seen.Departed(s.now)
		if _, managed := s.children[seen.CallSID]; !seen.Present && !departed && !managed {
			// No child asks whether it has left (R27).
			r.Rosters.RequestRefresh(s.roster, roster.RefreshRequest{
				Subscriber: roster.Subscriber{Kind: Kind, Name: s.key.Conference}, CallSID: seen.CallSID, At: readAt, Read: true,
			})
		}
		if departed || seen.Ringing() {
			continue
		}
		leg, err := r.leg(ctx, s, seen)
		if err != nil {
			return room, err
		}
		there[seen.CallSID], s.legs[seen.CallSID] = true, leg
		kept = append(kept, seen.CallSID)
		room.Legs = append(room.Legs, leg)
	}
	for callSID, child := range s.children {
		if !there[callSID] {
			room.Legs = append(room.Legs, policy.Leg{CallSID: callSID, Missing: true, Child: &child})
		}
	}
	r.Callers.Keep(s.roster.Account, s.key, kept)
	s.memory.forgetEntrances(there)
	return room, nil
}

// ask notes which calls are asked for, until they are known.
func (m *roomMemory) ask(callSIDs []string, now time.Time) {
	asked := map[string]time.Time{}
	for _, callSID := range callSIDs {
		asked[callSID] = now
		if since, before := m.asked[callSID]; before {
			asked[callSID] = since
		}
	}
	m.asked = asked
}

// leg is a call leg as the policy sees it.
func (r *RoomReconciler) leg(ctx context.Context, s *scope, seen roster.Leg) (leg policy.Leg, err error) {
	leg = policy.Leg{
		CallSID: seen.CallSID, Joined: seen.Joined, Missing: !seen.Present,
		Muted: seen.Muted, Hold: seen.Hold, Coaching: seen.Coaching, Coachee: seen.CallSIDToCoach, EndsRoom: seen.EndsRoom,
		Caller: r.Callers.Lookup(s.roster.Account, seen.CallSID),
	}
	leg.FirstSeen, leg.Joiner = s.memory.joined(seen)
	leg.Asked = s.memory.asked[seen.CallSID]
	leg.Entered = s.entered(seen) && !s.memory.entered[seen.CallSID].Equal(entranceOf(seen))
	if child, there := s.children[seen.CallSID]; there {
		leg.Child = &child
	}
	leg.Overrides, leg.Overridden, err = r.overrides.of(ctx, s, seen.CallSID)
	return leg, err
}

// begin notes the list by which the room is judged first.
func (m *roomMemory) begin(first roster.Snapshot, now time.Time) {
	if m.listedAt.IsZero() {
		m.listedAt, m.judgedAt = first.ListedAt, now
	}
	if m.date.IsZero() {
		m.date = first.Date
	}
}

// joined returns since when a call leg is there for this Conference, and whether it has
// joined since. Of a room that was there already the first list by which it is judged shows
// those that were there before, as this process's first look does; to a room that began
// later all have come since (R21).
func (m *roomMemory) joined(seen roster.Leg) (since time.Time, joiner bool) {
	if !m.there {
		return seen.FirstSeen, true
	}
	if seen.FirstSeen.After(m.listedAt) {
		return seen.FirstSeen, !seen.Before
	}
	return latest(seen.FirstSeen, m.judgedAt), false
}

// latest is the later of two times.
func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// entered reports whether a call leg was first seen so soon after it joined, or after the
// room was started, that it counts as one that enters. One that other objects had seen
// before this Conference is seen by it with its first list. Where the provider's clock or
// the date of the join can't be read, an earlier list must have lacked it.
func (s *scope) entered(seen roster.Leg) bool {
	joined, first := latest(seen.Joined, s.room.StartedDate), seen.FirstDate
	if joined.IsZero() || first.IsZero() {
		return !seen.Before && seen.FirstSeen.After(s.memory.listedAt)
	}
	return latest(first, s.memory.date).Sub(joined) <= enteredWithin
}

// entranceOf identifies a join: its date, or when it was first seen.
func entranceOf(seen roster.Leg) time.Time {
	if seen.Joined.IsZero() {
		return seen.FirstSeen
	}
	return seen.Joined
}

// forgetEntrances drops the joins of call legs that have left.
func (m *roomMemory) forgetEntrances(there map[string]bool) {
	for callSID := range m.entered {
		if !there[callSID] {
			delete(m.entered, callSID)
		}
	}
}
