package gitops

import (
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// account is the scenario of a new account.
func account(change func(*v1alpha1.VoiceAccountSpec), prepare ...func(env *sim.Sim)) scenario {
	return func(env *sim.Sim) client.Object {
		for _, do := range prepare {
			do(env)
		}
		env.CreateAccount("other", change)
		env.Elapse(time.Minute)
		return env.Account("other")
	}
}

// failing has all requests answered with a status.
func failing(status int) func(env *sim.Sim) {
	return func(env *sim.Sim) { env.Provider.Inject(voicesim.Fault{Status: status}) }
}

// accounts has a scenario for each row of the documented table.
func accounts() map[string]scenario {
	plain := func(*v1alpha1.VoiceAccountSpec) {}
	return map[string]scenario{
		"TokenAccepted True":      account(plain),
		"BaseURLNotAllowed False": account(func(s *v1alpha1.VoiceAccountSpec) { s.BaseURL = "https://elsewhere.example.com" }),
		"AddressNotAllowed False": account(func(s *v1alpha1.VoiceAccountSpec) { s.BaseURL = "http://127.0.0.1:8087" }, func(env *sim.Sim) {
			// A pattern with a * admits no private address.
			env.Controllers.Accounts.Allowed, _ = provider.ParseAllowList([]string{"http://*.0.0.1:8087"})
		}),
		"AccountNotFound False":  account(plain, failing(404)),
		"AccountRefused False":   account(plain, failing(402)),
		"SecretNotFound False":   account(func(s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Name = "none" }),
		"SecretKeyMissing False": account(func(s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Key = "none" }),
		"Unauthorized False":     account(plain, func(env *sim.Sim) { env.Provider.RevokeTokens(sim.AccountSID) }),
		"APIUnavailable False":   account(plain, failing(503)),
		"Suspended True or none": account(func(s *v1alpha1.VoiceAccountSpec) { s.Suspend = true }),
	}
}
