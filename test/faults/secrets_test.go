package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/test/sim"
)

// These may be written nowhere, apart from their hosts and paths.
const (
	secretMusic    = "https://canary-user:canary-password@music.example.com/hold.xml?key=canary-query"
	secretDocument = "https://canary-user:canary-password@media.example.com/closing.xml?key=canary-query"
)

// words are what a provider may answer that repeats what it was sent.
const words = "Invalid HoldUrl " + secretMusic + ", AnnounceUrl=" + secretDocument + " for " + sim.Token

// bodies are those in which it does so, by what is reported of them.
var bodies = map[string]string{
	"as it is":       "",
	"as the message": fmt.Sprintf(`{"code": 21402, "message": %q, "status": 400}`, words),
	"in an object":   fmt.Sprintf(`{"errors": [{"code": "21402", "detail": %q}]}`, words),
	"in a list":      fmt.Sprintf(`{"errors": [%q]}`, words),
	"as no JSON":     "<p>" + words,
}

// TestNothingSecretIsSaid plays each fault of the table against URLs with user
// info and a query, and with a provider that repeats them, and the token, in its
// answers.
func TestNothingSecretIsSaid(t *testing.T) {
	for _, r := range rows {
		for name, body := range bodies {
			if body != "" && (r.down || r.fault.Reset != "" || r.fault.Delay > 0) {
				continue
			}
			t.Run(r.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				r.leak(t, body)
			})
		}
	}
}

// leak has everything happen to two participants that URLs are sent for, and
// searches what the operator says.
func (r row) leak(t *testing.T, body string) {
	env := sim.New(t)
	fault := r.faults()[0]
	fault.Body = body
	r.fail(env, fault)
	env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) {
		sim.Mute(s)
		sim.Hold(s)
		s.HoldURL, s.DeletionPolicy = secretMusic, v1alpha1.DeletionReset
		s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: secretDocument, OnUnknown: v1alpha1.UnknownRetry}
	})
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { s.Announcement = &v1alpha1.Announcement{ID: "welcome", URL: secretDocument} })
	env.Elapse(2 * time.Minute)
	env.Edit("caller", func(s *sim.Spec) { s.HoldMethod, s.Announcement.URL = v1alpha1.MethodGet, secretDocument+"&again" })
	env.Restart()
	env.Elapse(time.Minute)
	env.Delete(env.Get("caller"))
	env.Elapse(6 * time.Minute)
	written := env.Output()
	wantNoSecret(t, written, "canary-", sim.Token)
	for _, source := range []string{"log: ", "event: ", "status: ", "metric: "} {
		if !strings.Contains(written, source) {
			t.Errorf("nothing to search as %q", source)
		}
	}
}

// wantNoSecret checks that none of some words was written.
func wantNoSecret(t *testing.T, written string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		for line := range strings.Lines(written) {
			if strings.Contains(line, secret) {
				t.Errorf("%q is written: %s", secret, line)
				break
			}
		}
	}
}
