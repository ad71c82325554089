package conference

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	participants "github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/requests"
)

// target is a request of one id to one room.
type target struct {
	kind    requests.Kind
	sid, id string
}

// exchange is a request to a room that is being sent.
type exchange struct {
	*facts
	target

	memory   *memory
	session  Session
	declared *plan.AnnouncementRequest
	// lookedAt is when the look was sent that a repeated request needs; zero for none.
	lookedAt time.Time
}

// update changes the record of the request.
func (x *exchange) update(change func(plan.Record) plan.Record) {
	x.requests.ledgers[x.kind] = x.requests.ledgers[x.kind].Update(x.sid, change)
}

// putOff has the request tried again later.
func (x *exchange) putOff(now time.Time) {
	trials := x.memory.requests.trials
	trials[x.target] = trials[x.target].fail(backoff.Request, now)
	x.requests.by(trials[x.target].retry.NotBefore)
}

// deny puts the next try off after one that was refused as unauthorized, and reports
// whether there is one.
func (x *exchange) deny(now time.Time) (again bool) {
	trials := x.memory.requests.trials
	trials[x.target], again = trials[x.target].deny(x.session, now)
	x.requests.by(trials[x.target].notBefore(x.session, now))
	return again
}

// trial is what became of the last tries of one request to a room.
type trial struct {
	retry  backoff.State
	denial participants.Denial
}

// notBefore is when the next try is due; one that is not after now is due.
func (t trial) notBefore(session Session, now time.Time) time.Time {
	if t.denial.Waiting(session, now) && t.denial.NotBefore().After(t.retry.NotBefore) {
		return t.denial.NotBefore()
	}
	return t.retry.NotBefore
}

// fail puts the next try off, longer each time.
func (t trial) fail(schedule backoff.Schedule, now time.Time) trial {
	t.retry = t.retry.Fail(schedule, now)
	return t
}

// deny puts the next try off after one that was refused as unauthorized. again is false
// where it was refused throughout although the token is accepted (R8).
func (t trial) deny(session Session, now time.Time) (denied trial, again bool) {
	t.denial, again = t.denial.Deny(session, now)
	return t, again
}
