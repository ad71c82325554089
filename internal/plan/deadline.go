package plan

import "time"

// revivalWindow is how long the conferences of objects that left are listed.
const revivalWindow = 2 * time.Minute

// RevivableUntil is until when a participant that left at a time is still looked
// for.
func RevivableUntil(finished time.Time) time.Time { return finished.Add(revivalWindow) }

// Deadline returns until when a participant that was never seen is waited for:
// from the creation of its object, or from the account's first readiness if
// later. The zero time is for ever.
func Deadline(created, accountReady time.Time, joinDeadlineSeconds int32) time.Time {
	if joinDeadlineSeconds == 0 {
		return time.Time{}
	}
	if accountReady.After(created) {
		created = accountReady
	}
	return created.Add(time.Duration(joinDeadlineSeconds) * time.Second)
}
