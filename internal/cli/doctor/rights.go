package doctor

import (
	"context"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// right is one that is asked for.
type right struct{ group, resource, verb string }

// own checks what the user may do.
func (d Doctor) own(ctx context.Context) (found []Finding, err error) {
	group := v1alpha1.GroupVersion.Group
	for _, purpose := range []struct {
		level  Level
		what   string
		rights []right
	}{
		{Fail, "see rooms", []right{{group, "conferences", "list"}, {group, "conferenceparticipants", "list"}, {group, "voiceaccounts", "list"}}},
		{Warn, "carry out verbs", []right{{group, "conferenceparticipants", "create"}, {group, "conferenceparticipants", "patch"}, {group, "conferenceparticipants", "delete"}}},
		{Warn, "see events", []right{{"", "events", "list"}}},
		{Warn, "ask the provider (--live, plan, import)", []right{{"", "secrets", "get"}}},
	} {
		missing, err := d.missing(purpose.rights, func(attributes *authorizationv1.ResourceAttributes) (bool, error) {
			review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: attributes}}
			err := d.Client.Create(ctx, review)
			return review.Status.Allowed, err
		})
		if err != nil {
			return nil, fmt.Errorf("ask what the user may do: %w", err)
		}
		f := Finding{Level: OK, Message: "you may " + purpose.what}
		if len(missing) > 0 {
			f = Finding{purpose.level, fmt.Sprintf("you may not %s: %s is missing", purpose.what, strings.Join(missing, ", ")),
				[]string{"kubectl auth can-i --list" + d.inNamespace()}}
		}
		found = append(found, f)
	}
	return found, nil
}

// operator checks what the operator may do, if the user may ask that.
func (d Doctor) operator(ctx context.Context) ([]Finding, error) {
	group := v1alpha1.GroupVersion.Group
	rights := []right{
		{"", "secrets", "get"}, {"events.k8s.io", "events", "create"},
		{group, "voiceaccounts", "watch"}, {group, "voiceaccounts/status", "patch"},
		{group, "conferences", "watch"}, {group, "conferences/status", "patch"},
		{group, "conferenceparticipants", "watch"}, {group, "conferenceparticipants", "create"},
		{group, "conferenceparticipants", "patch"}, {group, "conferenceparticipants", "delete"},
		{group, "conferenceparticipants/status", "patch"},
	}
	missing, err := d.missing(rights, func(attributes *authorizationv1.ResourceAttributes) (bool, error) {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: d.Operator, Groups: groupsOf(d.Operator), ResourceAttributes: attributes,
		}}
		err := d.Client.Create(ctx, review)
		return review.Status.Allowed, err
	})
	switch {
	case apierrors.IsForbidden(err):
		return []Finding{{Level: Warn, Message: "it is not known what the operator may do, since you may not ask that"}}, nil
	case err != nil:
		return nil, fmt.Errorf("ask what the operator may do: %w", err)
	case len(missing) > 0:
		return []Finding{{Fail, fmt.Sprintf("the operator, as %s, lacks %s; if it is another user, name it with --operator", d.Operator, strings.Join(missing, ", ")),
			[]string{"kubectl get clusterrolebinding,rolebinding -A -o wide | grep conference-operator"}}}, nil
	default:
		return []Finding{{Level: OK, Message: fmt.Sprintf("the operator, as %s, has the rights that it needs", d.Operator)}}, nil
	}
}

// groupsOf are the groups of a service account.
func groupsOf(user string) []string {
	parts := strings.Split(user, ":")
	if len(parts) != 4 || parts[1] != "serviceaccount" {
		return nil
	}
	return []string{"system:serviceaccounts", "system:serviceaccounts:" + parts[2], "system:authenticated"}
}

// missing are those of the rights that a review denies.
func (d Doctor) missing(rights []right, allowed func(*authorizationv1.ResourceAttributes) (bool, error)) (missing []string, err error) {
	for _, r := range rights {
		resource, subresource, _ := strings.Cut(r.resource, "/")
		may, err := allowed(&authorizationv1.ResourceAttributes{
			Namespace: d.Namespace, Group: r.group, Resource: resource, Subresource: subresource, Verb: r.verb,
		})
		if err != nil {
			return nil, err
		}
		if !may {
			missing = append(missing, r.verb+" "+r.resource)
		}
	}
	return missing, nil
}

// inNamespace is the flag of kubectl for the namespace.
func (d Doctor) inNamespace() string {
	if d.Namespace == "" {
		return ""
	}
	return " -n " + d.Namespace
}
