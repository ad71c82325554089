package charts

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// tracingOf returns what the manager's environment says of traces, with the name of the
// Secret for a value from one, and the TCP ports that the network policy lets it reach.
func tracingOf(t *testing.T, objects []unstructured.Unstructured) (variables []string, ports []int) {
	t.Helper()
	policy := &networkingv1.NetworkPolicy{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(find(t, objects, "NetworkPolicy", "").Object, policy); err != nil {
		t.Fatal(err)
	}
	for _, rule := range policy.Spec.Egress {
		for _, port := range rule.Ports {
			if *port.Protocol == corev1.ProtocolTCP {
				ports = append(ports, port.Port.IntValue())
			}
		}
	}
	for _, variable := range podOf(t, find(t, objects, "Deployment", "")).Spec.Containers[0].Env {
		switch {
		case variable.Name == "MEMORY_LIMIT_MIB" || variable.Name == "GOMEMLIMIT":
		case variable.ValueFrom != nil:
			from := variable.ValueFrom.SecretKeyRef
			variables = append(variables, variable.Name+" from "+from.Name+" "+from.Key)
		default:
			variables = append(variables, variable.Name+"="+variable.Value)
		}
	}
	return variables, ports
}

// TestTracesGoWhereTheValuesSay has a release without traces, and some with.
func TestTracesGoWhereTheValuesSay(t *testing.T) {
	for _, c := range []struct {
		name      string
		values    []string
		variables []string
		ports     []int
	}{
		{"none", nil, nil, []int{53, 443, 6443, 8443}},
		{"no endpoint", []string{`tracing.sampler="always_on"`}, nil, []int{53, 443, 6443, 8443}},
		{
			"all", []string{`tracing.endpoint="http://collector.observability:4317"`},
			[]string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.observability:4317"}, []int{53, 443, 6443, 8443, 4317},
		},
		{
			"by the parent alone", []string{`tracing={"endpoint":"http://collector:4317","sampler":"parentbased_traceidratio","samplerArg":0}`},
			[]string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317", "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0"},
			[]int{53, 443, 6443, 8443, 4317},
		},
		{
			"some, with a token", []string{`tracing={"endpoint":"https://[2001:db8::1]:14317","sampler":"traceidratio","samplerArg":"0.1","headersSecret":{"name":"otlp"}}`},
			[]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT=https://[2001:db8::1]:14317", "OTEL_EXPORTER_OTLP_HEADERS from otlp headers",
				"OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.1",
			}, []int{53, 443, 6443, 8443, 14317},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			variables, ports := tracingOf(t, template(t, c.values...))
			if !slices.Equal(variables, c.variables) || !slices.Equal(ports, c.ports) {
				t.Errorf("%q and the ports %d, want %q and %d", variables, ports, c.variables, c.ports)
			}
		})
	}
}
