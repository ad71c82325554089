package operator

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

func TestAccountsSayWhatIsWrong(t *testing.T) {
	cases := []struct {
		reason   string
		remedy   string
		harm     func(*world, *v1alpha1.VoiceAccountSpec)
		requests bool
	}{
		{v1alpha1.ReasonBaseURLNotAllowed, "--allowed-base-urls", func(_ *world, s *v1alpha1.VoiceAccountSpec) { s.BaseURL = "https://voice.example.com" }, false},
		{v1alpha1.ReasonSecretNotFound, "create it", func(_ *world, s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Name = "missing" }, false},
		{v1alpha1.ReasonSecretKeyMissing, "put the API token there", func(_ *world, s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Key = "other" }, false},
		{v1alpha1.ReasonUnauthorized, "put a valid one", func(w *world, _ *v1alpha1.VoiceAccountSpec) { w.sim.RevokeTokens(accountSID) }, true},
		{v1alpha1.ReasonUnauthorized, "check accountSID", func(_ *world, s *v1alpha1.VoiceAccountSpec) { s.AccountSID = "11111111-2222-3333-4444-555555555555" }, true},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			w := newWorld(t)
			w.createAccount("broken", func(s *v1alpha1.VoiceAccountSpec) { c.harm(w, s) })
			w.declare("agent", w.join(), func(s *spec) { mute(s); s.AccountRef.Name = "broken" })
			w.settle()
			account := w.account("broken")
			ready := meta.FindStatusCondition(account.Status.Conditions, v1alpha1.ConditionReady)
			if ready == nil || ready.Reason != c.reason || !strings.Contains(ready.Message, c.remedy) {
				w.Errorf("Ready is %+v, want %s with %q", ready, c.reason, c.remedy)
			}
			if err := testkit.CheckStatus(account, token); err != nil {
				w.Error(err)
			}
			reason := v1alpha1.ReasonWaitingForAccount
			if c.reason == v1alpha1.ReasonUnauthorized {
				reason = c.reason
			}
			w.wantReady("agent", "False", reason)
			if requests := len(w.sim.Journal()); (requests != 0) != c.requests {
				w.Errorf("%d requests", requests)
			}
		})
	}
}

func TestAnAccountRecoversWithinTenSeconds(t *testing.T) {
	w := newWorld(t)
	w.createAccount("later", func(s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Name = "later" })
	w.declare("agent", w.join(), func(s *spec) { mute(s); s.AccountRef.Name = "later" })
	w.pass(time.Hour)
	secret := &corev1.Secret{Data: map[string][]byte{"token": []byte(token + "\n")}}
	secret.Namespace, secret.Name = namespace, "later"
	w.create(secret)
	w.pass(10 * time.Second)
	w.wantUpdates("Muted=true")
	w.wantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestAMissingAccountIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", w.join(), func(s *spec) { mute(s); s.AccountRef.Name = "later" })
	w.settle()
	w.wantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	w.createAccount("later", func(*v1alpha1.VoiceAccountSpec) {})
	w.settle()
	w.wantUpdates("Muted=true")
	w.delete(w.account("later"))
	w.settle()
	w.wantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	w.quiet(10 * time.Minute)
}

func TestTheDeadlineCountsFromTheAccountsReadiness(t *testing.T) {
	w := newWorld(t)
	w.declare("agent", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", func(s *spec) {
		mute(s)
		s.AccountRef.Name, s.JoinDeadlineSeconds = "later", new(int32(60))
	})
	w.pass(time.Hour)
	w.createAccount("later", func(*v1alpha1.VoiceAccountSpec) {})
	w.pass(59 * time.Second)
	w.wantReady("agent", "False", v1alpha1.ReasonWaitingForParticipant)
	w.pass(2 * time.Second)
	w.wantReady("agent", "False", v1alpha1.ReasonParticipantNotFound)
}

func TestAnIdleAccountCostsNoRequest(t *testing.T) {
	w := newWorld(t)
	w.pass(24 * time.Hour)
	if requests := len(w.sim.Journal()); requests != 0 {
		w.Errorf("%d requests in a day without a participant", requests)
	}
}
