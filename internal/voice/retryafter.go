package voice

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// longestWait bounds what a provider may ask to wait.
	longestWait = 15 * time.Minute
	// epochFrom is from which number on a reset is a time, not a delay.
	epochFrom = 1_000_000_000
)

// retryAfter reads how long an answer asks to wait: Retry-After where it can be
// read, else, of who was throttled, X-Ratelimit-Reset, which is a time for some
// providers and a delay for others.
func retryAfter(status int, header http.Header, now time.Time) time.Duration {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	value := strings.TrimSpace(header.Get("Retry-After"))
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), longestWait)
	}
	if delay, ok := count(value); ok {
		return seconds(delay)
	}
	reset, ok := count(strings.TrimSpace(header.Get("X-Ratelimit-Reset")))
	switch {
	case !ok || status != http.StatusTooManyRequests:
		return 0
	case reset > epochFrom:
		return seconds(reset - now.Unix())
	default:
		return seconds(reset)
	}
}

// count reads a number that is not negative. One too large to be held is still
// one, the largest.
func count(value string) (int64, bool) {
	number, err := strconv.ParseInt(value, 10, 64)
	return number, number >= 0 && (err == nil || errors.Is(err, strconv.ErrRange))
}

func seconds(number int64) time.Duration {
	return time.Duration(min(max(number, 0), int64(longestWait/time.Second))) * time.Second
}
