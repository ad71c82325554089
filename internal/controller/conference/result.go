package conference

import (
	"cmp"
	"slices"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
)

// result is what the room has come to; settled is when that changes by itself, zero for
// never.
func (s *scope) result(room policy.Room, found policy.Assignment) (result roomResult, settled time.Time) {
	m := s.memory
	m.unsynced.begin(s.object.Generation, found.Children)
	wanted := map[string]policy.Want{}
	for _, want := range found.Children {
		wanted[want.CallSID] = want
	}
	m.unsynced.keep(func(callSID string) bool {
		want, still := wanted[callSID]
		done := s.stored(want) && s.reports[callSID].settled
		return still && !done
	})
	result = roomResult{
		judged: true, generation: s.object.Generation, converging: len(m.unsynced.legs), refusal: m.refused.why(), taken: m.taken, waiting: found.Waiting,
		endRefusal: m.ending.refused(),
		failing:    room.LookupFailing, drift: found.Drift, roles: map[v1alpha1.RoleName]int32{},
	}
	for _, role := range found.Roles {
		result.roles[role]++
	}
	result.counts, result.notApplied, settled = s.count(room)
	result.unidentified, settled = s.unidentified(room, found, settled)
	for range found.Unidentified {
		result.counts.Unidentified++
	}
	if reportsParticipants(&s.object.Spec) {
		result.sample = s.sample(room, found)
	}
	return result, settled
}

// unidentified counts the call legs of which the role has been in question for long, by
// that role: a read takes a moment, and is no news. Settled is when there may be one more.
func (s *scope) unidentified(room policy.Room, found policy.Assignment, settled time.Time) (map[v1alpha1.RoleName]int32, time.Time) {
	counts := map[v1alpha1.RoleName]int32{}
	for _, leg := range room.Legs {
		role, asked := found.Unidentified[leg.CallSID]
		if !asked {
			continue
		}
		if at := leg.FirstSeen.Add(unidentifiedAfter); !room.LookupFailing && at.After(s.now) {
			settled = earlier(settled, at)
			continue
		}
		counts[role]++
	}
	return counts, settled
}

// count counts the call legs. settled is when a child that is in trouble will have been
// so for long.
func (s *scope) count(room policy.Room) (counts v1alpha1.RoomCounts, notApplied bool, settled time.Time) {
	add := func(count *int32, one bool) {
		if one {
			*count++
		}
	}
	failed := int32(0)
	for _, leg := range room.Legs {
		if leg.Missing {
			continue
		}
		counts.Participants++
		add(&counts.Managed, leg.Child != nil)
		add(&counts.Muted, leg.Muted)
		add(&counts.Hold, leg.Hold)
		add(&counts.Coaching, leg.Coaching)
		add(&counts.Overridden, leg.Overridden)
		report := s.reports[leg.CallSID]
		if report.troubledSince.IsZero() {
			continue
		}
		at := report.troubledSince.Add(notReadyAfter)
		if at.After(s.now) {
			settled = earlier(settled, at)
			continue
		}
		counts.NotReady++
		add(&failed, report.failed)
	}
	return counts, 2*failed > counts.Managed && failed > 0, settled
}

// sample is a sample of the call legs: roles with a match first, then the newest.
func (s *scope) sample(room policy.Room, found policy.Assignment) (sample []v1alpha1.RoomParticipant) {
	matched := map[v1alpha1.RoleName]bool{}
	for _, role := range s.object.Spec.Roles {
		matched[role.Name] = len(role.Match) > 0
	}
	legs := slices.Clone(room.Legs)
	slices.SortFunc(legs, func(a, b policy.Leg) int {
		if first := matched[found.Roles[a.CallSID]]; first != matched[found.Roles[b.CallSID]] {
			return map[bool]int{true: -1, false: 1}[first]
		}
		return cmp.Or(b.Joined.Compare(a.Joined), cmp.Compare(a.CallSID, b.CallSID))
	})
	for _, leg := range legs {
		if leg.Missing || len(sample) == maxParticipants {
			continue
		}
		shown := v1alpha1.RoomParticipant{
			CallSID: leg.CallSID, ConferenceSID: room.ConferenceSID, Role: found.Roles[leg.CallSID],
			Muted: leg.Muted, Hold: leg.Hold, Coaching: leg.Coaching,
		}
		if leg.Child != nil {
			shown.ParticipantRef = &v1alpha1.LocalReference{Name: leg.Child.Name}
		}
		sample = append(sample, shown)
	}
	return sample
}
