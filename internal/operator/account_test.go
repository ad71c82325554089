package operator_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

func TestAccountsSayWhatIsWrong(t *testing.T) {
	cases := []struct {
		reason   string
		remedy   string
		harm     func(*world.World, *v1alpha1.VoiceAccountSpec)
		requests bool
	}{
		{v1alpha1.ReasonBaseURLNotAllowed, "--allowed-base-urls", func(_ *world.World, s *v1alpha1.VoiceAccountSpec) { s.BaseURL = "https://voice.example.com" }, false},
		{v1alpha1.ReasonSecretNotFound, "create it", func(_ *world.World, s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Name = "missing" }, false},
		{v1alpha1.ReasonSecretKeyMissing, "put the API token there", func(_ *world.World, s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Key = "other" }, false},
		{v1alpha1.ReasonUnauthorized, "put a valid one", func(w *world.World, _ *v1alpha1.VoiceAccountSpec) { w.Sim.RevokeTokens(world.AccountSID) }, true},
		{v1alpha1.ReasonUnauthorized, "check accountSID", func(_ *world.World, s *v1alpha1.VoiceAccountSpec) {
			s.AccountSID = "11111111-2222-3333-4444-555555555555"
		}, true},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			w := world.New(t)
			w.CreateAccount("broken", func(s *v1alpha1.VoiceAccountSpec) { c.harm(w, s) })
			w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); s.AccountRef.Name = "broken" })
			w.Settle()
			account := w.Account("broken")
			ready := meta.FindStatusCondition(account.Status.Conditions, v1alpha1.ConditionReady)
			if ready == nil || ready.Reason != c.reason || !strings.Contains(ready.Message, c.remedy) {
				w.Errorf("Ready is %+v, want %s with %q", ready, c.reason, c.remedy)
			}
			if err := testkit.CheckStatus(account, world.Token); err != nil {
				w.Error(err)
			}
			reason := v1alpha1.ReasonWaitingForAccount
			if c.reason == v1alpha1.ReasonUnauthorized {
				reason = c.reason
			}
			w.WantReady("agent", "False", reason)
			if requests := len(w.Sim.Journal()); (requests != 0) != c.requests {
				w.Errorf("%d requests", requests)
			}
		})
	}
}

func TestAnAccountRecoversWithinTenSeconds(t *testing.T) {
	w := world.New(t)
	w.CreateAccount("later", func(s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Name = "later" })
	w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); s.AccountRef.Name = "later" })
	w.Pass(time.Hour)
	secret := &corev1.Secret{Data: map[string][]byte{"token": []byte(world.Token + "\n")}}
	secret.Namespace, secret.Name = world.Namespace, "later"
	w.Create(secret)
	w.Pass(10 * time.Second)
	w.WantUpdates("Muted=true")
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestAMissingAccountIsWaitedFor(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), func(s *world.Spec) { world.Mute(s); s.AccountRef.Name = "later" })
	w.Settle()
	w.WantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	w.CreateAccount("later", func(*v1alpha1.VoiceAccountSpec) {})
	w.Settle()
	w.WantUpdates("Muted=true")
	w.Delete(w.Account("later"))
	w.Settle()
	w.WantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	w.WantQuiet(10 * time.Minute)
}

func TestTheDeadlineCountsFromTheAccountsReadiness(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", func(s *world.Spec) {
		world.Mute(s)
		s.AccountRef.Name, s.JoinDeadlineSeconds = "later", new(int32(60))
	})
	w.Pass(time.Hour)
	w.CreateAccount("later", func(*v1alpha1.VoiceAccountSpec) {})
	w.Pass(59 * time.Second)
	w.WantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	w.Pass(2 * time.Second)
	w.WantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
}

func TestR2AnotherProjectIsLookedAtAfresh(t *testing.T) {
	const other = "aaaaaaaa-0c6a-4d6e-9a55-2f6f3a0f1c11"
	never := func(*world.World) {}
	aMinute := func(w *world.World) { w.Pass(time.Minute) }
	restart := func(w *world.World) { w.Restart(); w.Pass(time.Minute) }
	for name, acts := range map[string][2]func(*world.World){
		"at once":         {never, never},
		"later":           {never, aMinute},
		"after a restart": {restart, never},
	} {
		t.Run(name, func(t *testing.T) {
			before, between := acts[0], acts[1]
			w := world.New(t)
			w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
			call := w.Join()
			w.Declare("agent", call, func(s *world.Spec) {
				world.Hold(s)
				reset(s)
			})
			w.Pass(time.Minute)
			w.WantReady("agent", "True", v1alpha1.ReasonInSync)
			w.Sim.AddAccount(other, world.Token)
			before(w)
			w.Delete(w.Account("acme"))
			between(w)
			w.Sim.ResetJournal()
			w.CreateAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.AccountSID, s.ResyncIntervalSeconds = other, new(int32(0)) })
			w.Pass(2 * time.Minute)
			if w.Count(voicesim.OpListParticipants) == 0 || w.Get("agent").Status.CallState == v1alpha1.CallLive {
				w.Error("live by the word of the project before")
			}
		})
	}
}

func TestR13AnIdleAccountCostsNoRequestAndNoWrite(t *testing.T) {
	w := world.New(t)
	writes := 0
	w.Cross = func(crossing world.Crossing) world.Fate {
		if !crossing.Provider && !strings.HasPrefix(crossing.What, "get ") {
			writes++
		}
		return world.Lives
	}
	w.Pass(24 * time.Hour)
	if requests := len(w.Sim.Journal()); requests != 0 || writes != 0 {
		w.Errorf("%d requests and %d writes in a day without a participant", requests, writes)
	}
}
