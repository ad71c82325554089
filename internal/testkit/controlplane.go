package testkit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// ErrNoControlPlane says that the binaries of the control plane are missing.
var ErrNoControlPlane = errors.New("no local control plane: run `make controlplane`, or let KUBEBUILDER_ASSETS name a directory with kube-apiserver, etcd and kubectl")

const (
	// startTimeout is long enough for several packages that start control planes
	// at once on few cores.
	startTimeout = 2 * time.Minute
	// auditLimit is the size in megabytes at which the API server rotates the audit
	// log: large, because rotated files are not read.
	auditLimit = "4096"
)

// ControlPlane is an API server with an etcd of its own, the CRDs of this
// repository and RBAC. Several may run at once.
type ControlPlane struct {
	// Config has the credentials of an administrator.
	Config *rest.Config

	root        string
	scratch     string
	client      client.Client
	environment *envtest.Environment
}

// StartControlPlane starts a control plane and returns when the CRDs are
// served. The binaries are those in the directory that KUBEBUILDER_ASSETS
// names, or else in bin/controlplane of the repository that the working
// directory is in. The error is ErrNoControlPlane if there are none. The caller
// must call Stop.
func StartControlPlane() (*ControlPlane, error) {
	root, err := repositoryRoot()
	if err != nil {
		return nil, err
	}
	binaries, err := binariesOf(root)
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "controlplane-")
	if err != nil {
		return nil, fmt.Errorf("making a directory for the audit log: %w", err)
	}
	plane := &ControlPlane{root: root, scratch: scratch, environment: environmentOf(root, binaries, scratch)}
	if err := plane.start(); err != nil {
		return nil, errors.Join(err, plane.Stop())
	}
	return plane, nil
}

func environmentOf(root, binaries, scratch string) *envtest.Environment {
	environment := &envtest.Environment{
		UseExistingCluster:       new(false),
		CRDDirectoryPaths:        []string{filepath.Join(root, "config", "crd", "bases")},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: startTimeout,
	}
	environment.ControlPlane.GetAPIServer().Path = filepath.Join(binaries, "kube-apiserver")
	environment.ControlPlane.Etcd = &envtest.Etcd{
		Path: filepath.Join(binaries, "etcd"), DataDir: filepath.Join(scratch, "etcd"),
	}
	return environment
}

func (c *ControlPlane) start() error {
	policy := filepath.Join(c.scratch, "policy.yaml")
	if err := os.WriteFile(policy, []byte(auditPolicy), 0o600); err != nil {
		return fmt.Errorf("writing the audit policy: %w", err)
	}
	c.environment.ControlPlane.GetAPIServer().Configure().
		Set("audit-policy-file", policy).
		Set("audit-log-path", c.auditLog()).
		Set("audit-log-maxsize", auditLimit)
	config, err := c.environment.Start()
	if err != nil {
		return fmt.Errorf("starting the local control plane: %w", err)
	}
	admin, err := client.New(config, client.Options{})
	if err != nil {
		return fmt.Errorf("making a client of the local control plane: %w", err)
	}
	c.Config, c.client = config, admin
	return nil
}

// Stop stops the processes and removes their files. It may be called again.
func (c *ControlPlane) Stop() error {
	return errors.Join(c.environment.Stop(), os.RemoveAll(c.scratch))
}

// RestartEtcd stops etcd and starts it again with the same data. Requests fail
// meanwhile, and for a moment after.
func (c *ControlPlane) RestartEtcd() error {
	etcd := c.environment.ControlPlane.Etcd
	if err := etcd.Stop(); err != nil {
		return fmt.Errorf("stopping etcd: %w", err)
	}
	if err := etcd.Start(); err != nil {
		return fmt.Errorf("starting etcd again: %w", err)
	}
	return nil
}

// NewNamespace creates a namespace with a unique name, and returns the name.
func (c *ControlPlane) NewNamespace(ctx context.Context) (string, error) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	if err := c.client.Create(ctx, namespace); err != nil {
		return "", fmt.Errorf("creating a namespace: %w", err)
	}
	return namespace.Name, nil
}

// repositoryRoot is the working directory, or the nearest directory above it, that has
// the CRDs. Modules inside the repository have a go.mod of their own.
func repositoryRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for directory := start; ; directory = filepath.Dir(directory) {
		_, err := os.Stat(filepath.Join(directory, "config", "crd", "bases"))
		if err == nil {
			return directory, nil
		}
		if directory == filepath.Dir(directory) {
			return "", fmt.Errorf("finding the repository above %s: %w", start, err)
		}
	}
}

// Kubectl returns the path of kubectl: beside the binaries of the control plane, or
// else on the search path. The error is ErrNoControlPlane if it is in neither.
func Kubectl() (string, error) {
	root, err := repositoryRoot()
	if err != nil {
		return "", err
	}
	built := filepath.Join(assets(root), "kubectl")
	if _, err := os.Stat(built); err == nil {
		return built, nil
	}
	found, err := exec.LookPath("kubectl")
	if err != nil {
		return "", fmt.Errorf("%w (%w)", ErrNoControlPlane, err)
	}
	return found, nil
}

// binariesOf returns the directory with the binaries of the control plane.
func binariesOf(root string) (string, error) {
	directory := assets(root)
	for _, name := range []string{"kube-apiserver", "etcd"} {
		if _, err := os.Stat(filepath.Join(directory, name)); err != nil {
			return "", fmt.Errorf("%w (%w)", ErrNoControlPlane, err)
		}
	}
	return directory, nil
}

// assets is the directory in which the binaries are looked for.
func assets(root string) string {
	return cmp.Or(os.Getenv("KUBEBUILDER_ASSETS"), filepath.Join(root, "bin", "controlplane"))
}
