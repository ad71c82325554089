package policy

import "time"

// Record is what a child says of the policy behind it, so that it survives a crash.
type Record struct {
	// Digest identifies what the Conference has declared for the child.
	Digest string `json:"digest,omitempty"`
	// Muted and Hold say that the field was closed for a while, not declared (R23).
	Muted bool `json:"muted,omitempty"`
	Hold  bool `json:"hold,omitempty"`
	// Waits says that the hold is that of waitForRole (R24).
	Waits bool `json:"waits,omitempty"`
	// Joined is the join that the child was made for; zero if it can't be read.
	Joined time.Time `json:"joined,omitzero"`
	// Left is when the call leg was seen to leave, for graceSeconds and
	// endWhenRoleLeaves (R24, R25).
	Left time.Time `json:"left,omitzero"`
}
