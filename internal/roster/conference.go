package roster

import (
	"math/rand/v2"
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/voice"
)

// confirmMissing is for how long the provider must not have known a conference
// before that counts.
const confirmMissing = 30 * time.Second

// lagging is for how long lists are not believed that show call legs in a conference
// which reads as completed.
const lagging = 15 * time.Second

// ConferenceStatus is what is known of a conference as a whole.
type ConferenceStatus int

const (
	// ConferenceUnknown is a conference that was not read, or could not be.
	ConferenceUnknown ConferenceStatus = iota
	// ConferenceOpen is a conference that has not ended.
	ConferenceOpen
	// ConferenceOver is a conference that is completed. It never opens again.
	ConferenceOver
	// ConferenceMissing is a conference that the provider has not known for half
	// a minute.
	ConferenceMissing
)

// conference is what reads of the conference itself have shown, and when the next
// one is due. It is read where a list lacks a call leg and nothing in that list
// tells that the conference goes on.
type conference struct {
	status ConferenceStatus
	// missingSince is when the first read in a row was sent that was answered as
	// if there were no such conference.
	missingSince time.Time
	// tries is how often it was read since a list has shown that it goes on, and
	// next when it is due again.
	tries int
	next  time.Time
	// endedAt is when it was read as completed.
	endedAt time.Time
	// alive is how many calls the last list had that have not ended. awaited says
	// that it lacked a call leg which was never seen, departing that it lacked one
	// which was.
	alive              int
	awaited, departing bool
}

// compare takes over what a list says of the conference; so many of its rows can't be
// read.
func (r *Roster) compare(unreadable int) {
	before := r.conference
	r.lookForLacking()
	r.conference.alive += unreadable
	switch c := &r.conference; {
	case c.alive > 0 && (c.status == ConferenceOver || !c.missingSince.IsZero()):
		// What the reads have shown is refuted.
		*c = conference{alive: c.alive, awaited: c.awaited, departing: c.departing}
	case c.alive == 0 && before.alive > 0:
		c.tries, c.next = 0, time.Time{}
	}
}

// lookForLacking notes how many calls there are, and which ones a list lacks.
func (r *Roster) lookForLacking() {
	c := &r.conference
	c.alive, c.awaited, c.departing = 0, false, false
	for _, known := range r.entries {
		if known.present && !known.participant.Ended() {
			c.alive++
		}
	}
	for _, interest := range r.interests {
		if r.lacks(interest) {
			c.awaited = c.awaited || interest.Presence != Live
			c.departing = c.departing || interest.Presence == Live
		}
	}
}

// lacks reports whether an interest is about a call leg that is not there, and not
// known to have left. One of which the last list says nothing may be there.
func (r *Roster) lacks(interest Interest) bool {
	known := r.entries[interest.CallSID]
	return interest.CallSID != "" && interest.Presence != Left && !r.incomplete && r.odd[interest.CallSID] == nil && (known == nil || !known.present)
}

// conferenceWanted reports whether a read of the conference can tell anything: while
// calls are listed, it goes on, and one read does.
func (r *Roster) conferenceWanted() bool {
	c := r.conference
	switch {
	case c.status == ConferenceOver || r.demand() == DemandNone:
		return false
	case c.alive > 0:
		return c.awaited && c.tries == 0
	default:
		return c.awaited || c.departing || r.roomEmptied()
	}
}

// roomEmptied reports whether a room was found empty, in which call legs were, or
// unknown.
func (r *Roster) roomEmptied() bool {
	return r.demands[DemandRoom] > 0 && (r.missing || len(r.entries) > 0)
}

// ConferenceDue reports whether the conference is to be read now, after a list.
func (r *Roster) ConferenceDue(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.conferenceWanted() && !now.Before(r.conference.next)
}

// RecordConference takes over a read of the conference; found is false for a 404. It
// reports whether that makes a difference to objects that wait for a call leg.
func (r *Roster) RecordConference(read voice.Conference, found bool, times voice.Times) (changed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := &r.conference
	before := c.status
	c.tries++
	wait, _ := backoff.Conference.After(c.tries)
	c.next = times.Responded.Add(wait)
	switch {
	case found:
		c.status, c.missingSince = statusOf(read), time.Time{}
		if c.status == ConferenceOver {
			r.end(times)
		}
	case c.missingSince.IsZero():
		c.status, c.missingSince = ConferenceUnknown, times.Sent
		c.next = times.Sent.Add(confirmMissing)
	case times.Sent.Sub(c.missingSince) >= confirmMissing:
		c.status = ConferenceMissing
	default:
		c.next = c.missingSince.Add(confirmMissing)
	}
	changed = c.status != before && (c.status > ConferenceOpen || before > ConferenceOpen)
	if changed {
		r.noteNews()
	}
	return changed
}

// end says that no call leg is in the conference any more, which is completed.
func (r *Roster) end(times voice.Times) {
	r.conference.endedAt, r.conference.alive = times.Responded, 0
	for _, known := range r.entries {
		if known.present {
			known.present, known.omitted, known.echo = false, false, false
			known.times, known.absence = times, Absence{}
			r.changedAt = times.Sent
		}
	}
	clear(r.ringing)
	r.odd = nil
}

// lags reports whether a list, sent at a time, may still show what was there before the
// conference was read as completed.
func (c conference) lags(started time.Time) bool {
	return c.status == ConferenceOver && started.Before(c.endedAt.Add(lagging))
}

// statusOf is what a conference says of itself. A status that is not documented
// tells nothing.
func statusOf(read voice.Conference) ConferenceStatus {
	switch read.Status {
	case voice.ConferenceCompleted:
		return ConferenceOver
	case voice.ConferenceInit, voice.ConferenceInProgress:
		return ConferenceOpen
	default:
		return ConferenceUnknown
	}
}

// RecordConferenceFailure puts the next read of the conference off. Nothing is
// concluded from one that failed or was refused.
func (r *Roster) RecordConferenceFailure(refused bool, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, schedule := &r.conference, backoff.Conference
	if refused {
		schedule = backoff.RefusedList
	}
	c.tries++
	wait, _ := schedule.After(c.tries)
	c.next = now.Add(wait)
}

// Lacking returns the subscribers to a call leg that is not there, save those that
// report that it has left.
func (r *Roster) Lacking(now time.Time) []Subscriber {
	return r.subscribers(now, r.lacks)
}

// Split divides requests into those for a call leg that is there, and the others.
func (r *Roster) Split(requests []RefreshRequest) (present, lacking []RefreshRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, request := range requests {
		if known := r.entries[request.CallSID]; known != nil && known.present {
			present = append(present, request)
		} else {
			lacking = append(lacking, request)
		}
	}
	return present, lacking
}

// lastLook is from when on the interval is counted. Where a conference is observed
// rarely, its first list is due at any time within the interval, so that a start does
// not list all of them at once.
func (r *Roster) lastLook(interval time.Duration, now time.Time) time.Time {
	if !r.listedAt.IsZero() || r.demand() != DemandRare {
		return r.listedAt
	}
	if r.begun.IsZero() {
		r.begun = now.Add(-time.Duration(rand.Float64() * float64(interval)))
	}
	return r.begun
}
