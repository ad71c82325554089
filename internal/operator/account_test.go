package operator_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

func TestAccountsSayWhatIsWrong(t *testing.T) {
	cases := []struct {
		reason   string
		remedy   string
		harm     func(*sim.Sim, *v1alpha1.VoiceAccountSpec)
		requests bool
	}{
		{v1alpha1.ReasonBaseURLNotAllowed, "--allowed-base-urls", func(_ *sim.Sim, s *v1alpha1.VoiceAccountSpec) { s.BaseURL = "https://voice.example.com" }, false},
		{v1alpha1.ReasonSecretNotFound, "create it", func(_ *sim.Sim, s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Name = "missing" }, false},
		{v1alpha1.ReasonSecretKeyMissing, "put the API token there", func(_ *sim.Sim, s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Key = "other" }, false},
		{v1alpha1.ReasonUnauthorized, "put a valid one", func(env *sim.Sim, _ *v1alpha1.VoiceAccountSpec) { env.Provider.RevokeTokens(sim.AccountSID) }, true},
		{v1alpha1.ReasonUnauthorized, "check accountSID", func(_ *sim.Sim, s *v1alpha1.VoiceAccountSpec) {
			s.AccountSID = "11111111-2222-3333-4444-555555555555"
		}, true},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			env := sim.New(t)
			env.CreateAccount("broken", func(s *v1alpha1.VoiceAccountSpec) { c.harm(env, s) })
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); s.AccountRef.Name = "broken" })
			env.RunUntilIdle()
			account := env.Account("broken")
			ready := meta.FindStatusCondition(account.Status.Conditions, v1alpha1.ConditionReady)
			if ready == nil || ready.Reason != c.reason || !strings.Contains(ready.Message, c.remedy) {
				t.Errorf("Ready is %+v, want %s with %q", ready, c.reason, c.remedy)
			}
			if err := testkit.CheckStatus(account, sim.Token); err != nil {
				t.Error(err)
			}
			reason := v1alpha1.ReasonWaitingForAccount
			if c.reason == v1alpha1.ReasonUnauthorized {
				reason = c.reason
			}
			env.WantReady("agent", "False", reason)
			if requests := len(env.Provider.Journal()); (requests != 0) != c.requests {
				t.Errorf("%d requests", requests)
			}
		})
	}
}

func TestAnAccountRecoversWithinTenSeconds(t *testing.T) {
	env := sim.New(t)
	env.CreateAccount("later", func(s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Name = "later" })
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); s.AccountRef.Name = "later" })
	env.Elapse(time.Hour)
	secret := &corev1.Secret{Data: map[string][]byte{"token": []byte(sim.Token + "\n")}}
	secret.Namespace, secret.Name = sim.Namespace, "later"
	env.Create(secret)
	env.Elapse(10 * time.Second)
	env.WantUpdates("Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestAMissingAccountIsWaitedFor(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); s.AccountRef.Name = "later" })
	env.RunUntilIdle()
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	env.CreateAccount("later", func(*v1alpha1.VoiceAccountSpec) {})
	env.RunUntilIdle()
	env.WantUpdates("Muted=true")
	env.Delete(env.Account("later"))
	env.RunUntilIdle()
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	env.WantQuiet(10 * time.Minute)
}

func TestTheDeadlineCountsFromTheAccountsReadiness(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", func(s *sim.Spec) {
		sim.Mute(s)
		s.AccountRef.Name, s.JoinDeadlineSeconds = "later", new(int32(60))
	})
	env.Elapse(time.Hour)
	env.CreateAccount("later", func(*v1alpha1.VoiceAccountSpec) {})
	env.Elapse(59 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	env.Elapse(2 * time.Second)
	env.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
}

func TestR2AnotherProjectIsLookedAtAfresh(t *testing.T) {
	const other = "aaaaaaaa-0c6a-4d6e-9a55-2f6f3a0f1c11"
	never := func(*sim.Sim) {}
	aMinute := func(env *sim.Sim) { env.Elapse(time.Minute) }
	restart := func(env *sim.Sim) { env.Restart(); env.Elapse(time.Minute) }
	for name, acts := range map[string][2]func(*sim.Sim){
		"at once":         {never, never},
		"later":           {never, aMinute},
		"after a restart": {restart, never},
	} {
		t.Run(name, func(t *testing.T) {
			before, between := acts[0], acts[1]
			env := sim.New(t)
			env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
			call := env.Join()
			env.CreateParticipant("agent", call, func(s *sim.Spec) {
				sim.Hold(s)
				reset(s)
			})
			env.Elapse(time.Minute)
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.Provider.AddAccount(other, sim.Token)
			before(env)
			env.Delete(env.Account("acme"))
			between(env)
			env.Provider.ResetJournal()
			env.CreateAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.AccountSID, s.ResyncIntervalSeconds = other, new(int32(0)) })
			env.Elapse(2 * time.Minute)
			if env.Count(voicesim.OpListParticipants) == 0 || env.Get("agent").Status.CallState == v1alpha1.CallLive {
				t.Error("live by the word of the project before")
			}
		})
	}
}

func TestR13AnIdleAccountCostsNoRequestAndNoWrite(t *testing.T) {
	env := sim.New(t)
	writes := 0
	env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
		if !boundary.Provider && !strings.HasPrefix(boundary.What, "get ") {
			writes++
		}
		return sim.None
	}
	env.Elapse(24 * time.Hour)
	if requests := len(env.Provider.Journal()); requests != 0 || writes != 0 {
		t.Errorf("%d requests and %d writes in a day without a participant", requests, writes)
	}
}

// TestARotatedSecretIsReadWithinTenMinutes has no request be refused that would have
// the Secret read sooner.
func TestARotatedSecretIsReadWithinTenMinutes(t *testing.T) {
	for _, resync := range []int32{0, 300, 3600} {
		t.Run(strconv.Itoa(int(resync)), func(t *testing.T) {
			env := sim.New(t)
			env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = &resync })
			env.Elapse(time.Minute)
			env.Provider.AddAccount(sim.AccountSID, "PT-new")
			for i := range 3 {
				env.RotateToken(sim.Namespace, "PT-new"+strings.Repeat("\n", i))
				env.Provider.ResetJournal()
				env.Elapse(10 * time.Minute)
				if env.Count(voicesim.OpListConferences) == 0 {
					t.Errorf("Secret %d was not read within ten minutes", i)
				}
			}
		})
	}
}
