package charts

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/internal/testkit"
)

// build builds the manager, and returns its path.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manager")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, root+"/cmd/manager").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return path
}

// pod is the container of a Pod that runs as a process: with the arguments of its template,
// and the rights of its service account.
type pod struct {
	*testkit.Process

	metrics, probes string
}

// deployment reads that of the release.
func (c *cluster) deployment() *appsv1.Deployment {
	c.t.Helper()
	found := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: release}}
	if !c.get(found) {
		c.t.Fatal("there is no Deployment")
	}
	return found
}

// start runs the container of the release's Deployment until the test ends, on ports of
// its own.
func (c *cluster) start(manager string) *pod {
	c.t.Helper()
	spec := c.deployment().Spec.Template.Spec
	addresses, err := testkit.FreeAddresses(c.t.Context(), 2)
	if err != nil {
		c.t.Fatal(err)
	}
	p := &pod{metrics: addresses[0], probes: addresses[1]}
	var arguments []string
	for _, argument := range spec.Containers[0].Args {
		name, _, _ := strings.Cut(argument, "=")
		switch name {
		case "--metrics-bind-address":
			argument = name + "=" + p.metrics
		case "--health-probe-bind-address":
			argument = name + "=" + p.probes
		}
		arguments = append(arguments, argument)
	}
	arguments = append(arguments, "--leader-election-namespace="+system)
	environment := []string{"KUBECONFIG=" + c.access(spec.ServiceAccountName)}
	process, err := testkit.StartProcess(c.t.Context(), manager, environment, arguments...)
	if err != nil {
		c.t.Fatal(err)
	}
	p.Process = process
	c.t.Cleanup(func() {
		if err := process.Stop(); err != nil {
			c.t.Error(err)
		}
	})
	return p
}

// status sends a request with a token, or without if that is empty, and returns the
// response's status and body. The error is that nothing answers.
func status(t *testing.T, address, token string) (code int, body string, err error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	// The manager makes its certificate itself, as the ServiceMonitor says.
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

// answers waits until an address answers with a status.
func (c *cluster) answers(p *pod, address, token string, want int) (body string) {
	c.t.Helper()
	err := testkit.Eventually(c.t.Context(), func() error {
		code, text, err := status(c.t, address, token)
		if err == nil && code != want {
			err = fmt.Errorf("%s: %d, want %d: %s", address, code, want, text)
		}
		body = text
		return err
	})
	if err != nil {
		c.t.Fatalf("%v\n%s", err, p.Tail())
	}
	return body
}

// scraper makes a service account with a cluster-wide role, and returns its token.
func (c *cluster) scraper(role string) string {
	c.t.Helper()
	name := "scraper-" + role
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: name}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: name}},
	}
	for _, object := range []client.Object{account, binding} {
		if err := client.IgnoreAlreadyExists(c.admin.Create(c.t.Context(), object)); err != nil {
			c.t.Fatal(err)
		}
	}
	return c.token(name)
}

// replicasReady is what the Deployment's controller would say.
func (c *cluster) replicasReady(count int32) {
	c.t.Helper()
	deployment := c.deployment()
	before := deployment.DeepCopy()
	deployment.Status.Replicas, deployment.Status.ReadyReplicas = count, count
	if err := c.admin.Status().Patch(c.t.Context(), deployment, client.MergeFrom(before)); err != nil {
		c.t.Fatal(err)
	}
}

// job does what kubelet and the controller of Jobs would for the next Job of the release:
// it runs its container, as its service account, and reports the outcome. It returns what
// the container has printed.
func (c *cluster) job(manager string) <-chan string {
	printed := make(chan string, 1)
	go func() {
		defer close(printed)
		job := &batchv1.Job{}
		err := testkit.Eventually(c.t.Context(), func() error {
			job = &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: release + "-uninstall"}}
			if !c.get(job) || len(job.Status.Conditions) > 0 {
				return fmt.Errorf("there is no new Job %s", job.Name)
			}
			return nil
		})
		if err != nil {
			c.t.Error(err)
			return
		}
		spec := job.Spec.Template.Spec
		run := exec.CommandContext(c.t.Context(), manager, spec.Containers[0].Args...)
		run.Env = append(run.Environ(), "KUBECONFIG="+c.access(spec.ServiceAccountName))
		output, failed := run.CombinedOutput()
		c.finish(job, failed)
		printed <- string(output)
	}()
	return printed
}

// finish reports the outcome of a Job.
func (c *cluster) finish(job *batchv1.Job, failed error) {
	before := job.DeepCopy()
	now := metav1.Now()
	job.Status.StartTime = &now
	conditions := []batchv1.JobConditionType{batchv1.JobSuccessCriteriaMet, batchv1.JobComplete}
	if failed != nil {
		conditions = []batchv1.JobConditionType{batchv1.JobFailureTarget, batchv1.JobFailed}
		job.Status.Failed = 1
	} else {
		job.Status.Succeeded, job.Status.CompletionTime = 1, &now
	}
	for _, condition := range conditions {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{
			Type: condition, Status: corev1.ConditionTrue, Reason: "Container", LastTransitionTime: now,
		})
	}
	if err := c.admin.Status().Patch(c.t.Context(), job, client.MergeFrom(before)); err != nil {
		c.t.Error(err)
	}
}
