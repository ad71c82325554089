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

	"golang.org/x/time/rate"
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
	// perSecond and burst are the pace.
	perSecond = 20
	burst     = 50
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
	warnings, rest []*eventsv1.Event
	more           chan struct{}
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
	now := r.now()
	event := &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: about.Namespace,
			Name:      fmt.Sprintf("%s.%x", about.Name[:min(len(about.Name), longestName)], now.UnixNano()),
		},
		EventTime: metav1.NewMicroTime(now), ReportingController: r.controller, ReportingInstance: r.instance,
		Type: kind, Reason: reason, Action: action, Note: fmt.Sprintf(note, values...), Regarding: *about,
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if kind == corev1.EventTypeWarning {
		r.warnings = append(r.warnings, event)
	} else {
		r.rest = append(r.rest, event)
	}
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
	pace := rate.NewLimiter(perSecond, burst)
	for ctx.Err() == nil {
		event := r.next()
		if event == nil {
			select {
			case <-r.more:
			case <-ctx.Done():
			}
			continue
		}
		if err := pace.Wait(ctx); err != nil || !r.write(ctx, event) {
			r.putBack(event)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flush)
	defer cancel()
	for event := r.next(); event != nil && last.Err() == nil; event = r.next() {
		if !r.write(last, event) {
			break
		}
	}
	return nil
}

// write writes an event, and says whether it is done with. What the API server
// refuses is, as in a namespace that is being deleted.
func (r *Recorder) write(ctx context.Context, event *eventsv1.Event) bool {
	err := r.writer.Create(ctx, event.DeepCopy())
	if err == nil {
		return true
	}
	logf.FromContext(ctx).V(1).Info("An event could not be written", "reason", event.Reason, "cause", err.Error())
	if status := apierrors.APIStatus(nil); errors.As(err, &status) && !apierrors.IsTooManyRequests(err) && !apierrors.IsServerTimeout(err) {
		return true
	}
	timer := time.NewTimer(retry)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// next takes the event that is to be written next; nil if there is none.
func (r *Recorder) next() (event *eventsv1.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, queue := range []*[]*eventsv1.Event{&r.warnings, &r.rest} {
		if len(*queue) > 0 {
			event, *queue = (*queue)[0], (*queue)[1:]
			return event
		}
	}
	return nil
}

// putBack has an event written first.
func (r *Recorder) putBack(event *eventsv1.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if event.Type == corev1.EventTypeWarning {
		r.warnings = append([]*eventsv1.Event{event}, r.warnings...)
		return
	}
	r.rest = append([]*eventsv1.Event{event}, r.rest...)
}
