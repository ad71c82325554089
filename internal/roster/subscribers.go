package roster

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Subscriber is an object that is enqueued when something was observed that
// concerns it.
type Subscriber struct {
	// Kind is the object's kind, which says on which queue it is put.
	Kind string
	// Name is the object's name.
	Name types.NamespacedName
}

// Demand is how often a conference is to be observed on an object's behalf.
type Demand int

const (
	// DemandNone asks for nothing regular.
	DemandNone Demand = iota
	// DemandRare asks for a long interval: a call leg may come that is not expected
	// any more.
	DemandRare
	// DemandRegular asks for the account's resync interval.
	DemandRegular
	// DemandCoaching asks for a short interval, since the end of a coaching must
	// be noticed soon (R17).
	DemandCoaching
	// DemandRoom asks for the interval of rooms, whatever the account's is (R18).
	DemandRoom
)

// Presence is what an object reports of its call leg.
type Presence int

const (
	// Unseen is a call leg that was not reported so far.
	Unseen Presence = iota
	// Live is a call leg reported to be in the conference.
	Live
	// Left is a call leg reported to have left.
	Left
	// Ringing is a call leg that is known to ring.
	Ringing
)

// listed reports whether lists had the call leg, as far as the subscriber knows.
func (p Presence) listed() bool { return p == Live || p == Ringing }

// Interest is a subscriber's registration with a conference.
type Interest struct {
	// CallSID is the call leg that the subscriber is about; "" for all of them, with
	// DemandRoom.
	CallSID string
	// CoacheeSID is the call leg that it coaches or is to coach; empty for none.
	CoacheeSID string
	// Demand is how often the conference is observed for it.
	Demand Demand
	// Until ends the demand; zero is never. The interest goes on: a list that is
	// sent for another subscriber wakes this one, too.
	Until time.Time
	// Presence is whether the subscriber reports the call leg to be there.
	Presence Presence
	// Reported is the state that it reports; nil if it has not reported any.
	Reported *State
	// Joined is the latest join that the subscriber knows; zero for none.
	Joined time.Time
	// Unreadable says that the subscriber reports that its call leg can't be read.
	Unreadable bool
	// CoacheeExpected says that the subscriber does not know of a missing
	// coachee: it is enqueued where the observed one is not there. CoacheeAwaited
	// says that it waits for CoacheeSID: it is enqueued where that one can be coached.
	CoacheeExpected, CoacheeAwaited bool
}

// registry is the interests in one conference.
type registry struct {
	interests map[Subscriber]Interest
	// demands counts the interests by demand.
	demands [DemandRoom + 1]int
	// rooms are the subscribers to all of the conference; true for one to which
	// something has changed that it was not told.
	rooms map[Subscriber]bool
	// expiresAt is when the first demand ends; zero if none does.
	expiresAt time.Time
}

func newRegistry() registry {
	return registry{interests: map[Subscriber]Interest{}, rooms: map[Subscriber]bool{}}
}

// Demand returns the highest demand that is in force.
func (r *Roster) Demand(now time.Time) Demand {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	return r.demand()
}

func (g *registry) demand() Demand {
	for demand := DemandRoom; demand > DemandNone; demand-- {
		if g.demands[demand] > 0 {
			return demand
		}
	}
	return DemandNone
}

// subscribe registers an interest, or replaces the subscriber's last one. It
// reports whether the demand has changed.
func (g *registry) subscribe(subscriber Subscriber, interest Interest) (changed bool) {
	before := g.demand()
	if replaced, ok := g.interests[subscriber]; ok {
		g.demands[replaced.Demand]--
	}
	g.interests[subscriber] = interest
	g.demands[interest.Demand]++
	g.noteRoom(subscriber, interest.Demand == DemandRoom)
	if !interest.Until.IsZero() && (g.expiresAt.IsZero() || interest.Until.Before(g.expiresAt)) {
		g.expiresAt = interest.Until
	}
	return g.demand() != before
}

// remove ends an interest.
func (g *registry) remove(subscriber Subscriber) {
	if removed, ok := g.interests[subscriber]; ok {
		g.demands[removed.Demand]--
		delete(g.interests, subscriber)
		delete(g.rooms, subscriber)
	}
}

// noteRoom notes whether a subscriber is about all of the conference. One that was not
// is told after the next list.
func (g *registry) noteRoom(subscriber Subscriber, room bool) {
	if _, known := g.rooms[subscriber]; !known && room {
		g.rooms[subscriber] = true
	}
	if !room {
		delete(g.rooms, subscriber)
	}
}

// Demands returns the highest demand in force other than DemandRoom, and whether that
// is in force, too.
func (r *Roster) Demands(now time.Time) (others Demand, room bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	others = DemandCoaching
	for others > DemandNone && r.demands[others] == 0 {
		others--
	}
	return others, r.demands[DemandRoom] > 0
}

// expire ends the demands that are over.
func (g *registry) expire(now time.Time) {
	if g.expiresAt.IsZero() || now.Before(g.expiresAt) {
		return
	}
	g.expiresAt = time.Time{}
	for subscriber, interest := range g.interests {
		switch {
		case interest.Until.IsZero():
		case !now.Before(interest.Until):
			interest.Demand, interest.Until = DemandNone, time.Time{}
			g.subscribe(subscriber, interest)
		case g.expiresAt.IsZero() || interest.Until.Before(g.expiresAt):
			g.expiresAt = interest.Until
		}
	}
}

// Subscribers returns everything that demands observations, or is affected by the
// present one.
func (r *Roster) Subscribers(now time.Time) []Subscriber {
	return r.subscribers(now, func(interest Interest) bool { return interest.Demand > DemandNone || r.affects(interest) })
}

// Affected returns the subscribers to which what was observed makes a
// difference: the call leg's state is not as reported, it is newly missing or
// back, its coachee is missing, or it can't be read any more, or can again.
func (r *Roster) Affected(now time.Time) []Subscriber {
	return r.subscribers(now, r.affects)
}

func (r *Roster) subscribers(now time.Time, chosen func(Interest) bool) (found []Subscriber) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	for subscriber, interest := range r.interests {
		if chosen(interest) {
			found = append(found, subscriber)
		}
	}
	return found
}

// affects reports whether the present observation is news to an interest.
func (r *Roster) affects(interest Interest) bool {
	seen := r.entries[interest.CallSID]
	present := seen != nil && seen.present
	flawed := r.flaw(interest.CallSID) != ""
	switch {
	case interest.Presence == Left:
		return present && !seen.participant.Ended()
	case flawed != interest.Unreadable:
		return true
	case !present:
		return interest.Presence.listed() && !flawed
	case !flawed && interest.differs(seen.participant):
		return true
	}
	return r.affectsCoach(interest, seen.participant)
}

// affectsCoach reports whether what was observed of a coachee is news to the
// interest of a coach: it is missing unexpectedly, or can be coached at last.
func (r *Roster) affectsCoach(interest Interest, coach voice.Participant) bool {
	if coach.Ringing() {
		return false
	}
	if interest.CoacheeAwaited && r.there(interest.CoacheeSID) && !r.entries[interest.CoacheeSID].participant.Hold {
		return true
	}
	return interest.CoacheeExpected && coach.Coaching && !r.there(coach.CallSIDToCoach)
}

// differs reports whether a participant is not as the subscriber reports it.
func (i Interest) differs(seen voice.Participant) bool {
	if seen.Ringing() {
		return i.Presence != Ringing
	}
	return i.Presence != Live || i.Reported == nil || *i.Reported != StateOf(seen) || seen.Joined().After(i.Joined)
}

// there reports whether a call leg is in the conference: it neither rings nor is
// over.
func (r *Roster) there(callSID string) bool {
	known := r.entries[callSID]
	return known != nil && known.present && known.participant.Phase == voice.PhaseActive
}
