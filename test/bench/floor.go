package main

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
)

// floor is the rate, in objects a second, of a bare loop that creates each
// object, sends its update and writes its status, with no controller running.
func (sc *scene) floor(ctx context.Context, calls []call) (float64, error) {
	began := time.Now()
	first := sc.made
	sc.made += len(calls)
	err := each(ctx, len(calls), func(ctx context.Context, i int) error {
		object := sc.object(name(first+i), calls[i])
		if err := sc.client.Create(ctx, object); err != nil {
			return err
		}
		if err := sc.provider.mute(ctx, calls[i]); err != nil {
			return err
		}
		before := object.DeepCopy()
		object.Status = converged(object, calls[i])
		return sc.client.Status().Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	})
	return float64(len(calls)) / time.Since(began).Seconds(), err
}

// converged is the status that the operator writes: as many fields, as long.
func converged(object *v1alpha1.ConferenceParticipant, c call) v1alpha1.ConferenceParticipantStatus {
	verdict := status.Ready(v1alpha1.ReasonInSync, "Every declared field is as declared.")
	const date = "Mon, 23 Nov 2026 10:15:42 +0000"
	digest := "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	return v1alpha1.ConferenceParticipantStatus{
		ObservedGeneration: object.Generation, CallState: v1alpha1.CallLive, LastSyncedDigest: digest[:32],
		Conditions: status.Apply([]metav1.Condition{}, verdict, object.Generation, time.Now()),
		Participant: &v1alpha1.ParticipantState{
			AccountSID: c.account, CallSID: c.sid, ConferenceSID: c.conference, Muted: true, Status: "in-progress",
			DateCreated: date, DateUpdated: date, EndConferenceOnExit: new(false), StartConferenceOnEnter: new(true),
			URI: "/api/laml/2010-04-01/Accounts/" + c.account + "/Conferences/" + c.conference + "/Participants/" + c.sid + ".json",
		},
	}
}
