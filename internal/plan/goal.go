package plan

import (
	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voice"
)

// goal is the next state to bring a participant to. It is the declared one,
// save that nobody becomes audible by accident on the way there (R17). A nil
// part is left as it is.
type goal struct {
	value [parts]*Value
	// hold music, sent with a hold.
	holdURL, holdMethod string
	// look says that an observation, not an answer, must show the present state
	// before the rest may follow.
	look bool
	// coacheeMissing is the reason why the pair has to wait; empty if it hasn't.
	coacheeMissing string
	why            string
}

// goalOf returns where to go from what is believed; seen is the last
// observation, which alone is proof.
func goalOf(d Desired, believed voice.Participant, seen Observed) goal {
	g := goal{holdURL: d.HoldURL, holdMethod: d.HoldMethod}
	g.value[PartMute] = declared(d.Muted)
	g.value[PartHold] = declared(d.Hold)
	switch {
	case isTrue(d.Coaching):
		g.towardsCoaching(d, believed, seen)
	case isFalse(d.Coaching):
		g.towardsListening(d, believed, seen)
	}
	return g
}

func declared(on *bool) *Value {
	if on == nil {
		return nil
	}
	return &Value{On: *on}
}

// towardsCoaching builds a whisper in order: first the pair, muted; the unmute
// once the coaching was seen. While the coachee can't be coached only what
// closes is applied.
func (g *goal) towardsCoaching(d Desired, believed voice.Participant, seen Observed) {
	pair := Value{On: true, Coachee: d.Coachee.SID}
	inEffect := d.Coachee.SID != "" && pairOf(believed) == pair
	switch {
	case d.Coachee.State == CoacheeGone:
		g.wait(d, v1alpha1.ReasonCoacheeGone)
	case d.Coachee.State == CoacheeRefused:
		g.wait(d, v1alpha1.ReasonWaitingForCoachee)
	case d.Coachee.State == CoacheeInvalid:
		g.wait(d, v1alpha1.ReasonInvalidReference)
	case inEffect:
		g.unmuteOnceSeen(d, believed, !seen.Echo && pairOf(seen.Participant) == pair)
	case d.Coachee.State == CoacheeAwaited:
		g.wait(d, v1alpha1.ReasonWaitingForCoachee)
	default:
		g.value[PartCoaching] = &pair
		if d.Whisper() {
			g.value[PartMute] = &Value{On: true}
		}
	}
}

// unmuteOnceSeen leaves a muted whisperer muted until the coaching was seen.
func (g *goal) unmuteOnceSeen(d Desired, believed voice.Participant, pairSeen bool) {
	if d.Whisper() && believed.Muted && !pairSeen {
		g.value[PartMute] = nil
		g.look = true
	}
}

// wait applies what closes and leaves the rest for when the coachee is there.
func (g *goal) wait(d Desired, reason string) {
	g.coacheeMissing, g.why = reason, d.Coachee.Why
	if d.Whisper() {
		g.value[PartMute] = &Value{On: true}
	}
	if isFalse(d.Hold) {
		g.value[PartHold] = nil
	}
}

// towardsListening ends a coaching; a participant that is to be muted then is
// muted first.
func (g *goal) towardsListening(d Desired, believed voice.Participant, seen Observed) {
	g.value[PartCoaching] = &Value{}
	if !isTrue(d.Muted) || !believed.Coaching {
		return
	}
	if seen.Echo || !seen.Muted {
		g.value[PartCoaching] = nil
		g.look = believed.Muted
	}
}
