package roster

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/voice"
)

// noteRinging notes whether a call leg rings, as a request has shown that was sent
// at a time.
func (r *Roster) noteRinging(p voice.Participant, sent time.Time) {
	if !p.Ringing() {
		delete(r.ringing, p.CallSID)
	} else if r.ringing[p.CallSID].IsZero() {
		r.ringing[p.CallSID] = sent
	}
}

// rings reports whether the call leg or the coachee of an interest rings.
func (r *Roster) rings(interest Interest) bool { return !r.rungSince(interest).IsZero() }

// rungSince is since when the call leg or the coachee of an interest is known to
// ring, the later of the two; zero if neither does.
func (r *Roster) rungSince(interest Interest) time.Time {
	since := r.ringing[interest.CallSID]
	if coachee := r.ringing[interest.CoacheeSID]; coachee.After(since) {
		return coachee
	}
	return since
}

// ringAt is when the conference is to be listed next because call legs ring in
// which there is an interest: one list for all of them. A conference that nothing
// is demanded of is not listed for them.
func (r *Roster) ringAt() (at time.Time, rings bool) {
	if len(r.ringing) == 0 || r.demand() == DemandNone {
		return time.Time{}, false
	}
	var latest time.Time
	for _, interest := range r.interests {
		if since := r.rungSince(interest); since.After(latest) {
			latest = since
		}
	}
	return r.listedAt.Add(backoff.Ringing(r.listedAt.Sub(latest))), !latest.IsZero()
}

// ringDue reports whether that time has come.
func (r *Roster) ringDue(poll *Poll, now time.Time) bool {
	at, rings := r.ringAt()
	return rings && poll.due(r.notBefore(at), now)
}

// subscribe registers an interest, or replaces the subscriber's last one. It
// reports whether the conference may have to be listed sooner.
func (r *Roster) subscribe(subscriber Subscriber, interest Interest) (changed bool) {
	rang := r.rings(r.interests[subscriber])
	changed = r.registry.subscribe(subscriber, interest)
	return changed || !rang && r.rings(interest) && r.demand() > DemandNone
}
