package roster

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Subscriber is an object that is told of what was observed.
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
)

// Interest is a subscriber's registration with a conference.
type Interest struct {
	// CallSID is the call leg that the subscriber is about.
	CallSID string
	// Demand is how often the conference is observed for it.
	Demand Demand
	// Until ends the interest; zero is never.
	Until time.Time
	// Presence is whether the subscriber reports the call leg to be there.
	Presence Presence
	// Reported is the state that it reports; nil if it has not reported any.
	Reported *State
	// Unreadable says that the subscriber reports that its call leg can't be read.
	Unreadable bool
	// CoacheeExpected says that the subscriber does not know of a missing
	// coachee: it is told where the observed one is not there.
	CoacheeExpected bool
}

// registry is the interests in one conference.
type registry struct {
	interests map[Subscriber]Interest
	// demands counts the interests by demand.
	demands [DemandCoaching + 1]int
	// expiresAt is when the first interest ends; zero if none does.
	expiresAt time.Time
}

func newRegistry() registry { return registry{interests: map[Subscriber]Interest{}} }

// Demand returns the highest demand that is in force.
func (r *Roster) Demand(now time.Time) Demand {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	return r.demand()
}

func (g *registry) demand() Demand {
	for demand := DemandCoaching; demand > DemandNone; demand-- {
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
	}
}

// expire ends the interests that are over.
func (g *registry) expire(now time.Time) {
	if g.expiresAt.IsZero() || now.Before(g.expiresAt) {
		return
	}
	g.expiresAt = time.Time{}
	for subscriber, interest := range g.interests {
		switch {
		case interest.Until.IsZero():
		case !now.Before(interest.Until):
			g.remove(subscriber)
		case g.expiresAt.IsZero() || interest.Until.Before(g.expiresAt):
			g.expiresAt = interest.Until
		}
	}
}

// Subscribers returns everything that has an interest.
func (r *Roster) Subscribers(now time.Time) []Subscriber {
	return r.subscribers(now, func(Interest) bool { return true })
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
	flawed := r.flaw(interest.CallSID) != ""
	switch {
	case interest.Presence == Left:
		return seen != nil && seen.present && !seen.participant.Ended()
	case flawed != interest.Unreadable:
		return true
	case seen == nil || !seen.present:
		return interest.Presence == Live && !flawed
	case !flawed && (interest.Reported == nil || *interest.Reported != StateOf(seen.participant)):
		return true
	}
	return interest.CoacheeExpected && seen.participant.Coaching && !r.there(seen.participant.CallSIDToCoach)
}

// there reports whether a call leg is in the conference.
func (r *Roster) there(callSID string) bool {
	known := r.entries[callSID]
	return known != nil && known.present && !known.participant.Ended()
}
