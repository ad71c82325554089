// Package docs holds the tests that compare the documents with the code.
package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/account"
	"github.com/voiceops/conference-operator/internal/controller/conference"
	"github.com/voiceops/conference-operator/internal/controller/participant"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
)

// same compares what a document names with what the code has.
func same(t *testing.T, what string, documented, want []string) {
	t.Helper()
	slices.Sort(documented)
	slices.Sort(want)
	documented, want = slices.Compact(documented), slices.Compact(want)
	if len(want) == 0 || !slices.Equal(documented, want) {
		t.Errorf("%s:\ndocumented %q\nin code    %q", what, documented, want)
	}
}

func TestReasons(t *testing.T) {
	var documented []string
	for _, kind := range []string{"Conference", "ConferenceParticipant", "VoiceAccount"} {
		for _, row := range table(t, "reasons.md", kind) {
			documented = append(documented, row["Reason"])
			with := map[string]string{
				"True": " Drifted", "False": "Reconciling Stalled", "True or none": "Suspended", "either": "Identified Waiting",
			}
			if expected, ok := with[row["Ready"]]; !ok || !strings.Contains(expected, row["With"]) {
				t.Errorf("%s: Ready %q with %q", row["Reason"], row["Ready"], row["With"])
			}
		}
	}
	same(t, "reasons", documented, v1alpha1.Reasons())
}

func TestConditions(t *testing.T) {
	var documented []string
	for _, row := range table(t, "reasons.md", "Conditions") {
		documented = append(documented, row["Condition"])
	}
	same(t, "conditions", documented, constants(t, "../api/v1alpha1/conditions.go", "Condition"))
}

// catalogue remembers what is registered.
type catalogue struct {
	*prometheus.Registry
	described int
}

func (c *catalogue) MustRegister(collectors ...prometheus.Collector) {
	descriptions := make(chan *prometheus.Desc, 100)
	for _, collector := range collectors {
		collector.Describe(descriptions)
	}
	c.described += len(descriptions)
	c.Registry.MustRegister(collectors...)
}

func TestMetrics(t *testing.T) {
	registry := &catalogue{Registry: prometheus.NewPedanticRegistry()}
	m := metrics.New(registry, func() metrics.Participants {
		return metrics.Participants{Calls: map[string]int{"live": 1}, Differing: map[string]int{"drifted": 1}, Reports: map[metrics.Report]int{{}: 1}}
	}, func() (int, int) { return 1, 1 })
	m.Request(voice.OpListParticipants, voice.ClassOK, time.Second)
	m.Corrected("muted")
	m.Announced("accepted")
	m.Converged(time.Second)
	m.BreakerOpen("support", "acme", true)
	m.Waited(time.Second)
	m.Unreadable(string(voice.FlawMuted))
	metrics.NewEvents(registry).Dropped(corev1.EventTypeWarning)
	metrics.NewRooms(registry, func() metrics.Rooms {
		return metrics.Rooms{States: map[string]int{"live": 1}, Legs: map[string]int{"identified": 1}}
	})
	metrics.NewObjects(registry, func() metrics.Objects {
		return metrics.Objects{Accounts: []metrics.Object{{}}, Conferences: []metrics.Object{{}}}
	})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if len(families) != registry.described {
		t.Errorf("%d metrics are registered and %d gathered: let this test use each", registry.described, len(families))
	}
	var documented, want []string
	for _, row := range table(t, "metrics.md", "Metrics") {
		labels := strings.Split(row["Labels"], ", ")
		slices.Sort(labels)
		documented = append(documented, strings.Join([]string{row["Metric"], row["Type"], strings.Join(labels, ",")}, " "))
	}
	for _, family := range families {
		var labels []string
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels = append(labels, label.GetName())
		}
		slices.Sort(labels)
		kind := strings.ToLower(family.GetType().String())
		want = append(want, strings.Join([]string{family.GetName(), kind, strings.Join(labels, ",")}, " "))
	}
	same(t, "metrics", documented, want)
}

// TestCountersBeginAtZero wants the rare ones to have all of their series from the start, so
// that the first time counts as an increase.
func TestCountersBeginAtZero(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	metrics.New(registry, func() metrics.Participants { return metrics.Participants{} }, func() (int, int) { return 0, 0 })
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	served := map[string][]string{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				served[label.GetName()] = append(served[label.GetName()], label.GetValue())
			}
		}
	}
	same(t, "fields", served["field"], []string{plan.FieldMute.Name(), plan.FieldHold.Name(), plan.FieldCoaching.Name()})
	same(t, "outcomes", served["outcome"], outcomes(t))
	same(t, "flaws", served["flaw"], constants(t, "../internal/voice/flaw.go", "Flaw"))
}

func TestLabels(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	counted := participant.Counter(t.Context(), fake.NewClientBuilder().WithScheme(scheme).Build())()
	want := map[string][]string{
		"operation": constants(t, "../internal/voice/errors.go", "Op"),
		"class":     constants(t, "../internal/voice/errors.go", "Class"),
		"flaw":      constants(t, "../internal/voice/flaw.go", "Flaw"),
		"state":     slices.Collect(maps.Keys(counted.Calls)),
		"reason":    slices.Collect(maps.Keys(counted.Differing)),
		"outcome":   outcomes(t),
		"role":      slices.Collect(maps.Keys(conference.NewStore().Count().Legs)),
		"status":    {"ready", "reconciling", "stalled", "suspended", "unknown"},
		"type":      {corev1.EventTypeNormal, corev1.EventTypeWarning},
		"field":     {plan.FieldMute.Name(), plan.FieldHold.Name(), plan.FieldCoaching.Name()},
	}
	documented, label := map[string][]string{}, ""
	for _, row := range table(t, "metrics.md", "Labels") {
		if row["Label"] != "" {
			label = row["Label"]
		}
		documented[label] = append(documented[label], strings.Split(row["Value"], ", ")...)
	}
	for label := range want {
		same(t, "values of "+label, documented[label], want[label])
	}
	if len(documented) != len(want) {
		t.Errorf("%d labels are documented, want %d", len(documented), len(want))
	}
}

func TestCauses(t *testing.T) {
	var documented []string
	for _, row := range table(t, "operations.md", "Why a provider is not available") {
		documented = append(documented, row["Cause"])
		message := account.Unavailable(&voice.Error{Cause: voice.Cause(row["Cause"])})
		if !strings.Contains(message, row["The message says"]) {
			t.Errorf("%s: the message is %q", row["Cause"], message)
		}
	}
	same(t, "causes", documented, constants(t, "../internal/voice/cause.go", "Cause"))
}

func TestFlags(t *testing.T) {
	help, err := exec.CommandContext(t.Context(), "go", "run", "../cmd/manager", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	var documented, want []string
	defaults := map[string]string{}
	for _, row := range table(t, "operations.md", "Flags") {
		name := strings.TrimPrefix(row["Flag"], "--")
		documented, defaults[name] = append(documented, name), row["Default"]
	}
	for _, flag := range regexp.MustCompile(`(?m)^  -(\S+).*\n.*?(?:\(default "?([^"]+?)"?\))?$`).FindAllStringSubmatch(string(help), -1) {
		want = append(want, flag[1])
		if flag[2] != "" && flag[2] != defaults[flag[1]] {
			t.Errorf("--%s: the default is documented as %q and is %q", flag[1], defaults[flag[1]], flag[2])
		}
	}
	same(t, "flags", documented, want)
}

// constants returns the values of a file's string constants with a prefix.
func constants(t *testing.T, file, prefix string) (values []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
		return true
	})
	return values
}

// outcomes are the final states of announcements, as metrics name them.
func outcomes(t *testing.T) []string {
	found := []string{"superseded"}
	for _, state := range constants(t, "../api/v1alpha1/announcement_types.go", "Announcement") {
		if state != string(v1alpha1.AnnouncementPending) && state != string(v1alpha1.AnnouncementClaimed) {
			found = append(found, strings.ToLower(state))
		}
	}
	return found
}

func TestEvents(t *testing.T) {
	var documented []string
	for _, row := range table(t, "reasons.md", "Events about more than conditions") {
		documented = append(documented, row["Reason"])
	}
	same(t, "events", documented, constants(t, "../api/v1alpha1/conditions.go", "Event"))
}
