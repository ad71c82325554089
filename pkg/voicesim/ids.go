package voicesim

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
)

// newUUID returns a random UUID of version 4.
func newUUID() string {
	var b [16]byte
	// Read never fails: it ends the program instead.
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return uuidOf(b)
}

func uuidOf(b [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// The prefixes of page tokens.
const (
	tokenAfter  = "PA"
	tokenBefore = "PB"
)

// newPageToken returns a token for the items after or before a place in a list.
// It is not valid for another list.
func newPageToken(prefix, list string, place uint64) string {
	sum := tokenSum(prefix, list, place)
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], sum)
	binary.BigEndian.PutUint64(b[8:], place^sum)
	return prefix + hex.EncodeToString(b[:])
}

// parsePageToken returns prefix and place of a token, and whether it is a token of
// this list.
func parsePageToken(list, token string) (string, uint64, bool) {
	if len(token) < len(tokenAfter) {
		return "", 0, false
	}
	prefix, digits := token[:len(tokenAfter)], token[len(tokenAfter):]
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != 16 || prefix != tokenAfter && prefix != tokenBefore {
		return "", 0, false
	}
	sum := binary.BigEndian.Uint64(b[:8])
	place := binary.BigEndian.Uint64(b[8:]) ^ sum
	return prefix, place, sum == tokenSum(prefix, list, place)
}

func tokenSum(prefix, list string, place uint64) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s/%s/%d", prefix, list, place)
	return h.Sum64()
}
