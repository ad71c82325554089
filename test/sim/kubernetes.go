package sim

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/voiceops/conference-operator/internal/operator"
)

// interceptors are what one process sees of the Kubernetes API.
func (s *Sim) interceptors(of *process) interceptor.Funcs {
	cross := func(what string, object client.Object, request func() error) error {
		return s.cross(of, Boundary{What: what + " " + kindOf(object), Name: object.GetName()}, request)
	}
	return interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			switch {
			case of.ended.Load():
				return errCrashed
			case s.Intercept.Get != nil:
				return strip(s.Intercept.Get(ctx, c, key, object, options...), object)
			}
			return strip(c.Get(ctx, key, object, options...), object)
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			if s.listCached(list, options...) {
				return meta.EachListItem(list, func(object runtime.Object) error { return strip(nil, object) })
			}
			if err := c.List(ctx, list, options...); err != nil {
				return err
			}
			return meta.EachListItem(list, func(object runtime.Object) error { return strip(nil, object) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			return cross("patch", object, func() error { return c.Patch(ctx, object, patch, options...) })
		},
		Apply: func(ctx context.Context, c client.WithWatch, configuration runtime.ApplyConfiguration, options ...client.ApplyOption) error {
			return cross("apply", &Object{}, func() error {
				if s.Intercept.Apply != nil {
					return s.Intercept.Apply(ctx, c, configuration, options...)
				}
				return c.Apply(ctx, configuration, options...)
			})
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			return cross("delete", object, func() error { return c.Delete(ctx, object, options...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, name string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			s.keepStatus(object)
			return cross("patch "+name, object, func() error {
				if _, ok := object.(*Object); ok {
					s.Writes++
				}
				if s.Intercept.SubResourcePatch != nil {
					return s.Intercept.SubResourcePatch(ctx, c, name, object, patch, options...)
				}
				return c.SubResource(name).Patch(ctx, object, patch, options...)
			})
		},
	}
}

// strip makes of an object what the manager's cache has of it, unless reading it has
// failed.
func strip(err error, object runtime.Object) error {
	if _, ok := object.(*Object); err != nil || !ok {
		return err
	}
	_, err = operator.StripForCache(object)
	return err
}

// live are one process's reads past its cache, which are requests.
func (s *Sim) live(of *process) interceptor.Funcs {
	return interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			return s.cross(of, Boundary{What: "get " + kindOf(object), Name: key.Name}, func() error {
				if s.InterceptLive.Get != nil {
					return s.InterceptLive.Get(ctx, c, key, object, options...)
				}
				return c.Get(ctx, key, object, options...)
			})
		},
	}
}

// kindOf is how a boundary names an object.
func kindOf(object client.Object) string {
	switch object.(type) {
	case *Object:
		return "ConferenceParticipant"
	case *corev1.Secret:
		return "Secret"
	case *Room:
		return "Conference"
	default:
		return "VoiceAccount"
	}
}
