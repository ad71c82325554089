package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

const (
	// maxRemovals is how often a removal is tried that the policy of the room forestalls.
	maxRemovals = 3
	// leaveTimeout is how long an object of a policy may show a call leg that was removed:
	// the operator reads twice, 5 s apart, before it says that one has left.
	leaveTimeout = 15 * time.Second
)

// errTakenOver is a removal that may not have been carried out: the policy took the call
// leg over before the operator looked at the deletion, which then has nothing to remove.
var errTakenOver = errors.New("the call is in the conference still, since the policy of the room took it over: kick it again")

// removeSurely removes a participant, and tries again if the policy of the room has taken
// the call leg over in between. A call leg that has left by then was removed.
func (t *tool) removeSurely(ctx context.Context, writer client.Client, found target, how kicking, o *writing) error {
	err := t.remove(ctx, writer, found, how, o)
	how.yes = true
	for tried := 1; errors.Is(err, errTakenOver) && tried < maxRemovals; tried++ {
		if found, err = find(ctx, writer, found.leg.Namespace, found.leg.CallSID); err == nil {
			err = t.remove(ctx, writer, found, how, o)
		}
		if errors.Is(err, errLeft) {
			t.note("call %s has left the conference", found.leg.CallSID)
			return nil
		}
	}
	return err
}

// leaves waits until no other object shows the call leg in the conference: the policy of
// its room may have taken it over.
func (o *writing) leaves(ctx context.Context, reader client.Client, removed *v1alpha1.ConferenceParticipant) error {
	if !o.wait {
		return nil
	}
	err := wait.PollUntilContextTimeout(ctx, pollInterval, leaveTimeout, true, func(ctx context.Context) (bool, error) {
		others, err := ofCall(ctx, reader, removed)
		return err == nil && !slices.ContainsFunc(others, func(p v1alpha1.ConferenceParticipant) bool { return shownBy(&p, removed) }), err
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		return errTakenOver
	}
	return err
}

// shownBy reports whether another object that is at work shows the call leg of one in its
// conference, or has not looked so far.
func shownBy(other, removed *v1alpha1.ConferenceParticipant) bool {
	same := other.Spec.ConferenceSID == removed.Spec.ConferenceSID && other.UID != removed.UID
	atWork := !other.Spec.Suspend && other.DeletionTimestamp.IsZero()
	return same && atWork && (other.Status.CallState == "" || other.Status.CallState == v1alpha1.CallLive)
}
