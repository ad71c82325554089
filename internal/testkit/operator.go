package testkit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"
)

// The service account that the operator runs as.
const (
	// OperatorNamespace is the namespace of the operator.
	OperatorNamespace = "conference-operator-system"
	// OperatorServiceAccount is the service account's name.
	OperatorServiceAccount = "conference-operator"
	// OperatorUser is the user name of the service account.
	OperatorUser = "system:serviceaccount:" + OperatorNamespace + ":" + OperatorServiceAccount
)

const (
	// accessTimeout is how long the operator's permissions may take to come into
	// force, and accessPoll how often this is checked.
	accessTimeout = 30 * time.Second
	accessPoll    = 20 * time.Millisecond
)

// OperatorConfig returns the credentials of the operator's service account, with
// the permissions in config/rbac and no others. They are in force when it returns.
// It may be called again.
func (c *ControlPlane) OperatorConfig(ctx context.Context) (*rest.Config, error) {
	ctx, cancel := context.WithTimeout(ctx, accessTimeout)
	defer cancel()
	role, err := c.grant(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.waitForAccess(ctx, role.Rules[0]); err != nil {
		return nil, fmt.Errorf("waiting for the operator's permissions: %w", err)
	}
	user := envtest.User{Name: OperatorUser, Groups: []string{
		"system:serviceaccounts", "system:serviceaccounts:" + OperatorNamespace, "system:authenticated",
	}}
	added, err := c.environment.AddUser(user, &rest.Config{QPS: c.Config.QPS, Burst: c.Config.Burst})
	if err != nil {
		return nil, fmt.Errorf("adding the operator's user: %w", err)
	}
	return added.Config(), nil
}

// WriteOperatorKubeconfig writes a kubeconfig file for a process of the operator, with the
// credentials of OperatorConfig.
func (c *ControlPlane) WriteOperatorKubeconfig(ctx context.Context, path string) error {
	access, err := c.OperatorConfig(ctx)
	if err != nil {
		return err
	}
	content, err := Kubeconfig(access, OperatorNamespace)
	if err != nil {
		return fmt.Errorf("making a kubeconfig file: %w", err)
	}
	return os.WriteFile(path, content, 0o600)
}

// grant creates the operator's role and binds it to the service account.
func (c *ControlPlane) grant(ctx context.Context) (*rbacv1.ClusterRole, error) {
	content, err := os.ReadFile(filepath.Join(c.root, "config", "rbac", "role.yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading the operator's role: %w", err)
	}
	role := &rbacv1.ClusterRole{}
	if err := yaml.UnmarshalStrict(content, role); err != nil {
		return nil, fmt.Errorf("parsing the operator's role: %w", err)
	}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects: []rbacv1.Subject{{
			Kind: rbacv1.ServiceAccountKind, Namespace: OperatorNamespace, Name: OperatorServiceAccount,
		}},
	}
	lease, err := c.leaseRole()
	if err != nil {
		return nil, err
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: OperatorNamespace}}
	leaseBinding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: lease.Name, Namespace: OperatorNamespace},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: lease.Name},
		Subjects:   binding.Subjects,
	}
	for _, object := range []client.Object{namespace, role, binding, lease, leaseBinding} {
		if err := client.IgnoreAlreadyExists(c.client.Create(ctx, object)); err != nil {
			return nil, fmt.Errorf("granting the operator its role: %w", err)
		}
	}
	return role, nil
}

// leaseRole returns the role for leader election in the operator's namespace.
func (c *ControlPlane) leaseRole() (*rbacv1.Role, error) {
	content, err := os.ReadFile(filepath.Join(c.root, "config", "rbac", "leader_election_role.yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading the role for the lease: %w", err)
	}
	role := &rbacv1.Role{}
	if err := yaml.UnmarshalStrict(content, role); err != nil {
		return nil, fmt.Errorf("parsing the role for the lease: %w", err)
	}
	return role, nil
}

// waitForAccess polls until the role is in force: the API server reads new
// permissions a moment after they were stored, and forbids requests in between. A
// role comes into force as a whole, so one rule is enough to check.
func (c *ControlPlane) waitForAccess(ctx context.Context, rule rbacv1.PolicyRule) error {
	resource, subresource, _ := strings.Cut(rule.Resources[0], "/")
	access := authorizationv1.SubjectAccessReviewSpec{
		User: OperatorUser,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: rule.Verbs[0], Group: rule.APIGroups[0], Resource: resource, Subresource: subresource,
		},
	}
	return wait.PollUntilContextCancel(ctx, accessPoll, true, func(ctx context.Context) (bool, error) {
		review := &authorizationv1.SubjectAccessReview{Spec: access}
		err := c.client.Create(ctx, review)
		return review.Status.Allowed, err
	})
}
