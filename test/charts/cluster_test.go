package charts

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// cluster is an API server.
type cluster struct {
	t          *testing.T
	plane      *testkit.ControlPlane
	admin      client.Client
	kubectl    string
	kubeconfig string
	home       string
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	plane, err := testkit.StartControlPlane()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	c := &cluster{t: t, plane: plane, home: t.TempDir()}
	known := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(known), v1alpha1.AddToScheme(known), apiextensionsv1.AddToScheme(known)); err != nil {
		t.Fatal(err)
	}
	if c.admin, err = client.New(plane.Config, client.Options{Scheme: known}); err != nil {
		t.Fatal(err)
	}
	if c.kubectl, err = testkit.Kubectl(); err != nil {
		t.Fatal(err)
	}
	access, err := testkit.Kubeconfig(plane.Config, system)
	if err != nil {
		t.Fatal(err)
	}
	c.kubeconfig = c.write("kubeconfig", access)
	return c
}

// write writes a file that ends with the test, and returns its path.
func (c *cluster) write(name string, content []byte) string {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// namespace makes a namespace that enforces the profile restricted.
func (c *cluster) namespace(name string) {
	c.t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: name, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}}
	if err := client.IgnoreAlreadyExists(c.admin.Create(c.t.Context(), namespace)); err != nil {
		c.t.Fatal(err)
	}
}

// helm runs Helm against the cluster.
func (c *cluster) helm(arguments ...string) (printed string, err error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), limit)
	defer cancel()
	run := command(ctx, c.home, tool(c.t, "helm"), append(arguments, "--namespace", system, "--kubeconfig", c.kubeconfig)...)
	output, err := run.CombinedOutput()
	return string(output), err
}

// mustHelm fails the test if Helm does.
func (c *cluster) mustHelm(arguments ...string) {
	c.t.Helper()
	if printed, err := c.helm(arguments...); err != nil {
		c.t.Fatalf("helm %q: %v\n%s", arguments, err, printed)
	}
}

// apply applies objects as a server-side dry run.
func (c *cluster) apply(objects []unstructured.Unstructured) (printed string, err error) {
	c.t.Helper()
	return c.kubectlApply(objects, "--server-side", "--force-conflicts", "--dry-run=server")
}

// kubectlApply applies objects with strict field validation.
func (c *cluster) kubectlApply(objects []unstructured.Unstructured, flags ...string) (printed string, err error) {
	c.t.Helper()
	var manifests strings.Builder
	for _, object := range objects {
		content, err := yaml.Marshal(object.Object)
		if err != nil {
			c.t.Fatal(err)
		}
		manifests.WriteString("---\n" + string(content))
	}
	apply := exec.CommandContext(c.t.Context(), c.kubectl, append([]string{"--kubeconfig", c.kubeconfig, "apply", "--validate=strict", "--filename=-"}, flags...)...)
	apply.Stdin = strings.NewReader(manifests.String())
	output, err := apply.CombinedOutput()
	return string(output), err
}

// token returns a token of a service account of the release.
func (c *cluster) token(account string) string {
	c.t.Helper()
	request := &authenticationv1.TokenRequest{}
	object := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: account}}
	if err := c.admin.SubResource("token").Create(c.t.Context(), object, request); err != nil {
		c.t.Fatal(err)
	}
	return request.Status.Token
}

// access writes a kubeconfig file with the token of a service account, and returns its path.
func (c *cluster) access(account string) string {
	c.t.Helper()
	const name = "local"
	content, err := clientcmd.Write(clientcmdapi.Config{
		CurrentContext: name,
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name, Namespace: system}},
		Clusters: map[string]*clientcmdapi.Cluster{
			name: {Server: testkit.ServerOf(c.plane.Config), CertificateAuthorityData: c.plane.Config.CAData},
		},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {Token: c.token(account)}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.write(account, content)
}

// get reads an object, and reports whether it is there.
func (c *cluster) get(object client.Object) bool {
	c.t.Helper()
	err := c.admin.Get(c.t.Context(), client.ObjectKeyFromObject(object), object)
	if client.IgnoreNotFound(err) != nil {
		c.t.Fatal(err)
	}
	return err == nil
}

// withoutCRDs removes the CRDs that the control plane has from the start.
func (c *cluster) withoutCRDs() {
	c.t.Helper()
	for _, definition := range c.definitions() {
		if err := c.admin.Delete(c.t.Context(), &definition); err != nil {
			c.t.Fatal(err)
		}
	}
	c.withoutDefinitions()
}

// definitions returns the CRDs, by name.
func (c *cluster) definitions() []apiextensionsv1.CustomResourceDefinition {
	c.t.Helper()
	all := &apiextensionsv1.CustomResourceDefinitionList{}
	if err := c.admin.List(c.t.Context(), all); err != nil {
		c.t.Fatal(err)
	}
	return all.Items
}

// served waits until the API server serves all kinds: it does so a moment after it has
// stored their CRDs.
func (c *cluster) served() {
	c.t.Helper()
	err := testkit.Eventually(c.t.Context(), func() error {
		return errors.Join(
			c.admin.List(c.t.Context(), &v1alpha1.VoiceAccountList{}),
			c.admin.List(c.t.Context(), &v1alpha1.ConferenceList{}),
			c.admin.List(c.t.Context(), &v1alpha1.ConferenceParticipantList{}),
		)
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// withoutDefinitions waits until there are no CRDs.
func (c *cluster) withoutDefinitions() {
	c.t.Helper()
	err := testkit.Eventually(c.t.Context(), func() error {
		if left := c.definitions(); len(left) > 0 {
			return errors.New("there are CRDs")
		}
		return nil
	})
	if err != nil {
		c.t.Error(err)
	}
}

// refused reports whether an error is that the API server forbids an object.
func refused(err error) bool { return apierrors.IsForbidden(err) }
