package participant

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
)

// recordOf is what a status remembers of announcements.
func recordOf(status v1alpha1.ConferenceParticipantStatus) plan.Record {
	return plan.Record{Current: status.Announcement, Handled: status.HandledAnnouncementIDs}
}

func (p *pass) setRecord(record plan.Record) {
	p.status.Announcement, p.status.HandledAnnouncementIDs = record.Current, record.Handled
}

// refreshRecord brings the record of announcements up to date, also where
// nothing may be sent.
func (p *pass) refreshRecord() {
	declared := p.before.Spec.Announcement
	if !p.before.DeletionTimestamp.IsZero() {
		// Who deletes an object withdraws what was not played.
		declared = nil
	}
	record := recordOf(p.status)
	if p.notes.played != nil {
		// What became of a request could not be written down so far.
		record = *p.notes.played
	}
	record, p.recordAt = record.Refresh(declared, p.now)
	p.setRecord(record)
	switch {
	case !record.Pending():
		p.notes.announced = announced{}
	case p.notes.announced.id != record.Current.ID:
		p.notes.announced = announced{id: record.Current.ID}
	}
}

// play plays a pending announcement after the state, once it may be played: it
// is claimed in the status first, so that nobody ever plays it twice (R10).
func (r *Reconciler) play(ctx context.Context, p *pass, decision plan.Decision, found outcome) (outcome, error) {
	record := recordOf(p.status)
	if !record.Pending() || p.before.Spec.Mode == v1alpha1.ModeObserve {
		return found, nil
	}
	if p.sent {
		// A pass of its own plays, with an outcome of its own.
		r.again(p)
		return found, nil
	}
	if may, at := p.mayPlay(decision); !may {
		return found.soonerAt(at), nil
	}
	release, admitted := p.gateway.Admit(r.turn(p, false))
	if !admitted || p.stopping() != nil {
		return found, nil
	}
	defer release()
	p.setRecord(record.Claim(p.now))
	if won, err := r.secure(ctx, p, found); !won || err != nil {
		p.setRecord(record)
		return silent().at(p.now.Add(lookAfterAnswer)), err
	}
	return r.request(ctx, p, found), nil
}

// mayPlay says whether the announcement may be played in this pass, or when.
func (p *pass) mayPlay(decision plan.Decision) (may bool, at time.Time) {
	waits := &p.notes.announced
	if p.now.Before(waits.notBefore) {
		return false, waits.notBefore
	}
	if waits.since.IsZero() {
		waits.since = p.now
	}
	reason := decision.Reason
	if !decision.Update.IsZero() {
		reason = v1alpha1.ReasonConverging
	}
	return plan.MayAnnounce(reason, waits.since, p.now)
}

// request plays an announcement that was claimed.
func (r *Reconciler) request(ctx context.Context, p *pass, found outcome) outcome {
	r.Metrics.Waited(p.notes.admit(p.now))
	desired := plan.DesiredOf(&p.before.Spec)
	update, carried := plan.Announce(p.before.Spec.Announcement, desired, p.sight.Observed, p.notes.history)
	_, times, err := p.gateway.Update(ctx, p.key.Conference, p.notes.call, update)
	record, next := r.heard(p, carried, times, err)
	logf.FromContext(ctx).Info("Sent an announcement", "id", record.Current.ID, "state", record.Current.State, "class", voice.ClassOf(err))
	p.notes.played = &record
	p.setRecord(record)
	_, p.recordAt = record.Refresh(p.before.Spec.Announcement, r.Now())
	return found.soonerAt(next)
}

// heard is the record after the answer, and when to try again, if that is due.
func (r *Reconciler) heard(p *pass, carried bool, times gateway.Times, err error) (record plan.Record, next time.Time) {
	record = recordOf(p.status)
	switch failure := voice.AsError(err); voice.ClassOf(err) {
	case voice.ClassOK:
		return record.Accepted(times.Answered), time.Time{}
	case voice.ClassUnauthorized:
		if p.notes.alone(p.notes.announced.deniedAt) {
			return record.Rejected(failure, times.Answered), time.Time{}
		}
		p.notes.announced.deniedAt = times.Answered
		return record.Release(), r.announceLater(p)
	case voice.ClassNotExecuted:
		return record.Release(), r.announceLater(p)
	case voice.ClassGone:
		p.notes.voidUntil = times.Answered
		r.ask(p, p.notes.call, times.Answered)
		return record.Release(), r.announceLater(p)
	case voice.ClassCoacheeMissing, voice.ClassRefused:
		if carried && p.refusesPair(failure) {
			p.notes.history.WithoutPair = true
			return record.Release(), r.Now().Add(time.Millisecond)
		}
		return record.Rejected(failure, times.Answered), time.Time{}
	default:
		p.notes.voidUntil = times.Answered
		return record.Unknown(p.before.Spec.Announcement, times.Answered), r.announceLater(p)
	}
}

// announceLater puts the next try of an announcement off, longer each time.
func (r *Reconciler) announceLater(p *pass) time.Time {
	waits := &p.notes.announced
	waits.notBefore = r.Now().Add(gateway.Backoff(waits.failures, slowestRetry))
	waits.failures++
	return waits.notBefore
}

// refusesPair says whether a refusal may be about the pair that was carried, so
// that the announcement is worth another try without it (R4).
func (p *pass) refusesPair(failure *voice.Error) bool {
	declared := p.before.Spec.Coaching != nil || plan.Targeted(&p.before.Spec)
	return failure.Class == voice.ClassCoacheeMissing || !declared && !failure.Permanent
}
