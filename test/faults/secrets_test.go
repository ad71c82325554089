package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/test/world"
)

// What is in these, apart from hosts and paths, is nobody's business.
const (
	secretMusic    = "https://canary-user:canary-password@music.example.com/hold.xml?key=canary-query"
	secretDocument = "https://canary-user:canary-password@media.example.com/closing.xml?key=canary-query"
)

// words are what a provider may answer that repeats what it was sent.
const words = "Invalid HoldUrl " + secretMusic + ", AnnounceUrl=" + secretDocument + " for " + world.Token

// bodies are those in which it does so, by what is told of them.
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
	w := world.New(t)
	fault := r.faults()[0]
	fault.Body = body
	r.fail(w, fault)
	w.Declare("caller", w.Join(), func(s *world.Spec) {
		world.Mute(s)
		world.Hold(s)
		s.HoldURL, s.DeletionPolicy = secretMusic, v1alpha1.DeletionReset
		s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: secretDocument, OnUnknown: v1alpha1.UnknownRetry}
	})
	w.Declare("agent", w.Join(), func(s *world.Spec) { s.Announcement = &v1alpha1.Announcement{ID: "welcome", URL: secretDocument} })
	w.Pass(2 * time.Minute)
	w.Edit("caller", func(s *world.Spec) { s.HoldMethod, s.Announcement.URL = v1alpha1.MethodGet, secretDocument+"&again" })
	w.Restart()
	w.Pass(time.Minute)
	w.Delete(w.Get("caller"))
	w.Pass(6 * time.Minute)
	said := w.Said()
	searchFor(t, said, "canary-", world.Token)
	for _, source := range []string{"log: ", "event: ", "status: ", "metric: "} {
		if !strings.Contains(said, source) {
			t.Errorf("nothing to search as %q", source)
		}
	}
}

// searchFor checks that none of some words was said.
func searchFor(t *testing.T, said string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		for line := range strings.Lines(said) {
			if strings.Contains(line, secret) {
				t.Errorf("%q is said: %s", secret, line)
				break
			}
		}
	}
}
