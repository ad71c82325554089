package roster

// dormants are the interests that demand nothing in the conferences of one account
// that have no roster. They cost little, wait for a roster to be made on behalf of
// another subscriber, and are moved into it then. The zero value is ready to use.
type dormants struct {
	byConference map[string][]dormant
	// places are where in the slice of its conference an interest is.
	places map[dormantKey]int
}

// dormantKey names one of them.
type dormantKey struct {
	conference string
	subscriber Subscriber
}

// dormant is one of them.
type dormant struct {
	subscriber Subscriber
	interest   Interest
}

// put adds an interest, or replaces the subscriber's last one. The state that a
// subscriber reports is not kept.
func (d *dormants) put(conference string, subscriber Subscriber, interest Interest) {
	interest.Demand, interest.Reported = DemandNone, nil
	key := dormantKey{conference, subscriber}
	if place, ok := d.places[key]; ok {
		d.byConference[conference][place].interest = interest
		return
	}
	if d.places == nil {
		*d = dormants{byConference: map[string][]dormant{}, places: map[dormantKey]int{}}
	}
	d.places[key] = len(d.byConference[conference])
	d.byConference[conference] = append(d.byConference[conference], dormant{subscriber, interest})
}

// remove ends an interest, if there is one. The last of its conference takes its
// place.
func (d *dormants) remove(conference string, subscriber Subscriber) {
	key := dormantKey{conference, subscriber}
	place, ok := d.places[key]
	if !ok {
		return
	}
	rest := d.byConference[conference]
	end := len(rest) - 1
	rest[place] = rest[end]
	d.places[dormantKey{conference, rest[end].subscriber}] = place
	rest[end] = dormant{}
	delete(d.places, key)
	if d.byConference[conference] = rest[:end]; end == 0 {
		d.drop(conference)
	}
}

// take removes and returns the interests in a conference.
func (d *dormants) take(conference string) []dormant {
	taken := d.byConference[conference]
	for _, one := range taken {
		delete(d.places, dormantKey{conference, one.subscriber})
	}
	d.drop(conference)
	return taken
}

// drop forgets a conference without interests, and the maps once they are empty: a
// map keeps the space that its largest size took.
func (d *dormants) drop(conference string) {
	delete(d.byConference, conference)
	if d.empty() {
		*d = dormants{}
	}
}

// empty reports whether there is none.
func (d *dormants) empty() bool { return len(d.places) == 0 }
