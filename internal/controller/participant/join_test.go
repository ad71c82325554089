package participant

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
)

func TestR7GateTakesUpALaterJoin(t *testing.T) {
	const monday, tuesday = "Mon, 23 Nov 2026 09:00:00 +0000", "Tue, 24 Nov 2026 09:00:00 +0000"
	for name, c := range map[string]struct {
		known, seen string
		anew        bool
	}{
		"the same":               {monday, monday, false},
		"written differently":    {monday, "2026-11-23T09:00:00.5Z", false},
		"later":                  {monday, tuesday, true},
		"earlier":                {tuesday, monday, false},
		"missing":                {monday, "", false},
		"unreadable":             {monday, "tomorrow", false},
		"the first that is read": {"", tuesday, false},
		"after an unreadable":    {"yesterday", tuesday, false},
	} {
		t.Run(name, func(t *testing.T) {
			x := prepared(subject(func(o *v1alpha1.ConferenceParticipant) {
				o.Status.Participant.DateCreated = c.known
				o.Status.AppliedInputsDigest = "music"
				o.Status.HandledAnnouncementIDs = []string{"closing"}
				o.Spec.DeletionPolicy, o.Status.Initial = v1alpha1.DeletionReset, &v1alpha1.InitialState{Hold: true}
				o.Spec.Once = &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Hold: new(false)}}
				o.Status.Once = []v1alpha1.OnceStatus{{Field: v1alpha1.OnceHold, Value: new(false), State: v1alpha1.OnceDone}}
				if date := prepared(subject()).seen; c.known != "" {
					date.DateCreated = c.known
					if joined := date.Joined(); !joined.IsZero() {
						o.Status.Once[0].DateCreated = new(metav1.NewTime(joined))
					}
				}
			}), func(x *reconciliation) { x.seen.DateCreated = c.seen })
			x.memory.Updates.Repairs[plan.FieldMute] = plan.Repairs{Contested: 3, Until: in(time.Hour)}
			if _, open := gate(x); !open {
				t.Fatal("the gate is closed")
			}
			afresh := x.status.LastSyncedDigest == "" && x.memory.Updates == plan.History{Beeped: x.memory.Updates.Beeped} &&
				!x.status.Initial.Hold && x.status.Once[0].State == v1alpha1.OncePending
			asBefore := x.status.LastSyncedDigest != "" && x.memory.Updates.AppliedInputs == "music" && x.status.Initial.Hold &&
				x.status.Once[0].State == v1alpha1.OnceDone && x.memory.Updates.Repairs[plan.FieldMute].Contested > 0
			if afresh != c.anew || asBefore == c.anew || len(x.status.HandledAnnouncementIDs) != 1 {
				t.Errorf("%+v, %+v", x.status, x.memory.Updates)
			}
			if reported := x.reportJoin(noReport()).verdict != nil; reported != c.anew {
				t.Errorf("the join is reported: %v", reported)
			}
		})
	}
}
