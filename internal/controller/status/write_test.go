package status

import (
	"context"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// apiServer is one that has an account, and counts the writes of its status.
func apiServer(t *testing.T, object *v1alpha1.VoiceAccount) (c client.Client, patches *int) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	patches = new(int)
	return fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(object).WithObjects(object).
		WithInterceptorFuncs(interceptor.Funcs{
			SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, options ...client.SubResourcePatchOption) error {
				*patches++
				return c.SubResource(sub).Patch(ctx, o, p, options...)
			},
		}).Build(), patches
}

func named(uid types.UID) *v1alpha1.VoiceAccount {
	object := &v1alpha1.VoiceAccount{}
	object.Namespace, object.Name, object.UID = "ns", "acme", uid
	return object
}

func TestR14Write(t *testing.T) {
	for _, c := range []struct {
		name string
		// foreign is what another party does after the object was read.
		foreign func(t *testing.T, api client.Client, live *v1alpha1.VoiceAccount)
		// patches are the attempts; merged says that the live object was merged.
		patches  int
		merged   bool
		notFound bool
	}{
		{"as read", func(*testing.T, client.Client, *v1alpha1.VoiceAccount) {}, 1, false, false},
		{"changed since", func(t *testing.T, api client.Client, live *v1alpha1.VoiceAccount) {
			live.Labels = map[string]string{"changed": "yes"}
			must(t, api.Update(t.Context(), live))
		}, 2, true, false},
		{"another object of the same name", func(t *testing.T, api client.Client, live *v1alpha1.VoiceAccount) {
			must(t, api.Delete(t.Context(), live))
			must(t, api.Create(t.Context(), named("b")))
		}, 1, false, true},
		{"gone", func(t *testing.T, api client.Client, live *v1alpha1.VoiceAccount) {
			must(t, api.Delete(t.Context(), live))
		}, 1, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			api, patches := apiServer(t, named("a"))
			before := &v1alpha1.VoiceAccount{}
			key := types.NamespacedName{Namespace: "ns", Name: "acme"}
			must(t, api.Get(t.Context(), key, before))
			c.foreign(t, api, before.DeepCopy())
			after := before.DeepCopy()
			after.Status.ObservedGeneration = 7
			w := Writer[*v1alpha1.VoiceAccount]{
				Client: api, Live: api, New: func() *v1alpha1.VoiceAccount { return &v1alpha1.VoiceAccount{} },
				Resource: v1alpha1.GroupVersion.WithResource("voiceaccounts").GroupResource(),
			}
			merged := false
			written, err := w.Write(t.Context(), before, after, func(live *v1alpha1.VoiceAccount) *v1alpha1.VoiceAccount {
				merged, live = true, live.DeepCopy()
				live.Status.ObservedGeneration = 8
				return live
			})
			if apierrors.IsNotFound(err) != c.notFound || (err != nil) != c.notFound || merged != c.merged || *patches != c.patches {
				t.Fatalf("%d writes, merged %v: %v", *patches, merged, err)
			}
			stored := &v1alpha1.VoiceAccount{}
			if err := api.Get(t.Context(), key, stored); apierrors.IsNotFound(err) {
				return
			}
			want := map[bool]int64{false: 7, true: 8}[c.merged]
			if c.notFound {
				want = 0
			} else if written.ResourceVersion != stored.ResourceVersion || written.Labels["changed"] != stored.Labels["changed"] {
				t.Errorf("version %s was written, %s is stored", written.ResourceVersion, stored.ResourceVersion)
			}
			if stored.Status.ObservedGeneration != want {
				t.Errorf("%d is stored, want %d", stored.Status.ObservedGeneration, want)
			}
		})
	}
}

// A conflict on the live object, too, is an error: the reconcile follows once more.
func TestR14ASecondConflictIsAnError(t *testing.T) {
	api, patches := apiServer(t, named("a"))
	before := &v1alpha1.VoiceAccount{}
	must(t, api.Get(t.Context(), client.ObjectKeyFromObject(named("a")), before))
	change := func() {
		live := &v1alpha1.VoiceAccount{}
		must(t, api.Get(t.Context(), client.ObjectKeyFromObject(before), live))
		live.Labels = map[string]string{"version": live.ResourceVersion}
		must(t, api.Update(t.Context(), live))
	}
	change()
	w := Writer[*v1alpha1.VoiceAccount]{Client: api, Live: api, New: func() *v1alpha1.VoiceAccount { return &v1alpha1.VoiceAccount{} }}
	after := before.DeepCopy()
	after.Status.ObservedGeneration = 7
	_, err := w.Write(t.Context(), before, after, func(live *v1alpha1.VoiceAccount) *v1alpha1.VoiceAccount {
		change()
		merged := live.DeepCopy()
		merged.Status.ObservedGeneration = 8
		return merged
	})
	if !apierrors.IsConflict(err) || *patches != 2 {
		t.Errorf("%d writes: %v, want a conflict after two", *patches, err)
	}
}

func TestR14Overlay(t *testing.T) {
	written := &v1alpha1.VoiceAccountStatus{ObservedGeneration: 7}
	stored := func(version string) Stored[v1alpha1.VoiceAccountStatus] {
		object := named("a")
		object.ResourceVersion, object.Finalizers = version, []string{v1alpha1.Finalizer}
		return Store(object, written)
	}
	for _, c := range []struct {
		name   string
		stored Stored[v1alpha1.VoiceAccountStatus]
		cached string
		// overlaid says that the cache is behind.
		overlaid bool
	}{
		{"nothing was written", Stored[v1alpha1.VoiceAccountStatus]{}, "5", false},
		{"an older cache", stored("10"), "9", true},
		{"an older cache, by number", stored("100"), "99", true},
		{"the version that was written", stored("10"), "10", false},
		{"a newer cache", stored("10"), "11", false},
		{"a version in the cache that is no number", stored("10"), "x", false},
		{"a version of ours that is no number", stored("x"), "10", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			object := named("a")
			object.ResourceVersion, object.Status.ObservedGeneration = c.cached, 6
			kept := c.stored.Overlay(object, &object.Status)
			if overlaid := object.Status.ObservedGeneration == 7; overlaid != c.overlaid || (len(object.Finalizers) == 1) != c.overlaid ||
				(object.ResourceVersion != c.cached) != c.overlaid || (kept.written != nil) != c.overlaid {
				t.Errorf("%+v, kept %+v", object, kept)
			}
		})
	}
}

func TestEventType(t *testing.T) {
	for _, c := range []struct {
		verdict Verdict
		want    string
	}{
		{Ready("InSync", "m"), "Normal"}, {Observed("hold is true"), "Normal"}, {Reconciling("Converging", "m"), "Normal"},
		{Suspended("m"), "Normal"}, {Stalled("Rejected", "m"), "Warning"},
	} {
		if got := c.verdict.eventType(); got != c.want {
			t.Errorf("the event of %s is %s", c.verdict.Reason, got)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
