package operator_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// wantAccount checks what an account says: the reason with the condition beside Ready,
// and words of the message.
func wantAccount(t *testing.T, env *sim.Sim, name, verdict string, words ...string) {
	t.Helper()
	reason, with, _ := strings.Cut(verdict, " ")
	account := env.Account(name)
	if err := testkit.CheckStatus(account, sim.Token); err != nil {
		t.Error(err)
	}
	ready := meta.FindStatusCondition(account.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Reason != reason || with != "" && !meta.IsStatusConditionTrue(account.Status.Conditions, with) {
		t.Fatalf("%s says %+v, want %s with %q", name, account.Status.Conditions, reason, with)
	}
	for _, word := range words {
		if !strings.Contains(ready.Message, word) {
			t.Errorf("the message has no %q: %s", word, ready.Message)
		}
	}
}

// allow has the operator reach base URLs of a pattern, too.
func allow(t *testing.T, env *sim.Sim, pattern string) {
	t.Helper()
	allowed, err := provider.ParseAllowList([]string{env.Account("acme").Spec.BaseURL, pattern})
	if err != nil {
		t.Fatal(err)
	}
	env.Controllers.Accounts.Allowed = allowed
}

// notServed is how a provider answers that does not serve an account, and what is
// said of it.
var notServed = map[int]string{
	301: v1alpha1.ReasonAccountNotFound, 404: v1alpha1.ReasonAccountNotFound, 410: v1alpha1.ReasonAccountNotFound,
	302: v1alpha1.ReasonAccountRefused, 307: v1alpha1.ReasonAccountRefused, 308: v1alpha1.ReasonAccountRefused,
	400: v1alpha1.ReasonAccountRefused, 402: v1alpha1.ReasonAccountRefused, 405: v1alpha1.ReasonAccountRefused,
	406: v1alpha1.ReasonAccountRefused, 409: v1alpha1.ReasonAccountRefused, 422: v1alpha1.ReasonAccountRefused,
	451: v1alpha1.ReasonAccountRefused,
}

// TestAnAccountThatIsNotServedSaysSo has the provider stop serving an account that
// was served, and serve it again.
func TestAnAccountThatIsNotServedSaysSo(t *testing.T) {
	for status, reason := range notServed {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			env := sim.New(t)
			env.CreateParticipant("idle", env.Join(), sim.Mute)
			call := env.Join()
			env.CreateParticipant("busy", call, sim.Mute)
			env.Elapse(time.Minute)
			env.CreateAccountIn("other", sim.Token)
			env.CreateParticipantIn("other", "rival", call, sim.Mute)
			env.Elapse(time.Minute)
			env.Updates()

			aged(env, "busy")
			idle := env.Get("idle").ResourceVersion
			env.Provider.Inject(voicesim.Fault{AccountSID: sim.AccountSID, Status: status})
			env.Edit("busy", sim.Unmute)
			env.Elapse(40 * time.Second)
			words := []string{"HTTP " + strconv.Itoa(status), "accountSID", "baseURL"}
			if reason == v1alpha1.ReasonAccountRefused {
				words = append(words, "billing")
			}
			wantAccount(t, env, "acme", reason+" Stalled", words...)
			env.WantReady("busy", "False", v1alpha1.ReasonWaitingForAccount)
			if message := env.Message("busy"); !strings.Contains(message, reason) {
				t.Errorf("busy does not name the account's reason: %s", message)
			}
			env.Provider.ResetJournal()
			writes := env.Writes
			env.Elapse(10 * time.Minute)
			if env.Writes != writes {
				t.Errorf("%d writes in ten minutes", env.Writes-writes)
			}
			if requests := len(env.Provider.Journal()); requests < 9 || requests > 11 {
				t.Errorf("%d requests in ten minutes, want one a minute", requests)
			}
			if env.Get("idle").ResourceVersion != idle {
				t.Errorf("idle was written: %s", env.Message("idle"))
			}

			env.Provider.ClearFaults()
			env.Elapse(2 * time.Minute)
			wantAccount(t, env, "acme", v1alpha1.ReasonTokenAccepted)
			env.WantReady("busy", "True", v1alpha1.ReasonInSync)
			env.WantReady("idle", "True", v1alpha1.ReasonInSync)
			if muted, _ := env.Provider.Participant(env.Conference, call); muted.Muted {
				t.Error("the claim was lost, or the update")
			}
		})
	}
}

func TestANewAccountThatIsNotServedSaysSo(t *testing.T) {
	for status, reason := range notServed {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			env := sim.New(t)
			env.Provider.Inject(voicesim.Fault{Status: status})
			env.CreateAccount("broken", func(*v1alpha1.VoiceAccountSpec) {})
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); s.AccountRef.Name = "broken" })
			env.Elapse(4 * time.Second)
			wantAccount(t, env, "broken", v1alpha1.ReasonAPIUnavailable+" Reconciling", "HTTP "+strconv.Itoa(status))
			env.Elapse(time.Second)
			wantAccount(t, env, "broken", reason+" Stalled")
			env.WantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
		})
	}
}

// TestOneRefusalOfAnAccountIsNotBelieved has one answer of a verification be wrong.
func TestOneRefusalOfAnAccountIsNotBelieved(t *testing.T) {
	env := sim.New(t)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListConferences, Times: 1, Status: 404})
	env.CreateAccount("new", func(*v1alpha1.VoiceAccountSpec) {})
	env.Elapse(time.Minute)
	wantAccount(t, env, "new", v1alpha1.ReasonTokenAccepted)
	if told := strings.Join(env.TakeEvents(), "\n"); strings.Contains(told, v1alpha1.ReasonAccountNotFound) {
		t.Errorf("told of one answer: %s", told)
	}
}

// TestARefusalOfOneRequestHarmsNoOther has updates of one call be answered as if the
// account were not served, which it is.
func TestARefusalOfOneRequestHarmsNoOther(t *testing.T) {
	for status := range notServed {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			env := sim.New(t)
			call := env.Join()
			env.CreateParticipant("other", env.Join(), sim.Mute)
			env.Elapse(time.Minute)
			env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, CallSID: call, Status: status})
			env.CreateParticipant("agent", call, sim.Mute)
			env.Provider.ResetJournal()
			for i := range 20 {
				env.Elapse(15 * time.Second)
				env.Updates()
				env.Edit("other", func(s *sim.Spec) { s.Muted = new(i%2 == 0) })
				env.RunUntilIdle()
				env.WantReady("other", "True", v1alpha1.ReasonInSync)
				wantAccount(t, env, "acme", v1alpha1.ReasonTokenAccepted)
			}
			if verified := env.Count(voicesim.OpListConferences); verified > 11 {
				t.Errorf("the account was verified %d times in five minutes, want once in 30 s", verified)
			}
		})
	}
}

// TestAnAccountThatIsNotFoundEndsNoCall has everything be answered 404, without an
// edit: nobody has left for that.
func TestAnAccountThatIsNotFoundEndsNoCall(t *testing.T) {
	for _, status := range []int{404, 410} {
		env := sim.New(t)
		env.CreateParticipant("agent", env.Join(), sim.Mute)
		env.Elapse(time.Minute)
		env.Updates()
		env.Provider.Inject(voicesim.Fault{Status: status})
		env.WantQuiet(time.Hour)
		wantAccount(t, env, "acme", v1alpha1.ReasonAccountNotFound+" Stalled")
		env.Provider.ClearFaults()
		env.WantQuiet(10 * time.Minute)
		env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	}
}

func TestAnAddressThatMayNotBeDialledIsNamed(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("idle", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	allow(t, env, "http://*.0.0.1:8087")
	env.CreateAccount("hostile", func(s *v1alpha1.VoiceAccountSpec) { s.BaseURL = "http://127.0.0.1:8087" })
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); s.AccountRef.Name = "hostile" })
	env.RunUntilIdle()
	wantAccount(t, env, "hostile", v1alpha1.ReasonAddressNotAllowed+" Stalled",
		"loopback (127.0.0.0/8)", "--allowed-base-urls", "http://127.0.0.1:8087")
	env.WantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
	if message := env.Message("agent"); !strings.Contains(message, v1alpha1.ReasonAddressNotAllowed) {
		t.Errorf("the message does not name the account's reason: %s", message)
	}
	env.WantQuiet(10 * time.Minute)
}

// TestAnAccountSaysWhyTheProviderIsNotReached has the message name the cause, and the
// log say so once.
func TestAnAccountSaysWhyTheProviderIsNotReached(t *testing.T) {
	const logged = "The state of the account has changed"
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	t.Cleanup(page.Close)
	closed := httptest.NewServer(nil)
	closed.Close()
	for baseURL, words := range map[string]string{
		untrusted.URL: "signed by an authority that the operator does not trust",
		page.URL:      "not of the API",
		closed.URL:    "the connection is refused",
		strings.Replace(page.URL, "http:", "https:", 1): "does not speak TLS",
		"https://nonexistent.invalid":                   "has no address",
	} {
		t.Run(words, func(t *testing.T) {
			env := sim.New(t)
			allow(t, env, baseURL)
			before := strings.Count(env.Output(), logged)
			env.CreateAccount("remote", func(s *v1alpha1.VoiceAccountSpec) { s.BaseURL = baseURL })
			env.Elapse(10 * time.Minute)
			wantAccount(t, env, "remote", v1alpha1.ReasonAPIUnavailable+" Reconciling", words)
			if lines := strings.Count(env.Output(), logged) - before; lines != 1 {
				t.Errorf("%d lines in the log, want one", lines)
			}
		})
	}
}

// TestAnOutageIsLoggedOncePerTransition has an account that worked lose its provider
// and find it again.
func TestAnOutageIsLoggedOncePerTransition(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	before := len(accountLines(env))
	start := env.StopProvider()
	env.Elapse(10 * time.Minute)
	wantAccount(t, env, "acme", v1alpha1.ReasonAPIUnavailable+" Reconciling", "the connection is refused")
	start()
	env.Elapse(2 * time.Minute)
	wantAccount(t, env, "acme", v1alpha1.ReasonTokenAccepted)
	lines := accountLines(env)[before:]
	if len(lines) != 2 || !strings.Contains(lines[0], "connection_refused") || !strings.Contains(lines[1], v1alpha1.ReasonTokenAccepted) {
		t.Errorf("the log says:\n%s", strings.Join(lines, "\n"))
	}
}

func accountLines(env *sim.Sim) (lines []string) {
	for line := range strings.Lines(env.Output()) {
		if strings.Contains(line, "The state of the account has changed") {
			lines = append(lines, fmt.Sprint(line))
		}
	}
	return lines
}
