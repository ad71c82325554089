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
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// defaultResync is how often a Secret is read again where the conferences
	// of the account are not polled.
	defaultResync = 30 * time.Second
	// longestUnread is the longest that a Secret is not read, however seldom the
	// conferences are polled.
	longestUnread = 10 * time.Minute
	// notReady is how often it is read while the account is not ready.
	notReady = 10 * time.Second
)

// result is what one reconcile found out about an account.
type result struct {
	session *provider.Session
	state   provider.State
	verdict status.Verdict
	// failure is what went wrong with the provider; nil if nothing did.
	failure *voice.Error
	// recovered says that requests were kept back and no longer are.
	recovered bool
	// requeueAfter is when the account is to be checked again.
	requeueAfter time.Duration
}

// check goes through spec, Secret and provider, in that order, and asks the next
// one only if the one before has no objection.
func (r *Reconciler) check(ctx context.Context, object *v1alpha1.VoiceAccount) (result, error) {
	current, before, _ := r.Accounts.Lookup(client.ObjectKeyFromObject(object))
	state := stateOf(object, before)
	if object.Spec.Suspend {
		state.Phase, state.Verified = provider.PhaseSuspended, before.Verified
		return result{
			state:   state,
			verdict: status.Suspended("spec.suspend is true: no requests are sent for this account."),
		}, nil
	}
	if allowed, _ := r.Allowed.Check(object.Spec.BaseURL); !allowed {
		return refuse(state, v1alpha1.ReasonBaseURLNotAllowed, fmt.Sprintf(
			"The operator may not reach %s; ask the person who runs it to add it to --allowed-base-urls.",
			object.Spec.BaseURL)), nil
	}
	token, version, objection, err := r.readSecret(ctx, object)
	if err != nil {
		return result{}, err
	}
	if objection.Reason != "" {
		return refuse(state, objection.Reason, objection.Message), nil
	}
	identity := fmt.Sprintf("%s/%d/%s", object.UID, object.Generation, version)
	if current == nil || current.Identity() != identity {
		if current, err = r.build(object, identity, token); err != nil {
			return result{}, err
		}
	} else {
		state.Verified = before.Verified
	}
	return r.verify(ctx, object, current, state), nil
}

func stateOf(object *v1alpha1.VoiceAccount, before provider.State) provider.State {
	return provider.State{
		ProviderAccount:   provider.AccountName(object.Spec.BaseURL, string(object.Spec.AccountSID)),
		ResyncInterval:    time.Duration(ptr.Deref(object.Spec.ResyncIntervalSeconds, 30)) * time.Second,
		DiscoveryInterval: time.Duration(ptr.Deref(object.Spec.DiscoveryIntervalSeconds, 5)) * time.Second,
		ReadySince:        before.ReadySince,
		TTL:               provider.TTLOf(object.Spec.TTLSecondsAfterFinished),
	}
}

// refuse is the result that no request may be sent until a person acts.
func refuse(state provider.State, reason, message string) result {
	state.Phase, state.Reason, state.Message = provider.PhaseNotReady, reason, message
	return result{state: state, verdict: status.Stalled(reason, message), requeueAfter: notReady}
}

// readSecret returns the token and the version of the Secret, or the objection
// that stands in their place.
func (r *Reconciler) readSecret(ctx context.Context, object *v1alpha1.VoiceAccount) (token voice.Secret, version string, objection status.Verdict, err error) {
	reference := object.Spec.TokenSecretRef
	key := reference.Key
	if key == "" {
		key = v1alpha1.DefaultTokenKey
	}
	secret := &corev1.Secret{}
	err = r.Secrets.Get(ctx, types.NamespacedName{Namespace: object.Namespace, Name: reference.Name}, secret)
	if apierrors.IsNotFound(err) {
		return "", "", status.Stalled(v1alpha1.ReasonSecretNotFound, fmt.Sprintf(
			"Secret %s does not exist in this namespace; create it with the API token under the key %s.",
			reference.Name, key)), nil
	}
	if err != nil {
		return "", "", objection, fmt.Errorf("read the Secret with the token: %w", err)
	}
	// A trailing newline is what files and editors add, never part of a token.
	token = voice.Secret(strings.TrimSpace(string(secret.Data[key])))
	if token == "" {
		return "", "", status.Stalled(v1alpha1.ReasonSecretKeyMissing, fmt.Sprintf(
			"Secret %s has no key %s, or it is empty; put the API token there.", reference.Name, key)), nil
	}
	return token, string(secret.UID) + "/" + secret.ResourceVersion, objection, nil
}

// build makes a session for the credentials; it connects to nothing.
func (r *Reconciler) build(object *v1alpha1.VoiceAccount, identity string, token voice.Secret) (*provider.Session, error) {
	_, literal := r.Allowed.Check(object.Spec.BaseURL)
	name := client.ObjectKeyFromObject(object)
	named := cmp.Or(object.Spec.Provider, v1alpha1.ProviderSignalWire)
	dialect, known := voice.DialectFor(string(named))
	if !known {
		return nil, fmt.Errorf("build the client: provider %q is not known to this version", named)
	}
	api, err := voice.New(voice.Config{
		Dialect: dialect,
		BaseURL: object.Spec.BaseURL, AccountSID: string(object.Spec.AccountSID), Token: token,
		UserAgent: r.UserAgent, MaxConns: r.Concurrency, AllowPrivate: literal, Proxy: r.Proxy,
		Now: r.Now, Observe: r.Observe,
	})
	if err != nil {
		return nil, fmt.Errorf("build the client: %w", err)
	}
	return provider.NewSession(provider.Config{
		API: api, Identity: identity, Concurrency: r.Concurrency, Now: r.Now,
		PerSecond: int(object.Spec.RateLimit.RequestsPerSecond), Burst: int(object.Spec.RateLimit.Burst),
		ScheduleTick: func(after time.Duration) { r.ScheduleTick(name, after) },
		OnOpen:       func() { r.Queue.Enqueue(enqueue.PriorityEdit, 0, reconcile.Request{NamespacedName: name}) },
	}), nil
}

// verify proves the token if there is anything to prove, and judges by what the
// session knows then.
func (r *Reconciler) verify(ctx context.Context, object *v1alpha1.VoiceAccount, current *provider.Session, state provider.State) result {
	before := current.Standing()
	unproven := before.Block == provider.None && before.VerifiedAt.IsZero()
	if unproven || before.Doubted || probeDue(before, r.Now()) {
		// The session remembers the result, which is what counts below.
		if err := current.Verify(ctx); err != nil {
			logf.FromContext(ctx).V(1).Info("The account could not be verified", "cause", err.Error())
		}
	}
	after := current.Standing()
	found := result{
		session: current, state: state,
		recovered: after.Block == provider.None && (unproven || before.Block != provider.None),
	}
	if after.Block == provider.None {
		found.accept(r.firstReady(object, state))
		return found
	}
	if after.Block == provider.Unauthorized {
		found.state.Verified = false
	}
	found.failure = after.Failure
	phase, verdict := judge(object, after)
	found.unavailable(phase, verdict, after.ProbeAt.Sub(r.Now()))
	return found
}

// probeDue reports whether an account with an open breaker is to be verified now.
func probeDue(of provider.Standing, now time.Time) bool {
	return of.Block == provider.Verifying || of.Block != provider.None && !now.Before(of.ProbeAt)
}

// accept is the result of an accepted token.
func (r *result) accept(since time.Time) {
	r.verdict = status.Ready(v1alpha1.ReasonTokenAccepted, "The provider accepted the token.")
	r.state.Phase, r.state.Reason, r.state.Message = provider.PhaseReady, r.verdict.Reason, r.verdict.Message
	r.state.Verified, r.state.ReadySince = true, since
	r.requeueAfter = min(cmp.Or(r.state.ResyncInterval, defaultResync), longestUnread)
	// Accounts that became ready together need not be read together for ever.
	r.requeueAfter -= time.Duration(rand.Int64N(int64(r.requeueAfter) / 10))
}

// unavailable is the result of an account that the provider refuses or does not
// respond to:
// the account is checked again when the probe is due, and its Secret before that.
func (r *result) unavailable(phase provider.Phase, verdict status.Verdict, probe time.Duration) {
	r.verdict = verdict
	r.state.Phase, r.state.Reason, r.state.Message = phase, verdict.Reason, verdict.Message
	r.requeueAfter = min(max(probe, time.Millisecond), notReady)
}

// firstReady is since when the account has been ready, also across restarts.
func (r *Reconciler) firstReady(object *v1alpha1.VoiceAccount, state provider.State) time.Time {
	if !state.ReadySince.IsZero() {
		return state.ReadySince
	}
	if ready := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady); ready != nil && ready.Status == metav1.ConditionTrue {
		return ready.LastTransitionTime.Time
	}
	return r.Now()
}
