package conference

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/time/rate"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientevents "k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
)

const (
	// reportEvery is how often at most a status is written for what no person waits for.
	reportEvery = 5 * time.Second
	// reportsPerSecond is how many of such writes there are of all Conferences.
	reportsPerSecond = 25
)

// schedule says when a status may be written for what no person waits for.
type schedule struct {
	writtenAt time.Time
	// dueAt is the turn among all Conferences; zero if there is nothing to write.
	dueAt time.Time
}

// reporter carries out what a reconcile of a Conference came to.
type reporter struct {
	writer   status.Writer[*v1alpha1.Conference]
	recorder clientevents.EventRecorder
	metrics  Metrics
	limiter  *rate.Limiter
}

func newReporter(c Config) reporter {
	return reporter{
		recorder: c.Recorder, metrics: c.Metrics, limiter: rate.NewLimiter(reportsPerSecond, reportsPerSecond),
		writer: status.Writer[*v1alpha1.Conference]{
			Client: c.Client, Live: c.Live, New: func() *v1alpha1.Conference { return &v1alpha1.Conference{} },
			Resource: v1alpha1.GroupVersion.WithResource("conferences").GroupResource(),
		},
	}
}

// report writes the status, once, and none if nothing changed: at once what a person
// waits for, and counts only now and then.
func (r reporter) report(ctx context.Context, f *facts, m *memory) (ctrl.Result, error) {
	again := ctrl.Result{RequeueAfter: secretsAgain(f)}
	verdict, told := judge(f)
	after := f.object.DeepCopy()
	switch {
	case told:
		after.Status = f.requests.in(statusAfter(f, verdict))
	case f.requests.changed():
		after.Status = f.statusSpoken()
	}
	if equality.Semantic.DeepEqual(f.object.Status, after.Status) {
		m.report.dueAt = time.Time{}
		return again, nil
	}
	if at := r.turn(f, m, after.Status); at.After(f.now) {
		return ctrl.Result{RequeueAfter: at.Sub(f.now)}, nil
	}
	written, err := r.write(ctx, f, after)
	if err != nil || written == nil {
		return ctrl.Result{}, err
	}
	m.stored = status.Store(written, written.Status.DeepCopy())
	m.report = schedule{writtenAt: f.now}
	r.warnOfSpoofing(f, written)
	r.announceRequests(f, written)
	r.announceOpened(f.object, written)
	m.requests.unsaved = nil
	if notice, changed := status.Transition(f.object.Status.Conditions, after.Status.Conditions, verdict); changed && told {
		r.recorder.Eventf(written, nil, notice.Type, notice.Reason, "Govern", "%s", notice.Message)
	}
	return again, nil
}

// write stores a status, and merges what is said to rooms onto the live object after a
// conflict; nil is an object that is gone.
func (r reporter) write(ctx context.Context, f *facts, after *v1alpha1.Conference) (*v1alpha1.Conference, error) {
	written, err := r.writer.Write(ctx, f.object, after, func(live *v1alpha1.Conference) *v1alpha1.Conference {
		merged := live.DeepCopy()
		merged.Status = f.requests.onto(live.Status, after.Status)
		return merged
	})
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("write the status of the Conference: %w", err)
	}
	return written, nil
}

// warnOfSpoofing tells once of each generation that a role which coaches is matched by
// the number of an inbound caller, which can be forged (R30).
func (r reporter) warnOfSpoofing(f *facts, written *v1alpha1.Conference) {
	if role := spoofable(f.object.Spec.Roles); role != "" && f.object.Status.ObservedGeneration != f.object.Generation {
		r.recorder.Eventf(written, nil, corev1.EventTypeWarning, v1alpha1.EventSpoofableCoach, "Govern",
			"Role %s coaches, and is matched by the number of an inbound caller, which can be forged: add direction: Outbound, or match a flag.", role)
	}
}

// spoofable is the first role that coaches and is matched by the number of an inbound
// caller; "" for none.
func spoofable(roles []v1alpha1.Role) v1alpha1.RoleName {
	for _, role := range roles {
		forgeable := slices.ContainsFunc(role.Match, func(term v1alpha1.RoleTerm) bool {
			return term.Direction != v1alpha1.CallOutbound && (len(term.Numbers) > 0 || term.NumbersSecretRef != nil)
		})
		if role.CoachRole != "" && forgeable {
			return role.Name
		}
	}
	return ""
}

// secretsAgain is when the Secrets of roles are read again; zero is never.
func secretsAgain(f *facts) time.Duration {
	if f.idle() || f.numbers.readAt.IsZero() || len(f.numbers.known) == 0 && f.numbers.problem == nil {
		return 0
	}
	return max(f.numbers.readAt.Add(f.secretInterval).Sub(f.now), time.Second)
}

// turn is when the status may be written: at once if the generation or a condition that a
// person waits for changed.
func (r reporter) turn(f *facts, m *memory, after v1alpha1.ConferenceStatus) time.Time {
	before := f.object.Status
	if f.requests.changed() || before.ObservedGeneration != after.ObservedGeneration || before.LastHandledReconcileAt != after.LastHandledReconcileAt ||
		!equality.Semantic.DeepEqual(awaited(before.Conditions), awaited(after.Conditions)) || before.RoomState != after.RoomState {
		return f.now
	}
	if m.report.writtenAt.IsZero() {
		// A process that has just begun does not know everything yet (R29).
		m.report.writtenAt = f.now
	}
	if m.report.dueAt.IsZero() {
		earliest := m.report.writtenAt.Add(reportEvery)
		if earliest.Before(f.now) {
			earliest = f.now
		}
		m.report.dueAt = earliest.Add(r.limiter.ReserveN(earliest, 1).DelayFrom(earliest))
	}
	return m.report.dueAt
}

// awaited are the conditions that a person waits for. The role of a call leg that
// joins is not known for a moment: that is told like the counts.
func awaited(conditions []metav1.Condition) []metav1.Condition {
	return slices.DeleteFunc(slices.Clone(conditions), func(c metav1.Condition) bool { return c.Type == v1alpha1.ConditionIdentified })
}

// announceRooms writes an event for each room that was found, and for each that is over.
func (r reporter) announceRooms(f *facts, change change) {
	if f.object.Spec.FriendlyName == "" {
		return
	}
	for _, room := range change.begun {
		if !shown(f.object, room.SID) {
			r.recorder.Eventf(f.object, nil, corev1.EventTypeNormal, v1alpha1.EventRoomFound, "Govern", "Room %s is governed now.", room.SID)
		}
	}
	for _, room := range change.over {
		r.recorder.Eventf(f.object, nil, corev1.EventTypeNormal, v1alpha1.EventRoomOver, "Govern", "Room %s is over.", room.SID)
	}
}

// shown reports whether the status has a room already: it was found before this process
// began.
func shown(object *v1alpha1.Conference, sid string) bool {
	for _, room := range object.Status.Rooms {
		if room.ConferenceSID == sid {
			return true
		}
	}
	return false
}
