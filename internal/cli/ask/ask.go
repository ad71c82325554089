package ask

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/voice"
)

// AccountError is why an account can't be used, with the reason that the operator would give.
type AccountError struct {
	// Reason is one of those of a VoiceAccount.
	Reason string
	// Message is a sentence without a token.
	Message string
}

// Error returns the message.
func (p *AccountError) Error() string { return p.Message }

// Asker makes clients of accounts.
type Asker struct {
	// Reader reads Secrets.
	Reader client.Reader
	// Allowed are the base URLs that may be reached.
	Allowed provider.AllowList
	// Proxy is as in voice.Config.
	Proxy func(*http.Request) (*url.URL, error)
	// UserAgent is sent with each request.
	UserAgent string
}

// Client returns a client for an account without connecting to it. What the account
// lacks is a *AccountError; any other error is one of the API server.
func (a Asker) Client(ctx context.Context, account *v1alpha1.VoiceAccount) (*voice.Client, error) {
	allowed, literal := a.Allowed.Check(account.Spec.BaseURL)
	if !allowed {
		return nil, &AccountError{v1alpha1.ReasonBaseURLNotAllowed, fmt.Sprintf(
			"%s may not be reached: add it to --allowed-base-urls, if you trust it with the token.", account.Spec.BaseURL)}
	}
	token, err := a.token(ctx, account)
	if err != nil {
		return nil, err
	}
	dialect, known := voice.DialectFor(string(cmp.Or(account.Spec.Provider, v1alpha1.ProviderSignalWire)))
	if !known {
		return nil, fmt.Errorf("provider %q is not known to this version", account.Spec.Provider)
	}
	return voice.New(voice.Config{
		Dialect: dialect, BaseURL: account.Spec.BaseURL, AccountSID: string(account.Spec.AccountSID), Token: token,
		UserAgent: a.UserAgent, AllowPrivate: literal, Proxy: a.Proxy,
	})
}

// token reads the Secret of an account.
func (a Asker) token(ctx context.Context, account *v1alpha1.VoiceAccount) (voice.Secret, error) {
	reference := account.Spec.TokenSecretRef
	key := cmp.Or(reference.Key, v1alpha1.DefaultTokenKey)
	secret := &corev1.Secret{}
	err := a.Reader.Get(ctx, client.ObjectKey{Namespace: account.Namespace, Name: reference.Name}, secret)
	switch {
	case apierrors.IsNotFound(err):
		return "", &AccountError{v1alpha1.ReasonSecretNotFound, fmt.Sprintf("Secret %s does not exist in namespace %s.", reference.Name, account.Namespace)}
	case err != nil:
		return "", fmt.Errorf("read the Secret with the token: %w", err)
	}
	token := voice.Secret(strings.TrimSpace(string(secret.Data[key])))
	if token == "" {
		return "", &AccountError{v1alpha1.ReasonSecretKeyMissing, fmt.Sprintf("Secret %s has no key %s, or it is empty.", reference.Name, key)}
	}
	return token, nil
}

// Explain turns the failure of a request into a *AccountError. It has no text of the
// provider, which may say anything.
func Explain(err error) error {
	failure := voice.AsError(err)
	if failure == nil {
		return err
	}
	switch {
	case failure.Cause == voice.CauseAddressNotAllowed:
		return &AccountError{v1alpha1.ReasonAddressNotAllowed, fmt.Sprintf("The host of baseURL has an address that is %s.", failure.Address)}
	case failure.Class == voice.ClassUnauthorized:
		return &AccountError{v1alpha1.ReasonUnauthorized, fmt.Sprintf("The provider refuses the token, or it lacks the scope Voice (%s).", failure.Explain())}
	case failure.HTTPStatus == http.StatusNotFound || failure.HTTPStatus == http.StatusGone || failure.HTTPStatus == http.StatusMovedPermanently:
		return &AccountError{v1alpha1.ReasonAccountNotFound, fmt.Sprintf("The provider does not know what was asked for (%s).", failure.Explain())}
	case failure.Cause != "":
		return &AccountError{v1alpha1.ReasonAPIUnavailable, fmt.Sprintf("The provider can't be reached: %s.", strings.ReplaceAll(string(failure.Cause), "_", " "))}
	case failure.HTTPStatus >= http.StatusInternalServerError || failure.HTTPStatus == http.StatusTooManyRequests:
		return &AccountError{v1alpha1.ReasonAPIUnavailable, fmt.Sprintf("The provider is not available (%s).", failure.Explain())}
	default:
		return &AccountError{v1alpha1.ReasonAccountRefused, fmt.Sprintf("The provider refuses the request (%s).", failure.Explain())}
	}
}
