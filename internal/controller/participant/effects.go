package participant

import "github.com/voiceops/conference-operator/internal/roster"

// effects are what a reconcile asks of the other controllers. They are values:
// deciding on them has no effect.
type effects struct {
	// refresh are the observations that are needed.
	refresh []roster.RefreshRequest
	// unsubscribe ends everything that was asked of the roster before.
	unsubscribe bool
	// forgiveRefusal has a conference listed again that was refused.
	forgiveRefusal bool
	// enqueueRelated has the object's rivals and coaches reconciled.
	enqueueRelated bool
}
