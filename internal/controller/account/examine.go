package account

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/internal/wake"
)

const (
	// defaultResync is how often a Secret is read again where the conferences
	// of the account are not polled.
	defaultResync = 30 * time.Second
	// notReady is how often it is read while the account is not ready.
	notReady = 10 * time.Second
)

// finding is what one pass found out about an account.
type finding struct {
	gateway  *gateway.Gateway
	standing gateway.Standing
	verdict  conditions.Verdict
	// recovered says that requests were held back and no longer are.
	recovered bool
	again     time.Duration
}

// examine looks at spec, Secret and provider, in that order, and asks the next
// one only if the one before has no objection.
func (r *Reconciler) examine(ctx context.Context, object *v1alpha1.VoiceAccount) (finding, error) {
	current, before, _ := r.Registry.Lookup(client.ObjectKeyFromObject(object))
	standing := standingOf(object, before)
	if object.Spec.Suspend {
		standing.Suspended, standing.Proven = true, before.Proven
		return finding{
			standing: standing,
			verdict:  conditions.Suspended("spec.suspend is true: no requests are sent for this account."),
		}, nil
	}
	if allowed, _ := r.Allowed.Check(object.Spec.BaseURL); !allowed {
		return refuse(standing, v1alpha1.ReasonBaseURLNotAllowed, fmt.Sprintf(
			"The operator may not reach %s; ask the person who runs it to add it to --allowed-base-urls.",
			object.Spec.BaseURL)), nil
	}
	token, version, objection, err := r.readSecret(ctx, object)
	if err != nil {
		return finding{}, err
	}
	if objection.Reason != "" {
		return refuse(standing, objection.Reason, objection.Message), nil
	}
	identity := fmt.Sprintf("%s/%d/%s", object.UID, object.Generation, version)
	if current == nil || current.Identity() != identity {
		if current, err = r.build(object, identity, token); err != nil {
			return finding{}, err
		}
	} else {
		standing.Proven = before.Proven
	}
	return r.verify(ctx, object, current, standing), nil
}

func standingOf(object *v1alpha1.VoiceAccount, before gateway.Standing) gateway.Standing {
	return gateway.Standing{
		Owner:          gateway.Owner(object.Spec.BaseURL, string(object.Spec.AccountSID)),
		ResyncInterval: time.Duration(ptr.Deref(object.Spec.ResyncIntervalSeconds, 30)) * time.Second,
		ReadySince:     before.ReadySince,
	}
}

// refuse is the finding that no request may be sent until somebody acts.
func refuse(standing gateway.Standing, reason, message string) finding {
	standing.Reason, standing.Message = reason, message
	return finding{standing: standing, verdict: conditions.Stalled(reason, message), again: notReady}
}

// readSecret returns the token and the version of the Secret, or the objection
// that stands in their place.
func (r *Reconciler) readSecret(ctx context.Context, object *v1alpha1.VoiceAccount) (token voice.Secret, version string, objection conditions.Verdict, err error) {
	reference := object.Spec.TokenSecretRef
	key := reference.Key
	if key == "" {
		key = v1alpha1.DefaultTokenKey
	}
	secret := &corev1.Secret{}
	err = r.Secrets.Get(ctx, types.NamespacedName{Namespace: object.Namespace, Name: reference.Name}, secret)
	if apierrors.IsNotFound(err) {
		return "", "", conditions.Stalled(v1alpha1.ReasonSecretNotFound, fmt.Sprintf(
			"Secret %s does not exist in this namespace; create it with the API token under the key %s.",
			reference.Name, key)), nil
	}
	if err != nil {
		return "", "", objection, fmt.Errorf("read the Secret with the token: %w", err)
	}
	// A trailing newline is what files and editors add, never part of a token.
	token = voice.Secret(strings.TrimSpace(string(secret.Data[key])))
	if token == "" {
		return "", "", conditions.Stalled(v1alpha1.ReasonSecretKeyMissing, fmt.Sprintf(
			"Secret %s has no key %s, or it is empty; put the API token there.", reference.Name, key)), nil
	}
	return token, string(secret.UID) + "/" + secret.ResourceVersion, objection, nil
}

// build makes a gateway for the credentials; it connects to nothing.
func (r *Reconciler) build(object *v1alpha1.VoiceAccount, identity string, token voice.Secret) (*gateway.Gateway, error) {
	_, literal := r.Allowed.Check(object.Spec.BaseURL)
	name := client.ObjectKeyFromObject(object)
	provider := cmp.Or(object.Spec.Provider, v1alpha1.ProviderSignalWire)
	dialect, known := voice.DialectFor(string(provider))
	if !known {
		return nil, fmt.Errorf("build the client: provider %q is not known to this version", provider)
	}
	api, err := voice.New(voice.Config{
		Dialect: dialect,
		BaseURL: object.Spec.BaseURL, AccountSID: string(object.Spec.AccountSID), Token: token,
		UserAgent: r.UserAgent, MaxConns: r.Concurrency, AllowPrivate: literal,
		Now: r.Now, Observe: r.Metrics.Request,
	})
	if err != nil {
		return nil, fmt.Errorf("build the client: %w", err)
	}
	return gateway.New(gateway.Config{
		Client: api, Identity: identity, Concurrency: r.Concurrency, Now: r.Now,
		PerSecond: int(object.Spec.RateLimit.RequestsPerSecond), Burst: int(object.Spec.RateLimit.Burst),
		OnTrouble: func() { r.Queue.Wake(wake.Edit, 0, reconcile.Request{NamespacedName: name}) },
	}), nil
}

// verify proves the token if there is anything to prove, and judges by what
// the gateway knows then.
func (r *Reconciler) verify(ctx context.Context, object *v1alpha1.VoiceAccount, current *gateway.Gateway, standing gateway.Standing) finding {
	before, probeAt, verifiedAt := current.State()
	unproven := before == gateway.Fine && verifiedAt.IsZero()
	if unproven || probeDue(before, probeAt, r.Now()) {
		// The gateway remembers the result, which is what counts below.
		if err := current.Verify(ctx); err != nil {
			logf.FromContext(ctx).V(1).Info("The account could not be verified", "cause", err.Error())
		}
	}
	after, probeAt, _ := current.State()
	found := finding{gateway: current, standing: standing, recovered: after == gateway.Fine && (unproven || before != gateway.Fine)}
	switch after {
	case gateway.Fine:
		found.accept(r.firstReady(object, standing))
	case gateway.Refused:
		found.standing.Proven = false
		found.hold(conditions.Stalled(v1alpha1.ReasonUnauthorized, fmt.Sprintf(
			"The provider refuses the token; put a valid one with the scope Voice into Secret %s, and check accountSID.",
			object.Spec.TokenSecretRef.Name)), probeAt.Sub(r.Now()))
	default:
		found.hold(conditions.Reconciling(v1alpha1.ReasonAPIUnavailable,
			"The provider can't be reached or does not answer; it is tried again."), probeAt.Sub(r.Now()))
	}
	return found
}

// probeDue says whether an account in trouble is to be looked at now.
func probeDue(trouble gateway.Trouble, probeAt, now time.Time) bool {
	return trouble == gateway.Suspect || trouble != gateway.Fine && !now.Before(probeAt)
}

func (f *finding) accept(since time.Time) {
	f.verdict = conditions.Ready(v1alpha1.ReasonTokenAccepted, "The provider accepted the token.")
	f.standing.Reason, f.standing.Message = f.verdict.Reason, f.verdict.Message
	f.standing.Proven, f.standing.ReadySince = true, since
	f.again = f.standing.ResyncInterval
	if f.again == 0 {
		f.again = defaultResync
	}
	// Accounts that became ready together need not be read together for ever.
	f.again -= time.Duration(rand.Int64N(int64(f.again) / 10))
}

// hold looks again when the probe is due, and at the Secret before that.
func (f *finding) hold(verdict conditions.Verdict, probe time.Duration) {
	f.verdict = verdict
	f.standing.Reason, f.standing.Message = verdict.Reason, verdict.Message
	f.again = min(max(probe, time.Millisecond), notReady)
}

// firstReady is since when the account has been ready, also across restarts.
func (r *Reconciler) firstReady(object *v1alpha1.VoiceAccount, standing gateway.Standing) time.Time {
	if !standing.ReadySince.IsZero() {
		return standing.ReadySince
	}
	if ready := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady); ready != nil && ready.Status == metav1.ConditionTrue {
		return ready.LastTransitionTime.Time
	}
	return r.Now()
}
