package world

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// Fate is what becomes of the operator's process at a crossing.
type Fate int

const (
	// Lives goes on.
	Lives Fate = iota
	// DiesBefore ends the process before the request had any effect.
	DiesBefore
	// DiesAfter ends the process after the request had its effect and before the
	// process learned of it.
	DiesAfter
)

// Crossing is a request that leaves the operator's process.
type Crossing struct {
	// Provider says that it goes to the voice provider, else to Kubernetes.
	Provider bool
	// What is the method and the kind of object or the path, Name the object's.
	What, Name string
}

// errDead is what a process that has died sees; nobody hears what it makes of it.
var errDead = errors.New("the process is dead")

// life is that of one process of the operator.
type life struct{ over atomic.Bool }

// dead says whether the present process has died.
func (w *World) dead() bool { return w.life.over.Load() }

// cross lets a request out of a process, unless that dies on the way.
func (w *World) cross(of *life, crossing Crossing, request func() error) error {
	if of.over.Load() {
		return errDead
	}
	fate := Lives
	if w.Cross != nil {
		fate = w.ask(crossing)
	}
	if fate == DiesBefore {
		of.over.Store(true)
		return errDead
	}
	err := request()
	if fate == DiesAfter {
		of.over.Store(true)
		return errDead
	}
	if w.Crossed != nil {
		w.openly(crossing, func() { w.Crossed(crossing) })
	}
	return err
}

// ask asks for the fate at a crossing.
func (w *World) ask(crossing Crossing) (fate Fate) {
	w.openly(crossing, func() { fate = w.Cross(crossing) })
	return fate
}

// openly does something at a crossing that others may pass meanwhile.
func (w *World) openly(crossing Crossing, do func()) {
	if crossing.Provider {
		w.gate.Unlock()
		defer w.gate.Lock()
	}
	do()
}

// provider lets requests through to the simulator. Who dies meanwhile gets no
// answer.
func (w *World) provider(sim http.Handler) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		answer, err := w.gateway(sim, request)
		if answer == nil && err == nil {
			sim.ServeHTTP(response, request)
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(response.Header(), answer.Header())
		response.WriteHeader(answer.Code)
		_, _ = response.Write(answer.Body.Bytes())
	})
}

// gateway takes a request over the crossing to the simulator; nothing is returned
// where there is none.
func (w *World) gateway(sim http.Handler, request *http.Request) (answer *httptest.ResponseRecorder, err error) {
	w.gate.Lock()
	defer w.gate.Unlock()
	if w.Cross == nil && w.Crossed == nil && !w.dead() {
		return nil, nil
	}
	answer = httptest.NewRecorder()
	err = w.cross(w.life, Crossing{Provider: true, What: request.Method + " " + request.URL.Path}, func() error {
		sim.ServeHTTP(answer, request)
		return nil
	})
	return answer, err
}

// interceptors are what one process sees of the Kubernetes API.
func (w *World) interceptors(of *life) interceptor.Funcs {
	cross := func(what string, object client.Object, request func() error) error {
		return w.cross(of, Crossing{What: what + " " + kindOf(object), Name: object.GetName()}, request)
	}
	return interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			switch {
			case of.over.Load():
				return errDead
			case w.Intercept.Get != nil:
				return w.Intercept.Get(ctx, c, key, object, options...)
			}
			return w.read(ctx, c, key, object, options...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			return cross("patch", object, func() error { return c.Patch(ctx, object, patch, options...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			return cross("delete", object, func() error { return c.Delete(ctx, object, options...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, name string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			w.keepStatus(object)
			return cross("patch "+name, object, func() error {
				if _, ok := object.(*Object); ok {
					w.Writes++
				}
				if w.Intercept.SubResourcePatch != nil {
					return w.Intercept.SubResourcePatch(ctx, c, name, object, patch, options...)
				}
				return c.SubResource(name).Patch(ctx, object, patch, options...)
			})
		},
	}
}

// live are one process's reads past its cache, which are requests.
func (w *World) live(of *life) interceptor.Funcs {
	return interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			return w.cross(of, Crossing{What: "get " + kindOf(object), Name: key.Name}, func() error {
				if w.InterceptLive.Get != nil {
					return w.InterceptLive.Get(ctx, c, key, object, options...)
				}
				return w.read(ctx, c, key, object, options...)
			})
		},
	}
}

// read gets an object with the time at which the world had it deleted.
func (w *World) read(ctx context.Context, c client.Reader, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	err := c.Get(ctx, key, object, options...)
	if at, ok := w.deleted[object.GetUID()]; ok && err == nil {
		object.SetDeletionTimestamp(&at)
	}
	return err
}

// kindOf is how a crossing names an object.
func kindOf(object client.Object) string {
	switch object.(type) {
	case *Object:
		return "ConferenceParticipant"
	case *corev1.Secret:
		return "Secret"
	default:
		return "VoiceAccount"
	}
}
