package callers

import (
	"context"
	"sync"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/internal/callers"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/voice"
)

// fetch sends what is due, as far as there are seats: the list and the reads beside each
// other. Without any, sent is false and retry is when to come back; zero is when woken.
func (r *Reconciler) fetch(ctx context.Context, s scope, due callers.Poll) (retry time.Duration, sent bool) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	var requests []func()
	if due.List {
		requests = append(requests, func() { r.list(ctx, s) })
	}
	for _, callSID := range due.Reads {
		requests = append(requests, func() { r.read(ctx, s, callSID) })
	}
	var group sync.WaitGroup
	defer group.Wait()
	slots := make(chan struct{}, max(r.InFlight, 1))
	for number, send := range requests {
		slots <- struct{}{}
		release, retry := r.seat(s, number)
		if release == nil {
			return retry, sent
		}
		sent = true
		group.Go(func() {
			defer func() { <-slots }()
			defer release()
			send()
		})
	}
	return 0, sent
}

// list lists the calls in progress.
func (r *Reconciler) list(ctx context.Context, s scope) {
	r.Calls.BeginList(s.account)
	err := s.session.ListCalls(ctx, voice.CallFilter{Status: voice.CallInProgress}, func(page voice.CallPage, _ voice.Times) {
		r.notify(r.Calls.ApplyPage(s.account, page, r.Now()))
	})
	switch class := voice.ClassOf(err); {
	case err == nil:
		r.Calls.CompleteList(s.account, r.Now())
	case unsent(err):
	default:
		logf.FromContext(ctx).V(1).Info("The calls of an account could not be listed", "cause", err.Error())
		refused := class == voice.ClassUnauthorized || class == voice.ClassRefused || class == voice.ClassGone
		r.notify(r.Calls.RecordListFailure(s.account, refused, r.Now()))
	}
}

// read reads one call.
func (r *Reconciler) read(ctx context.Context, s scope, callSID string) {
	call, _, err := s.session.ReadCall(ctx, callSID)
	switch {
	case err == nil:
		r.notify(r.Calls.RecordRead(s.account, call, r.Now()))
	case voice.ClassOf(err) == voice.ClassGone && voice.AsError(err).Missing():
		r.notify(r.Calls.RecordMissing(s.account, callSID, r.Now()))
	case unsent(err):
	default:
		logf.FromContext(ctx).V(1).Info("A call could not be read", "cause", err.Error())
		r.notify(r.Calls.RecordFailure(s.account, callSID, r.Now()))
	}
}

// unsent reports whether a request was kept back, since the whole account waits.
func unsent(err error) bool {
	failure := voice.AsError(err)
	return failure.Class == voice.ClassNotExecuted && failure.HTTPStatus == 0 && failure.RetryAfter > 0
}

// notify has rooms reconciled that have waited for a call.
func (r *Reconciler) notify(rooms []directory.RoomKey) {
	r.Rooms.Enqueue(enqueue.PriorityEdit, 0, rooms...)
}
