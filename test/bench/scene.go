package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

const (
	token = "PT-bench"
	// patience is how long anything may take.
	patience = 10 * time.Minute
)

// scene is a namespace with an account, where a case is run. All that is in it
// is labelled, and the manager serves nothing else.
type scene struct {
	*stage
	namespace string
	account   string
	watched   *watched
	stop      context.CancelFunc
	// made counts the objects, so that each has a name of its own.
	made int
}

// newScene makes a namespace and an account of its own at the provider.
func (s *stage) newScene(ctx context.Context, change ...func(*v1alpha1.VoiceAccountSpec)) (*scene, error) {
	s.scenes++
	namespace := fmt.Sprintf("bench-%d", s.scenes)
	sc := &scene{stage: s, namespace: namespace, account: fmt.Sprintf("6f1c1f0e-6c0a-4d6e-9a55-%012d", s.scenes)}
	if err := s.client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return nil, err
	}
	if err := sc.addAccount(ctx, "acme", sc.account, change...); err != nil {
		return nil, err
	}
	watching, stop := context.WithCancel(ctx)
	sc.stop = stop
	var err error
	sc.watched, err = s.watch(watching, namespace)
	return sc, err
}

// addAccount adds an account here and at the provider.
func (sc *scene) addAccount(ctx context.Context, name, sid string, change ...func(*v1alpha1.VoiceAccountSpec)) error {
	err := sc.provider.request(ctx, http.MethodPost, "/accounts", map[string]string{"sid": sid, "token": token}, nil)
	if err != nil {
		return err
	}
	account := testkit.Account(sc.namespace, name, sc.provider.base(), sid, name)
	account.Labels = sc.labels()
	account.Spec.RateLimit = v1alpha1.RateLimit{RequestsPerSecond: 1000, Burst: 1000}
	for _, apply := range change {
		apply(&account.Spec)
	}
	return errors.Join(sc.client.Create(ctx, testkit.Secret(sc.namespace, name, token)), sc.client.Create(ctx, account))
}

func resync(seconds int32) func(*v1alpha1.VoiceAccountSpec) {
	return func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = &seconds }
}

func rateLimit(perSecond, burst int32) func(*v1alpha1.VoiceAccountSpec) {
	return func(s *v1alpha1.VoiceAccountSpec) {
		s.RateLimit = v1alpha1.RateLimit{RequestsPerSecond: perSecond, Burst: burst}
	}
}

// start starts a manager that serves this scene and waits until its account is
// ready.
func (sc *scene) start(ctx context.Context, arguments ...string) (*manager, error) {
	m, err := sc.startManager(ctx, append(arguments, "--watch-label-selector=scene="+sc.namespace)...)
	if err != nil {
		return m, err
	}
	return m, sc.accountReady(ctx, "acme")
}

func (sc *scene) accountReady(ctx context.Context, name string) error {
	return testkit.Eventually(ctx, func() error {
		account := &v1alpha1.VoiceAccount{}
		if err := sc.client.Get(ctx, client.ObjectKey{Namespace: sc.namespace, Name: name}, account); err != nil {
			return err
		}
		for _, condition := range account.Status.Conditions {
			if condition.Type == v1alpha1.ConditionReady && condition.Status == metav1.ConditionTrue {
				return nil
			}
		}
		return fmt.Errorf("account %s is not ready", name)
	})
}

func (sc *scene) labels() map[string]string { return map[string]string{"scene": sc.namespace} }

// object declares a call muted.
func (sc *scene) object(name string, c call) *v1alpha1.ConferenceParticipant {
	p := testkit.Participant(sc.namespace, name, "acme", c.conference, c.sid)
	p.Labels = sc.labels()
	p.Spec.Muted = new(true)
	return p
}

// ask is an edit of muted: when it was made, what it asks for, and how long the API
// server took to store it.
type ask struct {
	call   string
	muted  bool
	at     time.Time
	stored time.Duration
}

// declare creates an object for each call and returns when each was asked for.
func (sc *scene) declare(ctx context.Context, calls []call, change ...func(*v1alpha1.ConferenceParticipant)) (names []string, asks []ask, err error) {
	names, asks = make([]string, len(calls)), make([]ask, len(calls))
	first := sc.made
	sc.made += len(calls)
	err = each(ctx, len(calls), func(ctx context.Context, i int) error {
		names[i] = name(first + i)
		object := testkit.With(sc.object(names[i], calls[i]), change...)
		asks[i] = ask{call: calls[i].sid, muted: true, at: time.Now()}
		return sc.client.Create(ctx, object)
	})
	return names, asks, err
}

// populate has so many objects converge, and leaves them in peace for a while.
func (sc *scene) populate(ctx context.Context, objects, conferences int, change ...func(*v1alpha1.ConferenceParticipant)) (calls []call, names []string, err error) {
	if calls, err = sc.provider.fill(ctx, sc.account, objects, max(conferences, 1)); err != nil {
		return nil, nil, err
	}
	if names, _, err = sc.declare(ctx, calls, change...); err != nil {
		return nil, nil, err
	}
	return calls, names, sc.watched.until(ctx, names, ready)
}

// mute changes a spec as a user does, with a patch.
func (sc *scene) mute(ctx context.Context, name string, muted bool) error {
	object := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Namespace: sc.namespace, Name: name}}
	patch := fmt.Appendf(nil, `{"spec":{"muted":%t}}`, muted)
	return sc.client.Patch(ctx, object, client.RawPatch(types.MergePatchType, patch))
}

// edits edits one object after the other, for so long.
func (sc *scene) edits(ctx context.Context, calls []call, names []string, apart, during time.Duration) (asks []ask, err error) {
	ticker := time.NewTicker(apart)
	defer ticker.Stop()
	for i := range int(during / apart) {
		<-ticker.C
		who, muted := i%len(names), (i/len(names))%2 == 1
		edit := ask{call: calls[who].sid, muted: muted, at: time.Now()}
		if err := sc.mute(ctx, names[who], muted); err != nil {
			return nil, err
		}
		edit.stored = time.Since(edit.at)
		asks = append(asks, edit)
	}
	return asks, wait(ctx, time.Second)
}

// seen is what the benchmark reads of an object.
type seen struct {
	Metadata struct {
		Name            string `json:"name"`
		Generation      int64  `json:"generation"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	Status struct {
		ObservedGeneration int64              `json:"observedGeneration"`
		Conditions         []metav1.Condition `json:"conditions"`
	} `json:"status"`
}

// reason is that of a Ready condition which is about the present generation.
func (s seen) reason() (reason string, status metav1.ConditionStatus) {
	for _, condition := range s.Status.Conditions {
		if condition.Type == v1alpha1.ConditionReady && condition.ObservedGeneration == s.Metadata.Generation {
			return condition.Reason, condition.Status
		}
	}
	return "", ""
}

func ready(s seen) bool {
	_, status := s.reason()
	return status == metav1.ConditionTrue
}

// watched are the objects of a namespace as a watch shows them, of which only
// what is needed is decoded, so that the benchmark costs little itself.
type watched struct {
	mu      sync.Mutex
	objects map[string]seen
	changed chan struct{}
}

// watch begins before there is anything to see. The API server may end a watch
// at any time; another one begins with all that there is.
func (s *stage) watch(ctx context.Context, namespace string) (*watched, error) {
	target := testkit.ServerOf(s.plane.Config) + "/apis/" + v1alpha1.GroupVersion.String() + "/namespaces/" + namespace +
		"/conferenceparticipants?watch=1&timeoutSeconds=3600"
	w := &watched{objects: map[string]seen{}, changed: make(chan struct{})}
	body, err := s.open(ctx, target)
	if err != nil {
		return nil, err
	}
	go func() {
		for err == nil {
			w.read(json.NewDecoder(body))
			_ = body.Close()
			w.forget()
			body, err = s.open(ctx, target)
		}
	}()
	return w, nil
}

func (s *stage) open(ctx context.Context, target string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	response, err := s.http.Do(request)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// forget begins anew: what was deleted between two watches is in neither.
func (w *watched) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.objects)
}

func (w *watched) read(events *json.Decoder) {
	for {
		var event struct {
			Type   string `json:"type"`
			Object seen   `json:"object"`
		}
		if events.Decode(&event) != nil {
			return
		}
		w.mu.Lock()
		if event.Type == "DELETED" {
			delete(w.objects, event.Object.Metadata.Name)
		} else {
			w.objects[event.Object.Metadata.Name] = event.Object
		}
		close(w.changed)
		w.changed = make(chan struct{})
		w.mu.Unlock()
	}
}

// until waits until each of some objects is as it should be.
func (w *watched) until(ctx context.Context, names []string, is func(seen) bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	missing := names
	for {
		w.mu.Lock()
		changed := w.changed
		for len(missing) > 0 {
			if object, there := w.objects[missing[0]]; !there || !is(object) {
				break
			}
			missing = missing[1:]
		}
		w.mu.Unlock()
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			w.mu.Lock()
			defer w.mu.Unlock()
			return fmt.Errorf("%d objects are not as they should be, among them %+v: %w", len(missing), w.objects[missing[0]], ctx.Err())
		}
	}
}
