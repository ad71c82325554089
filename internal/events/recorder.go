package events

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/reference"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// maxQueued is how many events may wait to be written.
	maxQueued = 10_000
	// retryInterval is the wait after the API server could not be reached.
	retryInterval = time.Second
	// shutdownTimeout is how long events are written after the context has ended.
	shutdownTimeout = 2 * time.Second
)

// Config is what a Recorder works with. Every field but Log is required.
type Config struct {
	// Writer creates the events.
	Writer client.Writer
	// Scheme has the kinds of the objects that events are about.
	Scheme *runtime.Scheme
	// Controller is the reportingController of the events; reportingInstance is it
	// and the host's name.
	Controller string
	// Now is the clock.
	Now func() time.Time
	// Dropped is called for each event that is given up, with its type, Normal or
	// Warning: it did not fit into the queue, its object is of an unknown kind, or
	// the API server refused it. It must not call the Recorder.
	Dropped func(eventType string)
	// Log gets written events and failures at V(1), refused events at V(0), and errors.
	Log logr.Logger
}

// Recorder is an events.EventRecorder of client-go, and a Runnable to add to a
// manager. Create it with New.
type Recorder struct {
	config   Config
	instance string

	mu    sync.Mutex
	queue queue
	// added has an element if events were queued since it was received from.
	added chan struct{}
}

// New returns a Recorder. It writes nothing before Start.
func New(config Config) *Recorder {
	// Without a host's name the instance is only less precise.
	host, _ := os.Hostname()
	return &Recorder{
		config: config, instance: config.Controller + "-" + host,
		queue: queue{limit: maxQueued}, added: make(chan struct{}, 1),
	}
}

// Eventf queues an event about an object, to be written soon. It never blocks. If
// the scheme does not have the object's kind, the event is logged as an error and
// dropped.
func (r *Recorder) Eventf(regarding, _ runtime.Object, eventType, reason, action, note string, values ...any) {
	e := &event{time: r.config.Now(), eventType: eventType, reason: reason, action: action, note: fmt.Sprintf(note, values...)}
	about, err := reference.GetReference(r.config.Scheme, regarding)
	if err != nil {
		r.config.Log.Error(err, "Dropped an event about an object of an unknown kind", "type", eventType, "reason", reason, "note", e.note)
		r.drop(e)
		return
	}
	e.regarding = *about
	r.enqueue((*queue).push, e)
	select {
	case r.added <- struct{}{}:
	default:
	}
}

// NeedLeaderElection has events written on every replica, without the lease.
func (r *Recorder) NeedLeaderElection() bool { return false }

// Start writes events until the context ends, and then what is left for up to
// the shutdown timeout. It returns nil.
func (r *Recorder) Start(ctx context.Context) error {
	for ctx.Err() == nil {
		next := r.next()
		if next == nil {
			select {
			case <-r.added:
			case <-ctx.Done():
			}
			continue
		}
		began, wait := r.config.Now(), retryInterval
		if r.write(ctx, next) {
			// A busy API server is left to other requests for as long as it took.
			wait = r.config.Now().Sub(began)
		} else {
			r.enqueue((*queue).pushFront, next)
		}
		pause(ctx, wait)
	}
	r.flush(ctx)
	return nil
}

// flush writes what is queued after the context has ended, without pauses, until
// the shutdown timeout or a failure.
func (r *Recorder) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	for next := r.next(); next != nil && ctx.Err() == nil; next = r.next() {
		if !r.write(ctx, next) {
			return
		}
	}
}

// write creates an event, and reports whether that need not be repeated: it is
// written, or the API server refuses it, as in a namespace that is being deleted.
func (r *Recorder) write(ctx context.Context, e *event) (done bool) {
	err := r.config.Writer.Create(ctx, e.object(r.config.Controller, r.instance))
	if err == nil {
		r.config.Log.V(1).Info("Event occurred", e.logValues()...)
		return true
	}
	values := append(e.logValues(), "cause", err.Error())
	switch {
	case !refused(err):
		r.config.Log.V(1).Info("An event could not be written so far", values...)
		return false
	case apierrors.IsAlreadyExists(err):
		r.config.Log.V(1).Info("An event is written already", values...)
	default:
		r.config.Log.Info("The API server refuses an event, which is given up", values...)
		r.drop(e)
	}
	return true
}

// refused reports whether an error is the API server's response to this event,
// rather than a matter of load or of the connection.
func refused(err error) bool {
	status := apierrors.APIStatus(nil)
	overloaded := apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) ||
		apierrors.IsServiceUnavailable(err)
	return errors.As(err, &status) && !overloaded
}

// pause waits for a duration, or less if the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// enqueue adds an event to the queue with one of its methods.
func (r *Recorder) enqueue(add func(*queue, *event) *event, e *event) {
	r.mu.Lock()
	dropped := add(&r.queue, e)
	r.mu.Unlock()
	if dropped != nil {
		r.drop(dropped)
	}
}

// next removes and returns the event that is to be written next; nil if there is
// none.
func (r *Recorder) next() *event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.queue.pop()
}

// drop counts an event that is given up.
func (r *Recorder) drop(e *event) {
	if e.warning() {
		r.config.Dropped(corev1.EventTypeWarning)
		return
	}
	r.config.Dropped(corev1.EventTypeNormal)
}
