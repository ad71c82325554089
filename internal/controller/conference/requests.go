package conference

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/seat"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/requests"
	"github.com/voiceops/conference-operator/internal/voice"
)

// lookFor is how old a look may be that a request is repeated after.
const lookFor = 2 * time.Second

// requester sends what is said to whole rooms, one request in a reconcile.
type requester struct {
	// sessions returns the session of an account; nil while no request may be sent.
	sessions  func(account types.NamespacedName) Session
	directory Directory
	queue     *enqueue.Queue[reconcile.Request]
	reporter  reporter
	clock     func() time.Time
}

// requestMemory is what this process remembers of the requests of a Conference.
type requestMemory struct {
	// declared are the ids that the spec has, and since when this process knows them.
	declared [2]declaration
	// trials are those of the requests that are pending.
	trials map[target]trial
	// unsaved are the requests as they are known to be, until they are stored.
	unsaved *roomRequests
}

// declaration is the id of a request in a spec.
type declaration struct {
	id    string
	since time.Time
}

// request judges the requests that the spec declares, and sends what is due, which is
// written down first (R10, R25). Once stopping returns an error nothing is begun (R16).
func (r requester) request(ctx context.Context, f *facts, m *memory, stopping func() error) error {
	f.requests = loadRequests(&f.object.Status, m.requests.unsaved)
	if !f.speaks() {
		m.requests.declared = [2]declaration{}
		return nil
	}
	for _, kind := range requests.Kinds() {
		r.refresh(f, m, kind)
	}
	defer func() {
		known := f.requests
		m.requests.unsaved = &known
	}()
	session := r.sessions(f.account)
	if session == nil {
		return nil
	}
	due, found := f.due(m, session)
	if !found || stopping() != nil {
		return nil
	}
	return r.send(ctx, &exchange{facts: f, target: due, memory: m, session: session, declared: f.requests.declared[due.kind]})
}

// refresh brings what is known of the requests of a kind up to date, and asks for the list
// of rooms that a new id is judged by.
func (r requester) refresh(f *facts, m *memory, kind requests.Kind) {
	request := kind.Declared(&f.object.Spec)
	f.requests.declared[kind] = request
	known := &m.requests.declared[kind]
	switch {
	case request == nil:
		*known = declaration{}
	case known.id != request.ID:
		*known = declaration{id: request.ID, since: f.now}
	}
	if !f.directoryKnown {
		return
	}
	ledger, next := f.requests.ledgers[kind].Refresh(request, f.requestedRooms(known.since), f.now)
	f.requests.ledgers[kind] = ledger
	f.requests.by(next)
	if ledger.Unjudged(request) {
		r.directory.Await(f.account, f.name(), known.since)
	}
}

// due returns the first request that may be sent now.
func (f *facts) due(m *memory, session Session) (due target, found bool) {
	pending := map[target]trial{}
	for _, kind := range requests.Kinds() {
		for _, room := range f.governed {
			if waits, _ := f.requests.ledgers[kind].Pending(room.SID); !waits || room.Waiting {
				continue
			}
			next := target{kind: kind, sid: room.SID, id: f.requests.declared[kind].ID}
			pending[next] = m.requests.trials[next]
			at := pending[next].notBefore(session, f.now)
			switch {
			case at.After(f.now):
				f.requests.by(at)
			case !found:
				due, found = next, true
			}
		}
	}
	m.requests.trials = pending
	return due, found
}

// send sends a request that is due.
func (r requester) send(ctx context.Context, x *exchange) error {
	release, retry := seat.Take(x.session, r.admission(x), x.now)
	if release == nil {
		if retry > 0 {
			x.requests.by(x.now.Add(retry))
		}
		return nil
	}
	defer release()
	if !r.look(ctx, x) {
		return nil
	}
	judged := x.requests
	x.update(func(p plan.Record) plan.Record { return p.Intend(x.now) })
	if stored, err := r.reporter.intend(ctx, x.facts, x.memory); !stored || err != nil {
		x.requests = judged
		x.requests.by(x.now.Add(retryAfterConflict))
		return err
	}
	if now := r.clock(); x.declared.Late(now) || !x.lookedAt.IsZero() && now.Sub(x.lookedAt) > lookFor {
		// The write took too long.
		x.update(plan.Record.Release)
		x.requests.by(now)
		return nil
	}
	r.transmit(ctx, x)
	return nil
}

// transmit sends a request that was written down. Another reconcile sends the next one.
func (r requester) transmit(ctx context.Context, x *exchange) {
	update := x.kind.Update(x.declared)
	_, _, err := x.session.UpdateConference(x.audited(ctx, update), x.sid, update)
	logf.FromContext(ctx).Info("Sent a request to a room", "room", x.sid, "action", x.kind.Action(), "id", x.id, "class", voice.ClassOf(err))
	r.learn(x, err)
	if _, more := x.due(x.memory, x.session); more {
		x.requests.by(x.now)
	}
}

// admission is the request for the seat that a request takes.
func (r requester) admission(x *exchange) admission.Request {
	type key reconcile.Request
	request, queue := reconcile.Request{NamespacedName: x.name()}, r.queue
	return admission.Request{
		Key: key(request), Flow: x.sid, Write: true, Restricts: x.kind == requests.End,
		// The function must not close over the reconcile, which it would keep.
		Wake: func(crowd int) { queue.Enqueue(enqueue.InCrowd(enqueue.PriorityEdit, crowd), 0, request) },
	}
}

// look reports whether the room of a request is in progress. That is asked, with the seat
// of the request, before one is repeated that may have been carried out.
func (r requester) look(ctx context.Context, x *exchange) (goesOn bool) {
	if _, again := x.requests.ledgers[x.kind].Pending(x.sid); !again {
		return true
	}
	read, times, err := x.session.ReadConference(ctx, x.sid)
	x.lookedAt = times.Sent
	over := err == nil && read.Status == voice.ConferenceCompleted
	switch now := r.clock(); {
	case err == nil && read.Status == voice.ConferenceInProgress:
		return true
	case over && x.kind == requests.End:
		x.update(func(p plan.Record) plan.Record { return p.Accepted(now) })
	case over:
		x.update(func(p plan.Record) plan.Record { return p.Unknown(nil, now) })
	default:
		x.putOff(now)
	}
	return false
}

// learn takes over the response to a request. That a room is not there proves no end: the
// directory finds that out (R18).
func (r requester) learn(x *exchange, err error) {
	now := r.clock()
	switch failure := voice.AsError(err); voice.ClassOf(err) {
	case voice.ClassOK:
		x.update(func(p plan.Record) plan.Record { return p.Accepted(now) })
	case voice.ClassUnauthorized:
		if !x.deny(now) {
			x.update(func(p plan.Record) plan.Record { return p.Rejected(failure, now) })
			return
		}
		x.update(plan.Record.Release)
	case voice.ClassRefused, voice.ClassCoacheeMissing:
		x.update(func(p plan.Record) plan.Record { return p.Rejected(failure, now) })
	case voice.ClassGone:
		r.directory.Request(x.account, now)
		fallthrough
	case voice.ClassNotExecuted:
		x.update(plan.Record.Release)
		x.putOff(now)
	default:
		x.update(func(p plan.Record) plan.Record { return p.Unknown(x.declared, now) })
		x.putOff(now)
	}
}
