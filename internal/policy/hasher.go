package policy

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
)

// Hasher turns numbers into keyed hashes, so that none is kept (R30).
type Hasher struct {
	key []byte
}

// NewHasher returns a Hasher with a key, which is to be random and to live as long
// as the process: what two of them make can't be compared.
func NewHasher(key []byte) Hasher {
	return Hasher{key: append([]byte(nil), key...)}
}

// Hash returns the hash of a number as it is compared. What is neither E.164 nor a
// SIP address is withheld: its hash is zero and matches nothing.
func (h Hasher) Hash(number string) Number {
	number = strings.TrimSpace(number)
	if !isNumber(number) {
		return Number{}
	}
	mac := hmac.New(sha256.New, h.key)
	mac.Write([]byte(normalize(number)))
	return Number(mac.Sum(nil)[:len(Number{})])
}

// normalize returns the form in which numbers are compared. E.164 is as it is. Of a
// SIP address scheme and host are in lower case, for they have no case, and
// parameters and headers are left out, for they say how it is reached; user and port
// stay, and sip and sips are two.
func normalize(number string) string {
	scheme, address, found := strings.Cut(number, ":")
	if !found {
		return number
	}
	user, host, found := strings.Cut(address, "@")
	if !found {
		user, host = "", address
	}
	if end := strings.IndexAny(host, ";?"); end >= 0 {
		host = host[:end]
	}
	if found {
		user += "@"
	}
	return strings.ToLower(scheme) + ":" + user + strings.ToLower(host)
}
