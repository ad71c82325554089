package policy

import (
	"strings"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
)

// maxRoomName is how long the name of a room, and so a prefix, may be.
const maxRoomName = 64

// Matches reports whether a Conference is about a room of a name. Names are compared
// byte by byte (R18).
func Matches(spec *v1alpha1.ConferenceSpec, room string) bool {
	if spec.FriendlyName != "" {
		return room == string(spec.FriendlyName)
	}
	return spec.FriendlyNamePrefix != "" && strings.HasPrefix(room, string(spec.FriendlyNamePrefix))
}

// Precedence is the rank of a Conference among those that are about the same room: an
// exact name goes before a prefix, and a longer prefix before a shorter one. What is
// left, age and proof, is for claim.Decide (R19).
func Precedence(spec *v1alpha1.ConferenceSpec) claim.Precedence {
	if spec.FriendlyName != "" {
		return 0
	}
	return claim.Precedence(maxRoomName + 1 - len(spec.FriendlyNamePrefix))
}
