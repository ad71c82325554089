package participant

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
)

// coachees finds participants to coach, in the cache and in the conference.
type coachees struct {
	reader  client.Reader
	rosters Rosters
}

// resolve finds the participant to coach, and says whether it can be coached.
func (c coachees) resolve(ctx context.Context, x *reconciliation) (plan.Coachee, error) {
	spec := x.object.Spec
	reference := spec.ParticipantToCoachRef
	if reference == nil {
		return c.inConference(x, string(spec.CallSIDToCoach), false), nil
	}
	referred := &v1alpha1.ConferenceParticipant{}
	err := c.reader.Get(ctx, types.NamespacedName{Namespace: x.memory.Name.Namespace, Name: reference.Name}, referred)
	if apierrors.IsNotFound(err) {
		return plan.Referred(&spec, nil), nil
	}
	if err != nil {
		return plan.Coachee{}, err
	}
	found := plan.Referred(&spec, referred)
	if found.State != plan.CoacheeReady {
		return found, nil
	}
	return c.inConference(x, found.SID, referred.Status.CallState == v1alpha1.CallLeft), nil
}

// inConference says what the roster knows about a coachee. One that was
// there before and is not now is gone; one that never was is awaited.
func (c coachees) inConference(x *reconciliation, callSID string, left bool) plan.Coachee {
	seen := c.rosters.Observation(x.memory.Key, callSID)
	wasThere := left || seen.Present || seen.SeenBefore || x.coachedBefore(callSID)
	if wasThere && !seen.There() && !seen.Rings() {
		return plan.Coachee{SID: callSID, State: plan.CoacheeGone, Why: x.coacheeGone()}
	}
	return plan.CoacheeSeen(callSID, seen)
}

// coacheeGone says that the coachee has left, and what that means for a
// participant that only the coachee was to hear.
func (x *reconciliation) coacheeGone() string {
	if x.desired.Muted != nil && !*x.desired.Muted {
		return "The participant to coach has left the conference, so this one is muted; name another one, or set coaching: false."
	}
	return "The participant to coach has left the conference; name another one, or set coaching: false."
}

// coachedBefore reports whether the coachee was there before, as the process that
// saw it may not be this one.
func (x *reconciliation) coachedBefore(callSID string) bool {
	known := x.object.Status.Participant
	return known != nil && known.Coaching && known.CallSIDToCoach == callSID || x.memory.Coachee.Lost
}
