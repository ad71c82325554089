package participant

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
)

// facts are everything that was read; nothing below gather reads more before it
// sends.
type facts struct {
	// object is the participant with the newest status that is known.
	object *v1alpha1.ConferenceParticipant
	// desired is what it declares, its coachee resolved.
	desired plan.Desired
	// announcement is what it asks to be announced, nil for nothing.
	announcement *plan.AnnouncementRequest
	// session is the way to the provider, nil if no request may be sent; account is
	// what is known of the VoiceAccount, and accountExists that there is one.
	session       Session
	account       provider.State
	accountExists bool
	// block is why the session sends nothing now, until blockedUntil.
	block        provider.Block
	blockedUntil time.Time
	// claim is the result of the comparison with the rivals for the call leg (R9).
	claim claim.Verdict
	// refusal is why the conference can't be listed.
	refusal roster.Refusal
	// child is what the object has of its Conference, if one has made it.
	child child
	// seen is what is known of the call leg.
	seen roster.Observation
}

// coaches reports whether coaching is declared.
func (f facts) coaches() bool { return f.desired.Coaching != nil && *f.desired.Coaching }
