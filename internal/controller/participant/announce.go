package participant

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/audit"
	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/tracing"
	"github.com/voiceops/conference-operator/internal/voice"
)

// announcer sends announcements, after the state and in requests of their own.
type announcer struct {
	persist persister
	queue   *enqueue.Queue[reconcile.Request]
	metrics *metrics.Metrics
	clock   func() time.Time
}

// refreshRecord brings the record of announcements up to date, also where nothing
// may be sent.
func (x *reconciliation) refreshRecord() {
	if !x.object.DeletionTimestamp.IsZero() {
		// A deletion withdraws what was not played.
		x.announcement = nil
	}
	record := recordOf(x.status)
	if x.memory.Unsaved != nil {
		// What became of a request could not be written down so far.
		record = *x.memory.Unsaved
	}
	record, x.recordAt = record.Refresh(x.announcement, x.now)
	x.setRecord(record)
	if record.Pending() {
		x.memory.Announcement = x.memory.Announcement.For(record.Current.ID)
	} else {
		x.memory.Announcement = memory.Announcement{}
	}
}

// announce plays a pending announcement after the state, once it may be played: the
// intent is written down first, so that it is never played twice (R10).
func (a announcer) announce(ctx context.Context, x *reconciliation, decision plan.Decision, found outcome) (outcome, error) {
	record := recordOf(x.status)
	if !record.Pending() || x.observes() {
		return found, nil
	}
	if x.sent {
		// A reconcile of its own plays, with an outcome of its own.
		return found.now(), nil
	}
	if may, at := x.mayAnnounce(decision); !may {
		return found.by(at), nil
	}
	release, ok := x.session.TryAcquire(admissionRequest(x, a.queue, false))
	if !ok {
		return found, nil
	}
	defer release()
	if x.stopping() != nil {
		return found, nil
	}
	x.setRecord(record.Intend(x.now))
	if stored, err := a.persist.intent(ctx, x, found); !stored || err != nil {
		x.setRecord(record)
		return noReport().at(x.now.Add(retryAfterResponse)), err
	}
	return a.transmit(ctx, x, found), nil
}

// announcementUpdate is the update that plays the announcement, and whether it
// carries a pair that is not to be changed.
func (x *reconciliation) announcementUpdate() (update voice.Update, carried bool) {
	return plan.Announce(x.announcement, x.desired, x.seen, x.memory.Updates)
}

// mayAnnounce reports whether the announcement may be played in this reconcile, or
// else when.
func (x *reconciliation) mayAnnounce(decision plan.Decision) (may bool, at time.Time) {
	pending := &x.memory.Announcement
	if pending.Retry.Waiting(x.now) {
		return false, pending.Retry.NotBefore
	}
	if denial := pending.Denial; denial.Waiting(x.session, x.now) {
		return false, denial.NotBefore()
	}
	if pending.Since.IsZero() {
		pending.Since = x.now
	}
	progress := decision.Progress
	if !decision.Update.IsZero() {
		progress = plan.Converging
	}
	may, at = plan.MayAnnounce(progress, pending.Since, x.now)
	if update, _ := x.announcementUpdate(); may && update.Coaching != nil && !memory.Current(x.seen, x.now) {
		// The pair that it repeats must not be an old one (R4).
		x.refresh(x.memory.CallSID, x.now)
		return false, time.Time{}
	}
	return may, at
}

// transmit plays an announcement after its intent was written down.
func (a announcer) transmit(ctx context.Context, x *reconciliation, found outcome) outcome {
	backlog, waited := x.memory.Backlog.Admit(x.now)
	a.metrics.Waited(waited)
	tracing.Waited(ctx, x.now, waited)
	x.memory.Backlog = backlog
	update, carried := x.announcementUpdate()
	audited := x.audited(ctx, audit.CauseAnnouncement, x.announcement.ID, audit.UpdateOf(update, x.seen.Participant))
	_, times, err := x.session.Update(audited, x.memory.Key.Conference, x.memory.CallSID, update)
	record, next := a.recordAnnouncement(x, carried, times, err)
	logf.FromContext(ctx).Info("Sent an announcement", "id", record.Current.ID, "state", record.Current.State, "class", voice.ClassOf(err))
	x.memory.Unsaved = &record
	x.setRecord(record)
	_, x.recordAt = record.Refresh(x.announcement, a.clock())
	return found.by(next)
}

// recordAnnouncement is the record after the response, and when to try again, if
// that is due.
func (a announcer) recordAnnouncement(x *reconciliation, carried bool, times voice.Times, err error) (record plan.Record, next time.Time) {
	record = recordOf(x.status)
	m := &x.memory
	switch failure := voice.AsError(err); voice.ClassOf(err) {
	case voice.ClassOK:
		return record.Accepted(times.Responded), time.Time{}
	case voice.ClassUnauthorized:
		var again bool
		if m.Announcement.Denial, again = m.Announcement.Denial.Deny(x.session, times.Responded); !again {
			return record.Rejected(failure, times.Responded), time.Time{}
		}
		return record.Release(), m.Announcement.Denial.NotBefore()
	case voice.ClassNotExecuted:
		return record.Release(), a.backOff(x)
	case voice.ClassGone:
		m.Look = m.Look.VoidUntil(times.Responded)
		x.refresh(m.CallSID, times.Responded)
		return record.Release(), a.backOff(x)
	case voice.ClassCoacheeMissing, voice.ClassRefused:
		if carried && x.refusesPair(failure) {
			m.Updates.WithoutPair = true
			return record.Release(), a.clock().Add(time.Millisecond)
		}
		return record.Rejected(failure, times.Responded), time.Time{}
	default:
		m.Look = m.Look.VoidUntil(times.Responded)
		return record.Unknown(x.announcement, times.Responded), a.backOff(x)
	}
}

// backOff puts the next try of an announcement off, longer each time.
func (a announcer) backOff(x *reconciliation) time.Time {
	pending := &x.memory.Announcement
	pending.Retry = pending.Retry.Fail(backoff.Request, a.clock())
	return pending.Retry.NotBefore
}

// refusesPair reports whether a refusal may be about the pair that was carried, so
// that the announcement is worth another try without it (R4).
func (x *reconciliation) refusesPair(failure *voice.Error) bool {
	return failure.Class == voice.ClassCoacheeMissing || x.desired.Coaching == nil && !failure.Permanent
}
