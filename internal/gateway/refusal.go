package gateway

import (
	"time"

	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// refusedLikeFailed has the wait after a refused list begin where that after
	// as many failed ones has come to: a refusal seldom ends by itself.
	refusedLikeFailed = 4
	// slowestRefused bounds it.
	slowestRefused = 5 * time.Minute
	// RefusedForGood is from how many refusals in a row on it is no accident.
	RefusedForGood = 2
)

// Refusal is the provider's answer that a conference may not be listed; without
// Tries it stands no longer.
type Refusal struct {
	// At is when it was refused last since the last list, and Tries how often in
	// a row.
	At    time.Time
	Tries int
	// Why says with which code, and what that means.
	Why string
}

// Refusal is why the conference can't be listed.
func (r *Roster) Refusal() Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refusal
}

// Refuse books a refused list and puts the next request off.
func (r *Roster) Refuse(refused *voice.Error) Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusal = Refusal{At: r.now(), Tries: r.refusal.Tries + 1, Why: plan.Explain(refused)}
	r.retryAt = r.now().Add(Backoff(refusedLikeFailed+r.refusal.Tries, slowestRefused))
	return r.refusal
}

// Forgive ends a refusal, as after an edit or a change of the account.
func (r *Roster) Forgive() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refusal.Tries > 0 {
		r.refusal.Tries, r.retryAt = 0, time.Time{}
	}
}
