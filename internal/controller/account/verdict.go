package account

import (
	"fmt"
	"net/http"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/voice"
)

// judge says what an account with an open breaker has come to. The messages are the
// same as long as the cause is.
func judge(object *v1alpha1.VoiceAccount, standing provider.Standing) (provider.Phase, status.Verdict) {
	switch {
	case standing.Block == provider.Unauthorized:
		return provider.PhaseUnauthorized, status.Stalled(v1alpha1.ReasonUnauthorized, fmt.Sprintf(
			"The provider refuses the token; put a valid one with the scope Voice into Secret %s, and check accountSID.",
			object.Spec.TokenSecretRef.Name))
	case standing.Block == provider.Refused && standing.Failure != nil:
		return provider.PhaseRefused, refused(object, standing.Failure)
	default:
		return provider.PhaseUnavailable, status.Reconciling(v1alpha1.ReasonAPIUnavailable, Unavailable(standing.Failure))
	}
}

// refused is the verdict on an account that the provider does not serve, or at an
// address that must not be dialled.
func refused(object *v1alpha1.VoiceAccount, failure *voice.Error) status.Verdict {
	if failure.Cause == voice.CauseAddressNotAllowed {
		return status.Stalled(v1alpha1.ReasonAddressNotAllowed, fmt.Sprintf(
			"The host of baseURL has an address that the operator may not dial, since it is %s; correct baseURL, or ask the person who runs the operator to list %s, without a *, in --allowed-base-urls.",
			failure.Address, object.Spec.BaseURL))
	}
	switch failure.HTTPStatus {
	case http.StatusMovedPermanently, http.StatusNotFound, http.StatusGone:
		return status.Stalled(v1alpha1.ReasonAccountNotFound, fmt.Sprintf(
			"The provider does not know the account (%s); check accountSID and baseURL.", failure.Explain()))
	default:
		return status.Stalled(v1alpha1.ReasonAccountRefused, fmt.Sprintf(
			"The provider refuses the account's requests (%s); check accountSID, baseURL, and the account's billing.", failure.Explain()))
	}
}

// Unavailable says why a provider is not available, in one sentence for each cause.
func Unavailable(failure *voice.Error) string {
	why := "it can't be reached or does not answer"
	switch {
	case failure == nil:
	case failure.Cause != "":
		why = causes()[failure.Cause]
	case failure.HTTPStatus >= http.StatusInternalServerError:
		why = "it answers with an error of its own (HTTP 5xx)"
	case failure.HTTPStatus != 0:
		why = fmt.Sprintf("it answers HTTP %d", failure.HTTPStatus)
	}
	return "The provider is not available: " + why + ". It is tried again."
}

// causes are the words for each cause.
func causes() map[voice.Cause]string {
	return map[voice.Cause]string{
		voice.CauseAddressNotAllowed:  "its host has an address that the operator may not dial",
		voice.CauseUnknownAuthority:   "its certificate is signed by an authority that the operator does not trust",
		voice.CauseCertificateExpired: "its certificate has expired or is not valid yet",
		voice.CauseCertificateName:    "its certificate is for another host; check baseURL",
		voice.CauseCertificateInvalid: "its certificate is not valid for a server",
		voice.CauseNoSuchHost:         "its host name has no address; check baseURL and DNS",
		voice.CauseNameLookup:         "the name server does not answer; check DNS",
		voice.CauseConnectionRefused:  "the connection is refused; check baseURL and its port",
		voice.CauseUnreachable:        "there is no way to its network, or it is forbidden; check egress",
		voice.CauseTimedOut:           "it does not answer in time; check egress",
		voice.CauseConnectionReset:    "the connection is closed before it has answered",
		voice.CauseTLSVersion:         "it speaks no version of TLS that is safe, which are 1.2 and 1.3",
		voice.CauseTLS:                "the TLS handshake fails",
		voice.CauseNotTLS:             "it does not speak TLS on this port; check baseURL",
		voice.CauseProxy:              "the proxy can't be reached or does not connect; check HTTPS_PROXY and NO_PROXY",
		voice.CauseUnreadable:         "it answers with something that is not of the API; check baseURL",
		voice.CauseCancelled:          "the request was given up",
		voice.CauseUnknown:            "the request fails; the log has the error",
	}
}
