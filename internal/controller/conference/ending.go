package conference

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	clientevents "k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/seat"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/requests"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// ender ends rooms that a role has left (endWhenRoleLeaves). No claim is written down
// before, since to end a room twice does nothing (R25).
type ender struct {
	reader client.Reader
	// sessions returns the session of an account; nil while no request may be sent.
	sessions func(account types.NamespacedName) Session
	rosters  Rosters
	queue    *enqueue.Queue[directory.RoomKey]
	recorder clientevents.EventRecorder
	clock    func() time.Time
}

func newEnder(c Config) ender {
	return ender{
		reader: c.Client, sessions: sessionsOf(c.Accounts), rosters: c.Rosters, queue: c.Rooms, recorder: c.Recorder, clock: c.Now,
	}
}

// ending is what became of the end of a room since its role has left. It is forgotten when
// the role is back, with a new generation, and with other credentials.
type ending struct {
	generation int64
	session    string
	trial      trial
	// accepted says that the provider has accepted it.
	accepted bool
	// refusal is why it was refused last, so many times; final says that it always is.
	refusal  string
	refusals int
	final    bool
}

// refused is why the provider refuses the end for good, and not by accident; empty if it
// does not.
func (e ending) refused() string {
	if e.final || e.refusals > backoff.Refusal.Steps() {
		return e.refusal
	}
	return ""
}

// since is what is remembered by now: nothing while the end is not due, nor of another
// generation or other credentials.
func (e ending) since(due bool, generation int64, session string) ending {
	if !due || e.generation != generation || e.session != session {
		return ending{generation: generation, session: session}
	}
	return e
}

// end ends a room once it is time, and returns when to try again; zero is never. That time
// has come must be the word of a fresh list.
func (e ender) end(ctx context.Context, s *scope, endAt time.Time) (next time.Time, err error) {
	session := e.sessions(s.roster.Account)
	if session == nil {
		return time.Time{}, nil
	}
	m, due := s.memory, !endAt.IsZero() && !s.now.Before(endAt)
	m.ending = m.ending.since(due, s.object.Generation, session.Identity())
	switch at := m.ending.trial.notBefore(session, s.now); {
	case !due, m.ending.final, s.snapshot.Conference == roster.ConferenceOver:
		return time.Time{}, nil
	case at.After(s.now):
		return at, nil
	case s.snapshot.Incomplete, s.now.Sub(s.snapshot.ListedAt) > lookFor:
		e.rosters.RequestRefresh(s.roster, roster.RefreshRequest{Subscriber: s.key.Subscriber(), At: s.now})
		return time.Time{}, nil
	}
	if current, err := e.current(ctx, s); !current || err != nil {
		return time.Time{}, err
	}
	return e.transmit(ctx, s, session), nil
}

// current reports whether the Conference is still as it was when the room was judged. If
// not, its own reconcile has the room judged again.
func (e ender) current(ctx context.Context, s *scope) (bool, error) {
	object := &v1alpha1.Conference{}
	if err := e.reader.Get(ctx, s.key.Conference, object); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return object.UID == s.object.UID && object.Generation == s.object.Generation && object.DeletionTimestamp.IsZero(), nil
}

// transmit ends a room, and returns when to look whether it has ended.
func (e ender) transmit(ctx context.Context, s *scope, session Session) (next time.Time) {
	type key directory.RoomKey
	room, queue := s.key, e.queue
	release, retry := seat.Take(session, admission.Request{
		Key: key(room), Flow: room.SID, Write: true, Restricts: true,
		Wake: func(crowd int) { queue.Enqueue(enqueue.InCrowd(enqueue.PriorityEdit, crowd), 0, room) },
	}, s.now)
	switch {
	case release == nil && retry == 0:
		return time.Time{}
	case release == nil:
		return s.now.Add(retry)
	}
	defer release()
	update := requests.End.Update(nil)
	_, _, err := session.UpdateConference(s.audited(ctx, update), room.SID, update)
	logf.FromContext(ctx).Info("Ended a room that a role has left", "room", room.SID, "class", voice.ClassOf(err))
	m, now := s.memory, e.clock()
	if err == nil && !m.ending.accepted {
		e.recorder.Eventf(s.object, nil, corev1.EventTypeNormal, v1alpha1.EventRoomEnded, requests.End.Action(),
			"Room %s was ended, since the role %s has left it.", room.SID, s.object.Spec.EndWhenRoleLeaves.Role)
	}
	m.ending = m.ending.learn(session, err, now)
	return m.ending.trial.notBefore(session, now)
}

// learn takes over the response to an end.
func (e ending) learn(session Session, err error, now time.Time) ending {
	schedule, failure, again := backoff.Request, voice.AsError(err), true
	switch voice.ClassOf(err) {
	case voice.ClassOK:
		schedule, e.accepted = backoff.Conference, true
		e.refusal, e.refusals = "", 0
	case voice.ClassGone:
		schedule = backoff.Conference
	case voice.ClassUnauthorized:
		if e.trial, again = e.trial.deny(session, now); again {
			return e
		}
		schedule, e.refusal, e.refusals = backoff.Refusal, failure.Explain(), backoff.Refusal.Steps()+1
	case voice.ClassRefused, voice.ClassCoacheeMissing:
		schedule, e.refusal, e.final = backoff.Refusal, failure.Explain(), failure.Permanent
		e.refusals++
	}
	e.trial = e.trial.fail(schedule, now)
	return e
}
