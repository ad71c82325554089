package operator

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/metrics"
)

// objectCounter returns a function that tells of each VoiceAccount and Conference in the
// cache whether it is Ready. A kind that can't be read has none: metrics are read before
// the caches are there, and Conferences may not be served. The context is that of the
// process.
func objectCounter(ctx context.Context, reader client.Reader) func() metrics.Objects {
	return func() (found metrics.Objects) {
		accounts, conferences := &v1alpha1.VoiceAccountList{}, &v1alpha1.ConferenceList{}
		if reader.List(ctx, accounts, client.UnsafeDisableDeepCopy) == nil {
			found.Accounts = accountObjects(accounts.Items)
		}
		if reader.List(ctx, conferences, client.UnsafeDisableDeepCopy) == nil {
			found.Conferences = conferenceObjects(conferences.Items)
		}
		return found
	}
}

// accountObjects is what VoiceAccounts say of themselves.
func accountObjects(accounts []v1alpha1.VoiceAccount) (found []metrics.Object) {
	for i := range accounts {
		account := &accounts[i]
		if object, told := objectOf(account, account.Status.Conditions, account.Status.ObservedGeneration); told {
			found = append(found, object)
		}
	}
	return found
}

// conferenceObjects is what Conferences say of themselves, and how many are in their rooms.
func conferenceObjects(conferences []v1alpha1.Conference) (found []metrics.Object) {
	for i := range conferences {
		conference := &conferences[i]
		object, told := objectOf(conference, conference.Status.Conditions, conference.Status.ObservedGeneration)
		if !told {
			continue
		}
		if counts := conference.Status.Counts; counts != nil {
			object.Participants, object.NotReady = int(counts.Participants), int(counts.NotReady)
		}
		found = append(found, object)
	}
	return found
}

// objectOf returns what an object says of itself; told is false if it is suspended or was
// not looked at since its last edit.
func objectOf(object client.Object, conditions []metav1.Condition, observed int64) (_ metrics.Object, told bool) {
	standing := status.StandingOf(conditions, observed, object.GetGeneration())
	if standing.Condition == "" || standing.Condition == v1alpha1.ConditionSuspended {
		return metrics.Object{}, false
	}
	return metrics.Object{
		Namespace: object.GetNamespace(), Name: object.GetName(),
		Ready: standing.Condition == v1alpha1.ConditionReady, Reason: standing.Reason,
	}, true
}
