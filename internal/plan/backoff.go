package plan

import "time"

// slowest is the longest wait between two tries of something that is accepted
// and doesn't stick.
const slowest = 5 * time.Minute

// slow is the wait before the next try after so many fruitless ones: none
// below the limit, then growing.
func slow(fruitless int) time.Duration {
	if fruitless < fruitlessLimit {
		return 0
	}
	wait := 30 * time.Second
	for range fruitless - fruitlessLimit {
		wait = min(2*wait, slowest)
	}
	return wait
}

// Refused says when something refused for the n-th time is tried again; not
// at all (false) after the third retry.
func retryRefused(tries int) (time.Duration, bool) {
	switch tries {
	case 1:
		return 10 * time.Second, true
	case 2:
		return time.Minute, true
	case 3:
		return 5 * time.Minute, true
	default:
		return 0, false
	}
}

// retryCoachee is the wait after the provider said for the n-th time that the
// coachee is missing: it joins any moment, so soon at first.
func retryCoachee(tries int) time.Duration {
	wait := time.Second
	for range tries - 1 {
		wait = min(2*wait, 15*time.Second)
	}
	return wait
}
