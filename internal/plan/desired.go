package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Desired is the declared state of one participant. A nil field is not managed.
type Desired struct {
	// Muted, Hold and Coaching are as declared; Coaching is true where only a
	// target is given.
	Muted, Hold, Coaching *bool
	// HoldURL and HoldMethod are set only while Hold is true and a URL is
	// declared; the method is always explicit then.
	HoldURL, HoldMethod string
	// Coachee is the participant to coach; meaningful only while Coaching is true.
	Coachee Coachee
	// DriftPolicy says what becomes of drift; it is no state.
	DriftPolicy v1alpha1.DriftPolicy `json:"-"`
	// Beep is whether a declared change beeps; it is no state.
	Beep *bool `json:"-"`
	// Once is what is brought about one time; it is no state.
	Once Once `json:"-"`
	// Digest identifies what is declared, with references by name.
	Digest string `json:"-"`
}

// Coachee is the participant to coach and what is known about it.
type Coachee struct {
	// SID of the call leg; empty while the reference can't be resolved.
	SID string
	// State of the call leg in the conference.
	State CoacheeState
	// Why says in a sentence what is wrong with it, for the states that wait.
	Why string
}

// CoacheeState is whether a participant can be coached.
type CoacheeState int

const (
	// CoacheeReady is in the conference and not on hold.
	CoacheeReady CoacheeState = iota
	// CoacheeAwaited is not in the conference yet, on hold, or not known yet.
	CoacheeAwaited
	// CoacheeRefused is not there by the provider's own word, whatever was seen.
	CoacheeRefused
	// CoacheeGone was in the conference and has left.
	CoacheeGone
	// CoacheeInvalid can never be coached: the reference itself is wrong.
	CoacheeInvalid
)

// DesiredOf returns what a spec declares, save the coachee, which has to be
// resolved.
func DesiredOf(spec *v1alpha1.ConferenceParticipantSpec) Desired {
	desired := Desired{
		Muted: spec.Muted, Hold: spec.Hold, Coaching: spec.Coaching,
		DriftPolicy: spec.DriftPolicy, Beep: spec.Beep, Once: onceOf(spec),
	}
	if targeted(spec) && desired.Coaching == nil {
		desired.Coaching = new(true)
	}
	desired.HoldURL, desired.HoldMethod = musicOf(spec.AudioControls)
	desired.Digest = specDigest(desired, spec)
	return desired
}

// musicOf is the music of a hold, with an explicit method: the documented default
// differs between versions of the API (R5). It is empty where there is none.
func musicOf(controls v1alpha1.AudioControls) (holdURL, holdMethod string) {
	if !isTrue(controls.Hold) || controls.HoldURL == "" {
		return "", ""
	}
	return string(controls.HoldURL), cmp.Or(string(controls.HoldMethod), string(v1alpha1.MethodPost))
}

// targeted reports whether a spec names a participant to coach.
func targeted(spec *v1alpha1.ConferenceParticipantSpec) bool {
	return spec.CallSIDToCoach != "" || spec.ParticipantToCoachRef != nil
}

// Whisper reports whether only the coachee is to hear the participant.
func (d Desired) Whisper() bool {
	return isTrue(d.Coaching) && isFalse(d.Muted)
}

// Empty reports whether nothing is declared.
func (d Desired) Empty() bool {
	return d.Muted == nil && d.Hold == nil && d.Coaching == nil
}

// InputsDigest identifies the declared inputs that the provider never returns;
// empty where none are declared.
func (d Desired) InputsDigest() string {
	if d.HoldURL == "" {
		return ""
	}
	return InputsDigest(d.HoldURL, d.HoldMethod)
}

// InputsDigest identifies hold music by its URL and method.
func InputsDigest(holdURL, holdMethod string) string {
	return digest([]string{holdURL, holdMethod})
}

// specDigest identifies the desired state of a spec, references by name.
func specDigest(desired Desired, spec *v1alpha1.ConferenceParticipantSpec) string {
	declared := struct {
		Desired   Desired
		Coachee   v1alpha1.SID
		Reference *v1alpha1.LocalReference
	}{Desired: desired}
	if isTrue(desired.Coaching) {
		declared.Coachee, declared.Reference = spec.CallSIDToCoach, spec.ParticipantToCoachRef
	}
	return digest(declared)
}

func digest(value any) string {
	// Plain structs of strings and booleans always encode.
	encoded, _ := json.Marshal(value)
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:16])
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }
