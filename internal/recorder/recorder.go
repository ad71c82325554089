// Package recorder writes events for people, in the order in which they happened
// but warnings first, and at a pace that leaves the API server to what the
// operator is for: in a burst an event may come later than the status that it
// tells of, and never at its expense.
//
// What the recorders of client-go do beyond that, it doesn't: it keeps no event
// that was written, and makes no series of equal ones, since the operator writes
// events on transitions only.
package recorder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/reference"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

const (
	// retry is the wait after the API server could not be reached.
	retry = time.Second
	// flush is how long what is left is written for on shutdown.
	flush = 2 * time.Second
	// longestName leaves room for what makes the name of an event unique.
	longestName = 200
)

// Recorder is an events.EventRecorder that is added to a manager, where it runs
// with or without the lease. Create it with New.
type Recorder struct {
	writer     client.Writer
	scheme     *runtime.Scheme
	controller string
	instance   string
	now        func() time.Time

	mu             sync.Mutex
	warnings, rest []*event
	more           chan struct{}
}

// event is what is kept of an event until it is written: there may be thousands.
type event struct {
	about                      corev1.ObjectReference
	at                         time.Time
	kind, reason, action, note string
}

// New returns a recorder that writes in the name of a controller.
func New(writer client.Writer, scheme *runtime.Scheme, controller string, now func() time.Time) *Recorder {
	// Without a host's name the instance is only less precise.
	host, _ := os.Hostname()
	return &Recorder{
		writer: writer, scheme: scheme, controller: controller, instance: controller + "-" + host, now: now,
		more: make(chan struct{}, 1),
	}
}

// Eventf notes an event about an object, to be written soon. It never blocks.
func (r *Recorder) Eventf(regarding, _ runtime.Object, kind, reason, action, note string, values ...any) {
	about, err := reference.GetReference(r.scheme, regarding)
	if err != nil {
		// All kinds that events are about are in the scheme.
		panic(fmt.Errorf("event about an unknown kind: %w", err))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	queue := r.queueOf(kind)
	*queue = append(*queue, &event{*about, r.now(), kind, reason, action, fmt.Sprintf(note, values...)})
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// NeedLeaderElection lets events be written also by who does not lead.
func (r *Recorder) NeedLeaderElection() bool { return false }

// Start writes events until the context ends, and then what is left for a
// moment.
func (r *Recorder) Start(ctx context.Context) error {
	for ctx.Err() == nil {
		next := r.next()
		if next == nil {
			select {
			case <-r.more:
			case <-ctx.Done():
			}
			continue
		}
		began, wait := r.now(), retry
		if r.write(ctx, next) {
			// A busy API server is left to others for as long as it took.
			wait = r.now().Sub(began)
		} else {
			r.putBack(next)
		}
		pause(ctx, wait)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flush)
	defer cancel()
	for next := r.next(); next != nil && last.Err() == nil; next = r.next() {
		if !r.write(last, next) {
			break
		}
	}
	return nil
}

// write writes an event, and says whether it is done with. What the API server
// refuses is, as in a namespace that is being deleted.
func (r *Recorder) write(ctx context.Context, e *event) bool {
	err := r.writer.Create(ctx, &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: e.about.Namespace,
			Name:      fmt.Sprintf("%s.%x", e.about.Name[:min(len(e.about.Name), longestName)], e.at.UnixNano()),
		},
		EventTime: metav1.NewMicroTime(e.at), ReportingController: r.controller, ReportingInstance: r.instance,
		Type: e.kind, Reason: e.reason, Action: e.action, Note: e.note, Regarding: e.about,
	})
	if err == nil {
		return true
	}
	logf.FromContext(ctx).V(1).Info("An event could not be written", "reason", e.reason, "cause", err.Error())
	status := apierrors.APIStatus(nil)
	return errors.As(err, &status) && !apierrors.IsTooManyRequests(err) && !apierrors.IsServerTimeout(err)
}

// pause lets some time go by, or less if the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// queueOf is where events of a kind wait.
func (r *Recorder) queueOf(kind string) *[]*event {
	if kind == corev1.EventTypeWarning {
		return &r.warnings
	}
	return &r.rest
}

// next takes the event that is to be written next; nil if there is none.
func (r *Recorder) next() (first *event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, queue := range []*[]*event{&r.warnings, &r.rest} {
		if len(*queue) > 0 {
			// The array would go on to hold what was written.
			first, (*queue)[0] = (*queue)[0], nil
			*queue = (*queue)[1:]
			return first
		}
	}
	return nil
}

// putBack has an event written first.
func (r *Recorder) putBack(e *event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	queue := r.queueOf(e.kind)
	*queue = append([]*event{e}, *queue...)
}
