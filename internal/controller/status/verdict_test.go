package status

import (
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func TestApply(t *testing.T) {
	inSync := Apply(nil, Ready(v1alpha1.ReasonInSync, "m"), 1, now)
	drifted := Apply(nil, Observed("hold is true, declared false"), 1, now)
	cases := []struct {
		name    string
		before  []metav1.Condition
		verdict Verdict
		want    map[string]metav1.ConditionStatus
	}{
		{"ready", nil, Ready("InSync", "m"), map[string]metav1.ConditionStatus{"Ready": "True"}},
		{"reconciling", inSync, Reconciling("Converging", "m"), map[string]metav1.ConditionStatus{"Ready": "False", "Reconciling": "True"}},
		{"stalled after reconciling", Apply(inSync, Reconciling("Converging", "m"), 1, now), Stalled("Rejected", "m"),
			map[string]metav1.ConditionStatus{"Ready": "False", "Stalled": "True"}},
		{"ready after stalled", Apply(inSync, Stalled("Rejected", "m"), 1, now), Ready("InSync", "m"), map[string]metav1.ConditionStatus{"Ready": "True"}},
		{"drifted goes with mode Observe", drifted, Ready("InSync", "m"), map[string]metav1.ConditionStatus{"Ready": "True"}},
		{"drifted", nil, Observed("hold is true, declared false"), map[string]metav1.ConditionStatus{"Ready": "True", "Drifted": "True"}},
		{"not drifted", drifted, Observed(""), map[string]metav1.ConditionStatus{"Ready": "True", "Drifted": "False"}},
		{"suspended keeps a Ready of this generation", inSync, Suspended("m"), map[string]metav1.ConditionStatus{"Ready": "True", "Suspended": "True"}},
		{"suspended before it was looked at", nil, Suspended("m"), map[string]metav1.ConditionStatus{"Suspended": "True"}},
		{"suspended while stalled", Apply(nil, Stalled("Rejected", "m"), 1, now), Suspended("m"), map[string]metav1.ConditionStatus{"Suspended": "True"}},
		{"suspended while reconciling", Apply(nil, Reconciling("Converging", "m"), 1, now), Suspended("m"), map[string]metav1.ConditionStatus{"Suspended": "True"}},
		{"resumed", Apply(inSync, Suspended("m"), 1, now), Ready("InSync", "m"), map[string]metav1.ConditionStatus{"Ready": "True"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := slices.Clone(c.before)
			got := Apply(c.before, c.verdict, 1, now)
			if len(got) != len(c.want) || !slices.Equal(before, c.before) {
				t.Errorf("conditions %+v", got)
			}
			for kind, status := range c.want {
				if found := meta.FindStatusCondition(got, kind); found == nil || found.Status != status || found.ObservedGeneration != 1 {
					t.Errorf("%s is %+v, want %s", kind, found, status)
				}
			}
		})
	}
	if older := Apply(inSync, Suspended("m"), 3, now); meta.FindStatusCondition(older, "Ready") != nil {
		t.Errorf("a Ready from two generations ago is kept: %+v", older)
	}
	last := Apply(inSync, Suspended("m"), 2, now)
	for _, kept := range [][]metav1.Condition{last, Apply(last, Suspended("m"), 3, now)} {
		if ready := meta.FindStatusCondition(kept, "Ready"); ready == nil || ready.Status != metav1.ConditionTrue || ready.ObservedGeneration != 1 {
			t.Errorf("the Ready from before the suspension is %+v", ready)
		}
	}
	for _, verdict := range []Verdict{
		Ready(v1alpha1.ReasonInSync, "m"), Stalled("Rejected", "m"), Suspended("m"), Observed("hold is true"), Observed(""),
	} {
		once := Apply(nil, verdict, 1, now)
		if again := Apply(once, verdict, 1, now.Add(time.Hour)); !slices.Equal(again, once) {
			t.Errorf("the same verdict again changes %+v to %+v", once, again)
		}
	}
}

func TestReasonIsOfTheGeneration(t *testing.T) {
	conditions := Apply(nil, Stalled("Rejected", "m"), 1, now)
	if ReasonFor(conditions, 1) != "Rejected" || ReasonFor(conditions, 2) != "" || ReasonFor(nil, 1) != "" ||
		Reason(conditions) != "Rejected" || Reason(nil) != "" {
		t.Error("the reason is not that of the generation")
	}
}

func TestTransition(t *testing.T) {
	ready, drifted := Apply(nil, Ready("InSync", "m"), 1, now), Apply(nil, Observed("hold is true"), 1, now)
	stalled := Apply(ready, Stalled("Rejected", "m"), 1, now)
	observed := Observed("").Message
	for _, c := range []struct {
		name    string
		before  []metav1.Condition
		verdict Verdict
		want    Notice
	}{
		{"first", nil, Ready("InSync", "m"), Notice{"Normal", "InSync", "m"}},
		{"another message", ready, Ready("InSync", "another message"), Notice{}},
		{"stalled", ready, Stalled("Rejected", "m"), Notice{"Warning", "Rejected", "m"}},
		{"suspended", ready, Suspended("m"), Notice{"Normal", "Suspended", "m"}},
		{"another reason", stalled, Stalled("NotApplied", "m"), Notice{"Warning", "NotApplied", "m"}},
		{"observed", nil, Observed(""), Notice{"Normal", "Observed", observed}},
		{"drifted at first", nil, Observed("hold is true"), Notice{"Normal", "Drifted", "hold is true"}},
		{"drift begins", Apply(nil, Observed(""), 1, now), Observed("hold is true"), Notice{"Normal", "Drifted", "hold is true"}},
		{"drift grows", drifted, Observed("hold is true; muted is true"), Notice{}},
		{"drift ends", drifted, Observed(""), Notice{"Normal", "InSync", "Every declared field is as declared."}},
		{"still none", Apply(nil, Observed(""), 1, now), Observed(""), Notice{}},
		{"mode Enforce", drifted, Ready("InSync", "m"), Notice{"Normal", "InSync", "m"}},
		{"suspended from the start", nil, Suspended("m"), Notice{"Normal", "Suspended", "m"}},
		{"suspended still", Apply(nil, Suspended("m"), 1, now), Suspended("m"), Notice{}},
		{"suspended while stalled", stalled, Suspended("m"), Notice{"Normal", "Suspended", "m"}},
		{"resumed", Apply(nil, Suspended("m"), 1, now), Ready("InSync", "m"), Notice{"Normal", "InSync", "m"}},
	} {
		told, changed := Transition(c.before, Apply(c.before, c.verdict, 1, now), c.verdict)
		if changed != (c.want != Notice{}) || changed && told != c.want {
			t.Errorf("%s: told %v of %+v, want %+v", c.name, changed, told, c.want)
		}
	}
}
