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
	for _, callSID := range due.Rows {
		r.readRow(ctx, s, callSID)
	}
	switch {
	case due.List:
		r.list(ctx, s)
	case due.Conference && r.readConference(ctx, s):
		r.notifyDrift(s, s.roster.Lacking(r.Now()))
	}
	r.notifyDrift(s, s.roster.TakeNews(r.Now()))
}

// read serves a refresh request with a single read.
func (r *Reconciler) read(ctx context.Context, s scope, request roster.RefreshRequest) {
	participant, times, err := s.session.Read(ctx, s.key.Conference, request.CallSID)
	class := voice.ClassOf(err)
	if failure := voice.AsError(err); failure != nil && failure.Flaw != "" {
		s.roster.RecordUnreadable(request.CallSID, failure.Flaw, times)
		s.roster.CompleteRead(request)
		r.Notify(request.Priority, s.key.Conference, request.Subscriber)
		return
	}
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
	r.Notify(request.Priority, s.key.Conference, request.Subscriber)
}

// readRow reads a call leg of which the last list said nothing. Whatever becomes of
// that, it holds up no other request of the conference.
func (r *Reconciler) readRow(ctx context.Context, s scope, callSID string) {
	participant, times, err := s.session.Read(ctx, s.key.Conference, callSID)
	class := voice.ClassOf(err)
	shown := class == voice.ClassOK || class == voice.ClassGone
	if failure := voice.AsError(err); failure != nil && failure.Flaw != "" {
		s.roster.RecordUnreadable(callSID, failure.Flaw, times)
	} else if !shown || !s.roster.RecordRead(callSID, participant, class == voice.ClassOK, times) {
		s.roster.RetryRow(callSID, r.Now())
		return
	}
	refreshed, verified := s.roster.CompleteRow(callSID, times.Sent, r.Now())
	r.notify(s, refreshed, verified, s.roster.AffectedBy(callSID, r.Now()))
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
	case err != nil && listing.Begun():
		logf.FromContext(ctx).V(1).Info("The list of a conference ended early", "cause", err.Error())
		listing.EndEarly(voice.AsError(err).Flaw)
		r.applyList(ctx, s, listing, false)
	case class == voice.ClassOK || class == voice.ClassGone:
		r.applyList(ctx, s, listing, err != nil)
	case refused(class):
		logf.FromContext(ctx).V(1).Info("The list of a conference was refused", "cause", err.Error())
		if refusal := s.roster.RecordRefusal(voice.AsError(err), r.Now()); refusal.Tries <= roster.RefusedForGood {
			r.notifyDrift(s, s.roster.Subscribers(r.Now()))
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

// applyList takes over a list and enqueues the subscribers that requested
// it or are affected by it: all of them, if the last list was refused. Those that
// the list lacks wait for what the conference says of itself.
func (r *Reconciler) applyList(ctx context.Context, s scope, listing *roster.Listing, missing bool) {
	affected := s.roster.Affected
	if !s.roster.Refusal().At.IsZero() {
		affected = s.roster.Subscribers
	}
	flaws := listing.Flaws()
	for _, flaw := range flaws {
		r.Metrics.Unreadable(string(flaw))
	}
	if s.roster.ApplyList(listing, missing, r.Now()) {
		logf.FromContext(ctx).Info("The list of a conference can't be read in full; declared participants are read one by one where it says nothing",
			"flaws", len(flaws), "first", flaws[0].Explain())
	}
	refreshed, verified := s.roster.CompleteList(listing.Started(), r.Now())
	present, lacking := s.roster.Split(refreshed)
	r.notify(s, present, verified, nil)
	if s.roster.ConferenceDue(r.Now()) && r.readConference(ctx, s) {
		r.notifyDrift(s, s.roster.Lacking(r.Now()))
	}
	r.notify(s, lacking, nil, affected(r.Now()))
}

// notify has subscribers reconciled that have requested an observation, await a
// verification, or are affected by what was seen.
func (r *Reconciler) notify(s scope, refreshed []roster.RefreshRequest, verified, affected []roster.Subscriber) {
	for _, request := range refreshed {
		r.Notify(request.Priority, s.key.Conference, request.Subscriber)
	}
	// Verifications run at low priority: the response was trusted already, so they
	// must not delay edits.
	r.notifyDrift(s, verified)
	r.notifyDrift(s, affected)
}

// notifyDrift has subscribers reconciled for what a list has shown.
func (r *Reconciler) notifyDrift(s scope, subscribers []roster.Subscriber) {
	for _, subscriber := range subscribers {
		r.Notify(enqueue.PriorityDrift, s.key.Conference, subscriber)
	}
}
