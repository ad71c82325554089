package callers

import "time"

const (
	// judgedFor is for how long a look-up counts, and fewFailures how many of them have
	// to fail at the least.
	judgedFor   = time.Minute
	fewFailures = 2
)

// outcomes counts the look-ups of the last minute, by the second.
type outcomes []tally

// tally is the look-ups of one second.
type tally struct {
	second        time.Time
	total, failed int
}

// note counts a look-up.
func (o *outcomes) note(failed bool, now time.Time) {
	o.forget(now)
	second := now.Truncate(time.Second)
	if last := len(*o) - 1; last < 0 || !(*o)[last].second.Equal(second) {
		*o = append(*o, tally{second: second})
	}
	counted := &(*o)[len(*o)-1]
	counted.total++
	if failed {
		counted.failed++
	}
}

// forget drops the look-ups that do not count any more.
func (o *outcomes) forget(now time.Time) {
	for len(*o) > 0 && now.Sub((*o)[0].second) >= judgedFor {
		*o = (*o)[1:]
	}
}

// failing reports whether more than half of the look-ups have failed.
func (o *outcomes) failing(now time.Time) bool {
	o.forget(now)
	total, failed := 0, 0
	for _, counted := range *o {
		total, failed = total+counted.total, failed+counted.failed
	}
	return failed >= fewFailures && 2*failed > total
}
