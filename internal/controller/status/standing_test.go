package status

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func TestStanding(t *testing.T) {
	ready := Ready(v1alpha1.ReasonInSync, "")
	for name, test := range map[string]struct {
		verdicts []Verdict
		observed int64
		want     Standing
	}{
		"never looked at":         {nil, -1, Standing{}},
		"no condition":            {nil, 2, Standing{}},
		"ready":                   {[]Verdict{ready}, 2, Standing{"Ready", "InSync"}},
		"ready before an edit":    {[]Verdict{ready}, 1, Standing{}},
		"reconciling":             {[]Verdict{Reconciling(v1alpha1.ReasonConverging, "")}, 2, Standing{"Reconciling", "Converging"}},
		"stalled":                 {[]Verdict{Stalled(v1alpha1.ReasonContested, "")}, 2, Standing{"Stalled", "Contested"}},
		"suspended":               {[]Verdict{Suspended("")}, 2, Standing{"Suspended", "Suspended"}},
		"suspended, ready before": {[]Verdict{ready, Suspended("")}, 2, Standing{"Suspended", "Suspended"}},
		"drifted":                 {[]Verdict{Observed("muted")}, 2, Standing{"Ready", "Observed"}},
	} {
		t.Run(name, func(t *testing.T) {
			var conditions []metav1.Condition
			for _, verdict := range test.verdicts {
				conditions = Apply(conditions, verdict, 2, time.Unix(0, 0))
			}
			if got := StandingOf(conditions, test.observed, 2); got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
}
