package plan

import (
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// Settle is how long after an update's answer an observation that shows
	// the old value is neither drift nor proof, since reads may lag (R6).
	Settle = 3 * time.Second

	// fruitlessLimit is how often a change may be accepted and not stick before
	// the retries become slow.
	fruitlessLimit = 3
)

// Observed is a participant as one request saw it.
type Observed struct {
	voice.Participant
	// SentAt is when that request was sent.
	SentAt time.Time
	// Echo says that it was the answer of an update, which is trusted but
	// proves nothing.
	Echo bool
}

// History is what this process remembers of its own updates to one
// participant. The zero value remembers nothing.
type History struct {
	// Sent is what was accepted and not yet proven, by part.
	Sent [parts]Sent
	// Slowed is the back-off of the parts that don't stick, by part.
	Slowed [parts]Slowed
	// Refused is what the provider refuses, by part.
	Refused [parts]Refusal
	// Split says that an update with several parts was refused, so that they
	// are sent one by one.
	Split bool
	// WithoutPair says that an update was refused that carried a pair nobody
	// declared, so that it is sent without (R4).
	WithoutPair bool
	// CoacheeMissing is the provider's word that a coachee is not there.
	CoacheeMissing Refusal
	// AppliedInputs is the digest of the hold music that was applied last.
	AppliedInputs string
	// Synced says that what is declared was in sync before, so that a difference
	// is drift: somebody else made it.
	Synced bool
	// Beeped says that an update for this generation was sent before, so that
	// the next one is a repetition.
	Beeped bool
	// Repairs are the corrections of drift, by part.
	Repairs [parts]Repairs
}

// Sent is an accepted change of one part; the zero value is none.
type Sent struct {
	// Value that was sent.
	Value Value
	// AnsweredAt is when the provider accepted it.
	AnsweredAt time.Time
	// Echoed says that the answer showed the value.
	Echoed bool
}

// settling says whether an observation is too early to prove or disprove s.
func (s Sent) settling(o Observed) bool {
	return !s.AnsweredAt.IsZero() && (o.Echo || o.SentAt.Before(s.AnsweredAt.Add(Settle)))
}

// Slowed is the back-off of a part that is accepted and doesn't stick.
type Slowed struct {
	// Fruitless is how often in a row.
	Fruitless int
	// Until is when the next try is due, once there were three.
	Until time.Time
}

// Slow returns the history of a participant that was reported as NotApplied
// before this process began: the slow schedule goes on.
func (h History) Slow(now time.Time) History {
	for part := range h.Slowed {
		h.Slowed[part] = Slowed{Fruitless: fruitlessLimit, Until: now.Add(slowest)}
	}
	return h
}

// Fresh forgets every wait, refusal and contest, as after an edit; what was sent
// and applied stays true.
func (h History) Fresh() History {
	return History{Sent: h.Sent, AppliedInputs: h.AppliedInputs, Beeped: h.Beeped}
}

// Forgive forgets what was refused, as after a change of the account.
func (h History) Forgive() History {
	h.Refused, h.Split, h.WithoutPair, h.CoacheeMissing = [parts]Refusal{}, false, false, Refusal{}
	return h
}

// Judge closes the books on what was sent, where the observation is late
// enough to be proof: what stuck is forgotten, what did not is counted.
func (h History) Judge(o Observed, now time.Time) History {
	for part := range Part(parts) {
		sent := h.Sent[part]
		if sent.AnsweredAt.IsZero() || sent.settling(o) {
			continue
		}
		h.Sent[part] = Sent{}
		if valueOf(part, o.Participant) == sent.Value {
			h.Slowed[part] = Slowed{}
			continue
		}
		if h.Repairs[part].Contested > 0 {
			// It was changed back once more, only sooner.
			continue
		}
		h.Slowed[part].Fruitless++
		h.Slowed[part].Until = now.Add(slow(h.Slowed[part].Fruitless))
	}
	return h
}

// Unproven says whether something was accepted that no observation has proven.
func (h History) Unproven() bool {
	return h.Sent != [parts]Sent{}
}

// believed returns what is true as far as anybody knows: the observation, save
// where an accepted change is newer than it can show.
func (h History) believed(o Observed) voice.Participant {
	believed := o.Participant
	for part := range Part(parts) {
		if h.Sent[part].settling(o) {
			setValue(part, &believed, h.Sent[part].Value)
		}
	}
	return believed
}

// otherMusic says whether hold music is declared that is not what was applied last
// (R5).
func (h History) otherMusic(holdURL, holdMethod string) bool {
	return holdURL != "" && InputsDigest(holdURL, holdMethod) != h.AppliedInputs
}

// Lagging says whether the observation shows an older value than one that was
// accepted, so that it isn't worth reporting.
func (h History) Lagging(o Observed) bool {
	for part := range Part(parts) {
		if h.Sent[part].settling(o) && h.Sent[part].Echoed && valueOf(part, o.Participant) != h.Sent[part].Value {
			return true
		}
	}
	return false
}
