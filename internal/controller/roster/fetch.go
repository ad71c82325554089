package roster

import (
	"context"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// fetch sends the reads and the list that are due, and takes over the responses.
func (r *Reconciler) fetch(ctx context.Context, s scope, due roster.Poll) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	for _, request := range due.Reads {
		r.read(ctx, s, request)
	}
	switch {
	case due.List:
		r.list(ctx, s)
	case due.Conference && r.readConference(ctx, s):
		r.notifyDrift(s.roster.Lacking(r.Now()))
	}
}

// read serves a refresh request with a single read.
func (r *Reconciler) read(ctx context.Context, s scope, request roster.RefreshRequest) {
	participant, times, err := s.session.Read(ctx, s.key.Conference, request.CallSID)
	class := voice.ClassOf(err)
	if class != voice.ClassOK && class != voice.ClassGone {
		logf.FromContext(ctx).V(1).Info("A participant could not be read", "cause", err.Error())
		if refused(class) && !request.Read {
			s.roster.Invalidate()
		} else {
			r.recordFailure(s, err)
		}
		return
	}
	if !s.roster.RecordRead(request.CallSID, participant, class == voice.ClassOK, times) && !request.Read {
		// The list that is due now serves the request.
		return
	}
	s.roster.CompleteRead(request)
	r.Notify(request.Priority, request.Subscriber)
}

// refused reports whether a request was refused, which seldom ends by itself.
func refused(class voice.Class) bool {
	return class == voice.ClassUnauthorized || class == voice.ClassRefused
}

// list lists the whole conference.
func (r *Reconciler) list(ctx context.Context, s scope) {
	listing := roster.NewListing(r.Now())
	err := s.session.List(ctx, s.key.Conference, listing.Add)
	switch class := voice.ClassOf(err); {
	case class == voice.ClassOK || class == voice.ClassGone:
		r.applyList(ctx, s, listing, err != nil)
	case refused(class):
		logf.FromContext(ctx).V(1).Info("The list of a conference was refused", "cause", err.Error())
		if refusal := s.roster.RecordRefusal(voice.AsError(err), r.Now()); refusal.Tries <= roster.RefusedForGood {
			r.notifyDrift(s.roster.Subscribers(r.Now()))
		}
	default:
		logf.FromContext(ctx).V(1).Info("A conference could not be listed", "cause", err.Error())
		r.recordFailure(s, err)
	}
}

// recordFailure puts the next request off, unless the whole account waits for as
// long as the provider says.
func (r *Reconciler) recordFailure(s scope, err error) {
	if voice.AsError(err).RetryAfter == 0 {
		s.roster.RecordFailure(r.Now())
	}
}

// readConference reads the conference itself, and reports whether what that shows
// makes a difference.
func (r *Reconciler) readConference(ctx context.Context, s scope) (changed bool) {
	read, times, err := s.session.ReadConference(ctx, s.key.Conference)
	class := voice.ClassOf(err)
	switch {
	case class == voice.ClassOK:
		return s.roster.RecordConference(read, true, times)
	case class == voice.ClassGone && voice.AsError(err).Missing():
		return s.roster.RecordConference(voice.Conference{}, false, times)
	}
	logf.FromContext(ctx).V(1).Info("A conference could not be read", "cause", err.Error())
	s.roster.RecordConferenceFailure(class != voice.ClassNotExecuted && class != voice.ClassUnknownOutcome, r.Now())
	return false
}

// applyList takes over a complete list and enqueues the subscribers that requested
// it or are affected by it: all of them, if the last list was refused. Those that
// the list lacks wait for what the conference says of itself.
func (r *Reconciler) applyList(ctx context.Context, s scope, listing *roster.Listing, missing bool) {
	affected := s.roster.Affected
	if !s.roster.Refusal().At.IsZero() {
		affected = s.roster.Subscribers
	}
	s.roster.ApplyList(listing, missing, r.Now())
	refreshed, verified := s.roster.CompleteList(listing.Started(), r.Now())
	lacking := r.notifyPresent(s, refreshed)
	// Verifications run at low priority: the response was trusted already, so they
	// must not delay edits.
	r.notifyDrift(verified)
	if s.roster.ConferenceDue(r.Now()) && r.readConference(ctx, s) {
		r.notifyDrift(s.roster.Lacking(r.Now()))
	}
	for _, request := range lacking {
		r.Notify(request.Priority, request.Subscriber)
	}
	r.notifyDrift(affected(r.Now()))
}

// notifyPresent enqueues the subscribers that requested a call leg which is there,
// and returns the requests of the others.
func (r *Reconciler) notifyPresent(s scope, requests []roster.RefreshRequest) (lacking []roster.RefreshRequest) {
	for _, request := range requests {
		if s.roster.Observation(request.CallSID).Present {
			r.Notify(request.Priority, request.Subscriber)
		} else {
			lacking = append(lacking, request)
		}
	}
	return lacking
}

// notifyDrift has subscribers reconciled for what a list has shown.
func (r *Reconciler) notifyDrift(subscribers []roster.Subscriber) {
	for _, subscriber := range subscribers {
		r.Notify(enqueue.PriorityDrift, subscriber)
	}
}
