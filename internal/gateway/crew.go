package gateway

import "time"

// crewFor is how long it is remembered for whom a conference is looked at.
const crewFor = time.Second

// Crew is for whom a conference is looked at.
type Crew struct {
	// Live says that there is anybody, and Coaching that somebody is to coach.
	Live, Coaching bool
}

// Crew returns the crew as it was noted last; known says that this was only just,
// and that there was anybody.
func (r *Roster) Crew() (crew Crew, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.crew, r.crew.Live && r.now().Before(r.crewAt.Add(crewFor))
}

// SetCrew notes for whom the conference is looked at, as it was from a time on.
func (r *Roster) SetCrew(crew Crew, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crew, r.crewAt = crew, at
}

// recountAt is when it is to be counted again, since somebody has gone; in the past
// if that was done.
func (r *Roster) recountAt() (at time.Time) {
	if !r.wentAt.Before(r.crewAt) {
		at = r.crewAt.Add(crewFor)
	}
	return at
}
