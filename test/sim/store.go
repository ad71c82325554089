package sim

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
)

// newAPI is a fake Kubernetes API that does what a real one does and the fake
// leaves out: defaults, generations, times by the virtual clock, and watch events
// of all writes, the operator's own included.
func (s *Sim) newAPI() client.WithWatch {
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		s.t.Fatal(err)
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.VoiceAccount{}, &Object{}, &Room{})
	indexer := indexerFunc(func(of client.Object, field string, extract client.IndexerFunc) {
		builder = builder.WithIndex(of, field, extract)
		s.cached.indexes[field] = extract
	})
	if err := errors.Join(index.Add(s.t.Context(), indexer), index.AddConferences(s.t.Context(), indexer)); err != nil {
		s.t.Fatal(err)
	}
	return interceptor.NewClient(builder.Build(), interceptor.Funcs{
		Get: s.get, Create: s.create, Update: s.update, Delete: s.delete, Apply: s.apply,
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			return s.observe(ctx, c, object, func(client.Object) error { return c.Patch(ctx, object, patch, options...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, name string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			return s.observe(ctx, c, object, func(client.Object) error { return c.SubResource(name).Patch(ctx, object, patch, options...) })
		},
	})
}

type indexerFunc func(client.Object, string, client.IndexerFunc)

func (f indexerFunc) IndexField(_ context.Context, of client.Object, field string, extract client.IndexerFunc) error {
	f(of, field, extract)
	return nil
}

// observe carries out a write and delivers the watch event of it; write gets the
// object as it was before, nil if there was none.
func (s *Sim) observe(ctx context.Context, c client.Reader, object client.Object, write func(old client.Object) error) error {
	old, err := stored(ctx, c, object)
	if err != nil {
		return err
	}
	if err := write(old); err != nil {
		return err
	}
	updated, err := stored(ctx, c, object)
	if err != nil || old == nil && updated == nil {
		return err
	}
	s.deliver(ctx, old, updated)
	return nil
}

// stored reads an object as it is stored; nil if there is none.
func stored(ctx context.Context, c client.Reader, object client.Object) (client.Object, error) {
	found := reflect.New(reflect.TypeOf(object).Elem()).Interface().(client.Object)
	if err := c.Get(ctx, client.ObjectKeyFromObject(object), found); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return found, nil
}

// get reads an object, with the virtual time of its deletion.
func (s *Sim) get(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	err := c.Get(ctx, key, object, options...)
	if at, ok := s.deleted[object.GetUID()]; ok && err == nil {
		object.SetDeletionTimestamp(&at)
	}
	return err
}

func (s *Sim) create(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
	object.SetUID(types.UID(fmt.Sprintf("%T/%s/%s@%s", object, object.GetNamespace(), object.GetName(), s.Now())))
	object.SetGeneration(1)
	object.SetCreationTimestamp(metav1.NewTime(s.Now()))
	switch object := object.(type) {
	case *Object:
		object.Status = v1alpha1.ConferenceParticipantStatus{}
	case *v1alpha1.VoiceAccount:
		object.Status = v1alpha1.VoiceAccountStatus{}
	case *Room:
		object.Status = v1alpha1.ConferenceStatus{}
	}
	if err := setDefaults(object); err != nil {
		return err
	}
	return s.observe(ctx, c, object, func(client.Object) error { return c.Create(ctx, object, options...) })
}

func (s *Sim) update(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
	if err := setDefaults(object); err != nil {
		return err
	}
	return s.observe(ctx, c, object, func(old client.Object) error {
		if old != nil {
			object.SetGeneration(old.GetGeneration())
			if !reflect.DeepEqual(specOf(old), specOf(object)) {
				object.SetGeneration(old.GetGeneration() + 1)
			}
		}
		return c.Update(ctx, object, options...)
	})
}

// specOf is an object's specification, which its generation counts the changes of.
func specOf(object client.Object) any {
	switch object := object.(type) {
	case *Object:
		return object.Spec
	case *v1alpha1.VoiceAccount:
		return object.Spec
	case *Room:
		return object.Spec
	}
	return nil
}

// delete marks an object that has finalizers as deleted, which makes a new
// generation of it, and removes any other.
func (s *Sim) delete(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
	return s.observe(ctx, c, object, func(old client.Object) error {
		if err := c.Delete(ctx, object, options...); err != nil || old.GetDeletionTimestamp() != nil {
			return err
		}
		marked, err := stored(ctx, c, object)
		if err != nil || marked == nil {
			return err
		}
		s.deleted[old.GetUID()] = metav1.NewTime(s.Now())
		marked.SetGeneration(old.GetGeneration() + 1)
		if err := c.Update(ctx, marked); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
		return nil
	})
}
