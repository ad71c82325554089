package voice

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// longestWait is the longest wait that is believed of a provider.
	longestWait = 15 * time.Minute
	// epochFrom is the number above which a reset is a Unix time, not a delay.
	epochFrom = 1_000_000_000
)

// retryAfter returns the wait that a 429 or 503 asks for, at most longestWait; 0
// if there is none. Retry-After comes first, a date or seconds. The dialect's
// header for a reset is read only of a 429: other responses carry it, too. A time is
// compared with that of the response, since the provider's clock may differ from
// ours.
func (d Dialect) retryAfter(status int, header http.Header, now time.Time) time.Duration {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	value := strings.TrimSpace(header.Get("Retry-After"))
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), longestWait)
	}
	if delay, ok := count(value); ok {
		return seconds(delay)
	}
	reset, ok := count(strings.TrimSpace(header.Get(d.RateLimitReset)))
	switch {
	case !ok || status != http.StatusTooManyRequests:
		return 0
	case reset > epochFrom:
		return seconds(reset - now.Unix())
	default:
		return seconds(reset)
	}
}

// count reads a number that is not negative. A number too large for an int64
// counts as the largest one.
func count(value string) (int64, bool) {
	number, err := strconv.ParseInt(value, 10, 64)
	return number, number >= 0 && (err == nil || errors.Is(err, strconv.ErrRange))
}

// seconds returns a number of seconds, between 0 and longestWait.
func seconds(number int64) time.Duration {
	return time.Duration(min(max(number, 0), int64(longestWait/time.Second))) * time.Second
}
