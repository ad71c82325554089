package plan

import (
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// target is the next state to bring a participant to. It is the declared one,
// save that no participant becomes audible by accident on the way there (R17). A
// nil field is left as it is.
type target struct {
	value [fieldCount]*Value
	// holdURL and holdMethod are the hold music, sent with a hold.
	holdURL, holdMethod string
	// look says that an observation, not an echo, must show the present state
	// before the rest may follow.
	look bool
	// coachee is why the pair has to wait, explained by why; InSync if it hasn't.
	coachee Progress
	why     string
}

// targetOf returns where to go from what is assumed; seen is the last
// observation, which alone is proof.
func targetOf(d Desired, assumed voice.Participant, seen roster.Observation) target {
	t := target{holdURL: d.HoldURL, holdMethod: d.HoldMethod}
	t.value[FieldMute] = declared(d.Muted)
	t.value[FieldHold] = declared(d.Hold)
	switch {
	case isTrue(d.Coaching):
		t.towardsCoaching(d, assumed, seen)
	case isFalse(d.Coaching):
		t.towardsListening(d, assumed, seen)
	}
	return t
}

func declared(on *bool) *Value {
	if on == nil {
		return nil
	}
	return &Value{On: *on}
}

// towardsCoaching builds a whisper in order: first the pair, muted; the unmute
// once the coaching was seen. While the coachee can't be coached only what
// restricts is applied.
func (t *target) towardsCoaching(d Desired, assumed voice.Participant, seen roster.Observation) {
	pair := Value{On: true, Coachee: d.Coachee.SID}
	inEffect := d.Coachee.SID != "" && pairOf(assumed) == pair
	switch {
	case d.Coachee.State == CoacheeGone:
		t.wait(d, CoacheeLost)
	case d.Coachee.State == CoacheeRefused:
		t.wait(d, AwaitingCoachee)
	case d.Coachee.State == CoacheeInvalid:
		t.wait(d, ReferenceInvalid)
	case inEffect && !d.unmuteRefused(assumed):
		t.unmuteOnceSeen(d, assumed, !seen.Echo && pairOf(seen.Participant) == pair)
	case d.Coachee.State == CoacheeAwaited:
		t.wait(d, AwaitingCoachee)
	default:
		t.value[FieldCoaching] = &pair
		if d.Whisper() {
			t.value[FieldMute] = &Value{On: true}
		}
	}
}

// unmuteRefused reports whether a whisperer has to wait for its unmute: that repeats the
// pair, which the provider refuses while the coachee is on hold.
func (d Desired) unmuteRefused(assumed voice.Participant) bool {
	return d.Coachee.State == CoacheeAwaited && d.Whisper() && assumed.Muted
}

// unmuteOnceSeen leaves a muted whisperer muted until the coaching was seen.
func (t *target) unmuteOnceSeen(d Desired, assumed voice.Participant, pairSeen bool) {
	if d.Whisper() && assumed.Muted && !pairSeen {
		t.value[FieldMute] = nil
		t.look = true
	}
}

// wait applies what restricts and leaves the rest for when the coachee is there.
func (t *target) wait(d Desired, progress Progress) {
	t.coachee, t.why = progress, d.Coachee.Why
	if d.Whisper() {
		t.value[FieldMute] = &Value{On: true}
	}
	if isFalse(d.Hold) {
		t.value[FieldHold] = nil
	}
}

// towardsListening ends a coaching; a participant that is to be muted then is
// muted first.
func (t *target) towardsListening(d Desired, assumed voice.Participant, seen roster.Observation) {
	t.value[FieldCoaching] = &Value{}
	if !isTrue(d.Muted) || !assumed.Coaching {
		return
	}
	if seen.Echo || !seen.Muted {
		t.value[FieldCoaching] = nil
		t.look = assumed.Muted
	}
}
