package conference

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
)

const (
	// writesPerReconcile is how many children a reconcile writes.
	writesPerReconcile = 64
	// retryAfterConflict is the wait after another writer was faster.
	retryAfterConflict = time.Second
)

// childWriter applies and deletes children.
type childWriter struct {
	client client.Client
	// inFlight is how many children are written at once.
	inFlight int
	// labels are the keys of the labels that children inherit.
	labels []string
	clock  func() time.Time
}

// write writes the children that differ, in their order, and returns when to go on; zero
// is never.
func (w childWriter) write(ctx context.Context, s *scope, found policy.Assignment) (next time.Time) {
	m := s.memory
	m.refused.vacate(len(s.children), s.now)
	due, next := s.permitted(s.due(found.Children))
	held := !next.IsZero()
	more := len(due) > writesPerReconcile
	due = due[:min(len(due), writesPerReconcile)]
	m.taken = ""
	before, failures := m.refused, w.apply(ctx, s, due)
	for _, failure := range failures {
		next = earlier(next, w.take(ctx, s, before, failure))
	}
	failures = slices.DeleteFunc(failures, func(f failure) bool { return errors.Is(f.err, errTaken) })
	s.accept(failures)
	if len(failures) == 0 && !more && !held {
		s.enter(found)
	}
	for _, child := range found.Delete {
		next = earlier(next, w.delete(ctx, s, child))
	}
	if more {
		next = earlier(next, w.clock())
	}
	return next
}

// due are the children that have to be written.
func (s *scope) due(wants []policy.Want) (due []policy.Want) {
	for _, want := range wants {
		if !s.stored(want) {
			due = append(due, want)
		}
	}
	return due
}

// stored reports whether a child is stored as the API server will have it: what an
// admission webhook has changed in the answer to the same words is not fought.
func (s *scope) stored(want policy.Want) bool {
	child, there := s.children[want.CallSID]
	return there && (!differs(child, want) || s.memory.children[want.Name].altered == alteredKey(want))
}

// alteredKey identifies what was applied.
func alteredKey(want policy.Want) string { return string(want.Role) + "/" + want.Record.Digest }

// enter notes for which joins it is decided what is done on entry.
func (s *scope) enter(found policy.Assignment) {
	entered := map[string]bool{}
	for _, callSID := range found.Entered {
		entered[callSID] = true
	}
	for _, seen := range s.snapshot.Legs {
		if entered[seen.CallSID] {
			s.memory.entered[seen.CallSID] = entranceOf(seen)
		}
	}
}

// failure is a child that could not be written.
type failure struct {
	want policy.Want
	err  error
}

// apply applies children, several at once; what comes first begins first.
func (w childWriter) apply(ctx context.Context, s *scope, due []policy.Want) (failures []failure) {
	var mu sync.Mutex
	var group sync.WaitGroup
	slots := make(chan struct{}, max(w.inFlight, 1))
	for _, want := range due {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			written, err := w.applyOne(ctx, s, want)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failures = append(failures, failure{want, err})
				return
			}
			s.memory.children[want.Name] = written
			if written.releases {
				s.released++
			}
		})
	}
	group.Wait()
	return failures
}

// applyOne applies one child and returns what the API server has stored. One that is not
// known to be there is not forced upon an object of that name.
func (w childWriter) applyOne(ctx context.Context, s *scope, want policy.Want) (applied, error) {
	known, options := s.children[want.CallSID].UID, []client.ApplyOption{client.FieldOwner(fieldManager)}
	if known != "" {
		options = append(options, client.ForceOwnership)
	} else if err := w.vacant(ctx, s, want.Name); err != nil {
		return applied{}, err
	}
	made, err := manifest(s.object, want, known, w.labels)
	if err != nil {
		return applied{}, err
	}
	if err := w.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(made), options...); err != nil {
		return applied{}, err
	}
	object := &v1alpha1.ConferenceParticipant{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(made.Object, object); err != nil {
		return applied{}, err
	}
	logf.FromContext(ctx).V(1).Info("Applied a participant", "participant", object.Name, "role", want.Role)
	written := applied{object: object, uid: object.UID, at: w.clock()}
	written.releases = releases(s.legs[want.CallSID], s.children[want.CallSID].Spec, want.Spec)
	if differs(policy.ChildOf(object), want) {
		written.altered = alteredKey(want)
	}
	return written, nil
}

// take takes over that a child could not be written, and returns when to try again.
func (w childWriter) take(ctx context.Context, s *scope, before refusals, failed failure) time.Time {
	err := failed.err
	if errors.Is(err, errTaken) {
		s.memory.taken = failed.want.Name
		return s.now.Add(retryTaken)
	}
	logf.FromContext(ctx).Info("A participant could not be stored", "participant", failed.want.Name, "cause", err.Error())
	passing := apierrors.IsConflict(err) || apierrors.IsNotFound(err) || isForeign(err)
	if passing && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		// It has expired, or the child of a Conference before goes first.
		return s.now.Add(retryAfterConflict)
	}
	return s.refuse(before, failed)
}

// isForeign reports whether an object of that name has another controller.
func isForeign(err error) bool {
	var refused apierrors.APIStatus
	if !errors.As(err, &refused) || refused.Status().Details == nil {
		return false
	}
	return slices.ContainsFunc(refused.Status().Details.Causes, func(cause metav1.StatusCause) bool {
		return strings.HasPrefix(cause.Field, "metadata.ownerReferences")
	})
}

// delete deletes a child, if it still is the same object.
func (w childWriter) delete(ctx context.Context, s *scope, child policy.Child) (next time.Time) {
	object := &v1alpha1.ConferenceParticipant{}
	object.Namespace, object.Name = s.object.Namespace, child.Name
	err := w.client.Delete(ctx, object, client.Preconditions{UID: &child.UID})
	if client.IgnoreNotFound(err) != nil && !apierrors.IsConflict(err) {
		logf.FromContext(ctx).Info("A participant could not be deleted", "participant", child.Name, "cause", err.Error())
		return s.now.Add(retryAfterConflict)
	}
	s.memory.children[child.Name] = applied{uid: child.UID, at: w.clock()}
	if callSID := string(child.Spec.CallSID); releases(s.legs[callSID], child.Spec, v1alpha1.ConferenceParticipantSpec{}) {
		s.released++
	}
	return time.Time{}
}
