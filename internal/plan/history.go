package plan

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// unconfirmedLimit is how often a change may be accepted and not seen in effect
// before the tries become slow.
const unconfirmedLimit = 3

// History is what this process remembers of its own updates to one
// participant. The zero value remembers nothing.
type History struct {
	// Sent is what was accepted and not yet proven, by field.
	Sent [fieldCount]Sent
	// Unconfirmed is the back-off of the changes that were accepted and not seen
	// in effect, by field.
	Unconfirmed [fieldCount]backoff.State
	// Refused is what the provider refuses, by field.
	Refused [fieldCount]Refusal
	// Denial is the last update that was refused as unauthorized.
	Denial Denial
	// Split says that an update with several fields was refused, so that they
	// are sent one by one.
	Split bool
	// WithoutPair says that an update was refused that carried an undeclared
	// pair, so that it is sent without (R4).
	WithoutPair bool
	// CoacheeMissing is the provider's word that a coachee is not there.
	CoacheeMissing Refusal
	// AppliedInputs is the digest of the hold music that was applied last.
	AppliedInputs string
	// Synced says that what is declared was in sync before, so that a difference
	// is drift: it was not made by the operator.
	Synced bool
	// Beeped says that an update for this generation was sent before, so that
	// the next one is a repetition.
	Beeped bool
	// Repairs are the corrections of drift, by field.
	Repairs [fieldCount]Repairs
	// Vanished counts the updates in a row that were answered as if the
	// participant was gone.
	Vanished int
}

// Sent is an accepted change of one field; the zero value is none.
type Sent struct {
	// Value that was sent.
	Value Value
	// RespondedAt is when the provider accepted it.
	RespondedAt time.Time
	// Echoed says that the response showed the value.
	Echoed bool
}

// settling reports whether an observation is too early to prove or disprove s.
func (s Sent) settling(o roster.Observation) bool {
	return !s.RespondedAt.IsZero() && (o.Echo || o.ObservedAt.Before(s.RespondedAt.Add(roster.Settle)))
}

// ResumeNotApplied returns the history of a participant that was reported as
// NotApplied before this process began: the slow schedule goes on.
func (h History) ResumeNotApplied(now time.Time) History {
	for field := range h.Unconfirmed {
		h.Unconfirmed[field] = backoff.State{Failures: unconfirmedLimit, NotBefore: now.Add(backoff.Unconfirmed.Longest())}
	}
	return h
}

// ForNewGeneration forgets every wait, refusal and contest, as after an edit;
// what was sent and applied stays true.
func (h History) ForNewGeneration() History {
	return History{Sent: h.Sent, AppliedInputs: h.AppliedInputs, Beeped: h.Beeped}
}

// Forgive forgets what was refused, as after a change of the account.
func (h History) Forgive() History {
	h.Refused, h.Denial = [fieldCount]Refusal{}, Denial{}
	h.Split, h.WithoutPair, h.CoacheeMissing = false, false, Refusal{}
	return h
}

// Confirm closes the books on what was sent, where the observation is late enough
// to be proof: what is in effect is forgotten, what is not is counted.
func (h History) Confirm(o roster.Observation, now time.Time) History {
	for field := range Field(fieldCount) {
		sent := h.Sent[field]
		if sent.RespondedAt.IsZero() || sent.settling(o) {
			continue
		}
		h.Sent[field] = Sent{}
		if valueOf(field, o.Participant) == sent.Value {
			h.Unconfirmed[field] = backoff.State{}
			continue
		}
		if h.Repairs[field].Contested > 0 {
			// It was changed back once more, only sooner.
			continue
		}
		h.Unconfirmed[field] = h.Unconfirmed[field].Fail(backoff.Unconfirmed, now)
	}
	return h
}

// Unproven reports whether something was accepted that no observation has proven.
func (h History) Unproven() bool {
	return h.Sent != [fieldCount]Sent{}
}

// assumed returns what is most likely true: the observation, save where an
// accepted change is newer than it can show.
func (h History) assumed(o roster.Observation) voice.Participant {
	assumed := o.Participant
	for field := range Field(fieldCount) {
		if h.Sent[field].settling(o) {
			setValue(field, &assumed, h.Sent[field].Value)
		}
	}
	return assumed
}

// otherMusic reports whether hold music is declared that is not what was applied last
// (R5).
func (h History) otherMusic(holdURL, holdMethod string) bool {
	return holdURL != "" && InputsDigest(holdURL, holdMethod) != h.AppliedInputs
}

// Lagging reports whether the observation shows an older value than one that was
// accepted, so that it isn't worth reporting.
func (h History) Lagging(o roster.Observation) bool {
	for field := range Field(fieldCount) {
		if h.Sent[field].settling(o) && h.Sent[field].Echoed && valueOf(field, o.Participant) != h.Sent[field].Value {
			return true
		}
	}
	return false
}
