package conference

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/policy"
)

// numbers are the numbers of a Conference's Secrets, as hashes.
type numbers struct {
	// known are the numbers that were last read, by Secret and key; one that was never
	// read is missing.
	known map[v1alpha1.SecretKeySelector][]policy.Number
	// problem is what a person has to mend; nil if nothing.
	problem *status.Verdict
	readAt  time.Time
	// generation is that of the spec for which they were read.
	generation int64
}

// numberReader reads the Secrets of roles, past the cache.
type numberReader struct {
	secrets client.Reader
	hasher  policy.Hasher
}

// read returns the numbers of a Conference, read again after an edit or an interval.
// Those of a Secret that can't be read stay as they were last read (R20).
func (r numberReader) read(ctx context.Context, object *v1alpha1.Conference, last numbers, interval time.Duration, now time.Time) numbers {
	if last.generation == object.Generation && last.problem == nil && now.Sub(last.readAt) < interval {
		return last
	}
	next := numbers{known: map[v1alpha1.SecretKeySelector][]policy.Number{}, readAt: now, generation: object.Generation}
	for _, selector := range policy.Secrets(&object.Spec) {
		read, problem := r.readSecret(ctx, object.Namespace, selector)
		switch {
		case problem == nil:
			next.known[selector] = read
		case last.known[selector] != nil:
			next.known[selector] = last.known[selector]
			fallthrough
		default:
			next.problem = problem
		}
	}
	return next
}

// readSecret reads the numbers of one key. The problem names the Secret and the line,
// never what is in it (R30).
func (r numberReader) readSecret(ctx context.Context, namespace string, selector v1alpha1.SecretKeySelector) ([]policy.Number, *status.Verdict) {
	stalled := func(reason, format string, arguments ...any) *status.Verdict {
		verdict := status.Stalled(reason, fmt.Sprintf(format, arguments...))
		return &verdict
	}
	secret := &corev1.Secret{}
	err := r.secrets.Get(ctx, types.NamespacedName{Namespace: namespace, Name: selector.Name}, secret)
	switch {
	case apierrors.IsNotFound(err):
		return nil, stalled(v1alpha1.ReasonSecretNotFound, "Secret %s with the numbers of a role does not exist; create it, or correct numbersSecretRef.", selector.Name)
	case err != nil:
		return nil, stalled(v1alpha1.ReasonSecretNotFound, "Secret %s with the numbers of a role can't be read; allow the operator to get it.", selector.Name)
	}
	data, there := secret.Data[selector.Key]
	if !there {
		return nil, stalled(v1alpha1.ReasonSecretKeyMissing, "Secret %s has no key %s; add it, with one number a line.", selector.Name, selector.Key)
	}
	lines, err := policy.ParseNumbers(data)
	if invalid := (*policy.NumbersError)(nil); errors.As(err, &invalid) {
		return nil, stalled(v1alpha1.ReasonInvalidNumbers, "Key %s of Secret %s: %s.", selector.Key, selector.Name, invalid.Error())
	}
	hashes := make([]policy.Number, 0, len(lines))
	for _, line := range lines {
		hashes = append(hashes, r.hasher.Hash(line))
	}
	return hashes, nil
}
