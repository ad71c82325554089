package plan

import (
	"slices"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Decision is what to do about one participant now.
type Decision struct {
	// Update is the one update to send; empty if there is none.
	Update voice.Update
	// Parts are what Update changes, what closes first; the carried pair of R4
	// is not among them.
	Parts []Part
	// Repairs are those of Parts that correct what somebody else has changed.
	Repairs []Part
	// Desired is what the decision was made for.
	Desired Desired
	// PairCarried says that Update repeats a pair that nobody declared.
	PairCarried bool
	// Reason is why nothing is sent, or what is reached with the update: one of
	// the reasons of a participant's Ready condition.
	Reason string
	// Message explains Reason in a stable sentence.
	Message string
	// Differences are what differs from the declared state, in the order
	// of the fields in the spec.
	Differences []Difference
	// Look says that the next step waits for an observation.
	Look bool
	// Next is when to decide again without being woken; zero is never.
	Next time.Time
}

// Closes says whether the update keeps people from hearing, in whatever it
// changes first.
func (decision Decision) Closes() bool {
	return len(decision.Parts) > 0 && closes(sentValue(decision.Parts[0], decision.Update))
}

// Next decides what to do about a participant that is in its conference.
func Next(d Desired, o Observed, h History, now time.Time) Decision {
	if now.Before(h.CoacheeMissing.Until) && d.Coachee.SID == h.CoacheeMissing.Coachee {
		d.Coachee.State, d.Coachee.Why = CoacheeRefused, h.CoacheeMissing.Message
	}
	believed := h.believed(o)
	g := goalOf(d, believed, o)
	open := g.differing(believed, h)
	due, held, yielded := g.sendable(d, h, open, now)
	if h.Split && len(due) > 1 {
		due = due[:1]
	}
	decision := Decision{
		Parts: due, Desired: d, Look: g.look,
		Differences: differences(d, believed, h),
	}
	if len(due) > 0 {
		decision.Update, decision.PairCarried = g.update(d, believed, h, due)
		decision.Update.Beep = h.beep(d)
		decision.Repairs = slices.DeleteFunc(slices.Clone(due), func(part Part) bool { return !g.drifted(d, h, part) })
	}
	decision.explain(g, h, held, yielded, now)
	return decision
}

// differing returns the parts that are not at their goal, what closes first.
func (g goal) differing(believed voice.Participant, h History) []Part {
	var closing, opening []Part
	for part, value := range g.value {
		part := Part(part)
		switch {
		case value == nil || !g.differs(part, believed, h):
		case closes(*value):
			closing = append(closing, part)
		default:
			opening = append(opening, part)
		}
	}
	return append(closing, opening...)
}

func (g goal) differs(part Part, believed voice.Participant, h History) bool {
	if valueOf(part, believed) != *g.value[part] {
		return true
	}
	return part == PartHold && believed.Hold && h.otherMusic(g.holdURL, g.holdMethod)
}

// sendable separates the parts that may be sent now from those that have to
// wait because they are refused, don't stick or are contested, and from those
// that are left alone by policy.
func (g goal) sendable(d Desired, h History, open []Part, now time.Time) (due, held, yielded []Part) {
	for _, part := range open {
		drifted := g.drifted(d, h, part)
		switch {
		case drifted && d.yields(*g.value[part]):
			yielded = append(yielded, part)
		case h.Refused[part].holds(now), now.Before(h.Slowed[part].Until), drifted && h.contested(part, *g.value[part], now):
			held = append(held, part)
		default:
			due = append(due, part)
		}
	}
	return due, held, yielded
}

// beep says whether an update beeps: with a declared change, and not with a
// repair or a repetition; nil leaves it to the provider (R12).
func (h History) beep(d Desired) *bool {
	if d.Beep == nil {
		return nil
	}
	return new(*d.Beep && !h.Synced && !h.Beeped)
}

// update builds the request: the parts that differ, and beside them the
// coaching pair wherever leaving it out could end a coaching (R4).
func (g goal) update(d Desired, believed voice.Participant, h History, due []Part) (u voice.Update, carried bool) {
	for _, part := range due {
		g.write(part, &u)
	}
	pair := pairOf(believed)
	managed := d.Coaching != nil
	repeats := managed || pair.On && !h.WithoutPair
	if slices.Contains(due, PartCoaching) || !repeats || pair.On && g.refuses(pair, d, h) {
		return u, false
	}
	u.Coaching, u.CallSIDToCoach = &pair.On, pair.Coachee
	return u, !managed
}

// refuses says whether the provider would refuse a pair that is repeated, since
// the coachee is not there.
func (g goal) refuses(pair Value, d Desired, h History) bool {
	if pair.Coachee == d.Coachee.SID {
		return g.coacheeMissing != ""
	}
	return h.WithoutPair
}

// write puts the goal of a part into an update.
func (g goal) write(part Part, u *voice.Update) {
	value := *g.value[part]
	switch part {
	case PartMute:
		u.Muted = &value.On
	case PartHold:
		u.Hold = &value.On
		if value.On {
			u.HoldURL, u.HoldMethod = g.holdURL, g.holdMethod
		}
	case PartCoaching:
		u.Coaching, u.CallSIDToCoach = &value.On, value.Coachee
	}
}
