package voice

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

func TestARequestIDIsAShortWordWithoutSecrets(t *testing.T) {
	for header, want := range map[string]string{
		"":                                "",
		"f27e6893-8ed2":                   "f27e6893-8ed2",
		"of " + canary:                    "",
		"of-" + canary:                    "of-" + redacted,
		strings.Repeat("a", 101):          "",
		"f27e6893\u200b\u202e":            "",
		strings.Repeat("b", 100):          strings.Repeat("b", 100),
		"f27e\tlevel=error msg=\"other\"": "",
	} {
		var got Outcome
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", header)
			w.WriteHeader(http.StatusNotFound)
		}, func(c *Config) { c.Observe = func(_ context.Context, outcome Outcome) { got = outcome } })
		_ = client.VerifyToken(t.Context())
		if got.RequestID != want || got.HTTPStatus != http.StatusNotFound {
			t.Errorf("%q: %+v, want %q", header, got, want)
		}
	}
}
