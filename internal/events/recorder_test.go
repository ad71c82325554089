package events

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
	"weak"

	"github.com/go-logr/logr/funcr"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// server stands in for the API server.
type server struct {
	client.Writer
	mu      sync.Mutex
	takes   time.Duration
	fail    []error
	reasons []string
	last    *eventsv1.Event
	dropped []string
}

// newRecorder returns a recorder that writes to a server and counts there.
func newRecorder(s *server) *Recorder {
	return New(Config{
		Writer: s, Scheme: clientgoscheme.Scheme, Controller: "operator", Now: time.Now,
		Dropped: func(eventType string) { s.dropped = append(s.dropped, eventType) },
	})
}

func (s *server) Create(_ context.Context, object client.Object, _ ...client.CreateOption) error {
	time.Sleep(s.takes)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fail) > 0 {
		err := s.fail[0]
		s.fail = s.fail[1:]
		return err
	}
	s.last = object.(*eventsv1.Event)
	s.reasons = append(s.reasons, s.last.Reason)
	return nil
}

func (s *server) written() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.reasons)
}

func about(name string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: name, UID: "1"}}
}

func TestWarningsGoFirstAndTheRestInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &server{}
		r := newRecorder(s)
		for i := range 3 {
			r.Eventf(about("acme"), nil, corev1.EventTypeNormal, fmt.Sprintf("Normal%d", i), "Test", "%d", i)
		}
		r.Eventf(about(strings.Repeat("x", 253)), nil, corev1.EventTypeWarning, "Warning", "Test", "100 %%")
		go func() { _ = r.Start(ctx) }()
		synctest.Wait()
		if got := s.written(); !slices.Equal(got, []string{"Warning", "Normal0", "Normal1", "Normal2"}) {
			t.Errorf("%q are written", got)
		}
		if e := s.last; e.Note != "2" || e.Regarding.Kind != "Secret" || e.Namespace != "support" || e.ReportingController != "operator" || e.EventTime.IsZero() {
			t.Errorf("%+v", e)
		}
		stop()
		synctest.Wait()
	})
}

func TestABusyServerIsLeftToOthersAndTheEndIsNotPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		const takes, window = 5 * time.Millisecond, 999 * time.Millisecond
		s := &server{takes: takes}
		r := newRecorder(s)
		for range 200 {
			r.Eventf(about("acme"), nil, corev1.EventTypeNormal, "InSync", "Test", "done")
		}
		ended := make(chan error, 1)
		go func() { ended <- r.Start(ctx) }()
		time.Sleep(window)
		synctest.Wait()
		if n, each := len(s.written()), 2*takes; n != int((window-takes)/each)+1 {
			t.Errorf("%d events in %s, want one each %s", n, window, each)
		}
		stop()
		synctest.Wait()
		if err := <-ended; err != nil || len(s.written()) != 200 {
			t.Errorf("%d events are written in the end (%v)", len(s.written()), err)
		}
	})
}

// TestWhatWasWrittenIsNotKept has the memory of thousands of events freed.
func TestWhatWasWrittenIsNotKept(t *testing.T) {
	r := newRecorder(&server{})
	for range 3 {
		r.Eventf(about("acme"), nil, corev1.EventTypeNormal, "InSync", "Test", "done")
	}
	first := weak.Make(r.next())
	runtime.GC()
	if first.Value() != nil {
		t.Error("an event is kept that nobody will write again")
	}
	left := 0
	for r.next() != nil {
		left++
	}
	if left != 2 {
		t.Errorf("%d are left of two", left)
	}
}

func TestAnOutageDelaysAndARefusalDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &server{fail: []error{
			errors.New("connection refused"), apierrors.NewServiceUnavailable("overloaded"), apierrors.NewTimeoutError("slow", 1),
			apierrors.NewForbidden(schema.GroupResource{Resource: "events"}, "", errors.New("being terminated")),
		}}
		r := newRecorder(s)
		go func() { _ = r.Start(ctx) }()
		r.Eventf(about("acme"), nil, corev1.EventTypeNormal, "Refused", "Test", "first")
		r.Eventf(about("acme"), nil, corev1.EventTypeNormal, "Delayed", "Test", "second")
		time.Sleep(4 * retryInterval)
		synctest.Wait()
		if got := s.written(); !slices.Equal(got, []string{"Delayed"}) {
			t.Errorf("%q are written", got)
		}
		stop()
		synctest.Wait()
		if want := []string{corev1.EventTypeNormal}; !slices.Equal(s.dropped, want) {
			t.Errorf("%q are counted as dropped, want the refused one", s.dropped)
		}
	})
}

func TestALongNoteIsCutBetweenCharacters(t *testing.T) {
	for _, note := range []string{strings.Repeat("x", 1024), strings.Repeat("x", 1025), strings.Repeat("ü", 2048)} {
		cut := (&event{note: note}).object("operator", "1").Note
		if len(cut) > 1024 || len(cut) < 1020 || !utf8.ValidString(cut) || (len(note) > 1024) != strings.HasSuffix(cut, "…") {
			t.Errorf("%d bytes become %d: …%q", len(note), len(cut), cut[len(cut)-6:])
		}
	}
}

func TestAnEventThatExistsIsNotDropped(t *testing.T) {
	s := &server{fail: []error{apierrors.NewAlreadyExists(schema.GroupResource{Resource: "events"}, "acme.1")}}
	r := newRecorder(s)
	r.Eventf(about("acme"), nil, corev1.EventTypeNormal, "InSync", "Test", "done")
	if !r.write(t.Context(), r.next()) || len(s.dropped) != 0 {
		t.Errorf("an event that was written before is repeated, or counted as dropped: %q", s.dropped)
	}
}

func TestAFullQueueDropsAndCounts(t *testing.T) {
	s := &server{}
	r := newRecorder(s)
	for i := range maxQueued {
		r.Eventf(about("acme"), nil, corev1.EventTypeNormal, fmt.Sprint(i), "Test", "done")
	}
	if len(s.dropped) != 0 {
		t.Fatalf("%d of %d events are dropped", len(s.dropped), maxQueued)
	}
	r.Eventf(about("acme"), nil, corev1.EventTypeWarning, "Warning", "Test", "failed")
	if want := []string{corev1.EventTypeNormal}; !slices.Equal(s.dropped, want) {
		t.Errorf("%q are counted as dropped, want %q", s.dropped, want)
	}
	if first, second := r.next(), r.next(); first.reason != "Warning" || second.reason != "1" {
		t.Errorf("%s and %s come next, want the warning and the second oldest", first.reason, second.reason)
	}
}

func TestAnUnknownKindIsLoggedAndCounted(t *testing.T) {
	var logged []string
	s := &server{}
	r := newRecorder(s)
	r.config.Log = funcr.New(func(_, text string) { logged = append(logged, text) }, funcr.Options{})
	for _, unknown := range []client.Object{&v1alpha1.VoiceAccount{}, nil} {
		r.Eventf(unknown, nil, corev1.EventTypeWarning, "Unauthorized", "Test", "%d", 401)
	}
	if want := []string{corev1.EventTypeWarning, corev1.EventTypeWarning}; !slices.Equal(s.dropped, want) || r.next() != nil {
		t.Errorf("%q are counted as dropped, want %q and nothing queued", s.dropped, want)
	}
	if len(logged) != 2 || !strings.Contains(logged[0], "VoiceAccount") || !strings.Contains(logged[0], "401") {
		t.Errorf("%q is logged, want an error for each event", logged)
	}
}

func TestWhatIsWrittenIsLoggedAtV1(t *testing.T) {
	for verbosity, want := range []int{0, 1} {
		logged := 0
		r := newRecorder(&server{})
		r.config.Log = funcr.New(func(_, text string) {
			if strings.Contains(text, "support/acme") && strings.Contains(text, "InSync") {
				logged++
			}
		}, funcr.Options{Verbosity: verbosity})
		r.Eventf(about("acme"), nil, corev1.EventTypeNormal, "InSync", "Test", "done")
		if !r.write(t.Context(), r.next()) || logged != want {
			t.Errorf("%d lines at verbosity %d, want %d", logged, verbosity, want)
		}
	}
}

// In a namespace that is going the log is the only place left for it.
func TestAnEventThatIsGivenUpIsInTheLog(t *testing.T) {
	going := apierrors.NewForbidden(schema.GroupResource{Resource: "events"}, "", errors.New("because it is being terminated"))
	for name, c := range map[string]struct {
		fail error
		want int
	}{
		"refused":     {going, 1},
		"there":       {apierrors.NewAlreadyExists(schema.GroupResource{Resource: "events"}, "acme.1"), 0},
		"tried again": {errors.New("connection refused"), 0},
	} {
		logged := 0
		r := newRecorder(&server{fail: []error{c.fail}})
		r.config.Log = funcr.New(func(_, text string) {
			if strings.Contains(text, "support/acme") && strings.Contains(text, "NotReset") &&
				strings.Contains(text, "muted") && strings.Contains(text, c.fail.Error()) {
				logged++
			}
		}, funcr.Options{})
		r.Eventf(about("acme"), nil, corev1.EventTypeWarning, "NotReset", "Test", "still true: muted")
		r.write(t.Context(), r.next())
		if logged != c.want {
			t.Errorf("%s: %d lines at verbosity 0, want %d", name, logged, c.want)
		}
	}
}
