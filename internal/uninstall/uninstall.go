// Package uninstall takes the first step of an uninstallation: it deletes every object of
// the operator's kinds while a manager is there to release the finalizers. The chart runs
// it before it removes anything; hack/uninstall/objects does the same with kubectl.
package uninstall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// poll is the time between two looks at what is left.
const poll = time.Second

// The kinds, in the order in which they go: Conferences would make participants again, and
// participants need their accounts.
const (
	conferences  = "Conference"
	participants = "ConferenceParticipant"
	accounts     = "VoiceAccount"
)

// ReleaseAnnotation on the manager's Deployment, with the value "true", has finalizers
// released without a manager: an uninstallation that has failed needs no other flags, and
// Helm can't change any then.
const ReleaseAnnotation = "conference.voiceops.dev/release-finalizers"

// ErrNoManager says that finalizers need a manager and none is ready.
var ErrNoManager = errors.New("no manager is ready to release their finalizers")

// Options say what is deleted, and how long that may take.
type Options struct {
	// Namespaces are those of the objects; all of them if empty.
	Namespaces []string
	// Deployment is the manager's: a manager is ready while it has a ready replica.
	Deployment client.ObjectKey
	// Release releases the operator's finalizer without a manager, as ReleaseAnnotation does.
	Release bool
	// Timeout is how long all of it may take, and Grace for how long of it no manager may
	// be ready.
	Timeout, Grace time.Duration
}

// uninstallation is one run.
type uninstallation struct {
	Options

	client client.Client
	out    io.Writer
	// readySince is when a manager was last seen ready, or not needed.
	readySince time.Time
}

// Run deletes all Conferences, then all ConferenceParticipants, and waits until these are
// gone, then all VoiceAccounts. It writes a line for each step. Where a finalizer needs a
// manager and none is ready nothing is deleted, and the error is ErrNoManager. A kind that
// is not installed has no objects.
func Run(ctx context.Context, c client.Client, options Options, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, options.Timeout)
	defer cancel()
	u := &uninstallation{Options: options, client: c, out: out, readySince: time.Now()}
	if err := u.check(ctx); err != nil {
		return err
	}
	for _, kind := range []string{conferences, participants, accounts} {
		if err := u.remove(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

// check fails if a finalizer needs a manager and none is ready.
func (u *uninstallation) check(ctx context.Context) error {
	left, err := u.list(ctx, participants)
	if err != nil {
		return err
	}
	if count := held(left); count > 0 && u.manager(ctx) == absent {
		return u.withoutManager(count)
	}
	return nil
}

// withoutManager returns the error with the way out.
func (u *uninstallation) withoutManager(count int) error {
	return fmt.Errorf("%d ConferenceParticipants stay, and so does everything else: %w. Start one and try again, or leave the calls muted, on hold or coaching as they are: kubectl --namespace %s annotate deployment %s %s=true, and try again",
		count, ErrNoManager, u.Deployment.Namespace, u.Deployment.Name, ReleaseAnnotation)
}

// remove deletes all objects of a kind, and waits until they are gone.
func (u *uninstallation) remove(ctx context.Context, kind string) error {
	found, err := u.list(ctx, kind)
	if err != nil || len(found) == 0 {
		return err
	}
	fmt.Fprintf(u.out, "Deleting %d objects of the kind %s.\n", len(found), kind)
	for i := range found {
		if err := u.client.Delete(ctx, &found[i]); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete the %s %s: %w", kind, client.ObjectKeyFromObject(&found[i]), err)
		}
	}
	return u.await(ctx, kind)
}

// await waits until there are no objects of a kind. A list that fails is tried again.
func (u *uninstallation) await(ctx context.Context, kind string) error {
	var left []metav1.PartialObjectMetadata
	var last error
	err := wait.PollUntilContextCancel(ctx, poll, true, func(ctx context.Context) (bool, error) {
		found, err := u.list(ctx, kind)
		if last = err; err != nil {
			return false, nil
		}
		if left = found; len(left) == 0 {
			return true, nil
		}
		return false, u.progress(ctx, left)
	})
	if wait.Interrupted(err) {
		return fmt.Errorf("%d objects of the kind %s are not gone after %s: see their finalizers, and the log of the manager: %w", len(left), kind, u.Timeout, errors.Join(err, last))
	}
	return err
}

// progress releases finalizers if it was told to, and otherwise fails once no manager has
// been ready for too long.
func (u *uninstallation) progress(ctx context.Context, left []metav1.PartialObjectMetadata) error {
	count, manager := held(left), u.manager(ctx)
	switch {
	case count == 0 || manager == ready:
		u.readySince = time.Now()
	case manager == notNeeded:
		return u.release(ctx, left)
	case time.Since(u.readySince) >= u.Grace:
		return u.withoutManager(count)
	}
	return nil
}

// release removes the operator's finalizer, and no other. An object that has changed
// meanwhile is left to the next time.
func (u *uninstallation) release(ctx context.Context, left []metav1.PartialObjectMetadata) error {
	for i := range left {
		before := left[i].DeepCopy()
		if !controllerutil.RemoveFinalizer(&left[i], v1alpha1.Finalizer) {
			continue
		}
		err := u.client.Patch(ctx, &left[i], client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
		if err != nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			return fmt.Errorf("release the finalizer of %s: %w", client.ObjectKeyFromObject(before), err)
		}
	}
	return nil
}

// presence says whether a manager is there to release finalizers.
type presence uint8

const (
	absent presence = iota
	ready
	// notNeeded means that finalizers are released without one.
	notNeeded
)

// manager asks the Deployment; one that can't be read has no manager.
func (u *uninstallation) manager(ctx context.Context) presence {
	deployment := &appsv1.Deployment{}
	err := u.client.Get(ctx, u.Deployment, deployment)
	switch {
	case u.Release || err == nil && deployment.Annotations[ReleaseAnnotation] == "true":
		return notNeeded
	case err == nil && deployment.Status.ReadyReplicas > 0:
		return ready
	}
	return absent
}

// list returns the objects of a kind.
func (u *uninstallation) list(ctx context.Context, kind string) (found []metav1.PartialObjectMetadata, err error) {
	namespaces := u.Namespaces
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, namespace := range namespaces {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind + "List"))
		err := u.client.List(ctx, list, client.InNamespace(namespace))
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list the objects of the kind %s: %w", kind, err)
		}
		for i := range list.Items {
			list.Items[i].SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
		}
		found = append(found, list.Items...)
	}
	return found, nil
}

// held counts the objects with the operator's finalizer.
func held(objects []metav1.PartialObjectMetadata) (count int) {
	for i := range objects {
		if controllerutil.ContainsFinalizer(&objects[i], v1alpha1.Finalizer) {
			count++
		}
	}
	return count
}
