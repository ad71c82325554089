package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// namespace is the namespace of the demo's objects.
const namespace = "demo"

// cluster is a client of the API server with the credentials of an administrator.
type cluster struct {
	client client.Client
	http   *http.Client
	host   string
}

func newCluster(config *rest.Config) (*cluster, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	admin, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, err
	}
	transport, err := rest.HTTPClientFor(config)
	return &cluster{client: admin, http: transport, host: testkit.ServerOf(config)}, err
}

// apply stores the manifests as kubectl apply --server-side does.
func (c *cluster) apply(ctx context.Context, manifests string) error {
	for manifest := range strings.SplitSeq(manifests, "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(manifest), &object.Object); err != nil {
			return err
		}
		if object.GetKind() != "Namespace" {
			object.SetNamespace(namespace)
		}
		err := c.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("demo"), client.ForceOwnership)
		if err != nil {
			return fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

// waitFor waits until the condition Ready of a participant has a reason for the
// current generation.
func (c *cluster) waitFor(ctx context.Context, name, reason string) error {
	return testkit.Eventually(ctx, func() error {
		found := &v1alpha1.ConferenceParticipant{}
		if err := c.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, found); err != nil {
			return err
		}
		ready := meta.FindStatusCondition(found.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil {
			return fmt.Errorf("%s is not Ready yet", name)
		}
		if ready.Reason != reason || ready.ObservedGeneration != found.Generation {
			return fmt.Errorf("%s is %s instead of %s: %s", name, ready.Reason, reason, ready.Message)
		}
		return nil
	})
}

// accountBecomes waits until the condition Ready of the account has a reason, and
// returns its message.
func (c *cluster) accountBecomes(ctx context.Context, reason string) (message string, err error) {
	err = testkit.Eventually(ctx, func() error {
		found := &v1alpha1.VoiceAccount{}
		if err := c.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "acme"}, found); err != nil {
			return err
		}
		ready := meta.FindStatusCondition(found.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.Reason != reason {
			return fmt.Errorf("the account is not %s yet", reason)
		}
		message = ready.Message
		return nil
	})
	return message, err
}

// message returns the message of a participant's condition Ready.
func (c *cluster) message(ctx context.Context, name string) (string, error) {
	found := &v1alpha1.ConferenceParticipant{}
	if err := c.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, found); err != nil {
		return "", err
	}
	return meta.FindStatusCondition(found.Status.Conditions, v1alpha1.ConditionReady).Message, nil
}

// table returns what kubectl get cpart prints, from the API server.
func (c *cluster) table(ctx context.Context) (string, error) {
	path := "/apis/" + v1alpha1.GroupVersion.String() + "/namespaces/" + namespace + "/conferenceparticipants"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.host+path, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	response, err := c.http.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return "", errors.Join(err, fmt.Errorf("GET %s: %s: %s", request.URL, response.Status, content))
	}
	var table metav1.Table
	if err := json.Unmarshal(content, &table); err != nil {
		return "", err
	}
	return render(table), nil
}

// render returns a table with aligned columns as kubectl prints it, without those
// of -o wide.
func render(table metav1.Table) string {
	var text strings.Builder
	columns := tabwriter.NewWriter(&text, 0, 8, 3, ' ', 0)
	row := func(cell func(int) any) {
		var cells []string
		for i, column := range table.ColumnDefinitions {
			if column.Priority == 0 {
				cells = append(cells, fmt.Sprint(cell(i)))
			}
		}
		fmt.Fprintln(columns, strings.Join(cells, "\t"))
	}
	row(func(i int) any { return strings.ToUpper(table.ColumnDefinitions[i].Name) })
	for _, entry := range table.Rows {
		row(func(i int) any {
			if entry.Cells[i] == nil {
				return ""
			}
			return entry.Cells[i]
		})
	}
	_ = columns.Flush()
	return text.String()
}
