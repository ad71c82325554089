package plan

import (
	"slices"
	"time"

	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Decision is what to do about one participant now.
type Decision struct {
	// Update is the one update to send; empty if there is none.
	Update voice.Update
	// Fields are what Update changes, what restricts first; the carried pair of R4
	// is not among them.
	Fields []Field
	// Repairs are those of Fields that correct what another party has changed.
	Repairs []Field
	// Desired is what the decision was made for.
	Desired Desired
	// PairCarried says that Update repeats an undeclared pair.
	PairCarried bool
	// Progress is how far the participant is from what is declared, before the
	// update.
	Progress Progress
	// Message explains Progress in a stable sentence.
	Message string
	// Differences are what differs from the declared state, in the order
	// of the fields in the spec.
	Differences []Difference
	// Deferred are the fields that differ and are not sent now, what restricts
	// first: they are refused, not confirmed or contested.
	Deferred []Field
	// Coachee is why the coaching has to wait, whatever else does; InSync if it has
	// not.
	Coachee Progress
	// OnceDone are the fields of what is done once that the observation shows to be
	// done.
	OnceDone []Field
	// Synced says that what is declared is in effect, whatever is left to do once.
	Synced bool
	// OnceLook is when to observe what is to be done once and is so already; zero is
	// never.
	OnceLook time.Time
	// Protects says that Update mutes a whisperer of which the coaching is built again:
	// that mute is the operator's own, and is lifted again by it (R17).
	Protects bool
	// Look says that the next step waits for an observation.
	Look bool
	// Next is when to decide again without being woken; zero is never.
	Next time.Time
}

// Restricts reports whether the update keeps people from hearing or being heard,
// in the field that it changes first.
func (decision Decision) Restricts() bool {
	return len(decision.Fields) > 0 && restricts(sentValue(decision.Fields[0], decision.Update))
}

// Opens reports whether the update lets people hear or be heard, in any field.
func (decision Decision) Opens() bool {
	return slices.ContainsFunc(decision.Fields, decision.OpensField)
}

// OpensField reports whether the update lets people hear or be heard in one of the fields
// that it changes.
func (decision Decision) OpensField(field Field) bool {
	return !restricts(sentValue(field, decision.Update))
}

// Next decides what to do about a participant that is in its conference.
func Next(d Desired, o roster.Observation, h History, now time.Time) Decision {
	d = h.withoutRefusedCoachee(d, now)
	assumed, declared := h.assumed(o), d
	var decision Decision
	d.Once, decision.OnceDone, decision.OnceLook = d.Once.judge(o, assumed, h)
	d = d.withOnce()
	t := targetOf(d, assumed, o)
	open := t.differing(assumed, h)
	due, deferred, yielded := t.sendable(d, h, open, now)
	due = h.together(due)
	decision.Fields, decision.Deferred, decision.Desired, decision.Coachee, decision.Look = due, deferred, d, t.coachee, t.look
	decision.Differences = differences(declared, assumed, h)
	if len(due) > 0 {
		decision.Update, decision.PairCarried = t.update(d, assumed, h, due)
		decision.Update.Beep = h.beep(d, due)
		decision.Protects = t.coachee == InSync && slices.Contains(due, FieldMute) && t.protects(d)
		decision.Repairs = slices.DeleteFunc(slices.Clone(due), func(field Field) bool { return !t.drifted(d, h, field) })
	}
	decision.explain(t, h, yielded, now)
	decision.Synced = t.coachee == InSync && !t.look && len(yielded) == 0 && !slices.ContainsFunc(open, d.Once.declared) &&
		!h.unechoed(d.Once.declared) && !h.repairedLately(now)
	return decision
}

// withoutRefusedCoachee has a coachee waited for that the provider says is not there.
func (h History) withoutRefusedCoachee(d Desired, now time.Time) Desired {
	if now.Before(h.CoacheeMissing.Until) && d.Coachee.SID == h.CoacheeMissing.Coachee {
		d.Coachee.State, d.Coachee.Why = CoacheeRefused, h.CoacheeMissing.Message
	}
	return d
}

// differing returns the fields that are not at their target, what restricts first.
func (t target) differing(assumed voice.Participant, h History) []Field {
	var closing, opening []Field
	for field, value := range t.value {
		field := Field(field)
		switch {
		case value == nil || !t.differs(field, assumed, h):
		case restricts(*value):
			closing = append(closing, field)
		default:
			opening = append(opening, field)
		}
	}
	return append(closing, opening...)
}

func (t target) differs(field Field, assumed voice.Participant, h History) bool {
	if valueOf(field, assumed) != *t.value[field] {
		return true
	}
	return field == FieldHold && assumed.Hold && h.otherMusic(t.holdURL, t.holdMethod)
}

// sendable separates the fields that may be sent now from those that are deferred
// because they are refused, not confirmed or contested, and from those that are
// left alone by policy.
func (t target) sendable(d Desired, h History, open []Field, now time.Time) (due, deferred, yielded []Field) {
	for _, field := range open {
		drifted := t.drifted(d, h, field)
		switch {
		case drifted && d.yields(*t.value[field]):
			yielded = append(yielded, field)
		case h.Refused[field].inForce(now), h.Unconfirmed[field].Waiting(now), drifted && h.contested(field, *t.value[field], now):
			deferred = append(deferred, field)
		default:
			due = append(due, field)
		}
	}
	return due, deferred, yielded
}

// together is which of the due fields go into one update: what was refused goes by
// itself, so that it takes nothing else along if it is refused again, and so does
// each field after a refusal of several.
func (h History) together(due []Field) []Field {
	refused := func(field Field) bool { return h.Refused[field].Tries > 0 }
	switch {
	case len(due) == 0:
		return nil
	case h.Split || refused(due[0]):
		return due[:1]
	default:
		return slices.DeleteFunc(due, refused)
	}
}

// beep is whether an update beeps: with a declared change or what is done once, and
// not with a repair or a repetition; nil leaves it to the provider (R12).
func (h History) beep(d Desired, due []Field) *bool {
	if d.Beep == nil {
		return nil
	}
	repairs := h.Synced && !slices.ContainsFunc(due, func(field Field) bool { return d.Once.Pending[field] })
	return new(*d.Beep && !repairs && !h.Beeped)
}

// update builds the request: the fields that differ, and beside them the
// coaching pair wherever leaving it out could end a coaching (R4).
func (t target) update(d Desired, assumed voice.Participant, h History, due []Field) (u voice.Update, carried bool) {
	for _, field := range due {
		t.write(field, &u)
	}
	pair := pairOf(assumed)
	managed := d.Coaching != nil
	repeats := managed || pair.On && !h.WithoutPair
	if slices.Contains(due, FieldCoaching) || !repeats || pair.On && t.refuses(pair, d, h) {
		return u, false
	}
	u.Coaching, u.CallSIDToCoach = &pair.On, pair.Coachee
	return u, !managed
}

// refuses reports whether the provider would refuse a pair that is repeated,
// since the coachee is not there.
func (t target) refuses(pair Value, d Desired, h History) bool {
	if pair.Coachee == d.Coachee.SID {
		return t.coachee != InSync
	}
	return h.WithoutPair
}

// write puts the target of a field into an update.
func (t target) write(field Field, u *voice.Update) {
	value := *t.value[field]
	switch field {
	case FieldMute:
		u.Muted = &value.On
	case FieldHold:
		u.Hold = &value.On
		if value.On {
			u.HoldURL, u.HoldMethod = t.holdURL, t.holdMethod
		}
	case FieldCoaching:
		u.Coaching, u.CallSIDToCoach = &value.On, value.Coachee
	}
}
