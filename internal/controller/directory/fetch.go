package directory

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// fetch sends what is due.
func (r *Reconciler) fetch(ctx context.Context, s scope, due directory.Poll) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	if due.List {
		r.list(ctx, s)
	}
	for _, sid := range due.Reads {
		r.read(ctx, s, sid)
	}
}

// list lists the rooms that were not started, then those in progress, so that none is
// missed which starts meanwhile.
func (r *Reconciler) list(ctx context.Context, s scope) {
	listing := directory.NewListing(r.Now())
	for _, status := range []string{voice.ConferenceInit, voice.ConferenceInProgress} {
		if err := s.session.ListConferences(ctx, status, listing.Add); err != nil {
			logf.FromContext(ctx).V(1).Info("The conferences of an account could not be listed", "cause", err.Error())
			listing.EndEarly()
			r.recordFailure(s, voice.AsError(err))
			break
		}
	}
	r.NotifyConferences(r.Directories.ApplyList(s.account, listing, r.emptied(s), r.Now()))
}

// recordFailure puts the next list off, unless the whole account waits for as long as the
// provider says. The Conferences that know of no list so far say what they wait for.
func (r *Reconciler) recordFailure(s scope, failure *voice.Error) {
	switch failure.Class {
	case voice.ClassUnauthorized, voice.ClassRefused, voice.ClassGone:
		r.NotifyConferences(r.Directories.RecordRefusal(s.account, failure, r.Now()))
	default:
		if failure.RetryAfter == 0 {
			r.Directories.RecordFailure(s.account, r.Now())
		}
		r.NotifyConferences(r.Directories.Unlisted(s.account))
	}
}

// read reads a conference that a list lacks.
func (r *Reconciler) read(ctx context.Context, s scope, sid string) {
	read, times, err := s.session.ReadConference(ctx, sid)
	missing := voice.ClassOf(err) == voice.ClassGone && voice.AsError(err).Missing()
	if err != nil && !missing {
		logf.FromContext(ctx).V(1).Info("A conference could not be read", "cause", err.Error())
		r.Directories.RecordReadFailure(s.account, sid, r.Now())
		return
	}
	r.NotifyConferences(r.Directories.RecordRead(s.account, sid, read.Status, r.emptied(s), r.Now()))
	if read.Status == voice.ConferenceCompleted {
		for _, subscriber := range r.Rosters.End(roster.Key{Account: s.account, Conference: sid}, times) {
			r.Notify(enqueue.PriorityDrift, sid, subscriber)
		}
	}
}

// emptied tells whether a room's own list has no call leg.
func (r *Reconciler) emptied(s scope) directory.Emptied {
	return func(sid string, since time.Time) bool {
		return r.Rosters.Emptied(roster.Key{Account: s.account, Conference: sid}, since)
	}
}
