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

// conferenceBecomes waits until the condition Ready of a Conference has a reason for the
// current generation, and its status is as asked for.
func (c *cluster) conferenceBecomes(ctx context.Context, name, reason string, is func(v1alpha1.ConferenceStatus) bool) error {
	return testkit.Eventually(ctx, func() error {
		found := &v1alpha1.Conference{}
		if err := c.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, found); err != nil {
			return err
		}
		ready := meta.FindStatusCondition(found.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.Reason != reason || ready.ObservedGeneration != found.Generation || !is(found.Status) {
			return fmt.Errorf("%s is not %s as it should be: %+v", name, reason, found.Status)
		}
		return nil
	})
}

// deleteConference deletes a Conference, and waits until it is gone with its children.
func (c *cluster) deleteConference(ctx context.Context, name string) error {
	object := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	if err := c.client.Delete(ctx, object); err != nil {
		return err
	}
	return testkit.Eventually(ctx, func() error {
		left := &v1alpha1.ConferenceParticipantList{}
		err := c.client.List(ctx, left, client.InNamespace(namespace), client.MatchingLabels{v1alpha1.ConferenceLabel: name})
		if err == nil && len(left.Items) > 0 {
			err = fmt.Errorf("%d participants of %s are left", len(left.Items), name)
		}
		return err
	})
}

// table returns what kubectl get prints of one or more kinds, from the API server.
func (c *cluster) table(ctx context.Context, kinds ...kind) (string, error) {
	var tables []string
	for _, k := range kinds {
		table, err := c.tableOf(ctx, k.plural)
		if err != nil {
			return "", err
		}
		if len(kinds) > 1 {
			prefixNames(&table, k)
		}
		if len(table.Rows) > 0 {
			tables = append(tables, render(table))
		}
	}
	return strings.Join(tables, "\n"), nil
}

// kind is a kind as kubectl names it.
type kind struct{ singular, plural string }

var (
	conferences = kind{"conference", "conferences"}
	callLegs    = kind{"conferenceparticipant", "conferenceparticipants"}
)

// prefixNames says of each object what it is, as kubectl does beside objects of other
// kinds.
func prefixNames(table *metav1.Table, k kind) {
	for _, row := range table.Rows {
		row.Cells[0] = fmt.Sprintf("%s.%s/%v", k.singular, v1alpha1.GroupVersion.Group, row.Cells[0])
	}
}

// tableOf returns the objects of a kind as the API server has them printed.
func (c *cluster) tableOf(ctx context.Context, plural string) (table metav1.Table, err error) {
	path := "/apis/" + v1alpha1.GroupVersion.String() + "/namespaces/" + namespace + "/" + plural
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.host+path, nil)
	if err != nil {
		return table, err
	}
	request.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	response, err := c.http.Do(request)
	if err != nil {
		return table, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return table, errors.Join(err, fmt.Errorf("GET %s: %s: %s", request.URL, response.Status, content))
	}
	return table, json.Unmarshal(content, &table)
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
