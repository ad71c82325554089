package roster

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/voice"
)

// RefusedForGood is the number of refusals in a row from which on they are no
// accident: as many as the schedule has steps, and one.
const RefusedForGood = 3

// Refusal is the provider's answer that a conference may not be listed; without
// Tries it is not in force.
type Refusal struct {
	// At is when the list was last refused since the last complete one.
	At time.Time
	// Tries is how often in a row.
	Tries int
	// Explanation has the provider's code, and what that means.
	Explanation string
}

// Lasting reports whether the refusal is no accident, so that another party has to
// act.
func (r Refusal) Lasting() bool { return r.Tries >= RefusedForGood }

// Refusal returns why the conference can't be listed.
func (r *Roster) Refusal() Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refusal
}

// RecordRefusal takes over a refused list and puts the next request off.
func (r *Roster) RecordRefusal(refused *voice.Error, now time.Time) Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusal = Refusal{At: now, Tries: r.refusal.Tries + 1, Explanation: refused.Explain()}
	wait, _ := backoff.RefusedList.After(r.refusal.Tries)
	r.retry.NotBefore = now.Add(wait)
	return r.refusal
}

// Forgive ends a refusal, as after an edit or a change of the account.
func (r *Roster) Forgive() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refusal.Tries > 0 {
		r.refusal.Tries, r.retry.NotBefore = 0, time.Time{}
	}
}
