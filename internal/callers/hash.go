package callers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"

	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

// NewHash returns a hash of numbers with a key of its own, which lives as long as the
// process: what is kept of a number can't be compared with what another one has (R30).
func NewHash() func(voice.Number) policy.Number {
	key := make([]byte, sha256.Size)
	// It never returns an error.
	_, _ = rand.Read(key)
	return func(number voice.Number) (hashed policy.Number) {
		made := hmac.New(sha256.New, key)
		_, _ = made.Write([]byte(number.Reveal()))
		copy(hashed[:], made.Sum(nil))
		return hashed
	}
}
