package participant

import (
	"context"
	"errors"
	"testing"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
)

// stubPolicies answer the same about every child, and fail the test for any other.
type stubPolicies struct {
	t   *testing.T
	as  policy.Standing
	err error
}

func (s stubPolicies) Standing(_ context.Context, child *v1alpha1.ConferenceParticipant) (policy.Standing, error) {
	if len(child.OwnerReferences) == 0 {
		s.t.Error("asked about an object that people wrote")
	}
	return s.as, s.err
}

func TestR28ChildrenAloneAreAskedAbout(t *testing.T) {
	ended := stubPolicies{t: t, as: policy.StandingEnded}
	unreadable := stubPolicies{t: t, as: policy.StandingEnded, err: errors.New("no right to read Conferences")}
	for name, c := range map[string]struct {
		policies Policies
		object   objects
		want     policy.Standing
	}{
		"a child":                                {ended, objects{childOfAllHands}, policy.StandingEnded},
		"written by hand":                        {ended, nil, policy.StandingUnknown},
		"a child, and there are no Conferences":  {nil, objects{childOfAllHands}, policy.StandingUnknown},
		"a child, and Conferences can't be read": {unreadable, objects{childOfAllHands}, policy.StandingUnknown},
	} {
		if got := (gatherer{policies: c.policies}).standing(t.Context(), subject(c.object...)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
