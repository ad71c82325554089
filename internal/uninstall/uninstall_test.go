package uninstall

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

const foreign = "example.com/foreign"

// cluster is an API server with a Deployment, and the order in which kinds were deleted.
type cluster struct {
	client.Client

	t       *testing.T
	deleted []string
}

func newCluster(t *testing.T, ready int32, objects ...client.Object) *cluster {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(appsv1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "system", Name: "operator"}}
	deployment.Status.ReadyReplicas = ready
	c := &cluster{t: t}
	c.Client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(append(objects, deployment)...).WithInterceptorFuncs(interceptor.Funcs{
		Delete: func(ctx context.Context, below client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			c.deleted = append(c.deleted, object.GetObjectKind().GroupVersionKind().Kind)
			return below.Delete(ctx, object, options...)
		},
	}).Build()
	return c
}

func (c *cluster) run(options Options) (printed string, err error) {
	options.Deployment = client.ObjectKey{Namespace: "system", Name: "operator"}
	var out bytes.Buffer
	err = Run(c.t.Context(), c, options, &out)
	return out.String(), err
}

// left returns how many participants there are.
func (c *cluster) left() int {
	c.t.Helper()
	list := &v1alpha1.ConferenceParticipantList{}
	if err := c.List(c.t.Context(), list); err != nil {
		c.t.Fatal(err)
	}
	return len(list.Items)
}

// releaseAfter is a manager that takes so long for the finalizers.
func (c *cluster) releaseAfter(d time.Duration) {
	time.Sleep(d)
	list := &v1alpha1.ConferenceParticipantList{}
	if err := c.List(c.t.Context(), list); err != nil {
		c.t.Error(err)
	}
	for i := range list.Items {
		controllerutil.RemoveFinalizer(&list.Items[i], v1alpha1.Finalizer)
		if err := c.Update(c.t.Context(), &list.Items[i]); err != nil {
			c.t.Error(err)
		}
	}
}

func participant(namespace, name string, finalizers ...string) client.Object {
	return &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Finalizers: finalizers}}
}

func room() client.Object {
	return &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "room"}}
}

func account() client.Object {
	return &v1alpha1.VoiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "account"}}
}

func TestTheManagerReleasesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, room(), participant("a", "held", v1alpha1.Finalizer), participant("b", "free"), account())
		go c.releaseAfter(14 * time.Minute)
		printed, err := c.run(Options{Timeout: 16 * time.Minute, Grace: time.Second})
		if err != nil || strings.Join(c.deleted, " ") != "Conference ConferenceParticipant ConferenceParticipant VoiceAccount" {
			t.Errorf("%v: %v", err, c.deleted)
		}
		if strings.Count(printed, "\n") != 3 {
			t.Errorf("want a line for each kind:\n%s", printed)
		}
	})
}

func TestWithoutAManagerNothingIsDeleted(t *testing.T) {
	c := newCluster(t, 0, room(), participant("a", "held", v1alpha1.Finalizer), account())
	_, err := c.run(Options{Timeout: time.Minute})
	if !errors.Is(err, ErrNoManager) || len(c.deleted) > 0 || !strings.Contains(err.Error(), "annotate deployment operator "+ReleaseAnnotation+"=true") {
		t.Errorf("%v: %v", err, c.deleted)
	}
}

func TestWithoutFinalizersNoManagerIsNeeded(t *testing.T) {
	c := newCluster(t, 0, room(), participant("a", "free"), account())
	if _, err := c.run(Options{Timeout: time.Minute}); err != nil || len(c.deleted) != 3 {
		t.Errorf("%v: %v", err, c.deleted)
	}
}

// TestAManagerThatGoesIsNotWaitedFor has a manager that goes away after a while.
func TestAManagerThatGoesIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, participant("a", "held", v1alpha1.Finalizer), account())
		go func() {
			time.Sleep(5 * time.Minute)
			deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "system", Name: "operator"}}
			if err := c.Delete(t.Context(), deployment); err != nil {
				t.Error(err)
			}
		}()
		began := time.Now()
		_, err := c.run(Options{Timeout: 16 * time.Minute, Grace: 30 * time.Second})
		if took := time.Since(began).Round(2 * time.Second); !errors.Is(err, ErrNoManager) || took != 5*time.Minute+30*time.Second || c.left() != 1 {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

func TestWhatIsNotGoneInTimeIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, participant("a", "held", foreign), account())
		_, err := c.run(Options{Timeout: 16 * time.Minute, Grace: 30 * time.Second})
		if err == nil || !strings.Contains(err.Error(), "1 objects of the kind ConferenceParticipant are not gone after 16m0s") {
			t.Error(err)
		}
	})
}

func TestFinalizersAreReleasedOnDemandAndNoOthers(t *testing.T) {
	for name, options := range map[string]Options{"a flag": {Release: true}, "an annotation": {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster(t, 0, participant("a", "ours", v1alpha1.Finalizer), participant("a", "both", foreign, v1alpha1.Finalizer))
				if !options.Release {
					c.annotate()
				}
				options.Timeout = time.Minute
				if _, err := c.run(options); err == nil || c.left() != 1 {
					t.Errorf("%v, %d left", err, c.left())
				}
				kept := &v1alpha1.ConferenceParticipant{}
				err := c.Get(t.Context(), client.ObjectKey{Namespace: "a", Name: "both"}, kept)
				if err != nil || len(kept.Finalizers) != 1 || kept.Finalizers[0] != foreign {
					t.Errorf("%v: %v", err, kept.Finalizers)
				}
			})
		})
	}
}

// annotate has finalizers released without a manager.
func (c *cluster) annotate() {
	c.t.Helper()
	deployment := &appsv1.Deployment{}
	err := c.Get(c.t.Context(), client.ObjectKey{Namespace: "system", Name: "operator"}, deployment)
	deployment.Annotations = map[string]string{ReleaseAnnotation: "true"}
	if err == nil {
		err = c.Update(c.t.Context(), deployment)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func TestOtherNamespacesStay(t *testing.T) {
	c := newCluster(t, 1, participant("a", "ours"), participant("b", "theirs", v1alpha1.Finalizer), account())
	if _, err := c.run(Options{Timeout: time.Minute, Namespaces: []string{"a", "c"}}); err != nil || c.left() != 1 {
		t.Errorf("%v, %d left", err, c.left())
	}
}

// TestAListThatFailsIsTriedAgain has the API server away for a moment.
func TestAListThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, participant("a", "free"))
		lists := 0
		withWatch, ok := c.Client.(client.WithWatch)
		if !ok {
			t.Fatal("the client can't watch")
		}
		c.Client = interceptor.NewClient(withWatch, interceptor.Funcs{
			List: func(ctx context.Context, below client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
				if lists++; lists == 4 {
					return errors.New("away")
				}
				return below.List(ctx, list, options...)
			},
		})
		if _, err := c.run(Options{Timeout: time.Minute, Grace: time.Second}); err != nil || lists < 5 {
			t.Errorf("%v after %d lists", err, lists)
		}
	})
}
