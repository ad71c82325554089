package advice

import "github.com/voiceops/conference-operator/api/v1alpha1"

// account is about VoiceAccounts.
func account() map[string]Advice {
	return map[string]Advice{
		v1alpha1.ReasonTokenAccepted: {Meaning: "The provider accepted the token.", Actor: None},
		v1alpha1.ReasonBaseURLNotAllowed: {
			Meaning: "The operator may not reach baseURL; no request was sent.", Actor: Administrator,
			Do:       "Add the URL to --allowed-base-urls of the operator.",
			Commands: []string{editOperator},
		},
		v1alpha1.ReasonAddressNotAllowed: {
			Meaning: "The host of baseURL has an address that is private or otherwise special; no request was sent.", Actor: Owner,
			Do: "Correct baseURL, which is immutable: write a new VoiceAccount. Or the person that runs the operator lists the URL literally in --allowed-base-urls.",
			Commands: []string{
				"kubectl get va {account} -n {namespace} -o jsonpath='{.spec.baseURL}'",
				editOperator,
			},
		},
		v1alpha1.ReasonAccountNotFound: {
			Meaning: "The provider does not know the account.", Actor: Owner,
			Do:       "Check accountSID and baseURL for mistypings; both are immutable: write a new VoiceAccount.",
			Commands: []string{"kubectl get va {account} -n {namespace} -o yaml"},
		},
		v1alpha1.ReasonAccountRefused: {
			Meaning: "The provider refuses the account's requests otherwise, for lack of payment for example.", Actor: Owner,
			Do: "Check accountSID, baseURL, and whether the account is paid for.", Commands: []string{doctor},
		},
		v1alpha1.ReasonSecretNotFound: {
			Meaning: "The Secret with the token is missing; no request was sent.", Actor: Owner,
			Do: "Create it in this namespace; it is noticed within 10 s.", Commands: []string{mendAccount},
		},
		v1alpha1.ReasonSecretKeyMissing: {
			Meaning: "The Secret has no such key, or it is empty; no request was sent.", Actor: Owner,
			Do: "Put the token there; it is noticed within 10 s.", Commands: []string{mendAccount},
		},
		v1alpha1.ReasonUnauthorized: {
			Meaning: "The provider answers 401 or 403 to the token.", Actor: Owner,
			Do:       "Put a valid token with the scope Voice into the Secret, and check accountSID.",
			Commands: []string{mendAccount},
		},
		v1alpha1.ReasonAPIUnavailable: {
			Meaning: "The provider can't be reached, or five requests in a row have failed; the message says why.", Actor: None,
			Do: "It is probed by itself. See whether it can be reached from here.", Commands: []string{doctor},
		},
		v1alpha1.ReasonSuspended: {
			Meaning: "spec.suspend is true: no request at all is sent for this account.", Actor: Suspender,
			Do:       "Set suspend: false.",
			Commands: []string{resume("va")},
		},
	}
}
