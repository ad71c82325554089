package gitops

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/test/sim"
)

// state is a row of a documented table.
type state struct{ kind, reason, ready, with string }

// key names the row among those of its kind.
func (s state) key() string { return s.reason + " " + s.ready }

// documented are the rows of the tables of docs/reasons.md about conditions.
func documented(t *testing.T) (states []state) {
	t.Helper()
	content, err := os.ReadFile("../../docs/reasons.md")
	if err != nil {
		t.Fatal(err)
	}
	heading := ""
	for line := range strings.Lines(string(content)) {
		if name, found := strings.CutPrefix(line, "## "); found {
			heading = strings.TrimSpace(name)
		}
		cells := strings.Split(line, "|")
		known := slices.Contains([]string{"Conference", "ConferenceParticipant", "VoiceAccount"}, heading)
		if !known || len(cells) != 7 || strings.Contains(line, "---") || strings.Contains(line, "| Reason |") {
			continue
		}
		cell := func(i int) string { return strings.Trim(cells[i], " `") }
		states = append(states, state{kind: heading, ready: cell(1), with: cell(2), reason: cell(3)})
	}
	if len(states) < 50 {
		t.Fatalf("only %d documented states were found", len(states))
	}
	return states
}

// scenarios are those of all kinds.
func scenarios() map[string]map[string]scenario {
	return map[string]map[string]scenario{"Conference": conferences(), "ConferenceParticipant": participants(), "VoiceAccount": accounts()}
}

// expected is what kstatus and Argo CD make of an object in a state.
func (s state) expected(conditions []metav1.Condition) (progress status.Status, health string) {
	switch {
	case s.with == v1alpha1.ConditionSuspended:
		return status.CurrentStatus, "Suspended"
	case meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionStalled):
		return status.FailedStatus, "Degraded"
	case meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionReconciling):
		return status.InProgressStatus, "Progressing"
	default:
		return status.CurrentStatus, "Healthy"
	}
}

// isIn returns an error unless the conditions are those that the row describes.
func (s state) isIn(conditions []metav1.Condition) error {
	where := s.with
	if where == "" {
		where = v1alpha1.ConditionReady
	}
	found := meta.FindStatusCondition(conditions, where)
	ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	switch {
	case found == nil || found.Reason != s.reason:
		return fmt.Errorf("%s is %+v, want %s, among %+v", where, found, s.reason, conditions)
	case (s.ready == "True" || s.ready == "False") && (ready == nil || string(ready.Status) != s.ready):
		return fmt.Errorf("Ready is %+v, want %s", ready, s.ready)
	}
	return nil
}

func TestStates(t *testing.T) {
	stored := newStore(t)
	t.Run("documented", func(t *testing.T) { testDocumented(t, stored) })
	t.Run("not looked at", func(t *testing.T) { testNotLookedAt(t, stored) })
	t.Run("examples", func(t *testing.T) { testExamplesAreStored(t, stored) })
}

// testDocumented has objects in each state that is documented.
func testDocumented(t *testing.T, stored *store) {
	checks, made := healthChecks(t), scenarios()
	for _, row := range documented(t) {
		t.Run(row.kind+"/"+row.key(), func(t *testing.T) {
			scene := made[row.kind][row.key()]
			if scene == nil {
				t.Fatal("the state is documented and has no scenario")
			}
			delete(made[row.kind], row.key())
			object := stored.store(t, scene(sim.New(t)))
			conditions := conditionsOf(t, object)
			if err := row.isIn(conditions); err != nil {
				t.Fatal(err)
			}
			progress, health := row.expected(conditions)
			wantProgress(t, object, progress)
			if got := checks[row.kind].of(t, object); got.Status != health || !strings.Contains(got.Message, ": ") {
				t.Errorf("Argo CD says %+v, want %s", got, health)
			}
		})
	}
	for kind, left := range made {
		for name := range left {
			t.Errorf("%s: the scenario %s is of no documented state", kind, name)
		}
	}
}

// testNotLookedAt has objects that the operator has not seen, or not since an edit.
func testNotLookedAt(t *testing.T, stored *store) {
	checks := healthChecks(t)
	for kind, all := range scenarios() {
		t.Run(kind, func(t *testing.T) {
			state := "InSync True"
			if kind == "VoiceAccount" {
				state = "TokenAccepted True"
			}
			edited := stored.store(t, all[state](sim.New(t)))
			fresh := edited.DeepCopy()
			edited.SetGeneration(edited.GetGeneration() + 1)
			unstructured.RemoveNestedField(fresh.Object, "status")
			fresh = stored.store(t, fresh)
			if observed, _, _ := unstructured.NestedInt64(fresh.Object, "status", "observedGeneration"); observed != -1 {
				t.Errorf("a new object has observedGeneration %d", observed)
			}
			for what, object := range map[string]*unstructured.Unstructured{"new": fresh, "edited": edited} {
				wantProgress(t, object, status.InProgressStatus)
				if got := checks[kind].of(t, object); got.Status != "Progressing" {
					t.Errorf("%s: Argo CD says %+v", what, got)
				}
			}
			deleted := edited.DeepCopy()
			now := metav1.Now()
			deleted.SetDeletionTimestamp(&now)
			wantProgress(t, deleted, status.TerminatingStatus)
		})
	}
}

// wantProgress checks what kstatus makes of an object, and that the operator's own copy of
// these rules agrees.
func wantProgress(t *testing.T, object *unstructured.Unstructured, want status.Status) {
	t.Helper()
	if got, err := status.Compute(object); err != nil || got.Status != want {
		t.Errorf("kstatus says %+v, %v, want %s", got, err, want)
	}
	typed := map[string]client.Object{
		"Conference": &v1alpha1.Conference{}, "ConferenceParticipant": &v1alpha1.ConferenceParticipant{}, "VoiceAccount": &v1alpha1.VoiceAccount{},
	}[object.GetKind()]
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed); err != nil {
		t.Fatal(err)
	}
	if got, err := testkit.Progress(typed); err != nil || got != string(want) {
		t.Errorf("testkit says %s, %v, want %s", got, err, want)
	}
}

// conditionsOf are the conditions of an object.
func conditionsOf(t *testing.T, object *unstructured.Unstructured) (conditions []metav1.Condition) {
	t.Helper()
	list, _, err := unstructured.NestedSlice(object.Object, "status", "conditions")
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range list {
		var condition metav1.Condition
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.(map[string]any), &condition); err != nil {
			t.Fatal(err)
		}
		conditions = append(conditions, condition)
	}
	return conditions
}
